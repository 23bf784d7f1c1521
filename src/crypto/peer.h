/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who a certificate speaks for. Inside crypto only. */
#ifndef CRYPTO_PEER_H
#define CRYPTO_PEER_H

#include "crypto/crypto.h"
#include "crypto/libcrypto_functions.h"

/* Whether it has one of the names (as crypto_tls_new), or none is asked for. The name
 * that it has, or else its first one, to show. */
bool peer_is_wanted(X509 *certificate, const struct str *names, size_t count,
		    struct buf *shown_out);
/* ERR_USAGE for a file of a private key that others can use. */
bool crypto_key_file_check(const char *path, struct err *e) must_check;

#endif

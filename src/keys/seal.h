/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How private keys lie in the store: sealed to their public half. */
#ifndef KEYS_SEAL_H
#define KEYS_SEAL_H

#include "keys/keys.h"

enum {
	KEY_DER_MAX = 16 * 1024,
};

/* Appends the sealed PKCS#8 form of key. */
void key_seal(struct buf *out, const uint8_t seal_key[CRYPTO_KEY_LEN],
	      const struct crypto_rsa *key, struct str public_der);
/* ERR_DENIED when the row was not sealed with this key, or holds another one's private
 * half. */
bool key_unseal(const struct key_row *row, const uint8_t seal_key[CRYPTO_KEY_LEN],
		struct crypto_rsa **out, struct err *e) must_check;

#endif

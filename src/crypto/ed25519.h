/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ed25519 signatures (RFC 8032). The private key is its seed. */
#ifndef CRYPTO_ED25519_H
#define CRYPTO_ED25519_H

#include "base/base.h"

enum {
	CRYPTO_ED25519_LEN = 32, /* of a seed, and of a public key */
	CRYPTO_ED25519_SIGNATURE_LEN = 64,
};

void crypto_ed25519_public(const uint8_t seed[CRYPTO_ED25519_LEN],
			   uint8_t out[CRYPTO_ED25519_LEN]);
void crypto_ed25519_sign(const uint8_t seed[CRYPTO_ED25519_LEN], struct str data,
			 uint8_t out[CRYPTO_ED25519_SIGNATURE_LEN]);

#endif

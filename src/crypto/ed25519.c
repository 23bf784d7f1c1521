/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ed25519 (RFC 8032): keys are 32 octets, signatures 64. */
#include "crypto/ed25519.h"
#include "crypto/libcrypto_functions.h"
#include "crypto/must.h"

static EVP_PKEY *key_of(const uint8_t seed[CRYPTO_ED25519_LEN])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed,
						     CRYPTO_ED25519_LEN);

	crypto_must(key != NULL);
	return key;
}

void crypto_ed25519_public(const uint8_t seed[CRYPTO_ED25519_LEN],
			   uint8_t out[CRYPTO_ED25519_LEN])
{
	EVP_PKEY *key = key_of(seed);
	size_t len = CRYPTO_ED25519_LEN;

	crypto_must(EVP_PKEY_get_raw_public_key(key, out, &len) == 1 &&
		    len == CRYPTO_ED25519_LEN);
	EVP_PKEY_free(key);
}

void crypto_ed25519_sign(const uint8_t seed[CRYPTO_ED25519_LEN], struct str data,
			 uint8_t out[CRYPTO_ED25519_SIGNATURE_LEN])
{
	EVP_PKEY *key = key_of(seed);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	size_t len = CRYPTO_ED25519_SIGNATURE_LEN;

	crypto_must(c && EVP_DigestSignInit(c, NULL, NULL, NULL, key) == 1);
	crypto_must(EVP_DigestSign(c, out, &len, (const uint8_t *)data.data, data.len) ==
			    1 &&
		    len == CRYPTO_ED25519_SIGNATURE_LEN);
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(key);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256, HMAC, comparing and wiping. */
#include "crypto/libcrypto_functions.h"
#include "crypto/must.h"

struct crypto_hash {
	EVP_MD_CTX *context;
};

void crypto_sha256(struct str data, uint8_t out[CRYPTO_SHA256_LEN])
{
	crypto_must(EVP_Digest(data.data, data.len, out, NULL, EVP_sha256(), NULL));
}

void crypto_hmac_sha256(struct str key, struct str data, uint8_t out[CRYPTO_SHA256_LEN])
{
	char digest[] = "SHA256";
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	size_t len = 0;

	/* A key of no bytes is a key too; NULL would mean "as before". */
	crypto_must(EVP_Q_mac(NULL, "HMAC", NULL, NULL, parameters,
			      key.data ? key.data : "", key.len,
			      (const unsigned char *)data.data, data.len, out,
			      CRYPTO_SHA256_LEN, &len) != NULL);
	crypto_must(len == CRYPTO_SHA256_LEN);
}

struct crypto_hash *crypto_hash_new(void)
{
	struct crypto_hash *h = xalloc(1, sizeof(*h));

	h->context = EVP_MD_CTX_new();
	crypto_must(h->context && EVP_DigestInit_ex(h->context, EVP_sha256(), NULL));
	return h;
}

void crypto_hash_add(struct crypto_hash *h, struct str data)
{
	crypto_must(EVP_DigestUpdate(h->context, data.data, data.len));
}

void crypto_hash_finish(struct crypto_hash *h, uint8_t out[CRYPTO_SHA256_LEN])
{
	crypto_must(EVP_DigestFinal_ex(h->context, out, NULL));
}

void crypto_hash_free(struct crypto_hash **h)
{
	if (!*h)
		return;
	EVP_MD_CTX_free((*h)->context);
	xfree(*h);
	*h = NULL;
}

bool crypto_equal(struct str a, struct str b)
{
	return a.len == b.len &&
	       (a.len == 0 || CRYPTO_memcmp(a.data, b.data, a.len) == 0);
}

void crypto_wipe(void *p, size_t len)
{
	explicit_bzero(p, len);
}

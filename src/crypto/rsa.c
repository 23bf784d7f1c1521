/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RSA keys for signing (RFC 8301: 2048 bits at least for what we make). */
#include <assert.h>

#include "crypto/libcrypto_functions.h"
#include "crypto/must.h"

enum {
	BITS_MIN = 2048,
	BITS_MAX = 4096,
	DER_MAX = 16 * 1024,
};

struct crypto_rsa {
	EVP_PKEY *key;
};

static struct crypto_rsa *wrap(EVP_PKEY *key)
{
	struct crypto_rsa *k = xalloc(1, sizeof(*k));

	k->key = key;
	return k;
}

struct crypto_rsa *crypto_rsa_new(unsigned bits)
{
	assert(bits >= BITS_MIN && bits <= BITS_MAX);
	/* OpenSSL's default public exponent is 65537. */
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);

	crypto_must(key != NULL);
	return wrap(key);
}

bool crypto_rsa_read(struct str der, struct crypto_rsa **out, struct err *e)
{
	const uint8_t *at = (const uint8_t *)der.data;

	if (der.len == 0 || der.len > DER_MAX)
		return err_set(e, ERR_USAGE, "this is not a private key");
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, (long)der.len);
	if (!key)
		return err_set(e, ERR_USAGE, "this is not a private key");
	int bits = EVP_PKEY_is_a(key, "RSA") ? EVP_PKEY_get_bits(key) : 0;
	if (bits < 1024 || bits > BITS_MAX || at != (const uint8_t *)der.data + der.len) {
		EVP_PKEY_free(key);
		return err_set(e, ERR_USAGE,
			       "this is not an RSA key of 1024 to 4096 bits");
	}
	*out = wrap(key);
	return true;
}

void crypto_rsa_write(const struct crypto_rsa *k, struct buf *out)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(k->key);
	uint8_t *der = NULL;

	crypto_must(info != NULL);
	int len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	crypto_must(len > 0);
	buf_add(out, der, (size_t)len);
	OPENSSL_clear_free(der, (size_t)len);
	PKCS8_PRIV_KEY_INFO_free(info);
}

void crypto_rsa_write_public(const struct crypto_rsa *k, struct buf *out)
{
	uint8_t *der = NULL;
	int len = i2d_PUBKEY(k->key, &der);

	crypto_must(len > 0);
	buf_add(out, der, (size_t)len);
	OPENSSL_free(der);
}

void crypto_rsa_sign_sha256(const struct crypto_rsa *k,
			    const uint8_t digest[CRYPTO_SHA256_LEN], struct buf *out)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(k->key, NULL);
	size_t len = 0;

	crypto_must(c && EVP_PKEY_sign_init(c) == 1);
	crypto_must(EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PADDING) == 1);
	crypto_must(EVP_PKEY_CTX_set_signature_md(c, EVP_sha256()) == 1);
	crypto_must(EVP_PKEY_sign(c, NULL, &len, digest, CRYPTO_SHA256_LEN) == 1);
	uint8_t *to = buf_room(out, len);
	if (to) {
		crypto_must(EVP_PKEY_sign(c, to, &len, digest, CRYPTO_SHA256_LEN) == 1);
		buf_wrote(out, len);
	}
	EVP_PKEY_CTX_free(c);
}

void crypto_rsa_free(struct crypto_rsa **k)
{
	if (!*k)
		return;
	EVP_PKEY_free((*k)->key);
	xfree(*k);
	*k = NULL;
}

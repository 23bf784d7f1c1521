/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Secrets at rest: AES-256-GCM under one sealing key.
 *
 *   01 | 12 bytes nonce | ciphertext | 16 bytes tag
 *
 * The nonce is random; 2^32 secrets under one key keep a repeated one improbable (NIST SP
 * 800-38D section 8.3).
 */
#include "crypto/libcrypto_functions.h"
#include "crypto/must.h"

enum {
	VERSION = 1,
	NONCE_LEN = 12,
	TAG_LEN = 16,
	FRAME_LEN = 1 + NONCE_LEN + TAG_LEN,
	SECRET_MAX = 64 * 1024 * 1024,
};

/* The context with key, nonce and bound data in it; `seal` or open. */
static EVP_CIPHER_CTX *begin(const uint8_t *key, const uint8_t *nonce, struct str bound,
			     bool seal)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int len;

	crypto_must(c && bound.len <= SECRET_MAX);
	crypto_must(EVP_CipherInit_ex2(c, EVP_aes_256_gcm(), key, nonce, seal, NULL));
	if (bound.len > 0)
		crypto_must(EVP_CipherUpdate(c, NULL, &len, (const uint8_t *)bound.data,
					     (int)bound.len));
	return c;
}

void crypto_seal(struct buf *out, const uint8_t key[CRYPTO_KEY_LEN], struct str bound,
		 struct str secret)
{
	uint8_t nonce[NONCE_LEN];
	int len = 0;
	int rest = 0;

	crypto_must(secret.len <= SECRET_MAX);
	uint8_t *to = buf_room(out, FRAME_LEN + secret.len);
	if (!to)
		return;
	crypto_random(nonce, sizeof(nonce));
	to[0] = VERSION;
	memcpy(to + 1, nonce, NONCE_LEN);
	uint8_t *text = to + 1 + NONCE_LEN;

	EVP_CIPHER_CTX *c = begin(key, nonce, bound, true);
	if (secret.len > 0)
		crypto_must(EVP_CipherUpdate(c, text, &len, (const uint8_t *)secret.data,
					     (int)secret.len));
	crypto_must(EVP_CipherFinal_ex(c, text + len, &rest));
	crypto_must((size_t)len + (size_t)rest == secret.len);
	crypto_must(
		EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG_LEN, text + secret.len));
	EVP_CIPHER_CTX_free(c);
	buf_wrote(out, FRAME_LEN + secret.len);
}

/* true: the tag holds; what was decrypted stands at `to`. */
static bool decrypt(EVP_CIPHER_CTX *c, struct str text, struct str tag, uint8_t *to)
{
	uint8_t tag_copy[TAG_LEN];
	int len = 0;
	int rest = 0;

	memcpy(tag_copy, tag.data, TAG_LEN);
	crypto_must(
		EVP_CipherUpdate(c, to, &len, (const uint8_t *)text.data, (int)text.len));
	crypto_must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG_LEN, tag_copy));
	return EVP_CipherFinal_ex(c, to + len, &rest) == 1;
}

bool crypto_open(struct buf *out, const uint8_t key[CRYPTO_KEY_LEN], struct str bound,
		 struct str sealed, struct err *e)
{
	struct cursor in = cursor_over(sealed);

	if (sealed.len < FRAME_LEN || sealed.len > SECRET_MAX ||
	    cursor_u8(&in) != VERSION)
		return err_set(e, ERR_DENIED, "this is not a sealed secret");
	struct str nonce = cursor_bytes(&in, NONCE_LEN);
	struct str text = cursor_bytes(&in, sealed.len - FRAME_LEN);
	struct str tag = cursor_bytes(&in, TAG_LEN);
	uint8_t *to = buf_room(out, text.len);

	if (!to)
		return err_set(e, ERR_LIMIT, "the secret is larger than expected");
	EVP_CIPHER_CTX *c = begin(key, (const uint8_t *)nonce.data, bound, false);
	bool holds = decrypt(c, text, tag, to);
	EVP_CIPHER_CTX_free(c);
	if (!holds) {
		crypto_wipe(to, text.len);
		return err_set(e, ERR_DENIED,
			       "the secret was sealed with another key, for "
			       "another place, or was altered");
	}
	buf_wrote(out, text.len);
	return true;
}

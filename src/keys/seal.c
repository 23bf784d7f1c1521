/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealing private keys, bound to "key:" and the hash of their public half. */
#include "keys/seal.h"

static void bound_write(struct buf *out, struct str public_der)
{
	uint8_t digest[CRYPTO_SHA256_LEN];

	crypto_sha256(public_der, digest);
	buf_text(out, "key:");
	hex_write(out, str_of(digest, sizeof(digest)));
}

void key_seal(struct buf *out, const uint8_t seal_key[CRYPTO_KEY_LEN],
	      const struct crypto_rsa *key, struct str public_der)
{
	auto_buf struct buf bound;
	struct buf der;

	buf_init(&bound, 256);
	buf_init(&der, KEY_DER_MAX);
	bound_write(&bound, public_der);
	crypto_rsa_write(key, &der);
	crypto_seal(out, seal_key, buf_view(&bound), buf_view(&der));
	buf_done_secret(&der);
}

bool key_unseal(const struct key_row *row, const uint8_t seal_key[CRYPTO_KEY_LEN],
		struct crypto_rsa **out, struct err *e)
{
	auto_buf struct buf bound;
	struct buf der;
	bool opened;

	buf_init(&bound, 256);
	buf_init(&der, KEY_DER_MAX);
	bound_write(&bound, row->public_der);
	opened = crypto_open(&der, seal_key, buf_view(&bound), row->private_sealed, e) &&
		 crypto_rsa_read(buf_view(&der), out, e);
	buf_done_secret(&der);
	return opened;
}

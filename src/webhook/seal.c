/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A webhook's keys at rest: sealed for "webhook:" and the public
 * key, so that no row opens another's. */
#include "webhook/seal.h"

enum {
	KEY_MAX = 256,
};

static void bound_write(struct buf *out, struct str public_key)
{
	buf_text(out, "webhook:");
	hex_write(out, public_key);
}

void webhook_key_seal(struct buf *out, const uint8_t seal_key[CRYPTO_KEY_LEN],
		      struct str public_key, struct str secret)
{
	auto_buf struct buf bound;

	buf_init(&bound, 256);
	bound_write(&bound, public_key);
	crypto_seal(out, seal_key, buf_view(&bound), secret);
}

static bool keys_open(struct webhook_keys *k, const uint8_t seal_key[CRYPTO_KEY_LEN],
		      const struct webhook_row *row, int64_t now_s, struct err *e)
{
	struct str none = STR_EMPTY;
	const struct str sealed[] = {
		row->secret_sealed,
		row->old_until > now_s ? row->old_secret_sealed : none,
		row->signing_key_sealed,
	};
	auto_buf struct buf bound;

	buf_init(&bound, 256);
	bound_write(&bound, row->public_key);
	for (size_t i = 0; i < ARRAY_LEN(sealed); i++)
		if (sealed[i].len &&
		    !crypto_open(&k->bytes[i], seal_key, buf_view(&bound), sealed[i], e))
			return err_in(e, "the webhook's keys");
	k->signers.secrets[0] = buf_view(&k->bytes[0]);
	k->signers.secrets[1] = buf_view(&k->bytes[1]);
	k->signers.secret_count = k->bytes[1].len ? 2 : 1;
	k->signers.seed = buf_view(&k->bytes[2]);
	return true;
}

bool webhook_keys_open(struct webhook_keys *k, const uint8_t seal_key[CRYPTO_KEY_LEN],
		       const struct webhook_row *row, int64_t now_s, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(k->bytes); i++)
		buf_init(&k->bytes[i], KEY_MAX);
	if (keys_open(k, seal_key, row, now_s, e))
		return true;
	webhook_keys_wipe(k);
	return false;
}

void webhook_keys_wipe(struct webhook_keys *k)
{
	for (size_t i = 0; i < ARRAY_LEN(k->bytes); i++)
		buf_done_secret(&k->bytes[i]);
}

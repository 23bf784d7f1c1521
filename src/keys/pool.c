/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys made ahead, and bound to the selectors that want one. */
#include "keys/keys.h"
#include "keys/seal.h"

enum {
	KEY_BITS = 2048,
	BIND_AT_ONCE = 64, /* selectors looked up in one go */
};

static bool key_make(struct store *s, const uint8_t seal_key[CRYPTO_KEY_LEN],
		     struct err *e)
{
	struct crypto_rsa *key = crypto_rsa_new(KEY_BITS);
	auto_buf struct buf public;
	auto_buf struct buf sealed;

	buf_init(&public, KEY_DER_MAX);
	buf_init(&sealed, KEY_DER_MAX);
	crypto_rsa_write_public(key, &public);
	key_seal(&sealed, seal_key, key, buf_view(&public));
	crypto_rsa_free(&key);
	return store_key_add(s,
			     &(struct key_row){ .private_sealed = buf_view(&sealed),
						.public_der = buf_view(&public) },
			     e);
}

/* Gives keys of the pool to who waits; *empty_out: the pool ran dry before all had one.
 */
static bool keys_bind(struct store *s, bool *empty_out, bool *more_out, struct err *e)
{
	auto_arena struct arena a;
	struct key_row *rows;
	size_t count;
	bool bound = true;

	arena_init(&a, 64 * 1024);
	if (!store_key_missing(s, &a, BIND_AT_ONCE, &rows, &count, e))
		return false;
	for (size_t i = 0; i < count && bound; i++)
		if (!store_key_bind(s, rows[i].identity_id, rows[i].selector, &bound, e))
			return false;
	*empty_out = !bound;
	*more_out = count == BIND_AT_ONCE;
	return true;
}

bool keys_fill(struct store *s, const struct config *config,
	       const uint8_t seal_key[CRYPTO_KEY_LEN], bool *more_out, struct err *e)
{
	size_t wanted = (size_t)config_number(config, CONFIG_KEYS_POOL);
	size_t size;
	bool empty = false, more = false;

	if (!keys_bind(s, &empty, &more, e) || !store_key_pool_size(s, &size, e))
		return false;
	if (!empty && size >= wanted) {
		*more_out = more;
		return true;
	}
	if (!key_make(s, seal_key, e))
		return false;
	*more_out = empty || more || size + 1 < wanted;
	return true;
}

static void rsa_free_at(void *key)
{
	struct crypto_rsa *k = key;

	crypto_rsa_free(&k);
}

bool keys_signer_find(struct store *s, struct arena *a,
		      const uint8_t seal_key[CRYPTO_KEY_LEN],
		      const struct identity_row *identity, struct keys_signer *out,
		      struct err *e)
{
	for (size_t i = 0; i < EXPECT_DKIM_TOKENS; i++) {
		struct err missing = { 0 };
		struct crypto_rsa *key;
		struct key_row row;
		if (!store_key_find(s, a, identity->id, identity->tokens[i], &row,
				    &missing)) {
			if (missing.kind == ERR_NOT_FOUND)
				continue;
			*e = missing;
			return false;
		}
		if (!row.published_at || row.revoked_at)
			continue;
		if (!key_unseal(&row, seal_key, &key, e))
			return false;
		arena_on_done(a, rsa_free_at, key);
		*out = (struct keys_signer){ row.selector, key };
		return true;
	}
	return err_set(e, ERR_NOT_FOUND, "no key of '%.*s' is published yet",
		       STR_ARG(identity->domain));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tenants and their credentials. The store has them sealed or hashed only. */
#include "service/service.h"

enum {
	NAME_MAX_BYTES = 64,
	ACCESS_KEY_BYTES = 10, /* 16 characters of base32 */
	SECRET_BYTES = 30,     /* 40 characters of base64 */
	TOKEN_BYTES = 32,
	SECRET_TEXT_MAX = 256,
};

/* Something to say in logs and lists: no controls, no blanks at the ends. */
static bool name_check(struct str name, struct err *e)
{
	auto_buf struct buf shown;

	buf_init(&shown, 4096);
	escape_visible(&shown, name, 0);
	if (!name.len || name.len > NAME_MAX_BYTES ||
	    !str_equal(buf_view(&shown), name) || !str_equal(str_trim(name), name))
		return err_set(e, ERR_USAGE,
			       "'%.*s' is no name for a tenant: 1 to %d bytes of text",
			       STR_ARG(str_sub(name, 0, NAME_MAX_BYTES)), NAME_MAX_BYTES);
	return true;
}

static struct str access_key_make(struct arena *a)
{
	uint8_t random[ACCESS_KEY_BYTES];
	struct buf text;

	buf_init(&text, 64);
	crypto_random(random, sizeof(random));
	buf_text(&text, "UNPD");
	base32_write(&text, str_of(random, sizeof(random)));
	for (size_t i = 0; i < text.len; i++)
		text.data[i] = ascii_upper(text.data[i]);
	struct str made = arena_str(a, buf_view(&text));
	buf_done(&text);
	return made;
}

static struct str secret_make(struct arena *a, const char *prefix, size_t bytes,
			      void (*write)(struct buf *out, struct str bytes))
{
	uint8_t random[64];
	struct buf text;

	buf_init(&text, SECRET_TEXT_MAX);
	crypto_random(random, bytes);
	buf_text(&text, prefix);
	write(&text, str_of(random, bytes));
	struct str made = arena_str(a, buf_view(&text));
	buf_done_secret(&text);
	crypto_wipe(random, sizeof(random));
	return made;
}

static void bound_write(struct buf *out, struct str access_key_id)
{
	buf_text(out, "tenant:");
	buf_str(out, access_key_id);
}

void service_token_hash(struct str token, uint8_t out[CRYPTO_SHA256_LEN])
{
	crypto_sha256(token, out);
}

bool service_tenant_add(struct store *s, struct arena *a,
			const uint8_t seal_key[CRYPTO_KEY_LEN],
			struct service_tenant *tenant, int64_t now_s, struct err *e)
{
	struct service_tenant made = { .name = tenant->name };
	uint8_t hash[CRYPTO_SHA256_LEN];
	auto_buf struct buf bound;
	auto_buf struct buf sealed;
	int64_t id;

	buf_init(&bound, 256);
	buf_init(&sealed, 1024);
	if (!name_check(made.name, e))
		return false;
	made.access_key_id = access_key_make(a);
	made.secret_access_key = secret_make(a, "", SECRET_BYTES, base64_write);
	made.token = secret_make(a, "unp_live_", TOKEN_BYTES, base32_write);
	bound_write(&bound, made.access_key_id);
	crypto_seal(&sealed, seal_key, buf_view(&bound), made.secret_access_key);
	service_token_hash(made.token, hash);
	struct tenant_row row = {
		.name = made.name,
		.access_key_id = made.access_key_id,
		.secret_sealed = buf_view(&sealed),
		.token_hash = str_of(hash, sizeof(hash)),
		.created_at = now_s,
	};
	if (!store_tenant_add(s, &row, &id, e))
		return false;
	*tenant = made;
	return true;
}

bool service_tenant_secret(struct arena *a, const uint8_t seal_key[CRYPTO_KEY_LEN],
			   const struct tenant_row *row, struct str *secret_out,
			   struct err *e)
{
	auto_buf struct buf bound;
	struct buf secret;

	buf_init(&bound, 256);
	buf_init(&secret, SECRET_TEXT_MAX);
	bound_write(&bound, row->access_key_id);
	bool opened =
		crypto_open(&secret, seal_key, buf_view(&bound), row->secret_sealed, e);
	if (opened)
		*secret_out = arena_str(a, buf_view(&secret));
	buf_done_secret(&secret);
	return opened;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tenants, tokens and links. The store has their secrets sealed or hashed only. */
#include "service/service.h"

enum {
	NAME_MAX_BYTES = 64,
	ACCESS_KEY_BYTES = 10, /* 16 characters of base32 */
	SECRET_BYTES = 30,     /* 40 characters of base64 */
	TOKEN_BYTES = 32,
	TOKEN_CHECK_BYTES = 3, /* with them base32 fills whole characters */
	SHARE_BYTES = 16,      /* 26 characters */
	DELETE_STEP = 64,
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
			       lang_text(e->lang,
					 "'%.*s' is no name here: 1 to %d bytes of "
					 "text are"),
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

/* Text that nobody else can know. */
static struct str secret_make(struct arena *a, size_t bytes,
			      void (*write)(struct buf *out, struct str bytes))
{
	uint8_t random[64];
	struct buf text;

	buf_init(&text, SECRET_TEXT_MAX);
	crypto_random(random, bytes);
	write(&text, str_of(random, bytes));
	struct str made = arena_str(a, buf_view(&text));
	buf_done_secret(&text);
	crypto_wipe(random, sizeof(random));
	return made;
}

/* A token's end is a sum over the rest, so that whoever searches texts for secrets that
 * got lost can tell one from a word like it. */
static struct str token_make(struct arena *a, const char *prefix)
{
	uint8_t bytes[TOKEN_BYTES + TOKEN_CHECK_BYTES];
	uint8_t sum[CRYPTO_SHA256_LEN];
	struct buf text;

	buf_init(&text, SECRET_TEXT_MAX);
	crypto_random(bytes, TOKEN_BYTES);
	crypto_sha256(str_of(bytes, TOKEN_BYTES), sum);
	memcpy(bytes + TOKEN_BYTES, sum, TOKEN_CHECK_BYTES);
	buf_text(&text, prefix);
	base32_write(&text, str_of(bytes, sizeof(bytes)));
	struct str made = arena_str(a, buf_view(&text));
	buf_done_secret(&text);
	crypto_wipe(bytes, sizeof(bytes));
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

bool service_token_make(struct store *s, struct arena *a, struct api_token_row *row,
			int64_t now_s, struct str *token_out, struct err *e)
{
	struct api_token_row made = *row;
	uint8_t hash[CRYPTO_SHA256_LEN];

	if (!name_check(row->name, e))
		return false;
	if (row->expires_at && row->expires_at <= now_s)
		return err_set(e, ERR_USAGE,
			       LANG_MARK("the moment at which it shall end is past"));
	struct str token = token_make(a, row->tenant_id ? "unp_live_" : "unp_operator_");
	service_token_hash(token, hash);
	made.token_hash = str_of(hash, sizeof(hash));
	made.created_at = now_s;
	if (!store_api_token_add(s, &made, e))
		return false;
	made.token_hash = STR_EMPTY;
	*row = made;
	*token_out = token;
	return true;
}

/* Inside a transaction: a tenant without a token could do nothing. */
static bool tenant_insert(struct store *s, struct arena *a, struct service_tenant *made,
			  const struct tenant_row *row, struct err *e)
{
	struct api_token_row token = { .name = STR("first"), .scopes = SCOPES_TENANT };

	if (!store_tenant_add(s, row, &made->id, e))
		return false;
	token.tenant_id = made->id;
	return service_token_make(s, a, &token, row->created_at, &made->token, e);
}

bool service_tenant_add(struct store *s, struct arena *a,
			const uint8_t seal_key[CRYPTO_KEY_LEN],
			struct service_tenant *tenant, int64_t now_s, struct err *e)
{
	struct service_tenant made = { .name = tenant->name };
	struct store_scope o;
	auto_buf struct buf bound;
	auto_buf struct buf sealed;

	buf_init(&bound, 256);
	buf_init(&sealed, 1024);
	if (!name_check(made.name, e))
		return false;
	made.access_key_id = access_key_make(a);
	made.secret_access_key = secret_make(a, SECRET_BYTES, base64_write);
	bound_write(&bound, made.access_key_id);
	crypto_seal(&sealed, seal_key, buf_view(&bound), made.secret_access_key);
	struct tenant_row row = {
		.name = made.name,
		.access_key_id = made.access_key_id,
		.secret_sealed = buf_view(&sealed),
		.created_at = now_s,
	};
	if (!store_scope_open(s, &o, e) ||
	    !store_scope_close(&o, tenant_insert(s, a, &made, &row, e), e))
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

bool service_tenant_suspend(struct store *s, struct tenant_row *row, bool suspended,
			    int64_t now_s, struct err *e)
{
	if (suspended == (row->suspended_at != 0))
		return true;
	row->suspended_at = suspended ? now_s : 0;
	return store_tenant_save(s, row, e);
}

/* Some of the tenant's identities, the first in order; *count_out of them. */
static bool identities_delete(const struct service_caller *c, size_t max,
			      size_t *count_out, struct err *e)
{
	auto_arena struct arena a;
	struct identity_list list;
	struct identity_page page = { .tenant_id = c->tenant_id,
				      .after = STR_EMPTY,
				      .limit = max };

	arena_init(&a, 64 * 1024 * 1024);
	if (!store_identity_list(c->store, &a, &page, &list, e))
		return false;
	for (size_t i = 0; i < list.count; i++)
		if (!service_identity_delete(c, &a, list.rows[i].id, e) &&
		    e->kind != ERR_NOT_FOUND)
			return false;
	*count_out = list.count;
	return true;
}

bool service_tenant_delete(const struct service_caller *c, struct arena *a,
			   struct str name, size_t max, bool *gone_out, struct err *e)
{
	struct tenant_row row;
	size_t deleted = 0;
	size_t step = DELETE_STEP;

	if (!store_tenant_get(c->store, a, c->tenant_id, &row, e))
		return false;
	if (!str_equal(row.name, name))
		return err_set(e, ERR_USAGE,
			       LANG_MARK("the name does not confirm that this tenant "
					 "shall be deleted"));
	if (!service_tenant_suspend(c->store, &row, true, c->now_s, e))
		return false;
	for (; deleted < max && step == DELETE_STEP; deleted += step)
		if (!identities_delete(c, DELETE_STEP, &step, e))
			return false;
	*gone_out = step < DELETE_STEP;
	return !*gone_out || store_tenant_delete(c->store, row.id, e);
}

bool service_share_make(struct store *s, struct arena *a, struct share_row *row,
			int64_t now_s, struct str *token_out, struct err *e)
{
	struct share_row made = *row;
	uint8_t hash[CRYPTO_SHA256_LEN];

	if (row->expires_at <= now_s || row->expires_at > now_s + SHARE_MAX_S)
		return err_set(
			e, ERR_USAGE,
			lang_text(e->lang, "a link ends after 1 second to %d days"),
			SHARE_MAX_S / 86400);
	struct str token = secret_make(a, SHARE_BYTES, base32_write);
	service_token_hash(token, hash);
	made.token_hash = str_of(hash, sizeof(hash));
	made.created_at = now_s;
	if (!store_share_add(s, &made, e))
		return false;
	made.token_hash = STR_EMPTY;
	*row = made;
	*token_out = token;
	return true;
}

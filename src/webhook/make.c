/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making webhooks: what may be called, fresh keys, rotation, a test. */
#include "webhook/seal.h"
#include "webhook/webhook.h"

enum {
	SECRET_LEN = 32,
	SEALED_MAX = 1024,
};

bool webhook_egress(const struct config *config, struct http_egress *out, struct err *e)
{
	size_t count;
	const struct str *items =
		config_list(config, CONFIG_WEBHOOK_ALLOW_ADDRESSES, &count);
	struct http_egress g = {
		.allow_http = config_flag(config, CONFIG_WEBHOOK_ALLOW_HTTP),
	};

	if (!guard_init(&g.guard, "webhook.allow_addresses", items, count, e))
		return false;
	guard_add_interfaces(&g.guard);
	if (config_text(config, CONFIG_WEBHOOK_CA_FILE).len)
		g.ca_file = config_cstr(config, CONFIG_WEBHOOK_CA_FILE);
	items = config_list(config, CONFIG_WEBHOOK_PORTS, &count);
	if (count > HTTP_EGRESS_PORTS_MAX)
		return err_set(e, ERR_USAGE, "webhook.ports: more than %d ports",
			       HTTP_EGRESS_PORTS_MAX);
	for (size_t i = 0; i < count; i++) {
		uint64_t port;
		if (!str_number(items[i], UINT16_MAX, &port))
			return err_set(e, ERR_USAGE, "webhook.ports: '%.*s' is no port",
				       STR_ARG(items[i]));
		g.ports[g.port_count++] = (uint16_t)port;
	}
	*out = g;
	return true;
}

static bool kind_is_known(struct str kind)
{
	for (size_t i = 0; store_event_kinds[i]; i++)
		if (str_is(kind, store_event_kinds[i]))
			return true;
	return false;
}

bool webhook_kinds_check(struct str kinds, struct err *e)
{
	struct str rest = kinds;
	struct str kind;

	while (kinds.len && str_split(&rest, ' ', &kind)) {
		auto_buf struct buf shown = { 0 };
		if (kind_is_known(kind))
			continue;
		buf_init(&shown, 1024);
		escape_visible(&shown, kind, 64);
		return err_set(
			e, ERR_USAGE,
			lang_text(e->lang, LANG_MARK("there are no events of kind '%s'")),
			buf_cstr(&shown));
	}
	return true;
}

/* Of the arena: sealed bytes are no secret. */
static struct str sealed_make(const struct webhook_maker *m, struct arena *a,
			      struct str public_key, struct str secret)
{
	auto_buf struct buf sealed;

	buf_init(&sealed, SEALED_MAX);
	webhook_key_seal(&sealed, m->seal_key, public_key, secret);
	return arena_str(a, buf_view(&sealed));
}

static void secret_make(const struct webhook_maker *m, struct arena *a,
			struct webhook_row *row, struct str *secret_out)
{
	uint8_t secret[SECRET_LEN];
	auto_buf struct buf text;

	crypto_random(secret, sizeof(secret));
	buf_init(&text, 256);
	webhook_key_write(&text, "whsec_", str_of(secret, sizeof(secret)));
	row->secret_sealed =
		sealed_make(m, a, row->public_key, str_of(secret, sizeof(secret)));
	*secret_out = arena_str(a, buf_view(&text));
	crypto_wipe(secret, sizeof(secret));
}

static void key_make(const struct webhook_maker *m, struct arena *a,
		     struct webhook_row *row)
{
	uint8_t seed[CRYPTO_ED25519_LEN];
	uint8_t public[CRYPTO_ED25519_LEN];

	crypto_random(seed, sizeof(seed));
	crypto_ed25519_public(seed, public);
	row->public_key = arena_str(a, str_of(public, sizeof(public)));
	row->signing_key_sealed =
		sealed_make(m, a, row->public_key, str_of(seed, sizeof(seed)));
	crypto_wipe(seed, sizeof(seed));
}

bool webhook_create(const struct webhook_maker *m, struct arena *a,
		    struct webhook_row *row, struct str *secret_out, struct err *e)
{
	struct webhook_row made = *row;

	if (!http_egress_check(a, m->egress, row->url, &made.url, e) ||
	    !webhook_kinds_check(row->kinds, e))
		return false;
	key_make(m, a, &made);
	secret_make(m, a, &made, secret_out);
	made.old_secret_sealed = STR_EMPTY;
	if (!store_webhook_add(m->store, &made, e))
		return false;
	*row = made;
	return true;
}

bool webhook_rotate(const struct webhook_maker *m, struct arena *a,
		    struct webhook_row *row, int64_t until_s, struct str *secret_out,
		    struct err *e)
{
	struct webhook_row rotated = *row;

	rotated.old_secret_sealed = row->secret_sealed;
	rotated.old_until = until_s;
	secret_make(m, a, &rotated, secret_out);
	if (!store_webhook_save(m->store, &rotated, e))
		return false;
	*row = rotated;
	return true;
}

bool webhook_test(struct store *s, struct arena *a, const struct webhook_row *row,
		  int64_t now_s, struct err *e)
{
	struct event_row event = { .tenant_id = row->tenant_id,
				   .domain = STR_EMPTY,
				   .at_s = now_s,
				   .kind = STR("webhook.test"),
				   .aspect = STR_EMPTY,
				   .from = STR_EMPTY,
				   .to = STR_EMPTY };

	event.detail = str_from(
		arena_printf(a, "{\"webhook\":\"whk_%lld\"}", (long long)row->id));
	return store_webhook_test(s, a, row->id, &event, e);
}

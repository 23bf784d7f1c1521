/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Webhooks of the tenant, and what was delivered to them (doc/events.md). */
#include "api/native.h"
#include "api/problem.h"
#include "webhook/webhook.h"

enum {
	DELIVERIES_USUAL = 50,
	DELIVERIES_MAX = 200,
	OVERLAP_USUAL_S = 86400,
	OVERLAP_MAX_S = 30 * 86400,
};

/* --- one webhook --- */

static json_t *kinds_json(struct str kinds)
{
	json_t *list = json_array();
	struct str rest = kinds;
	struct str kind;
	while (kinds.len && str_split(&rest, ' ', &kind))
		json_array_append_new(list, call_json_text(kind));
	return list;
}

static json_t *public_key_json(const struct webhook_row *row)
{
	auto_buf struct buf text;
	buf_init(&text, 256);
	webhook_key_write(&text, "whpk_", row->public_key);
	return call_json_text(buf_view(&text));
}

static json_t *webhook_json(struct call *c, const struct webhook_row *row)
{
	bool overlaps = row->old_until > c->now_ms / 1000;
	return json_pack(
		"{s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o}", "id",
		call_json_text(native_id_text(c->arena, "whk_", row->id)), "url",
		call_json_text(row->url), "kinds", kinds_json(row->kinds), "enabled",
		row->disabled_at == 0, "created_at", call_json_time(row->created_at),
		"disabled_at", call_json_time(row->disabled_at), "disabled_why",
		row->disabled_why.len ? call_json_text(row->disabled_why) : json_null(),
		"failing_since", call_json_time(row->failing_since), "last_at",
		call_json_time(row->last_at), "last_status", (json_int_t)row->last_status,
		"public_key", public_key_json(row), "old_secret_until",
		call_json_time(overlaps ? row->old_until : 0));
}

static void refuse_missing(struct call *c)
{
	native_refuse(c, ERR_NOT_FOUND, LANG_MARK("there is no such webhook"));
}

static bool webhook_find(struct call *c, struct webhook_row *out)
{
	struct err e = { .lang = c->lang };
	int64_t id;
	bool parsed = native_id_parse(c->parameters[0], "whk_", &id);
	if (parsed && store_webhook_get(c->store, c->arena, c->tenant.id, id, out, &e))
		return true;
	if (parsed && e.kind != ERR_NOT_FOUND)
		problem_answer(c, &e);
	else
		refuse_missing(c);
	return false;
}

static struct str etag_make(struct call *c, const struct webhook_row *row)
{
	return str_from(arena_printf(c->arena, "\"%lld-%lld\"", (long long)row->version,
				     (long long)row->last_at));
}

/* "kinds": a list of words, or absent; one blank between them in *out. */
static bool kinds_read(struct call *c, const json_t *body, struct str *out)
{
	const json_t *list = json_object_get(body, "kinds");
	auto_buf struct buf words;
	buf_init(&words, 4096);
	bool good = !list || json_is_array(list);
	for (size_t i = 0; good && i < json_array_size(list); i++) {
		struct str word = call_json_str(json_array_get(list, i));
		good = word.len > 0 && str_find_byte(word, ' ') == word.len;
		buf_text(&words, i ? " " : "");
		buf_str(&words, word);
	}
	if (!good || words.failed) {
		native_refuse(c, ERR_USAGE,
			      LANG_MARK("'kinds' must be a list of kinds of events"));
		return false;
	}
	if (list)
		*out = arena_str(c->arena, buf_view(&words));
	return true;
}

/* Where strangers' URLs may lead, as it is now. */
static bool maker_init(struct call *c, struct webhook_maker *out, struct err *e)
{
	struct http_egress *egress = arena_alloc(c->arena, sizeof(*egress));
	*out = (struct webhook_maker){ c->store, c->api->options.seal_key, egress };
	return webhook_egress(c->api->options.config, egress, e);
}

static void answer_with_secret(struct call *c, unsigned status,
			       const struct webhook_row *row, struct str secret)
{
	json_t *json = webhook_json(c, row);
	json_object_set_new(json, "secret", call_json_text(secret));
	native_answer(c, status, json);
}

void native_webhooks_list(struct call *c)
{
	struct webhook_list list;
	struct err e = { .lang = c->lang };
	if (!store_webhook_list(c->store, c->arena, c->tenant.id, &list, &e)) {
		problem_answer(c, &e);
		return;
	}
	json_t *webhooks = json_array();
	for (size_t i = 0; i < list.count; i++)
		json_array_append_new(webhooks, webhook_json(c, &list.rows[i]));
	native_answer(c, 200, json_pack("{s:o}", "webhooks", webhooks));
}

void native_webhook_create(struct call *c)
{
	struct webhook_row row = { .tenant_id = c->tenant.id,
				   .url = STR_EMPTY,
				   .kinds = STR_EMPTY,
				   .created_at = c->now_ms / 1000 };
	struct webhook_maker maker;
	struct err e = { .lang = c->lang };
	struct str secret;
	auto_json json_t *body = NULL;
	if (!native_body_read(c, "url kinds", &body) ||
	    !native_text_read(c, body, "url", &row.url) ||
	    !kinds_read(c, body, &row.kinds))
		return;
	if (!maker_init(c, &maker, &e) ||
	    !webhook_create(&maker, c->arena, &row, &secret, &e)) {
		problem_answer(c, &e);
		return;
	}
	answer_with_secret(c, 201, &row, secret);
}

void native_webhook_get(struct call *c)
{
	struct webhook_row row;
	if (webhook_find(c, &row) && native_etag_is_news(c, etag_make(c, &row)))
		native_answer(c, 200, webhook_json(c, &row));
}

static void enable(struct call *c, struct webhook_row *row, bool enabled)
{
	if (enabled == (row->disabled_at == 0))
		return;
	row->disabled_at = enabled ? 0 : c->now_ms / 1000;
	row->disabled_why = enabled ? STR_EMPTY : STR("asked");
	row->failing_since = 0;
}

static bool change_read(struct call *c, struct webhook_row *row)
{
	auto_json json_t *body = NULL;
	bool enabled = row->disabled_at == 0;
	if (!native_body_read(c, "url kinds enabled", &body) ||
	    !native_text_read(c, body, "url", &row->url) ||
	    !kinds_read(c, body, &row->kinds) ||
	    !native_flag_read(c, body, "enabled", &enabled))
		return false;
	enable(c, row, enabled);
	return true;
}

void native_webhook_patch(struct call *c)
{
	struct webhook_row row;
	struct webhook_maker maker;
	struct err e = { .lang = c->lang };
	if (!webhook_find(c, &row) || !native_etag_fits(c, etag_make(c, &row)) ||
	    !change_read(c, &row))
		return;
	if (maker_init(c, &maker, &e) &&
	    http_egress_check(c->arena, maker.egress, row.url, &row.url, &e) &&
	    webhook_kinds_check(row.kinds, &e) && store_webhook_save(c->store, &row, &e))
		native_answer(c, 200, webhook_json(c, &row));
	else
		problem_answer(c, &e);
}

void native_webhook_delete(struct call *c)
{
	struct webhook_row row;
	struct err e = { .lang = c->lang };
	if (!webhook_find(c, &row) || !native_etag_fits(c, etag_make(c, &row)))
		return;
	if (store_webhook_delete(c->store, c->tenant.id, row.id, &e))
		c->response->status = 204;
	else
		problem_answer(c, &e);
}

/* {"overlap_s": N}, or no body at all. */
static bool overlap_read(struct call *c, int64_t *out)
{
	auto_json json_t *body = NULL;
	*out = OVERLAP_USUAL_S;
	return !str_trim(c->request->body).len ||
	       (native_body_read(c, "overlap_s", &body) &&
		native_seconds_read(c, body, "overlap_s", OVERLAP_MAX_S, out));
}

void native_webhook_rotate(struct call *c)
{
	struct webhook_row row;
	struct webhook_maker maker;
	struct err e = { .lang = c->lang };
	struct str secret;
	int64_t overlap_s;
	if (!webhook_find(c, &row) || !overlap_read(c, &overlap_s))
		return;
	if (maker_init(c, &maker, &e) &&
	    webhook_rotate(&maker, c->arena, &row, c->now_ms / 1000 + overlap_s, &secret,
			   &e))
		answer_with_secret(c, 200, &row, secret);
	else
		problem_answer(c, &e);
}

static void wake(struct call *c)
{
	struct service_caller caller = call_service_caller(c);
	service_wake_all(&caller);
}

void native_webhook_test(struct call *c)
{
	struct webhook_row row;
	struct err e = { .lang = c->lang };
	if (!webhook_find(c, &row))
		return;
	if (row.disabled_at) {
		native_refuse(c, ERR_CONFLICT, LANG_MARK("the webhook is disabled"));
		return;
	}
	if (!webhook_test(c->store, c->arena, &row, c->now_ms / 1000, &e)) {
		problem_answer(c, &e);
		return;
	}
	wake(c);
	c->response->status = 202;
}

/* --- deliveries --- */

static json_t *delivery_json(struct call *c, const struct delivery_row *row)
{
	bool waits = row->state == DELIVERY_WAITING;
	return json_pack(
		"{s:o, s:s, s:I, s:o, s:I, s:o, s:o, s:o, s:o}", "id",
		call_json_text(native_id_text(c->arena, "dlv_", row->id)), "state",
		delivery_state_name(row->state), "tries", (json_int_t)row->tries,
		"next_try_at", call_json_time(waits ? row->next_try_at : 0),
		"last_status", (json_int_t)row->last_status, "last_reply",
		call_json_text(row->last_reply), "created_at",
		call_json_time(row->created_at), "done_at", call_json_time(row->done_at),
		"event", webhook_event_json(&row->event));
}

void native_deliveries_list(struct call *c)
{
	struct webhook_row row;
	struct delivery_list list;
	struct err e = { .lang = c->lang };
	struct delivery_page page = { 0 };
	struct str cursor;
	uint64_t before;
	if (!native_limit_read(c, DELIVERIES_USUAL, DELIVERIES_MAX, &page.limit) ||
	    !webhook_find(c, &row))
		return;
	/* A cursor of one webhook is none of another. */
	const char *name = arena_printf(c->arena, "deliveries %lld", (long long)row.id);
	struct page_seal seal = { c->api->cursor_key, name, c->tenant.id };
	if (!native_cursor_read(c, &seal, &cursor))
		return;
	if (cursor.len && str_number(cursor, INT64_MAX, &before))
		page.before = (int64_t)before;
	page.webhook_id = row.id;
	if (!store_delivery_list(c->store, c->arena, &page, &list, &e)) {
		problem_answer(c, &e);
		return;
	}
	json_t *deliveries = json_array();
	struct str last = { NULL, 0 };
	for (size_t i = 0; i < list.count; i++)
		json_array_append_new(deliveries, delivery_json(c, &list.rows[i]));
	if (list.count == page.limit)
		last = str_from(
			arena_printf(c->arena, "%lld",
				     (long long)list.rows[list.count - 1].event.seq));
	native_answer(c, 200,
		      json_pack("{s:o, s:o}", "deliveries", deliveries, "next",
				native_cursor_json(&seal, last)));
}

void native_delivery_replay(struct call *c)
{
	struct webhook_row row;
	struct err e = { .lang = c->lang };
	int64_t id;
	if (!webhook_find(c, &row))
		return;
	if (!native_id_parse(c->parameters[1], "dlv_", &id)) {
		native_refuse(c, ERR_NOT_FOUND, LANG_MARK("there is no such delivery"));
		return;
	}
	if (!store_delivery_replay(c->store, row.id, id, c->now_ms / 1000, &e)) {
		problem_answer(c, &e);
		return;
	}
	wake(c);
	c->response->status = 202;
}

/* {"since": TIME}. */
static bool since_read(struct call *c, int64_t *out)
{
	auto_json json_t *body = NULL;
	struct str text = STR_EMPTY;
	if (!native_body_read(c, "since", &body) ||
	    !native_text_read(c, body, "since", &text))
		return false;
	if (clock_parse(text, out))
		return true;
	native_refuse(c, ERR_USAGE,
		      LANG_MARK("'since' must be a time such as 2026-11-22T01:00:00Z"));
	return false;
}

void native_webhook_replay(struct call *c)
{
	struct webhook_row row;
	struct err e = { .lang = c->lang };
	int64_t since_s;
	size_t count;
	if (!webhook_find(c, &row) || !since_read(c, &since_s))
		return;
	if (!store_delivery_replay_since(c->store, row.id, since_s, c->now_ms / 1000,
					 &count, &e)) {
		problem_answer(c, &e);
		return;
	}
	wake(c);
	native_answer(c, 202, json_pack("{s:I}", "count", (json_int_t)count));
}

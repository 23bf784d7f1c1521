/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The native API (doc/api.md): identities, checks, events, codes. */
#include "api/handlers.h"
#include "api/identity_view.h"
#include "api/listing.h"
#include "api/page.h"
#include "api/problem.h"
#include "diagnose/diagnose.h"

enum {
	PAGE_MAX = 100,
	PAGE_USUAL = 50,
	EVENTS_MAX = 200,
};

#define JSON_TYPE "application/json"

static void answer(struct call *c, unsigned status, json_t *json)
{
	call_answer_json(c, status, JSON_TYPE, json);
}

static void refuse(struct call *c, enum err_kind kind, const char *text)
{
	struct err e = { .lang = c->lang };
	err_set(&e, kind, "%s", lang_text(c->lang, text));
	problem_answer(c, &e);
}

/* A query parameter in [1, max]; the usual value where it is absent. false: refused. */
static bool limit_read(struct call *c, size_t usual, size_t max, size_t *out)
{
	struct str text;
	uint64_t n = usual;
	if (http_query_find(c->request, "limit", &text) &&
	    (!str_number(text, max, &n) || n == 0)) {
		refuse(c, ERR_USAGE,
		       arena_printf(
			       c->arena,
			       lang_text(c->lang, "limit must be a number from 1 to %zu"),
			       max));
		return false;
	}
	*out = (size_t)n;
	return true;
}

/* --- one identity --- */

static bool view_fill(struct call *c, struct arena *a, const struct identity_row *row,
		      struct identity_view *out, struct err *e)
{
	struct str *senders;
	struct identity_view v = { .row = row, .lang = c->lang };
	struct expectation *expected = arena_alloc(a, sizeof(*expected));
	struct report_row report;
	if (!store_report_read(c->store, a, row->id, &report, e) ||
	    !store_sender_list(c->store, a, row->id, &senders, &v.sender_count, e) ||
	    !store_message_held(c->store, row->id, &v.held_count, e) ||
	    !service_identity_expect(a, row, expected, e))
		return false;
	v.report = report.body;
	v.senders = senders;
	v.expected = expected;
	v.search_s = config_number(c->api->options.config, CONFIG_LIFECYCLE_SEARCH_S);
	*out = v;
	return true;
}

/* Version, language, and how many senders and held messages: they come without a new
 * version. */
static struct str etag_make(struct call *c, const struct identity_view *v)
{
	return str_from(arena_printf(c->arena, "\"%lld-%zu-%zu-%s\"",
				     (long long)v->row->version, v->sender_count,
				     v->held_count, lang_name(v->lang)));
}

static void identity_answer(struct call *c, unsigned status,
			    const struct identity_row *row)
{
	struct identity_view v;
	struct err e = { .lang = c->lang };
	if (!view_fill(c, c->arena, row, &v, &e)) {
		problem_answer(c, &e);
		return;
	}
	http_response_header(c->response, "ETag", etag_make(c, &v));
	answer(c, status, identity_whole_json(c->arena, &v));
}

static void refuse_missing(struct call *c)
{
	refuse(c, ERR_NOT_FOUND, LANG_MARK("there is no such identity"));
}

/* The row that the path names; others' rows are not there. false: refused. */
static bool row_find(struct call *c, struct identity_row *out)
{
	struct err e = { .lang = c->lang };
	int64_t id;
	if (!identity_id_parse(c->parameters[0], &id)) {
		refuse_missing(c);
		return false;
	}
	if (store_identity_get(c->store, c->arena, c->tenant.id, id, out, &e))
		return true;
	if (e.kind == ERR_NOT_FOUND)
		refuse_missing(c);
	else
		problem_answer(c, &e);
	return false;
}

/* RFC 9110 section 13.1.2: a list of tags, or "*"; weak comparison. */
static bool etag_is_known(struct str header, struct str etag)
{
	struct str rest = header;
	struct str tag;
	if (!header.data)
		return false;
	while (str_split(&rest, ',', &tag)) {
		tag = str_trim(tag);
		if (str_starts(tag, STR("W/")))
			tag = str_sub(tag, 2, tag.len);
		if (str_equal(tag, etag) || str_is(tag, "*"))
			return true;
	}
	return false;
}

void native_identity_get(struct call *c)
{
	struct identity_row row;
	struct identity_view v;
	struct err e = { .lang = c->lang };
	if (!row_find(c, &row))
		return;
	if (!view_fill(c, c->arena, &row, &v, &e)) {
		problem_answer(c, &e);
		return;
	}
	struct str etag = etag_make(c, &v);
	http_response_header(c->response, "ETag", etag);
	if (etag_is_known(http_header_find(c->request, "if-none-match"), etag))
		c->response->status = 304;
	else
		answer(c, 200, identity_whole_json(c->arena, &v));
}

/* {"sender": TEXT} and nothing else. */
static bool sender_read(struct call *c, struct str *out)
{
	struct err e = { .lang = c->lang };
	auto_json json_t *body = NULL;
	if (!call_json_parse(c->request->body, &body, &e)) {
		problem_answer(c, &e);
		return false;
	}
	const json_t *sender = json_object_get(body, "sender");
	if (!json_is_string(sender) || json_object_size(body) != 1) {
		refuse(c, ERR_USAGE,
		       LANG_MARK("the body must be {\"sender\": \"address or domain\"}"));
		return false;
	}
	*out = arena_str(c->arena, call_json_str(sender));
	return true;
}

void native_identity_create(struct call *c)
{
	struct identity_row row = { 0 };
	struct err e = { .lang = c->lang };
	struct str sender;
	bool created = false;
	if (!sender_read(c, &sender))
		return;
	struct service_caller caller = call_service_caller(c);
	bool ok = service_identity_create(&caller, c->arena, sender, &row, &created, &e);
	/* Somebody else added the domain in between: it is there now. */
	if (!ok && e.kind == ERR_EXISTS)
		ok = service_identity_create(&caller, c->arena, sender, &row, &created,
					     &e);
	if (ok)
		identity_answer(c, created ? 201 : 200, &row);
	else
		problem_answer(c, &e);
}

void native_identity_delete(struct call *c)
{
	struct identity_row row;
	struct err e = { .lang = c->lang };
	if (!row_find(c, &row))
		return;
	struct service_caller caller = call_service_caller(c);
	if (service_identity_delete(&caller, c->arena, row.id, &e))
		c->response->status = 204;
	else
		problem_answer(c, &e);
}

void native_identity_check(struct call *c)
{
	struct identity_row row;
	struct err e = { .lang = c->lang };
	if (!row_find(c, &row))
		return;
	struct service_caller caller = call_service_caller(c);
	if (service_identity_check(&caller, c->arena, row.id, &e))
		c->response->status = 202;
	else
		problem_answer(c, &e);
}

void native_identity_resubmit(struct call *c)
{
	struct identity_row row;
	struct err e = { .lang = c->lang };
	if (!row_find(c, &row))
		return;
	struct service_caller caller = call_service_caller(c);
	if (service_identity_resubmit(&caller, c->arena, row.id, &row, &e))
		identity_answer(c, 200, &row);
	else
		problem_answer(c, &e);
}

/* --- lists --- */

static bool page_read(struct call *c, const struct page_seal *seal, struct listing *l)
{
	struct err e = { .lang = c->lang };
	struct str cursor;
	l->after = STR_EMPTY;
	if (!limit_read(c, PAGE_USUAL, PAGE_MAX, &l->limit))
		return false;
	if (!http_query_find(c->request, "cursor", &cursor) || cursor.len == 0)
		return true;
	if (page_token_parse(c->arena, seal, cursor, &l->after, &e))
		return true;
	problem_answer(c, &e);
	return false;
}

struct summaries {
	struct call *call;
	json_t *items;
};

static bool summary_add(void *arg, struct arena *a, const struct identity_row *row,
			struct err *e)
{
	struct summaries *s = arg;
	struct identity_view v;
	if (!view_fill(s->call, a, row, &v, e))
		return false;
	json_array_append_new(s->items, identity_summary_json(&v));
	return true;
}

void native_identities_list(struct call *c)
{
	struct page_seal seal = { c->api->cursor_key, "native", c->tenant.id };
	auto_json json_t *items = json_array();
	struct summaries summaries = { c, items };
	struct listing listing = { .each = summary_add, .arg = &summaries };
	struct str last;
	struct err e = { .lang = c->lang };
	if (!page_read(c, &seal, &listing))
		return;
	if (!listing_walk(c, &listing, &last, &e)) {
		problem_answer(c, &e);
		return;
	}
	json_t *next = json_null();
	if (last.data) {
		auto_buf struct buf token;
		buf_init(&token, 4096);
		page_token_write(&token, &seal, last);
		next = call_json_text(buf_view(&token));
	}
	answer(c, 200, json_pack("{s:O, s:o}", "identities", items, "next", next));
}

static json_t *event_json(const struct event_row *row)
{
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "id", (json_int_t)row->id,
			 "at", call_json_time(row->at_s), "kind",
			 call_json_text(row->kind), "aspect", call_json_text(row->aspect),
			 "from", call_json_text(row->from), "to",
			 call_json_text(row->to));
}

void native_events_list(struct call *c)
{
	struct identity_row row;
	struct event_list list;
	struct err e = { .lang = c->lang };
	struct event_page page = { .tenant_id = c->tenant.id };
	if (!limit_read(c, PAGE_USUAL, EVENTS_MAX, &page.limit) || !row_find(c, &row))
		return;
	page.identity_id = row.id;
	if (!store_event_list(c->store, c->arena, &page, &list, &e)) {
		problem_answer(c, &e);
		return;
	}
	json_t *events = json_array();
	for (size_t i = 0; i < list.count; i++)
		json_array_append_new(events, event_json(&list.rows[i]));
	answer(c, 200, json_pack("{s:o}", "events", events));
}

/* --- the rest --- */

void native_me(struct call *c)
{
	const struct config *config = c->api->options.config;
	answer(c, 200,
	       json_pack(
		       "{s:o, s:o, s:o, s:o, s:o}", "tenant",
		       call_json_text(c->tenant.name), "region",
		       call_json_text(config_text(config, CONFIG_SES_REGION)),
		       "authority",
		       call_json_text(config_text(config, CONFIG_AUTHORITY_KIND)),
		       "key_zone", call_json_text(config_text(config, CONFIG_KEYS_ZONE)),
		       "until_verified",
		       call_json_text(config_text(config, CONFIG_SEND_UNTIL_VERIFIED))));
}

void native_code_get(struct call *c)
{
	json_t *code = diagnose_explain_json(c->parameters[0], c->lang);
	if (code)
		answer(c, 200, code);
	else
		refuse(c, ERR_NOT_FOUND, LANG_MARK("there is no such code"));
}

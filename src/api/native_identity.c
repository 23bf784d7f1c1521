/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identities: list, create, get, change, delete, and what is asked of one. */
#include "api/identity_view.h"
#include "api/listing.h"
#include "api/native.h"
#include "api/problem.h"
#include "diagnose/diagnose.h"

enum {
	PAGE_MAX = 100,
	PAGE_USUAL = 50,
	SCAN_MAX = 5000, /* rows looked through for one page */
	QUERY_MAX = 253,
};

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
	if (!identity_view_fill(c, c->arena, row, &v, &e)) {
		problem_answer(c, &e);
		return;
	}
	http_response_header(c->response, "ETag", etag_make(c, &v));
	native_answer(c, status, identity_whole_json(c->arena, &v));
}

void native_identity_get(struct call *c)
{
	struct identity_row row;
	struct identity_view v;
	struct err e = { .lang = c->lang };
	if (!native_identity_find(c, &row))
		return;
	if (!identity_view_fill(c, c->arena, &row, &v, &e))
		problem_answer(c, &e);
	else if (native_etag_is_news(c, etag_make(c, &v)))
		native_answer(c, 200, identity_whole_json(c->arena, &v));
}

/* The identity, if it is still what the caller says that he has seen. */
static bool unchanged_find(struct call *c, struct identity_row *out)
{
	struct identity_view v;
	struct err e = { .lang = c->lang };
	if (!native_identity_find(c, out))
		return false;
	if (identity_view_fill(c, c->arena, out, &v, &e))
		return native_etag_fits(c, etag_make(c, &v));
	problem_answer(c, &e);
	return false;
}

bool native_identity_create_prepare(struct call *c)
{
	struct service_wish *wish = arena_alloc(c->arena, sizeof(*wish));
	struct service_caller caller = call_service_caller(c);
	struct err e = { .lang = c->lang };
	struct str sender = { NULL, 0 };
	auto_json json_t *body = NULL;
	if (!native_body_read(c, "sender", &body) ||
	    !native_text_read(c, body, "sender", &sender))
		return false;
	if (!sender.data) {
		native_refuse(c, ERR_USAGE,
			      LANG_MARK("the body must be {\"sender\": \"address or "
					"domain\"}"));
		return false;
	}
	if (!service_identity_create_ask(&caller, c->arena, sender, wish, &e)) {
		problem_answer(c, &e);
		return false;
	}
	c->prepared = wish;
	return true;
}

void native_identity_create(struct call *c)
{
	const struct service_wish *wish = c->prepared;
	struct service_caller caller = call_service_caller(c);
	struct identity_row row = { 0 };
	struct err e = { .lang = c->lang };
	bool created = false;
	bool ok =
		service_identity_create_keep(&caller, c->arena, wish, &row, &created, &e);
	/* Somebody else added the domain in between: it is there now. */
	if (!ok && e.kind == ERR_EXISTS)
		ok = service_identity_create_keep(&caller, c->arena, wish, &row, &created,
						  &e);
	if (!ok) {
		problem_answer(c, &e);
		return;
	}
	struct str id = native_id_text(c->arena, "idn_", row.id);
	http_response_header(
		c->response, "Location",
		str_from(arena_printf(c->arena, "/api/v1/identities/%.*s", STR_ARG(id))));
	identity_answer(c, created ? 201 : 200, &row);
}

void native_identity_delete(struct call *c)
{
	struct identity_row row;
	struct err e = { .lang = c->lang };
	if (!unchanged_find(c, &row))
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
	if (!native_identity_find(c, &row))
		return;
	struct service_caller caller = call_service_caller(c);
	if (!service_identity_check(&caller, c->arena, row.id, &e)) {
		problem_answer(c, &e);
		return;
	}
	http_response_header(c->response, "Location", c->request->path);
	c->response->status = 202;
}

bool native_identity_resubmit_prepare(struct call *c)
{
	struct identity_row row;
	struct err e = { .lang = c->lang };
	if (!native_identity_find(c, &row))
		return false;
	struct service_caller caller = call_service_caller(c);
	if (service_identity_resubmit_ask(&caller, c->arena, row.id, &e))
		return true;
	problem_answer(c, &e);
	return false;
}

void native_identity_resubmit(struct call *c)
{
	struct identity_row row;
	struct err e = { .lang = c->lang };
	if (!native_identity_find(c, &row))
		return;
	struct service_caller caller = call_service_caller(c);
	if (service_identity_resubmit_keep(&caller, c->arena, row.id, &row, &e))
		identity_answer(c, 200, &row);
	else
		problem_answer(c, &e);
}

void native_identity_watch(struct call *c)
{
	struct identity_row row;
	struct err e = { .lang = c->lang };
	if (!native_identity_find(c, &row))
		return;
	struct service_caller caller = call_service_caller(c);
	if (service_identity_watch(&caller, c->arena, row.id, &e))
		c->response->status = 204;
	else
		problem_answer(c, &e);
}

/* --- changes --- */

/* "mail_from": {"domain", "reject"}, or null: none. */
static bool mail_from_read(struct call *c, const json_t *body, bool *given_out,
			   struct service_mail_from *out)
{
	const json_t *member = json_object_get(body, "mail_from");
	bool whole = json_is_null(member) ||
		     (json_is_object(member) && json_object_get(member, "domain"));
	*given_out = member != NULL;
	*out = (struct service_mail_from){ .domain = STR_EMPTY };
	if (member && !whole) {
		native_refuse(c, ERR_USAGE,
			      LANG_MARK("'mail_from' must be {\"domain\": "
					"\"bounce.customer.example\", \"reject\": false} "
					"or null"));
		return false;
	}
	return native_text_read(c, member, "domain", &out->domain) &&
	       native_flag_read(c, member, "reject", &out->rejects);
}

void native_identity_patch(struct call *c)
{
	struct identity_row row;
	struct service_mail_from mail_from;
	struct err e = { .lang = c->lang };
	bool given;
	auto_json json_t *body = NULL;
	if (!unchanged_find(c, &row) ||
	    !native_body_read(c, "mail_from ownership", &body) ||
	    !mail_from_read(c, body, &given, &mail_from))
		return;
	bool had = row.ownership_token.len > 0;
	bool ownership = had;
	if (!native_flag_read(c, body, "ownership", &ownership))
		return;
	struct service_caller caller = call_service_caller(c);
	if ((given && !service_identity_mail_from(&caller, c->arena, row.id, &mail_from,
						  &row, &e)) ||
	    (ownership != had &&
	     !service_identity_ownership(&caller, c->arena, row.id, ownership, &row, &e)))
		problem_answer(c, &e);
	else
		identity_answer(c, 200, &row);
}

/* --- the list --- */

/* What is wanted of it; -1 and empty: whatever. */
struct filter {
	struct call *call;
	json_t *items;
	int status;
	int verdict;
	struct str query; /* somewhere in the domain; lower case */
};

static bool is_wanted(void *arg, const struct identity_row *row)
{
	const struct filter *f = arg;
	if (f->status >= 0 && (int)identity_status(&row->state) != f->status)
		return false;
	if (f->verdict >= 0 && (row->checked_at == 0 || row->verdict != f->verdict))
		return false;
	return f->query.len == 0 || memmem(row->domain.data, row->domain.len,
					   f->query.data, f->query.len) != NULL;
}

static bool summary_add(void *arg, struct arena *a, const struct identity_row *row,
			struct err *e)
{
	struct filter *f = arg;
	struct identity_view v;
	if (!identity_view_fill(f->call, a, row, &v, e))
		return false;
	json_array_append_new(f->items, identity_summary_json(&v));
	return true;
}

static bool verdict_read(struct call *c, int *out)
{
	struct str text;
	if (!http_query_find(c->request, "verdict", &text))
		return true;
	for (int v = VERDICT_OK; v <= VERDICT_UNDETERMINED; v++) {
		if (!str_is(text, verdict_name((enum verdict)v)))
			continue;
		*out = v;
		return true;
	}
	native_refuse(c, ERR_USAGE,
		      LANG_MARK("verdict is ok, action_required, waiting or "
				"undetermined"));
	return false;
}

static bool status_read(struct call *c, int *out)
{
	struct str text;
	enum status status;
	if (!http_query_find(c->request, "status", &text))
		return true;
	if (!status_parse(text, &status)) {
		native_refuse(c, ERR_USAGE,
			      LANG_MARK("status is NOT_STARTED, PENDING, SUCCESS, FAILED "
					"or TEMPORARY_FAILURE"));
		return false;
	}
	*out = (int)status;
	return true;
}

static bool filter_read(struct call *c, struct filter *f)
{
	struct str text;
	if (!status_read(c, &f->status) || !verdict_read(c, &f->verdict))
		return false;
	if (!http_query_find(c->request, "query", &text))
		return true;
	if (text.len > QUERY_MAX) {
		native_refuse(c, ERR_USAGE, LANG_MARK("query is a part of a domain"));
		return false;
	}
	char *lower = arena_text(c->arena, str_trim(text));
	for (char *at = lower; *at; at++)
		*at = ascii_lower(*at);
	f->query = str_from(lower);
	return true;
}

void native_identities_list(struct call *c)
{
	auto_json json_t *items = json_array();
	struct filter filter = { c, items, -1, -1, STR_EMPTY };
	struct listing listing = { .keeps = is_wanted,
				   .each = summary_add,
				   .arg = &filter,
				   .scan_max = SCAN_MAX };
	struct str last;
	struct err e = { .lang = c->lang };
	if (!filter_read(c, &filter))
		return;
	/* A cursor goes on with the list that it is of. */
	struct page_seal seal = {
		c->api->cursor_key,
		arena_printf(c->arena, "native %d %d %.*s", filter.status, filter.verdict,
			     STR_ARG(filter.query)),
		c->tenant.id,
	};
	if (!native_limit_read(c, PAGE_USUAL, PAGE_MAX, &listing.limit) ||
	    !native_cursor_read(c, &seal, &listing.after))
		return;
	if (!listing_walk(c, &listing, &last, &e)) {
		problem_answer(c, &e);
		return;
	}
	native_answer(c, 200,
		      json_pack("{s:O, s:o}", "identities", items, "next",
				native_cursor_json(&seal, last)));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is to be published for an identity, what was found of it, and how that changed
 * from look to look. */
#include "api/identity_view.h"
#include "api/native.h"
#include "api/problem.h"
#include "diagnose/diagnose.h"
#include "mail/mail.h"
#include "publish/publish.h"

enum {
	RECORDS_TEXT_MAX = 1024 * 1024,
	EVENTS_USUAL = 50,
	EVENTS_MAX = 200,
};

static bool view_find(struct call *c, struct identity_row *row, struct identity_view *out)
{
	struct err e = { .lang = c->lang };
	if (!native_identity_find(c, row))
		return false;
	if (identity_view_fill(c, c->arena, row, out, &e))
		return true;
	problem_answer(c, &e);
	return false;
}

/* --- records --- */

/* The zone that the last look found; before it what somebody registers. */
static bool zone_find(struct call *c, const struct identity_view *v, struct dns_name *out,
		      struct err *e)
{
	struct str apex = identity_zone_text(c->arena, v);
	if (apex.len == 0)
		apex = mail_domain_organisational(v->row->domain);
	return dns_name_parse(apex, out, e);
}

static void records_write(struct call *c, const struct identity_view *v,
			  struct str format)
{
	struct err e = { .lang = c->lang };
	struct str names;
	struct publication p = { .a = c->arena, .lang = c->lang, .x = v->expected };
	auto_buf struct buf text;
	buf_init(&text, RECORDS_TEXT_MAX);
	if (http_query_find(c->request, "names", &names) &&
	    !publish_names_parse(names, &p.names)) {
		native_refuse(c, ERR_USAGE, LANG_MARK("names is auto, relative or fqdn"));
		return;
	}
	if (!zone_find(c, v, &p.zone, &e) || !publish_write(&text, &p, format, &e))
		problem_answer(c, &e);
	else
		call_answer_text(c, 200, "text/plain; charset=utf-8", buf_view(&text));
}

void native_records_list(struct call *c)
{
	struct identity_row row;
	struct identity_view v;
	struct str format;
	if (!view_find(c, &row, &v))
		return;
	if (http_query_find(c->request, "as", &format) && !str_is(format, "json"))
		records_write(c, &v, format);
	else
		native_answer(c, 200, identity_part_json(c->arena, &v, "records"));
}

/* --- findings --- */

void native_findings_list(struct call *c)
{
	struct identity_row row;
	struct identity_view v;
	if (view_find(c, &row, &v))
		native_answer(c, 200, identity_part_json(c->arena, &v, "findings"));
}

/* --- looks --- */

static json_t *look_json(struct call *c, const struct look_row *row)
{
	json_t *detail = json_loadb(row->detail.data, row->detail.len, 0, NULL);
	json_t *perspectives = json_incref(json_object_get(detail, "perspectives"));
	const char *verdict = verdict_name((enum verdict)row->verdict);
	json_decref(detail);
	return json_pack("{s:o, s:o, s:s, s:s, s:I, s:o}", "id",
			 call_json_text(native_id_text(c->arena, "chk_", row->id)), "at",
			 call_json_time(row->at_s), "why",
			 look_reason_name((enum look_reason)row->why), "verdict", verdict,
			 "packets", (json_int_t)row->cost, "perspectives",
			 perspectives ? perspectives : json_array());
}

static bool looks_find(struct call *c, struct look_list *out)
{
	struct identity_row row;
	struct err e = { .lang = c->lang };
	if (!native_identity_find(c, &row))
		return false;
	if (store_look_list(c->store, c->arena, row.id, out, &e))
		return true;
	problem_answer(c, &e);
	return false;
}

void native_looks_list(struct call *c)
{
	struct look_list list;
	if (!looks_find(c, &list))
		return;
	json_t *checks = json_array();
	for (size_t i = 0; i < list.count; i++)
		json_array_append_new(checks, look_json(c, &list.rows[i]));
	native_answer(c, 200, json_pack("{s:o}", "checks", checks));
}

void native_look_get(struct call *c)
{
	struct look_list list;
	int64_t id = 0;
	if (!looks_find(c, &list))
		return;
	bool parsed = native_id_parse(c->parameters[1], "chk_", &id);
	for (size_t i = 0; parsed && i < list.count; i++) {
		if (list.rows[i].id != id)
			continue;
		native_answer(c, 200, look_json(c, &list.rows[i]));
		return;
	}
	native_refuse(c, ERR_NOT_FOUND, LANG_MARK("there is no such check"));
}

/* --- events --- */

static json_t *event_json(const struct event_row *row)
{
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "id", (json_int_t)row->id,
			 "at", call_json_time(row->at_s), "kind",
			 call_json_text(row->kind), "aspect", call_json_text(row->aspect),
			 "from", call_json_text(row->from), "to",
			 call_json_text(row->to));
}

void native_identity_events_list(struct call *c)
{
	struct identity_row row;
	struct event_list list;
	struct err e = { .lang = c->lang };
	struct event_page page = { .tenant_id = c->tenant.id };
	if (!native_limit_read(c, EVENTS_USUAL, EVENTS_MAX, &page.limit) ||
	    !native_identity_find(c, &row))
		return;
	page.identity_id = row.id;
	if (!store_event_list(c->store, c->arena, &page, &list, &e)) {
		problem_answer(c, &e);
		return;
	}
	json_t *events = json_array();
	for (size_t i = 0; i < list.count; i++)
		json_array_append_new(events, event_json(&list.rows[i]));
	native_answer(c, 200, json_pack("{s:o}", "events", events));
}

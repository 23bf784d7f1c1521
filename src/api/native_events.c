/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events of the tenant: as a list, as they happen, and with looks as the timeline of an
 * identity. */
#include "api/feed.h"
#include "api/native.h"
#include "api/problem.h"
#include "diagnose/diagnose.h"
#include "webhook/webhook.h"

enum {
	EVENTS_USUAL = 50,
	EVENTS_MAX = 200,
	/* Then who listens comes again, and his token is looked at again. */
	STREAM_LIFE_S = 900,
};

/* The query parameter `after`, else the header: the number of an event. */
static bool seq_read(struct call *c, const char *header, int64_t *out)
{
	struct str text = STR_EMPTY;
	uint64_t n;
	if (!http_query_find(c->request, "after", &text) && header)
		text = http_header_find(c->request, header);
	if (!text.len)
		return true;
	if (!str_number(text, INT64_MAX, &n)) {
		native_refuse(c, ERR_USAGE,
			      LANG_MARK("'after' must be the number of an event"));
		return false;
	}
	*out = (int64_t)n;
	return true;
}

/* The query parameter `identity`: "idn_12"; absent: 0. Of another tenant's there are no
 * events. */
static bool identity_read(struct call *c, int64_t *out)
{
	struct str text;
	if (!http_query_find(c->request, "identity", &text) || !text.len)
		return true;
	if (native_id_parse(text, "idn_", out) && *out > 0)
		return true;
	native_refuse(c, ERR_NOT_FOUND, LANG_MARK("there is no such identity"));
	return false;
}

/* A cursor goes on with the list that it is of: of all (0), or of one identity. */
static struct page_seal seal_of(struct call *c, const char *list, int64_t identity_id)
{
	return (struct page_seal){
		c->api->cursor_key,
		arena_printf(c->arena, "%s %lld", list, (long long)identity_id),
		c->tenant.id,
	};
}

static bool after_read(struct call *c, struct page_seal *seal, struct event_after *out)
{
	struct str cursor;
	uint64_t seq;
	*out = (struct event_after){ .tenant_id = c->tenant.id };
	if (!native_limit_read(c, EVENTS_USUAL, EVENTS_MAX, &out->limit) ||
	    !identity_read(c, &out->identity_id) || !seq_read(c, NULL, &out->seq))
		return false;
	*seal = seal_of(c, "events", out->identity_id);
	if (!native_cursor_read(c, seal, &cursor))
		return false;
	if (cursor.len && str_number(cursor, INT64_MAX, &seq))
		out->seq = (int64_t)seq;
	return true;
}

void native_events_list(struct call *c)
{
	struct page_seal seal;
	struct event_after after;
	struct event_list list;
	struct err e = { .lang = c->lang };
	if (!after_read(c, &seal, &after))
		return;
	if (!store_event_after(c->store, c->arena, &after, &list, &e)) {
		problem_answer(c, &e);
		return;
	}
	json_t *events = json_array();
	struct str last = { NULL, 0 };
	for (size_t i = 0; i < list.count; i++)
		json_array_append_new(events, webhook_event_json(&list.rows[i]));
	if (list.count == after.limit)
		last = str_from(arena_printf(c->arena, "%lld",
					     (long long)list.rows[list.count - 1].seq));
	native_answer(c, 200,
		      json_pack("{s:o, s:o}", "events", events, "next",
				native_cursor_json(&seal, last)));
}

/* --- as they happen --- */

static bool listener_read(struct call *c, struct feed_listener *out)
{
	struct err e = { .lang = c->lang };
	int64_t last = 0;
	*out = (struct feed_listener){ .tenant_id = c->tenant.id,
				       .token_id = c->token.id,
				       .seq = -1,
				       .until_s = c->now_ms / 1000 + STREAM_LIFE_S };
	memcpy(out->token_hash, c->token.token_hash.data, sizeof(out->token_hash));
	if (!identity_read(c, &out->identity_id) ||
	    !seq_read(c, "last-event-id", &out->seq))
		return false;
	if (!store_event_before(c->store, c->tenant.id, INT64_MAX, &last, &e)) {
		problem_answer(c, &e);
		return false;
	}
	/* From now on, unless he says where he was. */
	if (out->seq < 0 || out->seq > last)
		out->seq = last;
	return true;
}

void native_events_stream(struct call *c)
{
	struct feed_listener l;
	struct err e = { .lang = c->lang };
	if (!listener_read(c, &l))
		return;
	l.stream = http_stream_open(c->request, c->response);
	bool ok = l.stream && http_stream_write(l.stream, STR("retry: 3000\n\n"));
	if (!ok)
		err_set(&e, ERR_LIMIT, "too many streams are open");
	if (!ok || !feed_add(c->api->feed, &l, &e)) {
		http_stream_abandon(c->response, &l.stream);
		problem_answer(c, &e);
		return;
	}
	c->response->status = 200;
	http_response_header(c->response, "Content-Type", STR("text/event-stream"));
	http_response_header(c->response, "X-Accel-Buffering", STR("no"));
}

/* --- timeline --- */

struct timeline {
	struct event_list events;
	struct look_list looks;
	size_t event; /* the next of each */
	size_t look;
};

static json_t *look_json(struct call *c, const struct look_row *row)
{
	json_t *detail = json_loadb(row->detail.data, row->detail.len, 0, NULL);
	return json_pack("{s:s, s:o, s:o, s:s, s:s, s:o}", "kind", "look", "id",
			 call_json_text(native_id_text(c->arena, "chk_", row->id)), "at",
			 call_json_time(row->at_s), "verdict",
			 verdict_name((enum verdict)row->verdict), "why",
			 look_reason_name((enum look_reason)row->why), "detail",
			 detail ? detail : json_null());
}

static json_t *event_json(const struct event_row *row)
{
	json_t *json = json_string("event");
	json_t *event = webhook_event_json(row);
	json_object_set_new(event, "kind", json);
	return event;
}

/* The newest that is left; of one moment the event stands above the look that made it. */
static json_t *timeline_take(struct call *c, struct timeline *t)
{
	const struct event_row *event =
		t->event < t->events.count ? &t->events.rows[t->event] : NULL;
	const struct look_row *look =
		t->look < t->looks.count ? &t->looks.rows[t->look] : NULL;
	if (!event && !look)
		return NULL;
	if (event && (!look || event->at_s >= look->at_s)) {
		t->event++;
		return event_json(event);
	}
	t->look++;
	return look_json(c, look);
}

/* The cursor: "EVENT LOOK", the last of each that was shown by its number and its id, 0
 * for none. */
static bool place_read(struct call *c, const struct page_seal *seal, int64_t *event_out,
		       int64_t *look_out)
{
	struct str rest;
	struct str part;
	uint64_t event = 0;
	uint64_t look = 0;
	if (!native_cursor_read(c, seal, &rest))
		return false;
	if (rest.len &&
	    (!str_split(&rest, ' ', &part) || !str_number(part, INT64_MAX, &event) ||
	     !str_number(rest, INT64_MAX, &look)))
		return false;
	*event_out = (int64_t)event;
	*look_out = (int64_t)look;
	return true;
}

static bool timeline_read(struct call *c, const struct event_page *page, int64_t look,
			  struct timeline *out)
{
	struct err e = { .lang = c->lang };
	*out = (struct timeline){ 0 };
	if (!store_event_list(c->store, c->arena, page, &out->events, &e) ||
	    !store_look_list(c->store, c->arena, page->identity_id, &out->looks, &e)) {
		problem_answer(c, &e);
		return false;
	}
	while (look && out->look < out->looks.count &&
	       out->looks.rows[out->look].id >= look)
		out->look++;
	return true;
}

static struct str place_of(struct call *c, const struct timeline *t, int64_t event,
			   int64_t look)
{
	if (t->event > 0)
		event = t->events.rows[t->event - 1].seq;
	if (t->look > 0)
		look = t->looks.rows[t->look - 1].id;
	return str_from(
		arena_printf(c->arena, "%lld %lld", (long long)event, (long long)look));
}

void native_timeline_get(struct call *c)
{
	struct identity_row row;
	struct event_page page = { .tenant_id = c->tenant.id };
	struct timeline t;
	int64_t look = 0;
	if (!native_limit_read(c, EVENTS_USUAL, EVENTS_MAX, &page.limit) ||
	    !native_identity_find(c, &row))
		return;
	struct page_seal seal = seal_of(c, "timeline", row.id);
	if (!place_read(c, &seal, &page.before, &look))
		return;
	size_t limit = page.limit++;
	page.identity_id = row.id;
	if (!timeline_read(c, &page, look, &t))
		return;
	json_t *items = json_array();
	json_t *item = NULL;
	while (json_array_size(items) < limit && (item = timeline_take(c, &t)))
		json_array_append_new(items, item);
	bool has_more = t.event < t.events.count || t.look < t.looks.count;
	struct str place = { NULL, 0 };
	if (has_more)
		place = place_of(c, &t, page.before, look);
	native_answer(c, 200,
		      json_pack("{s:o, s:o}", "items", items, "next",
				native_cursor_json(&seal, place)));
}

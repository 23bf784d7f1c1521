/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happened to identities, in the order in which it was committed. */
#include "store/event.h"

#include "crypto/crypto.h"
#include "store/query.h"

enum {
	UID_RANDOM = 16, /* 26 characters of base32 */
};

static void uid_write(struct buf *out)
{
	uint8_t random[UID_RANDOM];

	crypto_random(random, sizeof(random));
	buf_text(out, "evt_");
	base32_write(out, str_of(random, sizeof(random)));
}

static bool seq_take(struct store *s, int64_t tenant_id, int64_t *seq_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_EVENT_SEQ);

	query_bind_int(&q, tenant_id);
	if (!query_one(&q, "tenant", e))
		return false;
	*seq_out = query_int(&q);
	return true;
}

bool store_event_add(struct store *s, const struct identity_row *row,
		     const struct identity_event *event, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_EVENT_ADD);
	auto_buf struct buf uid;
	bool is_change = event->kind == EVENT_STATUS_CHANGED;
	int64_t seq;

	buf_init(&uid, 64);
	uid_write(&uid);
	if (!seq_take(s, row->tenant_id, &seq, e))
		return false;
	query_bind_str(&q, buf_view(&uid));
	query_bind_int(&q, row->tenant_id);
	query_bind_int(&q, seq);
	query_bind_int(&q, row->id);
	query_bind_str(&q, row->domain);
	query_bind_int(&q, event->at_s);
	query_bind_str(&q, str_from(identity_event_name(event->kind)));
	query_bind_str(&q, str_from(is_change ? aspect_name(event->aspect) : ""));
	query_bind_str(&q, str_from(is_change ? status_name(event->from) : ""));
	query_bind_str(&q, str_from(is_change ? status_name(event->to) : ""));
	query_bind_str(&q, event->detail);
	return query_run(&q, e);
}

static void event_read(struct query *q, struct event_row *row)
{
	row->id = query_int(q);
	row->identity_id = query_int(q);
	row->at_s = query_int(q);
	row->kind = query_str(q);
	row->aspect = query_str(q);
	row->from = query_str(q);
	row->to = query_str(q);
}

bool store_event_list(struct store *s, struct arena *a, const struct event_page *page,
		      struct event_list *out, struct err *e)
{
	enum sql sql = page->identity_id ? SQL_EVENT_LIST : SQL_EVENT_LIST_TENANT;
	auto_query struct query q = query_open(s, sql);
	struct event_list list = { arena_array(a, page->limit, sizeof(*list.rows)), 0 };
	bool found = false;

	q.arena = a;
	if (page->identity_id)
		query_bind_int(&q, page->identity_id);
	query_bind_int(&q, page->tenant_id);
	query_bind_int(&q, (int64_t)page->limit);
	for (; list.count < page->limit; list.count++) {
		if (!query_next(&q, &found, e))
			return false;
		if (!found)
			break;
		event_read(&q, &list.rows[list.count]);
	}
	if (!query_read_ok(&q, e))
		return false;
	*out = list;
	return true;
}

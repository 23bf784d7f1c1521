/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happened to identities, in the order in which it was committed. */
#include "store/event.h"

#include "crypto/crypto.h"
#include "store/query.h"
#include "store/webhook.h"

enum {
	UID_RANDOM = 16, /* 26 characters of base32 */
	HEADS_MAX = 100000,
	EVENT_BYTES = 16 * 1024,
};

/* By aspect and by the status that was left and entered. DKIM decides about sending, so
 * it gives the words of the whole identity. */
static const char *const families[ASPECT_COUNT] = {
	[ASPECT_DKIM] = "identity",
	[ASPECT_MAIL_FROM] = "mail_from",
	[ASPECT_OWNERSHIP] = "ownership",
};

#define KINDS_OF(family)                                                                 \
	family ".pending", family ".verified", family ".degraded", family ".reverified", \
		family ".suspended", family ".failed", family ".removed"

const char *const store_event_kinds[] = {
	"identity.created",   "identity.resubmitted", "identity.deleted",
	KINDS_OF("identity"), KINDS_OF("mail_from"),  KINDS_OF("ownership"),
	"webhook.disabled",   "webhook.test",         NULL,
};

static const char *change_name(enum status from, enum status to)
{
	switch (to) {
	case STATUS_NOT_STARTED:
		return "removed";
	case STATUS_PENDING:
		return "pending";
	case STATUS_SUCCESS:
		return from == STATUS_TEMPORARY_FAILURE ? "reverified" : "verified";
	case STATUS_FAILED:
		return from == STATUS_TEMPORARY_FAILURE || from == STATUS_SUCCESS
			       ? "suspended"
			       : "failed";
	case STATUS_TEMPORARY_FAILURE:
		return "degraded";
	}
	return "changed";
}

static bool kind_is(const char *kind, const char *family, const char *change)
{
	struct str name = str_from(kind);
	size_t dot = str_find_byte(name, '.');

	return str_is(str_sub(name, 0, dot), family) &&
	       str_is(str_sub(name, dot + 1, name.len), change);
}

const char *store_event_kind(const struct identity_event *event)
{
	const char *change = change_name(event->from, event->to);

	if (event->kind != EVENT_STATUS_CHANGED)
		return identity_event_name(event->kind);
	for (size_t i = 0; store_event_kinds[i]; i++)
		if (kind_is(store_event_kinds[i], families[event->aspect], change))
			return store_event_kinds[i];
	return identity_event_name(event->kind);
}

/* --- adding --- */

static struct str uid_make(struct arena *a)
{
	uint8_t random[UID_RANDOM];
	auto_buf struct buf uid;

	buf_init(&uid, 64);
	crypto_random(random, sizeof(random));
	buf_text(&uid, "evt_");
	base32_write(&uid, str_of(random, sizeof(random)));
	return arena_str(a, buf_view(&uid));
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

static bool event_insert(struct store *s, struct event_row *row, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_EVENT_ADD);

	query_bind_str(&q, row->uid);
	query_bind_int(&q, row->tenant_id);
	query_bind_int(&q, row->seq);
	query_bind_int(&q, row->identity_id);
	query_bind_str(&q, row->domain);
	query_bind_int(&q, row->at_s);
	query_bind_str(&q, row->kind);
	query_bind_str(&q, row->aspect);
	query_bind_str(&q, row->from);
	query_bind_str(&q, row->to);
	query_bind_str(&q, row->detail);
	if (!query_one(&q, "event", e))
		return false;
	row->id = query_int(&q);
	return true;
}

static bool event_write(struct store *s, struct arena *a, struct event_row *row,
			struct err *e)
{
	row->uid = uid_make(a);
	if (!seq_take(s, row->tenant_id, &row->seq, e) || !event_insert(s, row, e))
		return false;
	/* A test is for the webhook that is tested. */
	return str_is(row->kind, "webhook.test") || store_delivery_add(s, row, e);
}

bool store_event_write(struct store *s, struct arena *a, struct event_row *row,
		       struct err *e)
{
	struct event_row written = *row;
	struct store_scope o;

	if (!store_scope_open(s, &o, e) ||
	    !store_scope_close(&o, event_write(s, a, &written, e), e))
		return false;
	*row = written;
	return true;
}

bool store_event_add(struct store *s, const struct identity_row *row,
		     const struct identity_event *event, struct err *e)
{
	bool is_change = event->kind == EVENT_STATUS_CHANGED;
	auto_arena struct arena a;
	struct event_row added = {
		.tenant_id = row->tenant_id,
		.identity_id = row->id,
		.domain = row->domain,
		.at_s = event->at_s,
		.kind = str_from(store_event_kind(event)),
		.aspect = str_from(is_change ? aspect_name(event->aspect) : ""),
		.from = str_from(is_change ? status_name(event->from) : ""),
		.to = str_from(is_change ? status_name(event->to) : ""),
		.detail = event->detail,
	};

	arena_init(&a, EVENT_BYTES);
	return store_event_write(s, &a, &added, e);
}

/* --- reading --- */

static void event_read(struct query *q, struct event_row *row)
{
	row->id = query_int(q);
	row->uid = query_str(q);
	row->tenant_id = query_int(q);
	row->seq = query_int(q);
	row->identity_id = query_int(q);
	row->domain = query_str(q);
	row->at_s = query_int(q);
	row->kind = query_str(q);
	row->aspect = query_str(q);
	row->from = query_str(q);
	row->to = query_str(q);
	row->detail = query_str(q);
}

/* The rows of a query that is bound. */
static bool events_read(struct query *q, struct arena *a, size_t limit,
			struct event_list *out, struct err *e)
{
	struct event_list list = { arena_array(a, limit, sizeof(*list.rows)), 0 };
	bool found = false;

	q->arena = a;
	for (; list.count < limit; list.count++) {
		if (!query_next(q, &found, e))
			return false;
		if (!found)
			break;
		event_read(q, &list.rows[list.count]);
	}
	if (!query_read_ok(q, e))
		return false;
	*out = list;
	return true;
}

bool store_event_list(struct store *s, struct arena *a, const struct event_page *page,
		      struct event_list *out, struct err *e)
{
	enum sql sql = page->identity_id ? SQL_EVENT_LIST : SQL_EVENT_LIST_TENANT;
	auto_query struct query q = query_open(s, sql);

	if (page->identity_id)
		query_bind_int(&q, page->identity_id);
	query_bind_int(&q, page->tenant_id);
	query_bind_int(&q, page->before ? page->before : INT64_MAX);
	query_bind_int(&q, (int64_t)page->limit);
	return events_read(&q, a, page->limit, out, e);
}

bool store_event_after(struct store *s, struct arena *a, const struct event_after *after,
		       struct event_list *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_EVENT_AFTER);

	query_bind_int(&q, after->tenant_id);
	query_bind_int(&q, after->seq);
	query_bind_int(&q, after->identity_id);
	query_bind_int(&q, (int64_t)after->limit);
	return events_read(&q, a, after->limit, out, e);
}

bool store_event_before(struct store *s, int64_t tenant_id, int64_t since_s,
			int64_t *seq_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_EVENT_BEFORE);

	query_bind_int(&q, since_s);
	query_bind_int(&q, tenant_id);
	if (!query_one(&q, "tenant", e))
		return false;
	*seq_out = query_int(&q);
	return true;
}

bool store_event_heads(struct store *s, struct arena *a, struct event_head **out,
		       size_t *count_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_EVENT_HEADS);
	struct event_head *heads = NULL;
	size_t count = 0;
	size_t room = 0;
	bool found = true;

	q.arena = a;
	while (found && count < HEADS_MAX) {
		if (count == room) {
			struct event_head *more =
				arena_array(a, 2 * room + 16, sizeof(*heads));
			if (count)
				memcpy(more, heads, count * sizeof(*heads));
			heads = more;
			room = 2 * room + 16;
		}
		if (!query_next(&q, &found, e))
			return false;
		if (!found)
			break;
		heads[count].tenant_id = query_int(&q);
		heads[count].tenant = query_str(&q);
		heads[count++].seq = query_int(&q);
	}
	if (!query_read_ok(&q, e))
		return false;
	*out = heads;
	*count_out = count;
	return true;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Glances that are due, and what comes of them: narrow reads and narrow writes. */
#include "store/glance.h"

#include "store/query.h"
#include "store/store.h"

static bool glance_read(struct query *q, struct identity_row *out, struct err *e)
{
	struct identity_row row = { 0 };

	row.id = query_int(q);
	row.domain = query_str(q);
	for (size_t i = 0; i < EXPECT_DKIM_TOKENS; i++)
		row.tokens[i] = query_str(q);
	row.key_zone = query_str(q);
	row.state.next_look_at = query_int(q);
	row.state.full_look_at = query_int(q);
	row.state.why = (enum look_reason)query_int(q);
	row.mail_from_domain = query_str(q);
	row.ownership_token = query_str(q);
	if (!query_read_ok(q, e))
		return false;
	*out = row;
	return true;
}

bool store_glance_due(struct store *s, struct arena *a, const struct glance_page *page,
		      struct glance_list *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_GLANCE_LIST);
	struct glance_list list = { arena_array(a, page->limit, sizeof(*list.rows)), 0 };
	bool found = false;

	q.arena = a;
	query_bind_int(&q, page->now_s);
	query_bind_int(&q, page->after_at);
	query_bind_int(&q, page->after_id);
	query_bind_int(&q, (int64_t)page->limit);
	for (; list.count < page->limit; list.count++) {
		if (!query_next(&q, &found, e))
			return false;
		if (!found)
			break;
		if (!glance_read(&q, &list.rows[list.count], e))
			return false;
	}
	*out = list;
	return true;
}

bool store_glance_next_due(struct store *s, int64_t after_at, int64_t after_id,
			   int64_t *at_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_GLANCE_NEXT_DUE);

	query_bind_int(&q, after_at);
	query_bind_int(&q, after_id);
	if (!query_one(&q, "moment", e))
		return false;
	*at_out = query_int(&q);
	return true;
}

/* What the statement sets; identity and moment follow. */
static struct query outcome_query(struct store *s, const struct glance_outcome *o)
{
	static const enum sql sqls[] = {
		[GLANCE_WAS_RIGHT] = SQL_GLANCE_RIGHT,
		[GLANCE_WAS_UNCLEAR] = SQL_GLANCE_UNCLEAR,
		[GLANCE_PUT_OFF] = SQL_GLANCE_PUT_OFF,
	};
	struct query q = query_open(s, sqls[o->result]);

	if (o->result == GLANCE_WAS_UNCLEAR) {
		query_bind_int(&q, o->seen_at);
		return q;
	}
	query_bind_int(&q, o->next_at);
	query_bind_int(&q, o->is_next_glance);
	query_bind_int(&q, o->why);
	if (o->result == GLANCE_WAS_RIGHT)
		query_bind_int(&q, o->seen_at);
	return q;
}

static bool all_write(struct store *s, const struct glance_outcome *outcomes,
		      size_t count, size_t *written, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		auto_query struct query q = outcome_query(s, &outcomes[i]);
		query_bind_int(&q, outcomes[i].identity_id);
		query_bind_int(&q, outcomes[i].due_at);
		if (!query_run(&q, e))
			return false;
		*written += (size_t)query_changes(&q);
	}
	return true;
}

bool store_glances_write(struct store *s, const struct glance_outcome *outcomes,
			 size_t count, size_t *written_out, struct err *e)
{
	size_t written = 0;
	struct store_scope o;

	if (!store_scope_open(s, &o, e) ||
	    !store_scope_close(&o, all_write(s, outcomes, count, &written, e), e))
		return false;
	*written_out = written;
	return true;
}

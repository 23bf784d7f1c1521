/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of nodes. */
#include "store/query.h"
#include "store/store.h"

static bool node_run(struct store *s, enum sql sql, int64_t id, struct err *e)
{
	auto_query struct query q = query_open(s, sql);

	query_bind_int(&q, id);
	return query_run(&q, e);
}

static bool namesakes_remove(struct store *s, enum sql sql, struct str name,
			     struct err *e)
{
	auto_query struct query q = query_open(s, sql);

	query_bind_str(&q, name);
	return query_run(&q, e);
}

static bool node_add(struct store *s, const struct node_row *row, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_NODE_ADD);

	if (!namesakes_remove(s, SQL_LEASE_CLEAR_NAME, row->name, e) ||
	    !namesakes_remove(s, SQL_NODE_REMOVE_NAME, row->name, e))
		return false;
	query_bind_int(&q, row->id);
	query_bind_str(&q, row->name);
	query_bind_int(&q, row->started_at);
	query_bind_int(&q, row->seen_at);
	return query_run(&q, e);
}

bool store_node_add(struct store *s, const struct node_row *row, struct err *e)
{
	struct store_scope o;

	return store_scope_open(s, &o, e) &&
	       store_scope_close(&o, node_add(s, row, e), e);
}

bool store_node_seen(struct store *s, int64_t id, int64_t now_s, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_NODE_SEEN);

	query_bind_int(&q, now_s);
	query_bind_int(&q, id);
	if (!query_run(&q, e))
		return false;
	return query_changes(&q) == 1 ||
	       err_set(e, ERR_NOT_FOUND, "there is no such node");
}

bool store_node_list(struct store *s, struct arena *a, size_t limit,
		     struct node_list *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_NODE_LIST);
	struct node_list list = { arena_array(a, limit, sizeof(*list.rows)), 0 };
	bool found = false;

	q.arena = a;
	query_bind_int(&q, (int64_t)limit);
	for (; list.count < limit; list.count++) {
		struct node_row *row = &list.rows[list.count];
		if (!query_next(&q, &found, e))
			return false;
		if (!found)
			break;
		row->id = query_int(&q);
		row->name = query_str(&q);
		row->started_at = query_int(&q);
		row->seen_at = query_int(&q);
	}
	if (!query_read_ok(&q, e))
		return false;
	*out = list;
	return true;
}

bool store_node_remove(struct store *s, int64_t id, struct err *e)
{
	struct store_scope o;

	return store_scope_open(s, &o, e) &&
	       store_scope_close(&o,
				 node_run(s, SQL_LEASE_CLEAR_NODE, id, e) &&
					 node_run(s, SQL_NODE_REMOVE, id, e),
				 e);
}

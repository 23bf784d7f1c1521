/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is due when, and numbers for whoever watches. */
#include "store/store.h"

#include "store/query.h"

enum {
	KEY_PATIENCE_S = 60,
};

bool store_identity_due(struct store *s, struct arena *a, int64_t now_s, size_t limit,
			struct due_list *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_IDENTITY_DUE);
	struct due_list list = { arena_array(a, limit, sizeof(*list.rows)), 0 };
	bool found = false;

	query_bind_int(&q, now_s);
	query_bind_int(&q, KEY_PATIENCE_S);
	query_bind_int(&q, (int64_t)limit);
	for (; list.count < limit; list.count++) {
		if (!query_next(&q, &found, e))
			return false;
		if (!found)
			break;
		list.rows[list.count].id = query_int(&q);
		list.rows[list.count].look_at = query_int(&q);
	}
	*out = list;
	return true;
}

bool store_identity_next_due(struct store *s, int64_t after_s, int64_t *at_out,
			     struct err *e)
{
	auto_query struct query q = query_open(s, SQL_IDENTITY_NEXT_DUE);

	query_bind_int(&q, after_s > 0 ? after_s : 0);
	if (!query_one(&q, "moment", e))
		return false;
	*at_out = query_int(&q);
	return true;
}

/* Rows of (number, count) into counts[number]. */
static bool counts_read(struct store *s, enum sql sql, uint64_t *counts, size_t size,
			struct err *e)
{
	auto_query struct query q = query_open(s, sql);
	bool found = false;

	for (;;) {
		if (!query_next(&q, &found, e))
			return false;
		if (!found)
			return true;
		uint64_t number = (uint64_t)query_int(&q);
		uint64_t count = (uint64_t)query_int(&q);
		if (number < size)
			counts[number] = count;
	}
}

bool store_counts_read(struct store *s, int64_t now_s, struct store_counts *out,
		       struct err *e)
{
	struct store_counts counts = { 0 };
	auto_query struct query q = query_open(s, SQL_COUNT_DUE);
	size_t pool;

	query_bind_int(&q, now_s);
	if (!query_one(&q, "count", e))
		return false;
	counts.due = (uint64_t)query_int(&q);
	if (!counts_read(s, SQL_COUNT_IDENTITIES, counts.identities,
			 ARRAY_LEN(counts.identities), e) ||
	    !counts_read(s, SQL_COUNT_MESSAGES, counts.messages,
			 ARRAY_LEN(counts.messages), e) ||
	    !store_key_pool_size(s, &pool, e))
		return false;
	counts.pool_keys = pool;
	*out = counts;
	return true;
}

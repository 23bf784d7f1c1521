/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is due when, and numbers for whoever watches. */
#include "store/store.h"

#include "store/query.h"

enum {
	KEY_PATIENCE_S = 60,
};

/* LEASE_IDENTITIES with `fence`. */
static bool identities_lease(struct store *s, const struct due_claim *claim,
			     int64_t fence, struct lease_list *list, struct err *e)
{
	enum sql sql =
		claim->tenant_id ? SQL_LEASE_IDENTITIES_OF_TENANT : SQL_LEASE_IDENTITIES;
	auto_query struct query q = query_open(s, sql);
	bool found = false;

	query_bind_int(&q, claim->term.node);
	query_bind_int(&q, fence);
	query_bind_int(&q, claim->term.until_s);
	query_bind_int(&q, claim->term.now_s);
	query_bind_int(&q, KEY_PATIENCE_S);
	if (claim->tenant_id)
		query_bind_int(&q, claim->tenant_id);
	query_bind_int(&q, (int64_t)claim->limit);
	for (;;) {
		if (!query_next(&q, &found, e))
			return false;
		if (!found || list->count == claim->limit)
			return true;
		list->rows[list->count++] =
			(struct lease){ LEASE_IDENTITY, query_int(&q), fence };
	}
}

bool store_identity_claim(struct store *s, struct arena *a, const struct due_claim *claim,
			  struct lease_list *out, struct err *e)
{
	struct lease_list list = { arena_array(a, claim->limit, sizeof(*list.rows)), 0 };
	int64_t fence = claim->fence;
	struct store_scope o;

	/* In a transaction of the caller's it is whole by that: what failed is undone as
	 * a whole, and a savepoint for each claim would lock each row twice. */
	bool is_own = !store_has_transaction(s);
	if (is_own && !store_scope_open(s, &o, e))
		return false;
	bool done = (fence || store_lease_fence(s, &fence, e)) &&
		    identities_lease(s, claim, fence, &list, e);
	if (is_own ? !store_scope_close(&o, done, e) : !done)
		return false;
	*out = list;
	return true;
}

bool store_tenant_due(struct store *s, struct arena *a, const struct due_page *page,
		      struct due_tenants *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_TENANT_DUE);
	struct due_tenants due = { .ids = arena_array(a, page->limit, sizeof(*due.ids)) };
	bool found = false;

	query_bind_int(&q, page->now_s);
	query_bind_int(&q, page->after_id);
	query_bind_int(&q, (int64_t)page->limit);
	for (size_t seen = 0; seen < page->limit; seen++) {
		if (!query_next(&q, &found, e))
			return false;
		if (!found) {
			due.last_id = 0;
			break;
		}
		due.last_id = query_int(&q);
		if (query_int(&q))
			due.ids[due.count++] = due.last_id;
	}
	*out = due;
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

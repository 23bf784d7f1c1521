/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is due when, and numbers for whoever watches. */
#include "store/store.h"

#include "store/engine.h"
#include "store/query.h"

enum {
	KEY_PATIENCE_S = 60,
	TURNS_MAX = 256, /* of one statement */
};

struct claiming {
	struct store *store;
	const struct due_claim *claim;
	int64_t fence;
	struct lease_list list;
};

static void bind_claim(struct query *q, const struct claiming *c)
{
	const struct lease_term *term = &c->claim->term;

	query_bind_int(q, term->node);
	query_bind_int(q, c->fence);
	query_bind_int(q, term->until_s);
	query_bind_int(q, term->now_s);
	query_bind_int(q, KEY_PATIENCE_S);
}

static bool next_lease(struct query *q, struct claiming *c, bool *found_out,
		       struct err *e)
{
	struct lease_list *list = &c->list;

	if (!query_next(q, found_out, e))
		return false;
	*found_out = *found_out && list->count < c->claim->limit;
	if (*found_out)
		list->rows[list->count++] =
			(struct lease){ LEASE_IDENTITY, query_int(q), c->fence };
	return true;
}

static bool lease_oldest(struct claiming *c, struct err *e)
{
	auto_query struct query q = query_open(c->store, SQL_LEASE_IDENTITIES);
	bool found = true;

	bind_claim(&q, c);
	query_bind_int(&q, (int64_t)c->claim->limit);
	while (found)
		if (!next_lease(&q, c, &found, e))
			return false;
	return true;
}

/* Rows of one tenant mostly come together. */
static void count_lease(struct due_turn *turns, size_t count, int64_t tenant_id,
			size_t *at)
{
	for (size_t i = 0; i < count; i++, *at = (*at + 1) % count) {
		if (turns[*at].tenant_id != tenant_id)
			continue;
		turns[*at].got++;
		return;
	}
}

/* What one statement takes. */
static bool lease_turns(struct claiming *c, struct due_turn *turns, size_t count,
			struct err *e)
{
	auto_buf struct buf tenants = { 0 };
	auto_buf struct buf limits = { 0 };
	auto_query struct query q = query_open(c->store, SQL_LEASE_IDENTITIES_OF);
	bool found = true;
	size_t at = 0;
	int64_t numbers[2][TURNS_MAX];

	for (size_t i = 0; i < count; i++) {
		numbers[0][i] = turns[i].tenant_id;
		numbers[1][i] = (int64_t)turns[i].limit;
		turns[i].got = 0;
	}
	bind_claim(&q, c);
	query_bind_ints(&q, &tenants, numbers[0], count);
	query_bind_ints(&q, &limits, numbers[1], count);
	while (found) {
		if (!next_lease(&q, c, &found, e))
			return false;
		if (found)
			count_lease(turns, count, query_int(&q), &at);
	}
	return true;
}

static bool lease_all(struct claiming *c, struct err *e)
{
	const struct due_claim *claim = c->claim;
	size_t most = c->store->engine->kind == ENGINE_SQLITE ? 1 : TURNS_MAX;

	if (!c->fence && !store_lease_fence(c->store, &c->fence, e))
		return false;
	if (!claim->turn_count)
		return lease_oldest(c, e);
	for (size_t i = 0; i < claim->turn_count; i += most) {
		size_t left = claim->turn_count - i;
		if (!lease_turns(c, claim->turns + i, left < most ? left : most, e))
			return false;
	}
	return true;
}

bool store_identity_claim(struct store *s, struct arena *a, const struct due_claim *claim,
			  struct lease_list *out, struct err *e)
{
	struct claiming c = { .store = s, .claim = claim, .fence = claim->fence };
	struct store_scope o;

	c.list.rows = arena_array(a, claim->limit, sizeof(*c.list.rows));
	/* In a transaction of the caller's it is whole by that: what failed is undone as
	 * a whole, and a savepoint for each claim would lock each row twice. */
	bool is_own = !store_has_transaction(s);
	if (is_own && !store_scope_open(s, &o, e))
		return false;
	bool done = lease_all(&c, e);
	if (is_own ? !store_scope_close(&o, done, e) : !done)
		return false;
	*out = c.list;
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leases: one row a claim, and the row decides. */
#include <assert.h>

#include "store/query.h"
#include "store/store.h"

static_assert(LEASE_IDENTITY == 0 && LEASE_MESSAGE == 1 && LEASE_DELIVERY == 2 &&
		      LEASE_ROLE == 3,
	      "kinds of leases are stored by number");

bool store_lease_fence(struct store *s, int64_t *fence_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_FENCE_TAKE);

	if (!query_one(&q, "fence", e))
		return false;
	*fence_out = query_int(&q);
	return true;
}

static bool lease_insert(struct store *s, const struct lease *l,
			 const struct lease_term *term, bool *taken_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_LEASE_TAKE);

	query_bind_int(&q, l->kind);
	query_bind_int(&q, l->thing_id);
	query_bind_int(&q, term->node);
	query_bind_int(&q, l->fence);
	query_bind_int(&q, term->until_s);
	query_bind_int(&q, term->now_s);
	if (!query_run(&q, e))
		return false;
	*taken_out = query_changes(&q) == 1;
	return true;
}

bool store_lease_take(struct store *s, struct lease *l, const struct lease_term *term,
		      bool *taken_out, struct err *e)
{
	struct lease wanted = { l->kind, l->thing_id, 0 };
	bool taken = false;
	struct store_scope o;

	if (!store_scope_open(s, &o, e) ||
	    !store_scope_close(&o,
			       store_lease_fence(s, &wanted.fence, e) &&
				       lease_insert(s, &wanted, term, &taken, e),
			       e))
		return false;
	if (taken)
		*l = wanted;
	*taken_out = taken;
	return true;
}

static bool lease_was_ours(const struct query *q, struct err *e)
{
	return query_changes(q) == 1 ||
	       err_set(e, ERR_CONFLICT, "somebody else has taken it over");
}

bool store_lease_renew(struct store *s, const struct lease *l, int64_t until_s,
		       struct err *e)
{
	auto_query struct query q = query_open(s, SQL_LEASE_RENEW);

	query_bind_int(&q, until_s);
	query_bind_int(&q, l->kind);
	query_bind_int(&q, l->thing_id);
	query_bind_int(&q, l->fence);
	return query_run(&q, e) && lease_was_ours(&q, e);
}

/* The thing's row before its lease, as whoever claims has it: the other way round two
 * nodes could wait for each other. */
static bool thing_lock(struct store *s, const struct lease *l, struct err *e)
{
	bool found;

	if (l->kind != LEASE_IDENTITY && l->kind != LEASE_MESSAGE)
		return true;
	auto_query struct query q =
		query_open(s, l->kind == LEASE_IDENTITY ? SQL_LEASE_IDENTITY_LOCK
							: SQL_LEASE_MESSAGE_LOCK);
	query_bind_int(&q, l->thing_id);
	return query_next(&q, &found, e);
}

bool store_lease_end(struct store *s, const struct lease *l, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_LEASE_END);

	if (!l->fence)
		return true;
	if (!thing_lock(s, l, e))
		return false;
	query_bind_int(&q, l->kind);
	query_bind_int(&q, l->thing_id);
	query_bind_int(&q, l->fence);
	return query_run(&q, e) && lease_was_ours(&q, e);
}

bool store_identity_leases_end(struct store *s, const int64_t *ids, size_t count,
			       struct err *e)
{
	auto_buf struct buf text = { 0 };
	auto_query struct query q = query_open(s, SQL_LEASE_END_OF);

	query_bind_ints(&q, &text, ids, count);
	return query_run(&q, e);
}

bool store_lease_clear(struct store *s, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_LEASE_CLEAR);

	return query_run(&q, e);
}

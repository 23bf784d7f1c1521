/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows that nobody needs any more: some of each kind at a time, never a long lock. */
#include "store/query.h"
#include "store/store.h"

enum {
	HOUR_S = 3600,
	DAY_S = 86400,
};

struct pruning {
	enum sql sql;
	int64_t age_s;
};
/* Each takes a moment and how many rows. */
static const struct pruning prunings[] = {
	{ SQL_PRUNE_IDEMPOTENCY, ANSWER_KEPT_S },
	{ SQL_PRUNE_SHARE, DAY_S },
	{ SQL_PRUNE_LEASE, HOUR_S },
};

static bool prune(struct store *s, const struct pruning *p, int64_t now_s, size_t limit,
		  size_t *removed, struct err *e)
{
	auto_query struct query q = query_open(s, p->sql);

	query_bind_int(&q, now_s - p->age_s);
	query_bind_int(&q, (int64_t)limit);
	if (!query_run(&q, e))
		return false;
	*removed += (size_t)query_changes(&q);
	return true;
}

struct plan {
	enum sql sql;
	int64_t ahead_s; /* never further */
	size_t extra;    /* how many of `spread` it takes, from its end */
};
static const struct plan plans[] = {
	{ SQL_IDENTITY_RETURN, IDENTITY_LOOK_MAX_S, 4 },
	{ SQL_GLANCE_RETURN, IDENTITY_LOOK_MAX_S, 1 },
	{ SQL_MESSAGE_RETURN, 2 * DAY_S, 0 },
	{ SQL_DELIVERY_RETURN, 2 * DAY_S, 0 },
};

/* By which reasons for a look nobody waits for it, and over how long those are spread: as
 * much as lies between two. All of them at once would be in the way of the others. */
static const int64_t spread[] = { LOOK_REASON_STEADY, LOOK_REASON_FAILED,
				  LOOK_REASON_CATCH_UP, DAY_S };

/* Nothing is planned so far ahead: the clock was wrong when it was. What was planned
 * nearest comes first: that is what is searched for. */
static bool far_return(struct store *s, const struct plan *p, int64_t now_s, size_t limit,
		       size_t *moved, struct err *e)
{
	auto_query struct query q = query_open(s, p->sql);

	query_bind_int(&q, now_s);
	for (size_t i = ARRAY_LEN(spread) - p->extra; i < ARRAY_LEN(spread); i++)
		query_bind_int(&q, spread[i]);
	query_bind_int(&q, now_s + p->ahead_s);
	query_bind_int(&q, (int64_t)limit);
	if (!query_run(&q, e))
		return false;
	*moved += (size_t)query_changes(&q);
	return true;
}

bool store_prune(struct store *s, int64_t now_s, size_t limit, size_t *done_out,
		 struct err *e)
{
	size_t done = 0;

	for (size_t i = 0; i < ARRAY_LEN(prunings); i++)
		if (!prune(s, &prunings[i], now_s, limit, &done, e))
			return false;
	for (size_t i = 0; i < ARRAY_LEN(plans); i++)
		if (!far_return(s, &plans[i], now_s, limit, &done, e))
			return false;
	*done_out = done;
	return true;
}

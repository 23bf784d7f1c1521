/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events, messages and revoked keys that are older than they are kept. Whatever the
 * number of rows: each statement goes by an index to those that it removes. */
#include "store/retain.h"

#include "store/query.h"
#include "store/store.h"

enum {
	TENANTS_A_PAGE = 500,
};

/* --- events --- */

/* The tenant's number of the first event that stays, of the oldest `limit`. Who adds an
 * event or asks for a delivery once more waits for us: we hold the tenant's row. */
static bool first_find(struct store *s, const struct retention *r, int64_t tenant_id,
		       int64_t before_s, int64_t *first_out, struct err *e)
{
	auto_query struct query hold = query_open(s, SQL_TENANT_HOLD);
	auto_query struct query oldest = query_open(s, SQL_RETAIN_OLDEST);
	auto_query struct query waiting = query_open(s, SQL_RETAIN_WAITING);

	query_bind_int(&hold, tenant_id);
	query_bind_int(&oldest, before_s);
	query_bind_int(&oldest, tenant_id);
	query_bind_int(&oldest, (int64_t)r->limit);
	if (!query_one(&hold, "tenant", e) || !query_one(&oldest, "number", e))
		return false;
	int64_t first = query_int(&hold);
	int64_t end = query_int(&oldest);
	first = end < first ? end : first;
	query_bind_int(&waiting, first);
	query_bind_int(&waiting, tenant_id);
	query_bind_int(&waiting, first);
	if (!query_one(&waiting, "number", e))
		return false;
	*first_out = query_int(&waiting);
	return true;
}

static bool before_remove(struct store *s, enum sql sql, int64_t tenant_id, int64_t first,
			  size_t *removed, struct err *e)
{
	auto_query struct query q = query_open(s, sql);

	query_bind_int(&q, tenant_id);
	query_bind_int(&q, first);
	if (!query_run(&q, e))
		return false;
	*removed += (size_t)query_changes(&q);
	return true;
}

static bool tenant_retain(struct store *s, const struct retention *r, int64_t tenant_id,
			  int64_t before_s, size_t *removed, struct err *e)
{
	size_t ignored = 0;
	int64_t first;

	return first_find(s, r, tenant_id, before_s, &first, e) &&
	       before_remove(s, SQL_RETAIN_DELIVERIES, tenant_id, first, &ignored, e) &&
	       before_remove(s, SQL_RETAIN_EVENTS, tenant_id, first, removed, e);
}

struct tenants {
	int64_t ids[TENANTS_A_PAGE]; /* that have old events */
	size_t count;
	int64_t last; /* of the page; 0: there is none behind it */
};

static bool tenants_read(struct store *s, const struct retention *r, int64_t before_s,
			 struct tenants *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_RETAIN_TENANTS);
	size_t count = 0;
	bool found = true;

	query_bind_int(&q, before_s);
	query_bind_int(&q, r->tenant_id);
	query_bind_int(&q, TENANTS_A_PAGE);
	*out = (struct tenants){ 0 };
	for (; found; count++) {
		if (!query_next(&q, &found, e))
			return false;
		if (!found)
			break;
		out->last = query_int(&q);
		if (query_int(&q))
			out->ids[out->count++] = out->last;
	}
	if (count < TENANTS_A_PAGE)
		out->last = 0;
	return true;
}

static bool events_retain(struct store *s, struct retention *r, int64_t before_s,
			  size_t *removed, struct err *e)
{
	size_t sum = 0;
	struct tenants t;

	if (!tenants_read(s, r, before_s, &t, e))
		return false;
	for (size_t i = 0; i < t.count; i++) {
		struct store_scope o;
		if (!store_scope_open(s, &o, e) ||
		    !store_scope_close(
			    &o, tenant_retain(s, r, t.ids[i], before_s, &sum, e), e))
			return false;
		if (sum >= r->limit) {
			/* He may have more: on with him. */
			t.last = t.ids[i] - 1;
			break;
		}
	}
	r->tenant_id = t.last;
	*removed += sum;
	return true;
}

/* --- messages, keys --- */

static bool old_remove(struct store *s, enum sql sql, int64_t before_s, size_t limit,
		       size_t *removed, struct err *e)
{
	auto_query struct query q = query_open(s, sql);

	query_bind_int(&q, before_s);
	query_bind_int(&q, (int64_t)limit);
	if (!query_run(&q, e))
		return false;
	*removed += (size_t)query_changes(&q);
	return true;
}

/* A row that is gone cannot mark itself as changed: the zone's number grows instead. */
static bool keys_retain(struct store *s, int64_t before_s, size_t limit, size_t *removed,
			struct err *e)
{
	auto_query struct query grow = query_open(s, SQL_KEY_GENERATION_GROW);
	size_t count = 0;

	if (!old_remove(s, SQL_RETAIN_KEYS, before_s, limit, &count, e))
		return false;
	*removed += count;
	return count == 0 || query_one(&grow, "number", e);
}

bool store_retain(struct store *s, struct retention *r, int64_t now_s,
		  size_t *removed_out, struct err *e)
{
	struct store_scope o;
	size_t removed = 0;

	if (r->events_s && !events_retain(s, r, now_s - r->events_s, &removed, e))
		return false;
	if (r->messages_s && !old_remove(s, SQL_RETAIN_MESSAGES, now_s - r->messages_s,
					 r->limit, &removed, e))
		return false;
	if (r->revoked_keys_s &&
	    (!store_scope_open(s, &o, e) ||
	     !store_scope_close(
		     &o, keys_retain(s, now_s - r->revoked_keys_s, r->limit, &removed, e),
		     e)))
		return false;
	*removed_out = removed;
	return true;
}

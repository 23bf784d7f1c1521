/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deliveries: made with their event, leased, ended. */
#include "store/delivery.h"

#include <assert.h>

#include "store/query.h"
#include "store/wake.h"

/* These numbers are in databases out there. */
static_assert(DELIVERY_WAITING == 0 && DELIVERY_DONE == 1 && DELIVERY_GIVEN_UP == 2,
	      "states of deliveries are stored by number");

const char *delivery_state_name(enum delivery_state state)
{
	switch (state) {
	case DELIVERY_WAITING:
		return "waiting";
	case DELIVERY_DONE:
		return "done";
	case DELIVERY_GIVEN_UP:
		return "given_up";
	}
	return "";
}

/* --- adding --- */

bool store_delivery_add(struct store *s, const struct event_row *event, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_DELIVERY_ADD);

	query_bind_int(&q, event->id);
	query_bind_int(&q, event->identity_id);
	query_bind_int(&q, event->seq);
	query_bind_int(&q, event->at_s);
	query_bind_int(&q, event->tenant_id);
	query_bind_str(&q, event->kind);
	if (!query_run(&q, e))
		return false;
	return query_changes(&q) == 0 || store_notify(s, STORE_WAKE_DELIVERY, e);
}

static bool delivery_add_one(struct store *s, int64_t webhook_id,
			     const struct event_row *event, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_DELIVERY_ADD_ONE);

	query_bind_int(&q, event->id);
	query_bind_int(&q, event->identity_id);
	query_bind_int(&q, event->seq);
	query_bind_int(&q, event->at_s);
	query_bind_int(&q, webhook_id);
	query_bind_int(&q, event->tenant_id);
	return query_run(&q, e);
}

bool store_webhook_test(struct store *s, struct arena *a, int64_t webhook_id,
			struct event_row *event, struct err *e)
{
	struct store_scope o;

	return store_scope_open(s, &o, e) &&
	       store_scope_close(&o,
				 store_event_write(s, a, event, e) &&
					 delivery_add_one(s, webhook_id, event, e),
				 e);
}

/* --- reading --- */

static void delivery_read(struct query *q, struct delivery_row *row)
{
	struct event_row *event = &row->event;

	row->id = query_int(q);
	row->webhook_id = query_int(q);
	row->tenant_id = query_int(q);
	row->event_id = query_int(q);
	row->identity_id = query_int(q);
	row->state = (enum delivery_state)query_int(q);
	row->tries = (uint32_t)query_int(q);
	row->next_try_at = query_int(q);
	row->last_status = query_int(q);
	row->last_reply = query_str(q);
	row->created_at = query_int(q);
	row->done_at = query_int(q);
	event->id = row->event_id;
	event->tenant_id = row->tenant_id;
	event->identity_id = row->identity_id;
	event->uid = query_str(q);
	event->seq = query_int(q);
	event->domain = query_str(q);
	event->at_s = query_int(q);
	event->kind = query_str(q);
	event->aspect = query_str(q);
	event->from = query_str(q);
	event->to = query_str(q);
	event->detail = query_str(q);
}

static bool delivery_get(struct store *s, struct arena *a, int64_t id,
			 struct delivery_row *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_DELIVERY_GET);
	struct delivery_row row = { 0 };

	q.arena = a;
	query_bind_int(&q, id);
	if (!query_one(&q, "delivery", e))
		return false;
	delivery_read(&q, &row);
	if (!query_read_ok(&q, e))
		return false;
	*out = row;
	return true;
}

bool store_delivery_list(struct store *s, struct arena *a,
			 const struct delivery_page *page, struct delivery_list *out,
			 struct err *e)
{
	auto_query struct query q = query_open(s, SQL_DELIVERY_LIST);
	struct delivery_list list = { arena_array(a, page->limit, sizeof(*list.rows)),
				      0 };
	bool found = false;

	q.arena = a;
	query_bind_int(&q, page->webhook_id);
	query_bind_int(&q, page->before ? page->before : INT64_MAX);
	query_bind_int(&q, (int64_t)page->limit);
	for (; list.count < page->limit; list.count++) {
		if (!query_next(&q, &found, e))
			return false;
		if (!found)
			break;
		delivery_read(&q, &list.rows[list.count]);
	}
	if (!query_read_ok(&q, e))
		return false;
	*out = list;
	return true;
}

/* --- working on them --- */

static bool claim_one(struct store *s, const struct delivery_claim *claim,
		      struct lease *lease, bool *found_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_DELIVERY_CLAIM);

	query_bind_int(&q, claim->term.node);
	query_bind_int(&q, lease->fence);
	query_bind_int(&q, claim->term.until_s);
	query_bind_int(&q, claim->term.now_s);
	query_bind_int(&q, claim->per_webhook);
	if (!query_next(&q, found_out, e))
		return false;
	if (*found_out)
		lease->thing_id = query_int(&q);
	return true;
}

static bool delivery_claim(struct store *s, struct arena *a,
			   const struct delivery_claim *claim, struct delivery_row *out,
			   bool *found_out, struct err *e)
{
	struct lease lease = { .kind = LEASE_DELIVERY };

	if (!store_lease_fence(s, &lease.fence, e) ||
	    !claim_one(s, claim, &lease, found_out, e))
		return false;
	if (!*found_out)
		return true;
	if (!delivery_get(s, a, lease.thing_id, out, e))
		return false;
	out->lease = lease;
	/* On PostgreSQL the claim may have seen it as it was before another node ended
	 * with it. */
	*found_out =
		out->state == DELIVERY_WAITING && out->next_try_at <= claim->term.now_s;
	return true;
}

bool store_delivery_claim(struct store *s, struct arena *a,
			  const struct delivery_claim *claim, struct delivery_row *out,
			  bool *found_out, struct err *e)
{
	struct err nothing = { 0 };
	struct store_scope o;
	bool found = false;

	if (!store_scope_open(s, &o, e))
		return false;
	bool claimed = delivery_claim(s, a, claim, out, &found, e);
	*found_out = found;
	/* Where there is none, nothing is worth a write. */
	if (claimed && !found) {
		(void)!store_scope_close(&o, false, &nothing);
		return true;
	}
	return store_scope_close(&o, claimed, e);
}

bool store_delivery_next_due(struct store *s, int64_t *at_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_DELIVERY_NEXT_DUE);

	if (!query_one(&q, "moment", e))
		return false;
	*at_out = query_int(&q);
	return true;
}

static bool delivery_update(struct store *s, const struct delivery_row *row,
			    struct err *e)
{
	auto_query struct query q = query_open(s, SQL_DELIVERY_SAVE);

	query_bind_int(&q, row->state);
	query_bind_int(&q, row->tries);
	query_bind_int(&q, row->next_try_at);
	query_bind_int(&q, row->last_status);
	query_bind_str(&q, row->last_reply);
	query_bind_int(&q, row->done_at);
	query_bind_int(&q, row->id);
	if (!query_run(&q, e))
		return false;
	return query_changes(&q) == 1 ||
	       err_set(e, ERR_CONFLICT, "the delivery waits no longer");
}

static bool webhook_note(struct store *s, const struct delivery_outcome *o, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_WEBHOOK_NOTE);

	query_bind_int(&q, o->row->last_status);
	query_bind_int(&q, o->at_s);
	query_bind_int(&q, o->is_taken);
	query_bind_int(&q, o->row->webhook_id);
	return query_run(&q, e);
}

static bool webhook_hold(struct store *s, const struct delivery_outcome *o, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_DELIVERY_HOLD);

	query_bind_int(&q, o->hold_until);
	query_bind_int(&q, o->row->webhook_id);
	return query_run(&q, e);
}

bool delivery_give_up_all(struct store *s, int64_t webhook_id, int64_t at_s,
			  struct err *e)
{
	auto_query struct query q = query_open(s, SQL_DELIVERY_GIVE_UP_ALL);

	query_bind_int(&q, at_s);
	query_bind_int(&q, webhook_id);
	return query_run(&q, e);
}

static bool webhook_disable(struct store *s, struct arena *a,
			    const struct delivery_outcome *o, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_WEBHOOK_DISABLE);
	auto_buf struct buf detail = { 0 };
	struct event_row event = { .tenant_id = o->row->tenant_id,
				   .domain = STR_EMPTY,
				   .at_s = o->at_s,
				   .kind = STR("webhook.disabled"),
				   .aspect = STR_EMPTY,
				   .from = STR_EMPTY,
				   .to = STR_EMPTY };

	query_bind_int(&q, o->at_s);
	query_bind_str(&q, str_from(o->disable_why));
	query_bind_int(&q, o->row->webhook_id);
	if (!query_run(&q, e))
		return false;
	/* Another delivery did it. */
	if (query_changes(&q) != 1)
		return true;
	buf_init(&detail, 1024);
	buf_printf(&detail, "{\"webhook\":\"whk_%lld\",\"why\":\"%s\"}",
		   (long long)o->row->webhook_id, o->disable_why);
	event.detail = buf_view(&detail);
	return delivery_give_up_all(s, o->row->webhook_id, o->at_s, e) &&
	       store_event_write(s, a, &event, e);
}

static bool delivery_save(struct store *s, struct arena *a,
			  const struct delivery_outcome *o, struct err *e)
{
	return store_lease_end(s, &o->row->lease, e) && delivery_update(s, o->row, e) &&
	       webhook_note(s, o, e) && (!o->hold_until || webhook_hold(s, o, e)) &&
	       (!o->disable_why || webhook_disable(s, a, o, e));
}

bool store_delivery_save(struct store *s, struct arena *a,
			 const struct delivery_outcome *o, struct err *e)
{
	struct store_scope scope;

	return store_scope_open(s, &scope, e) &&
	       store_scope_close(&scope, delivery_save(s, a, o, e), e);
}

/* --- once more --- */

/* What is asked for again is not removed as old meanwhile, or is gone already. */
static bool tenant_hold(struct store *s, int64_t webhook_id, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_WEBHOOK_HOLD_TENANT);

	query_bind_int(&q, webhook_id);
	return query_one(&q, "webhook", e);
}

static bool delivery_replay(struct store *s, int64_t webhook_id, int64_t id,
			    int64_t now_s, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_DELIVERY_REPLAY);

	query_bind_int(&q, now_s);
	query_bind_int(&q, id);
	query_bind_int(&q, webhook_id);
	if (!query_run(&q, e))
		return false;
	return query_changes(&q) == 1 ||
	       err_set(e, ERR_NOT_FOUND, "there is no such delivery");
}

bool store_delivery_replay(struct store *s, int64_t webhook_id, int64_t id, int64_t now_s,
			   struct err *e)
{
	struct store_scope o;

	return store_scope_open(s, &o, e) &&
	       store_scope_close(&o,
				 tenant_hold(s, webhook_id, e) &&
					 delivery_replay(s, webhook_id, id, now_s, e),
				 e);
}

static bool replay_since(struct store *s, int64_t webhook_id, int64_t since_s,
			 int64_t now_s, size_t *count_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_DELIVERY_REPLAY_SINCE);

	query_bind_int(&q, now_s);
	query_bind_int(&q, webhook_id);
	query_bind_int(&q, since_s);
	query_bind_int(&q, DELIVERY_REPLAY_MAX);
	if (!query_run(&q, e))
		return false;
	*count_out = (size_t)query_changes(&q);
	return true;
}

bool store_delivery_replay_since(struct store *s, int64_t webhook_id, int64_t since_s,
				 int64_t now_s, size_t *count_out, struct err *e)
{
	struct store_scope o;

	return store_scope_open(s, &o, e) &&
	       store_scope_close(
		       &o,
		       tenant_hold(s, webhook_id, e) &&
			       replay_since(s, webhook_id, since_s, now_s, count_out, e),
		       e);
}

bool store_delivery_counts(struct store *s, struct delivery_counts *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_DELIVERY_COUNTS);

	if (!query_one(&q, "count", e))
		return false;
	out->waiting = (uint64_t)query_int(&q);
	out->oldest_at = query_int(&q);
	return true;
}

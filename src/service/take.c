/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claiming what is due: the schedule says what to ask for, all claims of one take are one
 * transaction. */
#include "service/watch.h"

enum {
	LIST_BYTES = 16 * 1024 * 1024,
	CLAIMS_MAX = 1024,
};

struct take {
	struct watch *watch;
	struct arena *arena;
	int64_t now_s;
	int64_t fence;     /* of this take; 0: none yet */
	struct list tasks; /* claimed */
	size_t count;
};

/* Claimed, but there is nothing to do: the same transaction gives it back. */
static bool claim_undo(struct take *t, struct task *task, struct err *e)
{
	bool ended = store_lease_end(t->watch->store, &task->lease, e);

	task_free(task);
	return ended;
}

/* Overdue and in no hurry, as many are after a standstill. */
static bool claim_put_off(struct take *t, struct task *task, struct err *e)
{
	struct watch *w = t->watch;

	if (!outcome_put_off(w->service, w->store, &task->row, e)) {
		task_free(task);
		return false;
	}
	return claim_undo(t, task, e);
}

/* His tenant's limit is used up: nothing changes but when it is looked at. */
static bool claim_wait(struct take *t, struct task *task, int64_t wait_ms, struct err *e)
{
	struct watch *w = t->watch;
	struct identity_row *row = &task->row;

	row->state.next_look_at = t->now_s + (wait_ms + 999) / 1000;
	if (!store_identity_save(w->store, row, NULL, 0, e)) {
		task_free(task);
		return false;
	}
	w->service->counters.looks_put_off++;
	return claim_undo(t, task, e);
}

static bool claim_take(struct take *t, const struct lease *lease,
		       const struct identity_row *row, struct err *e)
{
	struct watch *w = t->watch;
	struct task *task = task_new(w, lease);
	bool is_due = false;

	if (!task_take(task, row, &is_due, e)) {
		task_free(task);
		return false;
	}
	if (!is_due)
		return claim_undo(t, task, e);
	if (outcome_is_late(w->service, &task->row))
		return claim_put_off(t, task, e);
	int64_t wait_ms = schedule_put_off_ms(w->schedule, task->row.tenant_id);
	if (wait_ms)
		return claim_wait(t, task, wait_ms, e);
	task->is_counted = true;
	task->charged = schedule_started(w->schedule, task->row.tenant_id);
	list_add(&t->tasks, &task->hook);
	return true;
}

/* A row that cannot be read keeps its lease, so that it is in nobody else's way until
 * that is over. */
static bool claims_read(struct take *t, const struct lease_list *leases, struct err *e)
{
	struct store *s = t->watch->store;
	int64_t *ids = arena_array(t->arena, leases->count, sizeof(*ids));
	struct identity_held_list held;

	for (size_t i = 0; i < leases->count; i++)
		ids[i] = leases->rows[i].thing_id;
	if (!store_identity_hold(s, t->arena, ids, leases->count, &held, e))
		return false;
	for (size_t i = 0; i < leases->count; i++) {
		const struct lease *lease = &leases->rows[i];
		const struct identity_held *one =
			identity_held_find(&held, lease->thing_id);
		if (one && one->is_unreadable)
			log_error("an identity cannot be read",
				  LOG_INT("identity", lease->thing_id));
		else if (one ? !claim_take(t, lease, &one->row, e)
			     : !store_lease_end(s, lease, e))
			return false;
	}
	return true;
}

static struct due_turn *turns_of(struct arena *a, const struct ask *ask)
{
	struct due_turn *turns = arena_array(a, ask->turn_count, sizeof(*turns));

	for (size_t i = 0; i < ask->turn_count; i++)
		turns[i] = (struct due_turn){ .tenant_id = ask->turns[i].tenant_id,
					      .limit = ask->turns[i].count };
	return turns;
}

static bool claim_identities(struct take *t, const struct ask *ask,
			     struct ask_answer *answer, struct err *e)
{
	struct watch *w = t->watch;
	int64_t lease_s = config_number(w->service->config, CONFIG_SERVICE_LEASE_S);

	if (!t->fence && !store_lease_fence(w->store, &t->fence, e))
		return false;
	const struct due_claim claim = {
		.term = { w->service->node, t->now_s, t->now_s + lease_s },
		.limit = ask->count,
		.fence = t->fence,
		.turns = turns_of(t->arena, ask),
		.turn_count = ask->turn_count,
	};
	struct lease_list list;

	if (!store_identity_claim(w->store, t->arena, &claim, &list, e) ||
	    (list.count && !claims_read(t, &list, e)))
		return false;
	for (size_t i = 0; i < ask->turn_count; i++)
		ask->turns[i].got = claim.turns[i].got;
	answer->got = list.count;
	t->count += list.count;
	return true;
}

static bool find_tenants(struct take *t, const struct ask *ask, struct ask_answer *answer,
			 struct err *e)
{
	const struct due_page page = { t->now_s, ask->after_id, ask->count };
	struct due_tenants due;

	if (!store_tenant_due(t->watch->store, t->arena, &page, &due, e))
		return false;
	for (size_t i = 0; i < due.count; i++)
		schedule_tenant(t->watch->schedule, due.ids[i]);
	answer->got = due.count;
	answer->last_id = due.last_id;
	return true;
}

static bool ask_store(struct take *t, const struct ask *ask, struct err *e)
{
	struct ask_answer answer = { .now_ms = watch_now_ms() };
	int64_t began_us = clock_mono_us();
	bool done = false;

	switch (ask->kind) {
	case ASK_OLDEST:
	case ASK_TURNS:
		done = claim_identities(t, ask, &answer, e);
		break;
	case ASK_TENANTS:
		done = find_tenants(t, ask, &answer, e);
		break;
	}
	answer.took_us = clock_mono_us() - began_us;
	if (done)
		schedule_answered(t->watch->schedule, ask, &answer);
	return done;
}

static void take_drop(struct take *t)
{
	list_each_safe (at, &t->tasks)
		task_free(LIST_THING(at, struct task, hook));
}

/* Everything that the schedule asks for, in one transaction. */
static bool take_claim(struct take *t, struct err *e)
{
	struct watch *w = t->watch;
	int64_t now_ms = watch_now_ms();
	struct ask ask;

	if (!schedule_next(w->schedule, now_ms, &ask))
		return true;
	if (!store_begin(w->store, e))
		return false;
	do {
		if (!ask_store(t, &ask, e)) {
			store_rollback(w->store);
			return false;
		}
		arena_reset(t->arena);
		/* What is put off takes up no room: the rest comes with the next take. */
	} while (t->count < CLAIMS_MAX && schedule_next(w->schedule, now_ms, &ask));
	/* Without a claim nothing was written. */
	if (t->count)
		return store_commit(w->store, e);
	store_rollback(w->store);
	return true;
}

static void take_begin(struct take *t)
{
	struct watch *w = t->watch;

	list_each_safe (at, &t->tasks) {
		struct task *task = LIST_THING(at, struct task, hook);
		struct err failed = { 0 };
		list_remove(&task->hook);
		w->service->counters.lag_ms =
			clock_now_ms() - task->row.state.next_look_at * 1000;
		tally_lag(&w->service->tally, w->service->counters.lag_ms);
		if (task_begin(task, &failed))
			continue;
		if (failed.kind == ERR_LIMIT || failed.kind == ERR_UNAVAILABLE) {
			backoff_grow(&w->look_trouble);
			log_warn("looks must wait", LOG_TEXT("error", failed.text));
			task_hand_back(task);
			continue;
		}
		/* What is wrong with one row is in nobody else's way; it is tried again
		 * when its lease is over. */
		log_error("an identity cannot be looked at",
			  LOG_INT("identity", task->row.id),
			  LOG_TEXT("error", failed.text));
		task_free(task);
	}
}

bool watch_take(struct watch *w, struct err *e)
{
	auto_arena struct arena a;
	struct take t = { .watch = w, .arena = &a, .now_s = clock_now_s() };

	arena_init(&a, LIST_BYTES);
	list_init(&t.tasks);
	if (!take_claim(&t, e)) {
		take_drop(&t);
		return false;
	}
	take_begin(&t);
	return true;
}

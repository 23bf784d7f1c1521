/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What looks came to is written, many in one transaction: one flush of the disk for all.
 * An outcome with events is the last of its transaction, for events lock the tenant, and
 * whoever has a tenant may ask for no other identity (store.h has the order).
 */
#include "service/watch.h"

enum {
	GROUP_MAX = 32,
};

/* Lost: whoever has it now looks again. Else it is due again when the lease is over.
 * False: the database is in the way, not the look. */
static bool task_failed(struct task *t, const struct err *failed, struct err *e)
{
	if (failed->kind == ERR_UNAVAILABLE) {
		*e = *failed;
		return false;
	}
	if (failed->kind == ERR_CONFLICT)
		log_info("a look came too late", LOG_STR("domain", t->row.domain),
			 LOG_TEXT("error", failed->text));
	else
		log_error("the outcome of a look was not written",
			  LOG_STR("domain", t->row.domain),
			  LOG_TEXT("error", failed->text));
	return true;
}

static bool peek_write(struct task *t, bool *changed_out, struct err *e)
{
	struct watch *w = t->watch;
	const struct peeked peeked = { t->row.id, t->zone, t->lease };
	struct err failed = { 0 };

	*changed_out = false;
	return outcome_peek(w->service, w->store, &t->arena, &peeked, changed_out,
			    &failed) ||
	       task_failed(t, &failed, e);
}

/* The peek saw a change: the whole look at once, under the same lease. */
static void look_after_peek(struct task *t)
{
	struct err e = { 0 };

	t->zone = NULL;
	list_remove(&t->hook);
	if (task_look(t, &e))
		return;
	log_warn("looks must wait", LOG_TEXT("error", e.text));
	task_hand_back(t);
}

/* Judged once, however often it is tried to write it. */
static void task_judge(struct task *t)
{
	struct service *v = t->watch->service;

	if (t->judged.looked)
		return;
	t->looked = (struct looked){
		.identity_id = t->row.id,
		.row = &t->row,
		.lease = t->lease,
		.x = &t->x,
		.result = &t->result,
	};
	outcome_judge(v, &t->arena, &t->looked, &t->judged);
	outcome_count(v, &t->judged);
}

struct group {
	struct task *tasks[GROUP_MAX];
	size_t count;
	size_t written; /* of them, from the first on */
};

/* Inside the transaction. */
static bool group_apply(struct watch *w, struct group *g, struct err *e)
{
	for (g->written = 0; g->written < g->count;) {
		struct task *t = g->tasks[g->written];
		if (!store_lease_end(w->store, &t->lease, e) ||
		    !outcome_apply(w->service, w->store, &t->arena, &t->judged,
				   &t->outcome, e))
			return false;
		g->written++;
		if (t->outcome.step.event_count)
			return true;
	}
	return true;
}

/* As many of the group as go into one transaction; all or none of them. */
static bool group_write(struct watch *w, struct group *g, struct err *e)
{
	if (!store_begin(w->store, e))
		return false;
	if (!group_apply(w, g, e) || !store_commit(w->store, e)) {
		store_rollback(w->store);
		return false;
	}
	for (size_t i = 0; i < g->written; i++) {
		outcome_done(w->service, &g->tasks[i]->judged, &g->tasks[i]->outcome);
		task_free(g->tasks[i]);
	}
	return true;
}

/* One whose lease is lost is in the way of the others: alone it fails alone. */
static bool group_write_one(struct watch *w, struct task *t, struct err *e)
{
	struct group g = { .tasks = { t }, .count = 1 };
	struct err failed = { 0 };

	if (group_write(w, &g, &failed))
		return true;
	/* It was deleted meanwhile: there is nothing to write. */
	if (failed.kind != ERR_NOT_FOUND && !task_failed(t, &failed, e))
		return false;
	task_free(t);
	return true;
}

/* The next looks that ended; peeks are written one by one. */
static void group_gather(struct watch *w, struct group *g)
{
	*g = (struct group){ 0 };
	list_each (at, &w->ended) {
		struct task *t = LIST_THING(at, struct task, hook);
		if (t->zone)
			continue;
		task_judge(t);
		g->tasks[g->count++] = t;
		if (g->count == GROUP_MAX)
			return;
	}
}

static bool looks_write(struct watch *w, struct err *e)
{
	struct group g;

	for (group_gather(w, &g); g.count; group_gather(w, &g)) {
		struct err failed = { 0 };
		if (group_write(w, &g, &failed))
			continue;
		if (failed.kind == ERR_UNAVAILABLE) {
			*e = failed;
			return false;
		}
		for (size_t i = 0; i < g.count; i++)
			if (!group_write_one(w, g.tasks[i], e))
				return false;
	}
	return true;
}

static bool peeks_write(struct watch *w, struct err *e)
{
	list_each_safe (at, &w->ended) {
		struct task *t = LIST_THING(at, struct task, hook);
		bool changed = false;
		if (!t->zone)
			continue;
		if (!peek_write(t, &changed, e))
			return false;
		if (changed)
			look_after_peek(t);
		else
			task_free(t);
	}
	return true;
}

bool tasks_write(struct watch *w, struct err *e)
{
	return looks_write(w, e) && peeks_write(w, e);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What looks came to is written, many in one transaction: one flush of the disk for all.
 */
#include "service/watch.h"

enum {
	GROUP_MAX = 256,
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
	struct outcome outcomes[GROUP_MAX];
	size_t count;
};

static void task_written(struct task *t, enum outcome_fate fate)
{
	switch (fate) {
	case OUTCOME_OPEN:
	case OUTCOME_WRITTEN:
	case OUTCOME_DELETED:
		break;
	case OUTCOME_TOO_LATE:
		log_info("a look came too late", LOG_STR("domain", t->row.domain));
		break;
	case OUTCOME_UNREADABLE:
		log_error("the outcome of a look was not written: the row is unreadable",
			  LOG_STR("domain", t->row.domain));
		break;
	}
	task_free(t);
}

/* All or none of them. */
static bool group_write(struct watch *w, struct group *g, struct err *e)
{
	for (size_t i = 0; i < g->count; i++)
		g->outcomes[i] = (struct outcome){ .judged = &g->tasks[i]->judged };
	if (!outcomes_write(w->service, w->store, g->outcomes, g->count, e))
		return false;
	for (size_t i = 0; i < g->count; i++)
		task_written(g->tasks[i], g->outcomes[i].fate);
	return true;
}

/* One that the database does not take is in the way of the others: alone it fails
 * alone. */
static bool group_write_one(struct watch *w, struct group *alone, struct task *t,
			    struct err *e)
{
	struct err failed = { 0 };

	alone->tasks[0] = t;
	alone->count = 1;
	if (group_write(w, alone, &failed))
		return true;
	if (!task_failed(t, &failed, e))
		return false;
	task_free(t);
	return true;
}

/* The next looks that ended; peeks are written one by one. */
static void group_gather(struct watch *w, struct group *g)
{
	g->count = 0;
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

static bool group_write_each(struct watch *w, const struct group *g, struct err *e)
{
	struct group *alone = xalloc(1, sizeof(*alone));
	bool done = true;

	for (size_t i = 0; done && i < g->count; i++)
		done = group_write_one(w, alone, g->tasks[i], e);
	xfree(alone);
	return done;
}

static bool looks_write(struct watch *w, struct err *e)
{
	struct group *g = xalloc(1, sizeof(*g));
	bool done = true;

	for (group_gather(w, g); done && g->count; group_gather(w, g)) {
		struct err failed = { 0 };
		if (group_write(w, g, &failed))
			continue;
		done = failed.kind != ERR_UNAVAILABLE;
		if (!done)
			*e = failed;
		else
			done = group_write_each(w, g, e);
	}
	xfree(g);
	return done;
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

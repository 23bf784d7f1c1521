/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One claimed identity: what it needs of the store, and looking at it. */
#include "service/watch.h"

enum {
	LOOK_BYTES = 64 * 1024 * 1024,
	SERVERS_MAX = 32, /* name servers remembered of a domain */
};

struct task *task_new(struct watch *w, const struct lease *lease)
{
	struct task *t = xalloc(1, sizeof(*t));

	t->watch = w;
	t->lease = *lease;
	list_init(&t->hook);
	arena_init(&t->arena, LOOK_BYTES);
	w->task_count++;
	return t;
}

void task_free(struct task *t)
{
	struct watch *w = t->watch;

	authority_look_cancel(&t->look);
	authority_peek_cancel(&t->peek);
	if (t->is_counted)
		schedule_ended(w->schedule, t->row.tenant_id, t->charged, t->cost);
	list_remove(&t->hook);
	w->task_count--;
	arena_done(&t->arena);
	xfree(t);
}

void task_hand_back(struct task *t)
{
	struct err e = { 0 };

	/* Else it is free when the lease is over. */
	(void)!store_lease_end(t->watch->store, &t->lease, &e);
	task_free(t);
}

/* --- what it needs of the store --- */

/* Another tenant has verified it. Said only to whoever has shown that he has a hand on
 * the domain: else adding names would tell who is a customer here. */
static bool held_elsewhere_read(struct task *t, struct err *e)
{
	const struct aspect_state *aspects = t->row.state.aspects;

	if (aspects[ASPECT_OWNERSHIP].status != STATUS_SUCCESS ||
	    aspects[ASPECT_DKIM].status == STATUS_SUCCESS)
		return true;
	return store_identity_has_rival(t->watch->store, t->row.tenant_id, t->row.domain,
					&t->is_held_elsewhere, e);
}

bool task_take(struct task *t, const struct identity_row *row, bool *is_due_out,
	       struct err *e)
{
	*is_due_out =
		row->state.next_look_at > 0 && row->state.next_look_at <= clock_now_s();
	t->row = *row;
	identity_row_keep(&t->arena, &t->row);
	return !*is_due_out || held_elsewhere_read(t, e);
}

/* --- looking --- */

static void task_ended(struct task *t)
{
	struct watch *w = t->watch;

	list_remove(&t->hook);
	list_add(&w->ended, &t->hook);
	watch_write_soon(w);
}

static void on_look(void *arg, const struct authority_result *result)
{
	struct task *t = arg;

	t->look = NULL;
	t->result = *result;
	t->cost += result->observation->queries;
	task_ended(t);
}

/* What the service knows besides, for the diagnosis. */
static bool expectation_fill(struct task *t, struct err *e)
{
	struct cursor c = cursor_over(t->row.state.previous_name_servers);
	struct expectation *x = &t->x;
	struct err odd = { 0 };

	if (!service_identity_expect(&t->arena, t->watch->service->config, &t->row, x, e))
		return false;
	x->held_elsewhere = t->is_held_elsewhere;
	x->registered_at = t->row.registered_at;
	x->previous_servers =
		arena_array(&t->arena, SERVERS_MAX, sizeof(*x->previous_servers));
	while (x->previous_count < SERVERS_MAX) {
		(void)cursor_while(&c, " ");
		struct str text = cursor_until(&c, " ");
		if (!text.len)
			break;
		x->previous_count += dns_name_parse(
			text, &x->previous_servers[x->previous_count], &odd);
	}
	return true;
}

static void on_peek(void *arg, const struct zone_seen *z)
{
	struct task *t = arg;

	t->peek = NULL;
	t->zone = z;
	t->cost += z->queries;
	task_ended(t);
}

/* What our own look says would change something: then others are asked too. */
static bool on_matters(void *arg, const struct authority_result *own)
{
	struct task *t = arg;

	return outcome_matters(&t->arena, &t->row, &t->x, own);
}

bool task_look(struct task *t, struct err *e)
{
	struct watch *w = t->watch;

	t->look = authority_look_start(w->authority, &t->arena, &t->x, on_look, t);
	if (!t->look)
		return err_set(e, ERR_LIMIT, "too many looks are waiting");
	if (authority_perspective_count(w->authority))
		authority_look_corroborate(t->look, on_matters);
	list_add(&w->looking, &t->hook);
	return true;
}

static bool task_peek(struct task *t, struct err *e)
{
	struct watch *w = t->watch;

	t->peek = authority_peek_start(w->authority, &t->arena, &t->x.name, on_peek, t);
	if (!t->peek)
		return err_set(e, ERR_LIMIT, "too many looks are waiting");
	list_add(&w->looking, &t->hook);
	return true;
}

bool task_begin(struct task *t, struct err *e)
{
	if (!expectation_fill(t, e))
		return false;
	return identity_wants_peek(&t->row.state, clock_now_s()) ? task_peek(t, e)
								 : task_look(t, e);
}

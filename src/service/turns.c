/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See turns.h. */
#include "service/turns.h"

enum {
	QUANTUM = 16,    /* packets a turn: about one look */
	COST_FIRST = 32, /* of a look, before any has ended */
	/* Also a look that sends little takes a start and a place: who has dead domains
	 * must not have more of them for his packets. */
	COST_LEAST = 32,
	COST_MAX = 4096, /* one look that claims more is not believed */
	DEBT_MAX = 64 * QUANTUM,
	ROUNDS_MAX = DEBT_MAX / QUANTUM + 2, /* after so many, no debt is left */
	CROWD_TURNS = 256,                   /* in a row */
};

struct account {
	struct list hook; /* in the ring, or an empty list */
	int64_t tenant_id;
	int64_t credit;
	int64_t cost; /* of a look, of late */
	size_t running;
	size_t turns; /* in a row */
	bool in_ring;
	bool in_turn; /* credited, and not spent yet */
};

struct turns {
	struct list ring; /* the first one's turn is next */
	size_t count;
	size_t crowd_count;   /* of those in the ring */
	size_t crowd_running; /* what they have under way */
	size_t max;
	size_t room;
	struct map *accounts; /* all that are in the ring or have looks under way */
};

struct turns *turns_new(size_t max, size_t room)
{
	struct turns *t = xalloc(1, sizeof(*t));

	list_init(&t->ring);
	t->max = max;
	t->room = room;
	t->accounts = map_new(max);
	return t;
}

void turns_free(struct turns **t)
{
	struct str key;
	void *account;

	if (!*t)
		return;
	for (size_t at = 0; map_next((*t)->accounts, &at, &key, &account);)
		xfree(account);
	map_free(&(*t)->accounts);
	xfree(*t);
	*t = NULL;
}

static bool is_crowd(const struct account *a)
{
	return a->turns > CROWD_TURNS;
}

static struct str key_of(const int64_t *tenant_id)
{
	return str_of(tenant_id, sizeof(*tenant_id));
}

static struct account *account_find(const struct turns *t, int64_t tenant_id)
{
	return map_find(t->accounts, key_of(&tenant_id));
}

/* NULL: no place for another. */
static struct account *account_get(struct turns *t, int64_t tenant_id)
{
	struct account *a = account_find(t, tenant_id);

	if (a || map_count(t->accounts) == t->max)
		return a;
	a = xalloc(1, sizeof(*a));
	list_init(&a->hook);
	a->tenant_id = tenant_id;
	a->cost = COST_FIRST;
	bool put = map_put(t->accounts, key_of(&tenant_id), a);
	if (put)
		return a;
	xfree(a);
	return NULL;
}

/* An account that nothing speaks of any more. */
static void account_settle(struct turns *t, struct account *a)
{
	if (a->in_ring || a->running)
		return;
	(void)map_remove(t->accounts, key_of(&a->tenant_id));
	xfree(a);
}

void turns_join(struct turns *t, int64_t tenant_id)
{
	struct account *a = account_get(t, tenant_id);

	if (!a || a->in_ring)
		return;
	a->in_ring = true;
	list_add(&t->ring, &a->hook);
	t->count++;
}

void turns_leave(struct turns *t, int64_t tenant_id)
{
	struct account *a = account_find(t, tenant_id);

	if (!a || !a->in_ring)
		return;
	a->in_ring = false;
	a->in_turn = false;
	if (is_crowd(a)) {
		t->crowd_count--;
		t->crowd_running -= a->running;
	}
	a->turns = 0;
	list_remove(&a->hook);
	t->count--;
	if (a->credit > 0)
		a->credit = 0;
	account_settle(t, a);
}

size_t turns_count(const struct turns *t)
{
	return t->count;
}

bool turns_is_crowd(const struct turns *t)
{
	return t->count && t->count == t->crowd_count;
}

static size_t at_most(size_t room, size_t used, size_t most)
{
	size_t left = used < most ? most - used : 0;

	return left < room ? left : room;
}

/* How many more looks of his may be under way. */
static size_t share_left(const struct turns *t, const struct account *a, size_t room)
{
	if (is_crowd(a))
		room = at_most(room, t->crowd_running, (3 * t->room + 3) / 4);
	return at_most(room, a->running, (t->room + 1) / 2);
}

static void turn_begin(struct turns *t, struct account *a)
{
	if (a->in_turn)
		return;
	a->in_turn = true;
	a->credit += QUANTUM;
	if (is_crowd(a))
		return;
	a->turns++;
	if (is_crowd(a)) {
		t->crowd_count++;
		t->crowd_running += a->running;
	}
}

static void turn_pass(struct turns *t, struct account *a)
{
	a->in_turn = false;
	/* Whoever had to stop at his share saves nothing up. */
	if (a->credit > QUANTUM)
		a->credit = QUANTUM;
	list_remove(&a->hook);
	list_add(&t->ring, &a->hook);
}

bool turns_next(struct turns *t, size_t room, struct turn *out)
{
	for (size_t i = 0; room && i < t->count * ROUNDS_MAX; i++) {
		struct account *a = LIST_THING(t->ring.next, struct account, hook);
		turn_begin(t, a);
		size_t left = share_left(t, a, room);
		if (!left || a->credit <= 0) {
			turn_pass(t, a);
			continue;
		}
		size_t count = (size_t)((a->credit + a->cost - 1) / a->cost);
		*out = (struct turn){ a->tenant_id, count < left ? count : left };
		return true;
	}
	return false;
}

int64_t turns_started(struct turns *t, int64_t tenant_id)
{
	struct account *a = account_get(t, tenant_id);

	if (!a)
		return 0;
	a->running++;
	t->crowd_running += is_crowd(a);
	/* Only who takes turns pays: without a backlog there is nothing to share. */
	int64_t charged = a->in_ring ? a->cost : 0;
	a->credit -= charged;
	return charged;
}

void turns_ended(struct turns *t, int64_t tenant_id, int64_t charged, int64_t cost)
{
	struct account *a = account_find(t, tenant_id);

	if (!a)
		return;
	a->running--;
	t->crowd_running -= is_crowd(a);
	if (cost > COST_MAX)
		cost = COST_MAX;
	if (cost > 0) {
		cost = cost < COST_LEAST ? COST_LEAST : cost;
		a->cost = (a->cost * 7 + cost + 7) / 8;
		if (charged)
			a->credit -= cost - charged;
	}
	if (a->credit < -DEBT_MAX)
		a->credit = -DEBT_MAX;
	account_settle(t, a);
}

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
	uint64_t deal; /* the last one that gave him something: */
	size_t given;  /* so much, and not started yet */
	size_t place;  /* in its list */
};

struct turns {
	struct list ring; /* the first one's turn is next */
	size_t count;
	size_t crowd_count;   /* of those in the ring */
	size_t crowd_running; /* what they have under way */
	size_t max;
	size_t room;
	uint64_t deal;        /* the one at hand */
	size_t given;         /* by it, and not started yet */
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

static size_t given_of(const struct turns *t, const struct account *a)
{
	return a->deal == t->deal ? a->given : 0;
}

/* How many more looks of his may be under way. */
static size_t share_left(const struct turns *t, const struct account *a, size_t room)
{
	size_t given = given_of(t, a);

	if (is_crowd(a))
		room = at_most(room, t->crowd_running + t->given, (3 * t->room + 3) / 4);
	return at_most(room, a->running + given, (t->room + 1) / 2);
}

static int64_t credit_left(const struct turns *t, const struct account *a)
{
	return a->credit - (int64_t)given_of(t, a) * a->cost;
}

static void turn_begin(struct turns *t, struct account *a)
{
	int64_t left = credit_left(t, a);

	/* Whoever had to stop at his share, or was dealt what came to nothing, saves
	 * nothing up. */
	if (left > QUANTUM)
		a->credit -= left - QUANTUM;
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
	list_remove(&a->hook);
	list_add(&t->ring, &a->hook);
}

/* How many looks he may take at this turn. */
static size_t turn_places(const struct turns *t, const struct account *a, size_t room)
{
	int64_t credit = credit_left(t, a);
	size_t left = share_left(t, a, room);

	if (credit <= 0)
		return 0;
	size_t count = (size_t)((credit + a->cost - 1) / a->cost);
	return count < left ? count : left;
}

static void give(struct turns *t, struct account *a, size_t count, size_t place)
{
	if (a->deal != t->deal) {
		a->deal = t->deal;
		a->given = 0;
		a->place = place;
	}
	a->given += count;
	t->given += count;
}

static void deal_begin(struct turns *t)
{
	t->deal++;
	t->given = 0;
}

size_t turns_deal(struct turns *t, size_t room, struct turn *out, size_t max)
{
	size_t dealt = 0;
	size_t idle = 0; /* turns since somebody was given something */

	deal_begin(t);
	while (room && idle < t->count * ROUNDS_MAX) {
		struct account *a = LIST_THING(t->ring.next, struct account, hook);
		bool is_new = a->deal != t->deal;
		if (is_new && dealt == max)
			break;
		turn_begin(t, a);
		size_t count = turn_places(t, a, room);
		idle = count ? 0 : idle + 1;
		if (count) {
			give(t, a, count, dealt);
			if (is_new)
				out[dealt++] = (struct turn){ .tenant_id = a->tenant_id };
			out[a->place].count += count;
			room -= count;
		}
		turn_pass(t, a);
	}
	return dealt;
}

void turns_dealt(struct turns *t, const struct turn *turns, size_t count)
{
	deal_begin(t);
	for (size_t i = 0; i < count; i++)
		if (turns[i].got < turns[i].count)
			turns_leave(t, turns[i].tenant_id);
}

int64_t turns_started(struct turns *t, int64_t tenant_id)
{
	struct account *a = account_get(t, tenant_id);

	if (!a)
		return 0;
	a->running++;
	t->crowd_running += is_crowd(a);
	if (given_of(t, a)) {
		a->given--;
		t->given--;
	}
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

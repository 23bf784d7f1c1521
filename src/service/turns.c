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
	PUT_OFF_MIN_MS = 1000,               /* times of looks are whole seconds */
	PUT_OFF_MAX_MS = 60000,
	FORGET_MAX = 16, /* looked at in a tick: are they to be forgotten? */
	MILLI = 1000,    /* a bucket counts thousandths of packets */
};

struct account {
	struct list hook; /* in the ring, among those at rest, or an empty list */
	int64_t tenant_id;
	int64_t credit;
	int64_t cost; /* of a look, of late */
	size_t running;
	size_t turns; /* in a row */
	bool in_ring;
	uint64_t deal;     /* the last one that gave him something: */
	size_t given;      /* so much, and not started yet */
	size_t place;      /* in its list */
	int64_t bucket;    /* thousandths of packets, below 0: a debt; as of */
	int64_t filled_ms; /* this moment */
	int64_t later_ms;  /* what is put off next comes after that */
};

struct turns {
	struct list ring; /* the first one's turn is next */
	struct list rest; /* nothing due or under way, but the bucket is not full */
	size_t count;
	size_t crowd_count;   /* of those in the ring */
	size_t crowd_running; /* what they have under way */
	struct turns_limits limits;
	uint64_t deal; /* the one at hand */
	size_t given;  /* by it, and not started yet */
	int64_t now_ms;
	int64_t open_ms;      /* the first limit that bars somebody ends; -1: none does */
	struct map *accounts; /* all in the ring, at rest, or with looks under way */
};

struct turns *turns_new(const struct turns_limits *limits)
{
	struct turns *t = xalloc(1, sizeof(*t));

	list_init(&t->ring);
	list_init(&t->rest);
	t->limits = *limits;
	t->open_ms = -1;
	t->accounts = map_new(limits->tenants);
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

static void account_forget(struct turns *t, struct account *a)
{
	(void)map_remove(t->accounts, key_of(&a->tenant_id));
	list_remove(&a->hook);
	xfree(a);
}

/* NULL: no place for another. Whoever is at rest makes room: who has work goes before
 * what others still owe. */
static struct account *account_get(struct turns *t, int64_t tenant_id)
{
	struct account *a = account_find(t, tenant_id);

	if (a)
		return a;
	if (map_count(t->accounts) == t->limits.tenants && !list_is_empty(&t->rest))
		account_forget(t, LIST_THING(t->rest.next, struct account, hook));
	if (map_count(t->accounts) == t->limits.tenants)
		return NULL;
	a = xalloc(1, sizeof(*a));
	list_init(&a->hook);
	a->tenant_id = tenant_id;
	a->cost = COST_FIRST;
	a->bucket = t->limits.packets_s * MILLI;
	a->filled_ms = t->now_ms;
	bool put = map_put(t->accounts, key_of(&tenant_id), a);
	if (put)
		return a;
	xfree(a);
	return NULL;
}

static void bucket_fill(const struct turns *t, struct account *a)
{
	int64_t most = t->limits.packets_s * MILLI;

	a->bucket += (t->now_ms - a->filled_ms) * t->limits.packets_s;
	if (a->bucket > most)
		a->bucket = most;
	a->filled_ms = t->now_ms;
}

/* packets below 0: given back. */
static void bucket_charge(const struct turns *t, struct account *a, int64_t packets)
{
	bucket_fill(t, a);
	if (t->limits.packets_s)
		a->bucket -= packets * MILLI;
}

/* An account that nothing speaks of any more: with a full bucket it is as a new one. */
static void account_settle(struct turns *t, struct account *a)
{
	if (a->in_ring || a->running)
		return;
	bucket_fill(t, a);
	if (a->bucket == t->limits.packets_s * MILLI && a->later_ms <= t->now_ms) {
		account_forget(t, a);
		return;
	}
	list_remove(&a->hook);
	list_add(&t->rest, &a->hook);
}

/* Each of those at rest is looked at in its turn. */
void turns_tick(struct turns *t, int64_t now_ms)
{
	if (now_ms > t->now_ms)
		t->now_ms = now_ms;
	for (int i = 0; i < FORGET_MAX && !list_is_empty(&t->rest); i++)
		account_settle(t, LIST_THING(t->rest.next, struct account, hook));
}

void turns_join(struct turns *t, int64_t tenant_id)
{
	struct account *a = account_get(t, tenant_id);

	if (!a || a->in_ring)
		return;
	a->in_ring = true;
	list_remove(&a->hook);
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
		room = at_most(room, t->crowd_running + t->given,
			       (3 * t->limits.room + 3) / 4);
	return at_most(room, a->running + given, (t->limits.room + 1) / 2);
}

static int64_t credit_left(const struct turns *t, const struct account *a)
{
	return a->credit - (int64_t)given_of(t, a) * a->cost;
}

/* His limit is used up, by what he was dealt if by nothing else. */
static bool is_barred(struct turns *t, struct account *a)
{
	if (!t->limits.packets_s)
		return false;
	bucket_fill(t, a);
	return a->bucket <= (int64_t)given_of(t, a) * a->cost * MILLI;
}

/* Until his bucket has something in it. */
static int64_t debt_ms(const struct turns *t, const struct account *a)
{
	return a->bucket > 0 ? 0 : -a->bucket / t->limits.packets_s + 1;
}

/* His turn passes by. */
static void turn_bar(struct turns *t, const struct account *a)
{
	int64_t open_ms = t->now_ms + debt_ms(t, a);

	if (t->open_ms < 0 || open_ms < t->open_ms)
		t->open_ms = open_ms;
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
	size_t idle = 0;   /* turns since somebody was given something */
	size_t barred = 0; /* in a row */

	deal_begin(t);
	t->open_ms = -1;
	while (room && idle < t->count * ROUNDS_MAX && barred < t->count) {
		struct account *a = LIST_THING(t->ring.next, struct account, hook);
		bool is_new = a->deal != t->deal;
		if (is_barred(t, a)) {
			barred++;
			idle++;
			turn_bar(t, a);
			turn_pass(t, a);
			continue;
		}
		barred = 0;
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

int64_t turns_wait_ms(const struct turns *t)
{
	if (!t->count || t->open_ms < 0)
		return -1;
	return t->open_ms > t->now_ms ? t->open_ms - t->now_ms : 0;
}

int64_t turns_put_off_ms(struct turns *t, int64_t tenant_id)
{
	struct account *a = account_find(t, tenant_id);

	if (!a || !t->limits.packets_s)
		return 0;
	bucket_fill(t, a);
	if (a->bucket > 0)
		return 0;
	int64_t most_ms = t->now_ms + PUT_OFF_MAX_MS;
	int64_t at_ms = t->now_ms + debt_ms(t, a);

	/* One after the other, not all in the same second, to be put off again. */
	if (at_ms < a->later_ms)
		at_ms = a->later_ms;
	if (at_ms > most_ms)
		at_ms = most_ms;
	a->later_ms = at_ms + a->cost * MILLI / t->limits.packets_s;
	if (a->later_ms > most_ms)
		a->later_ms = most_ms;
	return at_ms - t->now_ms < PUT_OFF_MIN_MS ? PUT_OFF_MIN_MS : at_ms - t->now_ms;
}

struct charge turns_started(struct turns *t, int64_t tenant_id)
{
	struct account *a = account_get(t, tenant_id);

	if (!a)
		return (struct charge){ 0 };
	if (!a->in_ring)
		list_remove(&a->hook);
	a->running++;
	t->crowd_running += is_crowd(a);
	if (given_of(t, a)) {
		a->given--;
		t->given--;
	}
	/* Only who takes turns pays: without a backlog there is nothing to share. */
	struct charge charged = { a->in_ring ? a->cost : 0, a->cost };
	a->credit -= charged.credit;
	bucket_charge(t, a, charged.packets);
	return charged;
}

void turns_ended(struct turns *t, int64_t tenant_id, struct charge charged, int64_t cost)
{
	struct account *a = account_find(t, tenant_id);

	if (!a)
		return;
	a->running--;
	t->crowd_running -= is_crowd(a);
	if (cost > COST_MAX)
		cost = COST_MAX;
	if (cost > 0) {
		bucket_charge(t, a, cost - charged.packets);
		cost = cost < COST_LEAST ? COST_LEAST : cost;
		a->cost = (a->cost * 7 + cost + 7) / 8;
		if (charged.credit)
			a->credit -= cost - charged.credit;
	}
	if (a->credit < -DEBT_MAX)
		a->credit = -DEBT_MAX;
	account_settle(t, a);
}

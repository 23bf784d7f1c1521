/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See glances.h. */
#include "service/glances.h"

#include <stdlib.h>

enum {
	ASKED_MAX = 4096, /* under way at once */
	ASKED_LEAST = 64,
	ASKED_GROWS = 64,
	KEPT_MAX = 16384, /* with those that wait to be written */
	TAKE_MAX = 1000,
	TAKE_LEAST = 250, /* fewer wait until more can be asked */
	GROUP_MAX = 4096, /* written in one transaction */
	GROUP_FULL = 1000,
	GROUP_PAUSE_MS = 200,   /* what ends together is written together */
	WAIT_MAX_MS = 1000,     /* what others plan, or undo, is seen so soon */
	ROLE_TRY_MS = 5 * 1000, /* well within the time that it is held */
	FULL_TRY_MS = 20,
	TOKEN = 1000, /* one glance; the bucket counts thousandths */
	LIST_BYTES = 16 * 1024 * 1024,
	EXPECT_BYTES = 1024 * 1024,
};

struct glancing {
	struct list hook;
	struct glances *owner;
	struct authority_glance *asked; /* NULL: it was answered */
	int64_t identity_id;
	int64_t due_at;
	int64_t full_at;
	enum look_reason why;
	enum glance_result result;
	int64_t seen_at; /* when it was answered */
};

struct glances {
	struct watch *watch;
	struct role role;
	struct list asked;
	struct list answered;
	size_t asked_count;
	size_t answered_count;
	/* The last one taken in order: what comes after it is not under way. */
	int64_t after_at;
	int64_t after_id;
	bool is_more_due;
	size_t asked_limit; /* what the probes had room for, and a little more */
	size_t refill_at;   /* so few under way: the next are taken */
	int64_t tokens;
	int64_t filled_ms;
	struct arena rows;
	struct arena expected;
	uv_timer_t taking;
	uv_timer_t writing;
	bool is_over;
};

static void on_taking(uv_timer_t *timer);
static void on_writing(uv_timer_t *timer);

struct glances *glances_new(struct watch *w)
{
	struct glances *g = xalloc(1, sizeof(*g));

	g->watch = w;
	list_init(&g->asked);
	list_init(&g->answered);
	arena_init(&g->rows, LIST_BYTES);
	arena_init(&g->expected, EXPECT_BYTES);
	uv_timer_init(&w->loop, &g->taking);
	uv_timer_init(&w->loop, &g->writing);
	g->taking.data = g->writing.data = g;
	g->filled_ms = watch_now_ms();
	g->asked_limit = ASKED_MAX;
	return g;
}

static void glancing_free(struct glancing *one)
{
	struct glances *g = one->owner;

	if (one->asked) {
		authority_glance_cancel(&one->asked);
		g->asked_count--;
	} else {
		g->answered_count--;
	}
	list_remove(&one->hook);
	xfree(one);
}

/* The first `count` of them. */
static void list_free(struct list *glances, size_t count)
{
	list_each_safe (at, glances) {
		if (count-- == 0)
			return;
		glancing_free(LIST_THING(at, struct glancing, hook));
	}
}

void glances_free(struct glances **g)
{
	if (!*g)
		return;
	list_free(&(*g)->asked, SIZE_MAX);
	list_free(&(*g)->answered, SIZE_MAX);
	arena_done(&(*g)->rows);
	arena_done(&(*g)->expected);
	xfree(*g);
	*g = NULL;
}

/* --- when --- */

static void take_in(struct glances *g, int64_t ms)
{
	if (ms > WAIT_MAX_MS)
		ms = WAIT_MAX_MS;
	if (!g->is_over)
		uv_timer_start(&g->taking, on_taking, ms > 0 ? (uint64_t)ms : 0, 0);
}

static void write_in(struct glances *g, int64_t ms)
{
	if (!g->is_over)
		uv_timer_start(&g->writing, on_writing, (uint64_t)ms, 0);
}

/* Without glances: at which those of before are handed to whole looks. */
static int64_t rate(const struct glances *g)
{
	const struct config *config = g->watch->service->config;
	int64_t glances = config_number(config, CONFIG_SERVICE_GLANCES_PER_S);

	return glances ? glances : config_number(config, CONFIG_SERVICE_LOOKS_PER_S);
}

/* Full again after a second. */
static void bucket_fill(struct glances *g)
{
	int64_t now_ms = watch_now_ms();
	int64_t passed_ms = now_ms - g->filled_ms;

	g->filled_ms = now_ms;
	g->tokens += (passed_ms < TOKEN ? passed_ms : TOKEN) * rate(g);
	if (g->tokens > rate(g) * TOKEN)
		g->tokens = rate(g) * TOKEN;
}

static size_t at_most(size_t n, size_t most)
{
	return n < most ? n : most;
}

/* How many may be begun now. */
static size_t room_of(const struct glances *g)
{
	size_t kept = g->asked_count + g->answered_count;
	size_t room = at_most(TAKE_MAX,
			      g->asked_limit - at_most(g->asked_count, g->asked_limit));

	room = at_most(room, kept < KEPT_MAX ? KEPT_MAX - kept : 0);
	return g->tokens < TOKEN ? 0 : at_most(room, (size_t)(g->tokens / TOKEN));
}

/* --- asking --- */

static void glance_answered(struct glancing *one, enum glance_result result)
{
	struct glances *g = one->owner;

	one->result = result;
	one->seen_at = clock_now_s();
	one->asked = NULL;
	list_remove(&one->hook);
	list_add(&g->answered, &one->hook);
	g->asked_count--;
	g->answered_count++;
	if (g->answered_count == GROUP_FULL)
		write_in(g, 0);
	else if (g->answered_count == 1)
		write_in(g, GROUP_PAUSE_MS);
	if (g->is_more_due && g->asked_count == g->refill_at)
		take_in(g, 0);
}

static void on_glance(void *arg, const struct authority_glanced *seen)
{
	struct glancing *one = arg;
	struct counters *counters = &one->owner->watch->service->counters;

	counters->queries += seen->queries;
	if (seen->is_right)
		counters->glances_right++;
	else
		counters->glances_unclear++;
	glance_answered(one, seen->is_right ? GLANCE_WAS_RIGHT : GLANCE_WAS_UNCLEAR);
}

static struct glancing *glancing_new(struct glances *g, const struct identity_row *row)
{
	struct glancing *one = xalloc(1, sizeof(*one));

	*one = (struct glancing){ .owner = g,
				  .identity_id = row->id,
				  .due_at = row->state.next_look_at,
				  .full_at = row->state.full_look_at,
				  .why = row->state.why };
	list_init(&one->hook);
	list_add(&g->asked, &one->hook);
	g->asked_count++;
	return one;
}

/* Overdue, as many are after a standstill. */
static bool is_late(const struct identity_row *row, int64_t now_s)
{
	const struct identity_state *s = &row->state;
	int64_t at;

	return identity_glance_catch_up(s->next_look_at, s->why, now_s, 0, &at);
}

/* Whether there is room for it. What cannot be asked about is for a whole look. */
static bool glance_begin(struct glances *g, const struct identity_row *row,
			 bool may_glance)
{
	struct watch *w = g->watch;
	struct expectation x;
	struct err odd = { 0 };

	arena_reset(&g->expected);
	if (is_late(row, clock_now_s())) {
		glance_answered(glancing_new(g, row), GLANCE_PUT_OFF);
		return true;
	}
	g->tokens -= TOKEN;
	if (!may_glance ||
	    !identity_expect_required(&g->expected, w->service->config, row, &x, &odd)) {
		glance_answered(glancing_new(g, row), GLANCE_WAS_UNCLEAR);
		return true;
	}
	struct glancing *one = glancing_new(g, row);
	one->asked = authority_glance_start(w->authority, &x, on_glance, one);
	if (one->asked)
		return true;
	list_remove(&one->hook);
	g->asked_count--;
	xfree(one);
	return false;
}

/* How many of them there was room for. */
static size_t list_begin(struct glances *g, const struct glance_list *list)
{
	bool may_glance = service_policy(g->watch->service->config).glances;
	size_t begun = 0;

	while (begun < list->count && glance_begin(g, &list->rows[begun], may_glance))
		begun++;
	return begun;
}

/* --- taking --- */

/* When the first of those under way was due. */
static int64_t first_due_of(const struct glances *g)
{
	const struct list *const both[] = { &g->asked, &g->answered };
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		list_each (at, both[i]) {
			const struct glancing *one =
				LIST_THING(at, struct glancing, hook);
			if (one->due_at < first)
				first = one->due_at;
		}
	}
	return first;
}

/* What has become due behind the last one taken (somebody wrote the row as he had read it
 * before a glance did, or put it to this moment). Due before all that are under way, it
 * is none of them. */
static bool missed_begin(struct glances *g, size_t *room, struct err *e)
{
	int64_t now_s = clock_now_s(), before_s = first_due_of(g) - 1;
	const struct glance_page page = { before_s < now_s ? before_s : now_s, 0, 0,
					  *room };
	struct glance_list list;

	arena_reset(&g->rows);
	if (!store_glance_due(g->watch->store, &g->rows, &page, &list, e))
		return false;
	*room -= list_begin(g, &list);
	return true;
}

static bool take_next(struct glances *g, size_t room, int64_t *wait_ms, struct err *e)
{
	struct store *s = g->watch->store;
	struct glance_list list;
	int64_t next_at;

	/* None is under way: whatever is due is taken, wherever the clock was. */
	if (!g->asked_count && !g->answered_count)
		g->after_at = g->after_id = 0;
	else if (!missed_begin(g, &room, e))
		return false;
	const struct glance_page page = { clock_now_s(), g->after_at, g->after_id, room };
	arena_reset(&g->rows);
	if (!store_glance_due(s, &g->rows, &page, &list, e))
		return false;
	size_t begun = list_begin(g, &list);
	if (begun) {
		g->after_at = list.rows[begun - 1].state.next_look_at;
		g->after_id = list.rows[begun - 1].id;
	}
	bool all_begun = begun == list.count;
	g->is_more_due = !all_begun || list.count == room;
	g->refill_at = g->asked_count / 2;
	if (!all_begun)
		g->asked_limit =
			g->asked_count > ASKED_LEAST ? g->asked_count : ASKED_LEAST;
	else if (g->is_more_due && g->asked_limit < ASKED_MAX)
		g->asked_limit += ASKED_GROWS;
	if (g->is_more_due) {
		*wait_ms = room_of(g) >= TAKE_LEAST ? 0 : FULL_TRY_MS;
		return true;
	}
	if (!store_glance_next_due(s, g->after_at, g->after_id, &next_at, e))
		return false;
	*wait_ms = next_at ? next_at * 1000 - clock_now_ms() : WAIT_MAX_MS;
	return true;
}

static bool take(struct glances *g, int64_t *wait_ms, struct err *e)
{
	struct watch *w = g->watch;
	bool is_leading;

	*wait_ms = ROLE_TRY_MS;
	if (!role_hold(w->service, w->store, LEASE_ROLE_GLANCES, &g->role, &is_leading,
		       e))
		return false;
	if (!is_leading)
		return true;
	bucket_fill(g);
	size_t room = room_of(g);
	*wait_ms = FULL_TRY_MS;
	return !room || take_next(g, room, wait_ms, e);
}

static void on_taking(uv_timer_t *timer)
{
	struct glances *g = timer->data;
	struct watch *w = g->watch;
	int64_t wait_ms = backoff_left_ms(&w->store_trouble);
	struct err e = { 0 };

	if (!wait_ms && !take(g, &wait_ms, &e)) {
		watch_store_failed(w, "no glances can be taken", &e);
		wait_ms = backoff_left_ms(&w->store_trouble);
	}
	take_in(g, wait_ms);
}

/* --- writing --- */

static struct glance_outcome outcome_of(const struct glancing *one, int64_t now_s)
{
	uint32_t jitter = crypto_random_below(1000);
	/* It may have waited for the database; a clock that was set back meanwhile makes
	 * it no later than now. */
	int64_t seen_at = one->seen_at < now_s ? one->seen_at : now_s;
	struct glance_outcome o = { .result = one->result,
				    .identity_id = one->identity_id,
				    .due_at = one->due_at,
				    .seen_at = seen_at,
				    .why = LOOK_REASON_STEADY };

	o.is_next_glance =
		identity_glance_next(one->full_at, seen_at, jitter, &o.next_at);
	/* The whole look may be overdue itself: then it is put off as such. */
	if (one->result == GLANCE_PUT_OFF && o.is_next_glance &&
	    identity_glance_catch_up(one->due_at, one->why, now_s, jitter, &o.next_at))
		o.why = LOOK_REASON_CATCH_UP;
	return o;
}

static int by_id(const void *a, const void *b)
{
	const struct glance_outcome *one = a, *two = b;

	return (one->identity_id > two->identity_id) -
	       (one->identity_id < two->identity_id);
}

/* The oldest of those that were answered, as many as go into a transaction. */
static bool group_write(struct glances *g, bool *any_unclear, struct err *e)
{
	struct glance_outcome *outcomes = xalloc(GROUP_MAX, sizeof(*outcomes));
	int64_t now_s = clock_now_s();
	size_t count = 0, written;

	list_each (at, &g->answered) {
		const struct glancing *one = LIST_THING(at, struct glancing, hook);
		if (count == GROUP_MAX)
			break;
		outcomes[count++] = outcome_of(one, now_s);
		*any_unclear |= one->result == GLANCE_WAS_UNCLEAR;
	}
	qsort(outcomes, count, sizeof(*outcomes), by_id);
	bool done = store_glances_write(g->watch->store, outcomes, count, &written, e);
	xfree(outcomes);
	if (done)
		list_free(&g->answered, count);
	return done;
}

static bool all_write(struct glances *g, struct err *e)
{
	bool any_unclear = false, done = true;

	while (done && g->answered_count)
		done = group_write(g, &any_unclear, e);
	if (any_unclear)
		watch_take_in(g->watch, 0);
	return done;
}

static void on_writing(uv_timer_t *timer)
{
	struct glances *g = timer->data;
	struct watch *w = g->watch;
	int64_t wait_ms = backoff_left_ms(&w->store_trouble);
	struct err e = { 0 };

	if (wait_ms) {
		write_in(g, wait_ms);
		return;
	}
	if (!all_write(g, &e)) {
		watch_store_failed(w, "outcomes of glances wait for the database", &e);
		write_in(g, backoff_left_ms(&w->store_trouble));
	}
}

/* --- beginning and end --- */

void glances_begin(struct glances *g)
{
	take_in(g, 0);
}

void glances_end(struct glances *g)
{
	struct err e = { 0 };

	if (g->is_over)
		return;
	g->is_over = true;
	uv_timer_stop(&g->taking);
	uv_timer_stop(&g->writing);
	list_free(&g->asked, SIZE_MAX);
	/* What is not written is still due. */
	(void)!all_write(g, &e);
}

void glances_close(struct glances *g)
{
	uv_close((uv_handle_t *)&g->taking, NULL);
	uv_close((uv_handle_t *)&g->writing, NULL);
}

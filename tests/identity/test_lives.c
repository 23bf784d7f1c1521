/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A million random lives against what must always hold (security.md section 1). The
 * oracle knows nothing of how the step works: it keeps the whole log of a life, and looks
 * back in it for the evidence that each status needs.
 *
 * Time, to the oracle, is what somebody watched: from one event to the next, but not what
 * lies more than ten minutes behind the moment that a look was planned for, and never
 * backwards.
 */
#include "chance.h"

enum {
	LIVES = 1000000 / SHARE,
	LOG_MAX = 40,
	SLACK_S = 10 * MINUTE,
	/* A life in so many is followed to the end of its search. */
	FOLLOWED = 2000,
};

enum what {
	BEGIN,
	LOOK,
	PEEK,
	ASK,
	WATCH,
	RESUBMIT,
	WANT,
	UNWANT,
	CATCH_UP,
};

struct entry {
	enum what what;
	int64_t now;
	int64_t watched;    /* the oracle's time */
	enum aspect aspect; /* WANT, UNWANT */
	enum look_result results[ASPECT_COUNT];
	bool counts[ASPECT_COUNT]; /* wrong at enough servers, or at all that answer */
	bool weak[ASPECT_COUNT];   /* not at enough servers */
	enum status after[ASPECT_COUNT];
};

struct life {
	uint64_t seed;
	struct policy policy;
	bool is_wild; /* the clock jumps */
	int64_t now;
	struct identity_state state;
	struct entry log[LOG_MAX];
	size_t count;
};

static const char *const what_names[] = { "begin", "look",   "peek",
					  "ask",   "watch",  "resubmit",
					  "want",  "unwant", "catch up" };

static void show(const struct life *l)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct entry *e = &l->log[i];
		print_message("%2zu %-8s now %lld watched %lld looks %d %d %d counts %d "
			      "%d %d -> %s %s %s\n",
			      i, what_names[e->what], (long long)(e->now - T0),
			      (long long)e->watched, e->results[0], e->results[1],
			      e->results[2], e->counts[0], e->counts[1], e->counts[2],
			      status_name(e->after[0]), status_name(e->after[1]),
			      status_name(e->after[2]));
	}
}

#define must(l, condition)                          \
	do {                                        \
		if (!(condition)) {                 \
			show(l);                    \
			fail_msg("%s", #condition); \
		}                                   \
	} while (0)

/* --- the oracle --- */

static enum status before_of(const struct life *l, size_t at, enum aspect a)
{
	return at == 0 ? STATUS_NOT_STARTED : l->log[at - 1].after[a];
}

/* When the aspect came to the status that it had before `at`. */
static int64_t since_status(const struct life *l, size_t at, enum aspect a)
{
	enum status s = before_of(l, at, a);
	size_t i = at - 1;

	while (i > 0 && l->log[i - 1].after[a] == s)
		i--;
	return l->log[i].watched;
}

/* When its search began last: PENDING, or a click while it was. */
static int64_t since_search(const struct life *l, size_t at, enum aspect a)
{
	for (size_t i = at; i-- > 0;) {
		const struct entry *e = &l->log[i];
		if (before_of(l, i, a) != STATUS_PENDING || e->what == RESUBMIT ||
		    (e->what == WANT && e->aspect == a))
			return e->watched;
	}
	return 0;
}

/* Looks that positively missed it since it was last right or gone, this one included. */
static size_t misses(const struct life *l, size_t at, enum aspect a, int64_t *first_out)
{
	size_t n = 0;

	for (size_t i = at + 1; i-- > 0;) {
		const struct entry *e = &l->log[i];
		if (e->what == LOOK && e->results[a] == LOOK_RIGHT)
			break;
		if (e->what == LOOK && e->results[a] == LOOK_WRONG && e->counts[a]) {
			n++;
			*first_out = e->watched;
		}
	}
	return n;
}

static bool loss_is_proved(const struct life *l, size_t at, enum aspect a)
{
	const struct entry *e = &l->log[at];
	int64_t first = 0;

	return e->counts[a] && misses(l, at, a, &first) >= l->policy.loss_looks &&
	       e->watched - first >= l->policy.loss_spread_s &&
	       (!e->weak[a] || e->watched - first >= l->policy.suspend_s);
}

static bool grace_is_over(const struct life *l, size_t at, enum aspect a)
{
	const struct entry *e = &l->log[at];
	int64_t lost = since_status(l, at, a) + (e->weak[a] ? l->policy.suspend_s : 0);
	int64_t first = 0;

	return e->counts[a] && misses(l, at, a, &first) > 0 &&
	       e->watched - lost >= l->policy.grace_s &&
	       e->watched - first >= l->policy.suspend_s;
}

static bool search_is_over(const struct life *l, size_t at, enum aspect a)
{
	int64_t limit = l->policy.search_s;

	if (l->log[at].results[a] == LOOK_UNKNOWN && !l->policy.strict_ses)
		limit *= 2;
	return l->log[at].watched - since_search(l, at, a) >= limit;
}

static bool may_return(const struct life *l, size_t at, enum aspect a)
{
	return !l->policy.strict_ses &&
	       l->log[at].watched - since_status(l, at, a) < l->policy.after_failed_s;
}

/* What a whole look makes of an aspect. */
static enum status looked(const struct life *l, size_t at, enum aspect a)
{
	enum status s = before_of(l, at, a);

	switch (l->log[at].results[a]) {
	case LOOK_NONE:
		return s;
	case LOOK_RIGHT:
		return s != STATUS_FAILED || may_return(l, at, a) ? STATUS_SUCCESS : s;
	case LOOK_WRONG:
		if (s == STATUS_SUCCESS && loss_is_proved(l, at, a))
			return STATUS_TEMPORARY_FAILURE;
		if (s == STATUS_TEMPORARY_FAILURE && grace_is_over(l, at, a))
			return STATUS_FAILED;
		break;
	case LOOK_UNKNOWN:
		break;
	}
	if (s == STATUS_NOT_STARTED)
		return STATUS_PENDING;
	return s == STATUS_PENDING && search_is_over(l, at, a) ? STATUS_FAILED : s;
}

static enum status expected(const struct life *l, size_t at, enum aspect a)
{
	const struct entry *e = &l->log[at];
	enum status s = before_of(l, at, a);

	switch (e->what) {
	case LOOK:
		return looked(l, at, a);
	case RESUBMIT:
		return s == STATUS_FAILED ? STATUS_PENDING : s;
	case WANT:
		return e->aspect == a ? STATUS_PENDING : s;
	case UNWANT:
		return e->aspect == a ? STATUS_NOT_STARTED : s;
	case BEGIN:
		return e->after[a];
	case PEEK:
	case ASK:
	case WATCH:
	case CATCH_UP:
		return s;
	}
	return s;
}

/* Where the clock jumps, a life may be slower to lose anything than the oracle, never
 * faster: then nothing changed, or it was right. */
static bool is_slower(const struct life *l, size_t at, enum aspect a, enum status got)
{
	const struct entry *e = &l->log[at];

	return l->is_wild && e->what == LOOK &&
	       ((got == before_of(l, at, a) && e->results[a] != LOOK_RIGHT) ||
		(got == STATUS_SUCCESS && e->results[a] == LOOK_RIGHT &&
		 before_of(l, at, a) == STATUS_FAILED && !l->policy.strict_ses));
}

static void check_statuses(const struct life *l, size_t at)
{
	for (size_t a = 0; a < ASPECT_COUNT; a++) {
		enum status wanted = expected(l, at, (enum aspect)a);
		enum status got = l->log[at].after[a];
		if (got == wanted || is_slower(l, at, (enum aspect)a, got))
			continue;
		show(l);
		fail_msg("%s came to %s, not %s", aspect_name((enum aspect)a),
			 status_name(got), status_name(wanted));
	}
}

/* --- what else must hold --- */

/* Events are the transitions, each once, in order; and the click itself. */
static void check_events(const struct life *l, size_t at, const struct step_result *r)
{
	size_t changes = 0;

	for (size_t a = 0; a < ASPECT_COUNT; a++) {
		enum status from = before_of(l, at, (enum aspect)a);
		size_t told = 0;
		for (size_t i = 0; i < r->event_count; i++) {
			const struct identity_event *e = &r->events[i];
			if (e->kind != EVENT_STATUS_CHANGED || e->aspect != a)
				continue;
			must(l, e->from == from && e->to == l->log[at].after[a]);
			must(l, e->from != e->to && e->at_s == l->log[at].now);
			told++;
		}
		must(l, told == (from != l->log[at].after[a]));
		changes += told;
	}
	must(l, r->event_count == changes + (l->log[at].what == RESUBMIT));
}

static bool is_dead(const struct life *l, const struct aspect_state *a)
{
	return a->status == STATUS_NOT_STARTED ||
	       (a->status == STATUS_FAILED &&
		(l->policy.strict_ses ||
		 l->now - a->failed_at >= l->policy.after_failed_s));
}

/* The next look is soon enough, not too soon, and there if anything is waited for. */
static void check_next(const struct life *l, enum what what)
{
	const struct identity_state *s = &l->state;
	bool is_over = true;

	for (size_t a = 0; a < ASPECT_COUNT; a++)
		is_over &= is_dead(l, &s->aspects[a]);
	if (what == LOOK)
		must(l, is_over == (s->next_look_at == 0));
	if (what == LOOK && !is_over)
		must(l, s->next_look_at >= l->now + 1);
	must(l, s->next_look_at <= l->now + IDENTITY_LOOK_MAX_S || l->is_wild ||
			what == CATCH_UP);
	must(l, (s->why == LOOK_REASON_NONE) == (s->next_look_at == 0));
	must(l, s->next_look_at == 0 || s->full_look_at >= s->next_look_at);
	if (what == ASK || what == RESUBMIT || what == WANT)
		must(l, s->next_look_at == l->now && s->full_look_at == l->now);
	must(l,
	     identity_may_send(s) == (s->aspects[0].status == STATUS_SUCCESS ||
				      s->aspects[0].status == STATUS_TEMPORARY_FAILURE));
}

static bool is_unknown(const struct entry *e)
{
	bool any = false;

	for (size_t a = 0; a < ASPECT_COUNT; a++) {
		if (e->results[a] == LOOK_RIGHT || e->results[a] == LOOK_WRONG)
			return false;
		any |= e->results[a] == LOOK_UNKNOWN;
	}
	return any;
}

/* The counters, counted anew. */
static void check_counts(const struct life *l)
{
	uint32_t unknowns = 0, looks = 0, failures = 0;

	for (size_t i = 0; i < l->count; i++) {
		const struct entry *e = &l->log[i];
		if (e->what == RESUBMIT)
			looks = 0;
		if (e->what == LOOK) {
			looks++;
			unknowns = is_unknown(e) ? unknowns + 1 : 0;
		}
		for (size_t a = 0; a < ASPECT_COUNT; a++) {
			enum status from = before_of(l, i, (enum aspect)a);
			if (from == STATUS_PENDING && e->after[a] == STATUS_FAILED)
				failures++;
			if (from != STATUS_SUCCESS && e->after[a] == STATUS_SUCCESS)
				failures = 0;
		}
	}
	must(l, l->state.unknowns == unknowns && l->state.looks == looks);
	must(l, l->state.failures == failures);
	for (size_t a = 0; a < ASPECT_COUNT; a++) {
		const struct aspect_state *s = &l->state.aspects[a];
		must(l, (s->lost_at != 0) == (s->status == STATUS_TEMPORARY_FAILURE));
		must(l, (s->failed_at != 0) == (s->status == STATUS_FAILED));
		must(l, (s->misses != 0) == (s->missed_at != 0));
		must(l, s->misses == 0 || s->status == STATUS_SUCCESS ||
				s->status == STATUS_TEMPORARY_FAILURE);
	}
}

/* --- living --- */

static const int64_t jumps[] = { HOUR, -HOUR, DAY, -DAY, 3650LL * DAY, -3650LL * DAY };

static int64_t next_moment(struct life *l)
{
	int64_t planned = l->state.next_look_at;
	uint32_t dice = below(&l->seed, 20);

	if (l->is_wild && dice < 2)
		return l->now + jumps[below(&l->seed, ARRAY_LEN(jumps))];
	if (l->is_wild && dice == 2)
		return below(&l->seed, DAY); /* 1970 */
	if (planned <= l->now || (l->is_wild && planned > l->now + 2 * DAY))
		return l->now + below(&l->seed, 3 * HOUR);
	if (dice < 15)
		return planned;
	if (dice < 17)
		return planned + below(&l->seed, SLACK_S + 1);
	if (dice < 18)
		return planned + below(&l->seed, 3 * DAY);
	return l->now + below(&l->seed, (uint32_t)(planned - l->now) + 1);
}

static int64_t watched_until(const struct life *l, int64_t now)
{
	const struct entry *last = &l->log[l->count - 1];
	int64_t planned = l->state.next_look_at;
	int64_t end = planned > 0 && now > planned + SLACK_S ? planned + SLACK_S : now;

	return last->watched + (end > last->now ? end - last->now : 0);
}

/* Looks come in moods: a record that is missing is missing for a while. */
static enum look_result random_result(uint64_t *seed, uint32_t mood)
{
	static const enum look_result moods[] = { LOOK_RIGHT, LOOK_WRONG, LOOK_UNKNOWN,
						  LOOK_WRONG };

	if (below(seed, 8) > 0)
		return moods[mood % ARRAY_LEN(moods)];
	return (enum look_result)below(seed, 4);
}

static struct look random_look(struct life *l, struct entry *e, uint32_t mood)
{
	struct look look = { .at_s = l->now };

	for (size_t a = 0; a < ASPECT_COUNT; a++) {
		bool is_wanted = l->state.aspects[a].status != STATUS_NOT_STARTED ||
				 one_in(&l->seed, 16);
		e->results[a] =
			is_wanted ? random_result(&l->seed, mood >> (2 * a)) : LOOK_NONE;
		look.results[a] = e->results[a];
		look.wrong_servers[a] = below(&l->seed, 8) > 0 ? 2 + below(&l->seed, 3)
							       : below(&l->seed, 2);
		look.wrong_everywhere[a] = one_in(&l->seed, 8);
		look.wrong_alone[a] = !look.wrong_everywhere[a] && one_in(&l->seed, 4);
		e->weak[a] = look.wrong_servers[a] < l->policy.loss_servers &&
			     !look.wrong_everywhere[a];
		e->counts[a] = !e->weak[a] || look.wrong_alone[a];
	}
	look.has_soa = !one_in(&l->seed, 4);
	look.soa_serial = below(&l->seed, 2);
	look.retry_at_s = one_in(&l->seed, 6) ? l->now + below(&l->seed, HOUR) : 0;
	return look;
}

static struct step_result act(struct life *l, struct entry *e, uint32_t mood)
{
	struct identity_state *s = &l->state;
	uint32_t jitter = below(&l->seed, 1000);
	struct look look = random_look(l, e, mood);
	struct step_result r = { .state = *s };

	switch (e->what) {
	case BEGIN:
	case LOOK:
		return identity_step(s, &look, &l->policy, l->now, jitter);
	case PEEK:
		if (s->glance) {
			r.state.glance = identity_glance_next(
				s->full_look_at, l->now, jitter, &r.state.next_look_at);
			return r;
		}
		return identity_peek(s, &look, &l->policy, l->now, jitter);
	case ASK:
		return identity_ask(s, l->now);
	case WATCH:
		return identity_watch(s, &l->policy, l->now);
	case RESUBMIT:
		return identity_resubmit(s, l->now);
	case WANT:
		return identity_want(s, e->aspect, true, l->now);
	case UNWANT:
		return identity_want(s, e->aspect, false, l->now);
	case CATCH_UP:
		(void)!identity_catch_up(s, &l->policy, l->now, jitter, &r);
		return r;
	}
	return r;
}

static enum what random_what(uint64_t *seed)
{
	static const enum what rare[] = { PEEK, PEEK,   PEEK,     PEEK,
					  ASK,  ASK,    WATCH,    RESUBMIT,
					  WANT, UNWANT, CATCH_UP, CATCH_UP };

	return below(seed, 4) > 0 ? LOOK : rare[below(seed, ARRAY_LEN(rare))];
}

static void live_on(struct life *l, uint32_t mood)
{
	struct entry e = { .what = random_what(&l->seed) };
	int64_t now = next_moment(l);
	if (now < 1)
		now = 1;
	size_t at = l->count;

	e.aspect = (enum aspect)(1 + below(&l->seed, 2));
	e.watched = watched_until(l, now);
	e.now = now;
	l->now = now;
	struct step_result r = act(l, &e, mood);
	for (size_t a = 0; a < ASPECT_COUNT; a++)
		e.after[a] = r.state.aspects[a].status;
	l->state = r.state;
	l->log[l->count++] = e;
	check_statuses(l, at);
	check_events(l, at, &r);
	check_next(l, e.what);
}

/* Limits short enough to be met within a life, and now and then the real ones. */
static struct policy random_policy(uint64_t *seed)
{
	struct policy p = policy_default();

	p.strict_ses = one_in(seed, 3);
	if (one_in(seed, 4))
		return p;
	p.search_s = 1 + below(seed, one_in(seed, 2) ? 300 : 2 * HOUR);
	p.grace_s = below(seed, 2 * HOUR);
	p.loss_looks = 1 + below(seed, 4);
	p.loss_spread_s = below(seed, 30 * MINUTE);
	p.loss_servers = 1 + below(seed, 3);
	p.suspend_s = below(seed, 3 * HOUR);
	p.after_failed_s = below(seed, 2 * DAY);
	return p;
}

static void life_begin(struct life *l, uint64_t seed, bool is_wild)
{
	uint32_t aspects;

	l->seed = seed;
	l->policy = random_policy(&l->seed);
	l->is_wild = is_wild;
	l->now = T0;
	l->state = (struct identity_state){ .created_at = T0,
					    .next_look_at = T0,
					    .full_look_at = T0,
					    .why = LOOK_REASON_NEW };
	aspects = below(&l->seed, 4);
	l->log[0] = (struct entry){ .what = BEGIN, .now = T0 };
	for (size_t a = 0; a < ASPECT_COUNT; a++) {
		if (a > 0 && !(aspects & a))
			continue;
		l->state.aspects[a].status = STATUS_PENDING;
		l->state.aspects[a].started_at = T0;
		l->log[0].after[a] = STATUS_PENDING;
	}
	l->count = 1;
}

/* Every search ends, whatever its looks find, if only they come as planned. */
static void follow_to_the_end(struct life *l)
{
	uint32_t looks = 0;

	while (l->state.aspects[ASPECT_DKIM].status == STATUS_PENDING) {
		struct look look = { 0 };
		look.results[ASPECT_DKIM] =
			one_in(&l->seed, 2) ? LOOK_WRONG : LOOK_UNKNOWN;
		if (l->state.next_look_at > l->now)
			l->now = l->state.next_look_at;
		if (l->now > l->state.next_look_at + 2 * DAY)
			l->now = l->state.next_look_at;
		l->state = identity_step(&l->state, &look, &l->policy, l->now,
					 below(&l->seed, 1000))
				   .state;
		must(l, looks++ < 5000);
	}
}

static void a_million_lives_agree_with_the_oracle(void **state unused_arg)
{
	static struct life l;
	uint64_t seed = 0x9e3779b97f4a7c15;
	size_t reached[STATUS_TEMPORARY_FAILURE + 1] = { 0 };

	for (size_t i = 0; i < LIVES; i++) {
		chance(&seed);
		life_begin(&l, seed, i % 4 == 3);
		size_t length = 8 + below(&l.seed, LOG_MAX - 8);
		uint32_t mood = chance(&l.seed);
		while (l.count < length) {
			if (one_in(&l.seed, 6))
				mood = chance(&l.seed);
			live_on(&l, mood);
			reached[l.log[l.count - 1].after[ASPECT_DKIM]]++;
		}
		check_counts(&l);
		if (i % FOLLOWED == 0)
			follow_to_the_end(&l);
	}
	/* None of it stood for nothing. */
	for (size_t s = STATUS_PENDING; s < ARRAY_LEN(reached); s++)
		assert_true(reached[s] > LIVES / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_million_lives_agree_with_the_oracle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

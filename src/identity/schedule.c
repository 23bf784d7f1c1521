/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The schedule of looks. In its first ten minutes a search looks every 10 to 15 s, so
 * that a record is noticed within 30 s of its appearing; then it thins out:
 *
 *   PENDING            12 s; from minute 10 1 min, 20 4 min, 40 8 min, hour 1 15 min,
 *                      hour 6 on 1 h: never rarer than after 15 s, 30 s, 1, 2, 4 ...
 *   FAILED             3 h, from day 1 6 h, day 3 12 h, day 7 on 24 h; none after 30 days
 *   SUCCESS            5 to 7 h, a glance; 6 to 7 days, the whole. Where glances say
 *                      nothing 18 to 24 h. Missed once: 1, 5, 15, 60 min, then every 15
 *   TEMPORARY_FAILURE  5 min, from hour 1 15 min, hour 6 on 1 h
 *
 * Searches that failed before are looked at half as often, a quarter ... Between whole
 * looks far apart there are peeks, or glances where all is verified and nothing missed.
 * Of a domain for which glances were in vain (it is signed, its records are what we want
 * but not byte for byte) every second whole look, every fourth ... is followed by
 * glances. A changed zone is followed 15 s, 30 s, 1, 2, 4 ... min
 * later, until that is no more often than the above. What could not be asked is asked
 * again ever later, so that an outage is not followed by a storm.
 */
#include "identity/schedule.h"

#include <assert.h>

enum {
	MINUTE = 60,
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR,
	YOUNG_S = 10 * MINUTE,
	GAP_MAX_S = 24 * HOUR,
	STEADY_S = 18 * HOUR,
	STEADY_SPREAD_S = 6 * HOUR,
	GLANCE_S = 5 * HOUR,
	GLANCE_SPREAD_S = 2 * HOUR,
	GLANCED_S = 6 * DAY, /* the whole look of what is glanced at */
	GLANCED_SPREAD_S = 1 * DAY,
	RARER_MAX = 5, /* in vain: each 32nd whole look at least tries them again */
	CONFIRM_LATER_S = 15 * MINUTE,
	CONFIRM_SPREAD_S = 10,
	WATCHED_S = 12,
	WATCHED_RETRY_S = 60,
	LADDER_FIRST_S = 15,
	TTL_LEAST_S = 10,           /* a TTL of nothing must not make us hurry */
	SLOWER_MAX = 4,             /* failures: 16 times as slow at most */
	PEEK_LEAST_S = 15 * MINUTE, /* no peeks between whole looks closer than this */
	PEEKS = 3,                  /* parts that the time between them is cut into */
	RETRY_FIRST_S = 3,          /* but never sooner than an answer would have it */
	RETRY_MAX_S = 1 * HOUR,
	CALM_RETRY_FIRST_S = 6 * HOUR, /* nothing is searched for, nothing is missed */
	CALM_RETRY_MAX_S = 12 * HOUR,
	LATE_S = 10 * MINUTE, /* a look may be so late without anybody wondering */
};

/* While the age is below `until_s`, look every `every_s` (+-20 %). */
struct pace {
	int64_t until_s;
	int64_t every_s;
};

static const struct pace search_pace[] = {
	{ YOUNG_S, 12 }, /* 9 to 14 s with jitter: the promise of 30 s holds */
	{ 20 * MINUTE, 1 * MINUTE },
	{ 40 * MINUTE, 4 * MINUTE },
	{ 1 * HOUR, 8 * MINUTE },
	{ 6 * HOUR, 15 * MINUTE },
	{ INT64_MAX, 1 * HOUR },
};

static const struct pace lost_pace[] = {
	{ 1 * HOUR, 5 * MINUTE },
	{ 6 * HOUR, 15 * MINUTE },
	{ INT64_MAX, 1 * HOUR },
};

static const struct pace failed_pace[] = {
	{ 1 * DAY, 3 * HOUR },
	{ 3 * DAY, 6 * HOUR },
	{ 7 * DAY, 12 * HOUR },
	{ INT64_MAX, 24 * HOUR },
};

/* Seconds after the first miss at which it is looked at again. */
static const int64_t confirm_at[] = { 1 * MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE };

static_assert(GLANCED_S + GLANCED_SPREAD_S <= IDENTITY_FULL_MAX_S, "as promised");

/* When an aspect wants its next whole look; gap_s 0: never. */
struct wish {
	int64_t gap_s;
	enum look_reason why;
};

static int64_t pace_gap(const struct pace *paces, int64_t age_s)
{
	while (age_s >= paces->until_s)
		paces++;
	return paces->every_s;
}

static int64_t slower(int64_t gap_s, uint32_t failures)
{
	gap_s <<= failures < SLOWER_MAX ? failures : SLOWER_MAX;
	return gap_s < GAP_MAX_S ? gap_s : GAP_MAX_S;
}

static struct wish confirm_wish(const struct aspect_state *a, int64_t now_s)
{
	for (size_t i = 0; i < ARRAY_LEN(confirm_at); i++) {
		if (now_s - a->missed_at < confirm_at[i])
			return (struct wish){ a->missed_at + confirm_at[i] - now_s,
					      LOOK_REASON_CONFIRM };
	}
	return (struct wish){ CONFIRM_LATER_S, LOOK_REASON_CONFIRM };
}

static struct wish failed_wish(const struct identity_state *s,
			       const struct aspect_state *a, const struct policy *p,
			       int64_t now_s)
{
	int64_t age = now_s - a->failed_at;

	if (p->strict_ses || age >= p->after_failed_s)
		return (struct wish){ 0 };
	return (struct wish){ slower(pace_gap(failed_pace, age), s->failures),
			      LOOK_REASON_FAILED };
}

static struct wish aspect_wish(const struct identity_state *s,
			       const struct aspect_state *a, const struct policy *p,
			       int64_t now_s)
{
	int64_t age = now_s - a->started_at;

	switch (a->status) {
	case STATUS_NOT_STARTED:
		return (struct wish){ 0 };
	case STATUS_PENDING:
		return (struct wish){ slower(pace_gap(search_pace, age), s->failures),
				      age < YOUNG_S ? LOOK_REASON_YOUNG
						    : LOOK_REASON_SEARCH };
	case STATUS_SUCCESS:
		if (a->misses > 0)
			return confirm_wish(a, now_s);
		return (struct wish){ STEADY_S, LOOK_REASON_STEADY };
	case STATUS_TEMPORARY_FAILURE:
		return (struct wish){ pace_gap(lost_pace, now_s - a->lost_at),
				      LOOK_REASON_LOST };
	case STATUS_FAILED:
		return failed_wish(s, a, p, now_s);
	}
	return (struct wish){ 0 };
}

/* The most urgent wish. */
static struct wish wish_of(const struct identity_state *s, const struct policy *p,
			   int64_t now_s)
{
	struct wish all = { 0 };

	for (size_t i = 0; i < ASPECT_COUNT; i++) {
		struct wish one = aspect_wish(s, &s->aspects[i], p, now_s);
		if (one.gap_s > 0 && (all.gap_s == 0 || one.gap_s < all.gap_s))
			all = one;
	}
	return all;
}

int64_t schedule_gap(const struct identity_state *s, const struct policy *p,
		     int64_t now_s)
{
	return wish_of(s, p, now_s).gap_s;
}

bool schedule_is_searching(const struct identity_state *s, const struct policy *p,
			   int64_t now_s)
{
	for (size_t i = 0; i < ASPECT_COUNT; i++) {
		if (s->aspects[i].status != STATUS_SUCCESS &&
		    aspect_wish(s, &s->aspects[i], p, now_s).gap_s > 0)
			return true;
	}
	return false;
}

/* The last moment before which a look has to be made: the end of a search or a grace. */
static int64_t deadline_of(const struct identity_state *s, const struct policy *p,
			   int64_t now_s)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < ASPECT_COUNT; i++) {
		const struct aspect_state *a = &s->aspects[i];
		int64_t at = 0;
		if (a->status == STATUS_PENDING)
			at = a->started_at + p->search_s;
		if (a->status == STATUS_TEMPORARY_FAILURE)
			at = a->lost_at + p->grace_s;
		if (at > now_s && at < first)
			first = at;
	}
	return first;
}

static int64_t spread(int64_t gap_s, enum look_reason why, uint32_t jitter)
{
	int64_t j = jitter;

	if (why == LOOK_REASON_STEADY)
		return gap_s + STEADY_SPREAD_S * j / 1000;
	/* The moments of confirming are close and few. */
	if (why == LOOK_REASON_CONFIRM)
		return gap_s + j * CONFIRM_SPREAD_S / 1000;
	if (why == LOOK_REASON_RETRY)
		return gap_s / 2 + gap_s * j / 1000;
	return gap_s * (800 + j * 400 / 1000) / 1000;
}

/* Ever later: an outage that hits all at once leaves them spread. */
static struct wish retry_wish(const struct identity_state *s, struct wish wish,
			      bool is_watched)
{
	bool is_calm = wish.why == LOOK_REASON_STEADY || wish.why == LOOK_REASON_FAILED;
	int64_t most = is_calm ? CALM_RETRY_MAX_S : RETRY_MAX_S;
	int64_t gap = is_calm ? CALM_RETRY_FIRST_S : RETRY_FIRST_S;

	for (uint32_t i = 1; i < s->unknowns && gap < most; i++)
		gap *= 2;
	if (!is_calm && gap < wish.gap_s)
		gap = wish.gap_s;
	if (gap > most)
		gap = most;
	if (is_watched && gap > WATCHED_RETRY_S)
		gap = WATCHED_RETRY_S;
	return (struct wish){ gap, LOOK_REASON_RETRY };
}

/* What brings a look forward: an open page, a change in the zone. */
static struct wish hurried(struct wish wish, const struct schedule *when, bool is_watched)
{
	int64_t step = when->ladder_s * 2;

	if (is_watched && wish.gap_s > WATCHED_S)
		return (struct wish){ WATCHED_S, LOOK_REASON_WATCHED };
	/* A zone that changes all the time must not be looked at all the time: no new
	 * ladder before the old one has come to its end. */
	if (when->is_changed && (step == 0 || step / 2 >= wish.gap_s))
		step = LADDER_FIRST_S;
	if (step > 0 && step < wish.gap_s)
		return (struct wish){ step, LOOK_REASON_CHANGED };
	return wish;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Peeks need a zone to peek at, and are of use between looks far apart only. */
static int64_t peek_gap(const struct identity_state *s, struct wish wish)
{
	bool is_slow = wish.why == LOOK_REASON_STEADY || wish.why == LOOK_REASON_SEARCH ||
		       wish.why == LOOK_REASON_FAILED || wish.why == LOOK_REASON_LOST;

	if (!is_slow || !s->has_soa || wish.gap_s < PEEK_LEAST_S)
		return 0;
	return wish.gap_s / PEEKS;
}

/* All that is expected is verified, and no look since has missed it. */
static bool is_sound(const struct identity_state *s)
{
	for (size_t i = 0; i < ASPECT_COUNT; i++) {
		const struct aspect_state *a = &s->aspects[i];
		if (a->misses > 0 ||
		    (a->status != STATUS_SUCCESS && a->status != STATUS_NOT_STARTED))
			return false;
	}
	return s->aspects[ASPECT_DKIM].status == STATUS_SUCCESS;
}

static bool wants_glances(const struct identity_state *s, struct wish wish,
			  const struct schedule *when)
{
	uint32_t rarer = s->unclear < RARER_MAX ? s->unclear : RARER_MAX;

	return when->policy->glances && wish.why == LOOK_REASON_STEADY && is_sound(s) &&
	       s->looks % (1U << rarer) == 0;
}

static void schedule_none(struct identity_state *s)
{
	s->next_look_at = 0;
	s->full_look_at = 0;
	s->glance = false;
	s->why = LOOK_REASON_NONE;
}

/* The next one is a glance or a peek, if there is time for one. */
static void set_next(struct identity_state *s, struct wish wish,
		     const struct schedule *when)
{
	int64_t peek = peek_gap(s, wish);

	s->next_look_at = s->full_look_at;
	s->why = wish.why;
	s->glance = false;
	if (wants_glances(s, wish, when)) {
		s->glance = identity_glance_next(s->full_look_at, when->now_s,
						 when->jitter, &s->next_look_at);
	} else if (peek > 0) {
		s->next_look_at = earlier(
			s->full_look_at,
			when->now_s + spread(peek, LOOK_REASON_SEARCH, when->jitter));
	}
}

/* To the next whole look. */
static int64_t full_gap(const struct identity_state *s, struct wish wish,
			const struct schedule *when)
{
	if (wants_glances(s, wish, when))
		return GLANCED_S + GLANCED_SPREAD_S * (int64_t)when->jitter / 1000;
	return earlier(spread(wish.gap_s, wish.why, when->jitter), GAP_MAX_S);
}

void schedule_after_look(struct identity_state *s, const struct schedule *when)
{
	struct wish wish = wish_of(s, when->policy, when->now_s);
	bool is_searching = schedule_is_searching(s, when->policy, when->now_s);
	bool is_watched = is_searching && s->watched_until > when->now_s;

	if (wish.gap_s == 0) {
		schedule_none(s);
		return;
	}
	if (when->is_unknown)
		wish = retry_wish(s, wish, is_watched);
	else if (is_searching)
		wish = hurried(wish, when, is_watched);
	s->full_look_at = earlier(when->now_s + full_gap(s, wish, when),
				  deadline_of(s, when->policy, when->now_s));
	if (when->retry_at_s >= when->now_s + TTL_LEAST_S &&
	    when->retry_at_s < s->full_look_at) {
		s->full_look_at = when->retry_at_s;
		wish.why = LOOK_REASON_TTL;
	}
	set_next(s, wish, when);
}

void schedule_after_peek(struct identity_state *s, const struct schedule *when)
{
	struct wish wish = wish_of(s, when->policy, when->now_s);

	if (wish.gap_s == 0) {
		schedule_none(s);
		return;
	}
	/* Meanwhile the whole look has come due. */
	if (s->full_look_at < when->now_s)
		s->full_look_at = when->now_s;
	set_next(s, wish, when);
}

bool identity_glance_next(int64_t full_look_at, int64_t now_s, uint32_t jitter,
			  int64_t *at_out)
{
	int64_t at = now_s + GLANCE_S + GLANCE_SPREAD_S * (int64_t)jitter / 1000;
	/* Planned by a clock that was wrong. */
	bool is_too_far = full_look_at > now_s + IDENTITY_FULL_MAX_S;

	*at_out = is_too_far ? now_s : earlier(full_look_at, at);
	return !is_too_far && at < full_look_at;
}

/* --- time that nobody saw --- */

static void move_moment(int64_t *at, int64_t by_s, int64_t now_s)
{
	if (*at == 0)
		return;
	*at += by_s;
	if (*at > now_s)
		*at = now_s;
	if (*at < 1)
		*at = 1;
}

static void move_all(struct identity_state *s, int64_t by_s, int64_t now_s)
{
	for (size_t i = 0; i < ASPECT_COUNT; i++) {
		move_moment(&s->aspects[i].started_at, by_s, now_s);
		move_moment(&s->aspects[i].lost_at, by_s, now_s);
		move_moment(&s->aspects[i].missed_at, by_s, now_s);
		move_moment(&s->aspects[i].failed_at, by_s, now_s);
	}
}

void schedule_mend(struct identity_state *s, int64_t now_s)
{
	int64_t late = s->next_look_at > 0 ? now_s - s->next_look_at - LATE_S : 0;
	int64_t back = s->last_looked_at - now_s;

	if (back > 0) {
		move_all(s, -back, now_s);
		s->last_looked_at = now_s;
	} else if (late > 0) {
		move_all(s, late, now_s);
		s->next_look_at = now_s;
		if (s->full_look_at < now_s)
			s->full_look_at = now_s;
	} else {
		move_all(s, 0, now_s);
	}
	if (s->watched_until > now_s + IDENTITY_WATCHED_S)
		s->watched_until = 0;
}

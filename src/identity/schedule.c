/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The schedule of looks. A young search looks every 10 to 15 s, so that a record is
 * noticed within
 * 30 s of its appearing; then it thins out to an hour. What is verified is looked at
 * every 6 to
 * 24 h, and when it is missed once, again after 1, 5, 15 and 60 minutes.
 */
#include "identity/schedule.h"

enum {
	MINUTE = 60,
	HOUR = 60 * MINUTE,
	SUCCESS_LEAST_S = 6 * HOUR,
	SUCCESS_SPREAD_S = 18 * HOUR,
	SUCCESS_UNKNOWN_S = 1 * HOUR,
	CONFIRM_LATER_S = 15 * MINUTE,
};

/* While the age is below `until_s`, look every `every_s` (+-20 %). */
struct pace {
	int64_t until_s;
	int64_t every_s;
};

static const struct pace search_pace[] = {
	{ 10 * MINUTE, 12 }, /* 9 to 14 s with jitter: the promise of 30 s holds */
	{ 20 * MINUTE, 1 * MINUTE }, { 40 * MINUTE, 4 * MINUTE },
	{ 1 * HOUR, 8 * MINUTE },    { 6 * HOUR, 15 * MINUTE },
	{ INT64_MAX, 1 * HOUR },
};

static const struct pace lost_pace[] = {
	{ 1 * HOUR, 5 * MINUTE },
	{ 6 * HOUR, 15 * MINUTE },
	{ INT64_MAX, 1 * HOUR },
};

/* Seconds after the first miss at which it is looked at again. */
static const int64_t confirm_at[] = { 1 * MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE };

static int64_t pace_interval(const struct pace *paces, int64_t age_s, uint32_t jitter)
{
	while (age_s >= paces->until_s)
		paces++;
	return paces->every_s * (800 + (int64_t)jitter * 400 / 1000) / 1000;
}

/* Never later than the moment at which time alone changes the status. */
static int64_t no_later(int64_t next, int64_t deadline, int64_t now_s)
{
	return deadline > now_s && deadline < next ? deadline : next;
}

static int64_t confirm_next(const struct aspect_state *a, int64_t now_s, uint32_t jitter)
{
	int64_t age = now_s - a->missed_at;
	for (size_t i = 0; i < ARRAY_LEN(confirm_at); i++) {
		if (age < confirm_at[i])
			return a->missed_at + confirm_at[i] + (int64_t)jitter * 10 / 1000;
	}
	return now_s + CONFIRM_LATER_S * (800 + (int64_t)jitter * 400 / 1000) / 1000;
}

static int64_t success_next(const struct aspect_state *a, int64_t now_s, uint32_t jitter,
			    bool unknown)
{
	if (a->misses > 0)
		return confirm_next(a, now_s, jitter);
	if (unknown)
		return now_s +
		       SUCCESS_UNKNOWN_S * (800 + (int64_t)jitter * 400 / 1000) / 1000;
	return now_s + SUCCESS_LEAST_S + SUCCESS_SPREAD_S * (int64_t)jitter / 1000;
}

static int64_t aspect_next(const struct aspect_state *a, const struct policy *p,
			   int64_t now_s, uint32_t jitter, bool unknown)
{
	int64_t next;
	switch (a->status) {
	case STATUS_NOT_STARTED:
	case STATUS_FAILED:
		return 0;
	case STATUS_PENDING:
		next = now_s + pace_interval(search_pace, now_s - a->started_at, jitter);
		return no_later(next, a->started_at + p->search_s, now_s);
	case STATUS_SUCCESS:
		return success_next(a, now_s, jitter, unknown);
	case STATUS_TEMPORARY_FAILURE:
		next = now_s + pace_interval(lost_pace, now_s - a->lost_at, jitter);
		return no_later(next, a->lost_at + p->grace_s, now_s);
	}
	return 0;
}

int64_t schedule_next(const struct identity_state *s, const struct policy *p,
		      int64_t now_s, uint32_t jitter, bool unknown)
{
	int64_t next = 0;
	for (size_t i = 0; i < ASPECT_COUNT; i++) {
		int64_t at = aspect_next(&s->aspects[i], p, now_s, jitter, unknown);
		if (at > 0 && (next == 0 || at < next))
			next = at;
	}
	return next;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every status with everything that can happen to it, at every age that matters: the rows
 * are all the moves there are, and each of them is made. */
#include "chance.h"

#define NS STATUS_NOT_STARTED
#define PE STATUS_PENDING
#define SU STATUS_SUCCESS
#define FA STATUS_FAILED
#define TF STATUS_TEMPORARY_FAILURE

enum happening {
	LOOK_AT_NOTHING,
	SEEN_RIGHT,
	SEEN_WRONG,            /* at two servers of more */
	SEEN_WRONG_AT_ONE,     /* of more */
	SEEN_WRONG_EVERYWHERE, /* at the only one there is */
	SEEN_WRONG_ALONE,      /* at the only one that answers */
	NOT_SEEN,
	PEEKED_SAME,
	PEEKED_CHANGED,
	PEEKED_NOTHING,
	ASKED,
	WATCHED,
	RESUBMITTED,
	WANTED,
	UNWANTED,
	PUT_OFF,
	SES_SILENT,
	SES_NOT_STARTED, /* and on, in the order of enum status */
	SES_PENDING,
	SES_SUCCESS,
	SES_FAILED,
	SES_TEMPORARY_FAILURE,
	HAPPENINGS,
};

static const int64_t ages[] = {
	0,           HOUR - 1, HOUR,        DAY - 1, DAY,          3 * DAY - 1, 3 * DAY,
	4 * DAY - 1, 4 * DAY,  6 * DAY - 1, 6 * DAY, 30 * DAY - 1, 30 * DAY,
};

/* What is the case before. */
struct before {
	enum status status;
	int64_t age_s; /* of the status; of the first miss, where there is one */
	uint32_t misses;
	bool is_strict;
	enum aspect aspect;
};

/* From that status by that happening, if all of it holds: to. */
struct move {
	enum status from;
	enum happening by;
	enum status to;
	int64_t age_s;     /* at least */
	int64_t younger_s; /* 0: at any age */
	uint32_t misses;   /* before, at least */
	bool not_if_strict;
	bool only_if_strict;
};

static const struct move moves[] = {
	{ .from = NS, .by = SEEN_RIGHT, .to = SU },
	{ .from = NS, .by = SEEN_WRONG, .to = PE },
	{ .from = NS, .by = SEEN_WRONG_AT_ONE, .to = PE },
	{ .from = NS, .by = SEEN_WRONG_EVERYWHERE, .to = PE },
	{ .from = NS, .by = SEEN_WRONG_ALONE, .to = PE },
	{ .from = NS, .by = NOT_SEEN, .to = PE },
	{ .from = PE, .by = SEEN_RIGHT, .to = SU },
	{ .from = PE, .by = SEEN_WRONG, .to = FA, .age_s = 3 * DAY },
	{ .from = PE, .by = SEEN_WRONG_AT_ONE, .to = FA, .age_s = 3 * DAY },
	{ .from = PE, .by = SEEN_WRONG_EVERYWHERE, .to = FA, .age_s = 3 * DAY },
	{ .from = PE, .by = SEEN_WRONG_ALONE, .to = FA, .age_s = 3 * DAY },
	{ .from = PE,
	  .by = NOT_SEEN,
	  .to = FA,
	  .age_s = 3 * DAY,
	  .only_if_strict = true },
	{ .from = PE, .by = NOT_SEEN, .to = FA, .age_s = 6 * DAY, .not_if_strict = true },
	{ .from = SU, .by = SEEN_WRONG, .to = TF, .age_s = HOUR, .misses = 2 },
	{ .from = SU, .by = SEEN_WRONG_EVERYWHERE, .to = TF, .age_s = HOUR, .misses = 2 },
	{ .from = SU, .by = SEEN_WRONG_ALONE, .to = TF, .age_s = DAY, .misses = 2 },
	{ .from = TF, .by = SEEN_RIGHT, .to = SU },
	{ .from = TF, .by = SEEN_WRONG, .to = FA, .age_s = 3 * DAY },
	{ .from = TF, .by = SEEN_WRONG_EVERYWHERE, .to = FA, .age_s = 3 * DAY },
	{ .from = TF, .by = SEEN_WRONG_ALONE, .to = FA, .age_s = 4 * DAY },
	{ .from = FA,
	  .by = SEEN_RIGHT,
	  .to = SU,
	  .younger_s = 30 * DAY,
	  .not_if_strict = true },
	{ .from = FA, .by = RESUBMITTED, .to = PE },
	{ .from = NS, .by = WANTED, .to = PE },
	{ .from = SU, .by = WANTED, .to = PE },
	{ .from = FA, .by = WANTED, .to = PE },
	{ .from = TF, .by = WANTED, .to = PE },
	{ .from = PE, .by = UNWANTED, .to = NS },
	{ .from = SU, .by = UNWANTED, .to = NS },
	{ .from = FA, .by = UNWANTED, .to = NS },
	{ .from = TF, .by = UNWANTED, .to = NS },
};

static bool move_fits(const struct move *m, const struct before *b, enum happening by)
{
	return m->from == b->status && m->by == by && b->age_s >= m->age_s &&
	       (m->younger_s == 0 || b->age_s < m->younger_s) && b->misses >= m->misses &&
	       !(m->not_if_strict && b->is_strict) &&
	       (!m->only_if_strict || b->is_strict);
}

static enum status expected(const struct before *b, enum happening by, size_t *used)
{
	if (by >= SES_NOT_STARTED)
		return (enum status)(by - SES_NOT_STARTED);
	for (size_t i = 0; i < ARRAY_LEN(moves); i++) {
		if (!move_fits(&moves[i], b, by))
			continue;
		used[i]++;
		return moves[i].to;
	}
	return b->status;
}

/* Looked at an hour ago, and due now. */
static struct identity_state state_of(const struct before *b)
{
	int64_t at = T0 - b->age_s;
	struct identity_state s = {
		.created_at = at,
		.last_looked_at = T0 - HOUR,
		.next_look_at = T0,
		.full_look_at = T0,
		.why = LOOK_REASON_STEADY,
		.has_soa = true,
		.soa_serial = 7,
	};

	s.aspects[b->aspect] = (struct aspect_state){
		.status = b->status,
		.started_at = b->status == NS ? 0 : at,
		.lost_at = b->status == TF ? at : 0,
		.failed_at = b->status == FA ? at : 0,
		.missed_at = b->misses > 0 ? at : 0,
		.misses = b->misses,
	};
	return s;
}

static struct look look_of(enum aspect aspect, enum happening by)
{
	struct look look = { .at_s = T0, .has_soa = true, .soa_serial = 7 };

	if (by == SEEN_RIGHT)
		look.results[aspect] = LOOK_RIGHT;
	else if (by == NOT_SEEN)
		look.results[aspect] = LOOK_UNKNOWN;
	else if (by != LOOK_AT_NOTHING)
		look.results[aspect] = LOOK_WRONG;
	look.wrong_servers[aspect] = by == SEEN_WRONG ? 2 : 1;
	look.wrong_everywhere[aspect] = by == SEEN_WRONG_EVERYWHERE;
	look.wrong_alone[aspect] = by == SEEN_WRONG_ALONE;
	look.has_soa = by != PEEKED_NOTHING;
	look.soa_serial += by == PEEKED_CHANGED;
	return look;
}

static struct step_result happen(const struct identity_state *s, const struct before *b,
				 enum happening by)
{
	struct policy p = policy_default();
	struct look look = look_of(b->aspect, by);
	struct step_result r = { .state = *s };

	p.strict_ses = b->is_strict;
	switch (by) {
	case LOOK_AT_NOTHING:
	case SEEN_RIGHT:
	case SEEN_WRONG:
	case SEEN_WRONG_AT_ONE:
	case SEEN_WRONG_EVERYWHERE:
	case SEEN_WRONG_ALONE:
	case NOT_SEEN:
		return identity_step(s, &look, &p, T0, 500);
	case PEEKED_SAME:
	case PEEKED_CHANGED:
	case PEEKED_NOTHING:
		return identity_peek(s, &look, &p, T0, 500);
	case ASKED:
		return identity_ask(s, T0);
	case WATCHED:
		return identity_watch(s, &p, T0);
	case RESUBMITTED:
		return identity_resubmit(s, T0);
	case WANTED:
	case UNWANTED:
		return identity_want(s, b->aspect, by == WANTED, T0);
	case PUT_OFF:
		/* Half a day late. */
		(void)!identity_catch_up(s, &p, T0 + DAY / 2, 500, &r);
		return r;
	case SES_SILENT:
		return identity_tick(s, T0, 500);
	case SES_NOT_STARTED:
	case SES_PENDING:
	case SES_SUCCESS:
	case SES_FAILED:
	case SES_TEMPORARY_FAILURE:
	case HAPPENINGS:
		return identity_adopt(s, &look, (enum status)(by - SES_NOT_STARTED), T0,
				      500);
	}
	return r;
}

static void check(const struct before *b, enum happening by, enum status wanted)
{
	const struct identity_state s = state_of(b);
	struct step_result r = happen(&s, b, by);
	const struct aspect_state *a = &r.state.aspects[b->aspect];
	size_t events = (b->status != wanted) + (by == RESUBMITTED);

	if (a->status != wanted || r.event_count != events)
		fail_msg("%s %s, happening %d, age %lld, %u misses, strict %d: %s with "
			 "%zu events",
			 aspect_name(b->aspect), status_name(b->status), by,
			 (long long)b->age_s, b->misses, b->is_strict,
			 status_name(a->status), r.event_count);
	for (size_t i = 0; i < ASPECT_COUNT; i++)
		assert_true(i == b->aspect || r.state.aspects[i].status == NS);
	assert_int_equal(a->lost_at != 0, wanted == TF);
	assert_int_equal(a->failed_at != 0, wanted == FA);
	if (wanted != b->status && wanted == PE)
		assert_int_equal(a->started_at, T0);
}

static bool may_be(const struct before *b, enum happening by)
{
	/* SES speaks of DKIM only; what is missed is verified, or has been lost. */
	if (by >= SES_NOT_STARTED && b->aspect != ASPECT_DKIM)
		return false;
	if (b->status == TF)
		return b->misses > 0;
	return b->misses == 0 || b->status == SU;
}

static void each_status_moves_as_the_rows_say_and_no_other_way(void **state unused_arg)
{
	static const uint32_t misses[] = { 0, 1, 2, 3 };
	size_t used[ARRAY_LEN(moves)] = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < 5 * ARRAY_LEN(ages) * ARRAY_LEN(misses) * 2 * 3; i++) {
		const struct before b = {
			.status = (enum status)(i % 5),
			.age_s = ages[i / 5 % ARRAY_LEN(ages)],
			.misses = misses[i / 5 / ARRAY_LEN(ages) % ARRAY_LEN(misses)],
			.is_strict = i / 5 / ARRAY_LEN(ages) / ARRAY_LEN(misses) % 2,
			.aspect = (enum aspect)(i / 5 / ARRAY_LEN(ages) /
						ARRAY_LEN(misses) / 2),
		};
		for (int by = 0; by < HAPPENINGS; by++) {
			if (!may_be(&b, (enum happening)by))
				continue;
			check(&b, (enum happening)by,
			      expected(&b, (enum happening)by, used));
			count++;
		}
	}
	/* No row is only for show. */
	for (size_t i = 0; i < ARRAY_LEN(moves); i++)
		assert_true(used[i] > 0);
	assert_true(count > 10000);
}

/* Mail never stops within a day of the first miss, whatever grace is configured. */
static void no_grace_stops_mail_within_24_hours(void **state unused_arg)
{
	struct policy p = policy_default();
	struct look wrong = look_of(ASPECT_DKIM, SEEN_WRONG);
	struct identity_state s = state_of(&(struct before){ .status = SU });
	int64_t now = T0;

	p.grace_s = 0;
	p.loss_spread_s = 60;
	while (identity_may_send(&s) && now < T0 + 9 * DAY) {
		s = identity_step(&s, &wrong, &p, now, 500).state;
		if (identity_may_send(&s))
			now = s.next_look_at;
	}
	assert_false(identity_may_send(&s));
	assert_true(now - T0 >= DAY);
	assert_true(now - T0 <= DAY + HOUR);
}

/* A grace that is over takes nothing by itself. */
static void time_alone_takes_nothing(void **state unused_arg)
{
	static const enum happening silent[] = {
		NOT_SEEN, SEEN_WRONG_AT_ONE, ASKED,          PEEKED_SAME, PEEKED_CHANGED,
		WATCHED,  SES_SILENT,        PEEKED_NOTHING, PUT_OFF
	};
	for (size_t i = 0; i < ARRAY_LEN(silent); i++) {
		struct before b = { .status = TF, .age_s = 300 * DAY, .misses = 3 };
		struct identity_state s = state_of(&b);
		struct step_result r = happen(&s, &b, silent[i]);
		assert_int_equal(r.state.aspects[ASPECT_DKIM].status, TF);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_status_moves_as_the_rows_say_and_no_other_way),
		cmocka_unit_test(no_grace_stops_mail_within_24_hours),
		cmocka_unit_test(time_alone_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

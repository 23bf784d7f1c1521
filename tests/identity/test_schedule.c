/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When the next look is, and why: the ladder, changes, open pages, peeks, being late. */
#include "chance.h"

static struct identity_state state_of(enum status status, int64_t age_s)
{
	struct identity_state s = {
		.created_at = T0 - age_s,
		.last_looked_at = T0 - MINUTE,
		.next_look_at = T0,
		.full_look_at = T0,
		.has_soa = true,
		.soa_serial = 7,
		.name_servers = STR("ns1.host.example ns2.host.example"),
	};
	struct aspect_state *a = &s.aspects[ASPECT_DKIM];

	a->status = status;
	a->started_at = T0 - age_s;
	a->lost_at = status == STATUS_TEMPORARY_FAILURE ? T0 - age_s : 0;
	a->failed_at = status == STATUS_FAILED ? T0 - age_s : 0;
	return s;
}

static struct look look_of(enum look_result result)
{
	struct look look = { .at_s = T0, .has_soa = true, .soa_serial = 7 };

	look.results[ASPECT_DKIM] = result;
	look.wrong_servers[ASPECT_DKIM] = 2;
	return look;
}

static struct identity_state step(const struct identity_state *s, const struct look *look,
				  int64_t now)
{
	const struct policy p = policy_default();

	return identity_step(s, look, &p, now, 500).state;
}

static void each_age_has_its_pace_and_says_why(void **state unused_arg)
{
	static const struct {
		enum status status;
		int64_t age_s;
		uint32_t failures;
		int64_t full_s; /* with jitter in the middle */
		enum look_reason why;
	} cases[] = {
		{ STATUS_PENDING, 0, 0, 12, LOOK_REASON_YOUNG },
		{ STATUS_PENDING, 9 * MINUTE, 0, 12, LOOK_REASON_YOUNG },
		{ STATUS_PENDING, 9 * MINUTE, 1, 24, LOOK_REASON_YOUNG },
		{ STATUS_PENDING, 9 * MINUTE, 4, 192, LOOK_REASON_YOUNG },
		{ STATUS_PENDING, 9 * MINUTE, 99, 192, LOOK_REASON_YOUNG },
		{ STATUS_PENDING, 11 * MINUTE, 0, MINUTE, LOOK_REASON_SEARCH },
		{ STATUS_PENDING, 30 * MINUTE, 0, 4 * MINUTE, LOOK_REASON_SEARCH },
		{ STATUS_PENDING, 50 * MINUTE, 0, 8 * MINUTE, LOOK_REASON_SEARCH },
		{ STATUS_PENDING, 5 * HOUR, 0, 15 * MINUTE, LOOK_REASON_SEARCH },
		{ STATUS_PENDING, 7 * HOUR, 0, HOUR, LOOK_REASON_SEARCH },
		{ STATUS_PENDING, 7 * HOUR, 2, 4 * HOUR, LOOK_REASON_SEARCH },
		{ STATUS_TEMPORARY_FAILURE, 0, 0, 5 * MINUTE, LOOK_REASON_LOST },
		{ STATUS_TEMPORARY_FAILURE, 2 * HOUR, 0, 15 * MINUTE, LOOK_REASON_LOST },
		{ STATUS_TEMPORARY_FAILURE, 9 * HOUR, 9, HOUR, LOOK_REASON_LOST },
		{ STATUS_FAILED, HOUR, 1, 6 * HOUR, LOOK_REASON_FAILED },
		{ STATUS_FAILED, 2 * DAY, 0, 6 * HOUR, LOOK_REASON_FAILED },
		{ STATUS_FAILED, 5 * DAY, 0, 12 * HOUR, LOOK_REASON_FAILED },
		{ STATUS_FAILED, 20 * DAY, 0, DAY, LOOK_REASON_FAILED },
		{ STATUS_FAILED, 20 * DAY, 9, DAY, LOOK_REASON_FAILED },
		{ STATUS_FAILED, 30 * DAY, 0, -1, LOOK_REASON_NONE },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct identity_state s = state_of(cases[i].status, cases[i].age_s);
		struct look wrong = look_of(LOOK_WRONG);
		s.failures = cases[i].failures;
		s = step(&s, &wrong, T0);
		if (s.why != cases[i].why ||
		    (s.full_look_at ? s.full_look_at - T0 : -1) != cases[i].full_s)
			fail_msg("%s of %lld s, failed %u times: after %lld s, %s",
				 status_name(cases[i].status), (long long)cases[i].age_s,
				 cases[i].failures, (long long)(s.full_look_at - T0),
				 look_reason_name(s.why));
	}
}

/* ses.md section 3.3: 15 s, 30 s, 1, 2, 4, 8, 15 min, then every 15. */
static void a_first_search_is_never_slower_than_the_ladder(void **state unused_arg)
{
	static const int64_t ladder[] = { 15, 30, 60, 120, 240, 480, 900 };
	struct identity_state s = state_of(STATUS_PENDING, 0);
	const struct policy p = policy_default();
	struct look wrong = look_of(LOOK_WRONG);
	int64_t rung = T0, now = T0;

	for (size_t i = 0; rung < T0 + 6 * HOUR; i++) {
		int64_t gap = ladder[i < ARRAY_LEN(ladder) ? i : ARRAY_LEN(ladder) - 1];
		rung += gap;
		while (now < rung) {
			s = identity_step(&s, &wrong, &p, now, 500).state;
			assert_true(s.full_look_at - now <= gap);
			now = s.full_look_at;
		}
	}
}

static void strict_as_ses_nothing_follows_a_failure(void **state unused_arg)
{
	struct identity_state s = state_of(STATUS_FAILED, HOUR);
	struct policy p = policy_default();
	struct look right = look_of(LOOK_RIGHT);

	p.strict_ses = true;
	struct step_result r = identity_step(&s, &right, &p, T0, 500);
	assert_int_equal(r.state.next_look_at, 0);
	assert_int_equal(r.state.aspects[ASPECT_DKIM].status, STATUS_FAILED);
	/* An open page does not change that. */
	r = identity_watch(&r.state, &p, T0);
	assert_int_equal(r.state.next_look_at, 0);
	/* Resubmitting does. */
	r = identity_resubmit(&r.state, T0);
	assert_int_equal(r.state.next_look_at, T0);
	assert_int_equal(r.state.why, LOOK_REASON_RESUBMITTED);
}

/* --- changes of the zone --- */

static void a_change_makes_a_search_young_again_by_the_ladder(void **state unused_arg)
{
	static const int64_t steps[] = { 15, 30, 60, 120, 240, 480, 960, 1920, 3600 };
	struct identity_state s = state_of(STATUS_PENDING, 9 * HOUR);
	struct look wrong = look_of(LOOK_WRONG);
	int64_t now = T0;

	wrong.soa_serial = 8;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		s = step(&s, &wrong, now);
		assert_int_equal(s.full_look_at - now, steps[i]);
		assert_int_equal(s.why, i + 1 < ARRAY_LEN(steps) ? LOOK_REASON_CHANGED
								 : LOOK_REASON_SEARCH);
		now = s.full_look_at;
	}
}

static void a_zone_that_changes_always_is_not_looked_at_always(void **state unused_arg)
{
	struct identity_state s = state_of(STATUS_PENDING, 9 * HOUR);
	struct look wrong = look_of(LOOK_WRONG);
	int64_t now = T0;
	size_t looks = 0;

	while (now < T0 + DAY) {
		wrong.soa_serial++;
		s = step(&s, &wrong, now);
		now = s.full_look_at;
		looks++;
	}
	/* 24 without changes. */
	assert_in_range(looks, 24, 24 * 6);
}

static void what_is_verified_is_in_no_hurry_for_a_change(void **state unused_arg)
{
	struct identity_state s = state_of(STATUS_SUCCESS, DAY);
	struct look right = look_of(LOOK_RIGHT);

	right.soa_serial = 8;
	s = step(&s, &right, T0);
	assert_int_equal(s.why, LOOK_REASON_STEADY);
	assert_int_equal(s.soa_serial, 8);
}

static void name_servers_that_change_are_remembered(void **state unused_arg)
{
	struct identity_state s = state_of(STATUS_PENDING, 9 * HOUR);
	struct look wrong = look_of(LOOK_WRONG);

	/* Not seen is not changed. */
	assert_false(identity_is_changed(&s, &wrong));
	s = step(&s, &wrong, T0);
	assert_true(str_is(s.name_servers, "ns1.host.example ns2.host.example"));
	wrong.name_servers = STR("ns1.other.example");
	assert_true(identity_is_changed(&s, &wrong));
	s = step(&s, &wrong, T0 + HOUR);
	assert_int_equal(s.why, LOOK_REASON_CHANGED);
	assert_true(str_is(s.name_servers, "ns1.other.example"));
	assert_true(str_is(s.previous_name_servers, "ns1.host.example ns2.host.example"));
	s = step(&s, &wrong, T0 + HOUR + 15);
	assert_true(str_is(s.previous_name_servers, "ns1.host.example ns2.host.example"));
}

/* --- peeks --- */

static void between_whole_looks_far_apart_there_are_peeks(void **state unused_arg)
{
	const struct policy p = policy_default();
	struct identity_state s = state_of(STATUS_SUCCESS, DAY);
	struct look right = look_of(LOOK_RIGHT);
	size_t peeks = 0;

	s.unclear = 1; /* glances say nothing of it */
	s = step(&s, &right, T0);
	assert_false(s.glance);
	int64_t full = s.full_look_at;
	assert_in_range(full - T0, 18 * HOUR, DAY);
	for (int64_t now = s.next_look_at; identity_wants_peek(&s, now);
	     now = s.next_look_at) {
		struct identity_state before = s;
		s = identity_peek(&s, &right, &p, now, 500).state;
		assert_int_equal(s.full_look_at, full);
		assert_int_equal(s.looks, before.looks);
		assert_int_equal(s.last_looked_at, before.last_looked_at);
		peeks++;
	}
	assert_int_equal(s.next_look_at, full);
	assert_in_range(peeks, 2, 4);
	/* Never in the young days of a search, nor where no zone was seen. */
	s = state_of(STATUS_PENDING, 0);
	struct look wrong = look_of(LOOK_WRONG);
	s = step(&s, &wrong, T0);
	assert_false(identity_wants_peek(&s, s.next_look_at));
	s = state_of(STATUS_SUCCESS, DAY);
	s.has_soa = false;
	s.unclear = 1;
	right.has_soa = false;
	s = step(&s, &right, T0);
	assert_int_equal(s.next_look_at, s.full_look_at);
}

static void a_peek_that_sees_a_change_calls_for_a_whole_look(void **state unused_arg)
{
	const struct policy p = policy_default();
	struct identity_state s = state_of(STATUS_FAILED, 5 * DAY);
	struct look wrong = look_of(LOOK_WRONG);
	struct look seen = look_of(LOOK_NONE);

	s = step(&s, &wrong, T0);
	int64_t now = s.next_look_at;
	seen.soa_serial = 9;
	struct step_result r = identity_peek(&s, &seen, &p, now, 500);
	assert_int_equal(r.state.next_look_at, now);
	assert_int_equal(r.state.full_look_at, now);
	/* And that one begins the ladder. */
	wrong.soa_serial = 9;
	s = step(&r.state, &wrong, now);
	assert_int_equal(s.full_look_at, now + 15);
	/* One that sees nothing leaves it to the whole look. */
	s = state_of(STATUS_FAILED, 5 * DAY);
	wrong.soa_serial = 7;
	s = step(&s, &wrong, T0);
	seen.has_soa = false;
	r = identity_peek(&s, &seen, &p, s.next_look_at, 500);
	assert_int_equal(r.state.next_look_at, s.full_look_at);
	assert_int_equal(r.state.unknowns, 0);
}

/* --- glances --- */

static void what_is_verified_is_glanced_at_for_a_week(void **state unused_arg)
{
	struct identity_state s = state_of(STATUS_SUCCESS, DAY);
	struct look right = look_of(LOOK_RIGHT);
	size_t glances = 0;

	s = step(&s, &right, T0);
	int64_t now = T0, full = s.full_look_at, next = s.next_look_at;
	assert_true(s.glance);
	assert_int_equal(s.why, LOOK_REASON_STEADY);
	assert_in_range(full - T0, 6 * DAY, IDENTITY_FULL_MAX_S);
	for (uint32_t jitter = 0; s.glance; jitter = (jitter + 331) % 1000) {
		assert_in_range(next - now, 4 * HOUR, IDENTITY_LOOK_MAX_S);
		now = next;
		s.glance = identity_glance_next(full, now, jitter, &next);
		glances++;
	}
	assert_int_equal(next, full);
	assert_in_range(glances, 20, 35);
	/* What a clock far ahead has planned is for a whole look at once. */
	assert_false(identity_glance_next(T0 + 30 * DAY, T0, 500, &next));
	assert_int_equal(next, T0);
}

static void nothing_is_glanced_at_while_anything_is_at_stake(void **state unused_arg)
{
	static const struct {
		const char *name;
		enum status mail_from;
		enum look_result dkim, envelope;
		uint32_t wrong_servers;
	} cases[] = {
		{ "missed once", STATUS_NOT_STARTED, LOOK_WRONG, LOOK_NONE, 2 },
		{ "not asked", STATUS_NOT_STARTED, LOOK_UNKNOWN, LOOK_NONE, 0 },
		{ "searched", STATUS_PENDING, LOOK_RIGHT, LOOK_WRONG, 2 },
		{ "failed", STATUS_FAILED, LOOK_RIGHT, LOOK_WRONG, 2 },
		{ "lost", STATUS_TEMPORARY_FAILURE, LOOK_RIGHT, LOOK_WRONG, 2 },
		{ "half missed", STATUS_SUCCESS, LOOK_RIGHT, LOOK_WRONG, 2 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct identity_state s = state_of(STATUS_SUCCESS, DAY);
		struct aspect_state *a = &s.aspects[ASPECT_MAIL_FROM];
		struct look look = look_of(cases[i].dkim);
		*a = (struct aspect_state){ .status = cases[i].mail_from,
					    .started_at = T0 - DAY,
					    .failed_at = T0 - DAY,
					    .lost_at = T0 - HOUR };
		look.results[ASPECT_MAIL_FROM] = cases[i].envelope;
		look.wrong_servers[ASPECT_DKIM] = cases[i].wrong_servers;
		look.wrong_servers[ASPECT_MAIL_FROM] = cases[i].wrong_servers;
		s = step(&s, &look, T0);
		if (s.glance || s.full_look_at > T0 + DAY)
			fail_msg("%s is glanced at", cases[i].name);
	}
	/* Nor where none are wished for, nor where a cache still remembers another. */
	struct identity_state s = state_of(STATUS_SUCCESS, DAY);
	struct policy none = policy_default();
	struct look right = look_of(LOOK_RIGHT);
	none.glances = false;
	struct step_result r = identity_step(&s, &right, &none, T0, 500);
	assert_false(r.state.glance);
	assert_in_range(r.state.full_look_at - T0, 18 * HOUR, DAY);
	right.retry_at_s = T0 + HOUR;
	s = step(&s, &right, T0);
	assert_false(s.glance);
	assert_int_equal(s.next_look_at, T0 + HOUR);
	/* All right again: from then on. */
	right.retry_at_s = 0;
	s = step(&s, &right, T0 + HOUR);
	assert_true(s.glance);
}

static void whoever_asks_has_a_whole_look_and_no_glance(void **state unused_arg)
{
	struct identity_state s = state_of(STATUS_SUCCESS, DAY);
	struct look right = look_of(LOOK_RIGHT);

	s = step(&s, &right, T0);
	assert_true(s.glance);
	assert_false(identity_ask(&s, T0 + HOUR).state.glance);
	assert_false(identity_resubmit(&s, T0 + HOUR).state.glance);
	assert_false(identity_want(&s, ASPECT_MAIL_FROM, true, T0 + HOUR).state.glance);
}

static void glances_in_vain_come_ever_more_rarely(void **state unused_arg)
{
	struct identity_state s = state_of(STATUS_SUCCESS, DAY);
	struct look right = look_of(LOOK_RIGHT);
	size_t whole = 0, glances = 0;
	int64_t now = T0;

	/* A signed zone, for a year: each glance is in vain. */
	while (now < T0 + 365 * DAY) {
		s = step(&s, &right, now);
		whole++;
		now = s.full_look_at;
		if (!s.glance)
			continue;
		now = s.next_look_at;
		s.full_look_at = now;
		s.glance = false;
		s.unclear++;
		glances++;
	}
	assert_in_range(glances, 5, 25);
	assert_in_range(whole, 365, 365 * 24 / 18 + 25);
}

/* --- wishes --- */

static void an_open_page_is_looked_at_every_12_seconds(void **state unused_arg)
{
	const struct policy p = policy_default();
	struct identity_state s = state_of(STATUS_PENDING, 9 * HOUR);
	struct look wrong = look_of(LOOK_WRONG);

	s = step(&s, &wrong, T0);
	struct step_result r = identity_watch(&s, &p, T0 + 5);
	assert_int_equal(r.state.next_look_at, T0 + 12);
	assert_int_equal(r.state.why, LOOK_REASON_WATCHED);
	assert_int_equal(r.state.watched_until, T0 + 5 + IDENTITY_WATCHED_S);
	s = step(&r.state, &wrong, T0 + 12);
	assert_int_equal(s.next_look_at, T0 + 24);
	s = step(&s, &wrong, T0 + 70); /* it was closed */
	assert_int_equal(s.why, LOOK_REASON_SEARCH);
	/* A page of what is verified makes nobody look. */
	s = state_of(STATUS_SUCCESS, DAY);
	s.next_look_at = T0 + HOUR;
	assert_int_equal(identity_watch(&s, &p, T0).state.next_look_at, T0 + HOUR);
	/* And staring at what does not answer does not help. */
	s = state_of(STATUS_PENDING, 9 * HOUR);
	s.last_looked_at = T0;
	s.unknowns = 3;
	s.next_look_at = T0 + HOUR;
	assert_int_equal(identity_watch(&s, &p, T0 + 1).state.next_look_at, T0 + MINUTE);
}

static void other_mail_from_is_searched_anew_or_forgotten(void **state unused_arg)
{
	struct identity_state s = state_of(STATUS_SUCCESS, DAY);

	s.next_look_at = T0 + HOUR;
	struct step_result r = identity_want(&s, ASPECT_MAIL_FROM, true, T0);
	assert_int_equal(r.state.aspects[ASPECT_MAIL_FROM].status, STATUS_PENDING);
	assert_int_equal(r.state.aspects[ASPECT_MAIL_FROM].started_at, T0);
	assert_int_equal(r.state.aspects[ASPECT_DKIM].status, STATUS_SUCCESS);
	assert_int_equal(r.state.next_look_at, T0);
	assert_int_equal(identity_envelope(&r.state, false), ENVELOPE_OURS);
	assert_int_equal(identity_envelope(&r.state, true), ENVELOPE_REFUSED);
	assert_true(identity_may_send(&r.state));
	r.state.aspects[ASPECT_MAIL_FROM].status = STATUS_SUCCESS;
	assert_int_equal(identity_envelope(&r.state, true), ENVELOPE_CUSTOM);
	r = identity_want(&r.state, ASPECT_MAIL_FROM, false, T0);
	assert_int_equal(r.state.aspects[ASPECT_MAIL_FROM].status, STATUS_NOT_STARTED);
	assert_int_equal(r.event_count, 1);
	assert_int_equal(identity_envelope(&r.state, true), ENVELOPE_OURS);
}

/* --- being late --- */

static void what_is_late_and_calm_is_put_off_once(void **state unused_arg)
{
	const struct policy p = policy_default();
	struct identity_state s = state_of(STATUS_SUCCESS, DAY);
	struct step_result r;

	s.why = LOOK_REASON_STEADY;
	assert_false(identity_catch_up(&s, &p, T0 + 9 * MINUTE, 0, &r));
	assert_true(identity_catch_up(&s, &p, T0 + 3 * HOUR, 0, &r));
	assert_int_equal(r.state.next_look_at, T0 + 6 * HOUR);
	assert_int_equal(r.state.why, LOOK_REASON_CATCH_UP);
	assert_int_equal(r.event_count, 0);
	s = r.state;
	assert_false(identity_catch_up(&s, &p, T0 + 9 * HOUR, 0, &r));
	/* Nobody who waits is put off. */
	static const enum look_reason urgent[] = {
		LOOK_REASON_ASKED,   LOOK_REASON_CHANGED, LOOK_REASON_RESUBMITTED,
		LOOK_REASON_WATCHED, LOOK_REASON_NEW,     LOOK_REASON_CONFIRM
	};
	for (size_t i = 0; i < ARRAY_LEN(urgent); i++) {
		s = state_of(STATUS_SUCCESS, DAY);
		s.why = urgent[i];
		assert_false(identity_catch_up(&s, &p, T0 + 3 * HOUR, 0, &r));
	}
}

static void what_does_not_answer_is_asked_ever_later(void **state unused_arg)
{
	struct identity_state s = state_of(STATUS_PENDING, 0);
	struct look unknown = look_of(LOOK_UNKNOWN);
	int64_t now = T0, before = 0;

	for (int i = 0; i < 12; i++) {
		s = step(&s, &unknown, now);
		assert_int_equal(s.why, LOOK_REASON_RETRY);
		assert_true(s.next_look_at - now >= before);
		/* A name server that is mended in the first minute is soon noticed. */
		if (i < 3)
			assert_int_equal(s.next_look_at - now, 12);
		before = s.next_look_at - now;
		now = s.next_look_at;
	}
	assert_int_equal(before, HOUR);
	/* An answer, and it is as it was. */
	struct look wrong = look_of(LOOK_WRONG);
	s = step(&s, &wrong, now);
	assert_int_equal(s.unknowns, 0);
	assert_int_equal(s.why, LOOK_REASON_SEARCH);
}

static void reasons_have_words(void **state unused_arg)
{
	for (int i = LOOK_REASON_NONE; i <= LOOK_REASON_CATCH_UP; i++) {
		const char *name = look_reason_name((enum look_reason)i);
		assert_int_equal(strlen(name) > 0, i != LOOK_REASON_NONE);
		assert_int_equal(strlen(look_reason_text((enum look_reason)i)) > 0,
				 i != LOOK_REASON_NONE);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(name,
						look_reason_name((enum look_reason)j));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_age_has_its_pace_and_says_why),
		cmocka_unit_test(a_first_search_is_never_slower_than_the_ladder),
		cmocka_unit_test(strict_as_ses_nothing_follows_a_failure),
		cmocka_unit_test(a_change_makes_a_search_young_again_by_the_ladder),
		cmocka_unit_test(a_zone_that_changes_always_is_not_looked_at_always),
		cmocka_unit_test(what_is_verified_is_in_no_hurry_for_a_change),
		cmocka_unit_test(name_servers_that_change_are_remembered),
		cmocka_unit_test(between_whole_looks_far_apart_there_are_peeks),
		cmocka_unit_test(a_peek_that_sees_a_change_calls_for_a_whole_look),
		cmocka_unit_test(what_is_verified_is_glanced_at_for_a_week),
		cmocka_unit_test(nothing_is_glanced_at_while_anything_is_at_stake),
		cmocka_unit_test(whoever_asks_has_a_whole_look_and_no_glance),
		cmocka_unit_test(glances_in_vain_come_ever_more_rarely),
		cmocka_unit_test(an_open_page_is_looked_at_every_12_seconds),
		cmocka_unit_test(other_mail_from_is_searched_anew_or_forgotten),
		cmocka_unit_test(what_is_late_and_calm_is_put_off_once),
		cmocka_unit_test(what_does_not_answer_is_asked_ever_later),
		cmocka_unit_test(reasons_have_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

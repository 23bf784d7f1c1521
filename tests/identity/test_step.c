/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The step over weeks of virtual time: each state with each look, the schedule, and
 * random lives against what must always hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "identity/identity.h"

enum {
	T0 = 1767323045,
	MINUTE = 60,
	HOUR = 3600,
	DAY = 86400,
};

static struct look look_of(enum look_result result, uint32_t wrong_servers)
{
	struct look look = { .at_s = T0 };
	look.results[ASPECT_DKIM] = result;
	look.wrong_servers[ASPECT_DKIM] = wrong_servers;
	if (result == LOOK_WRONG)
		look.error = LOOK_ERROR_HOST_NOT_FOUND;
	return look;
}

static struct identity_state state_of(enum status status, int64_t at)
{
	struct identity_state s = { .created_at = at, .next_look_at = at };
	s.aspects[ASPECT_DKIM] = (struct aspect_state){
		.status = status,
		.started_at = at,
		.lost_at = status == STATUS_TEMPORARY_FAILURE ? at : 0,
		.missed_at = status == STATUS_TEMPORARY_FAILURE ? at : 0,
		.misses = status == STATUS_TEMPORARY_FAILURE ? 3 : 0,
		.failed_at = status == STATUS_FAILED ? at : 0,
	};
	return s;
}

/* A look that comes when it was planned. */
static struct step_result step_at(struct identity_state s, const struct look *look,
				  int64_t now, uint32_t jitter)
{
	const struct policy p = policy_default();
	s.next_look_at = now;
	return identity_step(&s, look, &p, now, jitter);
}

static enum status dkim_status(const struct step_result *r)
{
	return r->state.aspects[ASPECT_DKIM].status;
}

static void begin_starts_what_is_expected(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 1 << 20);
	struct expectation x;
	struct err e = { 0 };
	const struct str token = STR("k1");
	const struct dkim_tokens tokens = { &token, 1, STR("keys.example.net") };
	const struct record_draft mx = {
		.purpose = PURPOSE_MAIL_FROM,
		.type = DNS_TYPE_MX,
		.name = STR("bounce.shop.example.com"),
		.value = STR("feedback.example.net"),
	};
	assert_true(
		expectation_from_tokens(&a, STR("shop.example.com"), &tokens, &x, &e));
	struct step_result r = identity_begin(&x, T0);
	assert_int_equal(dkim_status(&r), STATUS_PENDING);
	assert_int_equal(r.state.aspects[ASPECT_MAIL_FROM].status, STATUS_NOT_STARTED);
	assert_int_equal(r.state.next_look_at, T0);
	assert_int_equal(r.event_count, 1);
	assert_int_equal(r.events[0].kind, EVENT_CREATED);
	assert_true(expectation_add(&a, &x, &mx, &e));
	r = identity_begin(&x, T0);
	assert_int_equal(r.state.aspects[ASPECT_MAIL_FROM].status, STATUS_PENDING);
	assert_false(identity_may_send(&r.state));
}

/* Every state with every look, early and after all deadlines. */
static void each_state_meets_each_look(void **state unused_arg)
{
#define NS STATUS_NOT_STARTED
#define PE STATUS_PENDING
#define SU STATUS_SUCCESS
#define FA STATUS_FAILED
#define TF STATUS_TEMPORARY_FAILURE
	static const struct {
		enum status from;
		enum look_result look;
		enum status early; /* after an hour */
		enum status late;  /* after 73 h */
	} cases[] = {
		{ NS, LOOK_NONE, NS, NS },  { NS, LOOK_RIGHT, SU, SU },
		{ NS, LOOK_WRONG, PE, PE }, { NS, LOOK_UNKNOWN, PE, PE },
		{ PE, LOOK_NONE, PE, PE },  { PE, LOOK_RIGHT, SU, SU },
		{ PE, LOOK_WRONG, PE, FA }, { PE, LOOK_UNKNOWN, PE, PE },
		{ SU, LOOK_NONE, SU, SU },  { SU, LOOK_RIGHT, SU, SU },
		{ SU, LOOK_WRONG, SU, SU }, { SU, LOOK_UNKNOWN, SU, SU },
		{ FA, LOOK_NONE, FA, FA },  { FA, LOOK_RIGHT, SU, SU },
		{ FA, LOOK_WRONG, FA, FA }, { FA, LOOK_UNKNOWN, FA, FA },
		{ TF, LOOK_NONE, TF, TF },  { TF, LOOK_RIGHT, SU, SU },
		{ TF, LOOK_WRONG, TF, FA }, { TF, LOOK_UNKNOWN, TF, TF },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct identity_state s = state_of(cases[i].from, T0);
		struct look look = look_of(cases[i].look, 4);
		struct step_result early = step_at(s, &look, T0 + HOUR, 500);
		struct step_result late = step_at(s, &look, T0 + 73 * HOUR, 500);
		if (dkim_status(&early) != cases[i].early ||
		    dkim_status(&late) != cases[i].late)
			fail_msg("%s with look %d: %s, later %s",
				 status_name(cases[i].from), cases[i].look,
				 status_name(dkim_status(&early)),
				 status_name(dkim_status(&late)));
	}
}

static void a_search_ends_at_72_hours_to_the_second(void **state unused_arg)
{
	const struct identity_state s = state_of(STATUS_PENDING, T0);
	const struct look wrong = look_of(LOOK_WRONG, 4);
	struct step_result r = step_at(s, &wrong, T0 + 72 * HOUR - 1, 500);
	assert_int_equal(dkim_status(&r), STATUS_PENDING);
	assert_int_equal(r.state.next_look_at, T0 + 72 * HOUR);
	r = step_at(s, &wrong, T0 + 72 * HOUR, 500);
	assert_int_equal(dkim_status(&r), STATUS_FAILED);
	assert_int_equal(r.state.aspects[ASPECT_DKIM].failed_at, T0 + 72 * HOUR);
	assert_int_equal(r.event_count, 1);
	/* Right in the last moment is right. */
	const struct look right = look_of(LOOK_RIGHT, 0);
	r = step_at(s, &right, T0 + 80 * HOUR, 500);
	assert_int_equal(dkim_status(&r), STATUS_SUCCESS);
}

static void a_young_search_looks_every_fifteen_seconds(void **state unused_arg)
{
	const struct policy p = policy_default();
	for (uint32_t jitter = 0; jitter < 1000; jitter += 37) {
		struct identity_state s = state_of(STATUS_PENDING, T0);
		const struct look wrong = look_of(LOOK_WRONG, 4);
		int64_t now = T0;
		while (now < T0 + 72 * HOUR) {
			int64_t age = now - T0;
			struct step_result r = identity_step(&s, &wrong, &p, now, jitter);
			int64_t gap = r.state.next_look_at - now;
			assert_true(gap >= 1);
			assert_true(gap <= 72 * MINUTE);
			if (age < 10 * MINUTE)
				assert_true(gap >= 9 && gap <= 15);
			if (age < 6 * HOUR)
				assert_true(gap <= 18 * MINUTE);
			s = r.state;
			now = s.next_look_at;
		}
		/* Some 50 in the first ten minutes, then few. */
		assert_in_range(s.looks, 100, 240);
	}
}

static void a_cache_that_forgets_soon_is_asked_then(void **state unused_arg)
{
	const struct identity_state s = state_of(STATUS_PENDING, T0);
	struct look wrong = look_of(LOOK_WRONG, 1);
	int64_t now = T0 + 10 * HOUR;
	wrong.retry_at_s = now + 300;
	assert_int_equal(step_at(s, &wrong, now, 500).state.next_look_at, now + 300);
	assert_int_equal(step_at(s, &wrong, now, 500).state.why, LOOK_REASON_TTL);
	wrong.retry_at_s = now + 2; /* a TTL of nothing must not make us hurry */
	assert_true(step_at(s, &wrong, now, 500).state.next_look_at > now + 600);
	wrong.retry_at_s = now + 9 * HOUR;
	assert_true(step_at(s, &wrong, now, 500).state.next_look_at < now + 2 * HOUR);
}

static void success_is_glanced_at_every_5_to_7_hours(void **state unused_arg)
{
	const struct policy p = policy_default();
	const struct identity_state s = state_of(STATUS_SUCCESS, T0);
	const struct look right = look_of(LOOK_RIGHT, 0);
	for (uint32_t jitter = 0; jitter < 1000; jitter++) {
		struct identity_state next =
			identity_step(&s, &right, &p, T0, jitter).state;
		assert_true(next.glance);
		assert_in_range(next.next_look_at - T0, 5 * HOUR, 7 * HOUR);
		assert_in_range(next.full_look_at - T0, 6 * 24 * HOUR, 7 * 24 * HOUR);
	}
}

static void success_that_is_not_glanced_at_is_looked_at_daily(void **state unused_arg)
{
	struct policy p = policy_default();
	const struct identity_state s = state_of(STATUS_SUCCESS, T0);
	const struct look right = look_of(LOOK_RIGHT, 0);
	p.glances = false;
	for (uint32_t jitter = 0; jitter < 1000; jitter++) {
		struct identity_state next =
			identity_step(&s, &right, &p, T0, jitter).state;
		assert_false(next.glance);
		assert_in_range(next.next_look_at - T0, 4 * HOUR, 24 * HOUR);
		assert_in_range(next.full_look_at - T0, 18 * HOUR, 24 * HOUR);
	}
}

/* Looks as scheduled with one result until the status changes or a week is over; gives
 * when. */
static int64_t live_until_change(struct identity_state *s, const struct look *look,
				 int64_t now)
{
	const struct policy p = policy_default();
	enum status from = s->aspects[ASPECT_DKIM].status;
	int64_t end = now + 7 * DAY;
	while (now < end && s->aspects[ASPECT_DKIM].status == from) {
		struct step_result r = identity_step(s, look, &p, now, 500);
		*s = r.state;
		if (s->aspects[ASPECT_DKIM].status != from)
			return now;
		now = s->next_look_at;
	}
	return now;
}

static void a_loss_is_confirmed_within_an_hour_or_so(void **state unused_arg)
{
	struct identity_state s = state_of(STATUS_SUCCESS, T0);
	const struct look wrong = look_of(LOOK_WRONG, 4);
	int64_t lost = live_until_change(&s, &wrong, T0);
	assert_int_equal(s.aspects[ASPECT_DKIM].status, STATUS_TEMPORARY_FAILURE);
	assert_in_range(lost - T0, HOUR, HOUR + 2 * MINUTE);
	assert_true(s.looks >= 5);
	assert_true(identity_may_send(&s));
	int64_t failed = live_until_change(&s, &wrong, s.next_look_at);
	assert_int_equal(s.aspects[ASPECT_DKIM].status, STATUS_FAILED);
	assert_int_equal(failed - lost, 72 * HOUR);
	assert_false(identity_may_send(&s));
}

static void a_loss_needs_two_servers_or_all(void **state unused_arg)
{
	struct identity_state s = state_of(STATUS_SUCCESS, T0);
	struct look wrong = look_of(LOOK_WRONG, 1);
	live_until_change(&s, &wrong, T0);
	assert_int_equal(s.aspects[ASPECT_DKIM].status, STATUS_SUCCESS);
	assert_int_equal(s.aspects[ASPECT_DKIM].misses, 0);
	wrong.wrong_everywhere[ASPECT_DKIM] = true;
	live_until_change(&s, &wrong, T0 + 8 * DAY);
	assert_int_equal(s.aspects[ASPECT_DKIM].status, STATUS_TEMPORARY_FAILURE);
}

/* The other server is dead: it must neither keep the status for ever nor make the loss as
 * quick as if it had borne it out. */
static void one_server_that_alone_answers_is_believed_after_a_day(void **state unused_arg)
{
	struct identity_state s = state_of(STATUS_SUCCESS, T0);
	struct look wrong = look_of(LOOK_WRONG, 1);
	wrong.wrong_alone[ASPECT_DKIM] = true;
	int64_t lost = live_until_change(&s, &wrong, T0);
	assert_int_equal(s.aspects[ASPECT_DKIM].status, STATUS_TEMPORARY_FAILURE);
	assert_in_range(lost - T0, 24 * HOUR, 25 * HOUR);
	int64_t failed = live_until_change(&s, &wrong, s.next_look_at);
	assert_int_equal(s.aspects[ASPECT_DKIM].status, STATUS_FAILED);
	assert_in_range(failed - lost, 96 * HOUR, 98 * HOUR);
	/* Once the other one is back and says the same, an hour is enough. */
	s = state_of(STATUS_SUCCESS, T0);
	s.aspects[ASPECT_DKIM].missed_at = T0;
	s.aspects[ASPECT_DKIM].misses = 2;
	struct step_result r = step_at(s, &wrong, T0 + 2 * HOUR, 500);
	assert_int_equal(dkim_status(&r), STATUS_SUCCESS);
	const struct look both = look_of(LOOK_WRONG, 2);
	r = step_at(r.state, &both, T0 + 3 * HOUR, 500);
	assert_int_equal(dkim_status(&r), STATUS_TEMPORARY_FAILURE);
	/* Who asks for more time to confirm gets it here too. */
	struct policy p = policy_default();
	p.loss_spread_s = 3 * DAY;
	s.next_look_at = T0 + 2 * DAY;
	r = identity_step(&s, &wrong, &p, T0 + 2 * DAY, 500);
	assert_int_equal(dkim_status(&r), STATUS_SUCCESS);
}

static void one_bad_look_between_good_ones_takes_nothing(void **state unused_arg)
{
	const struct policy p = policy_default();
	struct identity_state s = state_of(STATUS_SUCCESS, T0);
	const struct look wrong = look_of(LOOK_WRONG, 4);
	const struct look right = look_of(LOOK_RIGHT, 0);
	for (int i = 0; i < 500; i++) {
		struct step_result r = identity_step(&s, i % 3 == 2 ? &right : &wrong, &p,
						     T0 + i * HOUR, 500);
		assert_int_equal(dkim_status(&r), STATUS_SUCCESS);
		assert_int_equal(r.event_count, 0);
		s = r.state;
	}
}

static void silence_takes_nothing_for_weeks(void **state unused_arg)
{
	static const enum status kept[] = { STATUS_SUCCESS, STATUS_TEMPORARY_FAILURE };
	const struct policy p = policy_default();
	const struct look unknown = look_of(LOOK_UNKNOWN, 0);
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		struct identity_state s = state_of(kept[i], T0);
		for (int64_t now = T0; now < T0 + 30 * DAY; now = s.next_look_at) {
			struct step_result r = identity_step(&s, &unknown, &p, now, 999);
			assert_int_equal(r.event_count, 0);
			assert_true(r.state.next_look_at > now);
			assert_true(r.state.next_look_at <= now + IDENTITY_LOOK_MAX_S);
			s = identity_tick(&r.state, now, 500).state;
		}
		assert_int_equal(s.aspects[ASPECT_DKIM].status, kept[i]);
	}
}

static void resubmit_starts_anew_and_keeps_the_rest(void **state unused_arg)
{
	struct identity_state s = state_of(STATUS_FAILED, T0);
	s.aspects[ASPECT_MAIL_FROM].status = STATUS_SUCCESS;
	s.aspects[ASPECT_OWNERSHIP].status = STATUS_PENDING;
	s.aspects[ASPECT_OWNERSHIP].started_at = T0;
	s.last_success_at = T0 + 5;
	s.error = LOOK_ERROR_INVALID_VALUE;
	s.looks = 99;
	struct step_result r = identity_resubmit(&s, T0 + 9 * DAY);
	assert_int_equal(dkim_status(&r), STATUS_PENDING);
	assert_int_equal(r.state.aspects[ASPECT_DKIM].started_at, T0 + 9 * DAY);
	assert_int_equal(r.state.aspects[ASPECT_MAIL_FROM].status, STATUS_SUCCESS);
	assert_int_equal(r.state.aspects[ASPECT_OWNERSHIP].started_at, T0 + 9 * DAY);
	assert_int_equal(r.state.last_success_at, T0 + 5);
	assert_int_equal(r.state.error, LOOK_ERROR_INVALID_VALUE);
	assert_int_equal(r.state.looks, 0);
	assert_int_equal(r.state.next_look_at, T0 + 9 * DAY);
	assert_int_equal(r.event_count, 2);
	assert_int_equal(r.events[0].kind, EVENT_RESUBMITTED);
	assert_int_equal(r.events[1].kind, EVENT_STATUS_CHANGED);
	assert_int_equal(r.events[1].from, STATUS_FAILED);
	assert_int_equal(r.events[1].to, STATUS_PENDING);
	/* The grace of what is lost is not stretched by clicking. */
	s = state_of(STATUS_TEMPORARY_FAILURE, T0);
	s.next_look_at = T0 + HOUR;
	r = identity_resubmit(&s, T0 + HOUR);
	assert_int_equal(dkim_status(&r), STATUS_TEMPORARY_FAILURE);
	assert_int_equal(r.state.aspects[ASPECT_DKIM].lost_at, T0);
}

static void what_ses_says_is_taken(void **state unused_arg)
{
	struct identity_state s = state_of(STATUS_PENDING, T0);
	struct look look = look_of(LOOK_WRONG, 4);
	look.has_soa = true;
	look.soa_serial = 7;
	struct step_result r = identity_adopt(&s, &look, STATUS_SUCCESS, T0 + HOUR, 0);
	assert_int_equal(dkim_status(&r), STATUS_SUCCESS);
	assert_int_equal(r.state.last_success_at, T0 + HOUR);
	assert_int_equal(r.event_count, 1);
	r = identity_adopt(&r.state, &look, STATUS_SUCCESS, T0 + 2 * HOUR, 0);
	assert_int_equal(r.event_count, 0);
	r = identity_adopt(&r.state, &look, STATUS_FAILED, T0 + 3 * HOUR, 0);
	assert_int_equal(r.event_count, 1);
	assert_int_equal(dkim_status(&r), STATUS_FAILED);
	assert_true(r.state.next_look_at > T0 + 3 * HOUR);
	/* Our own look does not decide, and explains. */
	assert_int_equal(r.state.error, look.error);
	assert_int_equal(r.state.soa_serial, 7);
}

static void the_error_stays_and_the_soa_is_kept(void **state unused_arg)
{
	const struct policy p = policy_default();
	struct identity_state s = state_of(STATUS_PENDING, T0);
	struct look look = look_of(LOOK_WRONG, 4);
	look.has_soa = true;
	look.soa_serial = 7;
	s = identity_step(&s, &look, &p, T0, 0).state;
	struct look right = look_of(LOOK_RIGHT, 0);
	s = identity_step(&s, &right, &p, T0 + 9, 0).state;
	assert_int_equal(s.error, LOOK_ERROR_HOST_NOT_FOUND);
	assert_int_equal(s.last_success_at, T0 + 9);
	assert_true(s.has_soa);
	assert_int_equal(s.soa_serial, 7);
}

static void the_whole_has_the_status_of_dkim(void **state unused_arg)
{
	struct identity_state s = state_of(STATUS_PENDING, T0);
	s.aspects[ASPECT_MAIL_FROM].status = STATUS_FAILED;
	s.aspects[ASPECT_OWNERSHIP].status = STATUS_SUCCESS;
	assert_int_equal(identity_status(&s), STATUS_PENDING);
	s.aspects[ASPECT_DKIM].status = STATUS_NOT_STARTED;
	assert_int_equal(identity_status(&s), STATUS_SUCCESS);
}

static void words_are_read_back(void **state unused_arg)
{
	for (int i = STATUS_NOT_STARTED; i <= STATUS_TEMPORARY_FAILURE; i++) {
		enum status s;
		assert_true(status_parse(str_from(status_name((enum status)i)), &s));
		assert_int_equal(s, i);
	}
	assert_string_equal(look_error_name(LOOK_ERROR_NONE), "");
	assert_string_equal(look_error_name(LOOK_ERROR_INVALID_VALUE), "INVALID_VALUE");
	enum status s = STATUS_FAILED;
	assert_false(status_parse(STR("success"), &s));
	assert_int_equal(s, STATUS_FAILED);
	assert_string_equal(identity_event_name(EVENT_STATUS_CHANGED),
			    "identity.status_changed");
	assert_string_equal(aspect_name(ASPECT_MAIL_FROM), "mail_from");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begin_starts_what_is_expected),
		cmocka_unit_test(each_state_meets_each_look),
		cmocka_unit_test(a_search_ends_at_72_hours_to_the_second),
		cmocka_unit_test(a_young_search_looks_every_fifteen_seconds),
		cmocka_unit_test(a_cache_that_forgets_soon_is_asked_then),
		cmocka_unit_test(success_is_glanced_at_every_5_to_7_hours),
		cmocka_unit_test(success_that_is_not_glanced_at_is_looked_at_daily),
		cmocka_unit_test(a_loss_is_confirmed_within_an_hour_or_so),
		cmocka_unit_test(a_loss_needs_two_servers_or_all),
		cmocka_unit_test(one_server_that_alone_answers_is_believed_after_a_day),
		cmocka_unit_test(one_bad_look_between_good_ones_takes_nothing),
		cmocka_unit_test(silence_takes_nothing_for_weeks),
		cmocka_unit_test(resubmit_starts_anew_and_keeps_the_rest),
		cmocka_unit_test(what_ses_says_is_taken),
		cmocka_unit_test(the_error_stays_and_the_soa_is_kept),
		cmocka_unit_test(the_whole_has_the_status_of_dkim),
		cmocka_unit_test(words_are_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

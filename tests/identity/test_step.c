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
	LIVES = 2000,
	STEPS_A_LIFE = 100,
};

/* xorshift: the same lives every time. */
static uint32_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)(*seed >> 32);
}

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
	};
	return s;
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
		{ PE, LOOK_WRONG, PE, FA }, { PE, LOOK_UNKNOWN, PE, FA },
		{ SU, LOOK_NONE, SU, SU },  { SU, LOOK_RIGHT, SU, SU },
		{ SU, LOOK_WRONG, SU, SU }, { SU, LOOK_UNKNOWN, SU, SU },
		{ FA, LOOK_NONE, FA, FA },  { FA, LOOK_RIGHT, FA, FA },
		{ FA, LOOK_WRONG, FA, FA }, { FA, LOOK_UNKNOWN, FA, FA },
		{ TF, LOOK_NONE, TF, TF },  { TF, LOOK_RIGHT, SU, SU },
		{ TF, LOOK_WRONG, TF, FA }, { TF, LOOK_UNKNOWN, TF, TF },
	};
	const struct policy p = policy_default();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct identity_state s = state_of(cases[i].from, T0);
		struct look look = look_of(cases[i].look, 4);
		struct step_result early = identity_step(&s, &look, &p, T0 + HOUR, 500);
		struct step_result late =
			identity_step(&s, &look, &p, T0 + 73 * HOUR, 500);
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
	const struct policy p = policy_default();
	const struct identity_state s = state_of(STATUS_PENDING, T0);
	const struct look wrong = look_of(LOOK_WRONG, 4);
	struct step_result r = identity_step(&s, &wrong, &p, T0 + 72 * HOUR - 1, 500);
	assert_int_equal(dkim_status(&r), STATUS_PENDING);
	assert_int_equal(r.state.next_look_at, T0 + 72 * HOUR);
	r = identity_step(&s, &wrong, &p, T0 + 72 * HOUR, 500);
	assert_int_equal(dkim_status(&r), STATUS_FAILED);
	assert_int_equal(r.state.next_look_at, 0);
	r = identity_tick(&s, &p, T0 + 72 * HOUR);
	assert_int_equal(dkim_status(&r), STATUS_FAILED);
	assert_int_equal(r.event_count, 1);
	assert_int_equal(r.state.next_look_at, 0);
	/* Right in the last moment is right. */
	const struct look right = look_of(LOOK_RIGHT, 0);
	r = identity_step(&s, &right, &p, T0 + 80 * HOUR, 500);
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
	const struct policy p = policy_default();
	const struct identity_state s = state_of(STATUS_PENDING, T0);
	struct look wrong = look_of(LOOK_WRONG, 1);
	int64_t now = T0 + 10 * HOUR;
	wrong.retry_at_s = now + 300;
	assert_int_equal(identity_step(&s, &wrong, &p, now, 500).state.next_look_at,
			 now + 300);
	wrong.retry_at_s = now + 2; /* a TTL of nothing must not make us hurry */
	assert_true(identity_step(&s, &wrong, &p, now, 500).state.next_look_at >
		    now + 600);
	wrong.retry_at_s = now + 9 * HOUR;
	assert_true(identity_step(&s, &wrong, &p, now, 500).state.next_look_at <
		    now + 2 * HOUR);
}

static void success_is_looked_at_every_6_to_24_hours(void **state unused_arg)
{
	const struct policy p = policy_default();
	const struct identity_state s = state_of(STATUS_SUCCESS, T0);
	const struct look right = look_of(LOOK_RIGHT, 0);
	for (uint32_t jitter = 0; jitter < 1000; jitter++) {
		int64_t next =
			identity_step(&s, &right, &p, T0, jitter).state.next_look_at - T0;
		assert_in_range(next, 6 * HOUR, 24 * HOUR);
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
			assert_true(r.state.next_look_at <= now + 2 * HOUR);
			s = identity_tick(&r.state, &p, now).state;
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
	struct step_result r = identity_adopt(&s, &look, STATUS_SUCCESS, T0 + HOUR);
	assert_int_equal(dkim_status(&r), STATUS_SUCCESS);
	assert_int_equal(r.state.last_success_at, T0 + HOUR);
	assert_int_equal(r.event_count, 1);
	r = identity_adopt(&r.state, &look, STATUS_SUCCESS, T0 + 2 * HOUR);
	assert_int_equal(r.event_count, 0);
	r = identity_adopt(&r.state, &look, STATUS_FAILED, T0 + 3 * HOUR);
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

/* Random lives */

static struct look random_look(uint64_t *seed)
{
	struct look look = { 0 };
	for (size_t i = 0; i < ASPECT_COUNT; i++) {
		look.results[i] = (enum look_result)(next_random(seed) % 4);
		look.wrong_servers[i] = next_random(seed) % 5;
		look.wrong_everywhere[i] = next_random(seed) % 2;
	}
	look.error = (enum look_error)(next_random(seed) % 6);
	look.retry_at_s = next_random(seed) % 3 == 0 ? T0 + next_random(seed) % DAY : 0;
	return look;
}

static void check_aspect(const struct aspect_state *a, const struct aspect_state *b,
			 enum look_result result, int64_t now)
{
	const struct policy p = policy_default();
	if (b->status == STATUS_FAILED && a->status != STATUS_FAILED) {
		bool search_over =
			a->status == STATUS_PENDING && now - a->started_at >= p.search_s;
		bool grace_over = a->status == STATUS_TEMPORARY_FAILURE &&
				  now - a->lost_at >= p.grace_s && result == LOOK_WRONG;
		assert_true(search_over || grace_over);
	}
	if (b->status == STATUS_TEMPORARY_FAILURE && a->status != b->status) {
		assert_int_equal(a->status, STATUS_SUCCESS);
		assert_int_equal(result, LOOK_WRONG);
		assert_true(a->misses + 1 >= p.loss_looks);
		assert_true(now - a->missed_at >= p.loss_spread_s);
	}
	if (b->status == STATUS_SUCCESS && a->status != b->status)
		assert_int_equal(result, LOOK_RIGHT);
	if (a->status == STATUS_FAILED)
		assert_int_equal(b->status, STATUS_FAILED);
	if (result == LOOK_NONE)
		assert_int_equal(a->status, b->status);
	if (result == LOOK_UNKNOWN && a->status == STATUS_SUCCESS)
		assert_int_equal(b->status, STATUS_SUCCESS);
	assert_int_equal(b->lost_at != 0, b->status == STATUS_TEMPORARY_FAILURE);
	assert_int_equal(b->misses != 0, b->missed_at != 0);
	assert_true(b->misses == 0 || b->status == STATUS_SUCCESS);
}

/* Events chain from each old status to the new one, and there is none without a change.
 */
static void check_events(const struct identity_state *before, const struct step_result *r)
{
	enum status at[ASPECT_COUNT];
	for (size_t i = 0; i < ASPECT_COUNT; i++)
		at[i] = before->aspects[i].status;
	for (size_t i = 0; i < r->event_count; i++) {
		const struct identity_event *e = &r->events[i];
		if (e->kind != EVENT_STATUS_CHANGED)
			continue;
		assert_int_equal(e->from, at[e->aspect]);
		at[e->aspect] = e->to;
		if (i + 1 < r->event_count && r->events[i + 1].aspect == e->aspect)
			at[e->aspect] = r->events[i + 1].from;
	}
	for (size_t i = 0; i < ASPECT_COUNT; i++)
		assert_int_equal(at[i], r->state.aspects[i].status);
}

static bool is_active(const struct identity_state *s)
{
	for (size_t i = 0; i < ASPECT_COUNT; i++) {
		enum status status = s->aspects[i].status;
		if (status != STATUS_FAILED && status != STATUS_NOT_STARTED)
			return true;
	}
	return false;
}

static void live_randomly(uint64_t *seed)
{
	const struct policy p = policy_default();
	struct identity_state s = state_of(STATUS_PENDING, T0);
	int64_t now = T0;
	for (int i = 0; i < STEPS_A_LIFE; i++) {
		struct look look = random_look(seed);
		uint32_t what = next_random(seed) % 40;
		struct step_result r;
		now += next_random(seed) % (what % 2 ? 2 * HOUR : 40);
		if (what == 0) {
			r = identity_resubmit(&s, now);
		} else if (what == 1) {
			r = identity_tick(&s, &p, now);
		} else {
			r = identity_step(&s, &look, &p, now, next_random(seed) % 1000);
			for (size_t j = 0; j < ASPECT_COUNT; j++)
				check_aspect(&s.aspects[j], &r.state.aspects[j],
					     look.results[j], now);
			assert_true(r.state.next_look_at == 0 ||
				    r.state.next_look_at > now);
		}
		check_events(&s, &r);
		if (what != 0 && what != 1)
			assert_int_equal(r.state.next_look_at != 0, is_active(&r.state));
		s = r.state;
	}
}

static void two_hundred_thousand_random_steps_keep_the_rules(void **state unused_arg)
{
	uint64_t seed = 0x9e3779b97f4a7c15;
	for (int i = 0; i < LIVES; i++)
		live_randomly(&seed);
}

static void words_are_read_back(void **state unused_arg)
{
	for (int i = STATUS_NOT_STARTED; i <= STATUS_TEMPORARY_FAILURE; i++) {
		enum status s;
		assert_true(status_parse(str_from(status_name((enum status)i)), &s));
		assert_int_equal(s, i);
	}
	for (int i = LOOK_ERROR_NONE; i <= LOOK_ERROR_INVALID_VALUE; i++) {
		enum look_error e;
		assert_true(look_error_parse(
			str_from(look_error_name((enum look_error)i)), &e));
		assert_int_equal(e, i);
	}
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
		cmocka_unit_test(success_is_looked_at_every_6_to_24_hours),
		cmocka_unit_test(a_loss_is_confirmed_within_an_hour_or_so),
		cmocka_unit_test(a_loss_needs_two_servers_or_all),
		cmocka_unit_test(one_bad_look_between_good_ones_takes_nothing),
		cmocka_unit_test(silence_takes_nothing_for_weeks),
		cmocka_unit_test(resubmit_starts_anew_and_keeps_the_rest),
		cmocka_unit_test(what_ses_says_is_taken),
		cmocka_unit_test(the_error_stays_and_the_soa_is_kept),
		cmocka_unit_test(the_whole_has_the_status_of_dkim),
		cmocka_unit_test(two_hundred_thousand_random_steps_keep_the_rules),
		cmocka_unit_test(words_are_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

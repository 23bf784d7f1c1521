/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ladder, in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "webhook/webhook.h"

enum {
	HOUR = 3600,
	DAY = 24 * HOUR,
	START = 1000000,
};

struct run {
	struct delivery_row row;
	struct webhook_row webhook;
	struct delivery_outcome outcome;
	int64_t now_s;
};

static struct run run_new(void)
{
	return (struct run){ .now_s = START };
}

static void answer(struct run *r, unsigned status, int64_t retry_after_s, uint32_t jitter)
{
	const struct webhook_answer a = { status, retry_after_s, STR("said") };

	const struct webhook_moment m = { r->now_s, jitter, 5 * DAY };

	webhook_step(&r->row, &r->webhook, &a, &m, &r->outcome);
	/* As the store notes it. */
	if (r->outcome.is_taken)
		r->webhook.failing_since = 0;
	else if (!r->webhook.failing_since)
		r->webhook.failing_since = r->now_s;
}

static void what_is_never_taken_is_tried_ten_times_over_three_days(
	void **state unused_arg)
{
	static const int64_t ladder[] = { 5,         300,       1800,
					  2 * HOUR,  5 * HOUR,  10 * HOUR,
					  14 * HOUR, 20 * HOUR, 24 * HOUR };
	struct run r = run_new();

	for (size_t i = 0; i < ARRAY_LEN(ladder); i++) {
		answer(&r, 500, -1, 0);
		assert_int_equal(r.row.state, DELIVERY_WAITING);
		assert_int_equal(r.row.next_try_at - r.now_s, ladder[i]);
		assert_null(r.outcome.disable_why);
		r.now_s = r.row.next_try_at;
	}
	answer(&r, 500, -1, 0);
	assert_int_equal(r.row.state, DELIVERY_GIVEN_UP);
	assert_int_equal(r.row.tries, WEBHOOK_TRIES_MAX);
	assert_true(r.now_s - START > 3 * DAY && r.now_s - START < 4 * DAY);
}

static void only_a_2xx_is_taken(void **state unused_arg)
{
	for (unsigned status = 0; status < 600; status++) {
		struct run r = run_new();
		bool is_good = status >= 200 && status < 300;
		answer(&r, status, -1, 0);
		assert_int_equal(r.outcome.is_taken, is_good);
		assert_int_equal(r.row.state == DELIVERY_DONE, is_good);
		assert_int_equal(r.row.last_status, status);
	}
}

static void jitter_only_makes_it_later_and_by_a_fifth_at_most(void **state unused_arg)
{
	for (uint32_t jitter = 0; jitter < 1000; jitter++) {
		struct run r = run_new();
		r.row.tries = 3;
		answer(&r, 0, -1, jitter);
		assert_in_range(r.row.next_try_at - START, 2 * HOUR,
				2 * HOUR + 2 * HOUR / 5);
	}
}

static void gone_disables_at_once(void **state unused_arg)
{
	struct run r = run_new();

	answer(&r, 410, -1, 0);
	assert_string_equal(r.outcome.disable_why, "gone");
	assert_int_equal(r.row.state, DELIVERY_GIVEN_UP);
}

static void who_asks_for_time_gets_it_within_bounds(void **state unused_arg)
{
	static const struct {
		unsigned status;
		int64_t after;
		int64_t wait;
		int64_t hold;
	} cases[] = {
		{ 429, 120, 120, 120 },
		{ 429, 2, 5, 5 },
		{ 429, -1, 5, 5 },
		{ 503, 7200, 7200, HOUR },
		{ 429, 365 * DAY, DAY, HOUR },
		{ 502, -1, 5, 5 },
		{ 504, -1, 5, 5 },
		{ 500, 600, 600, 0 },
		{ 429, INT64_MAX, DAY, HOUR },
		{ 404, -1, 5, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct run r = run_new();
		answer(&r, cases[i].status, cases[i].after, 0);
		assert_int_equal(r.row.next_try_at - START, cases[i].wait);
		assert_int_equal(r.outcome.hold_until ? r.outcome.hold_until - START : 0,
				 cases[i].hold);
	}
}

static void what_fails_for_days_is_disabled_and_a_success_begins_anew(
	void **state unused_arg)
{
	struct run r = run_new();

	for (int day = 0; day < 4; day++, r.now_s += DAY) {
		r.row = (struct delivery_row){ 0 };
		answer(&r, 0, -1, 0);
		assert_null(r.outcome.disable_why);
	}
	r.row = (struct delivery_row){ 0 };
	answer(&r, 204, -1, 0);
	for (int day = 0; day < 6; day++, r.now_s += DAY) {
		r.row = (struct delivery_row){ 0 };
		answer(&r, 0, -1, 0);
		assert_int_equal(r.outcome.disable_why != NULL, day == 5);
	}
	assert_string_equal(r.outcome.disable_why, "failing");
	assert_int_equal(r.row.state, DELIVERY_GIVEN_UP);
}

static void retry_after_is_seconds_or_a_date(void **state unused_arg)
{
	static const struct {
		const char *value;
		int64_t seconds;
	} cases[] = {
		{ "0", 0 },
		{ "120", 120 },
		{ "Sun, 06 Nov 1994 08:49:37 GMT", 37 },
		{ "Sun, 06 Nov 1994 08:48:59 GMT", 0 },
		{ "Sun, 06 Nov 1994 08:49:37", -1 },
		{ "Sun, 06 Xxx 1994 08:49:37 GMT", -1 },
		{ "Sun, 66 Nov 1994 08:49:37 GMT", -1 },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", -1 },
		{ "-1", -1 },
		{ "1.5", -1 },
		{ "99999999999999999999", -1 },
		{ "", -1 },
		{ "soon", -1 },
	};
	int64_t now_s;

	assert_true(clock_parse(STR("1994-11-06T08:49:00Z"), &now_s));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (webhook_retry_after_parse(str_from(cases[i].value), now_s) !=
		    cases[i].seconds)
			fail_msg("%s", cases[i].value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_never_taken_is_tried_ten_times_over_three_days),
		cmocka_unit_test(only_a_2xx_is_taken),
		cmocka_unit_test(jitter_only_makes_it_later_and_by_a_fifth_at_most),
		cmocka_unit_test(gone_disables_at_once),
		cmocka_unit_test(who_asks_for_time_gets_it_within_bounds),
		cmocka_unit_test(
			what_fails_for_days_is_disabled_and_a_success_begins_anew),
		cmocka_unit_test(retry_after_is_seconds_or_a_date),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

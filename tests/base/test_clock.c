/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time in text, both forms, both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/base.h"

static const struct {
	const char *name, *extended, *basic;
	int64_t at_s;
} both_ways[] = {
	{ "the epoch", "1970-01-01T00:00:00Z", "19700101T000000Z", 0 },
	{ "before the epoch", "1969-12-31T23:59:59Z", "19691231T235959Z", -1 },
	{ "a day this year", "2026-11-21T05:12:09Z", "20261121T051209Z", 1795237929 },
	{ "leap day of 2000", "2000-02-29T12:00:00Z", "20000229T120000Z", 951825600 },
	{ "beyond 32 bits", "2106-02-07T06:28:16Z", "21060207T062816Z", 4294967296 },
	{ "the first year", "0000-01-01T00:00:00Z", "00000101T000000Z", -62167219200 },
	{ "the last second", "9999-12-31T23:59:59Z", "99991231T235959Z", 253402300799 },
};

static void text_and_time_correspond(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(both_ways); i++) {
		auto_buf struct buf b;
		int64_t at_s;
		buf_init(&b, 100);
		clock_write_rfc3339(&b, both_ways[i].at_s);
		assert_string_equal(buf_cstr(&b), both_ways[i].extended);
		if (!clock_parse(buf_view(&b), &at_s) || at_s != both_ways[i].at_s)
			fail_msg("%s", both_ways[i].name);
		buf_clear(&b);
		clock_write_basic(&b, both_ways[i].at_s);
		assert_string_equal(buf_cstr(&b), both_ways[i].basic);
		if (!clock_parse(buf_view(&b), &at_s) || at_s != both_ways[i].at_s)
			fail_msg("%s, basic", both_ways[i].name);
	}
}

static void a_year_of_more_digits_is_written_as_the_nearest(void **state)
{
	auto_buf struct buf b;

	(void)state;
	buf_init(&b, 100);
	clock_write_rfc3339(&b, INT64_MAX);
	clock_write_rfc3339(&b, INT64_MIN);
	assert_string_equal(buf_cstr(&b), "9999-12-31T23:59:59Z0000-01-01T00:00:00Z");
}

static void fractions_and_leap_seconds_are_understood(void **state)
{
	int64_t at_s;

	(void)state;
	assert_true(clock_parse(STR("1985-04-12T23:20:50.52Z"), &at_s));
	assert_int_equal(at_s, 482196050);
	assert_true(clock_parse(STR("1990-12-31T23:59:60Z"), &at_s));
	assert_int_equal(at_s, 662688000);
}

static void what_is_no_time_is_refused(void **state)
{
	static const struct {
		const char *name, *text;
	} cases[] = {
		{ "nothing", "" },
		{ "date only", "2026-11-21" },
		{ "no zone", "2026-11-21T05:12:09" },
		{ "another zone", "2026-11-21T05:12:09+01:00" },
		{ "more behind", "2026-11-21T05:12:09Z " },
		{ "a blank for the T", "2026-11-21 05:12:09Z" },
		{ "month 0", "2026-00-21T05:12:09Z" },
		{ "month 13", "2026-13-21T05:12:09Z" },
		{ "day 0", "2026-11-00T05:12:09Z" },
		{ "day 31 of November", "2026-11-31T05:12:09Z" },
		{ "29 February of 2026", "2026-02-29T05:12:09Z" },
		{ "29 February of 1900", "1900-02-29T05:12:09Z" },
		{ "hour 24", "2026-11-21T24:00:00Z" },
		{ "minute 60", "2026-11-21T05:60:09Z" },
		{ "second 60 at noon", "2026-11-21T12:00:60Z" },
		{ "a leap second that ends in the year 10000", "9999-12-31T23:59:60Z" },
		{ "second 61", "2026-12-31T23:59:61Z" },
		{ "a point without fraction", "2026-11-21T05:12:09.Z" },
		{ "half basic", "20261121T05:12:09Z" },
		{ "half extended", "2026-11-21T051209Z" },
		{ "a sign", "+026-11-21T05:12:09Z" },
		{ "a letter", "2026-1l-21T05:12:09Z" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t at_s = 4711;
		if (clock_parse(str_from(cases[i].text), &at_s) || at_s != 4711)
			fail_msg("%s", cases[i].name);
	}
}

static void local_times_name_their_zone(void **state)
{
	static const struct {
		const char *name, *zone;
		int64_t at_s, now_s;
		bool utc;
		const char *text;
	} cases[] = {
		{ "UTC", "Asia/Tokyo", 1767323045, 1767323000, true, "03:04:05 UTC" },
		{ "Tokyo", "Asia/Tokyo", 1767323045, 1767323000, false, "12:04:05 JST" },
		{ "summer", "Europe/Prague", 1782000000, 1782000000, false,
		  "02:00:00 CEST" },
		{ "another day", "Asia/Tokyo", 1767366000, 1767323000, false,
		  "2026-01-03 00:00:00 JST" },
		{ "the same day there, another in UTC", "Asia/Tokyo", 1767312000,
		  1767311999, false, "09:00:00 JST" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_buf struct buf b;
		buf_init(&b, 128);
		setenv("TZ", cases[i].zone, 1);
		clock_make_ready();
		clock_write_local(&b, cases[i].at_s, cases[i].now_s, cases[i].utc);
		if (!str_is(buf_view(&b), cases[i].text))
			fail_msg("%s: %s", cases[i].name, buf_cstr(&b));
	}
}

static void the_clocks_agree_and_go_forward(void **state)
{
	int64_t mono = clock_mono_us();
	int64_t seconds = clock_now_s();

	(void)state;
	assert_true(clock_now_ms() / 1000 - seconds < 10);
	assert_true(clock_now_ms() / 1000 >= seconds);
	assert_true(seconds > 1700000000);
	assert_true(clock_mono_us() >= mono);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_and_time_correspond),
		cmocka_unit_test(a_year_of_more_digits_is_written_as_the_nearest),
		cmocka_unit_test(fractions_and_leap_seconds_are_understood),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(local_times_name_their_zone),
		cmocka_unit_test(the_clocks_agree_and_go_forward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

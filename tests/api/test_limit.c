/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Buckets that empty and fill. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/limit.h"

static const struct limit_rule two_a_second = { 2, 4 };

/* How many of `tries` are taken. */
static unsigned take(struct limits *l, const char *who, unsigned tries, int64_t now_ms)
{
	struct limit_left left;
	unsigned taken = 0;
	for (unsigned i = 0; i < tries; i++)
		taken += limits_take(l, str_from(who), &two_a_second, now_ms, &left);
	return taken;
}

static void a_burst_is_taken_and_no_more(void **state unused_arg)
{
	struct limits *l = limits_new();
	assert_int_equal(take(l, "a", 10, 1000), 4);
	assert_int_equal(take(l, "a", 10, 1000), 0);
	limits_free(&l);
	assert_null(l);
}

static void it_fills_at_its_rate_and_up_to_its_burst(void **state unused_arg)
{
	struct limits *l = limits_new();
	assert_int_equal(take(l, "a", 10, 1000), 4);
	assert_int_equal(take(l, "a", 10, 1499), 0);
	assert_int_equal(take(l, "a", 10, 1500), 1);
	assert_int_equal(take(l, "a", 10, 2500), 2);
	assert_int_equal(take(l, "a", 10, 1000000), 4);
	limits_free(&l);
}

static void callers_have_a_bucket_each(void **state unused_arg)
{
	struct limits *l = limits_new();
	assert_int_equal(take(l, "a", 10, 1000), 4);
	assert_int_equal(take(l, "b", 10, 1000), 4);
	limits_free(&l);
}

static void a_clock_that_goes_back_or_far_ahead_breaks_nothing(void **state unused_arg)
{
	struct limits *l = limits_new();
	assert_int_equal(take(l, "a", 10, 1000000), 4);
	assert_int_equal(take(l, "a", 10, 5), 0);
	assert_int_equal(take(l, "a", 10, 1005), 2);
	assert_int_equal(take(l, "a", 10, INT64_MAX / 2), 4);
	limits_free(&l);
}

static void it_says_when_to_come_again(void **state unused_arg)
{
	const struct limit_rule slow = { 1, 3 };
	struct limit_left left;
	struct limits *l = limits_new();
	assert_true(limits_take(l, STR("a"), &slow, 0, &left));
	assert_int_equal(left.remaining, 2);
	assert_int_equal(left.full_in_s, 1);
	assert_int_equal(left.retry_in_s, 0);
	assert_true(limits_take(l, STR("a"), &slow, 0, &left));
	assert_true(limits_take(l, STR("a"), &slow, 0, &left));
	assert_false(limits_take(l, STR("a"), &slow, 0, &left));
	assert_int_equal(left.remaining, 0);
	assert_int_equal(left.full_in_s, 3);
	assert_int_equal(left.retry_in_s, 1);
	limits_free(&l);
}

static void without_a_rate_all_are_taken(void **state unused_arg)
{
	const struct limit_rule none = { 0, 0 };
	struct limit_left left;
	struct limits *l = limits_new();
	for (unsigned i = 0; i < 1000; i++)
		assert_true(limits_take(l, STR("a"), &none, 0, &left));
	limits_free(&l);
}

/* However many ask, memory stays, and who asks on is remembered. */
static void a_crowd_does_not_make_one_of_them_forgotten(void **state unused_arg)
{
	struct limits *l = limits_new();
	struct arena a;
	arena_init(&a, 64 * 1024 * 1024);
	for (int i = 0; i < 20000; i++) {
		unsigned wanted = i < 4;
		assert_int_equal(take(l, "a", 1, 1000), wanted);
		assert_int_equal(take(l, arena_printf(&a, "other %d", i), 1, 999), 1);
	}
	arena_done(&a);
	limits_free(&l);
}

static void the_addresses_of_one_site_are_one_place(void **state unused_arg)
{
	static const struct {
		const char *address, *place;
	} cases[] = {
		{ "198.51.100.7", "198.51.100.7" },
		{ "2001:db8:1:2::3", "2001:db8:1:2::/64" },
		{ "2001:db8:1:2:ffff:ffff:ffff:fffe", "2001:db8:1:2::/64" },
		{ "2001:db8:1:3::3", "2001:db8:1:3::/64" },
		{ "::ffff:198.51.100.7", "::ffff:198.51.100.7" },
		{ "", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_buf struct buf place;
		buf_init(&place, 256);
		limit_place_write(&place, str_from(cases[i].address));
		assert_string_equal(buf_cstr(&place), cases[i].place);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_is_taken_and_no_more),
		cmocka_unit_test(it_fills_at_its_rate_and_up_to_its_burst),
		cmocka_unit_test(callers_have_a_bucket_each),
		cmocka_unit_test(a_clock_that_goes_back_or_far_ahead_breaks_nothing),
		cmocka_unit_test(it_says_when_to_come_again),
		cmocka_unit_test(without_a_rate_all_are_taken),
		cmocka_unit_test(a_crowd_does_not_make_one_of_them_forgotten),
		cmocka_unit_test(the_addresses_of_one_site_are_one_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

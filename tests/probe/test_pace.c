/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many glances are under way at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/pace.h"

enum {
	MOST = 1024,
	FAR_US = 20000,
	EACH_US = 25, /* what a near server needs for one */
};

/* Turns of the loop, each of which ends so many of a window that is kept full. */
static void run(struct pace *p, size_t turns, size_t ended, int64_t took_us)
{
	for (size_t i = 0; i < turns; i++) {
		size_t most = p->window;
		for (size_t k = 0; k < ended && k < most; k++)
			pace_end(p, took_us, false);
		pace_turn(p, most - (ended < most ? ended : most));
	}
}

static void a_busy_process_keeps_few_under_way(unused_arg void **state)
{
	struct pace p;

	pace_init(&p, MOST);
	for (size_t i = 0; i < 100; i++) {
		run(&p, 10, p.window / 3, 1000);
		assert_int_equal(p.window, PACE_LEAST);
	}
}

static void who_waits_for_far_servers_gets_all_there_may_be(unused_arg void **state)
{
	struct pace p;

	pace_init(&p, MOST);
	run(&p, (PACE_TRIAL + 1) * (64 + 128 + 256 + 512), 1, FAR_US);
	assert_int_equal(p.window, MOST);
	run(&p, 10000, 1, FAR_US);
	assert_int_equal(p.window, MOST);
}

/* Where it takes longer the more wait. */
static void who_waits_for_a_busy_server_tries_more_now_and_then(unused_arg void **state)
{
	struct pace p;
	size_t tried = 0;

	pace_init(&p, MOST);
	for (size_t i = 0; i < 100 * PACE_LEAST; i++) {
		run(&p, 1, 1, EACH_US * (int64_t)p.window);
		assert_true(p.window <= 2 * PACE_LEAST);
		tried += p.window > PACE_LEAST;
	}
	assert_in_range(tried, 1, 30 * PACE_LEAST);
}

static void one_slow_glance_is_no_sign_of_a_queue(unused_arg void **state)
{
	struct pace p;

	pace_init(&p, MOST);
	while (p.window < MOST) {
		size_t before = p.window;
		run(&p, p.window / 2, 1, 10 * FAR_US);
		run(&p, p.window / 2, 1, FAR_US);
		assert_true(p.window >= before);
	}
}

static void it_stays_where_both_are_busy(unused_arg void **state)
{
	struct pace p;

	pace_init(&p, MOST);
	run(&p, (PACE_TRIAL + 1) * (64 + 128), 1, FAR_US);
	assert_int_equal(p.window, 256);
	run(&p, 1000, 256 / 8, FAR_US);
	assert_int_equal(p.window, 256);
}

static void it_gives_back_what_it_no_longer_needs(unused_arg void **state)
{
	struct pace p;

	pace_init(&p, MOST);
	run(&p, 5000, 1, FAR_US);
	assert_int_equal(p.window, MOST);
	run(&p, 200, MOST, FAR_US);
	assert_int_equal(p.window, PACE_LEAST);
}

/* One at a time of what there is room for: more room would not be used. */
static void who_is_asked_little_wants_no_more(unused_arg void **state)
{
	struct pace p;

	pace_init(&p, MOST);
	for (size_t i = 0; i < 10000; i++) {
		pace_end(&p, FAR_US, false);
		pace_turn(&p, 0);
	}
	assert_int_equal(p.window, PACE_LEAST);
}

static void it_is_never_more_than_was_allowed(unused_arg void **state)
{
	static const size_t mosts[] = { 1, 2, 63, 64, 65, 1000 };

	for (size_t i = 0; i < ARRAY_LEN(mosts); i++) {
		struct pace p;
		pace_init(&p, mosts[i]);
		run(&p, 5000, 1, FAR_US);
		assert_int_equal(p.window, mosts[i]);
		run(&p, 5000, mosts[i], FAR_US);
		assert_true(p.window > 0 && p.window <= mosts[i]);
	}
}

static void late_is_what_takes_half_as_long_again_as_usual(unused_arg void **state)
{
	struct pace p;

	pace_init(&p, MOST);
	assert_int_equal(pace_late_us(&p), PACE_LATE_MOST_US);
	run(&p, 10, 10, FAR_US);
	assert_int_equal(pace_late_us(&p), 3 * FAR_US / 2);
	/* What was lost on the way, of one in a dozen, moves that little. */
	for (size_t i = 0; i < 1000; i++)
		pace_end(&p, i % 12 ? FAR_US : 3 * FAR_US, i % 12 == 0);
	assert_in_range(pace_late_us(&p), 3 * FAR_US / 2, 2 * FAR_US);
	/* Where all of them take longer, that is usual then. */
	for (size_t i = 0; i < 1000; i++)
		pace_end(&p, 5 * FAR_US, true);
	assert_in_range(pace_late_us(&p), 7 * FAR_US, 15 * FAR_US / 2);
	for (size_t i = 0; i < 1000; i++)
		pace_end(&p, 50 * FAR_US, true);
	assert_int_equal(pace_late_us(&p), PACE_LATE_MOST_US);
	run(&p, 1000, 10, 100);
	assert_int_equal(pace_late_us(&p), PACE_LATE_LEAST_US);
}

static void what_is_late_says_nothing_about_the_window(unused_arg void **state)
{
	struct pace p;

	pace_init(&p, MOST);
	for (size_t i = 0; i < 1000; i++) {
		pace_end(&p, 5 * FAR_US, true);
		pace_turn(&p, PACE_LEAST);
	}
	assert_int_equal(p.window, PACE_LEAST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_busy_process_keeps_few_under_way),
		cmocka_unit_test(who_waits_for_far_servers_gets_all_there_may_be),
		cmocka_unit_test(who_waits_for_a_busy_server_tries_more_now_and_then),
		cmocka_unit_test(one_slow_glance_is_no_sign_of_a_queue),
		cmocka_unit_test(it_stays_where_both_are_busy),
		cmocka_unit_test(it_gives_back_what_it_no_longer_needs),
		cmocka_unit_test(who_is_asked_little_wants_no_more),
		cmocka_unit_test(it_is_never_more_than_was_allowed),
		cmocka_unit_test(late_is_what_takes_half_as_long_again_as_usual),
		cmocka_unit_test(what_is_late_says_nothing_about_the_window),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

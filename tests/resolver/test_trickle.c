/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What passes of what everybody wants, in fixed memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolver/trickle.h"

enum {
	PER_S = 5,
	AT_ONCE = 10,
	STEP_US = 1000,
};

/* How many of one try each millisecond pass. */
static unsigned count_passing(struct trickle *t, struct str thing, int64_t from_us,
			      int64_t until_us)
{
	unsigned count = 0;

	for (int64_t now_us = from_us; now_us < until_us; now_us += STEP_US) {
		if (trickle_ready_us(t, thing, now_us) > now_us)
			continue;
		trickle_take(t, thing, now_us);
		count++;
	}
	return count;
}

static void some_pass_at_once_and_then_so_many_a_second(unused_arg void **state)
{
	struct entropy entropy = { .left = 0 };
	struct trickle *t = trickle_new(PER_S, AT_ONCE, &entropy);

	assert_int_equal(count_passing(t, STR("192.0.2.1"), 0, STEP_US * 10), AT_ONCE);
	assert_int_equal(count_passing(t, STR("192.0.2.1"), STEP_US * 10, 10000000),
			 10 * PER_S - 1);
	trickle_free(&t);
}

static void the_moment_of_the_next_one_is_told(unused_arg void **state)
{
	struct entropy entropy = { .left = 0 };
	struct trickle *t = trickle_new(PER_S, 1, &entropy);

	assert_int_equal(trickle_ready_us(t, STR("a"), 7), 7);
	trickle_take(t, STR("a"), 7);
	assert_int_equal(trickle_ready_us(t, STR("a"), 8), 7 + 1000000 / PER_S);
	assert_int_equal(trickle_ready_us(t, STR("b"), 8), 8);
	trickle_free(&t);
}

static void things_that_begin_alike_are_told_apart(unused_arg void **state)
{
	static const char *const things[] = { "",         "a",         "a\1",
					      "12345678", "123456789", "12345678a" };
	struct entropy entropy = { .left = 0 };
	struct trickle *t = trickle_new(PER_S, AT_ONCE, &entropy);

	for (size_t i = 0; i < ARRAY_LEN(things); i++)
		assert_int_equal(count_passing(t, str_from(things[i]), 0, STEP_US * 20),
				 AT_ONCE);
	trickle_free(&t);
}

static void a_flood_of_others_does_not_wash_the_memory_out(unused_arg void **state)
{
	struct entropy entropy = { .left = 0 };
	struct trickle *t = trickle_new(PER_S, AT_ONCE, &entropy);

	count_passing(t, STR("victim"), 0, STEP_US * 10);
	for (uint64_t i = 0; i < 1000000; i++)
		trickle_take(t, str_of(&i, sizeof(i)), 0);
	assert_true(trickle_ready_us(t, STR("victim"), STEP_US * 10) > STEP_US * 10);
	trickle_free(&t);
}

static void a_few_thousand_others_take_nothing_from_anybody(unused_arg void **state)
{
	struct entropy entropy = { .left = 0 };
	struct trickle *t = trickle_new(PER_S, AT_ONCE, &entropy);
	unsigned delayed = 0;

	for (uint64_t i = 0; i < 2000; i++)
		count_passing(t, str_of(&i, sizeof(i)), 0, STEP_US * 10);
	for (uint64_t i = 2000; i < 4000; i++)
		delayed += trickle_ready_us(t, str_of(&i, sizeof(i)), STEP_US * 10) >
			   STEP_US * 10;
	/* A fifth of each row is used up: one in some twenty collides in both. */
	assert_true(delayed < 2000 / 10);
	trickle_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(some_pass_at_once_and_then_so_many_a_second),
		cmocka_unit_test(the_moment_of_the_next_one_is_told),
		cmocka_unit_test(things_that_begin_alike_are_told_apart),
		cmocka_unit_test(a_flood_of_others_does_not_wash_the_memory_out),
		cmocka_unit_test(a_few_thousand_others_take_nothing_from_anybody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

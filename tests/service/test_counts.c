/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows are counted when somebody asks, and rarely where that takes long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench.h"

#include "service/inside.h"

static void nothing_is_counted_unless_somebody_asks(void **state)
{
	struct bench *b = *state;
	struct service v = { .config = b->config };

	counts_init(&v.counts);
	assert_int_equal(counts_step(&v, b->store), -1);
	assert_int_equal(v.counts.rounds, 0);
	counts_done(&v.counts);
}

static void what_is_asked_for_is_counted_once(void **state)
{
	struct bench *b = *state;
	struct service v = { .config = b->config };

	bench_create(b, "one.example");
	bench_create(b, "two.example");
	counts_init(&v.counts);
	v.counts.wanted = true;
	assert_int_equal(counts_step(&v, b->store), -1);
	assert_int_equal(v.counts.rounds, 1);
	assert_false(v.counts.failed);
	assert_true(v.counts.rows.at_s > 0);
	assert_int_equal(v.counts.rows.counts.identities[STATUS_PENDING], 2);
	assert_int_equal(v.counts.rows.deliveries.waiting, 0);
	assert_int_equal(counts_step(&v, b->store), -1);
	assert_int_equal(v.counts.rounds, 1);
	counts_done(&v.counts);
}

static void after_a_long_count_comes_a_long_rest(void **state)
{
	struct bench *b = *state;
	struct service v = { .config = b->config };

	counts_init(&v.counts);
	v.counts.wanted = true;
	v.counts.next_us = clock_mono_us() + 3600 * 1000000LL;
	assert_int_equal(counts_step(&v, b->store), -1);
	assert_int_equal(v.counts.rounds, 0);
	v.counts.next_us = 0;
	assert_int_equal(counts_step(&v, b->store), -1);
	assert_int_equal(v.counts.rounds, 1);
	assert_true(v.counts.next_us >= 100 * v.counts.took_us);
	counts_done(&v.counts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		at_bench(nothing_is_counted_unless_somebody_asks),
		at_bench(what_is_asked_for_is_counted_once),
		at_bench(after_a_long_count_comes_a_long_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

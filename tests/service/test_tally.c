/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What looks leave in the numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service/tally.h"

static uint64_t count_of(const struct tally_histogram *h)
{
	uint64_t n = 0;

	for (size_t i = 0; i <= TALLY_BOUNDS; i++)
		n += h->counts[i];
	return n;
}

static void a_moment_falls_into_one_bucket(void **state unused_arg)
{
	struct service_tally t = { 0 };
	struct tally_numbers n;

	tally_init(&t);
	tally_lag(&t, -5);
	tally_lag(&t, 1);
	tally_lag(&t, 2);
	tally_lag(&t, 60000);
	tally_lag(&t, 60001);
	tally_read(&t, &n);
	assert_int_equal(n.lag.counts[0], 2); /* early is not late */
	assert_int_equal(n.lag.counts[1], 1);
	assert_int_equal(n.lag.counts[TALLY_BOUNDS - 1], 1);
	assert_int_equal(n.lag.counts[TALLY_BOUNDS], 1);
	assert_int_equal(count_of(&n.lag), 5);
	assert_int_equal(n.lag.sum_us, 120004000);
	tally_done(&t);
}

static void bounds_grow(void **state unused_arg)
{
	for (size_t i = 1; i < TALLY_BOUNDS; i++)
		assert_true(tally_bound_us(i - 1) < tally_bound_us(i));
}

static void every_code_has_room(void **state unused_arg)
{
	assert_null(diagnose_code_at(TALLY_CODES_MAX));
}

static void answers_are_counted_by_how_they_ended(void **state unused_arg)
{
	struct view views[] = { { .kind = VIEW_AUTHORITY }, { .kind = VIEW_RESOLVER } };
	struct answer answers[] = {
		{ .view = 0, .outcome = ASK_ANSWERED, .rcode = 3, .rtt_us = 2000 },
		{ .view = 0, .outcome = ASK_ANSWERED, .rcode = 3, .over_tcp = true },
		{ .view = 1, .outcome = ASK_ANSWERED, .rcode = 23 },
		{ .view = 1, .outcome = ASK_TIMEOUT },
		{ .view = 0, .outcome = ASK_FORBIDDEN }, /* nothing was sent */
		{ .view = 9, .outcome = ASK_TIMEOUT },   /* no such view */
	};
	struct finding findings[] = { { .code = "U201" }, { .code = "U201" } };
	const struct observation o = { .views = views,
				       .view_count = ARRAY_LEN(views),
				       .answers = answers,
				       .answer_count = ARRAY_LEN(answers),
				       .elapsed_ms = 70,
				       .queries = 10 };
	const struct report r = { .findings = findings,
				  .finding_count = ARRAY_LEN(findings) };
	struct service_tally t = { 0 };
	struct tally_numbers n;
	uint64_t found = 0;

	tally_init(&t);
	tally_look(&t, &o, &r);
	tally_deliver(&t, TALLY_GIVEN_UP);
	tally_read(&t, &n);
	assert_int_equal(n.queries[TALLY_UDP][TALLY_NXDOMAIN][TALLY_AUTHORITY], 1);
	assert_int_equal(n.queries[TALLY_TCP][TALLY_NXDOMAIN][TALLY_AUTHORITY], 1);
	assert_int_equal(n.queries[TALLY_UDP][TALLY_OTHER][TALLY_RESOLVER], 1);
	assert_int_equal(n.queries[TALLY_UDP][TALLY_TIMEOUT][TALLY_RESOLVER], 1);
	assert_int_equal(n.queries_on_the_way, 6);
	assert_int_equal(count_of(&n.query), 3);
	assert_int_equal(count_of(&n.look), 1);
	assert_int_equal(n.look.sum_us, 70000);
	assert_int_equal(n.deliveries[TALLY_GIVEN_UP], 1);
	for (size_t i = 0; i < TALLY_CODES_MAX; i++)
		found += n.findings[i];
	assert_int_equal(found, 2);
	tally_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_moment_falls_into_one_bucket),
		cmocka_unit_test(bounds_grow),
		cmocka_unit_test(every_code_has_room),
		cmocka_unit_test(answers_are_counted_by_how_they_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

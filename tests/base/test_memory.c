/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that costs what is touched of it, and memory that is there beforehand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/resource.h>

#include "base/base.h"

enum {
	MANY = 4 << 20,
	PAGE = 4096,
	PIECE = 1000,
	PIECES = 500,
};

/* How often the kernel had to find a page for us. */
static long faults(void)
{
	struct rusage used;

	assert_int_equal(getrusage(RUSAGE_SELF, &used), 0);
	return used.ru_minflt;
}

static void a_sparse_table_is_zeroed_and_costs_what_is_touched(void **state)
{
	long before = faults();
	unsigned char *p = xalloc_sparse(MANY);

	(void)state;
	for (size_t i = 0; i < MANY; i += MANY / 8) {
		assert_int_equal(p[i], 0);
		p[i] = 1;
	}
	assert_in_range(faults() - before, 0, MANY / PAGE / 8);
	assert_int_equal(p[MANY - 1], 0);
	xfree_sparse(p, MANY);
	xfree_sparse(NULL, MANY);
}

/* A sanitizer has a heap of its own. */
static void memory_made_ready_is_there_when_it_is_wanted(void **state)
{
	void *pieces[PIECES];

	(void)state;
	memory_make_ready(2 * PIECES * PIECE);
	long before = faults();
	for (size_t i = 0; i < PIECES; i++)
		memset(pieces[i] = xrealloc(NULL, PIECE, 1), 1, PIECE);
	if (!IS_SANITIZED)
		assert_in_range(faults() - before, 0, PIECES * PIECE / PAGE / 8);
	for (size_t i = 0; i < PIECES; i++)
		xfree(pieces[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sparse_table_is_zeroed_and_costs_what_is_touched),
		cmocka_unit_test(memory_made_ready_is_there_when_it_is_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

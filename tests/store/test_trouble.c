/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is counted as a failure of the database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/store.h"

static uint64_t all_failures(void)
{
	uint64_t n = 0;

	for (int op = 0; op < STORE_OPS; op++)
		n += store_op_failures((enum store_op)op);
	return n;
}

static void a_database_that_cannot_be_opened_counts(void **state unused_arg)
{
	uint64_t before = store_op_failures(STORE_OP_OPEN);
	struct store *s = NULL;
	struct err e = { 0 };

	assert_false(store_open(STR("sqlite:/nonexistent/folder/x.db"), &s, &e));
	assert_int_equal(store_op_failures(STORE_OP_OPEN), before + 1);
}

static void what_a_caller_does_wrong_does_not_count(void **state unused_arg)
{
	auto_arena struct arena a;
	uint64_t before = all_failures();
	struct store *s = NULL;
	struct tenant_row row;
	struct err e = { 0 };

	arena_init(&a, 1024 * 1024);
	assert_false(store_open(STR("other:x"), &s, &e));
	assert_true(store_open(STR("sqlite::memory:"), &s, &e));
	assert_false(store_tenant_by_name(s, &a, STR("nobody"), &row, &e));
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_false(store_tenant_by_name(s, &a, STR("no\0body"), &row, &e));
	assert_int_equal(all_failures(), before);
	store_close(&s);
}

static void a_statement_that_fails_counts(void **state unused_arg)
{
	uint64_t before = store_op_failures(STORE_OP_COMMIT);
	struct store *s = NULL;
	struct err e = { 0 };

	assert_true(store_open(STR("sqlite::memory:"), &s, &e));
	assert_false(store_commit(s, &e)); /* none was begun */
	assert_int_equal(store_op_failures(STORE_OP_COMMIT), before + 1);
	store_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_database_that_cannot_be_opened_counts),
		cmocka_unit_test(what_a_caller_does_wrong_does_not_count),
		cmocka_unit_test(a_statement_that_fails_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

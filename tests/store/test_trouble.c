/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is counted as a failure of the database. */
#include "fixture.h"

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

static void what_a_caller_does_wrong_does_not_count(void **state)
{
	struct place *p = *state;
	uint64_t before = all_failures();
	struct store *s = NULL;
	struct tenant_row row;
	struct err e = { 0 };

	assert_false(store_open(STR("other:x"), &s, &e));
	must_fail(store_tenant_by_name(p->store, &p->arena, STR("nobody"), &row, &e),
		  ERR_NOT_FOUND);
	assert_false(
		store_tenant_by_name(p->store, &p->arena, STR("no\0body"), &row, &e));
	assert_int_equal(all_failures(), before);
}

static void a_statement_that_fails_counts(void **state)
{
	struct place *p = *state;
	uint64_t before = store_op_failures(STORE_OP_COMMIT);
	struct err e = { 0 };

	assert_false(store_commit(p->store, &e)); /* none was begun */
	assert_int_equal(store_op_failures(STORE_OP_COMMIT), before + 1);
}

#define in_place(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_database_that_cannot_be_opened_counts),
		in_place(what_a_caller_does_wrong_does_not_count),
		in_place(a_statement_that_fails_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

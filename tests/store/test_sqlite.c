/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What only SQLite has: files. */
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"

static void a_database_is_made_in_a_directory_that_is_there(void **state)
{
	struct err e = { 0 };
	struct store *s = NULL;

	(void)state;
	must_fail(store_open(STR("sqlite:/nonexistent/unpend.db"), &s, &e),
		  ERR_NOT_FOUND);
	assert_null(s);
}

static void no_database_is_in_memory_only(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct store *s = NULL;

	assert_int_equal(chdir(p->folder), 0);
	assert_false(store_open(STR("sqlite:"), &s, &e));
	must_be_done(store_open(STR("sqlite::memory:"), &s, &e));
	tenant_make(s, "acme");
	store_close(&s);
	must_be_done(store_open(STR("sqlite::memory:"), &s, &e));
	must_fail(store_tenant_by_name(s, &p->arena, STR("rival"),
				       &(struct tenant_row){ 0 }, &e),
		  ERR_NOT_FOUND);
	must_be_done(store_tenant_by_name(s, &p->arena, STR("acme"),
					  &(struct tenant_row){ 0 }, &e));
	store_close(&s);
	assert_int_equal(chdir("/"), 0);
	store_remove(p, arena_printf(&p->arena, "sqlite:%s/:memory:", p->folder));
}

static void the_database_is_readable_by_its_owner_only(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	struct place *p = *state;
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		assert_int_equal(stat(arena_printf(&p->arena, "%s/unpend.db%s", p->folder,
						   ends[i]),
				      &st),
				 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

static void what_is_not_a_database_is_said_to_be_none(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct store *s = NULL;
	const char *path = arena_printf(&p->arena, "%s/none.db", p->folder);

	must_be_done(file_create(path,
				 STR("this is certainly no database, it is only text, "
				     "and it is longer than a header would be, or so "
				     "it seems to whoever reads it"),
				 0600, &e));
	must_fail(
		store_open(str_from(arena_printf(&p->arena, "sqlite:%s", path)), &s, &e),
		ERR_UNAVAILABLE);
	assert_int_equal(unlink(path), 0);
}

#define in_place(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_database_is_made_in_a_directory_that_is_there),
		in_place(no_database_is_in_memory_only),
		in_place(the_database_is_readable_by_its_owner_only),
		in_place(what_is_not_a_database_is_said_to_be_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

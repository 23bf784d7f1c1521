/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Libraries that are loaded late. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/base.h"

static const char *const names[] = { "strlen", "strnlen" };
static const char *const wrong_names[] = { "strlen", "unpend_has_no_such_function" };

static const struct library good = { "libc.so.6", "libc6", "everything", names, 2 };
static const struct library missing = { "libunpend-none.so.1", "none1", "nothing", names,
					2 };
static const struct library older = { "libc.so.6", "libc6", "everything", wrong_names,
				      2 };

static void functions_come_in_the_order_of_their_names(unused_arg void **state)
{
	union {
		struct {
			__typeof__(strlen) *strlen;
			__typeof__(strnlen) *strnlen;
		} named;
		void *all[2];
	} functions;
	struct err e = { 0 };

	assert_true(library_load(&good, functions.all, &e));
	assert_int_equal(functions.named.strlen("abc"), 3);
	assert_int_equal(functions.named.strnlen("abc", 2), 2);
}

static void a_library_that_is_not_there_is_named_with_its_package(unused_arg void **state)
{
	void *functions[2];
	struct err e = { 0 };

	assert_false(library_load(&missing, functions, &e));
	assert_int_equal(e.kind, ERR_UNAVAILABLE);
	assert_non_null(strstr(e.text, "libunpend-none.so.1 (Debian package none1, "
				       "needed for nothing)"));
}

static void a_library_that_lacks_a_function_is_of_no_use(unused_arg void **state)
{
	void *functions[2];
	struct err e = { 0 };

	assert_false(library_load(&older, functions, &e));
	assert_non_null(strstr(e.text, "unpend_has_no_such_function"));
}

static void of_several_the_first_that_is_missing_is_told(unused_arg void **state)
{
	const struct library *const both[] = { &good, NULL };
	const struct library *const not_all[] = { &good, &missing, &older, NULL };
	struct err e = { 0 };

	assert_true(library_load_all(both, &e));
	assert_false(library_load_all(not_all, &e));
	assert_non_null(strstr(e.text, "none1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_come_in_the_order_of_their_names),
		cmocka_unit_test(a_library_that_is_not_there_is_named_with_its_package),
		cmocka_unit_test(a_library_that_lacks_a_function_is_of_no_use),
		cmocka_unit_test(of_several_the_first_that_is_missing_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

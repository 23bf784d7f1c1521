/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A failure's text: formatted, put into context, cut and escaped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

static void setting_fills_kind_and_text_and_is_false(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_false(err_set(&e, ERR_LIMIT, "%d of '%s'", 3, "x"));
	assert_int_equal(e.kind, ERR_LIMIT);
	assert_string_equal(e.text, "3 of 'x'");
}

static void context_goes_in_front_and_keeps_the_kind(void **state)
{
	struct err e = { 0 };

	(void)state;
	err_set(&e, ERR_NOT_FOUND, "no file");
	assert_false(err_in(&e, "configuration '%s'", "a.ini"));
	assert_false(err_in(&e, "start"));
	assert_int_equal(e.kind, ERR_NOT_FOUND);
	assert_string_equal(e.text, "start: configuration 'a.ini': no file");
}

static void the_old_text_may_be_an_argument(void **state)
{
	struct err e = { 0 };

	(void)state;
	err_set(&e, ERR_USAGE, "first");
	err_set(&e, ERR_USAGE, "then %s, %s", e.text, e.text);
	assert_string_equal(e.text, "then first, first");
}

static void control_bytes_are_escaped_once(void **state)
{
	struct err e = { 0 };

	(void)state;
	err_set(&e, ERR_USAGE, "bad '%s'", "a\x1b[2J\nb\\\xe2\x80\xae\xc3\xa4\xff");
	err_in(&e, "line\t1");
	assert_string_equal(e.text,
			    "line\\x091: bad 'a\\x1b[2J\\x0ab\\\\u{202e}\xc3\xa4\\xff'");
}

static void a_long_text_is_cut_between_characters(void **state)
{
	struct err e = { 0 };

	(void)state;
	err_set(&e, ERR_USAGE, "%0600d", 1);
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
	err_set(&e, ERR_USAGE, "%0510d\xc3\xa4", 1);
	assert_int_equal(strlen(e.text), 510);
	err_in(&e, "%05000d", 1);
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
}

static void every_kind_has_words_of_its_own(void **state)
{
	(void)state;
	for (int a = ERR_NONE; a <= ERR_INTERNAL; a++) {
		for (int b = ERR_NONE; b < a; b++)
			assert_string_not_equal(err_kind_name((enum err_kind)a),
						err_kind_name((enum err_kind)b));
	}
	assert_string_equal(err_kind_name(ERR_NOT_FOUND), "not found");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(setting_fills_kind_and_text_and_is_false),
		cmocka_unit_test(context_goes_in_front_and_keeps_the_kind),
		cmocka_unit_test(the_old_text_may_be_an_argument),
		cmocka_unit_test(control_bytes_are_escaped_once),
		cmocka_unit_test(a_long_text_is_cut_between_characters),
		cmocka_unit_test(every_kind_has_words_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

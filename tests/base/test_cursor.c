/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading: numbers, sets, and the failure that sticks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

static void numbers_are_read_in_network_byte_order(void **state)
{
	struct cursor c = cursor_over(STR("\1\2\3\4\5\6\7"));

	(void)state;
	assert_int_equal(cursor_u8(&c), 1);
	assert_int_equal(cursor_u16(&c), 0x0203);
	assert_int_equal(cursor_u32(&c), 0x04050607);
	assert_true(cursor_at_end(&c));
}

static void a_read_past_the_end_gives_nothing_from_then_on(void **state)
{
	struct cursor c = cursor_over(STR("\1\2\3"));

	(void)state;
	assert_int_equal(cursor_u32(&c), 0);
	assert_false(cursor_ok(&c));
	assert_int_equal(cursor_u8(&c), 0);
	assert_int_equal(cursor_bytes(&c, 1).len, 0);
	assert_int_equal(cursor_bytes(&c, 0).len, 0);
	assert_int_equal(cursor_peek(&c), -1);
	assert_false(cursor_accept(&c, '\1'));
	assert_int_equal(cursor_while(&c, "\1").len, 0);
	assert_int_equal(cursor_left(&c), 0);
	assert_false(cursor_at_end(&c));
}

static void bytes_are_borrowed_and_bounded(void **state)
{
	struct str whole = STR("abcdef");
	struct cursor c = cursor_over(whole);

	(void)state;
	struct str two = cursor_bytes(&c, 2);
	assert_ptr_equal(two.data, whole.data);
	assert_true(str_is(two, "ab"));
	assert_int_equal(cursor_left(&c), 4);
	assert_int_equal(cursor_bytes(&c, SIZE_MAX).len, 0);
	assert_false(cursor_ok(&c));
}

static void sets_are_passed_over(void **state)
{
	struct cursor c = cursor_over(STR("123abc;x"));

	(void)state;
	assert_true(str_is(cursor_while(&c, "0123456789"), "123"));
	assert_true(str_is(cursor_while(&c, "0123456789"), ""));
	assert_true(str_is(cursor_until(&c, ";,"), "abc"));
	assert_false(cursor_accept(&c, ','));
	assert_true(cursor_accept(&c, ';'));
	assert_true(str_is(cursor_until(&c, ";,"), "x"));
	assert_true(cursor_at_end(&c));
}

static void a_nul_byte_is_in_no_set(void **state)
{
	struct cursor c = cursor_over(STR("a\0b"));

	(void)state;
	assert_int_equal(cursor_while(&c, "ab").len, 1);
	assert_true(cursor_accept(&c, '\0'));
	assert_true(str_is(cursor_while(&c, "ab"), "b"));
}

static void high_bytes_are_compared_as_bytes(void **state)
{
	struct cursor c = cursor_over(STR("\xff\xfe"));

	(void)state;
	assert_int_equal(cursor_peek(&c), 0xff);
	assert_true(cursor_accept(&c, '\xff'));
	assert_true(str_is(cursor_while(&c, "\xfe"), "\xfe"));
}

static void the_empty_string_is_at_its_end(void **state)
{
	struct cursor c = cursor_over(str_of(NULL, 0));

	(void)state;
	assert_true(cursor_at_end(&c));
	assert_int_equal(cursor_peek(&c), -1);
	assert_true(cursor_ok(&c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read_in_network_byte_order),
		cmocka_unit_test(a_read_past_the_end_gives_nothing_from_then_on),
		cmocka_unit_test(bytes_are_borrowed_and_bounded),
		cmocka_unit_test(sets_are_passed_over),
		cmocka_unit_test(a_nul_byte_is_in_no_set),
		cmocka_unit_test(high_bytes_are_compared_as_bytes),
		cmocka_unit_test(the_empty_string_is_at_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

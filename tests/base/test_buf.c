/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes being built: growth, the ceiling, and what is left after a failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

static void what_was_written_is_there_and_terminated(void **state)
{
	auto_buf struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_string_equal(buf_cstr(&b), "");
	assert_int_equal(buf_view(&b).len, 0);
	buf_text(&b, "a");
	buf_str(&b, STR("bc"));
	buf_byte(&b, 'd');
	buf_printf(&b, "-%d-%s", 42, "e");
	buf_fill(&b, '.', 3);
	assert_string_equal(buf_cstr(&b), "abcd-42-e...");
	assert_int_equal(b.len, 12);
	assert_false(b.failed);
}

static void numbers_are_in_network_byte_order(void **state)
{
	auto_buf struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_u16(&b, 0x0102);
	buf_u32(&b, 0x03040506);
	buf_u64(&b, 0x0708090a0b0c0d0e);
	assert_true(str_equal(buf_view(&b), STR("\1\2\3\4\5\6\7\10\11\12\13\14\15\16")));
}

static void the_ceiling_can_be_reached_and_not_passed(void **state)
{
	for (size_t max = 0; max < 200; max++) {
		auto_buf struct buf b;
		buf_init(&b, max);
		for (size_t i = 0; i < max; i++)
			buf_byte(&b, 'x');
		assert_false(b.failed);
		buf_byte(&b, 'y');
		assert_true(b.failed);
		assert_int_equal(b.len, max);
	}
	(void)state;
}

static void a_write_past_the_ceiling_fails_whole_and_sticks(void **state)
{
	auto_buf struct buf b;

	(void)state;
	buf_init(&b, 4);
	buf_text(&b, "abc");
	buf_printf(&b, "%s", "de");
	assert_true(b.failed);
	buf_text(&b, "f");
	assert_string_equal(buf_cstr(&b), "abc");
	buf_clear(&b);
	assert_false(b.failed);
	buf_text(&b, "wxyz");
	assert_string_equal(buf_cstr(&b), "wxyz");
}

static void a_huge_ceiling_does_not_wrap(void **state)
{
	auto_buf struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	buf_text(&b, "abc");
	assert_string_equal(buf_cstr(&b), "abc");
	assert_null(buf_room(&b, SIZE_MAX - 1));
	assert_true(b.failed);
}

static void growing_keeps_the_content(void **state)
{
	auto_buf struct buf b;

	(void)state;
	buf_init(&b, 1024 * 1024);
	for (uint32_t i = 0; i < 50000; i++)
		buf_u32(&b, i);
	struct cursor c = cursor_over(buf_view(&b));
	for (uint32_t i = 0; i < 50000; i++)
		assert_int_equal(cursor_u32(&c), i);
	assert_true(cursor_at_end(&c));
}

static void cut_and_consume_take_from_the_ends(void **state)
{
	auto_buf struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_consume(&b, 0);
	buf_cut(&b, 0);
	buf_text(&b, "abcdef");
	buf_cut(&b, 5);
	buf_consume(&b, 2);
	assert_string_equal(buf_cstr(&b), "cde");
	buf_consume(&b, 3);
	assert_string_equal(buf_cstr(&b), "");
}

static void room_is_filled_by_the_caller(void **state)
{
	auto_buf struct buf b;

	(void)state;
	buf_init(&b, 10);
	buf_text(&b, "ab");
	char *room = buf_room(&b, 8);
	assert_non_null(room);
	memcpy(room, "cde", 3);
	buf_wrote(&b, 3);
	assert_string_equal(buf_cstr(&b), "abcde");
	assert_null(buf_room(&b, 6));
	assert_true(b.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_there_and_terminated),
		cmocka_unit_test(numbers_are_in_network_byte_order),
		cmocka_unit_test(the_ceiling_can_be_reached_and_not_passed),
		cmocka_unit_test(a_write_past_the_ceiling_fails_whole_and_sticks),
		cmocka_unit_test(a_huge_ceiling_does_not_wrap),
		cmocka_unit_test(growing_keeps_the_content),
		cmocka_unit_test(cut_and_consume_take_from_the_ends),
		cmocka_unit_test(room_is_filled_by_the_caller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

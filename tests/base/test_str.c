/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparing, cutting and reading borrowed bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

static void comparing_without_case_concerns_ascii_only(void **state)
{
	static const struct {
		const char *name, *a, *b;
		bool same, same_nocase;
	} cases[] = {
		{ "the same", "Mail", "Mail", true, true },
		{ "other case", "Mail", "mAIL", false, true },
		{ "other length", "Mail", "Mai", false, false },
		{ "both empty", "", "", true, true },
		{ "@ is not a backquote", "@", "`", false, false },
		{ "high bytes have no case", "\xc4", "\xe4", false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str a = str_from(cases[i].a);
		struct str b = str_from(cases[i].b);
		if (str_equal(a, b) != cases[i].same ||
		    str_equal_nocase(a, b) != cases[i].same_nocase)
			fail_msg("%s", cases[i].name);
	}
}

static void starts_and_ends_hold_for_the_whole_and_the_empty(void **state)
{
	(void)state;
	assert_true(str_starts(STR("v=spf1 -all"), STR("v=spf1")));
	assert_true(str_starts(STR("ab"), STR("ab")));
	assert_true(str_starts(STR("ab"), STR_EMPTY));
	assert_false(str_starts(STR("ab"), STR("abc")));
	assert_false(str_starts(STR("xab"), STR("ab")));
	assert_true(str_ends(STR("mail.example"), STR(".example")));
	assert_false(str_ends(STR("example"), STR(".example")));
	assert_true(str_is(STR("x"), "x"));
	assert_false(str_is(STR("x\0"), "x"));
}

static void order_is_bytewise_and_the_prefix_comes_first(void **state)
{
	(void)state;
	assert_true(str_compare(STR("a"), STR("b")) < 0);
	assert_true(str_compare(STR("ab"), STR("a")) > 0);
	assert_true(str_compare(STR("\xff"), STR("a")) > 0);
	assert_int_equal(str_compare(STR("ab"), STR("ab")), 0);
	assert_int_equal(str_compare(str_of(NULL, 0), STR_EMPTY), 0);
}

static void trim_takes_blanks_at_both_ends_only(void **state)
{
	(void)state;
	assert_true(str_is(str_trim(STR(" \t a b\r\n")), "a b"));
	assert_true(str_is(str_trim(STR(" \n ")), ""));
	assert_true(str_is(str_trim(STR("\va")), "\va"));
}

static void distance_counts_the_edits_between_two_words(void **state)
{
	static const struct {
		const char *name, *a, *b;
		unsigned edits;
	} cases[] = {
		{ "the same", "check", "check", 0 },
		{ "without case", "CHECK", "check", 0 },
		{ "one taken away", "expect", "expct", 1 },
		{ "one added", "judge", "jugdge", 1 },
		{ "two swapped", "check", "chekc", 2 },
		{ "one empty", "", "abc", 3 },
		{ "both empty", "", "", 0 },
		{ "nothing alike", "abc", "xyz", 3 },
	};
	char longer[STR_DISTANCE_MAX * 2];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str a = str_from(cases[i].a);
		struct str b = str_from(cases[i].b);
		if (str_distance(a, b) != cases[i].edits ||
		    str_distance(b, a) != cases[i].edits)
			fail_msg("%s", cases[i].name);
	}
	memset(longer, 'a', sizeof(longer));
	assert_int_equal(str_distance(str_of(longer, sizeof(longer)), STR_EMPTY),
			 STR_DISTANCE_MAX);
	assert_int_equal(str_distance(STR_EMPTY, str_of(longer, sizeof(longer))),
			 STR_DISTANCE_MAX);
}

static void sub_stays_inside(void **state)
{
	(void)state;
	assert_true(str_is(str_sub(STR("abcd"), 1, 2), "bc"));
	assert_true(str_is(str_sub(STR("abcd"), 2, SIZE_MAX), "cd"));
	assert_true(str_is(str_sub(STR("abcd"), 9, 1), ""));
}

static void split_gives_every_part_also_empty_ones(void **state)
{
	static const struct {
		const char *name, *whole, *joined;
		int parts;
	} cases[] = {
		{ "an empty part between", "a,,b", "[a][][b]", 3 },
		{ "empty parts at the ends", ",a,", "[][a][]", 3 },
		{ "no separator", "abc", "[abc]", 1 },
		{ "the empty string", "", "[]", 1 },
		{ "a separator alone", ",", "[][]", 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_buf struct buf joined;
		buf_init(&joined, 100);
		struct str rest = str_from(cases[i].whole);
		struct str part;
		int parts = 0;
		for (; str_split(&rest, ',', &part); parts++)
			buf_printf(&joined, "[%.*s]", STR_ARG(part));
		if (parts != cases[i].parts ||
		    !str_is(buf_view(&joined), cases[i].joined))
			fail_msg("%s: %s", cases[i].name, buf_cstr(&joined));
		assert_null(rest.data);
	}
}

static void a_number_is_digits_within_the_maximum(void **state)
{
	static const struct {
		const char *name, *text;
		uint64_t max, number;
		bool ok;
	} cases[] = {
		{ "zero", "0", 10, 0, true },
		{ "the maximum", "65535", 65535, 65535, true },
		{ "one more", "65536", 65535, 0, false },
		{ "leading zeros", "0007", 9, 7, true },
		{ "the biggest of all", "18446744073709551615", UINT64_MAX, UINT64_MAX,
		  true },
		{ "beyond the biggest", "18446744073709551616", UINT64_MAX, 0, false },
		{ "a digit beyond a small maximum", "9", 5, 0, false },
		{ "maximum zero", "0", 0, 0, true },
		{ "nothing", "", 10, 0, false },
		{ "plus sign", "+1", 10, 0, false },
		{ "minus sign", "-1", 10, 0, false },
		{ "blank in front", " 1", 10, 0, false },
		{ "letter behind", "1a", 10, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t n = 4711;
		bool ok = str_number(str_from(cases[i].text), cases[i].max, &n);
		if (ok != cases[i].ok || n != (ok ? cases[i].number : 4711))
			fail_msg("%s", cases[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comparing_without_case_concerns_ascii_only),
		cmocka_unit_test(starts_and_ends_hold_for_the_whole_and_the_empty),
		cmocka_unit_test(order_is_bytewise_and_the_prefix_comes_first),
		cmocka_unit_test(trim_takes_blanks_at_both_ends_only),
		cmocka_unit_test(distance_counts_the_edits_between_two_words),
		cmocka_unit_test(sub_stays_inside),
		cmocka_unit_test(split_gives_every_part_also_empty_ones),
		cmocka_unit_test(a_number_is_digits_within_the_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

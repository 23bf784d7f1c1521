/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Widths, and where lines end, in English and in Japanese. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

static void wide_characters_take_two_columns(void **state)
{
	(void)state;
	assert_int_equal(page_width(STR("abc")), 3);
	assert_int_equal(page_width(STR("日本語")), 6);
	assert_int_equal(page_width(STR("DNSの設定。")), 11);
	assert_int_equal(page_width(STR("ｶﾅ")), 2);
	assert_int_equal(page_width(STR("")), 0);
}

static void lines_end_where_they_may(void **state)
{
	static const struct {
		const char *name, *text;
		size_t at, indent, columns;
		const char *want;
	} cases[] = {
		{ "one line", "to be", 0, 0, 5, "to be" },
		{ "at a blank", "to be or not", 0, 0, 6, "to be\nor not" },
		{ "indented", "to be or", 2, 2, 7, "to be\n  or" },
		{ "a word too long stays whole", "a k1._domainkey b", 0, 0, 5,
		  "a\nk1._domainkey\nb" },
		{ "many blanks are one", "a   b", 0, 0, 9, "a b" },
		{ "blanks at the ends go", " a b ", 0, 0, 9, "a b" },
		{ "between characters", "名前の欄です", 0, 0, 6, "名前の\n欄です" },
		{ "half a column left", "名前の欄です", 0, 0, 7, "名前の\n欄です" },
		{ "no full stop begins a line", "ゾーンです。次", 0, 0, 10,
		  "ゾーンで\nす。次" },
		{ "no comma begins a line", "名前、型", 0, 0, 4, "名\n前、\n型" },
		{ "no closing bracket begins a line", "あ「名前」", 0, 0, 8,
		  "あ「名\n前」" },
		{ "no opening bracket ends a line", "あい「名前」", 0, 0, 6,
		  "あい\n「名\n前」" },
		{ "no small kana begins a line", "キャッシュ", 0, 0, 6, "キャッ\nシュ" },
		{ "no long vowel begins a line", "サーバー", 0, 0, 6, "サー\nバー" },
		{ "a name in Latin letters stays whole", "値をexample.jpにします", 0, 0,
		  12, "値を\nexample.jpに\nします" },
		{ "a blank beside Latin letters", "値を example にします", 0, 0, 12,
		  "値を example\nにします" },
		{ "a bracket of Latin letters", "確認 (DNSSEC) です", 0, 0, 8,
		  "確認\n(DNSSEC)\nです" },
		{ "no blank behind a full stop", "です。 次です。", 0, 0, 40,
		  "です。次です。" },
		{ "nothing", "", 0, 0, 5, "" },
		{ "broken UTF-8", "\xe3\x81", 0, 0, 5, "\xe3\x81" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_buf struct buf got;
		buf_init(&got, 1000);
		page_wrap(&got, str_from(cases[i].text), cases[i].at, cases[i].indent,
			  cases[i].columns);
		if (!str_is(buf_view(&got), cases[i].want))
			fail_msg("%s: '%s'", cases[i].name, buf_cstr(&got));
	}
}

static void the_column_behind_the_last_word_is_given(void **state)
{
	auto_buf struct buf got;
	(void)state;
	buf_init(&got, 1000);
	assert_int_equal(page_wrap(&got, STR("あいう"), 3, 1, 7), 3);
}

static void what_is_too_wide_is_clipped_between_characters(void **state)
{
	auto_buf struct buf got;
	(void)state;
	buf_init(&got, 1000);
	page_clip(&got, STR("名前の欄です"), 8);
	assert_string_equal(buf_cstr(&got), "名前...");
	buf_clear(&got);
	page_clip(&got, STR("名前の欄"), 8);
	assert_string_equal(buf_cstr(&got), "名前の欄");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wide_characters_take_two_columns),
		cmocka_unit_test(lines_end_where_they_may),
		cmocka_unit_test(the_column_behind_the_last_word_is_given),
		cmocka_unit_test(what_is_too_wide_is_clipped_between_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What foreign bytes look like after escaping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

#define FFFD "\xef\xbf\xbd"

/* Each function's view of the same bytes. */
static const struct {
	const char *name, *bytes, *visible, *json, *utf8;
} cases[] = {
	{ "plain text", "v=spf1 -all", "v=spf1 -all", "v=spf1 -all", "v=spf1 -all" },
	{ "letters", "\xc3\xa4\xe6\x97\xa5", "\xc3\xa4\xe6\x97\xa5", "\\u00e4\\u65e5",
	  "\xc3\xa4\xe6\x97\xa5" },
	{ "beyond 16 bits", "\xf0\x9f\x93\xa7", "\xf0\x9f\x93\xa7", "\\ud83d\\udce7",
	  "\xf0\x9f\x93\xa7" },
	{ "line feed", "a\nb", "a\\x0ab", "a\\u000ab", "a\nb" },
	{ "escape sequence", "\x1b[2J", "\\x1b[2J", "\\u001b[2J", "\x1b[2J" },
	{ "DEL", "\x7f", "\\x7f", "\\u007f", "\x7f" },
	{ "backslash", "\\n", "\\\\n", "\\\\n", "\\n" },
	{ "double quote", "\"", "\"", "\\\"", "\"" },
	{ "C1 control",
	  "\xc2\x9b"
	  "1m",
	  "\\u{009b}1m", "\\u009b1m",
	  "\xc2\x9b"
	  "1m" },
	{ "right-to-left override", "\xe2\x80\xae", "\\u{202e}", "\\u202e",
	  "\xe2\x80\xae" },
	{ "a lone continuation", "\x80", "\\x80", "\\ufffd", FFFD },
	{ "a byte that is never used", "\xff", "\\xff", "\\ufffd", FFFD },
	{ "cut off at the end", "a\xe2\x80", "a\\xe2\\x80", "a\\ufffd\\ufffd",
	  "a" FFFD FFFD },
	{ "cut off by a letter", "\xe2\x80z", "\\xe2\\x80z", "\\ufffd\\ufffdz",
	  FFFD FFFD "z" },
	{ "overlong of two", "\xc0\xaf", "\\xc0\\xaf", "\\ufffd\\ufffd", FFFD FFFD },
	{ "overlong of three", "\xe0\x80\xaf", "\\xe0\\x80\\xaf", "\\ufffd\\ufffd\\ufffd",
	  FFFD FFFD FFFD },
	{ "overlong of four", "\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf",
	  "\\ufffd\\ufffd\\ufffd\\ufffd", FFFD FFFD FFFD FFFD },
	{ "surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80", "\\ufffd\\ufffd\\ufffd",
	  FFFD FFFD FFFD },
	{ "beyond U+10FFFF", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80",
	  "\\ufffd\\ufffd\\ufffd\\ufffd", FFFD FFFD FFFD FFFD },
	{ "the last letter plane", "\xf4\x8f\xbf\xbd", "\xf4\x8f\xbf\xbd",
	  "\\udbff\\udffd", "\xf4\x8f\xbf\xbd" },
};

static void each_form_shows_what_it_may(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str bytes = str_from(cases[i].bytes);
		auto_buf struct buf got;
		auto_buf struct buf want;
		buf_init(&got, 1000);
		buf_init(&want, 1000);
		escape_visible(&got, bytes, 0);
		buf_byte(&got, '|');
		escape_json(&got, bytes);
		buf_byte(&got, '|');
		escape_utf8(&got, bytes);
		buf_printf(&want, "%s|\"%s\"|%s", cases[i].visible, cases[i].json,
			   cases[i].utf8);
		if (!str_equal(buf_view(&got), buf_view(&want)))
			fail_msg("%s: %s", cases[i].name, buf_cstr(&got));
	}
}

static void a_nul_byte_is_no_end(void **state)
{
	auto_buf struct buf b;

	(void)state;
	buf_init(&b, 100);
	escape_visible(&b, STR("a\0b"), 0);
	escape_json(&b, STR("a\0b"));
	assert_string_equal(buf_cstr(&b), "a\\x00b\"a\\u0000b\"");
}

static void a_csv_field_is_no_formula(void **state)
{
	static const struct {
		const char *name, *field, *csv;
	} fields[] = {
		{ "empty", "", "\"\"" },
		{ "a name", "k1._domainkey", "\"k1._domainkey\"" },
		{ "a comma", "a,b", "\"a,b\"" },
		{ "a quote", "v=\"x\"", "\"v=\"\"x\"\"\"" },
		{ "a backslash", "a\\b", "\"a\\b\"" },
		{ "a line break", "a\r\nb", "\"a\\x0d\\x0ab\"" },
		{ "equals", "=1+1", "\"'=1+1\"" },
		{ "plus", "+1", "\"'+1\"" },
		{ "minus", "-1", "\"'-1\"" },
		{ "at", "@SUM(A1)", "\"'@SUM(A1)\"" },
		{ "a tab in front", "\t=1", "\"\\x09=1\"" },
		{ "equals further on", "v=DKIM1", "\"v=DKIM1\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		auto_buf struct buf b;
		buf_init(&b, 100);
		escape_csv(&b, str_from(fields[i].field));
		if (!str_is(buf_view(&b), fields[i].csv))
			fail_msg("%s: %s", fields[i].name, buf_cstr(&b));
	}
}

static void write_utf8(struct buf *b, uint32_t c)
{
	if (c < 0x800) {
		buf_byte(b, (uint8_t)(0xc0 | c >> 6));
	} else {
		buf_byte(b, (uint8_t)(0xe0 | c >> 12));
		buf_byte(b, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
	}
	buf_byte(b, (uint8_t)(0x80 | (c & 0x3f)));
}

static void characters_that_hide_or_reorder_are_never_shown(void **state)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0x80, 0x9f },     { 0x61c, 0x61c },   { 0x200b, 0x200f },
		{ 0x2028, 0x202e }, { 0x2066, 0x2069 }, { 0xfeff, 0xfeff },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
		for (uint32_t c = ranges[i].first; c <= ranges[i].last; c++) {
			auto_buf struct buf in;
			auto_buf struct buf out;
			auto_buf struct buf want;
			buf_init(&in, 10);
			buf_init(&out, 100);
			buf_init(&want, 100);
			write_utf8(&in, c);
			escape_visible(&out, buf_view(&in), 0);
			buf_printf(&want, "\\u{%04x}", (unsigned)c);
			assert_string_equal(buf_cstr(&out), buf_cstr(&want));
		}
	}
}

static void only_so_many_characters_are_shown(void **state)
{
	auto_buf struct buf b;

	(void)state;
	buf_init(&b, 100);
	escape_visible(&b, STR("a\xc3\xa4\nd"), 4);
	assert_string_equal(buf_cstr(&b), "a\xc3\xa4\\x0ad");
	buf_clear(&b);
	escape_visible(&b, STR("a\xc3\xa4\xc3\xb6\xff\xff"), 2);
	assert_string_equal(buf_cstr(&b), "a\xc3\xa4\xe2\x80\xa6 (3 more)");
}

static void escaping_controls_twice_changes_nothing(void **state)
{
	auto_buf struct buf once;
	auto_buf struct buf twice;

	(void)state;
	buf_init(&once, 100);
	buf_init(&twice, 100);
	escape_controls(&once, STR("a\\b\x07\xe2\x80\xae\xfe\xc3\xa4"));
	assert_string_equal(buf_cstr(&once), "a\\b\\x07\\u{202e}\\xfe\xc3\xa4");
	escape_controls(&twice, buf_view(&once));
	assert_string_equal(buf_cstr(&twice), buf_cstr(&once));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_shows_what_it_may),
		cmocka_unit_test(a_nul_byte_is_no_end),
		cmocka_unit_test(a_csv_field_is_no_formula),
		cmocka_unit_test(characters_that_hide_or_reorder_are_never_shown),
		cmocka_unit_test(only_so_many_characters_are_shown),
		cmocka_unit_test(escaping_controls_twice_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

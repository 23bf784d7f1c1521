/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encodings: the vectors of RFC 4648 section 10, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

static const struct {
	const char *bytes, *hex, *base32, *base64;
} vectors[] = {
	{ "", "", "", "" },
	{ "f", "66", "my", "Zg==" },
	{ "fo", "666f", "mzxq", "Zm8=" },
	{ "foo", "666f6f", "mzxw6", "Zm9v" },
	{ "foob", "666f6f62", "mzxw6yq", "Zm9vYg==" },
	{ "fooba", "666f6f6261", "mzxw6ytb", "Zm9vYmE=" },
	{ "foobar", "666f6f626172", "mzxw6ytboi", "Zm9vYmFy" },
	{ "\xff\xfe\x80", "fffe80", "777ia", "//6A" },
};

typedef void write_f(struct buf *, struct str);
typedef bool parse_f(struct buf *, struct str);

static void assert_written(write_f *f, const char *bytes, const char *text)
{
	auto_buf struct buf b;

	buf_init(&b, 100);
	f(&b, str_from(bytes));
	assert_string_equal(buf_cstr(&b), text);
}

static void assert_parsed(parse_f *f, const char *text, struct str bytes)
{
	auto_buf struct buf b;

	buf_init(&b, 100);
	if (!f(&b, str_from(text)) || !str_equal(buf_view(&b), bytes))
		fail_msg("'%s' gave '%s'", text, buf_cstr(&b));
}

static void assert_refused(parse_f *f, const char *name, const char *text)
{
	auto_buf struct buf b;

	buf_init(&b, 100);
	buf_text(&b, "before");
	if (f(&b, str_from(text)))
		fail_msg("accepted: %s", name);
	assert_string_equal(buf_cstr(&b), "before");
}

static void the_vectors_hold_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		struct str bytes = str_from(vectors[i].bytes);
		assert_written(hex_write, vectors[i].bytes, vectors[i].hex);
		assert_written(base32_write, vectors[i].bytes, vectors[i].base32);
		assert_written(base64_write, vectors[i].bytes, vectors[i].base64);
		assert_parsed(hex_parse, vectors[i].hex, bytes);
		assert_parsed(base64_parse, vectors[i].base64, bytes);
	}
}

static void twenty_bytes_are_thirty_two_characters_of_base32(void **state)
{
	auto_buf struct buf b;

	(void)state;
	buf_init(&b, 100);
	base32_write(&b, STR("01234567890123456789"));
	assert_int_equal(b.len, 32);
}

static void hex_may_have_either_case(void **state)
{
	(void)state;
	assert_parsed(hex_parse, "aAfF", STR("\xaa\xff"));
	assert_refused(hex_parse, "odd length", "abc");
	assert_refused(hex_parse, "other letter", "0g");
	assert_refused(hex_parse, "blank", "0 ");
	assert_refused(hex_parse, "fails late", "00112233x4");
}

static void base64_may_have_blanks_and_lack_padding(void **state)
{
	(void)state;
	assert_parsed(base64_parse, " Zm9v\r\n\tYg = =\n", STR("foob"));
	assert_parsed(base64_parse, "Zm9vYg", STR("foob"));
	assert_parsed(base64_parse, "Zm8", STR("fo"));
	assert_parsed(base64_parse, "+/+/", STR("\xfb\xff\xbf"));
	assert_refused(base64_parse, "one character left over", "Zm9vY");
	assert_refused(base64_parse, "a character behind padding", "Zg==Zg==");
	assert_refused(base64_parse, "half of the padding", "Zg=");
	assert_refused(base64_parse, "too much padding", "Zm8==");
	assert_refused(base64_parse, "padding where none belongs", "Zm9v====");
	assert_refused(base64_parse, "padding alone", "=");
	assert_refused(base64_parse, "URL alphabet", "-_-_");
	assert_refused(base64_parse, "quote", "Zm9v\"");
}

static void unreserved_characters_stay_in_percent_encoding(void **state)
{
	(void)state;
	assert_written(percent_write, "aZ09-._~", "aZ09-._~");
	assert_written(percent_write, "a b/c?d&e=f%+*\xc3\xa4",
		       "a%20b%2Fc%3Fd%26e%3Df%25%2B%2A%C3%A4");
}

static void percent_is_decoded_once(void **state)
{
	(void)state;
	assert_parsed(percent_parse, "a%2fb%2Fc+d", STR("a/b/c+d"));
	assert_parsed(percent_parse, "%2541", STR("%41"));
	assert_parsed(percent_parse, "%00", STR("\0"));
	assert_refused(percent_parse, "percent at the end", "abc%");
	assert_refused(percent_parse, "one digit", "abc%2");
	assert_refused(percent_parse, "no digits", "%zz");
}

static void a_full_buffer_fails_the_parser(void **state)
{
	auto_buf struct buf b;

	(void)state;
	buf_init(&b, 2);
	assert_false(base64_parse(&b, STR("Zm9v")));
	assert_int_equal(b.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_hold_both_ways),
		cmocka_unit_test(twenty_bytes_are_thirty_two_characters_of_base32),
		cmocka_unit_test(hex_may_have_either_case),
		cmocka_unit_test(base64_may_have_blanks_and_lack_padding),
		cmocka_unit_test(unreserved_characters_stay_in_percent_encoding),
		cmocka_unit_test(percent_is_decoded_once),
		cmocka_unit_test(a_full_buffer_fails_the_parser),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

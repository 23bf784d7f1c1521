/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts that look the same have the same skeleton. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "diagnose/lookalike.h"

static void texts_that_look_the_same_have_one_skeleton(void **state unused_arg)
{
	static const struct {
		const char *name;
		const char *text;
		const char *like;
		bool is_same;
	} cases[] = {
		{ "itself", "k1.keys.example.net", "k1.keys.example.net", true },
		{ "capitals", "K1.Keys", "k1.keys", true },
		{ "0 and o", "k0.keys", "ko.keys", true },
		{ "1, l and i", "k1.li", "kl.il", true },
		{ "Cyrillic a", "ex\xd0\xb0mple", "example", true },
		{ "the same, encoded", "xn--exmple-4nf", "example", true },
		{ "the same in capitals, in a name", "a.XN--EXMPLE-4NF.net",
		  "a.example.net", true },
		{ "full-width letters", "\xef\xbd\x8b\xef\xbc\x91", "k1", true },
		{ "full-width dot",
		  "a\xef\xbc\x8e"
		  "b",
		  "a.b", true },
		{ "ideographic full stop",
		  "a\xe3\x80\x82"
		  "b",
		  "a.b", true },
		{ "full-width low line",
		  "\xef\xbc\xbf"
		  "dmarc",
		  "_dmarc", true },
		{ "en dash",
		  "a\xe2\x80\x93"
		  "b",
		  "a-b", true },
		{ "another letter", "example", "exbmple", false },
		{ "a letter more", "example", "examples", false },
		{ "a character that looks like none", "ex\xe3\x81\x82mple", "example",
		  false },
		{ "encoded, and none of ours", "xn--exmple-cua", "example", false },
		{ "no code behind xn--", "xn--!!", "xn--??", false },
		{ "cut UTF-8", "ex\xd0", "ex", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 1 << 20);
		struct str one = lookalike_skeleton(&a, str_from(cases[i].text));
		struct str two = lookalike_skeleton(&a, str_from(cases[i].like));
		if (str_equal(one, two) != cases[i].is_same)
			fail_msg("%s: '%.*s' '%.*s'", cases[i].name, STR_ARG(one),
				 STR_ARG(two));
	}
}

/* RFC 3492 section 7.1: (A), (B), (L). */
static void punycode_is_decoded_as_the_rfc_has_it(void **state unused_arg)
{
	static const struct {
		const char *encoded;
		const char *decoded;
	} cases[] = {
		{ "egbpdaj6bu4bxfgehfvwxn",
		  "{644}{64a}{647}{645}{627}{628}{62a}{643}{644}{645}{648}{634}{639}{631}"
		  "{628}{64a}{61f}" },
		{ "ihqwcrb4cv8a8dqg056pqjye",
		  "{4ed6}{4eec}{4e3a}{4ec0}{4e48}{4e0d}{8bf4}{4e2d}{6587}" },
		{ "3B-ww4c5e180e575a65lsy2b", "3{5e74}b{7d44}{91d1}{516b}{5148}{751f}" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 1 << 20);
		const char *label = arena_printf(&a, "xn--%s", cases[i].encoded);
		struct str got = lookalike_skeleton(&a, str_from(label));
		assert_string_equal(got.data, cases[i].decoded);
	}
}

static void what_is_too_long_is_cut(void **state unused_arg)
{
	auto_arena struct arena a;
	char text[4000];
	arena_init(&a, 1 << 20);
	memset(text, 'a', sizeof(text));
	struct str got = lookalike_skeleton(&a, str_of(text, sizeof(text)));
	assert_true(got.len > 0 && got.len < sizeof(text));
}

static void the_first_character_that_differs_is_named(void **state unused_arg)
{
	static const struct {
		const char *seen;
		const char *wanted;
		size_t position; /* 0: none */
		uint32_t character;
		const char *shown;
	} cases[] = {
		{ "ex\xd0\xb0mple", "example", 3, 0x430, "\xd0\xb0" },
		{ "k1.xn--exmple-4nf", "k1.example", 6, 0x430, "\xd0\xb0" },
		{ "k1.\xef\xbc\xbf"
		  "d",
		  "k1._d", 4, 0xff3f, "\xef\xbc\xbf" },
		{ "kl.a", "k1.a", 2, 'l', "l" },
		{ "a\xe2\x80\x8b", "ab", 2, 0x200b, "\\u{200b}" },
		{ "\xff", "b", 1, 0xff, "\xc3\xbf" },
		{ "K1.A", "k1.a", 0, 0, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		struct lookalike c = { .position = 0 };
		arena_init(&a, 1 << 20);
		assert_int_equal(lookalike_find(&a, str_from(cases[i].seen),
						str_from(cases[i].wanted), &c),
				 cases[i].position > 0);
		assert_int_equal(c.position, cases[i].position);
		assert_int_equal(c.seen, cases[i].character);
		if (cases[i].shown)
			assert_string_equal(c.seen_text.data, cases[i].shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_that_look_the_same_have_one_skeleton),
		cmocka_unit_test(punycode_is_decoded_as_the_rfc_has_it),
		cmocka_unit_test(what_is_too_long_is_cut),
		cmocka_unit_test(the_first_character_that_differs_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

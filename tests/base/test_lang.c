/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Languages: which one a word names, and what they have of a text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

static void names_of_languages_are_read_as_locales_write_them(void **state)
{
	static const struct {
		const char *name, *text;
		bool ok;
		enum lang lang;
	} cases[] = {
		{ "two letters", "ja", true, LANG_JA },
		{ "RFC 5646", "ja-JP", true, LANG_JA },
		{ "a locale", "ja_JP.UTF-8", true, LANG_JA },
		{ "a locale of one part", "ja.UTF-8", true, LANG_JA },
		{ "capitals", "JA", true, LANG_JA },
		{ "English", "en_GB.UTF-8", true, LANG_EN },
		{ "another language that begins alike", "jam", false, LANG_EN },
		{ "a language we do not have", "de_DE.UTF-8", false, LANG_EN },
		{ "the plain locale", "C.UTF-8", false, LANG_EN },
		{ "one letter", "j", false, LANG_EN },
		{ "nothing", "", false, LANG_EN },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum lang lang = LANG_EN;
		if (lang_parse(str_from(cases[i].text), &lang) != cases[i].ok ||
		    lang != cases[i].lang)
			fail_msg("%s: '%s'", cases[i].name, cases[i].text);
	}
}

static void a_text_is_found_in_the_language_asked_for(void **state)
{
	(void)state;
	assert_string_equal(lang_text(LANG_EN, "the domain does not exist"),
			    "the domain does not exist");
	assert_string_equal(lang_text(LANG_JA, "the domain does not exist"),
			    "ドメインが存在しません");
}

static void a_text_without_translation_stays_english(void **state)
{
	(void)state;
	assert_string_equal(lang_text(LANG_JA, "not a text of ours"),
			    "not a text of ours");
	assert_string_equal(lang_text(LANG_JA, ""), "");
}

static void each_language_has_its_name(void **state)
{
	(void)state;
	assert_string_equal(lang_name(LANG_EN), "en");
	assert_string_equal(lang_name(LANG_JA), "ja");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_languages_are_read_as_locales_write_them),
		cmocka_unit_test(a_text_is_found_in_the_language_asked_for),
		cmocka_unit_test(a_text_without_translation_stays_english),
		cmocka_unit_test(each_language_has_its_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which language an Accept-Language header asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/language.h"

static void the_language_that_is_wanted_most_is_chosen(void **state)
{
	static const struct {
		const char *name, *accept;
		enum lang lang;
	} cases[] = {
		{ "no header", NULL, LANG_EN },
		{ "empty", "", LANG_EN },
		{ "Japanese", "ja", LANG_JA },
		{ "a browser of Japan", "ja,en-US;q=0.9,en;q=0.8", LANG_JA },
		{ "a region", "ja-JP", LANG_JA },
		{ "English first", "en-GB,ja;q=0.5", LANG_EN },
		{ "the weights count, not the order", "en;q=0.3, ja;q=0.7", LANG_JA },
		{ "weights of three digits", "en;q=0.701,ja;q=0.70", LANG_EN },
		{ "equal weights: the first", "ja;q=0.5,en;q=0.5", LANG_JA },
		{ "one that we do not have, then ours", "de, ja;q=0.4", LANG_JA },
		{ "only others", "de, fr;q=0.4", LANG_EN },
		{ "anything", "*", LANG_EN },
		{ "not wanted at all", "ja;q=0", LANG_EN },
		{ "not wanted at all, at length", "ja;q=0.000", LANG_EN },
		{ "a weight that is none", "ja;q=much", LANG_EN },
		{ "a weight above one", "ja;q=7, en;q=0.1", LANG_EN },
		{ "blanks and capitals", " JA ; Q=1.0 , en ; q=0.9", LANG_JA },
		{ "another parameter", "ja;level=1", LANG_JA },
		{ "a word that begins alike", "jam", LANG_EN },
		{ "commas only", ",,,", LANG_EN },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str accept = cases[i].accept ? str_from(cases[i].accept)
						    : (struct str){ NULL, 0 };
		if (language_choose(accept) != cases[i].lang)
			fail_msg("%s: '%s'", cases[i].name, cases[i].accept);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_language_that_is_wanted_most_is_chosen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

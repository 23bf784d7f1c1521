/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports from several places, made into one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "seen.h"

#define N1  "k1._domainkey.shop.example.com"
#define ONE "dkim CNAME " N1 " k1.keys.example.net\n"
#define TWO \
	"server ns1.operator.example 192.0.2.1\nserver ns2.operator.example 192.0.2.2\n"
#define RIGHT TWO "all CNAME " N1 " = k1.keys.example.net.\n"
#define WRONG TWO "all CNAME " N1 " = other.example.net.\n"

enum {
	PLACES_MAX = 3,
};

static void places_are_compared(void **state unused_arg)
{
	static const struct {
		const char *name;
		const char *seen[PLACES_MAX];
		enum verdict verdict;
		const char *first; /* code of the first finding */
	} rows[] = {
		{ "all right", { RIGHT, RIGHT, RIGHT }, VERDICT_OK, "" },
		{ "one sees another value",
		  { RIGHT, WRONG, RIGHT },
		  VERDICT_UNDETERMINED,
		  "U909" },
		{ "we alone see it right",
		  { RIGHT, WRONG, WRONG },
		  VERDICT_UNDETERMINED,
		  "U909" },
		{ "we alone see another value",
		  { WRONG, RIGHT, RIGHT },
		  VERDICT_UNDETERMINED,
		  "U909" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct str names[] = { STR("here"), STR("tokyo"), STR("osaka") };
		struct seen seen[PLACES_MAX];
		struct report reports[PLACES_MAX];
		struct report all;
		auto_arena struct arena a;
		arena_init(&a, 64 << 20);
		for (size_t k = 0; k < PLACES_MAX; k++) {
			seen[k] = seen_make(&a, ONE, rows[i].seen[k]);
			diagnose_judge(&a, &seen[k].x, &seen[k].o, LANG_EN, &reports[k]);
		}
		diagnose_compare(&a, reports, names, PLACES_MAX, &all);
		const char *first = all.finding_count ? all.findings[0].code : "";
		if (all.verdict != rows[i].verdict || strcmp(first, rows[i].first) != 0)
			fail_msg("%s: %s %s", rows[i].name, verdict_name(all.verdict),
				 first);
		for (size_t k = 0; k < all.finding_count; k++)
			if (all.verdict != VERDICT_ACTION_REQUIRED)
				assert_int_not_equal(all.findings[k].severity,
						     SEVERITY_ERROR);
	}
}

static void who_was_not_heard_is_named_and_nothing_is_certain(void **state unused_arg)
{
	const struct str unheard[] = { STR("tokyo"), STR("osaka\n") };
	static const char *const words[] = {
		[LANG_EN] = "no answer came from: tokyo, ", [LANG_JA] = "次の場所から"
	};
	struct report r;
	auto_arena struct arena a;

	arena_init(&a, 64 << 20);
	struct seen s = seen_make(&a, ONE, RIGHT);
	diagnose_judge(&a, &s.x, &s.o, LANG_JA, &r);
	diagnose_unheard(&a, unheard, ARRAY_LEN(unheard), &r);
	assert_true(str_starts(r.findings[0].why, str_from(words[LANG_JA])));
	diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
	assert_int_equal(r.verdict, VERDICT_OK);
	diagnose_unheard(&a, unheard, ARRAY_LEN(unheard), &r);
	assert_int_equal(r.verdict, VERDICT_UNDETERMINED);
	assert_int_equal(r.next, NEXT_RETRY);
	assert_string_equal(r.findings[0].code, "U909");
	assert_int_equal(r.findings[0].severity, SEVERITY_UNSURE);
	assert_true(str_starts(r.findings[0].why, str_from(words[LANG_EN])));
	assert_int_equal(str_find_byte(r.findings[0].why, '\n'), r.findings[0].why.len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_are_compared),
		cmocka_unit_test(who_was_not_heard_is_named_and_nothing_is_certain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

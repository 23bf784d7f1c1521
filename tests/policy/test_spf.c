/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPF records: what is one, and whether one holds what another asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/policy.h"

static void an_spf_record_is_told_from_others(void **state unused_arg)
{
	static const struct {
		const char *txt;
		int terms; /* -1: no SPF record */
	} cases[] = {
		{ "v=spf1", 0 },
		{ "v=spf1 ", 0 },
		{ "v=spf1 -all", 1 },
		{ "V=SPF1 -all", 1 },
		{ "v=spf1  include:a.example   ~all ", 2 },
		{ "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 mx a:x.example redirect=y",
		  5 },
		{ "v=spf10 -all", -1 },
		{ "v=spf1-all", -1 },
		{ "v=spf1\t-all", -1 },
		{ " v=spf1 -all", -1 },
		{ "\"v=spf1 -all\"", -1 },
		{ "v=spf2.0/pra -all", -1 },
		{ "v=spf", -1 },
		{ "", -1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 65536);
		struct policy_spf spf = { 0 };
		bool is_spf = policy_spf_parse(&a, str_from(cases[i].txt), &spf);

		if (is_spf != (cases[i].terms >= 0) ||
		    (is_spf && (int)spf.count != cases[i].terms))
			fail_msg("'%s': %d, %zu terms", cases[i].txt, is_spf, spf.count);
	}
}

static void coverage_goes_by_terms(void **state unused_arg)
{
	static const struct {
		const char *name;
		const char *seen;
		const char *wanted;
		bool covers;
	} cases[] = {
		{ "the same", "v=spf1 include:amazonses.com ~all",
		  "v=spf1 include:amazonses.com ~all", true },
		{ "another all", "v=spf1 include:amazonses.com -all",
		  "v=spf1 include:amazonses.com ~all", true },
		{ "merged", "v=spf1 mx include:a.example include:amazonses.com -all",
		  "v=spf1 include:amazonses.com ~all", true },
		{ "case", "v=spf1 Include:AmazonSES.com", "v=spf1 include:amazonses.com",
		  true },
		{ "plus", "v=spf1 +include:amazonses.com", "v=spf1 include:amazonses.com",
		  true },
		{ "final dot", "v=spf1 include:amazonses.com.",
		  "v=spf1 include:amazonses.com", true },
		{ "missing", "v=spf1 mx -all", "v=spf1 include:amazonses.com ~all",
		  false },
		{ "longer domain", "v=spf1 include:amazonses.com.evil.example",
		  "v=spf1 include:amazonses.com", false },
		{ "longer in front", "v=spf1 include:xamazonses.com",
		  "v=spf1 include:amazonses.com", false },
		{ "fails instead", "v=spf1 -include:amazonses.com",
		  "v=spf1 include:amazonses.com", false },
		{ "behind all", "v=spf1 -all include:amazonses.com",
		  "v=spf1 include:amazonses.com", false },
		{ "modifier behind all", "v=spf1 -all redirect=a.example",
		  "v=spf1 redirect=a.example", true },
		{ "one of two", "v=spf1 include:a.example -all",
		  "v=spf1 include:a.example include:b.example", false },
		{ "nothing wanted", "v=spf1", "v=spf1 -all", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 65536);
		struct policy_spf seen;
		struct policy_spf wanted;

		assert_true(policy_spf_parse(&a, str_from(cases[i].seen), &seen));
		assert_true(policy_spf_parse(&a, str_from(cases[i].wanted), &wanted));
		if (policy_spf_covers(&seen, &wanted) != cases[i].covers)
			fail_msg("%s", cases[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_spf_record_is_told_from_others),
		cmocka_unit_test(coverage_goes_by_terms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

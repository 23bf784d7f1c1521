/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a record lets the hosts of another pass, whoever they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "zone.h"

#define SES "v=spf1 include:ses.example ~all"

static const struct zone_row rows[] = {
	{ "ses.example", "TXT", "v=spf1 ip4:192.0.2.0/25 ip6:2001:db8::/32 -all" },
	{ "other.example", "TXT", "v=spf1 ip4:198.51.100.0/24 ~all" },
	{ "with.example", "TXT", "v=spf1 ip4:198.51.100.0/24 include:ses.example -all" },
	{ "deep.example", "TXT", "v=spf1 include:with.example -all" },
	{ "open.example", "TXT", "v=spf1 +all" },
	{ "soft.example", "TXT", "v=spf1 ?include:ses.example -all" },
	{ "flat.example", "TXT", "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ~all" },
	{ "half.example", "TXT", "v=spf1 ip4:192.0.2.0/24 ~all" },
	{ "four.example", "TXT",
	  "v=spf1 a:1.x.example a:2.x.example a:3.x.example a:4.x.example -all" },
	{ "1.x.example", "A", "203.0.113.1" },
	{ "2.x.example", "A", "203.0.113.2" },
	{ "3.x.example", "A", "203.0.113.3" },
	{ "4.x.example", "A", "203.0.113.4" },
	{ "bad.example", "TXT", "v=spf1 ipv4:192.0.2.1 -all" },
	{ "two.example", "TXT", "v=spf1 -all" },
	{ "two.example", "TXT", "v=spf1 +all" },
	{ "loop.example", "TXT", "v=spf1 include:loop.example -all" },
	{ "1.2.0.192.by.example", "A", "127.0.0.2" },
	{ "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.by.example",
	  "A", "127.0.0.2" },
	{ "1.2.0.192.only.example", "A", "127.0.0.2" },
	{ "later.example", "TXT", "LATER" },
	{ "dead.example", "TXT", "FAIL" },
	{ "text.example", "TXT", "hello" },
};

struct walk_case {
	const char *name;
	const char *txt;
	const char *wanted;
	enum spf_reach reach;
	enum spf_cause cause; /* of SPF_BROKEN */
};

static void check(const struct walk_case *c)
{
	auto_arena struct arena a;
	arena_init(&a, 16 << 20);
	struct zone_row all[ARRAY_LEN(rows) + 1] = { { "shop.example", "TXT", c->txt } };
	struct zone z = { .a = &a, .rows = all, .count = ARRAY_LEN(all) };
	struct policy_source source = zone_source(&z);
	struct spf_walk w;

	memcpy(all + 1, rows, sizeof(rows));
	spf_walk(&a, &source, STR("shop.example"), str_from(c->txt), str_from(c->wanted),
		 &w);
	if (w.reach != c->reach || (w.reach == SPF_BROKEN && w.error.cause != c->cause))
		fail_msg("%s: reach %d, cause %d at '%.*s'", c->name, w.reach,
			 w.error.cause, STR_ARG(w.error.term));
}

static void hosts_pass_when_their_term_is_come_by(void **state unused_arg)
{
	static const struct walk_case cases[] = {
		{ "the same", SES, SES, SPF_REACHED, 0 },
		{ "another all", "v=spf1 include:ses.example -all", SES, SPF_REACHED, 0 },
		{ "letters and dot", "v=spf1 +Include:SES.example. -all", SES,
		  SPF_REACHED, 0 },
		{ "behind others", "v=spf1 mx a ip4:203.0.113.1 include:ses.example ~all",
		  SES, SPF_REACHED, 0 },
		{ "behind an include", "v=spf1 include:other.example include:ses.example",
		  SES, SPF_REACHED, 0 },
		{ "inside an include", "v=spf1 include:with.example ~all", SES,
		  SPF_REACHED, 0 },
		{ "inside two", "v=spf1 include:deep.example ~all", SES, SPF_REACHED, 0 },
		{ "by redirect", "v=spf1 redirect=with.example", SES, SPF_REACHED, 0 },
		{ "redirect to itself", "v=spf1 redirect=ses.example", SES, SPF_REACHED,
		  0 },
		{ "all its networks", "v=spf1 include:flat.example -all", SES,
		  SPF_REACHED, 0 },
		{ "everybody", "v=spf1 +all", SES, SPF_REACHED, 0 },
		{ "everybody, inside", "v=spf1 include:open.example -all", SES,
		  SPF_REACHED, 0 },
		{ "a wider network", "v=spf1 ip4:192.0.2.0/24 -all",
		  "v=spf1 ip4:192.0.2.77 ~all", SPF_REACHED, 0 },
		{ "macro of the domain", "v=spf1 include:with.%{d} -all",
		  "v=spf1 include:with.shop.example -all", SPF_REACHED, 0 },
		{ "both of two", "v=spf1 include:other.example include:ses.example",
		  "v=spf1 include:ses.example include:other.example", SPF_REACHED, 0 },
		{ "nobody is wanted", "v=spf1 mx -all", "v=spf1 -all", SPF_REACHED, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(&cases[i]);
}

static void hosts_do_not_pass_otherwise(void **state unused_arg)
{
	static const struct walk_case cases[] = {
		{ "missing", "v=spf1 mx -all", SES, SPF_UNREACHED, 0 },
		{ "nothing", "v=spf1", SES, SPF_UNREACHED, 0 },
		{ "longer, and not there", "v=spf1 include:ses.example.evil.example -all",
		  SES, SPF_UNREACHED, 0 },
		{ "half its networks", "v=spf1 include:half.example -all", SES,
		  SPF_UNREACHED, 0 },
		{ "narrower network", "v=spf1 ip4:192.0.2.0/28 -all",
		  "v=spf1 ip4:192.0.2.0/24", SPF_UNREACHED, 0 },
		{ "behind all", "v=spf1 -all include:ses.example", SES, SPF_BEHIND_ALL,
		  0 },
		{ "redirect beside all", "v=spf1 redirect=with.example ~all", SES,
		  SPF_UNREACHED, 0 },
		{ "refused", "v=spf1 -include:ses.example ~all", SES, SPF_NOT_PASS, 0 },
		{ "refused outside", "v=spf1 ~include:with.example -all", SES,
		  SPF_NOT_PASS, 0 },
		{ "refused inside", "v=spf1 include:soft.example -all", SES,
		  SPF_UNREACHED, 0 },
		{ "one of two", "v=spf1 include:ses.example -all",
		  "v=spf1 include:ses.example include:other.example", SPF_UNREACHED, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(&cases[i]);
}

static void an_error_in_front_keeps_them_from_passing(void **state unused_arg)
{
	static const struct walk_case cases[] = {
		{ "syntax", "v=spf1 include:ses.example ipv4:1 -all", SES, SPF_BROKEN,
		  SPF_CAUSE_SYNTAX },
		{ "syntax inside", "v=spf1 include:bad.example include:ses.example", SES,
		  SPF_BROKEN, SPF_CAUSE_SYNTAX },
		{ "dangling", "v=spf1 include:gone.example include:ses.example", SES,
		  SPF_BROKEN, SPF_CAUSE_TARGET_NONE },
		{ "no SPF there", "v=spf1 include:text.example include:ses.example", SES,
		  SPF_BROKEN, SPF_CAUSE_TARGET_NONE },
		{ "two there", "v=spf1 include:two.example include:ses.example", SES,
		  SPF_BROKEN, SPF_CAUSE_TWO_RECORDS },
		{ "loop", "v=spf1 include:loop.example include:ses.example", SES,
		  SPF_BROKEN, SPF_CAUSE_LOOKUPS },
		{ "eleventh",
		  "v=spf1 include:four.example include:four.example include:ses.example",
		  SES, SPF_BROKEN, SPF_CAUSE_LOOKUPS },
		{ "tenth",
		  "v=spf1 include:four.example a:1.x.example mx:2.x.example "
		  "a:3.x.example a:4.x.example include:ses.example a a",
		  SES, SPF_REACHED, 0 },
		{ "three voids",
		  "v=spf1 a:v1.example a:v2.example mx:v3.example include:ses.example",
		  SES, SPF_BROKEN, SPF_CAUSE_VOID_LOOKUPS },
		{ "behind it all is one",
		  "v=spf1 include:ses.example include:gone.example -all", SES,
		  SPF_REACHED, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(&cases[i]);
}

static void what_could_not_be_asked_is_not_absent(void **state unused_arg)
{
	static const struct walk_case cases[] = {
		{ "not asked yet", "v=spf1 include:later.example -all", SES, SPF_OPEN,
		  0 },
		{ "no answer", "v=spf1 include:dead.example -all", SES, SPF_OPEN, 0 },
		{ "wanted itself unknown, depends on the client",
		  "v=spf1 include:%{i}.x.example -all", "v=spf1 include:later.example",
		  SPF_OPEN, 0 },
		{ "reached all the same",
		  "v=spf1 include:dead.example include:ses.example -all", SES,
		  SPF_REACHED, 0 },
		{ "wanted itself unknown", "v=spf1 ip4:192.0.2.0/24 -all",
		  "v=spf1 include:later.example", SPF_OPEN, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(&cases[i]);
}

static void what_depends_on_the_client_is_evaluated_for_its_hosts(void **state unused_arg)
{
	static const struct walk_case cases[] = {
		{ "each network is known", "v=spf1 exists:%{ir}.by.example -all", SES,
		  SPF_REACHED, 0 },
		{ "one is not", "v=spf1 exists:%{ir}.only.example -all", SES,
		  SPF_UNREACHED, 0 },
		{ "nor any", "v=spf1 exists:%{ir}.none.example -all", SES, SPF_UNREACHED,
		  0 },
		{ "an include of its own for each client that is not there",
		  "v=spf1 include:%{i}.none.example -all", SES, SPF_UNREACHED, 0 },
		{ "beside the term itself",
		  "v=spf1 exists:%{i}.none.example include:ses.example -all", SES,
		  SPF_REACHED, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(&cases[i]);
}

static void a_term_in_front_is_right_without_a_question(void **state unused_arg)
{
	static const char *const texts[] = {
		SES,
		"v=spf1 ip4:203.0.113.0/24 include:ses.example include:later.example "
		"-all",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		auto_arena struct arena a;
		arena_init(&a, 1 << 20);
		struct zone z = { .a = &a, .rows = rows, .count = ARRAY_LEN(rows) };
		struct policy_source source = zone_source(&z);
		struct spf_walk w;

		spf_walk(&a, &source, STR("shop.example"), str_from(texts[i]), STR(SES),
			 &w);
		assert_int_equal(w.reach, SPF_REACHED);
		assert_int_equal(z.asked, 0);
	}
}

static void the_whole_is_walked_where_nothing_is_wanted(void **state unused_arg)
{
	static const struct walk_case cases[] = {
		{ "fine", "v=spf1 include:deep.example -all", "", SPF_REACHED, 0 },
		{ "dangling", "v=spf1 include:ses.example include:gone.example", "",
		  SPF_BROKEN, SPF_CAUSE_TARGET_NONE },
		{ "behind all", "v=spf1 -all include:gone.example", "", SPF_REACHED, 0 },
		{ "unknown", "v=spf1 include:later.example -all", "", SPF_OPEN, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(&cases[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_pass_when_their_term_is_come_by),
		cmocka_unit_test(hosts_do_not_pass_otherwise),
		cmocka_unit_test(an_error_in_front_keeps_them_from_passing),
		cmocka_unit_test(what_could_not_be_asked_is_not_absent),
		cmocka_unit_test(what_depends_on_the_client_is_evaluated_for_its_hosts),
		cmocka_unit_test(a_term_in_front_is_right_without_a_question),
		cmocka_unit_test(the_whole_is_walked_where_nothing_is_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

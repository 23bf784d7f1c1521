/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U1xx and U95x: whether the domain is registered, delegated, ours; and U903, U907, U908:
 * whom one may believe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <jansson.h>

#include "seen.h"

#define N1     "k1._domainkey.shop.example.com"
#define N2     "k2._domainkey.shop.example.com"
#define ONE    "dkim CNAME " N1 " k1.keys.example.net\n"
#define TWO    ONE "dkim CNAME " N2 " k2.keys.example.net\n"
#define TOKEN  "ownership TXT _claim.shop.example.com claim-7Q2\n"
#define A1     "server ns1.operator.example 192.0.2.1\n"
#define A2     "server ns2.operator.example 192.0.2.2\n"
#define ALIEN  "stranger ns9.other.example 192.0.2.9\n"
#define FORMER "former ns8.before.example 192.0.2.8\n"
#define GTLD \
	"zone com\nserver a.gtld.example 192.0.2.5\nserver b.gtld.example 192.0.2.6\n"
#define NOTHING "all CNAME " N1 " nx\n"
#define FOUND   " = k1.keys.example.net.\n"
#define SAME                                                                    \
	"cut ns1.operator.example ns2.operator.example / ns1.operator.example " \
	"ns2.operator.example\n"

#define OK_V   VERDICT_OK
#define FIX_V  VERDICT_ACTION_REQUIRED
#define WAIT_V VERDICT_WAITING
#define ASK_V  VERDICT_UNDETERMINED

static void what_is_not_delegated_is_told_from_what_does_not_exist(
	void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "nobody knows it", ONE, "walk nxdomain example.com\n", FIX_V,
		  "U101:error", "dkim-1=missing" },
		{ "the registry has no such domain", ONE,
		  "walk nxdomain example.com\nregistry none\n", FIX_V, "U101:error",
		  NULL },
		{ "the registry could not be asked", ONE,
		  "walk nxdomain example.com\nregistry unknown\n", FIX_V, "U101:error",
		  NULL },
		{ "registered, says the registry", ONE,
		  "walk nxdomain example.com\nregistry found active\n", FIX_V,
		  "U102:error", "dkim-1=missing" },
		{ "registered, say its servers: no data", ONE,
		  GTLD NOTHING "all NS example.com nodata\n", FIX_V, "U102:error",
		  "dkim-1=missing" },
		{ "nothing at the registry's servers", ONE,
		  GTLD NOTHING "all NS example.com nx\n", FIX_V, "U101:error", NULL },
		{ "the same, and the registry has it", ONE,
		  GTLD NOTHING
		  "all NS example.com nx\nregistry found inactive; client hold\n",
		  FIX_V, "U108:error", "dkim-1=missing" },
		{ "the top-level domain is misspelt", ONE,
		  "walk nxdomain com\nregistry found active\n", FIX_V, "U101:error",
		  NULL },
		{ "a name below what is registered", ONE,
		  "walk nxdomain shop.example.com\nregistry found client hold\n", FIX_V,
		  "U301:error", NULL },
		{ "on hold", ONE,
		  "walk nxdomain example.com\nregistry found client hold\n", FIX_V,
		  "U108:error", NULL },
		{ "being deleted", ONE,
		  "walk nxdomain example.com\nregistry found pending delete\n", FIX_V,
		  "U108:error", NULL },
		{ "expired", ONE,
		  "walk nxdomain example.com\nregistry found active\n"
		  "registry expires 1767323044\n",
		  FIX_V, "U108:error", NULL },
		{ "not expired yet", ONE,
		  "walk nxdomain example.com\nregistry found active\n"
		  "registry expires 1767323046\n",
		  FIX_V, "U102:error", NULL },
		{ "on hold, and its servers are gone", ONE,
		  A1 A2 "all CNAME " N1 " refused\nregistry found server hold\n", FIX_V,
		  "U108:error", NULL },
		{ "on hold, and still in the DNS", ONE,
		  A1 A2 "all CNAME " N1 FOUND "registry found client hold\n", OK_V, "",
		  "dkim-1=ok" },
		{ "behind a forwarder", ONE, "zone com\nforward 203.0.113.53\n" NOTHING,
		  FIX_V, "U101:error", NULL },
		{ "behind a forwarder, no data", ONE,
		  "zone com\nforward 203.0.113.53\n" NOTHING
		  "all NS example.com nodata\n",
		  FIX_V, "U102:error", NULL },
		{ "behind a forwarder, and the registry says why", ONE,
		  "zone com\nforward 203.0.113.53\n" NOTHING
		  "registry found client hold\n",
		  FIX_V, "U108:error", NULL },
		{ "servers are silent, and it is registered", ONE,
		  A1 A2 "all CNAME " N1 " timeout\nregistry found active\n", ASK_V,
		  "U904:unsure", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void records_at_other_servers_are_the_wrong_panel(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "at servers that only the zone names", ONE,
		  A1 A2 ALIEN "ns1 CNAME " N1 " nx\nns2 CNAME " N1
			      " nx\nns9 CNAME " N1 FOUND,
		  FIX_V, "U105:error", "dkim-1=wrong" },
		{ "at servers of before", ONE,
		  A1 A2 FORMER "ns1 CNAME " N1 " nx\nns2 CNAME " N1
			       " nx\nns8 CNAME " N1 FOUND,
		  FIX_V, "U105:error", "dkim-1=missing" },
		{ "two records share it", TWO,
		  A1 A2 FORMER "ns1 CNAME " N1 " nx\nns2 CNAME " N1
			       " nx\nns8 CNAME " N1 FOUND "ns1 CNAME " N2
			       " nx\nns2 CNAME " N2 " nx\nns8 CNAME " N2
			       " = k2.keys.example.net.\n",
		  FIX_V, "U105:error", NULL },
		{ "servers of before have nothing", ONE, A1 A2 FORMER NOTHING, FIX_V,
		  "U301:error", "dkim-1=missing" },
		{ "servers of before lag, which is nobody's business", ONE,
		  A1 A2 FORMER "ns1 CNAME " N1 FOUND "ns2 CNAME " N1 FOUND "ns8 CNAME " N1
			       " nx\n",
		  OK_V, "", "dkim-1=ok" },
		{ "servers of before are lame, which is nobody's business", ONE,
		  A1 A2 FORMER "ns1 CNAME " N1 FOUND "ns2 CNAME " N1 FOUND "ns8 CNAME " N1
			       " refused\n",
		  OK_V, "", "dkim-1=ok" },
		{ "a server that is named has it too", ONE,
		  A1 A2 ALIEN "ns1 CNAME " N1 FOUND "ns2 CNAME " N1
			      " nx\nns9 CNAME " N1 FOUND,
		  FIX_V, "U104:error", NULL },
		{ "in a zone of its own, nothing there", ONE,
		  "zone shop.example.com\n" A1 A2 NOTHING, FIX_V, "U301:error U105:note",
		  NULL },
		{ "in a zone of its own, and right", ONE,
		  "zone shop.example.com\n" A1 A2 "all CNAME " N1 FOUND, OK_V, "", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void two_lists_of_servers_are_compared(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "the same", ONE, A1 A2 SAME "all CNAME " N1 FOUND, OK_V, "", NULL },
		{ "one more in the zone, which has the same", ONE,
		  A1 A2 ALIEN "cut ns1.operator.example ns2.operator.example / "
			      "ns1.operator.example ns9.other.example\n"
			      "all CNAME " N1 FOUND,
		  OK_V, "U109:note", "dkim-1=ok" },
		{ "one more in the zone, which has nothing", ONE,
		  A1 A2 ALIEN "cut ns1.operator.example ns2.operator.example / "
			      "ns1.operator.example ns9.other.example\n"
			      "ns1 CNAME " N1 FOUND "ns2 CNAME " N1 FOUND "ns9 CNAME " N1
			      " nx\n",
		  FIX_V, "U109:error", "dkim-1=wrong" },
		{ "nothing asked of the zone", ONE,
		  A1 A2 "cut ns1.operator.example ns2.operator.example /\n"
			"all CNAME " N1 FOUND,
		  OK_V, "", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void whose_the_domain_is_counts(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "held elsewhere, and right", ONE "held\n", A1 A2 "all CNAME " N1 FOUND,
		  FIX_V, "U951:error", "dkim-1=ok" },
		{ "held elsewhere, and missing", ONE "held\n", A1 A2 NOTHING, FIX_V,
		  "U951:error U301:error", NULL },
		{ "the token is missing", TOKEN,
		  A1 A2 "all TXT _claim.shop.example.com nx\n", FIX_V, "U952:error",
		  "ownership=missing" },
		{ "another token", TOKEN,
		  A1 A2 "all TXT _claim.shop.example.com = \"claim-old\"\n", FIX_V,
		  "U952:error", NULL },
		{ "the token among others", TOKEN,
		  A1 A2 "all TXT _claim.shop.example.com = \"x=1\" ;; \"claim-7Q2\"\n",
		  OK_V, "", NULL },
		{ "registered anew", ONE "registered 1700000000\n",
		  A1 A2 "all CNAME " N1 FOUND
			"registry found active\nregistry registered 1750000000\n",
		  FIX_V, "U954:error", "dkim-1=ok" },
		{ "registered then", ONE "registered 1700000000\n",
		  A1 A2 "all CNAME " N1 FOUND
			"registry found active\nregistry registered 1700050000\n",
		  OK_V, "", NULL },
		{ "the registry did not tell", ONE "registered 1700000000\n",
		  A1 A2 "all CNAME " N1 FOUND "registry unknown\n", OK_V, "", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

#define P1 "server ns1.sedoparking.com 192.0.2.1\n"
#define P2 "server ns2.sedoparking.com 192.0.2.2\n"
#define HE "server ns1.he.net 192.0.2.3\n"

static void parked_name_servers_are_told_by_their_names(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "all of them", ONE, P1 P2 NOTHING, FIX_V, "U107:error", NULL },
		{ "with one that refuses", ONE,
		  P1 HE "192.0.2.1 CNAME " N1 " nx\n192.0.2.3 CNAME " N1 " refused\n",
		  FIX_V, "U107:error", NULL },
		{ "with one of another operator", ONE, P1 A1 "all CNAME " N1 " nx\n",
		  FIX_V, "U301:error", NULL },
		{ "the records are there all the same", ONE, P1 P2 "all CNAME " N1 FOUND,
		  OK_V, "", "dkim-1=ok" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void a_lame_zone_that_can_be_taken_over_is_a_danger(void **state unused_arg)
{
	static const struct {
		const char *name, *seen;
		bool is_danger;
	} rows[] = {
		{ "whoever has an account", HE "all CNAME " N1 " refused\n", true },
		{ "an operator that is not known", A1 "all CNAME " N1 " refused\n",
		  false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		auto_arena struct arena a;
		struct report r;
		arena_init(&a, 16 << 20);
		struct seen s = seen_make(&a, ONE, rows[i].seen);
		diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
		assert_string_equal(r.findings[0].code, "U103");
		bool is_danger = strstr(r.findings[0].why.data,
					"danger: at Hurricane Electric") != NULL;
		if (is_danger != rows[i].is_danger)
			fail_msg("%s: %s", rows[i].name, r.findings[0].why.data);
	}
}

static void a_public_suffix_is_nobodys(void **state unused_arg)
{
	auto_arena struct arena a;
	struct expectation x;
	struct err e = { 0 };
	struct report r;
	const struct observation o = { .walk = WALK_DONE };
	arena_init(&a, 16 << 20);
	assert_true(expectation_empty(&a, STR("co.uk"), &x, &e));
	diagnose_judge(&a, &x, &o, LANG_EN, &r);
	assert_string_equal(findings_text(&a, &r), "U953:error");
}

static void what_cannot_be_believed_is_not_judged_by(void **state unused_arg)
{
#define NOWHERE "unpend-does-this-name-exist.invalid"
	static const struct case_row rows[] = {
		{ "a resolver that makes things up", ONE,
		  "forward 203.0.113.53\n" NOTHING "all A " NOWHERE " = 203.0.113.99\n",
		  ASK_V, "U908:unsure", "dkim-1=unknown" },
		{ "one that does not", ONE,
		  "forward 203.0.113.53\n" NOTHING "all A " NOWHERE " nx\n", FIX_V,
		  "U301:error", "dkim-1=missing" },
		{ "what is right stays right", ONE,
		  "forward 203.0.113.53\nall CNAME " N1 FOUND "all A " NOWHERE
		  " = 203.0.113.99\n",
		  ASK_V, "U908:unsure", "dkim-1=ok" },
		{ "too long for UDP, TCP refused, TCP works elsewhere not", ONE,
		  A1 A2 "all CNAME " N1 " notcp\nall NS example.com "
			"= ns1.operator.example.\n",
		  ASK_V, "U907:unsure", "dkim-1=unknown" },
		{ "one of three servers", ONE,
		  A1 A2 "server ns3.operator.example 192.0.2.3\nns1 CNAME " N1
			" notcp\nns2 CNAME " N1 FOUND "ns3 CNAME " N1 FOUND
			"all NS example.com = ns1.operator.example.\n",
		  OK_V, "U907:note", "dkim-1=ok" },
		{ "a public resolver fails", ONE,
		  A1 A2 "all CNAME " N1 FOUND
			"resolver 198.51.100.8\n198.51.100.8 CNAME " N1 " servfail\n",
		  OK_V, "U903:note", "dkim-1=ok" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void tcp_that_works_elsewhere_makes_the_server_guilty(void **state unused_arg)
{
	auto_arena struct arena a;
	struct report r;
	arena_init(&a, 16 << 20);
	struct seen s = seen_make(&a, ONE,
				  A1 A2 "all CNAME " N1 " notcp\nall NS example.com "
					"= ns1.operator.example.\n");
	s.o.answers[s.o.answer_count - 1].over_tcp = true;
	diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
	assert_string_equal(findings_text(&a, &r), "U907:error");
	assert_int_equal(r.verdict, VERDICT_ACTION_REQUIRED);
}

static void looks_from_several_places_are_compared(void **state unused_arg)
{
	static const struct {
		const char *name, *here, *there;
		enum verdict verdict;
		const char *findings;
	} rows[] = {
		{ "both right", A1 A2 "all CNAME " N1 FOUND, A1 A2 "all CNAME " N1 FOUND,
		  OK_V, "" },
		{ "both wrong", A1 A2 NOTHING, A1 A2 NOTHING, FIX_V, "U301:error" },
		{ "one sees it, one does not", A1 A2 "all CNAME " N1 FOUND, A1 A2 NOTHING,
		  ASK_V, "U909:unsure U301:unsure" },
		{ "the other way round", A1 A2 NOTHING, A1 A2 "all CNAME " N1 FOUND,
		  ASK_V, "U909:unsure U301:unsure" },
		{ "one sees it, one could not ask", A1 A2 "all CNAME " N1 FOUND,
		  A1 A2 "all CNAME " N1 " timeout\n", ASK_V, "U904:unsure" },
	};
	static const struct str names[] = { { "here.json", 9 }, { "there.json", 10 } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		auto_arena struct arena a;
		struct report r[2];
		struct report both;
		arena_init(&a, 16 << 20);
		struct seen here = seen_make(&a, ONE, rows[i].here);
		struct seen there = seen_make(&a, ONE, rows[i].there);
		diagnose_judge(&a, &here.x, &here.o, LANG_EN, &r[0]);
		diagnose_judge(&a, &here.x, &there.o, LANG_EN, &r[1]);
		diagnose_compare(&a, r, names, 2, &both);
		const char *findings = findings_text(&a, &both);
		if (both.verdict != rows[i].verdict ||
		    strcmp(findings, rows[i].findings) != 0)
			fail_msg("%s: %s [%s]", rows[i].name, verdict_name(both.verdict),
				 findings);
		if (strstr(findings, "U909"))
			assert_non_null(strstr(both.findings[0].why.data,
					       "there.json (2026-01-02T03:04:05Z) sees "
					       "dkim-1 as"));
	}
}

static void the_registry_is_asked_only_where_its_word_helps(void **state unused_arg)
{
	static const struct {
		const char *name, *expected, *seen;
		bool is_wanted;
	} rows[] = {
		{ "all is right", ONE, A1 A2 "all CNAME " N1 FOUND, false },
		{ "a record is missing", ONE, A1 A2 NOTHING, false },
		{ "no such domain", ONE, "walk nxdomain example.com\n", true },
		{ "no such name below it", ONE, "walk nxdomain shop.example.com\n",
		  false },
		{ "no such top-level domain", ONE, "walk nxdomain com\n", false },
		{ "the registry's servers hold nothing", ONE, GTLD NOTHING, true },
		{ "all servers refuse", ONE, A1 A2 "all CNAME " N1 " refused\n", true },
		{ "no server answers", ONE, "walk silent example.com\n", true },
		{ "no root server answers", ONE, "walk silent .\n", false },
		{ "no server of the top-level domain answers", ONE, "walk silent com\n",
		  false },
		{ "behind a forwarder", ONE, "forward 203.0.113.53\n" NOTHING, false },
		{ "behind a forwarder, whose answers come from the registry", ONE,
		  "zone com\nforward 203.0.113.53\n" NOTHING, true },
		{ "it is known when it was registered", ONE "registered 1700000000\n",
		  A1 A2 "all CNAME " N1 FOUND, true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		auto_arena struct arena a;
		struct dns_name domain = { 0 };
		arena_init(&a, 16 << 20);
		struct seen s = seen_make(&a, rows[i].expected, rows[i].seen);
		bool is_wanted = diagnose_registry(&a, &s.x, &s.o, &domain);
		if (is_wanted != rows[i].is_wanted)
			fail_msg("%s: %d", rows[i].name, is_wanted);
		if (is_wanted)
			assert_string_equal(dns_name_text(&a, &domain).data,
					    "example.com");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_delegated_is_told_from_what_does_not_exist),
		cmocka_unit_test(records_at_other_servers_are_the_wrong_panel),
		cmocka_unit_test(two_lists_of_servers_are_compared),
		cmocka_unit_test(whose_the_domain_is_counts),
		cmocka_unit_test(parked_name_servers_are_told_by_their_names),
		cmocka_unit_test(a_lame_zone_that_can_be_taken_over_is_a_danger),
		cmocka_unit_test(a_public_suffix_is_nobodys),
		cmocka_unit_test(what_cannot_be_believed_is_not_judged_by),
		cmocka_unit_test(tcp_that_works_elsewhere_makes_the_server_guilty),
		cmocka_unit_test(looks_from_several_places_are_compared),
		cmocka_unit_test(the_registry_is_asked_only_where_its_word_helps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

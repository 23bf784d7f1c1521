/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U303 to U309: an alias that leads elsewhere, nowhere, or has something beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "seen.h"

#define N1   "k1._domainkey.shop.example.com"
#define W1   "k1.keys.example.net."
#define ONE  "dkim CNAME " N1 " k1.keys.example.net\n"
#define MX   "mail_from MX bounce.shop.example.com 10 feedback.example.net\n"
#define SPF  "spf TXT bounce.shop.example.com v=spf1 include:spf.example.net ~all\n"
#define GOOD "\"v=spf1 include:spf.example.net ~all\""
#define SERVERS                                   \
	"server ns1.operator.example 192.0.2.1\n" \
	"server ns2.operator.example 192.0.2.2\n"
/* Who serves the targets. */
#define AWAY                                  \
	"zone example.net\n"                  \
	"server nsx.keys.example 192.0.2.9\n" \
	"zone example.com\n"
/* RFC 8463 appendix A.2. */
#define KEY     "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define RIGHT   SERVERS AWAY "all CNAME " N1 " = " W1 "\n"
#define LEADS   "ns1 TXT " N1 " alias " W1 "\n"
#define SEEN(v) SERVERS "all CNAME " N1 " = " v "\n"
#define SES_ONE "dkim CNAME " N1 " abcdefghijkl.dkim.amazonses.com\n"

#define OK_V    VERDICT_OK
#define FIX_V   VERDICT_ACTION_REQUIRED
#define ASK_V   VERDICT_UNDETERMINED

static void a_zone_appended_to_the_target_is_u303(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "the zone", ONE, SEEN("k1.keys.example.net.example.com."), FIX_V,
		  "U303:error", "dkim-1=wrong" },
		{ "the domain", ONE, SEEN("k1.keys.example.net.shop.example.com."), FIX_V,
		  "U303:error", NULL },
		{ "of the mail host", MX,
		  SERVERS "all MX bounce.shop.example.com = 10 "
			  "feedback.example.net.example.com.\n",
		  FIX_V, "U303:error", NULL },
		{ "not: another one", ONE, SEEN("k1.keys.example.net.example.org."),
		  FIX_V, "U302:error", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void others_beside_an_alias_are_u305(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "a text", ONE, RIGHT "ns1 TXT " N1 " = \"left from a test\"\n", FIX_V,
		  "U305:error", "dkim-1=wrong" },
		{ "an address", ONE, RIGHT "ns2 A " N1 " = 192.0.2.80\n", FIX_V,
		  "U305:error", NULL },
		{ "something: the alias is not given to every question", ONE,
		  RIGHT "ns1 TXT " N1 " nodata\n", FIX_V, "U305:error", "dkim-1=wrong" },
		{ "two aliases", ONE, SEEN(W1 " ;; k9.keys.example.net."), FIX_V,
		  "U305:error", "dkim-1=wrong" },
		{ "an alias in place of a text", SPF,
		  SERVERS AWAY "all TXT bounce.shop.example.com alias b.example.net.\n"
			       "nsx TXT b.example.net nx\n",
		  FIX_V, "U305:error", "spf=wrong" },
		{ "an alias to another text", SPF,
		  SERVERS AWAY "all TXT bounce.shop.example.com alias b.example.net.\n"
			       "nsx TXT b.example.net = \"v=spf1 -all\"\n",
		  FIX_V, "U305:error", NULL },
		{ "not: an alias and what it leads to", ONE,
		  RIGHT "ns1 TXT " N1 " alias " W1 " = \"v=DKIM1; k=ed25519; p=" KEY
			"\"\n",
		  OK_V, "", "dkim-1=ok" },
		{ "not: without authority", ONE, RIGHT "ns1 A " N1 " noaa\n", OK_V, "",
		  "dkim-1=ok" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void an_alias_to_the_right_record_is_right(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "SPF", SPF,
		  SERVERS AWAY "all TXT bounce.shop.example.com alias b.example.net.\n"
			       "nsx TXT b.example.net = " GOOD "\n",
		  OK_V, "", "spf=ok" },
		{ "MX over two aliases", MX,
		  SERVERS AWAY "all MX bounce.shop.example.com alias b.example.net.\n"
			       "nsx MX b.example.net alias c.example.net. = 10 "
			       "feedback.example.net.\n",
		  OK_V, "", "mail_from=ok" },
		{ "not: its server could not be asked", SPF,
		  SERVERS AWAY "all TXT bounce.shop.example.com alias b.example.net.\n"
			       "nsx TXT b.example.net timeout\n",
		  ASK_V, "U302:unsure", "spf=unknown" },
		{ "not: they differ", SPF,
		  SERVERS AWAY
		  "zone example.net\nserver nsy.keys.example 192.0.2.10\nzone "
		  "example.com\nall TXT bounce.shop.example.com alias b.example.net.\n"
		  "nsx TXT b.example.net = " GOOD "\nnsy TXT b.example.net nx\n",
		  ASK_V, "U302:unsure", "spf=unknown" },
		{ "not: said by one who does not serve it", SPF,
		  SERVERS "all TXT bounce.shop.example.com alias b.example.net.\n"
			  "ns1 TXT b.example.net nx\n",
		  ASK_V, "U302:unsure", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void a_circle_or_a_long_chain_is_u306(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "to itself", ONE, SEEN(N1 "."), FIX_V, "U306:error", "dkim-1=wrong" },
		{ "over another one", ONE,
		  SEEN("back.example.com.") "ns1 TXT back.example.com alias " N1 ".\n",
		  FIX_V, "U306:error", NULL },
		{ "nine links", ONE,
		  SEEN("a1.example.com.") "ns1 TXT a1.example.com alias a2.example.com.\n"
					  "ns1 TXT a2.example.com alias a3.example.com.\n"
					  "ns1 TXT a3.example.com alias a4.example.com.\n"
					  "ns1 TXT a4.example.com alias a5.example.com.\n"
					  "ns1 TXT a5.example.com alias a6.example.com.\n"
					  "ns1 TXT a6.example.com alias a7.example.com.\n"
					  "ns1 TXT a7.example.com alias a8.example.com.\n"
					  "ns1 TXT a8.example.com alias " W1 "\n",
		  FIX_V, "U306:error", NULL },
		{ "of a text", SPF,
		  SERVERS
		  "all TXT bounce.shop.example.com alias bounce.shop.example.com.\n",
		  FIX_V, "U306:error", "spf=wrong" },
		{ "not: three links behind the right one", ONE,
		  RIGHT LEADS "nsx TXT k1.keys.example.net alias a.example.net.\n"
			      "nsx TXT a.example.net alias b.example.net.\n"
			      "nsx TXT b.example.net = \"v=DKIM1; k=ed25519; p=" KEY
			      "\"\n",
		  OK_V, "", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void a_target_of_another_set_up_is_u307(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "another token in the same zone", ONE,
		  SEEN("q7w5e3r1t.keys.example.net."), FIX_V, "U307:error",
		  "dkim-1=wrong" },
		{ "another region of SES", SES_ONE,
		  SEEN("abcdefghijkl.dkim.eu-south-1.amazonses.com."), FIX_V,
		  "U307:error", NULL },
		{ "another token of SES", SES_ONE,
		  SEEN("zyxwvutsrqpo.dkim.amazonses.com."), FIX_V, "U307:error", NULL },
		{ "SES, and another platform is expected", ONE,
		  SEEN("zyxwvutsrqpo.dkim.amazonses.com."), FIX_V, "U307:error", NULL },
		{ "not: a slip in the token", SES_ONE,
		  SEEN("abcdefghijkm.dkim.amazonses.com."), FIX_V, "U302:error", NULL },
		{ "not: another platform", ONE, SEEN("k1.other.example."), FIX_V,
		  "U302:error", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void a_target_without_a_key_is_u308(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "it does not exist", ONE,
		  RIGHT LEADS "nsx TXT k1.keys.example.net nx\n", FIX_V, "U308:error",
		  "dkim-1=ok" },
		{ "it has no text", ONE,
		  RIGHT LEADS "nsx TXT k1.keys.example.net nodata\n", FIX_V, "U308:error",
		  "dkim-1=ok" },
		{ "not: it has", ONE,
		  RIGHT LEADS "nsx TXT k1.keys.example.net = \"v=DKIM1; k=ed25519; p=" KEY
			      "\"\n",
		  OK_V, "", NULL },
		{ "not: it could not be asked", ONE,
		  RIGHT LEADS "nsx TXT k1.keys.example.net timeout\n", OK_V, "", NULL },
		{ "not: SERVFAIL", ONE,
		  RIGHT LEADS "nsx TXT k1.keys.example.net servfail\n", OK_V, "", NULL },
		{ "not: nobody asked", ONE, RIGHT LEADS, OK_V, "", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void text_around_the_target_is_u309(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "https", ONE, SEEN("https\\058\\047\\047k1.keys.example.net."), FIX_V,
		  "U309:error", "dkim-1=wrong" },
		{ "a slash", ONE, SEEN("k1.keys.example.net\\047."), FIX_V, "U309:error",
		  NULL },
		{ "a port", ONE, SEEN("k1.keys.example.net\\058443."), FIX_V,
		  "U309:error", NULL },
		{ "a blank", ONE, SEEN("k1.keys.example.net\\032."), FIX_V, "U309:error",
		  NULL },
		{ "the type in front", ONE, SEEN("CNAME\\032k1.keys.example.net."), FIX_V,
		  "U309:error", NULL },
		{ "quotes, and the zone behind", ONE,
		  SEEN("\\\"k1.keys.example.net\\\".example.com."), FIX_V, "U309:error",
		  NULL },
		{ "not: something else in brackets", ONE, SEEN("\\(none\\)."), FIX_V,
		  "U302:error", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

/* Whoever serves another domain is none of the domain's servers. */
static void trouble_of_another_zone_is_not_ours(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "lame", ONE, RIGHT LEADS "nsx TXT k1.keys.example.net refused\n", OK_V,
		  "", NULL },
		{ "dead", ONE, RIGHT LEADS "nsx TXT k1.keys.example.net timeout\n", OK_V,
		  "", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zone_appended_to_the_target_is_u303),
		cmocka_unit_test(others_beside_an_alias_are_u305),
		cmocka_unit_test(an_alias_to_the_right_record_is_right),
		cmocka_unit_test(a_circle_or_a_long_chain_is_u306),
		cmocka_unit_test(a_target_of_another_set_up_is_u307),
		cmocka_unit_test(a_target_without_a_key_is_u308),
		cmocka_unit_test(text_around_the_target_is_u309),
		cmocka_unit_test(trouble_of_another_zone_is_not_ours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of cases: what was seen, and what is to be said about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "seen.h"

/* RFC 8463 appendix A.2; and another. */
#define KEY     "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define OTHER   "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define N1      "k1._domainkey.shop.example.com"
#define N2      "k2._domainkey.shop.example.com"

#define ONE     "dkim CNAME " N1 " k1.keys.example.net\n"
#define TWO     ONE "dkim CNAME " N2 " k2.keys.example.net\n"
#define MX      "mail_from MX bounce.shop.example.com 10 feedback.example.net\n"
#define SPF     "spf TXT bounce.shop.example.com v=spf1 include:spf.example.net ~all\n"
#define TEXT    "dkim TXT " N1 " v=DKIM1; k=ed25519; p=" KEY "\n"

#define A1      "server ns1.operator.example 192.0.2.1\n"
#define A2      "server ns2.operator.example 192.0.2.2\n"
#define A3      "server ns3.operator.example 192.0.2.3\n"
#define SERVERS A1 A2 A3
#define RIGHT1  "all CNAME " N1 " = k1.keys.example.net.\n"
#define RIGHT2  "all CNAME " N2 " = k2.keys.example.net.\n"

#define OK_V    VERDICT_OK
#define FIX_V   VERDICT_ACTION_REQUIRED
#define WAIT_V  VERDICT_WAITING
#define ASK_V   VERDICT_UNDETERMINED

static void what_is_right_is_ok(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "all servers right", TWO, SERVERS RIGHT1 RIGHT2, OK_V, "",
		  "dkim-1=ok dkim-2=ok" },
		{ "one server that is all there is", ONE, A1 RIGHT1, OK_V, "", NULL },
		{ "two of them", ONE, A1 A2 RIGHT1, OK_V, "", NULL },
		{ "capitals", ONE, SERVERS "all CNAME " N1 " = K1.KEYS.Example.NET.\n",
		  OK_V, "", NULL },
		{ "one of three is dead", ONE,
		  SERVERS "ns1 CNAME " N1 " timeout\nns2 CNAME " N1
			  " = k1.keys.example.net.\nns3 CNAME " N1
			  " = k1.keys.example.net.\n",
		  OK_V, "U906:note", "dkim-1=ok" },
		{ "one of two is dead", ONE,
		  A1 A2 "ns1 CNAME " N1 " unreachable\nns2 CNAME " N1
			" = k1.keys.example.net.\n",
		  OK_V, "U906:note", "dkim-1=ok" },
		{ "two addresses of a server, one of them dead", ONE,
		  A1 "server ns1.operator.example 2001:db8::1\n" A2 RIGHT1, OK_V, "",
		  NULL },
		{ "behind a forwarder", ONE, "forward 203.0.113.53\n" RIGHT1, OK_V, "",
		  NULL },
		{ "MX of any preference", MX,
		  SERVERS "all MX bounce.shop.example.com = 20 FEEDBACK.example.net.\n",
		  OK_V, "", NULL },
		{ "SPF with more than asked", SPF,
		  SERVERS
		  "all TXT bounce.shop.example.com = \"v=spf1 mx include:spf.example.net "
		  "-all\"\n",
		  OK_V, "", NULL },
		{ "SPF in two strings, another text beside it", SPF,
		  SERVERS "all TXT bounce.shop.example.com = \"v=spf1 include:spf.\" "
			  "\"example.net ~all\" ;; \"hello\"\n",
		  OK_V, "", NULL },
		{ "key written otherwise", TEXT,
		  SERVERS "all TXT " N1 " = \"k=ed25519 ; p=" KEY "\"\n", OK_V, "",
		  NULL },
		{ "key split into strings, a text beside it", TEXT,
		  SERVERS "all TXT " N1 " = \"v=DKIM1; k=ed25519; p=11qYAYKxCrf\" "
			  "\"VS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\" ;; \"hello\"\n",
		  OK_V, "", NULL },
		{ "any key, where none is known", "dkim TXT " N1 "\n",
		  SERVERS "all TXT " N1 " = \"v=DKIM1; k=ed25519; p=" KEY "\"\n", OK_V,
		  "", NULL },
		{ "stricter DMARC with more report addresses",
		  "dmarc TXT _dmarc.shop.example.com v=DMARC1; p=none; "
		  "rua=mailto:a@b.example\n",
		  SERVERS "all TXT _dmarc.shop.example.com = \"v=DMARC1;p=reject;"
			  "rua=mailto:x@y.example, mailto:a@b.example\"\n",
		  OK_V, "", NULL },
		{ "not required and missing", ONE "?" SPF,
		  SERVERS RIGHT1 "all TXT bounce.shop.example.com nx\n", OK_V,
		  "U601:note", "dkim-1=ok spf=missing" },
		{ "the record lies in a deeper zone", ONE,
		  A1 A2
		  "zone _domainkey.shop.example.com\nserver nsa.other.example 192.0.2.7\n"
		  "server nsb.other.example 192.0.2.8\nzone example.com\n"
		  "ns1 CNAME " N1 " referral\nns2 CNAME " N1 " referral\n"
		  "nsa CNAME " N1 " = k1.keys.example.net.\n"
		  "nsb CNAME " N1 " = k1.keys.example.net.\n",
		  OK_V, "", "dkim-1=ok" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void a_domain_that_does_not_exist_is_u101(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "the registry says so", TWO, "walk nxdomain example.com\n", FIX_V,
		  "U101:error", "dkim-1=missing dkim-2=missing" },
		{ "even the top does not exist", ONE, "walk nxdomain com\n", FIX_V,
		  "U101:error", NULL },
		{ "in the registry's own zone", ONE,
		  "zone com\n" SERVERS "all CNAME " N1 " nx\n", FIX_V, "U101:error",
		  NULL },
		{ "behind a forwarder", ONE,
		  "zone com\nforward 203.0.113.53\nall CNAME " N1 " nx\n", FIX_V,
		  "U101:error", NULL },
		{ "nothing expected", "", "walk nxdomain example.com\n", FIX_V,
		  "U101:error", NULL },
		{ "nothing expected, subdomain without anything", "",
		  SERVERS "all MX shop.example.com nx\nall TXT shop.example.com nx\n"
			  "all TXT _dmarc.shop.example.com nx\nall TXT "
			  "_domainkey.shop.example.com "
			  "nx\n",
		  FIX_V, "U101:error", NULL },
		{ "not: the zone exists, the name below does not", TWO,
		  SERVERS "all CNAME " N1 " nx\nall CNAME " N2 " nx\n", FIX_V,
		  "U301:error", "dkim-1=missing dkim-2=missing" },
		{ "not: the walk ended below what is registered", ONE,
		  "walk nxdomain shop.example.com\n", FIX_V, "U301:error",
		  "dkim-1=missing" },
		{ "not: nobody answered", ONE, "walk silent example.com\n", ASK_V,
		  "U904:unsure", "dkim-1=unknown" },
		{ "not: the registry's zone has the name", ONE,
		  "zone com\n" SERVERS "all CNAME " N1 " nodata\n", FIX_V, "U301:error",
		  NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void a_lame_server_is_u103(void **state unused_arg)
{
#define OTHERS                                                   \
	"ns2 CNAME " N1 " = k1.keys.example.net.\nns3 CNAME " N1 \
	" = k1.keys.example.net.\n"
	static const struct case_row rows[] = {
		{ "refuses", ONE, SERVERS "ns1 CNAME " N1 " refused\n" OTHERS, FIX_V,
		  "U103:error", "dkim-1=ok" },
		{ "fails while others serve", ONE,
		  SERVERS "ns1 CNAME " N1 " servfail\n" OTHERS, FIX_V, "U103:error",
		  "dkim-1=ok" },
		{ "answers without authority", ONE,
		  SERVERS "ns1 CNAME " N1 " noaa\n" OTHERS, FIX_V, "U103:error", NULL },
		{ "its IPv6 address refuses", ONE,
		  A1 A2 "server ns1.operator.example 2001:db8::1\n"
			"192.0.2.1 CNAME " N1 " = k1.keys.example.net.\n"
			"ns2 CNAME " N1 " = k1.keys.example.net.\n2001:db8::1 CNAME " N1
			" refused\n",
		  FIX_V, "U103:error", NULL },
		{ "all refuse", ONE, SERVERS "all CNAME " N1 " refused\n", FIX_V,
		  "U103:error", "dkim-1=unknown" },
		{ "beside what is missing", ONE,
		  SERVERS "ns1 CNAME " N1 " refused\nns2 CNAME " N1 " nx\nns3 CNAME " N1
			  " nx\n",
		  FIX_V, "U103:error U301:error", "dkim-1=missing" },
		{ "not: it is dead", ONE, SERVERS "ns1 CNAME " N1 " timeout\n" OTHERS,
		  OK_V, "U906:note", NULL },
		{ "not: all fail", ONE, SERVERS "all CNAME " N1 " servfail\n", ASK_V,
		  "U905:unsure", "dkim-1=unknown" },
		{ "not: its IPv6 address, asked one question, fails", ONE,
		  A1 A2 "server ns1.operator.example 2001:db8::1\n"
			"192.0.2.1 CNAME " N1 " = k1.keys.example.net.\n"
			"ns2 CNAME " N1 " = k1.keys.example.net.\n2001:db8::1 CNAME " N1
			" servfail\n",
		  ASK_V, "U905:unsure", "dkim-1=unknown" },
		{ "not: all serve the zone and fail at one question at IPv6 too", ONE,
		  A1 "server ns1.operator.example 2001:db8::1\n"
		     "serial 192.0.2.1 7\n192.0.2.1 CNAME " N1
		     " servfail\n2001:db8::1 CNAME " N1 " servfail\n",
		  ASK_V, "U905:unsure", "dkim-1=unknown" },
		{ "its IPv6 address fails, and its IPv4 address refuses", ONE,
		  A1 A2 "server ns1.operator.example 2001:db8::1\n"
			"192.0.2.1 CNAME " N1 " refused\nns2 CNAME " N1
			" = k1.keys.example.net.\n2001:db8::1 CNAME " N1 " servfail\n",
		  FIX_V, "U103:error", NULL },
		{ "both of its addresses fail", ONE,
		  A1 A2 "server ns1.operator.example 2001:db8::1\n"
			"192.0.2.1 CNAME " N1 " servfail\nns2 CNAME " N1
			" = k1.keys.example.net.\n2001:db8::1 CNAME " N1 " servfail\n",
		  FIX_V, "U103:error", NULL },
		{ "not: it serves the zone and fails at one question", ONE,
		  SERVERS "serial ns1 7\nns1 CNAME " N1 " servfail\n" OTHERS, ASK_V,
		  "U905:unsure", "dkim-1=unknown" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void servers_that_differ_are_u104(void **state unused_arg)
{
#define HALF                                                     \
	"ns1 CNAME " N1 " = k1.keys.example.net.\nns2 CNAME " N1 \
	" = k1.keys.example.net.\n"
	static const struct case_row rows[] = {
		{ "one has nothing", ONE, SERVERS HALF "ns3 CNAME " N1 " nx\n", FIX_V,
		  "U104:error", "dkim-1=wrong" },
		{ "one has another value", ONE,
		  SERVERS HALF "ns3 CNAME " N1 " = old.keys.example.net.\n", FIX_V,
		  "U104:error", "dkim-1=wrong" },
		{ "one has the name only", ONE, SERVERS HALF "ns3 CNAME " N1 " nodata\n",
		  FIX_V, "U104:error", NULL },
		{ "two addresses of one server", ONE,
		  A1 A2 "server ns1.operator.example 2001:db8::1\n"
			"192.0.2.1 CNAME " N1 " = k1.keys.example.net.\n"
			"ns2 CNAME " N1 " = k1.keys.example.net.\n2001:db8::1 CNAME " N1
			" nx\n",
		  FIX_V, "U104:error", "dkim-1=wrong" },
		{ "two addresses of the only server", ONE,
		  A1 "server ns1.operator.example 2001:db8::1\n"
		     "192.0.2.1 CNAME " N1 " = k1.keys.example.net.\n"
		     "2001:db8::1 CNAME " N1 " nx\n",
		  FIX_V, "U104:error", "dkim-1=wrong" },
		{ "nothing expected", "",
		  SERVERS
		  "ns1 MX shop.example.com = 10 a.example.\nns2 MX shop.example.com = 10 "
		  "a.example.\nns3 MX shop.example.com nodata\n",
		  FIX_V, "U104:error U906:unsure", NULL },
		{ "not: all wrong, each in its way", ONE,
		  SERVERS "ns1 CNAME " N1 " nx\nns2 CNAME " N1
			  " = a.example.\nns3 CNAME " N1 " = b.example.\n",
		  FIX_V, "U302:error", "dkim-1=wrong" },
		{ "not: the third could not be asked", ONE,
		  SERVERS HALF "ns3 CNAME " N1 " timeout\n", OK_V, "U906:note", NULL },
		{ "not: the third is lame", ONE,
		  SERVERS HALF "ns3 CNAME " N1 " refused\n", FIX_V, "U103:error",
		  "dkim-1=ok" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void a_bogus_chain_is_never_ok(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "right and bogus", ONE, SERVERS RIGHT1 "bogus CNAME " N1 "\n", FIX_V,
		  "U106:error", NULL },
		{ "one of two", TWO, SERVERS RIGHT1 RIGHT2 "bogus CNAME " N2 "\n", FIX_V,
		  "U106:error", NULL },
		{ "missing and bogus", ONE,
		  SERVERS "all CNAME " N1 " nx\nbogus CNAME " N1 "\n", FIX_V,
		  "U106:error", "dkim-1=unknown" },
		{ "bogus from the anchor on", TWO,
		  SERVERS RIGHT1 RIGHT2
		  "bogus CNAME " N1 " signature expired for trust anchor . while\n"
		  "bogus CNAME " N2 " signature expired for trust anchor . while\n",
		  ASK_V, "U106:unsure", "dkim-1=unknown dkim-2=unknown" },
		{ "bogus from the anchor on, and from below", TWO,
		  SERVERS RIGHT1 RIGHT2 "bogus CNAME " N1
					" signature expired for trust anchor . while\n"
					"bogus CNAME " N2 "\n",
		  FIX_V, "U106:error", NULL },
		{ "signed, and the validator could not tell", ONE,
		  SERVERS RIGHT1 "signed\nunchecked CNAME " N1 "\n", ASK_V, "U106:unsure",
		  "dkim-1=unknown" },
		{ "not: signed, and it holds", ONE,
		  SERVERS RIGHT1 "signed\nsecure CNAME " N1 "\n", OK_V, "", NULL },
		/* A DS that is not in a referral may have been taken out of it. */
		{ "unsigned as it seems, and the validator could not tell", ONE,
		  SERVERS RIGHT1 "unchecked CNAME " N1 "\n", ASK_V, "U106:unsure",
		  "dkim-1=unknown" },
		{ "not: the validator could not tell of one, its zone is unsigned", TWO,
		  SERVERS RIGHT1 RIGHT2 "unchecked CNAME " N1 "\ninsecure CNAME " N2 "\n",
		  OK_V, "", NULL },
		{ "denied, and the validator could not tell", ONE,
		  SERVERS "all CNAME " N1 " nx\nsigned\nunchecked CNAME " N1 "\n", ASK_V,
		  "U106:unsure", "dkim-1=unknown" },
		{ "not: another question", ONE, SERVERS RIGHT1 "bogus TXT " N1 "\n", OK_V,
		  "", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void a_doubled_zone_is_u201(void **state unused_arg)
{
#define D1 N1 ".example.com"
	static const struct case_row rows[] = {
		{ "one", ONE,
		  SERVERS "all CNAME " N1 " nx\nall CNAME " D1
			  " = k1.keys.example.net.\n",
		  FIX_V, "U201:error", "dkim-1=missing" },
		{ "two share the cause", TWO,
		  SERVERS "all CNAME " N1 " nx\nall CNAME " N2 " nx\nall CNAME " D1
			  " = k1.keys.example.net.\nall CNAME " N2
			  ".example.com = K2.keys.example.net.\n",
		  FIX_V, "U201:error", NULL },
		{ "MX, and the zone is the domain itself", MX,
		  "zone shop.example.com\n" SERVERS "all MX bounce.shop.example.com nx\n"
		  "all MX bounce.shop.example.com.shop.example.com = 10 "
		  "feedback.example.net.\n",
		  FIX_V, "U201:error", NULL },
		{ "behind a forwarder", ONE,
		  "forward 203.0.113.53\nall CNAME " N1 " nx\nall CNAME " D1
		  " = k1.keys.example.net.\n",
		  FIX_V, "U201:error", NULL },
		{ "one doubled, one missing", TWO,
		  SERVERS "all CNAME " N1 " nx\nall CNAME " N2 " nx\nall CNAME " D1
			  " = k1.keys.example.net.\nall CNAME " N2 ".example.com nx\n",
		  FIX_V, "U201:error U301:error", NULL },
		{ "not: another value there", ONE,
		  SERVERS "all CNAME " N1 " nx\nall CNAME " D1 " = other.example.\n",
		  FIX_V, "U301:error", NULL },
		{ "not: nothing there", ONE,
		  SERVERS "all CNAME " N1 " nx\nall CNAME " D1 " nx\n", FIX_V,
		  "U301:error", NULL },
		{ "not: right in both places", ONE,
		  SERVERS RIGHT1 "all CNAME " D1 " = k1.keys.example.net.\n", OK_V, "",
		  NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void what_is_missing_is_u301(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "no such name", ONE, SERVERS "all CNAME " N1 " nx\n", FIX_V,
		  "U301:error", "dkim-1=missing" },
		{ "no such type", ONE, SERVERS "all CNAME " N1 " nodata\n", FIX_V,
		  "U301:error", NULL },
		{ "one of two", TWO, SERVERS RIGHT1 "all CNAME " N2 " nx\n", FIX_V,
		  "U301:error", "dkim-1=ok dkim-2=missing" },
		{ "the rest is dead", ONE,
		  SERVERS "ns1 CNAME " N1 " nx\nns2 CNAME " N1 " timeout\nns3 CNAME " N1
			  " timeout\n",
		  FIX_V, "U301:error U906:note", NULL },
		{ "behind a forwarder", ONE,
		  "forward 203.0.113.53\nall CNAME " N1 " nx 120\n", FIX_V, "U301:error",
		  NULL },
		{ "texts, but none of them SPF", SPF,
		  SERVERS
		  "all TXT bounce.shop.example.com = \"hello\" ;; \"v=spf10 x\"\n",
		  FIX_V, "U601:error", "spf=missing" },
		{ "an alias that leads nowhere, behind a forwarder", TEXT,
		  "forward 203.0.113.53\nall TXT " N1 " alias gone.example.\n", FIX_V,
		  "U301:error", NULL },
		{ "not: silence", ONE, SERVERS "all CNAME " N1 " timeout\n", ASK_V,
		  "U904:unsure", "dkim-1=unknown" },
		{ "not: errors", ONE, SERVERS "all CNAME " N1 " servfail\n", ASK_V,
		  "U905:unsure", NULL },
		{ "not: an alias that nobody followed", TEXT,
		  SERVERS "all TXT " N1 " alias k.example.\n", ASK_V, "U302:unsure",
		  "dkim-1=unknown" },
		{ "not: our own limit", ONE, SERVERS "all CNAME " N1 " limit\n", ASK_V,
		  "U904:unsure", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void another_value_is_u302(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "another target", ONE,
		  SERVERS "all CNAME " N1 " = k2.keys.example.net.\n", FIX_V,
		  "U302:error", "dkim-1=wrong" },
		{ "the zone behind the target", ONE,
		  SERVERS "all CNAME " N1 " = k1.keys.example.net.example.com.\n", FIX_V,
		  "U303:error", NULL },
		{ "a second CNAME", ONE,
		  SERVERS "all CNAME " N1 " = k1.keys.example.net. ;; x.example.\n",
		  FIX_V, "U305:error", NULL },
		{ "another MX", MX,
		  SERVERS "all MX bounce.shop.example.com = 10 mail.example.\n", FIX_V,
		  "U702:error", NULL },
		{ "another key", TEXT, SERVERS "all TXT " N1 " = \"v=DKIM1; p=AAAA\"\n",
		  FIX_V, "U510:error", NULL },
		{ "a revoked key", TEXT, SERVERS "all TXT " N1 " = \"v=DKIM1; p=\"\n",
		  FIX_V, "U505:error", NULL },
		{ "a revoked key, where any would do", "dkim TXT " N1 "\n",
		  SERVERS "all TXT " N1 " = \"v=DKIM1; p=\"\n", FIX_V, "U505:error",
		  NULL },
		{ "the key in two records", TEXT,
		  SERVERS "all TXT " N1
			  " = \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQH\" ;; "
			  "\"Og7hcvPapiMlrwIaaPcHURo=\"\n",
		  FIX_V, "U502:error", NULL },
		{ "a weaker DMARC policy",
		  "dmarc TXT _dmarc.shop.example.com v=DMARC1; p=reject\n",
		  SERVERS "all TXT _dmarc.shop.example.com = \"v=DMARC1; p=none\"\n",
		  FIX_V, "U302:error", NULL },
		{ "an ownership text in capitals",
		  "ownership TXT _amazonses.shop.example.com AbCd=\n",
		  SERVERS "all TXT _amazonses.shop.example.com = \"abcd=\"\n", FIX_V,
		  "U952:error", NULL },
		{ "targets and hosts are two causes", ONE MX,
		  SERVERS "all CNAME " N1
			  " = x.example.\nall MX bounce.shop.example.com = 10 "
			  "mail.example.\n",
		  FIX_V, "U302:error U702:error", NULL },
		{ "not: a final dot and capitals", ONE,
		  SERVERS "all CNAME " N1 " = K1.keys.example.NET.\n", OK_V, "", NULL },
		{ "not: an ownership text beside another",
		  "ownership TXT _amazonses.shop.example.com AbCd=\n",
		  SERVERS "all TXT _amazonses.shop.example.com = \"x\" ;; \"AbCd=\"\n",
		  OK_V, "", NULL },
		{ "not: nothing there", ONE, SERVERS "all CNAME " N1 " nodata\n", FIX_V,
		  "U301:error", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void a_text_in_place_of_an_alias_is_u304(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "the target as text", ONE,
		  SERVERS "all CNAME " N1 " nodata\nall TXT " N1
			  " = \"k1.keys.example.net\"\n",
		  FIX_V, "U304:error", "dkim-1=wrong" },
		{ "the key as text", ONE,
		  SERVERS "all CNAME " N1 " nodata\nall TXT " N1
			  " = \"v=DKIM1; k=ed25519; p=" KEY "\"\n",
		  FIX_V, "U304:error", NULL },
		{ "some text", ONE,
		  SERVERS "all CNAME " N1 " nodata\nall TXT " N1 " = \"\\027[2Jhello\"\n",
		  FIX_V, "U304:error", NULL },
		{ "doubled comes first", ONE,
		  SERVERS "all CNAME " N1 " nodata\nall TXT " N1 " = \"x\"\nall CNAME " N1
			  ".example.com = k1.keys.example.net.\n",
		  FIX_V, "U201:error", NULL },
		{ "not: no text there", ONE,
		  SERVERS "all CNAME " N1 " nodata\nall TXT " N1 " nodata\n", FIX_V,
		  "U301:error", NULL },
		{ "not: an alias is there", ONE,
		  SERVERS RIGHT1 "all TXT " N1
				 " alias k1.keys.example.net. = \"k=ed25519; p=" KEY
				 "\"\n",
		  OK_V, "", NULL },
		{ "not: the text was told without authority", ONE,
		  SERVERS "all CNAME " N1 " nodata\nall TXT " N1 " noaa\n", FIX_V,
		  "U301:error", NULL },
		{ "not: a text was expected", TEXT,
		  SERVERS "all TXT " N1 " = \"p=AAAA\"\n", FIX_V, "U510:error", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void two_where_one_may_be_are_u602_and_u703(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "two SPF records", SPF,
		  SERVERS "all TXT bounce.shop.example.com = \"v=spf1 "
			  "include:spf.example.net ~all\" ;; "
			  "\"v=spf1 mx ~all\"\n",
		  FIX_V, "U602:error", "spf=wrong" },
		{ "two of them, nothing expected", "",
		  SERVERS
		  "all TXT shop.example.com = \"v=spf1 a -all\" ;; \"v=spf1 mx -all\"\n"
		  "all MX shop.example.com nodata\nall TXT _dmarc.shop.example.com nx\n"
		  "all TXT _domainkey.shop.example.com nx\n",
		  FIX_V, "U602:error", "mx=absent spf=wrong dmarc=absent dkim=absent" },
		{ "a second MX", MX,
		  SERVERS
		  "all MX bounce.shop.example.com = 10 feedback.example.net. ;; 20 "
		  "mail.example.\n",
		  FIX_V, "U703:error", NULL },
		{ "not: one SPF record in two strings", SPF,
		  SERVERS "all TXT bounce.shop.example.com = \"v=spf1 \" "
			  "\"include:spf.example.net\"\n",
		  OK_V, "", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void silence_is_u904_and_errors_are_u905(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "no server answers", TWO,
		  SERVERS "all CNAME " N1 " timeout\nall CNAME " N2 " timeout\n", ASK_V,
		  "U904:unsure", "dkim-1=unknown dkim-2=unknown" },
		{ "no server is known", ONE, "", ASK_V, "U904:unsure", NULL },
		{ "the walk heard nothing", ONE, "walk silent com\n", ASK_V,
		  "U904:unsure", NULL },
		{ "not even the root answers", ONE, "walk silent .\n", ASK_V,
		  "U904:unsure", "dkim-1=unknown" },
		{ "the walk was too long", ONE, "walk limit com\n", ASK_V, "U904:unsure",
		  NULL },
		{ "the forwarder is silent", ONE,
		  "forward 203.0.113.53\nall CNAME " N1 " timeout\n", ASK_V,
		  "U904:unsure", NULL },
		{ "nothing expected", "", SERVERS "all MX shop.example.com timeout\n",
		  ASK_V, "U904:unsure", NULL },
		{ "only one of three answers", ONE,
		  SERVERS "ns1 CNAME " N1 " = k1.keys.example.net.\nns2 CNAME " N1
			  " timeout\nns3 CNAME " N1 " timeout\n",
		  ASK_V, "U906:unsure U906:note", "dkim-1=unknown" },
		{ "all fail", ONE, SERVERS "all CNAME " N1 " servfail\n", ASK_V,
		  "U905:unsure", "dkim-1=unknown" },
		{ "the walk met failures", ONE, "walk servfail example.com\n", ASK_V,
		  "U905:unsure", NULL },
		{ "the root fails", ONE, "walk servfail .\n", ASK_V, "U905:unsure",
		  "dkim-1=unknown" },
		{ "the forwarder fails", ONE,
		  "forward 203.0.113.53\nall CNAME " N1 " servfail\n", ASK_V,
		  "U905:unsure", NULL },
		{ "the forwarder refuses", ONE,
		  "forward 203.0.113.53\nall CNAME " N1 " refused\n", ASK_V,
		  "U905:unsure", NULL },
		{ "some fail, the rest is silent", ONE,
		  A1 A2 "ns1 CNAME " N1 " servfail\nns2 CNAME " N1 " timeout\n", ASK_V,
		  "U905:unsure", NULL },
		{ "one question fails everywhere", TWO,
		  SERVERS RIGHT1 "all CNAME " N2 " servfail\n", ASK_V, "U905:unsure",
		  "dkim-1=ok dkim-2=unknown" },
		{ "what is missing goes first", TWO,
		  SERVERS "all CNAME " N1 " nx\nall CNAME " N2 " servfail\n", FIX_V,
		  "U301:error U905:unsure", "dkim-1=missing dkim-2=unknown" },
		{ "not: errors and silence of one only", ONE,
		  SERVERS "ns1 CNAME " N1 " timeout\nns2 CNAME " N1
			  " = k1.keys.example.net.\nns3 CNAME " N1
			  " = k1.keys.example.net.\n",
		  OK_V, "U906:note", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void a_server_that_was_left_out_makes_the_others_no_more(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "one of two", ONE,
		  A1 A2 "ns1 CNAME " N1 " = k1.keys.example.net.\nns2 CNAME " N1
			" limit\n",
		  ASK_V, "U906:unsure", "dkim-1=unknown" },
		{ "one of three, another is dead", ONE,
		  SERVERS "ns1 CNAME " N1 " = k1.keys.example.net.\nns2 CNAME " N1
			  " timeout\nns3 CNAME " N1 " limit\n",
		  ASK_V, "U906:unsure U906:note", "dkim-1=unknown" },
		{ "one of three, which serves the zone", ONE,
		  SERVERS "serial ns3 7\nns1 CNAME " N1
			  " = k1.keys.example.net.\nns2 CNAME " N1
			  " = k1.keys.example.net.\nns3 CNAME " N1 " limit\n",
		  OK_V, "", "dkim-1=ok" },
		{ "one of three, and nothing is known of it", ONE,
		  SERVERS "ns1 CNAME " N1 " = k1.keys.example.net.\nns2 CNAME " N1
			  " = k1.keys.example.net.\nns3 CNAME " N1 " limit\n",
		  ASK_V, "U906:unsure", "dkim-1=unknown" },
		{ "an address only", ONE,
		  A1 "server ns1.operator.example 2001:db8::1\n" A2
		     "2001:db8::1 CNAME " N1 " limit\nns1 CNAME " N1
		     " = k1.keys.example.net.\nns2 CNAME " N1 " = k1.keys.example.net.\n",
		  OK_V, "", "dkim-1=ok" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void caches_never_decide_and_are_waited_for(void **state unused_arg)
{
#define CACHES "resolver 203.0.113.53\nresolver 203.0.113.54\n"
	static const struct case_row rows[] = {
		{ "one remembers nothing", ONE,
		  SERVERS CACHES RIGHT1 "203.0.113.53 CNAME " N1
					" nx 184\n203.0.113.54 CNAME " N1
					" = k1.keys.example.net.\n",
		  WAIT_V, "U901:wait", "dkim-1=waiting" },
		{ "one remembers the old", ONE,
		  SERVERS CACHES RIGHT1 "203.0.113.53 CNAME " N1 " = old.example.\n",
		  WAIT_V, "U902:wait", "dkim-1=waiting" },
		{ "one fails", ONE,
		  SERVERS CACHES RIGHT1 "203.0.113.53 CNAME " N1 " servfail\n", OK_V,
		  "U903:note", NULL },
		{ "both right, the authorities not", ONE,
		  SERVERS CACHES "all CNAME " N1 " nx\n203.0.113.53 CNAME " N1
				 " = k1.keys.example.net.\n203.0.113.54 CNAME " N1
				 " = k1.keys.example.net.\n",
		  FIX_V, "U301:error", "dkim-1=missing" },
		{ "only caches answer", ONE,
		  CACHES "203.0.113.53 CNAME " N1 " = k1.keys.example.net.\n", ASK_V,
		  "U904:unsure", "dkim-1=unknown" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void with_nothing_expected_what_there_is_is_found(void **state unused_arg)
{
#define FOUND                                                                  \
	SERVERS "all MX shop.example.com = 10 mail.example.\n"                 \
		"all TXT shop.example.com = \"v=spf1 mx -all\" ;; \"other\"\n" \
		"all TXT _dmarc.shop.example.com = \"v=DMARC1; p=none\"\n"
	static const struct case_row rows[] = {
		{ "all", "", FOUND "all TXT _domainkey.shop.example.com nodata\n", OK_V,
		  "U807:note", "mx=found spf=found dmarc=found dkim=found" },
		{ "no keys", "", FOUND "all TXT _domainkey.shop.example.com nx\n", OK_V,
		  "U807:note", "mx=found spf=found dmarc=found dkim=absent" },
		{ "nothing", "",
		  SERVERS
		  "all MX shop.example.com nodata\nall TXT shop.example.com nodata\n"
		  "all TXT _dmarc.shop.example.com nx\nall TXT "
		  "_domainkey.shop.example.com "
		  "nx\n",
		  OK_V, "", "mx=absent spf=absent dmarc=absent dkim=absent" },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_right_is_ok),
		cmocka_unit_test(a_domain_that_does_not_exist_is_u101),
		cmocka_unit_test(a_lame_server_is_u103),
		cmocka_unit_test(servers_that_differ_are_u104),
		cmocka_unit_test(a_bogus_chain_is_never_ok),
		cmocka_unit_test(a_doubled_zone_is_u201),
		cmocka_unit_test(what_is_missing_is_u301),
		cmocka_unit_test(another_value_is_u302),
		cmocka_unit_test(a_text_in_place_of_an_alias_is_u304),
		cmocka_unit_test(two_where_one_may_be_are_u602_and_u703),
		cmocka_unit_test(silence_is_u904_and_errors_are_u905),
		cmocka_unit_test(a_server_that_was_left_out_makes_the_others_no_more),
		cmocka_unit_test(caches_never_decide_and_are_waited_for),
		cmocka_unit_test(with_nothing_expected_what_there_is_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

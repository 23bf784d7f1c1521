/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U701 to U705, U801 to U807: the MX of MAIL FROM, and DMARC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "seen.h"

#define NAME   "k1._domainkey.shop.example.com"
#define KEY    "dkim CNAME " NAME " k1.keys.example.net\n"
#define BOUNCE "bounce.shop.example.com"
#define HOST   "feedback-smtp.eu-west-1.amazonses.com"
#define MX     "mail_from MX " BOUNCE " 10 " HOST "\n"
#define DMARC  "dmarc TXT _dmarc.shop.example.com v=DMARC1; p=none\n"
#define STRICT "dmarc TXT _dmarc.shop.example.com v=DMARC1; p=reject\n"
#define SERVERS                                   \
	"server ns1.operator.example 192.0.2.1\n" \
	"server ns2.operator.example 192.0.2.2\n"
#define HAS_KEY      "all CNAME " NAME " = k1.keys.example.net.\n"
#define HAS_MX(mx)   "all MX " BOUNCE " = " mx "\n"
#define HAS_DMARC(t) "all TXT _dmarc.shop.example.com = " t "\n"
#define REJECT       "\"v=DMARC1; p=reject\""

#define FIX          VERDICT_ACTION_REQUIRED

static void the_mx_of_mail_from_is_one_and_the_platforms(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "right", MX, SERVERS HAS_MX("10 " HOST "."), VERDICT_OK, "",
		  "mail_from=ok" },
		{ "missing", MX, SERVERS "all MX " BOUNCE " nodata\n", FIX, "U701:error",
		  "mail_from=missing" },
		{ "missing, beside a key", KEY MX,
		  SERVERS HAS_KEY "all MX " BOUNCE " nodata\n", FIX, "U701:error", NULL },
		{ "not: nothing at all is there", KEY MX,
		  SERVERS "all CNAME " NAME " nx\nall MX " BOUNCE " nx\n", FIX,
		  "U301:error", NULL },
		{ "optional", "?" MX, SERVERS "all MX " BOUNCE " nx\n", VERDICT_OK,
		  "U701:note", NULL },
		{ "not: nobody tells", MX, SERVERS "all MX " BOUNCE " timeout\n",
		  VERDICT_UNDETERMINED, "U904:unsure", NULL },
		{ "another host", MX, SERVERS HAS_MX("10 mail.example."), FIX,
		  "U702:error", "mail_from=wrong" },
		{ "another region", MX,
		  SERVERS HAS_MX("10 feedback-smtp.us-east-1.amazonses.com."), FIX,
		  "U702:error", NULL },
		{ "the host that receives", MX,
		  SERVERS HAS_MX("10 inbound-smtp.eu-west-1.amazonaws.com."), FIX,
		  "U702:error", NULL },
		{ "a second", MX, SERVERS HAS_MX("10 " HOST ". ;; 20 mail.example."), FIX,
		  "U703:error", NULL },
		{ "an alias", MX,
		  SERVERS HAS_MX("10 mx.example.com.") "all CNAME mx.example.com = " HOST
						       ".\n",
		  FIX, "U704:error", NULL },
		{ "null", MX, SERVERS HAS_MX("0 ."), FIX, "U705:error", NULL },
		{ "null, beside the right one", MX, SERVERS HAS_MX("0 . ;; 10 " HOST "."),
		  FIX, "U705:error", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void the_other_region_is_named_alone(void **state unused_arg)
{
	auto_arena struct arena a;
	struct report r;
	arena_init(&a, 64 << 20);
	struct seen s = seen_make(
		&a, MX, SERVERS HAS_MX("10 feedback-smtp.us-east-1.amazonses.com."));
	diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
	assert_non_null(strstr(arena_text(&a, r.findings[0].why),
			       "in the region us-east-1, and"));
}

static void dmarc_is_read_as_receivers_do(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "right", STRICT, SERVERS HAS_DMARC(REJECT), VERDICT_OK, "", NULL },
		{ "missing", KEY DMARC,
		  SERVERS HAS_KEY "all TXT _dmarc.shop.example.com nx\n", FIX,
		  "U801:error", "dkim-1=ok dmarc=missing" },
		{ "missing, and above it too", KEY DMARC,
		  SERVERS HAS_KEY "all TXT _dmarc.shop.example.com nx\n"
				  "all TXT _dmarc.example.com nx\n",
		  FIX, "U801:error", "dkim-1=ok dmarc=missing" },
		{ "optional", KEY "?" DMARC,
		  SERVERS HAS_KEY "all TXT _dmarc.shop.example.com nx\n", VERDICT_OK,
		  "U801:note", NULL },
		{ "another text", KEY DMARC, SERVERS HAS_KEY HAS_DMARC("\"hello\""), FIX,
		  "U801:error", NULL },
		{ "two", STRICT, SERVERS HAS_DMARC(REJECT " ;; " REJECT "\"x\""), FIX,
		  "U802:error", "dmarc=wrong" },
		{ "no semicolon", KEY DMARC,
		  SERVERS HAS_KEY HAS_DMARC("\"v=DMARC1 p=none\""), FIX, "U803:error",
		  "dkim-1=ok dmarc=wrong" },
		{ "small letters", KEY DMARC,
		  SERVERS HAS_KEY HAS_DMARC("\"v=dmarc1; p=none\""), FIX, "U803:error",
		  NULL },
		{ "the version behind", KEY DMARC,
		  SERVERS HAS_KEY HAS_DMARC("\"p=none; v=DMARC1\""), FIX, "U803:error",
		  NULL },
		{ "a misspelt policy", STRICT,
		  SERVERS HAS_DMARC("\"v=DMARC1; p=rejcet\""), FIX, "U803:error",
		  "dmarc=wrong" },
		{ "no policy", STRICT, SERVERS HAS_DMARC("\"v=DMARC1; p:reject\""), FIX,
		  "U803:error", NULL },
		{ "another policy is another value", STRICT,
		  SERVERS HAS_DMARC("\"v=DMARC1; p=none\""), FIX, "U302:error", NULL },
		{ "rubbish behind does not matter", STRICT,
		  SERVERS HAS_DMARC("\"v=DMARC1; p=reject; rubbish\""), VERDICT_OK, "",
		  NULL },
		{ "a tag that is gone", STRICT,
		  SERVERS HAS_DMARC("\"v=DMARC1; p=reject; pct=100\""), VERDICT_OK,
		  "U806:note", NULL },
		{ "p=none", DMARC, SERVERS HAS_DMARC("\"v=DMARC1; p=none\""), VERDICT_OK,
		  "U807:note", "dmarc=ok" },
		{ "p=none and an old tag", DMARC,
		  SERVERS HAS_DMARC("\"v=DMARC1; p=none; ri=3600\""), VERDICT_OK,
		  "U806:note U807:note", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

/* The walk goes on to the top level, so the servers have all of com here. */
#define ABOVE(text)                                                         \
	"zone com\n" SERVERS HAS_KEY "all TXT _dmarc.shop.example.com nx\n" \
	"all TXT _dmarc.example.com = \"" text "\"\n"                       \
	"all TXT _dmarc.com nx\n"

static void a_record_above_may_hold(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "above it is as strict", KEY DMARC, ABOVE("v=DMARC1; p=reject"),
		  VERDICT_OK, "U801:note", "dkim-1=ok dmarc=ok" },
		{ "above it is milder", KEY STRICT, ABOVE("v=DMARC1; p=none"), FIX,
		  "U801:error", "dkim-1=ok dmarc=missing" },
		{ "above it is milder for subdomains", KEY STRICT,
		  ABOVE("v=DMARC1; p=reject; sp=none"), FIX, "U801:error", NULL },
		{ "above it is no record that is applied", KEY DMARC, ABOVE("v=DMARC1"),
		  FIX, "U801:error", NULL },
		{ "above it is the registry's", KEY DMARC,
		  ABOVE("v=DMARC1; p=reject; psd=y"), FIX, "U801:error", NULL },
		{ "not yet asked above", KEY DMARC,
		  SERVERS HAS_KEY "all TXT _dmarc.shop.example.com nx\n", FIX,
		  "U801:error", NULL },
		{ "above it is not to be asked", KEY DMARC,
		  SERVERS HAS_KEY "all TXT _dmarc.shop.example.com nx\n"
				  "all TXT _dmarc.example.com timeout\n",
		  FIX, "U801:error", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void what_can_never_align_is_told(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "strict SPF, MAIL FROM below, no DKIM", MX STRICT,
		  SERVERS HAS_MX("10 " HOST ".")
			  HAS_DMARC("\"v=DMARC1; p=reject; aspf=s\""),
		  FIX, "U804:error", NULL },
		{ "the same with DKIM", KEY MX STRICT,
		  SERVERS HAS_KEY HAS_MX("10 " HOST ".")
			  HAS_DMARC("\"v=DMARC1; p=reject; aspf=s\""),
		  VERDICT_OK, "", NULL },
		{ "relaxed", MX STRICT, SERVERS HAS_MX("10 " HOST ".") HAS_DMARC(REJECT),
		  VERDICT_OK, "", NULL },
		{ "nothing is refused yet", MX DMARC,
		  SERVERS HAS_MX("10 " HOST ".")
			  HAS_DMARC("\"v=DMARC1; p=none; aspf=s\""),
		  VERDICT_OK, "U804:note U807:note", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

#define CONSENT      "all TXT shop.example.com._report._dmarc.reports.other.com "
#define RUA(address) HAS_DMARC("\"v=DMARC1; p=reject; rua=mailto:" address "\"")

static void reports_elsewhere_need_consent(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "at the own domain", STRICT, SERVERS RUA("dmarc@example.com"),
		  VERDICT_OK, "", NULL },
		{ "elsewhere, not asked", STRICT, SERVERS RUA("x@reports.example.net"),
		  VERDICT_OK, "", NULL },
		{ "elsewhere, silence is no refusal", STRICT,
		  SERVERS RUA("x@other.example.com.evil.example"), VERDICT_OK, "", NULL },
		{ "elsewhere, refused", STRICT,
		  "zone com\n" SERVERS RUA("x@reports.other.com") CONSENT "nx\n",
		  VERDICT_OK, "U805:note", "dmarc=ok" },
		{ "elsewhere, another text is no consent", STRICT,
		  "zone com\n" SERVERS RUA("x@reports.other.com") CONSENT "= \"yes\"\n",
		  VERDICT_OK, "U805:note", NULL },
		{ "elsewhere, agreed", STRICT,
		  "zone com\n" SERVERS RUA("x@reports.other.com") CONSENT
		  "= \"v=DMARC1\"\n",
		  VERDICT_OK, "", NULL },
		{ "elsewhere, no answer", STRICT,
		  "zone com\n" SERVERS RUA("x@reports.other.com") CONSENT "timeout\n",
		  VERDICT_OK, "", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

/* The second phase asks where the consent has to stand, and nothing for what is ours. */
static void the_consent_is_asked_for(void **state unused_arg)
{
	static const struct {
		const char *address;
		const char *asked; /* NULL: nothing */
	} cases[] = {
		{ "dmarc@example.com", NULL },
		{ "x@reports.example.net",
		  "shop.example.com._report._dmarc.reports.example.net" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		struct question *list;
		bool was_asked = false;
		arena_init(&a, 64 << 20);
		const char *seen = arena_printf(
			&a,
			SERVERS "all TXT _dmarc.shop.example.com = \"v=DMARC1; p=reject; "
				"rua=mailto:%s\"\n",
			cases[i].address);
		struct seen s = seen_make(&a, STRICT, seen);
		size_t count = diagnose_more(&a, &s.x, &s.o, &list);
		for (size_t j = 0; j < count; j++) {
			struct str name = dns_name_text(&a, &list[j].name);
			was_asked |= list[j].type == DNS_TYPE_TXT &&
				     str_is(name, cases[i].asked ? cases[i].asked : "-");
		}
		if (was_asked != (cases[i].asked != NULL))
			fail_msg("%s: %zu questions", cases[i].address, count);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mx_of_mail_from_is_one_and_the_platforms),
		cmocka_unit_test(the_other_region_is_named_alone),
		cmocka_unit_test(dmarc_is_read_as_receivers_do),
		cmocka_unit_test(a_record_above_may_hold),
		cmocka_unit_test(what_can_never_align_is_told),
		cmocka_unit_test(reports_elsewhere_need_consent),
		cmocka_unit_test(the_consent_is_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U201 to U207: the record stands under a wrong name, or something else under its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "seen.h"

/* RFC 8463 appendix A.2. */
#define KEY   "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define N1    "k1._domainkey.shop.example.com"
#define N2    "k2._domainkey.shop.example.com"
#define ONE   "dkim CNAME " N1 " k1.keys.example.net\n"
#define TWO   ONE "dkim CNAME " N2 " k2.keys.example.net\n"
#define MX    "mail_from MX bounce.shop.example.com 10 feedback.example.net\n"
#define SPF   "spf TXT bounce.shop.example.com v=spf1 include:spf.example.net ~all\n"
#define DMARC "dmarc TXT _dmarc.shop.example.com v=DMARC1; p=reject\n"
#define TEXT  "dkim TXT " N1 " v=DKIM1; k=ed25519; p=" KEY "\n"
#define SERVERS                                   \
	"server ns1.operator.example 192.0.2.1\n" \
	"server ns2.operator.example 192.0.2.2\n"
#define GONE1  SERVERS "all CNAME " N1 " nx\n"
#define TARGET " = k1.keys.example.net.\n"
#define APEX   "zone shop.example.com\n"

#define OK_V   VERDICT_OK
#define FIX_V  VERDICT_ACTION_REQUIRED

static void a_lost_or_repeated_label_is_u202(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "the subdomain is missing", ONE,
		  GONE1 "ns1 CNAME k1._domainkey.example.com" TARGET, FIX_V, "U202:error",
		  "dkim-1=missing" },
		{ "one of two labels is missing",
		  "dkim CNAME k1._domainkey.a.shop.example.com k1.keys.example.net\n",
		  "domain a.shop.example.com\n" SERVERS
		  "all CNAME k1._domainkey.a.shop.example.com nx\n"
		  "ns2 CNAME k1._domainkey.shop.example.com" TARGET,
		  FIX_V, "U202:error", NULL },
		{ "it stands there twice", ONE,
		  GONE1 "ns1 CNAME k1._domainkey.shop.shop.example.com" TARGET, FIX_V,
		  "U202:error", NULL },
		{ "of MX", MX,
		  SERVERS "all MX bounce.shop.example.com nx\n"
			  "ns1 MX bounce.example.com = 10 feedback.example.net.\n",
		  FIX_V, "U202:error", NULL },
		{ "not: another value there", ONE,
		  GONE1 "ns1 CNAME k1._domainkey.example.com = other.example.\n", FIX_V,
		  "U301:error", NULL },
		{ "not: a policy of the domain above", DMARC,
		  SERVERS "all TXT _dmarc.shop.example.com nx\n"
			  "ns1 TXT _dmarc.example.com = \"v=DMARC1; p=reject\"\n",
		  FIX_V, "U801:error", NULL },
		{ "not: right in both places", ONE,
		  SERVERS "all CNAME " N1 TARGET
			  "ns1 CNAME k1._domainkey.example.com" TARGET,
		  OK_V, "", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void a_lost_underscore_is_u203(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "domainkey", ONE,
		  GONE1 "ns1 CNAME k1.domainkey.shop.example.com" TARGET, FIX_V,
		  "U203:error", "dkim-1=missing" },
		{ "the whole label", ONE, GONE1 "ns1 CNAME k1.shop.example.com" TARGET,
		  FIX_V, "U203:error", NULL },
		{ "the dot before it", ONE,
		  GONE1 "ns1 CNAME k1_domainkey.shop.example.com" TARGET, FIX_V,
		  "U203:error", NULL },
		{ "dmarc", DMARC,
		  SERVERS "all TXT _dmarc.shop.example.com nx\n"
			  "ns1 TXT dmarc.shop.example.com = \"v=DMARC1; p=reject\"\n",
		  FIX_V, "U203:error", NULL },
		{ "two records share it", TWO,
		  GONE1
		  "all CNAME " N2 " nx\n"
		  "ns1 CNAME k1.domainkey.shop.example.com" TARGET
		  "ns1 CNAME k2.domainkey.shop.example.com = k2.keys.example.net.\n",
		  FIX_V, "U203:error", NULL },
		{ "not: it could not be asked", ONE,
		  GONE1 "ns1 CNAME k1.domainkey.shop.example.com timeout\n", FIX_V,
		  "U301:error", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void at_the_apex_or_www_is_u204(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "MX at the domain", MX,
		  SERVERS "all MX bounce.shop.example.com nx\n"
			  "ns1 MX shop.example.com = 10 feedback.example.net.\n",
		  FIX_V, "U204:error", NULL },
		{ "MX at the zone", MX,
		  SERVERS "all MX bounce.shop.example.com nx\n"
			  "ns1 MX example.com = 10 feedback.example.net.\n",
		  FIX_V, "U204:error", NULL },
		{ "SPF at the domain", SPF,
		  SERVERS "all TXT bounce.shop.example.com nx\n"
			  "ns1 TXT shop.example.com = \"v=spf1 include:spf.example.net "
			  "~all\"\n",
		  FIX_V, "U204:error", NULL },
		{ "DMARC at the domain", DMARC,
		  SERVERS "all TXT _dmarc.shop.example.com nx\n"
			  "ns1 TXT shop.example.com = \"v=DMARC1; p=reject\"\n",
		  FIX_V, "U204:error", NULL },
		{ "a key at the domain", TEXT,
		  SERVERS "all TXT " N1 " nx\n"
			  "ns1 TXT shop.example.com = \"v=DKIM1; k=ed25519; p=" KEY
			  "\"\n",
		  FIX_V, "U204:error", NULL },
		{ "below www", ONE,
		  GONE1 "ns1 CNAME k1._domainkey.www.shop.example.com" TARGET, FIX_V,
		  "U204:error", NULL },
		{ "not: another SPF record there", SPF,
		  SERVERS "all TXT bounce.shop.example.com nx\n"
			  "ns1 TXT shop.example.com = \"v=spf1 mx -all\"\n",
		  FIX_V, "U601:error", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

/* The sibling of each name below _domainkey.shop.example.com that nobody has made. */
#define SIBLING_OF_KEYS "SIBLING"

static const char *with_sibling(struct arena *a, const char *name, const char *seen)
{
	auto_buf struct buf b;
	struct dns_name at;
	struct err e = { 0 };
	struct str rest = str_from(seen);
	buf_init(&b, 16 * 1024);
	assert_true(dns_name_parse(str_from(name), &at, &e));
	auto_arena struct arena scratch;
	arena_init(&scratch, 16 << 20);
	struct expectation x;
	struct question *questions;
	struct record_draft draft = { .purpose = PURPOSE_DKIM,
				      .type = DNS_TYPE_CNAME,
				      .name = str_from(name),
				      .value = STR("k1.keys.example.net") };
	assert_true(expectation_empty(&scratch, STR("shop.example.com"), &x, &e));
	assert_true(expectation_add(&scratch, &x, &draft, &e));
	size_t count = diagnose_plan_once(&scratch, &x, &questions);
	assert_true(count == 2 && questions[1].type == DNS_TYPE_CNAME);
	struct str sibling = dns_name_text(&scratch, &questions[1].name);
	while (rest.len > 0) {
		const char *at_mark = memmem(rest.data, rest.len, SIBLING_OF_KEYS, 7);
		size_t len = at_mark ? (size_t)(at_mark - rest.data) : rest.len;
		buf_str(&b, str_sub(rest, 0, len));
		if (at_mark)
			buf_str(&b, sibling);
		rest = str_sub(rest, at_mark ? len + 7 : len, rest.len);
	}
	return arena_text(a, buf_view(&b));
}

static void a_wildcard_in_its_place_is_u205(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "another target, and so at any name", ONE,
		  SERVERS "all CNAME " N1 " = www.shop.example.com.\n"
			  "ns1 CNAME SIBLING = www.shop.example.com.\n",
		  FIX_V, "U205:error", "dkim-1=wrong" },
		{ "the right target, but so at any name", ONE,
		  SERVERS "all CNAME " N1 TARGET "ns1 CNAME SIBLING" TARGET, FIX_V,
		  "U205:error", "dkim-1=wrong" },
		{ "a text in place of the key", TEXT,
		  SERVERS "all TXT " N1 " = \"v=spf1 -all\"\n"
			  "ns1 TXT SIBLING = \"v=spf1 -all\"\n",
		  FIX_V, "U205:error", NULL },
		{ "not: the wildcard says otherwise", ONE,
		  SERVERS "all CNAME " N1 TARGET
			  "ns1 CNAME SIBLING = www.shop.example.com.\n",
		  OK_V, "", NULL },
		{ "not: there is none", ONE,
		  SERVERS "all CNAME " N1 " = www.shop.example.com.\n"
			  "ns1 CNAME SIBLING nx\n",
		  FIX_V, "U302:error", NULL },
		{ "not: it could not be asked", ONE,
		  SERVERS "all CNAME " N1 TARGET "ns1 CNAME SIBLING timeout\n", OK_V, "",
		  NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		auto_arena struct arena a;
		struct case_row row = rows[i];
		arena_init(&a, 1 << 20);
		row.seen = with_sibling(&a, N1, row.seen);
		check_rows(&row, 1);
	}
}

static void look_alikes_are_u206(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "a full-width underscore", ONE,
		  GONE1 "ns1 CNAME k1.\\239\\188\\191domainkey.shop.example.com" TARGET,
		  FIX_V, "U206:error", "dkim-1=missing" },
		{ "the same, as the panel encodes it", ONE,
		  GONE1 "ns1 CNAME k1.xn--domainkey-4m64c.shop.example.com" TARGET, FIX_V,
		  "U206:error", NULL },
		{ "l for 1", ONE, GONE1 "ns1 CNAME kl._domainkey.shop.example.com" TARGET,
		  FIX_V, "U206:error", NULL },
		{ "a Cyrillic letter in the target", ONE,
		  SERVERS "all CNAME " N1 " = k1.keys.ex\\208\\176mple.net.\n", FIX_V,
		  "U206:error", "dkim-1=wrong" },
		{ "the same, encoded", ONE,
		  SERVERS "all CNAME " N1 " = k1.keys.xn--exmple-4nf.net.\n", FIX_V,
		  "U206:error", NULL },
		{ "full-width letters in the target", ONE,
		  SERVERS "all CNAME " N1
			  " = \\239\\189\\139\\239\\188\\145.keys.example.net.\n",
		  FIX_V, "U206:error", NULL },
		{ "l for 1 in the target", ONE,
		  SERVERS "all CNAME " N1 " = kl.keys.example.net.\n", FIX_V,
		  "U206:error", NULL },
		{ "0 for o in the mail host", MX,
		  SERVERS "all MX bounce.shop.example.com = 10 feedback.examp1e.net.\n",
		  FIX_V, "U206:error", NULL },
		{ "not: another letter", ONE,
		  SERVERS "all CNAME " N1 " = k1.keys.exbmple.net.\n", FIX_V,
		  "U302:error", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

static void another_record_at_the_wrong_name_is_shown(void **state unused_arg)
{
#define TWICE  "k1._domainkey.shop.example.com.example.com"
#define BESIDE "ns1 CNAME k1.domainkey.shop.example.com nx\n"
	static const struct {
		const char *name;
		const char *expected;
		const char *seen;
		const char *why; /* begins so */
		size_t evidence;
	} cases[] = {
		{ "an old target", ONE,
		  GONE1 "ns1 CNAME " TWICE " = old.example.\n" BESIDE,
		  "at " TWICE " stands a CNAME record with another value", 2 },
		{ "a key in place of an alias", ONE,
		  GONE1 "ns1 CNAME " TWICE " nodata\n" BESIDE,
		  "the name " TWICE " exists, though without a CNAME record", 2 },
		{ "not: a wildcard answers everywhere", ONE,
		  GONE1 "ns1 CNAME " TWICE " = old.example.\n"
			"ns1 CNAME k1.domainkey.shop.example.com = old.example.\n",
		  "names under which", 1 },
		{ "not: it may be a wildcard", ONE,
		  GONE1 "ns1 CNAME " TWICE " = old.example.\n", "names under which", 1 },
		{ "not: nothing there", ONE, GONE1 "ns1 CNAME " TWICE " nx\n" BESIDE,
		  "names under which", 1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		struct case_row row = {
			cases[i].name, cases[i].expected, cases[i].seen,
			FIX_V,         "U301:error",      "dkim-1=missing"
		};
		check_rows(&row, 1);
		arena_init(&a, 1 << 20);
		struct seen s = seen_make(&a, row.expected, row.seen);
		struct report r;
		diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
		assert_true(str_starts(r.findings[0].why, str_from(cases[i].why)));
		assert_int_equal(r.findings[0].evidence_count, cases[i].evidence);
	}
#undef TWICE
#undef BESIDE
}

static void another_selector_is_u207(void **state unused_arg)
{
	static const struct case_row rows[] = {
		{ "default", TEXT,
		  SERVERS "all TXT " N1
			  " nx\nns1 TXT default._domainkey.shop.example.com "
			  "= \"v=DKIM1; k=ed25519; p=" KEY "\"\n",
		  FIX_V, "U207:error", "dkim-1=missing" },
		{ "none at all", ONE,
		  GONE1 "ns1 CNAME _domainkey.shop.example.com" TARGET, FIX_V,
		  "U207:error", NULL },
		{ "swapped", TWO,
		  SERVERS "all CNAME " N1 " = k2.keys.example.net.\nall CNAME " N2
			  " = k1.keys.example.net.\n",
		  FIX_V, "U207:error", "dkim-1=wrong dkim-2=wrong" },
		{ "the other's value in both", TWO,
		  SERVERS "all CNAME " N1 " = k2.keys.example.net.\nall CNAME " N2
			  " = k2.keys.example.net.\n",
		  FIX_V, "U207:error", "dkim-1=wrong dkim-2=ok" },
		{ "not: another key there", TEXT,
		  SERVERS "all TXT " N1
			  " nx\nns1 TXT default._domainkey.shop.example.com "
			  "= \"v=DKIM1; p=QUJD\"\n",
		  FIX_V, "U301:error", NULL },
		{ "not: a value of nobody's", TWO,
		  SERVERS "all CNAME " N1 " = k3.other.example.\nall CNAME " N2
			  " = k2.keys.example.net.\n",
		  FIX_V, "U302:error", NULL },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

/* What was looked for is told, and no more. */
static void u301_says_where_it_was_looked_for(void **state unused_arg)
{
	static const struct {
		const char *seen;
		const char *why;
	} cases[] = {
		{ GONE1, "" },
		{ GONE1 "ns1 CNAME " N1 ".example.com timeout\n", "" },
		{ GONE1 "ns1 CNAME " N1 ".example.com nx\n"
			"ns1 CNAME k1._domainkey.example.com limit\n",
		  "(1 of them)" },
		{ GONE1 "ns1 CNAME " N1 ".example.com nx\n"
			"ns1 CNAME k1._domainkey.example.com nodata\n",
		  "(2 of them)" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		struct report r;
		arena_init(&a, 16 << 20);
		struct seen s = seen_make(&a, ONE, cases[i].seen);
		diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
		const char *why = arena_text(&a, r.findings[0].why);
		if (cases[i].why[0] ? !strstr(why, cases[i].why) : why[0] != '\0')
			fail_msg("%zu: %s", i, why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lost_or_repeated_label_is_u202),
		cmocka_unit_test(a_lost_underscore_is_u203),
		cmocka_unit_test(at_the_apex_or_www_is_u204),
		cmocka_unit_test(a_wildcard_in_its_place_is_u205),
		cmocka_unit_test(look_alikes_are_u206),
		cmocka_unit_test(another_record_at_the_wrong_name_is_shown),
		cmocka_unit_test(another_selector_is_u207),
		cmocka_unit_test(u301_says_where_it_was_looked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

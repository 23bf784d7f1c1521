/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What answers in place of a CNAME: the decision table of U401, U402 and U403; and the
 * operator's own words in findings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "seen.h"

#define N1     "k1._domainkey.shop.example.com"
#define TARGET "k1.keys.example.net"
#define ONE    "dkim CNAME " N1 " " TARGET "\n"
/* Beside N1; see wildcard_name. */
#define SERVERS \
	"server ns1.operator.example 192.0.2.1\nserver ns2.operator.example 192.0.2.2\n"
#define CLOUDFLARE                                                                \
	"server dina.ns.cloudflare.com 192.0.2.1\nserver rick.ns.cloudflare.com " \
	"192.0.2.2\n"
#define NO_CNAME  "all CNAME " N1 " nodata\n"
#define NO_ALIKE  "all CNAME @beside nx\n"
#define NO_TEXT   "all TXT " N1 " nodata\n"
#define NO_A      "all A " N1 " nodata\n"
#define NO_AAAA   "all AAAA " N1 " nodata\n"
#define SERIALS   "serial ns1 7\nserial ns2 7\n"
#define KEY       "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define OTHER_KEY "v=DKIM1; k=ed25519; p=PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw="

struct instead_row {
	const char *name;
	const char *seen;
	enum verdict verdict;
	const char *finding; /* "U401:error", the first */
	enum confidence confidence;
};

static const struct instead_row rows[] = {
	{ "Cloudflare's addresses at Cloudflare",
	  CLOUDFLARE NO_CNAME NO_ALIKE "all A " N1
				       " = 104.16.0.10 ;; 172.67.0.10\n" NO_TEXT NO_AAAA,
	  VERDICT_ACTION_REQUIRED, "U401:error", CONFIDENCE_CERTAIN },
	{ "IPv6 only",
	  CLOUDFLARE NO_CNAME NO_ALIKE "all AAAA " N1
				       " = 2606:4700::6810:a\n" NO_A NO_TEXT,
	  VERDICT_ACTION_REQUIRED, "U401:error", CONFIDENCE_CERTAIN },
	{ "Cloudflare's addresses elsewhere",
	  SERVERS NO_CNAME NO_ALIKE "all A " N1 " = 104.16.0.10\n" NO_TEXT NO_AAAA,
	  VERDICT_ACTION_REQUIRED, "U401:error", CONFIDENCE_LIKELY },
	{ "Cloudflare's addresses, and it is not known what is beside",
	  CLOUDFLARE NO_CNAME "all CNAME @beside nodata\nall A " N1
			      " = 104.16.0.10\n" NO_TEXT NO_AAAA,
	  VERDICT_ACTION_REQUIRED, "U301:error", CONFIDENCE_CERTAIN },
	{ "one address is somebody else's",
	  CLOUDFLARE NO_CNAME NO_ALIKE "all A " N1
				       " = 104.16.0.10 ;; 192.0.2.9\n" NO_TEXT NO_AAAA,
	  VERDICT_ACTION_REQUIRED, "U301:error", CONFIDENCE_CERTAIN },
	{ "the target's addresses",
	  SERVERS NO_CNAME NO_ALIKE "all A " N1 " = 192.0.2.220\nall A " TARGET
				    " = 192.0.2.220 ;; 192.0.2.221\n" NO_TEXT NO_AAAA,
	  VERDICT_ACTION_REQUIRED, "U402:error", CONFIDENCE_CERTAIN },
	{ "the target's addresses, which are Cloudflare's",
	  CLOUDFLARE NO_CNAME NO_ALIKE "all A " N1 " = 104.16.0.10\nall A " TARGET
				       " = 104.16.0.10\n" NO_TEXT NO_AAAA,
	  VERDICT_ACTION_REQUIRED, "U402:error", CONFIDENCE_CERTAIN },
	{ "other addresses than the target's",
	  SERVERS NO_CNAME NO_ALIKE "all A " N1 " = 192.0.2.220\nall A " TARGET
				    " = 192.0.2.221\n" NO_TEXT NO_AAAA,
	  VERDICT_ACTION_REQUIRED, "U301:error", CONFIDENCE_CERTAIN },
	{ "nothing, where CNAMEs can be flattened",
	  CLOUDFLARE NO_CNAME NO_ALIKE NO_A NO_AAAA NO_TEXT, VERDICT_ACTION_REQUIRED,
	  "U402:error", CONFIDENCE_POSSIBLE },
	{ "nothing, where they cannot", SERVERS NO_CNAME NO_ALIKE NO_A NO_AAAA NO_TEXT,
	  VERDICT_ACTION_REQUIRED, "U301:error", CONFIDENCE_CERTAIN },
	{ "nothing, and it is not known what is beside",
	  CLOUDFLARE NO_CNAME NO_A NO_AAAA NO_TEXT, VERDICT_ACTION_REQUIRED, "U301:error",
	  CONFIDENCE_CERTAIN },
	{ "nothing, from servers that never say no such name",
	  CLOUDFLARE NO_CNAME "all CNAME @beside nodata\n" NO_A NO_AAAA NO_TEXT,
	  VERDICT_ACTION_REQUIRED, "U301:error", CONFIDENCE_CERTAIN },
	{ "nothing, and the addresses could not be asked",
	  CLOUDFLARE NO_CNAME NO_ALIKE "all A " N1 " timeout\nall AAAA " N1
				       " timeout\n" NO_TEXT,
	  VERDICT_ACTION_REQUIRED, "U301:error", CONFIDENCE_CERTAIN },
	{ "the target's key, without a CNAME",
	  SERVERS SERIALS NO_CNAME NO_ALIKE NO_A NO_AAAA
	  "all TXT " N1 " = \"" KEY "\"\nall TXT " TARGET " = \"" KEY "\"\n",
	  VERDICT_OK, "U402:note", CONFIDENCE_CERTAIN },
	{ "the target's key, from one of two versions of the zone",
	  SERVERS "serial ns1 7\nserial ns2 6\n" NO_CNAME NO_ALIKE NO_A NO_AAAA
		  "all TXT " N1 " = \"" KEY "\"\nall TXT " TARGET " = \"" KEY "\"\n",
	  VERDICT_ACTION_REQUIRED, "U304:error", CONFIDENCE_CERTAIN },
	{ "another key, without a CNAME",
	  SERVERS NO_CNAME NO_ALIKE NO_A NO_AAAA "all TXT " N1 " = \"" OTHER_KEY
						 "\"\nall TXT " TARGET " = \"" KEY "\"\n",
	  VERDICT_ACTION_REQUIRED, "U304:error", CONFIDENCE_CERTAIN },
	{ "a key, and the target's is not known",
	  SERVERS NO_CNAME NO_ALIKE NO_A NO_AAAA "all TXT " N1 " = \"" KEY
						 "\"\nall TXT " TARGET " timeout\n",
	  VERDICT_ACTION_REQUIRED, "U304:error", CONFIDENCE_CERTAIN },
	{ "the target's key at one server, another at the other",
	  SERVERS NO_CNAME NO_ALIKE NO_A NO_AAAA "ns1 TXT " N1 " = \"" KEY
						 "\"\nns2 TXT " N1 " = \"" OTHER_KEY
						 "\"\nall TXT " TARGET " = \"" KEY "\"\n",
	  VERDICT_ACTION_REQUIRED, "U304:error", CONFIDENCE_CERTAIN },
	{ "addresses of Fastly",
	  SERVERS NO_CNAME NO_ALIKE "all A " N1 " = 151.101.1.195\n" NO_TEXT NO_AAAA,
	  VERDICT_ACTION_REQUIRED, "U403:error", CONFIDENCE_LIKELY },
	{ "no such name at all", CLOUDFLARE "all CNAME " N1 " nx\n" NO_ALIKE,
	  VERDICT_ACTION_REQUIRED, "U301:error", CONFIDENCE_CERTAIN },
};

/* The name beside N1 that the plan asks about. */
static const char *beside_text(struct arena *a)
{
	struct seen s = seen_make(a, ONE, SERVERS);
	struct question *list;
	size_t count = diagnose_plan_once(a, &s.x, &list);
	for (size_t i = 0; i < count; i++) {
		if (list[i].type == DNS_TYPE_CNAME &&
		    !dns_name_equal(&list[i].name, &s.x.records[0].name))
			return dns_name_text(a, &list[i].name).data;
	}
	fail_msg("nothing beside is asked");
	return "";
}

/* With "@beside" replaced. */
static const char *seen_text(struct arena *a, const char *text)
{
	auto_buf struct buf b;
	const char *mark = strstr(text, "@beside");
	buf_init(&b, 65536);
	if (!mark)
		return text;
	buf_add(&b, text, (size_t)(mark - text));
	buf_text(&b, beside_text(a));
	buf_text(&b, mark + strlen("@beside"));
	return arena_text(a, buf_view(&b));
}

static void what_answers_in_place_of_a_cname_is_told(void **state unused_arg)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		auto_arena struct arena a;
		arena_init(&a, 16 << 20);
		struct report r;
		struct seen s = seen_make(&a, ONE, seen_text(&a, rows[i].seen));
		diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
		const char *findings = findings_text(&a, &r);
		if (r.verdict != rows[i].verdict || r.finding_count == 0 ||
		    !str_starts(str_from(findings), str_from(rows[i].finding)) ||
		    r.findings[0].confidence != rows[i].confidence)
			fail_msg("%s: %s [%s] %s", rows[i].name, verdict_name(r.verdict),
				 findings, confidence_name(r.findings[0].confidence));
	}
}

static void a_key_without_a_cname_verifies_nobody(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 16 << 20);
	struct report r;
	struct look look;
	struct seen s =
		seen_make(&a, ONE,
			  seen_text(&a, SERVERS SERIALS NO_CNAME NO_ALIKE NO_A NO_AAAA
				    "all TXT " N1 " = \"" KEY "\"\nall TXT " TARGET
				    " = \"" KEY "\"\n"));
	diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
	diagnose_look(&r, &look);
	assert_int_equal(r.verdict, VERDICT_OK);
	assert_int_not_equal(look.results[ASPECT_DKIM], LOOK_RIGHT);
}

static void the_proxied_record_says_where_the_switch_is(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 16 << 20);
	struct report r;
	struct seen s = seen_make(&a, ONE, seen_text(&a, rows[0].seen));
	diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
	assert_int_equal(r.findings[0].fix_count, 1);
	const struct fix *fix = &r.findings[0].fixes[0];
	assert_non_null(strstr(fix->sentence.data, "Proxy status: \"DNS only\""));
	assert_true(str_is(fix->field, "proxied") && str_is(fix->to, "false"));
	assert_true(fix->exact);
}

static void the_addresses_have_to_go_first(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 16 << 20);
	struct report r;
	auto_buf struct buf out;
	buf_init(&out, 65536);
	struct seen s =
		seen_make(&a, ONE,
			  seen_text(&a, SERVERS NO_CNAME NO_ALIKE
				    "all A " N1 " = 151.101.1.195\n" NO_TEXT NO_AAAA));
	diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
	report_write_text(&out, &r, &(struct report_style){ .columns = 120 });
	assert_non_null(strstr(buf_cstr(&out), "remove the A and AAAA records"));
	assert_null(strstr(buf_cstr(&out), "TXT record"));
}

/* Operators in findings. */

static bool has_note(const struct finding *f, const char *part, bool unconfirmed)
{
	for (size_t i = 0; i < f->note_count; i++) {
		if (strstr(f->notes[i].text.data, part))
			return f->notes[i].unconfirmed == unconfirmed;
	}
	return false;
}

struct note_row {
	const char *name;
	const char *servers;
	const char *expected;
	const char *note;
	bool unconfirmed;
};

#define AT(server) "server " server " 192.0.2.1\n"
static void a_missing_record_is_explained_in_the_panels_words(void **state unused_arg)
{
	static const struct note_row cases[] = {
		{ "whose DNS it is", AT("dns01.muumuu-domain.com"), ONE,
		  "the DNS of example.com is at Muumuu Domain (Muumuu DNS)", false },
		{ "the name box, sourced", AT("dns01.muumuu-domain.com"), ONE,
		  "the panel adds .example.com to whatever is typed", false },
		{ "the name box, unconfirmed", AT("ns1.linode.com"), ONE,
		  "the panel adds .example.com to whatever is typed", true },
		{ "no final dot", AT("dns01.muumuu-domain.com"), ONE, "without a dot",
		  false },
		{ "a final dot", AT("ns1.worldnic.com"), ONE, "end with a dot", false },
		{ "the publishing interval", AT("ns0.kagoya.net"), ONE,
		  "about 15 minutes", false },
		{ "an hour", AT("dns01.muumuu-domain.com"), ONE, "about 1 hour", false },
		{ "no underscore in a CNAME", AT("ns1.hostpoint.ch"), ONE,
		  "the panel refuses _ in the name", false },
		{ "no records at all", AT("uns01.lolipop.jp"), ONE,
		  "no records of your own can be added there", false },
		{ "shared servers", AT("ns-512.awsdns-00.net"), ONE,
		  "or somebody who uses its name servers", false },
		{ "a key that does not fit", AT("ns1.dns.ne.jp"), "dkim TXT " N1 " ?\n",
		  "2048 bits (about 410) does not fit", false },
		{ "nobody known", AT("ns1.customer.example"), ONE,
		  "if the panel wants whole names, add .example.com at the end", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 16 << 20);
		struct report r;
		const char *seen =
			arena_printf(&a, "%sall CNAME " N1 " nx\nall TXT " N1 " nx\n",
				     cases[i].servers);
		bool is_key = strstr(cases[i].expected, " ?") != NULL;
		struct seen s = seen_make(&a, is_key ? "" : cases[i].expected, seen);
		struct expected_record key = { .id = STR("dkim-1"),
					       .purpose = PURPOSE_DKIM,
					       .type = DNS_TYPE_TXT,
					       .required = true };
		if (is_key) {
			struct err e = { 0 };
			assert_true(dns_name_parse(STR(N1), &key.name, &e));
			s.x.records = &key;
			s.x.count = 1;
		}
		diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
		if (r.finding_count == 0 ||
		    !has_note(&r.findings[0], cases[i].note, cases[i].unconfirmed))
			fail_msg("%s: %s", cases[i].name, findings_text(&a, &r));
	}
}

/* A record that was found under a wrong name is published: its panel works. */
static void traps_are_told_only_where_nothing_is_found(void **state unused_arg)
{
	static const struct {
		const char *seen;
		const char *code;
		bool has_trap;
	} cases[] = {
		{ AT("01.dnsv.jp") "all CNAME " N1 " nx\n", "U301", true },
		{ AT("01.dnsv.jp") "all CNAME " N1 " nx\nall CNAME " N1
				   ".example.com = " TARGET ".\n",
		  "U201", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 16 << 20);
		struct report r;
		struct seen s = seen_make(&a, ONE, cases[i].seen);
		diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
		assert_string_equal(r.findings[0].code, cases[i].code);
		assert_int_equal(has_note(&r.findings[0],
					  "DNSレコード設定\" is switched on", true),
				 cases[i].has_trap);
	}
}

static void the_operator_is_part_of_the_report(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 16 << 20);
	struct report r;
	struct seen s = seen_make(&a, ONE, CLOUDFLARE "all CNAME " N1 " = " TARGET ".\n");
	diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
	assert_non_null(r.provider.provider);
	assert_true(str_is(r.provider.provider->id, "cloudflare"));
	assert_int_equal(r.provider.confidence, PROVIDER_CERTAIN);
	auto_buf struct buf out;
	buf_init(&out, 65536);
	report_write_text(&out, &r, &(struct report_style){ .columns = 80 });
	assert_non_null(strstr(buf_cstr(&out), "DNS: Cloudflare, zone example.com,"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_answers_in_place_of_a_cname_is_told),
		cmocka_unit_test(a_key_without_a_cname_verifies_nobody),
		cmocka_unit_test(the_proxied_record_says_where_the_switch_is),
		cmocka_unit_test(the_addresses_have_to_go_first),
		cmocka_unit_test(a_missing_record_is_explained_in_the_panels_words),
		cmocka_unit_test(traps_are_told_only_where_nothing_is_found),
		cmocka_unit_test(the_operator_is_part_of_the_report),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

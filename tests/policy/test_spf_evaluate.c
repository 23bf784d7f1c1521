/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_host() over tables of records; the standard's own examples first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "zone.h"

enum {
	ARENA_MAX = 16 << 20
};

static struct spf_outcome evaluate_as(struct arena *a, struct zone *z, const char *ip,
				      const char *mail_from, const char *helo)
{
	struct policy_source source = zone_source(z);
	struct spf_query q = { .mail_from = str_from(mail_from),
			       .helo = str_from(helo),
			       .receiver = STR_EMPTY,
			       .explain = true };
	struct spf_outcome out;

	z->a = a;
	assert_true(address_parse(str_from(ip), 53, &q.ip));
	spf_evaluate(a, &source, &q, &out);
	return out;
}

/* RFC 7208 appendix A: the records that its examples are about. */
#define APPENDIX_A                                                           \
	{ "example.com", "MX", "10 mail-a.example.com" },                    \
		{ "example.com", "MX", "20 mail-b.example.com" },            \
		{ "example.com", "A", "192.0.2.10" },                        \
		{ "example.com", "A", "192.0.2.11" },                        \
		{ "amy.example.com", "A", "192.0.2.65" },                    \
		{ "bob.example.com", "A", "192.0.2.66" },                    \
		{ "mail-a.example.com", "A", "192.0.2.129" },                \
		{ "mail-b.example.com", "A", "192.0.2.130" },                \
		{ "example.org", "MX", "10 mail-c.example.org" },            \
		{ "mail-c.example.org", "A", "192.0.2.140" },                \
		{ "10.2.0.192.in-addr.arpa", "PTR", "example.com" },         \
		{ "11.2.0.192.in-addr.arpa", "PTR", "example.com" },         \
		{ "65.2.0.192.in-addr.arpa", "PTR", "amy.example.com" },     \
		{ "66.2.0.192.in-addr.arpa", "PTR", "bob.example.com" },     \
		{ "129.2.0.192.in-addr.arpa", "PTR", "mail-a.example.com" }, \
		{ "130.2.0.192.in-addr.arpa", "PTR", "mail-b.example.com" }, \
		{ "140.2.0.192.in-addr.arpa", "PTR", "mail-c.example.org" }, \
	{                                                                    \
		"4.0.0.10.in-addr.arpa", "PTR", "bob.example.com"            \
	}

static void the_examples_of_the_standard_come_out_as_it_says(void **state unused_arg)
{
	static const struct {
		const char *record;
		const char *ip;
		enum spf_result result;
	} cases[] = {
		/* appendix A.1 */
		{ "v=spf1 +all", "198.51.100.9", SPF_PASS },
		{ "v=spf1 a -all", "192.0.2.10", SPF_PASS },
		{ "v=spf1 a -all", "192.0.2.11", SPF_PASS },
		{ "v=spf1 a -all", "192.0.2.12", SPF_FAIL },
		{ "v=spf1 a:example.org -all", "192.0.2.10", SPF_FAIL },
		{ "v=spf1 mx -all", "192.0.2.129", SPF_PASS },
		{ "v=spf1 mx -all", "192.0.2.130", SPF_PASS },
		{ "v=spf1 mx -all", "192.0.2.10", SPF_FAIL },
		{ "v=spf1 mx:example.org -all", "192.0.2.140", SPF_PASS },
		{ "v=spf1 mx mx:example.org -all", "192.0.2.140", SPF_PASS },
		{ "v=spf1 mx mx:example.org -all", "192.0.2.129", SPF_PASS },
		{ "v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.131", SPF_PASS },
		{ "v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.143", SPF_PASS },
		{ "v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.132", SPF_FAIL },
		{ "v=spf1 ptr -all", "192.0.2.65", SPF_PASS },
		{ "v=spf1 ptr -all", "192.0.2.140", SPF_FAIL },
		{ "v=spf1 ptr -all", "10.0.0.4", SPF_FAIL },
		{ "v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.129", SPF_PASS },
		{ "v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.65", SPF_FAIL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct zone_row rows[] = {
			APPENDIX_A, { "example.com", "TXT", cases[i].record }
		};
		struct zone z = { .rows = rows, .count = ARRAY_LEN(rows) };
		auto_arena struct arena a;
		arena_init(&a, ARENA_MAX);
		struct spf_outcome o = evaluate_as(&a, &z, cases[i].ip, "u@example.com",
						   "mail.example.com");

		if (o.result != cases[i].result)
			fail_msg("%s from %s: %s", cases[i].record, cases[i].ip,
				 spf_result_name(o.result));
	}
}

/* What `name` expands to where exists: asks for it, as the one name that is there. */
static void macros_expand_as_the_standard_shows(void **state unused_arg)
{
	/* RFC 7208 section 7.4: strong-bad@email.example.com from 192.0.2.3, which is
	 * mx.example.org. */
	static const struct {
		const char *macro;
		const char *expanded;
	} cases[] = {
		{ "%{s}", "strong-bad\\@email.example.com" },
		{ "%{o}", "email.example.com" },
		{ "%{d}", "email.example.com" },
		{ "%{d4}", "email.example.com" },
		{ "%{d3}", "email.example.com" },
		{ "%{d2}", "example.com" },
		{ "%{d1}", "com" },
		{ "%{dr}", "com.example.email" },
		{ "%{d2r}", "example.email" },
		{ "%{l}", "strong-bad" },
		{ "%{l-}", "strong.bad" },
		{ "%{lr}", "strong-bad" },
		{ "%{lr-}", "bad.strong" },
		{ "%{l1r-}", "strong" },
		{ "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com" },
		{ "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com" },
		{ "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
		  "bad.strong.lp.3.2.0.192.in-addr._spf.example.com" },
		{ "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}",
		  "3.2.0.192.in-addr.strong.lp._spf.example.com" },
		{ "%{d2}.trusted-domains.example.net",
		  "example.com.trusted-domains.example.net" },
		{ "%{p}.x.example", "mx.example.org.x.example" },
		{ "%{h}", "helo.example.net" },
		{ "%{L}.x.example", "strong-bad.x.example" },
		{ "%{S}.x.example", "strong-bad%40email.example.com.x.example" },
		{ "a%%b%-c%_d.x.example", "a%b%20c\\032d.x.example" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_buf struct buf record;
		buf_init(&record, 1024);
		buf_printf(&record, "v=spf1 exists:%s", cases[i].macro);
		const struct zone_row rows[] = {
			{ "email.example.com", "TXT", buf_cstr(&record) },
			{ "3.2.0.192.in-addr.arpa", "PTR", "mx.example.org" },
			{ "mx.example.org", "A", "192.0.2.3" },
			{ cases[i].expanded, "A", "127.0.0.2" },
		};
		struct zone z = { .rows = rows, .count = ARRAY_LEN(rows) };
		auto_arena struct arena a;
		arena_init(&a, ARENA_MAX);
		struct spf_outcome o =
			evaluate_as(&a, &z, "192.0.2.3", "strong-bad@email.example.com",
				    "helo.example.net");

		if (o.result != SPF_PASS)
			fail_msg("%s: %s", cases[i].macro, spf_result_name(o.result));
	}
}

static void ipv6_macros_have_a_label_a_nibble(void **state unused_arg)
{
	static const struct zone_row rows[] = {
		{ "email.example.com", "TXT",
		  "v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all exp=why.example.com" },
		{ "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6."
		  "_spf.example.com",
		  "A", "127.0.0.2" },
		{ "why.example.com", "TXT", "\"%{c} at %{t} from %{r}\"" },
	};
	struct zone z = { .rows = rows, .count = ARRAY_LEN(rows) };
	auto_arena struct arena a;
	arena_init(&a, ARENA_MAX);
	struct spf_outcome o =
		evaluate_as(&a, &z, "2001:db8::cb01", "u@email.example.com", "h.example");

	assert_int_equal(o.result, SPF_PASS);
	o = evaluate_as(&a, &z, "2001:db8::cb02", "u@email.example.com", "h.example");
	assert_int_equal(o.result, SPF_FAIL);
	assert_string_equal(o.explanation.data, "2001:db8::cb02 at 0 from unknown");
}

static void long_expansions_lose_labels_in_front(void **state unused_arg)
{
	static const char tail[] =
		"a23456789012345678901234567890.b23456789012345678901234"
		"567890.c23456789012345678901234567890.example.com";
	auto_buf struct buf record;
	auto_buf struct buf name;
	buf_init(&record, 2048);
	buf_init(&name, 2048);
	buf_text(&record, "v=spf1 exists:");
	for (int i = 0; i < 40; i++)
		buf_printf(&record, "label%02d.", i);
	buf_text(&record, tail);
	/* RFC 7208 section 7.3: at most 253 characters. */
	for (int i = 40 - (int)((253 - strlen(tail)) / 8); i < 40; i++)
		buf_printf(&name, "label%02d.", i);
	buf_text(&name, tail);
	const struct zone_row rows[] = { { "example.com", "TXT", buf_cstr(&record) },
					 { buf_cstr(&name), "A", "127.0.0.2" } };
	struct zone z = { .rows = rows, .count = ARRAY_LEN(rows) };
	auto_arena struct arena a;
	arena_init(&a, ARENA_MAX);

	assert_true(name.len <= 253);
	assert_int_equal(evaluate_as(&a, &z, "192.0.2.1", "u@example.com", "h").result,
			 SPF_PASS);
}

static void each_end_says_its_cause(void **state unused_arg)
{
	static const struct {
		const char *name;
		const char *sender;
		enum spf_result result;
		enum spf_cause cause;
		const char *term;
		const char *domain;
	} cases[] = {
		{ "match", "u@good.example", SPF_PASS, SPF_CAUSE_MATCH, "ip4:192.0.2.1",
		  "good.example" },
		{ "match inside", "u@in.example", SPF_PASS, SPF_CAUSE_MATCH,
		  "include:good.example", "in.example" },
		{ "no match", "u@nothing.example", SPF_NEUTRAL, SPF_CAUSE_NO_MATCH, "",
		  "nothing.example" },
		{ "no record", "u@none.example", SPF_NONE, SPF_CAUSE_NO_RECORD, "",
		  "none.example" },
		{ "one label", "u@localhost", SPF_NONE, SPF_CAUSE_NO_DOMAIN, "",
		  "localhost" },
		{ "two records", "u@two.example", SPF_PERMERROR, SPF_CAUSE_TWO_RECORDS,
		  "", "two.example" },
		{ "syntax", "u@bad.example", SPF_PERMERROR, SPF_CAUSE_SYNTAX, "ipv4:1",
		  "bad.example" },
		{ "dangling include", "u@gone.example", SPF_PERMERROR,
		  SPF_CAUSE_TARGET_NONE, "include:none.example", "gone.example" },
		{ "dangling redirect", "u@moved.example", SPF_PERMERROR,
		  SPF_CAUSE_TARGET_NONE, "redirect=none.example", "moved.example" },
		{ "three voids", "u@void.example", SPF_PERMERROR, SPF_CAUSE_VOID_LOOKUPS,
		  "a:v3.example", "void.example" },
		{ "loop", "u@loop.example", SPF_PERMERROR, SPF_CAUSE_LOOKUPS,
		  "include:loop.example", "loop.example" },
		{ "unasked", "u@dead.example", SPF_TEMPERROR, SPF_CAUSE_DNS, "",
		  "dead.example" },
		{ "a fails", "u@half.example", SPF_TEMPERROR, SPF_CAUSE_DNS,
		  "a:dead.example", "half.example" },
	};
	static const struct zone_row rows[] = {
		{ "good.example", "TXT", "v=spf1 ip4:192.0.2.1 -all" },
		{ "in.example", "TXT", "v=spf1 include:good.example -all" },
		{ "nothing.example", "TXT", "v=spf1 ip4:192.0.2.2" },
		{ "none.example", "TXT", "hello" },
		{ "two.example", "TXT", "v=spf1 -all" },
		{ "two.example", "TXT", "v=spf1 +all" },
		{ "bad.example", "TXT", "v=spf1 ip4:192.0.2.1 ipv4:1 -all" },
		{ "gone.example", "TXT", "v=spf1 include:none.example -all" },
		{ "moved.example", "TXT", "v=spf1 redirect=none.example" },
		{ "void.example", "TXT",
		  "v=spf1 a:v1.example mx:v2.example a:v3.example -all" },
		{ "loop.example", "TXT", "v=spf1 include:loop.example" },
		{ "dead.example", "TXT", "FAIL" },
		{ "dead.example", "A", "FAIL" },
		{ "half.example", "TXT", "v=spf1 a:dead.example -all" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct zone z = { .rows = rows, .count = ARRAY_LEN(rows) };
		auto_arena struct arena a;
		arena_init(&a, ARENA_MAX);
		struct spf_outcome o =
			evaluate_as(&a, &z, "192.0.2.1", cases[i].sender, "h.example");

		if (o.result != cases[i].result || o.cause != cases[i].cause ||
		    !str_is(o.term, cases[i].term) || !str_is(o.domain, cases[i].domain))
			fail_msg("%s: %s, cause %d, '%.*s' of %.*s", cases[i].name,
				 spf_result_name(o.result), o.cause, STR_ARG(o.term),
				 STR_ARG(o.domain));
	}
}

static void an_include_that_matches_tells_what_matched_inside(void **state unused_arg)
{
	static const struct zone_row rows[] = {
		{ "a.example", "TXT", "v=spf1 include:b.example ~all" },
		{ "b.example", "TXT", "v=spf1 include:c.example ~all" },
		{ "c.example", "TXT", "v=spf1 ip4:192.0.2.0/24 ~all" },
	};
	struct zone z = { .rows = rows, .count = ARRAY_LEN(rows) };
	auto_arena struct arena a;
	auto_buf struct buf why;
	arena_init(&a, ARENA_MAX);
	buf_init(&why, 4096);
	struct spf_outcome o = evaluate_as(&a, &z, "192.0.2.9", "u@a.example", "h");

	assert_true(str_is(o.inner_term, "ip4:192.0.2.0/24"));
	assert_true(str_is(o.inner_domain, "c.example"));
	assert_int_equal(o.lookups, 2);
	spf_cause_write(&why, &o, LANG_EN);
	assert_string_equal(
		buf_cstr(&why),
		"'include:b.example' in the record of a.example matches: there "
		"'ip4:192.0.2.0/24' in the record of c.example does");
}

static void what_is_not_known_is_wanted_all_at_once(void **state unused_arg)
{
	static const struct zone_row rows[] = {
		{ "x.example", "TXT",
		  "v=spf1 ip4:192.0.2.1 include:b.example a:c.example/24 mx exists:d.x "
		  "ptr a:%{p}.e.example redirect=f.example" },
		{ "b.example", "TXT", "LATER" },
		{ "c.example", "A", "LATER" },
		{ "x.example", "MX", "LATER" },
		{ "d.x", "A", "LATER" },
		{ "f.example", "TXT", "LATER" },
	};
	struct zone z = { .rows = rows, .count = ARRAY_LEN(rows) };
	auto_arena struct arena a;
	arena_init(&a, ARENA_MAX);

	assert_int_equal(
		evaluate_as(&a, &z, "192.0.2.9", "u@x.example", "h").wanted.count, 5);
	/* What decides before anything is asked wants nothing. */
	struct spf_outcome o = evaluate_as(&a, &z, "192.0.2.1", "u@x.example", "h");
	assert_int_equal(o.wanted.count, 0);
	assert_int_equal(o.result, SPF_PASS);
	assert_int_equal(o.lookups, 0);
}

static void an_empty_sender_is_postmaster_of_the_helo_name(void **state unused_arg)
{
	static const struct zone_row rows[] = {
		{ "helo.example", "TXT", "v=spf1 exists:%{l}.%{o} -all" },
		{ "postmaster.helo.example", "A", "127.0.0.2" },
	};
	struct zone z = { .rows = rows, .count = ARRAY_LEN(rows) };
	auto_arena struct arena a;
	arena_init(&a, ARENA_MAX);

	assert_int_equal(evaluate_as(&a, &z, "192.0.2.1", "", "helo.example").result,
			 SPF_PASS);
	assert_int_equal(
		evaluate_as(&a, &z, "192.0.2.1", "@helo.example", "other").result,
		SPF_PASS);
	assert_int_equal(evaluate_as(&a, &z, "192.0.2.1", "helo.example", "other").result,
			 SPF_PASS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_the_standard_come_out_as_it_says),
		cmocka_unit_test(macros_expand_as_the_standard_shows),
		cmocka_unit_test(ipv6_macros_have_a_label_a_nibble),
		cmocka_unit_test(long_expansions_lose_labels_in_front),
		cmocka_unit_test(each_end_says_its_cause),
		cmocka_unit_test(an_include_that_matches_tells_what_matched_inside),
		cmocka_unit_test(what_is_not_known_is_wanted_all_at_once),
		cmocka_unit_test(an_empty_sender_is_postmaster_of_the_helo_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of SPF records, RFC 7208 section 12. */
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
		bool is_spf;
	} cases[] = {
		{ "v=spf1", true },           { "v=spf1 ", true },
		{ "V=SpF1 -all", true },      { "v=spf1  garbage", true },
		{ "v=spf10 -all", false },    { "v=spf1-all", false },
		{ "v=spf1\t-all", false },    { " v=spf1 -all", false },
		{ "\"v=spf1 -all\"", false }, { "v=spf2.0/pra -all", false },
		{ "v=spf", false },           { "", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (spf_is_record(str_from(cases[i].txt)) != cases[i].is_spf)
			fail_msg("'%s'", cases[i].txt);
	}
}

static void terms_are_read_to_their_parts(void **state unused_arg)
{
	static const struct {
		const char *term;
		enum spf_kind kind;
		enum spf_result qualifier;
		const char *domain;
		unsigned prefix4;
		unsigned prefix6;
	} cases[] = {
		{ "all", SPF_ALL, SPF_PASS, "", 32, 128 },
		{ "~ALL", SPF_ALL, SPF_SOFTFAIL, "", 32, 128 },
		{ "+a", SPF_A, SPF_PASS, "", 32, 128 },
		{ "-a/24", SPF_A, SPF_FAIL, "", 24, 128 },
		{ "a//64", SPF_A, SPF_PASS, "", 32, 64 },
		{ "a:h.example/0//0", SPF_A, SPF_PASS, "h.example", 0, 0 },
		{ "a:h4.example/24", SPF_A, SPF_PASS, "h4.example", 24, 128 },
		{ "a:foo:bar/baz.example", SPF_A, SPF_PASS, "foo:bar/baz.example", 32,
		  128 },
		{ "mx:%{d}/16", SPF_MX, SPF_PASS, "%{d}", 16, 128 },
		{ "?ptr:h.example.", SPF_PTR, SPF_NEUTRAL, "h.example.", 32, 128 },
		{ "ip4:192.0.2.0/24", SPF_IP4, SPF_PASS, "", 24, 128 },
		{ "IP4:0.0.0.0/0", SPF_IP4, SPF_PASS, "", 0, 128 },
		{ "ip6:2001:db8::/32", SPF_IP6, SPF_PASS, "", 32, 32 },
		{ "ip6:::ffff:192.0.2.1", SPF_IP6, SPF_PASS, "", 32, 128 },
		{ "include:_spf.x.example", SPF_INCLUDE, SPF_PASS, "_spf.x.example", 32,
		  128 },
		{ "exists:%{ir}.%{l1r+-}._spf.%{d}", SPF_EXISTS, SPF_PASS,
		  "%{ir}.%{l1r+-}._spf.%{d}", 32, 128 },
		{ "redirect=x.example", SPF_REDIRECT, SPF_PASS, "x.example", 32, 128 },
		{ "EXP=%{d}.xn--zckzah", SPF_EXP, SPF_PASS, "%{d}.xn--zckzah", 32, 128 },
		{ "op=auth", SPF_MODIFIER, SPF_PASS, "", 32, 128 },
		{ "a.b-c_d=%{c}:/=", SPF_MODIFIER, SPF_PASS, "", 32, 128 },
		{ "include=x", SPF_MODIFIER, SPF_PASS, "", 32, 128 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		auto_buf struct buf txt;
		arena_init(&a, 1 << 20);
		buf_init(&txt, 1024);
		buf_printf(&txt, "v=spf1 %s", cases[i].term);
		struct spf_record r;
		enum spf_fault fault;
		struct str wrong;

		if (!spf_record_parse(&a, buf_view(&txt), &r, &fault, &wrong) ||
		    r.count != 1)
			fail_msg("%s: %s", cases[i].term, spf_fault_text(fault));
		const struct spf_term *t = &r.terms[0];
		if (t->kind != cases[i].kind || t->qualifier != cases[i].qualifier ||
		    !str_is(t->domain, cases[i].domain) ||
		    t->prefix4 != cases[i].prefix4 || t->prefix6 != cases[i].prefix6)
			fail_msg("%s: kind %d, '%.*s' /%u //%u", cases[i].term, t->kind,
				 STR_ARG(t->domain), t->prefix4, t->prefix6);
	}
}

struct fault_case {
	const char *term;
	enum spf_fault fault;
};

static void check_faults(const struct fault_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		auto_arena struct arena a;
		auto_buf struct buf txt;
		arena_init(&a, 1 << 20);
		buf_init(&txt, 1024);
		/* Errors anywhere count, behind "all" as well (section 4.6). */
		buf_printf(&txt, "v=spf1 -all %s", cases[i].term);
		struct spf_record r;
		enum spf_fault fault;
		struct str wrong;

		if (spf_record_parse(&a, buf_view(&txt), &r, &fault, &wrong))
			fail_msg("%s was taken", cases[i].term);
		if (fault != cases[i].fault || wrong.len == 0)
			fail_msg("%s: %s", cases[i].term, spf_fault_text(fault));
	}
}

static void wrong_names_and_values_are_told(void **state unused_arg)
{
	static const struct fault_case cases[] = {
		{ "ipv4:192.0.2.1", SPF_FAULT_MECHANISM },
		{ "includ:x.example", SPF_FAULT_MECHANISM },
		{ "redirect:x.example", SPF_FAULT_MECHANISM },
		{ "include.x", SPF_FAULT_MECHANISM },
		{ "--all", SPF_FAULT_MECHANISM },
		{ "-", SPF_FAULT_MECHANISM },
		{ "-all;", SPF_FAULT_MECHANISM },
		{ "+redirect=x.example", SPF_FAULT_MECHANISM },
		{ "=x", SPF_FAULT_MECHANISM },
		{ "1x=y", SPF_FAULT_MECHANISM },
		{ "all:x", SPF_FAULT_VALUE },
		{ "-all/8", SPF_FAULT_VALUE },
		{ "ptr/24", SPF_FAULT_VALUE },
		{ "include/24", SPF_FAULT_VALUE },
		{ "include", SPF_FAULT_EMPTY },
		{ "include:", SPF_FAULT_EMPTY },
		{ "a:", SPF_FAULT_EMPTY },
		{ "a:/24", SPF_FAULT_EMPTY },
		{ "ip4:", SPF_FAULT_EMPTY },
		{ "exists", SPF_FAULT_EMPTY },
		{ "redirect=", SPF_FAULT_EMPTY },
		{ "exp=", SPF_FAULT_EMPTY },
		{ "include:localhost", SPF_FAULT_DOMAIN },
		{ "include:https://x.example/", SPF_FAULT_DOMAIN },
		{ "include:x.example/24", SPF_FAULT_DOMAIN },
		{ "a:192.0.2.1", SPF_FAULT_DOMAIN },
		{ "mx:x.-example", SPF_FAULT_DOMAIN },
		{ "a:x.example:8080", SPF_FAULT_DOMAIN },
		{ "a:%{d}.", SPF_FAULT_DOMAIN },
		{ "exists:%{x}.example", SPF_FAULT_MACRO },
		{ "exists:%{c}.example", SPF_FAULT_MACRO },
		{ "exists:%{d0}.example", SPF_FAULT_MACRO },
		{ "exists:%{d2", SPF_FAULT_MACRO },
		{ "exists:%(ir).example", SPF_FAULT_MACRO },
		{ "exists:%.example", SPF_FAULT_MACRO },
		{ "x=%{", SPF_FAULT_MACRO },
	};

	check_faults(cases, ARRAY_LEN(cases));
}

static void wrong_networks_and_the_rest_are_told(void **state unused_arg)
{
	static const struct fault_case cases[] = {
		{ "ip4:192.0.2", SPF_FAULT_NETWORK },
		{ "ip4:192.0.2.1:25", SPF_FAULT_NETWORK },
		{ "ip4:192.0.2.01", SPF_FAULT_NETWORK },
		{ "ip4:192.0.2.1@53", SPF_FAULT_NETWORK },
		{ "ip4:2001:db8::1", SPF_FAULT_NETWORK },
		{ "ip6:192.0.2.1", SPF_FAULT_NETWORK },
		{ "ip6:::g", SPF_FAULT_NETWORK },
		{ "ip4:192.0.2.0/33", SPF_FAULT_PREFIX },
		{ "ip4:192.0.2.0/", SPF_FAULT_PREFIX },
		{ "ip4:192.0.2.0/024", SPF_FAULT_PREFIX },
		{ "ip4:192.0.2.0//24", SPF_FAULT_PREFIX },
		{ "ip6:2001:db8::/129", SPF_FAULT_PREFIX },
		{ "a/33", SPF_FAULT_PREFIX },
		{ "a//129", SPF_FAULT_PREFIX },
		{ "a/24/64", SPF_FAULT_PREFIX },
		{ "mx:x.example/", SPF_FAULT_PREFIX },
		{ "exp=a.example exp=b.example", SPF_FAULT_TWICE },
		{ "redirect=a.example REDIRECT=b.example", SPF_FAULT_TWICE },
		{ "include:\xe2\x80\x9cx.example\xe2\x80\x9d", SPF_FAULT_BYTES },
		{ "a\tmx", SPF_FAULT_BYTES },
	};

	check_faults(cases, ARRAY_LEN(cases));
}

static void a_slip_is_told_as_it_was_meant(void **state unused_arg)
{
	static const struct {
		const char *term;
		const char *meant;
	} cases[] = {
		{ "ipv4:192.0.2.1", "ip4:192.0.2.1" },
		{ "ip:192.0.2.1", "ip4:192.0.2.1" },
		{ "ip4=192.0.2.1", "ip4:192.0.2.1" },
		{ "ipv6:2001:db8::1", "ip6:2001:db8::1" },
		{ "ip4:2001:db8::1", "ip6:2001:db8::1" },
		{ "includ:x.example", "include:x.example" },
		{ "-inclde:x.example", "-include:x.example" },
		{ "redirect:x.example", "redirect=x.example" },
		{ "~al", "~all" },
		{ "~~all", "~all" },
		{ "-all;", "-all" },
		{ "include:x.example,", "include:x.example" },
		{ "-", "" },
		{ "x", "" },
		{ "spam:x.example", "" },
		{ "include:localhost", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 1 << 20);
		struct str meant = spf_term_meant(&a, str_from(cases[i].term));

		if (!str_is(meant, cases[i].meant))
			fail_msg("%s: '%.*s'", cases[i].term, STR_ARG(meant));
	}
}

static void blanks_between_terms_may_be_many(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 1 << 20);
	struct spf_record r;
	enum spf_fault fault;
	struct str wrong;

	assert_true(spf_record_parse(&a, STR("v=spf1   a   -all  "), &r, &fault, &wrong));
	assert_int_equal(r.count, 2);
	assert_true(spf_record_parse(&a, STR("v=spf1"), &r, &fault, &wrong));
	assert_int_equal(r.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_spf_record_is_told_from_others),
		cmocka_unit_test(terms_are_read_to_their_parts),
		cmocka_unit_test(wrong_names_and_values_are_told),
		cmocka_unit_test(wrong_networks_and_the_rest_are_told),
		cmocka_unit_test(a_slip_is_told_as_it_was_meant),
		cmocka_unit_test(blanks_between_terms_may_be_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

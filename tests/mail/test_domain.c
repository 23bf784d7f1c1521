/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Domains as people type them: what they become, and the words for those that are
 * none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/mail.h"

static void a_domain_is_normalised(void **state unused_arg)
{
	static const struct {
		const char *name;
		const char *typed;
		const char *want;
	} cases[] = {
		{ "as it is", "customer.example", "customer.example" },
		{ "upper case", "Shop.CUSTOMER.Example", "shop.customer.example" },
		{ "final dot", "customer.example.", "customer.example" },
		{ "blanks around", " \tcustomer.example\r\n", "customer.example" },
		{ "U-label", "bücher.example", "xn--bcher-kva.example" },
		{ "A-label", "XN--bcher-kva.example", "xn--bcher-kva.example" },
		{ "upper-case umlaut", "BÜCHER.example", "xn--bcher-kva.example" },
		{ "sharp s is not ss", "straße.example", "xn--strae-oqa.example" },
		{ "Japanese", "例え.テスト.example", "xn--r8jz45g.xn--zckzah.example" },
		{ "full-width", "ｅｘａｍｐｌｅ．ｊｐ", "example.jp" },
		{ "ideographic full stop", "customer。jp", "customer.jp" },
		{ "underscore", "_dmarc.customer.example", "_dmarc.customer.example" },
		{ "two hyphens", "r3---sn.customer.example", "r3---sn.customer.example" },
		{ "digits in front", "1and1.example", "1and1.example" },
		{ "documentation TLDs", "mail.world.test", "mail.world.test" },
		{ "label of 63",
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		  "example",
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		  "example" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 65536);
		struct err e = { 0 };
		struct dns_name name;
		struct dns_name want;
		struct str text;

		if (!mail_domain_parse(&a, str_from(cases[i].typed), false, &text, &name,
				       &e))
			fail_msg("%s: %s", cases[i].name, e.text);
		if (!str_is(text, cases[i].want))
			fail_msg("%s: %.*s", cases[i].name, STR_ARG(text));
		assert_true(dns_name_parse(str_from(cases[i].want), &want, &e));
		assert_true(dns_name_equal(&name, &want));
	}
}

static void what_is_no_domain_is_refused(void **state unused_arg)
{
	const struct {
		struct str typed;
		const char *why;
	} cases[] = {
		{ STR(""), "it is empty" },
		{ STR("  "), "it is empty" },
		{ STR("."), "it is empty" },
		{ STR("customer"), "it needs a dot" },
		{ STR("com"), "it needs a dot" },
		{ STR("a..example"), "empty label" },
		{ STR(".customer.example"), "empty label" },
		{ STR("customer.example.."), "empty label" },
		{ STR("https://customer.example/"),
		  "leave out everything but the domain" },
		{ STR("news@customer.example"), "that is an address" },
		{ STR("customer.example:25"), "leave out the port" },
		{ STR("*.customer.example"), "wildcard" },
		{ STR("a b.example"), "blank" },
		{ STR("a.example, b.example"), "blank" },
		{ STR("192.0.2.1"), "an IP address" },
		{ STR("[192.0.2.1]"), "an IP address" },
		{ STR("1.2.3"), "an IP address" },
		{ STR("2001:db8::1"), "leave out the port" },
		{ STR("customer!.example"), "character other than" },
		{ STR("cust\\omer.example"), "character other than" },
		{ STR("-a.example"), "hyphen" },
		{ STR("a-.example"), "hyphen" },
		{ STR("a\0.example"), "NUL" },
		{ STR("a\x1b[31m.example"), "IP address" },
		{ STR("a\x07.example"), "" },
		{ STR("a\xff.example"), "" },
		{ STR("a\xe2\x80\xae.example"), "" },
		{ STR("xn--a.example"), "" },
		{ STR("printer.local"), "RFC 6762" },
		{ STR("x.onion"), "RFC 7686" },
		{ STR("x.internal"), "private networks" },
		{ STR("x.alt"), "RFC 9476" },
		{ STR("router.home.arpa"), "RFC 8375" },
		{ STR("2.0.192.in-addr.arpa"), "infrastructure" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 65536);
		struct err e = { 0 };
		struct dns_name name;
		struct str text;

		if (mail_domain_parse(&a, cases[i].typed, false, &text, &name, &e))
			fail_msg("'%.*s' was taken", STR_ARG(cases[i].typed));
		assert_int_equal(e.kind, ERR_USAGE);
		if (!strstr(e.text, cases[i].why))
			fail_msg("'%.*s': %s", STR_ARG(cases[i].typed), e.text);
	}
}

static void names_of_documents_are_refused_when_strict(void **state unused_arg)
{
	static const char *const typed[] = { "x.test", "x.example", "x.invalid",
					     "x.localhost", "X.Y.EXAMPLE." };

	for (size_t i = 0; i < ARRAY_LEN(typed); i++) {
		auto_arena struct arena a;
		arena_init(&a, 65536);
		struct err e = { 0 };
		struct dns_name name;
		struct str text;

		assert_true(mail_domain_parse(&a, str_from(typed[i]), false, &text, &name,
					      &e));
		assert_false(mail_domain_parse(&a, str_from(typed[i]), true, &text, &name,
					       &e));
		assert_non_null(strstr(e.text, "RFC 6761"));
	}
}

static void lengths_end_at_63_and_253(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 65536);
	struct err e = { 0 };
	struct dns_name name;
	struct str text;
	auto_buf struct buf typed;

	buf_init(&typed, 1024);
	for (size_t i = 0; i < 4; i++) {
		buf_fill(&typed, 'a', 61);
		buf_byte(&typed, '.');
	}
	buf_text(&typed, "abcde");
	assert_int_equal(typed.len, 253);
	assert_true(mail_domain_parse(&a, buf_view(&typed), false, &text, &name, &e));
	assert_int_equal(name.len, 255);
	buf_byte(&typed, 'f');
	assert_false(mail_domain_parse(&a, buf_view(&typed), false, &text, &name, &e));
	buf_clear(&typed);
	buf_fill(&typed, 'a', 64);
	buf_text(&typed, ".example");
	assert_false(mail_domain_parse(&a, buf_view(&typed), false, &text, &name, &e));
	buf_fill(&typed, 'a', 900);
	assert_false(mail_domain_parse(&a, buf_view(&typed), false, &text, &name, &e));
}

static void public_suffixes_are_known(void **state unused_arg)
{
	static const struct {
		const char *domain;
		bool is_suffix;
		const char *organisational;
	} cases[] = {
		{ "co.uk", true, "co.uk" },
		{ "shop.example.co.uk", false, "example.co.uk" },
		{ "example.co.uk", false, "example.co.uk" },
		{ "com", true, "com" },
		{ "a.b.c.example.com", false, "example.com" },
		/* A wildcard rule, and its exception. */
		{ "foo.ck", true, "foo.ck" },
		{ "www.ck", false, "www.ck" },
		{ "tokyo.jp", true, "tokyo.jp" },
		{ "x.city.kawasaki.jp", false, "city.kawasaki.jp" },
		{ "xn--55qx5d.cn", true, "xn--55qx5d.cn" },
		/* Private section: no ICANN suffix, but a boundary of organisations. */
		{ "github.io", false, "github.io" },
		{ "a.shop.github.io", false, "shop.github.io" },
		/* No rule: the last label is the suffix. */
		{ "a.customer.example", false, "customer.example" },
		{ "customer.example", false, "customer.example" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str domain = str_from(cases[i].domain);
		struct str organisational = mail_domain_organisational(domain);

		if (mail_domain_is_suffix(domain) != cases[i].is_suffix)
			fail_msg("%s: suffix?", cases[i].domain);
		if (!str_is(organisational, cases[i].organisational))
			fail_msg("%s: %.*s", cases[i].domain, STR_ARG(organisational));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_domain_is_normalised),
		cmocka_unit_test(what_is_no_domain_is_refused),
		cmocka_unit_test(names_of_documents_are_refused_when_strict),
		cmocka_unit_test(lengths_end_at_63_and_253),
		cmocka_unit_test(public_suffixes_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

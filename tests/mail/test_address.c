/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses and mailboxes: what is taken, and the hostile ones that are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/mail.h"

static void good_mailboxes_are_taken_apart(void **state unused_arg)
{
	static const struct {
		const char *name;
		const char *text;
		const char *display;
		const char *local;
		const char *domain;
	} cases[] = {
		{ "bare", "news@customer.example", "", "news", "customer.example" },
		{ "upper case", "News@CUSTOMER.example", "", "News", "customer.example" },
		{ "blanks around", "  news@customer.example ", "", "news",
		  "customer.example" },
		{ "angles only", "<news@customer.example>", "", "news",
		  "customer.example" },
		{ "name", "Customer News <news@customer.example>", "Customer News",
		  "news", "customer.example" },
		{ "quoted name", "\"News, daily\" <n@customer.example>",
		  "\"News, daily\"", "n", "customer.example" },
		{ "escaped quote", "\"a \\\"b\\\" <c>\" <n@customer.example>",
		  "\"a \\\"b\\\" <c>\"", "n", "customer.example" },
		{ "address as name", "\"x@y.example\" <n@customer.example>",
		  "\"x@y.example\"", "n", "customer.example" },
		{ "no blank", "News<n@customer.example>", "News", "n",
		  "customer.example" },
		{ "dots in the name", "John Q. Public <n@customer.example>",
		  "John Q. Public", "n", "customer.example" },
		{ "UTF-8 name", "株式会社 <n@customer.example>", "株式会社", "n",
		  "customer.example" },
		{ "encoded word", "=?utf-8?B?w7w=?= <n@customer.example>",
		  "=?utf-8?B?w7w=?=", "n", "customer.example" },
		{ "encoded word in two",
		  "=?utf-8?Q?=C3?= =?utf-8?Q?=BC?= <n@customer.example>",
		  "=?utf-8?Q?=C3?= =?utf-8?Q?=BC?=", "n", "customer.example" },
		{ "encoded Japanese",
		  "=?iso-2022-jp?B?GyRCTmMbKEI=?= <n@customer.example>",
		  "=?iso-2022-jp?B?GyRCTmMbKEI=?=", "n", "customer.example" },
		{ "broken encoded word", "=?utf-8?B?!!?= <n@customer.example>",
		  "=?utf-8?B?!!?=", "n", "customer.example" },
		{ "folded", "Customer\r\n\tNews\r\n <n@customer.example>",
		  "Customer News", "n", "customer.example" },
		{ "all of atext", "!#$%&'*+-/=?^_`{|}~a.9@customer.example", "",
		  "!#$%&'*+-/=?^_`{|}~a.9", "customer.example" },
		{ "quotes not needed", "\"news\"@customer.example", "", "news",
		  "customer.example" },
		{ "quotes needed", "\"news letter\"@customer.example", "",
		  "\"news letter\"", "customer.example" },
		{ "quoted dots", "\"a..b\"@customer.example", "", "\"a..b\"",
		  "customer.example" },
		{ "quoted pair", "\"a\\b\\\"\"@customer.example", "", "\"ab\\\"\"",
		  "customer.example" },
		{ "empty quotes", "\"\"@customer.example", "", "\"\"",
		  "customer.example" },
		{ "IDN", "info@bücher.example", "", "info", "xn--bcher-kva.example" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 65536);
		struct err e = { 0 };
		struct mail_address address;
		struct str display;

		if (!mail_mailbox_parse(&a, str_from(cases[i].text), &display, &address,
					&e))
			fail_msg("%s: %s", cases[i].name, e.text);
		if (!str_is(display, cases[i].display) ||
		    !str_is(address.local, cases[i].local) ||
		    !str_is(address.domain, cases[i].domain))
			fail_msg("%s: '%.*s' '%.*s' '%.*s'", cases[i].name,
				 STR_ARG(display), STR_ARG(address.local),
				 STR_ARG(address.domain));
	}
}

struct refusal {
	const char *name;
	struct str text;
	const char *why;
};

static void assert_refused(const struct refusal *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		auto_arena struct arena a;
		arena_init(&a, 65536);
		struct err e = { 0 };
		struct mail_address address;
		struct str display;

		if (mail_mailbox_parse(&a, cases[i].text, &display, &address, &e))
			fail_msg("%s was taken", cases[i].name);
		assert_int_equal(e.kind, ERR_USAGE);
		if (!strstr(e.text, cases[i].why))
			fail_msg("%s: %s", cases[i].name, e.text);
	}
}

static void injected_and_hidden_characters_are_refused(void **state unused_arg)
{
	const struct refusal cases[] = {
		{ "nothing", STR(""), "it is empty" },
		{ "angles around nothing", STR("<>"), "it is empty" },
		{ "name only", STR("News"), "there is no @" },
		{ "no local part", STR("@customer.example"), "nothing stands before" },
		{ "no domain", STR("news@"), "it is empty" },
		{ "two @", STR("a@b@customer.example"), "exactly one" },
		{ "header injection", STR("a@b.example\r\nBcc: x@y.example"), "control" },
		{ "bare LF", STR("a@b.example\nBcc: x@y.example"), "control" },
		{ "bare CR", STR("News\r <a@b.example>"), "control" },
		{ "injection in the name", STR("N\r\nBcc: x <a@b.example>"), "control" },
		{ "folded injection", STR("N\r\n Bcc: x <a@b.example>"), "groups" },
		{ "injection in quotes", STR("\"N\r\nBcc: x\" <a@b.example>"),
		  "control" },
		{ "injection by quoted pair", STR("\"N\\\r\nBcc: x\" <a@b.example>"),
		  "control" },
		{ "NUL", STR("a@b.example\0.evil.example"), "control" },
		{ "NUL in the name", STR("N\0 <a@b.example>"), "control" },
		{ "escape", STR("\x1b[31mN <a@b.example>"), "control" },
		{ "DEL", STR("N\x7f <a@b.example>"), "control" },
		{ "C1", STR("N\xc2\x85 <a@b.example>"), "control" },
		{ "bidi override", STR("N\xe2\x80\xae <a@b.example>"), "control" },
		{ "bidi isolate", STR("N\xe2\x81\xa6 <a@b.example>"), "control" },
		{ "zero width", STR("N\xe2\x80\x8b <a@b.example>"), "control" },
		{ "line separator", STR("N\xe2\x80\xa8 <a@b.example>"), "control" },
		{ "encoded CRLF", STR("=?utf-8?B?Tg0KQmNjOiB4?= <a@b.example>"),
		  "encoded" },
		{ "encoded CRLF in Q",
		  STR("=?UTF-8*en?q?N=0D=0ABcc=3A_x?= <a@b.example>"), "encoded" },
		{ "encoded CRLF in quotes", STR("\"=?utf-8?Q?=0A?=\" <a@b.example>"),
		  "encoded" },
		{ "encoded bidi override", STR("=?utf-8?B?4oCu?= <a@b.example>"),
		  "encoded" },
		{ "encoded line break, Latin",
		  STR("x =?iso-8859-1?Q?=0A?= <a@b.example>"), "encoded" },
		{ "behind a broken one", STR("=?x =?utf-8?Q?=00?= <a@b.example>"),
		  "encoded" },
		{ "inside a broken one", STR("=?a=?utf-8?Q?=0A?= <a@b.example>"),
		  "encoded" },
		{ "no UTF-8", STR("N\xff <a@b.example>"), "control" },
		{ "overlong UTF-8", STR("N\xc0\xbc <a@b.example>"), "control" },
	};

	assert_refused(cases, ARRAY_LEN(cases));
}

static void what_is_not_one_plain_mailbox_is_refused(void **state unused_arg)
{
	const struct refusal cases[] = {
		{ "two mailboxes", STR("a@b.example, c@d.example"), "exactly one" },
		{ "two with names", STR("A <a@b.example>, C <c@d.example>"),
		  "behind the >" },
		{ "two in angles", STR("<a@b.example,c@d.example>"), "exactly one" },
		{ "comma in the name", STR("Doe, John <a@b.example>"), "quotes" },
		{ "group", STR("Friends: a@b.example;"), "may not stand there" },
		{ "group of none", STR("undisclosed-recipients:;"),
		  "may not stand there" },
		{ "group with angles", STR("F: A <a@b.example>;"), "groups" },
		{ "comment behind", STR("a@b.example (News)"), "blank" },
		{ "comment in the name", STR("News (x@y.example) <a@b.example>"),
		  "comments" },
		{ "comment in the address", STR("<a(x)@b.example>"),
		  "may not stand there" },
		{ "route", STR("<@x.example:a@b.example>"), "nothing stands before" },
		{ "nested angles", STR("N <<a@b.example>>"), "behind the >" },
		{ "two angles", STR("<x@y.example> <a@b.example>"), "behind the >" },
		{ "text behind", STR("<a@b.example> x"), "behind the >" },
		{ "open angle", STR("N <a@b.example"), "the > is missing" },
		{ "open quote", STR("\"N <a@b.example>"), "not well formed" },
		{ "open quote in angles", STR("N <\"a@b.example>"), "quotation" },
		{ "quote ends in backslash", STR("\"N\\"), "not well formed" },
		{ "@ in the name", STR("x@y.example <a@b.example>"), "needs quotes" },
		{ "dot in front", STR(".a@b.example"), "may not stand there" },
		{ "dot behind", STR("a.@b.example"), "may not stand there" },
		{ "two dots", STR("a..b@c.example"), "may not stand there" },
		{ "blank before @", STR("a @b.example"), "may not stand there" },
		{ "blank behind @", STR("a@ b.example"), "blank" },
		{ "UTF-8 local part", STR("ü@b.example"), "may not stand there" },
		{ "quoted address", STR("\"x@y.example\"@b.example"), "another address" },
		{ "quoted angles", STR("<\"x> <y\"@b.example>"), "another address" },
		{ "quoted UTF-8 local part", STR("\"ü\"@b.example"), "not well formed" },
		{ "backslash", STR("a\\@b.example"), "may not stand there" },
		{ "address literal", STR("a@[192.0.2.1]"), "an IP address" },
		{ "IP address", STR("a@192.0.2.1"), "an IP address" },
		{ "one label", STR("a@localhost"), "needs a dot" },
		{ "percent hack is text, port is not", STR("a%b@c.example:25"), "port" },
		{ "local part of 65",
		  STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@"
		      "b.example"),
		  "64" },
	};

	assert_refused(cases, ARRAY_LEN(cases));
}

static void an_address_is_no_mailbox_with_a_name(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 65536);
	struct err e = { 0 };
	struct mail_address address;

	assert_true(mail_address_parse(&a, STR("a@b.example"), &address, &e));
	assert_false(mail_address_parse(&a, STR("A <a@b.example>"), &address, &e));
	assert_false(mail_address_parse(&a, STR("<a@b.example>"), &address, &e));
	assert_false(mail_address_parse(&a, STR("a@b.example\r\nX: y"), &address, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_mailboxes_are_taken_apart),
		cmocka_unit_test(injected_and_hidden_characters_are_refused),
		cmocka_unit_test(what_is_not_one_plain_mailbox_is_refused),
		cmocka_unit_test(an_address_is_no_mailbox_with_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

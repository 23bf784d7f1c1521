/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which questions are asked, first and when something is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "seen.h"

#define N1 "k1._domainkey.shop.example.com"

static const char *questions_text(struct arena *a, const struct question *questions,
				  size_t count)
{
	auto_buf struct buf b;
	buf_init(&b, 16 * 1024);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_text(&b, ", ");
		dns_type_write(&b, questions[i].type);
		buf_byte(&b, ' ');
		dns_name_write(&b, &questions[i].name);
	}
	return arena_text(a, buf_view(&b));
}

static void the_plan_is_the_expected_names_each_once(void **state unused_arg)
{
	static const struct {
		const char *expected;
		const char *plan;
	} cases[] = {
		{ "dkim CNAME " N1 " k1.keys.example.net\n"
		  "mail_from MX bounce.shop.example.com feedback.example.net\n"
		  "spf TXT bounce.shop.example.com v=spf1 -all\n",
		  "CNAME " N1
		  ", MX bounce.shop.example.com, TXT bounce.shop.example.com" },
		{ "ownership TXT shop.example.com one\nownership TXT SHOP.example.com "
		  "two\n",
		  "TXT shop.example.com" },
		{ "", "MX shop.example.com, TXT shop.example.com, TXT "
		      "_dmarc.shop.example.com, TXT "
		      "_domainkey.shop.example.com" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 16 << 20);
		struct seen s = seen_make(&a, cases[i].expected, "");
		struct question *questions;
		size_t count = diagnose_plan(&a, &s.x, &questions);
		assert_string_equal(questions_text(&a, questions, count), cases[i].plan);
	}
}

static void more_is_asked_only_of_what_is_missing(void **state unused_arg)
{
#define SERVERS \
	"server ns1.operator.example 192.0.2.1\nserver ns2.operator.example 192.0.2.2\n"
#define ONE "dkim CNAME " N1 " k1.keys.example.net\n"
	static const struct {
		const char *name;
		const char *expected;
		const char *seen;
		const char *more;
	} cases[] = {
		{ "right", ONE, SERVERS "all CNAME " N1 " = k1.keys.example.net.\n", "" },
		{ "no such name", ONE, SERVERS "all CNAME " N1 " nx\n",
		  "CNAME " N1 ".example.com" },
		{ "no such type", ONE, SERVERS "all CNAME " N1 " nodata\n",
		  "CNAME " N1 ".example.com, TXT " N1 },
		{ "the zone is the domain", ONE,
		  "zone shop.example.com\n" SERVERS "all CNAME " N1 " nx\n",
		  "CNAME " N1 ".shop.example.com" },
		{ "a missing text", "spf TXT bounce.shop.example.com v=spf1 -all\n",
		  SERVERS "all TXT bounce.shop.example.com nodata\n",
		  "TXT bounce.shop.example.com.example.com" },
		{ "asked already", ONE,
		  SERVERS "all CNAME " N1 " nodata\nall TXT " N1 " nodata\nall CNAME " N1
			  ".example.com nx\n",
		  "" },
		{ "another value", ONE, SERVERS "all CNAME " N1 " = x.example.\n", "" },
		{ "servers differ", ONE,
		  SERVERS "ns1 CNAME " N1 " nx\nns2 CNAME " N1
			  " = k1.keys.example.net.\n",
		  "" },
		{ "silence", ONE, SERVERS "all CNAME " N1 " timeout\n", "" },
		{ "nothing expected", "", SERVERS "all MX shop.example.com nx\n", "" },
		{ "behind a forwarder", ONE,
		  "forward 203.0.113.53\nall CNAME " N1 " nx\n",
		  "A unpend-does-this-name-exist.invalid, "
		  "CNAME " N1 ".example.com" },
		{ "the doubled name is too long",
		  "dkim CNAME " N1 " k1.keys.example.net\n",
		  "zone shop.example.com\n" SERVERS "all CNAME " N1 " timeout\n", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 16 << 20);
		struct seen s = seen_make(&a, cases[i].expected, cases[i].seen);
		struct question *questions;
		size_t count = diagnose_more(&a, &s.x, &s.o, &questions);
		const char *text = questions_text(&a, questions, count);
		if (strcmp(text, cases[i].more) != 0)
			fail_msg("%s: %s", cases[i].name, text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_plan_is_the_expected_names_each_once),
		cmocka_unit_test(more_is_asked_only_of_what_is_missing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

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

static void once_is_asked_what_one_server_can_tell(void **state unused_arg)
{
	static const struct {
		const char *expected;
		const char *once;
	} cases[] = {
		{ "dkim CNAME " N1 " k1.keys.example.net\n"
		  "dkim CNAME k2._domainkey.shop.example.com k2.keys.example.net\n",
		  "TXT " N1 ", TXT k2._domainkey.shop.example.com, CNAME "
		  "05a3e0693f4e78bc._domainkey.shop.example.com" },
		{ "ownership TXT _own.shop.example.com token\n",
		  "TXT c0046aa37c052b3e.shop.example.com" },
		{ "ownership TXT shop.example.com token\n", "" },
		{ "spf TXT bounce.shop.example.com v=spf1 -all\n", "" },
		{ "", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 16 << 20);
		struct seen s = seen_make(&a, cases[i].expected, "");
		struct question *questions;
		size_t count = diagnose_plan_once(&a, &s.x, &questions);
		const char *text = questions_text(&a, questions, count);
		if (strcmp(text, cases[i].once) != 0)
			fail_msg("%zu: %s", i, text);
	}
}

static void more_is_asked_only_of_what_is_missing(void **state unused_arg)
{
#define SERVERS \
	"server ns1.operator.example 192.0.2.1\nserver ns2.operator.example 192.0.2.2\n"
#define ONE "dkim CNAME " N1 " k1.keys.example.net\n"
#define PLACES                                                        \
	"CNAME " N1 ".example.com, CNAME k1._domainkey.example.com, " \
	"CNAME k1.domainkey.shop.example.com, "                       \
	"CNAME k1._domainkey.shop.shop.example.com"
	static const struct {
		const char *name;
		const char *expected;
		const char *seen;
		const char *more;
	} cases[] = {
		{ "right", ONE, SERVERS "all CNAME " N1 " = k1.keys.example.net.\n", "" },
		{ "no such name", ONE, SERVERS "all CNAME " N1 " nx\n",
		  PLACES ", CNAME k1.shop.example.com, "
			 "CNAME k1._domainkey.www.shop.example.com, "
			 "CNAME k1.\\239\\188\\191domainkey.shop.example.com" },
		{ "no such type: first what else is there", ONE,
		  SERVERS "all CNAME " N1 " nodata\n",
		  "A " N1 ", AAAA " N1 ", TXT " N1
		  ", CNAME 05a3e0693f4e78bc._domainkey.shop.example.com, " PLACES },
		{ "addresses in its place: those of the target", ONE,
		  SERVERS "all CNAME " N1 " nodata\nall CNAME "
			  "05a3e0693f4e78bc._domainkey.shop.example.com nx\n"
			  "ns1 A " N1 " = 192.0.2.9\nns1 AAAA " N1 " nodata\n"
			  "ns1 TXT " N1 " nodata\n",
		  "A k1.keys.example.net, " PLACES },
		{ "a key in its place: only the target's", ONE,
		  SERVERS "all CNAME " N1 " nodata\nns1 TXT " N1
			  " = \"v=DKIM1; k=ed25519; "
			  "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n",
		  "TXT k1.keys.example.net" },
		{ "the zone is the domain",
		  "spf TXT bounce.shop.example.com v=spf1 -all\n",
		  "zone shop.example.com\n" SERVERS
		  "all TXT bounce.shop.example.com nodata\n",
		  "TXT bounce.shop.example.com.shop.example.com, TXT shop.example.com, "
		  "TXT bounce.www.shop.example.com, TXT bounce.shop.shop.example.com" },
		{ "asked already", "spf TXT bounce.shop.example.com v=spf1 -all\n",
		  SERVERS "all TXT bounce.shop.example.com nodata\n"
			  "ns1 TXT bounce.shop.example.com.example.com nx\n"
			  "ns1 TXT bounce.example.com timeout\n"
			  "ns1 TXT shop.example.com nx\n"
			  "ns1 TXT bounce.shop.shop.example.com limit\n",
		  "" },
		{ "servers differ", ONE,
		  SERVERS "ns1 CNAME " N1 " nx\nns2 CNAME " N1
			  " = k1.keys.example.net.\n",
		  "CNAME 05a3e0693f4e78bc._domainkey.shop.example.com" },
		{ "silence", ONE, SERVERS "all CNAME " N1 " timeout\n", "" },
		{ "nothing expected", "", SERVERS "all MX shop.example.com nx\n", "" },
		{ "a chain that one answer does not hold", ONE,
		  SERVERS "all CNAME " N1 " = a.example.com.\nns1 TXT " N1
			  " alias a.example.com.\nns1 CNAME "
			  "05a3e0693f4e78bc._domainkey.shop.example.com nx\n",
		  "TXT a.example.com" },
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
		cmocka_unit_test(once_is_asked_what_one_server_can_tell),
		cmocka_unit_test(more_is_asked_only_of_what_is_missing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

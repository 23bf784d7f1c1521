/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the step is told of a report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "seen.h"

#define N1 "k1._domainkey.shop.example.com"
#define N2 "k2._domainkey.shop.example.com"
#define TWO \
	"dkim CNAME " N1 " k1.keys.example.net\ndkim CNAME " N2 " k2.keys.example.net\n"
#define MX "mail_from MX bounce.shop.example.com feedback.example.net\n"
#define SERVERS \
	"server ns1.operator.example 192.0.2.1\nserver ns2.operator.example 192.0.2.2\n"
#define RIGHT1 "all CNAME " N1 " = k1.keys.example.net.\n"
#define RIGHT2 "all CNAME " N2 " = k2.keys.example.net.\n"

static void dkim_is_right_wrong_or_unknown(void **state unused_arg)
{
	static const struct {
		const char *name;
		const char *seen;
		enum look_result result;
		enum look_error error;
		uint32_t wrong_servers;
		bool wrong_everywhere;
	} cases[] = {
		{ "right", SERVERS RIGHT1 RIGHT2, LOOK_RIGHT, LOOK_ERROR_NONE, 0, false },
		{ "no such name", SERVERS RIGHT1 "all CNAME " N2 " nx\n", LOOK_WRONG,
		  LOOK_ERROR_HOST_NOT_FOUND, 2, true },
		{ "no such type", SERVERS RIGHT1 "all CNAME " N2 " nodata\n", LOOK_WRONG,
		  LOOK_ERROR_TYPE_NOT_FOUND, 2, true },
		{ "a text instead",
		  SERVERS RIGHT1 "all CNAME " N2 " nodata\nall TXT " N2 " = \"x\"\n",
		  LOOK_WRONG, LOOK_ERROR_TYPE_NOT_FOUND, 2, true },
		{ "another value", SERVERS RIGHT1 "all CNAME " N2 " = x.example.\n",
		  LOOK_WRONG, LOOK_ERROR_INVALID_VALUE, 2, true },
		{ "the worst of two",
		  SERVERS "all CNAME " N1 " nx\nall CNAME " N2 " = x.example.\n",
		  LOOK_WRONG, LOOK_ERROR_INVALID_VALUE, 2, true },
		{ "errors are worse",
		  SERVERS "all CNAME " N1 " nx\nall CNAME " N2 " servfail\n", LOOK_WRONG,
		  LOOK_ERROR_DNS_SERVER_ERROR, 2, true },
		{ "servers differ",
		  SERVERS RIGHT1 "ns1 CNAME " N2 " nx\nns2 CNAME " N2
				 " = k2.keys.example.net.\n",
		  LOOK_WRONG, LOOK_ERROR_HOST_NOT_FOUND, 1, false },
		{ "silence", SERVERS RIGHT1 "all CNAME " N2 " timeout\n", LOOK_UNKNOWN,
		  LOOK_ERROR_DNS_SERVER_ERROR, 0, false },
		{ "our own limit",
		  SERVERS "all CNAME " N1 " limit\nall CNAME " N2 " limit\n",
		  LOOK_UNKNOWN, LOOK_ERROR_SERVICE_ERROR, 0, false },
		{ "a lame server",
		  SERVERS "ns1 CNAME " N1 " = k1.keys.example.net.\nns1 CNAME " N2
			  " = k2.keys.example.net.\nns2 CNAME " N1
			  " refused\nns2 CNAME " N2 " refused\n",
		  LOOK_UNKNOWN, LOOK_ERROR_DNS_SERVER_ERROR, 0, false },
		{ "bogus", SERVERS RIGHT1 RIGHT2 "bogus CNAME " N2 "\n", LOOK_UNKNOWN,
		  LOOK_ERROR_DNS_SERVER_ERROR, 0, false },
		{ "missing, and bogus",
		  SERVERS RIGHT1 "all CNAME " N2 " nx\nbogus CNAME " N2 "\n",
		  LOOK_UNKNOWN, LOOK_ERROR_DNS_SERVER_ERROR, 0, false },
		{ "the domain is gone", "walk nxdomain example.com\n", LOOK_WRONG,
		  LOOK_ERROR_HOST_NOT_FOUND, 0, true },
		{ "a cache remembers",
		  SERVERS "resolver 203.0.113.53\n" RIGHT1 RIGHT2 "203.0.113.53 CNAME " N1
			  " nx\n",
		  LOOK_RIGHT, LOOK_ERROR_NONE, 0, false },
		{ "one dead server",
		  SERVERS "ns1 CNAME " N1 " = k1.keys.example.net.\nns1 CNAME " N2
			  " = k2.keys.example.net.\nns2 CNAME " N1
			  " timeout\nns2 CNAME " N2 " timeout\n",
		  LOOK_RIGHT, LOOK_ERROR_NONE, 0, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 16 << 20);
		struct seen s = seen_make(&a, TWO, cases[i].seen);
		struct report r;
		struct look look;
		diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
		diagnose_look(&r, &look);
		if (look.results[ASPECT_DKIM] != cases[i].result ||
		    look.error != cases[i].error ||
		    look.wrong_servers[ASPECT_DKIM] != cases[i].wrong_servers ||
		    look.wrong_everywhere[ASPECT_DKIM] != cases[i].wrong_everywhere)
			fail_msg("%s: %d %s %u %d", cases[i].name,
				 look.results[ASPECT_DKIM], look_error_name(look.error),
				 look.wrong_servers[ASPECT_DKIM],
				 look.wrong_everywhere[ASPECT_DKIM]);
		assert_false(look.wrong_alone[ASPECT_DKIM]);
		assert_int_equal(look.at_s, SEEN_AT);
		assert_int_equal(look.results[ASPECT_MAIL_FROM], LOOK_NONE);
	}
}

static void all_the_servers_are_wrong_or_only_those_that_answer(void **state unused_arg)
{
	static const struct {
		const char *name;
		const char *seen;
		uint32_t wrong_servers;
		bool alone; /* else everywhere */
	} cases[] = {
		{ "the only one that answers",
		  SERVERS RIGHT1 "ns1 CNAME " N2 " nx\nns2 CNAME " N2 " timeout\n", 1,
		  true },
		{ "the only one, the other fails",
		  SERVERS RIGHT1 "ns1 CNAME " N2 " nx\nns2 CNAME " N2 " servfail\n", 1,
		  true },
		{ "the only one there was time for",
		  SERVERS RIGHT1 "ns1 CNAME " N2 " nx\nns2 CNAME " N2 " limit\n", 1,
		  true },
		{ "the only one that serves the zone",
		  SERVERS "ns1 CNAME " N1 " nx\nns1 CNAME " N2 " nx\nns2 CNAME " N1
			  " noaa\nns2 CNAME " N2 " noaa\n",
		  1, true },
		{ "the only one there is",
		  "server ns1.operator.example 192.0.2.1\n" RIGHT1 "ns1 CNAME " N2
		  " nx\n",
		  1, false },
		{ "two of three, and one silent",
		  SERVERS "server ns3.operator.example 192.0.2.3\n" RIGHT1 "ns1 CNAME " N2
			  " nx\nns2 CNAME " N2 " timeout\nns3 CNAME " N2 " nx\n",
		  2, true },
		{ "one address of a server is silent",
		  SERVERS "server ns2.operator.example 192.0.2.3\n" RIGHT1 "ns1 CNAME " N2
			  " nx\n192.0.2.2 CNAME " N2 " nx\n192.0.2.3 CNAME " N2
			  " timeout\n",
		  2, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 16 << 20);
		struct seen s = seen_make(&a, TWO, cases[i].seen);
		struct report r;
		struct look look;
		diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
		diagnose_look(&r, &look);
		if (look.results[ASPECT_DKIM] != LOOK_WRONG ||
		    look.wrong_servers[ASPECT_DKIM] != cases[i].wrong_servers ||
		    look.wrong_everywhere[ASPECT_DKIM] == cases[i].alone ||
		    look.wrong_alone[ASPECT_DKIM] != cases[i].alone)
			fail_msg("%s: %d %u %d %d", cases[i].name,
				 look.results[ASPECT_DKIM],
				 look.wrong_servers[ASPECT_DKIM],
				 look.wrong_everywhere[ASPECT_DKIM],
				 look.wrong_alone[ASPECT_DKIM]);
	}
}

static void mail_from_has_an_aspect_of_its_own_and_spf_none(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 16 << 20);
	struct seen s = seen_make(
		&a, TWO MX "spf TXT bounce.shop.example.com v=spf1 -all\n",
		SERVERS RIGHT1 RIGHT2 "all MX bounce.shop.example.com nodata\nall TXT "
				      "bounce.shop.example.com nodata\n");
	struct report r;
	struct look look;
	diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
	diagnose_look(&r, &look);
	assert_int_equal(look.results[ASPECT_DKIM], LOOK_RIGHT);
	assert_int_equal(look.results[ASPECT_MAIL_FROM], LOOK_WRONG);
	assert_int_equal(look.results[ASPECT_OWNERSHIP], LOOK_NONE);
	assert_int_equal(look.error, LOOK_ERROR_NONE);
}

static void the_soa_of_the_zone_is_taken(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 16 << 20);
	struct seen s = seen_make(&a, TWO, SERVERS "serial all 77\n" RIGHT1 RIGHT2);
	struct report r;
	struct look look;
	diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
	diagnose_look(&r, &look);
	assert_true(look.has_soa);
	assert_int_equal(look.soa_serial, 77);
	assert_true(str_is(dns_name_text(&a, &look.soa_mname), "ns1.operator.example"));
}

static void behind_a_forwarder_the_cache_says_when_to_look_again(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 16 << 20);
	struct seen s = seen_make(&a, TWO,
				  "forward 203.0.113.53\nall CNAME " N1
				  " nx 120\nall CNAME " N2 " nx 60\n");
	struct report r;
	struct look look;
	diagnose_judge(&a, &s.x, &s.o, LANG_EN, &r);
	diagnose_look(&r, &look);
	assert_true(r.one_cache);
	assert_int_equal(look.retry_at_s, SEEN_AT + 120);
	assert_true(look.wrong_everywhere[ASPECT_DKIM]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dkim_is_right_wrong_or_unknown),
		cmocka_unit_test(all_the_servers_are_wrong_or_only_those_that_answer),
		cmocka_unit_test(mail_from_has_an_aspect_of_its_own_and_spf_none),
		cmocka_unit_test(the_soa_of_the_zone_is_taken),
		cmocka_unit_test(behind_a_forwarder_the_cache_says_when_to_look_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time as a number: who remembers what until when, and when all agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "seen.h"

#define N1     "k1._domainkey.shop.example.com"
#define ONE    "dkim CNAME " N1 " k1.keys.example.net\n"
#define A1     "server ns1.operator.example 192.0.2.1\n"
#define A2     "server ns2.operator.example 192.0.2.2\n"
#define CACHES "resolver 203.0.113.53\nresolver 203.0.113.54\n"
#define RIGHT  "all CNAME " N1 " = k1.keys.example.net.\n"
/* Owner's TTL 300, minimum 300: a negative TTL of 300. */
#define SERIAL "serial all 7\n"

static struct report judge(struct arena *a, struct seen *s, const char *seen)
{
	struct report r;
	*s = seen_make(a, ONE, seen);
	diagnose_judge(a, &s->x, &s->o, LANG_EN, &r);
	return r;
}

static void times_are_numbers(void **state unused_arg)
{
	static const struct {
		const char *name, *seen;
		enum verdict verdict;
		int earliest, latest; /* from the look on; -1: none */
		unsigned memory_s, publish_s;
	} rows[] = {
		{ "nothing is remembered", A1 A2 CACHES RIGHT SERIAL, VERDICT_OK, -1, -1,
		  0, 0 },
		{ "a negative answer with 184 s left",
		  A1 A2 CACHES RIGHT SERIAL "203.0.113.53 CNAME " N1 " nx 184\n",
		  VERDICT_WAITING, 184, 300, 300, 0 },
		{ "two, the later one counts",
		  A1 A2 CACHES RIGHT SERIAL "203.0.113.53 CNAME " N1
					    " nx 17\n203.0.113.54 CNAME " N1 " nx 201\n",
		  VERDICT_WAITING, 201, 300, 300, 0 },
		{ "longer left than the zone allows now",
		  A1 A2 CACHES RIGHT SERIAL "203.0.113.53 CNAME " N1 " nx 900\n",
		  VERDICT_WAITING, 900, 900, 300, 0 },
		{ "an old value: by the record's TTL",
		  A1 A2 CACHES RIGHT "203.0.113.53 CNAME " N1 " = old.example.net.\n",
		  VERDICT_WAITING, 300, 300, 300, 0 },
		{ "the zone's negative TTL is not known",
		  A1 A2 CACHES RIGHT "203.0.113.53 CNAME " N1 " nx 184\n",
		  VERDICT_WAITING, 184, 184, 0, 0 },
		{ "missing: others may remember that", A1 A2 "all CNAME " N1 " nx 1800\n",
		  VERDICT_ACTION_REQUIRED, -1, -1, 1800, 0 },
		{ "missing: never longer than SOA MINIMUM",
		  A1 A2 "all CNAME " N1 " nx 86400\n", VERDICT_ACTION_REQUIRED, -1, -1,
		  3600, 0 },
		{ "wrong: for its TTL", A1 A2 "all CNAME " N1 " = other.example.net.\n",
		  VERDICT_ACTION_REQUIRED, -1, -1, 300, 0 },
		{ "could not tell", A1 A2 "all CNAME " N1 " timeout\n",
		  VERDICT_UNDETERMINED, -1, -1, 0, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		auto_arena struct arena a;
		struct seen s;
		arena_init(&a, 16 << 20);
		struct report r = judge(&a, &s, rows[i].seen);
		int64_t earliest = rows[i].earliest < 0 ? 0 : SEEN_AT + rows[i].earliest;
		int64_t latest = rows[i].latest < 0 ? 0 : SEEN_AT + rows[i].latest;
		if (r.verdict != rows[i].verdict || r.agree_earliest_s != earliest ||
		    r.agree_latest_s != latest || r.memory_s != rows[i].memory_s ||
		    r.publish_s != rows[i].publish_s || r.right_since_s != 0)
			fail_msg("%s: %s %+d %+d, memory %u, publish %u", rows[i].name,
				 verdict_name(r.verdict),
				 (int)(r.agree_earliest_s - SEEN_AT),
				 (int)(r.agree_latest_s - SEEN_AT), r.memory_s,
				 r.publish_s);
	}
}

static void the_worst_case_counts_from_when_it_was_right(void **state unused_arg)
{
	auto_arena struct arena a;
	struct seen s;
	arena_init(&a, 16 << 20);
	struct report r = judge(
		&a, &s, A1 A2 CACHES RIGHT SERIAL "203.0.113.53 CNAME " N1 " nx 184\n");
	report_set_since(&r, SEEN_AT - 60);
	assert_int_equal(r.agree_latest_s, SEEN_AT - 60 + 300);
	report_set_since(&r, SEEN_AT - 250);
	assert_int_equal(r.agree_latest_s, SEEN_AT + 184);
	assert_int_equal(r.right_since_s, SEEN_AT - 250);
}

static const char *text_of(struct arena *a, const struct report *r)
{
	const struct report_style style = { .columns = 400 };
	struct buf *b = arena_alloc(a, sizeof(*b));
	buf_init(b, 1 << 20);
	report_write_text(b, r, &style);
	const char *text = arena_text(a, buf_view(b));
	buf_done(b);
	return text;
}

static void assert_says(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("'%s' is not in:\n%s", words, text);
}

static void waiting_says_who_remembers_until_when(void **state unused_arg)
{
	auto_arena struct arena a;
	struct seen s;
	arena_init(&a, 16 << 20);
	struct report r = judge(
		&a, &s, A1 A2 CACHES RIGHT SERIAL "203.0.113.53 CNAME " N1 " nx 184\n");
	report_set_since(&r, SEEN_AT - 60);
	const char *text = text_of(&a, &r);
	assert_says(text, N1 " is still missing for 203.0.113.53 until 03:07:09 UTC "
			     "(3 min 04 s left).");
	assert_says(text, "since 03:03:05 UTC (first seen by us)");
	assert_says(text, "Everything should agree by 03:07:09 UTC. Worst case 03:08:05 "
			  "UTC (the zone's negative");
}

static void a_page_where_it_can_be_purged_is_named_once(void **state unused_arg)
{
	auto_arena struct arena a;
	struct seen s;
	arena_init(&a, 16 << 20);
	struct report r =
		judge(&a, &s,
		      A1 A2 "resolver 8.8.8.8\nresolver 8.8.4.4\n" RIGHT SERIAL
			    "8.8.8.8 CNAME " N1 " nx 184\n8.8.4.4 CNAME " N1 " nx 18\n");
	assert_says(text_of(&a, &r), "forgotten now: https://dns.google/cache\n");
	r = judge(&a, &s, A1 A2 CACHES RIGHT SERIAL "203.0.113.53 CNAME " N1 " nx 184\n");
	assert_null(strstr(text_of(&a, &r), "forgotten"));
}

static void amazon_ses_is_told_from_the_dns(void **state unused_arg)
{
	static const struct {
		const char *name, *status, *seen;
		int64_t since;
		const char *says; /* NULL: nothing but SES's word */
	} rows[] = {
		{ "pending, and right now", "PENDING", A1 A2 RIGHT, 0,
		  "Your DNS is as it should be. There is nothing to fix: SES looks "
		  "again" },
		{ "pending, and right for a while", "PENDING", A1 A2 RIGHT, SEEN_AT - 60,
		  "Your DNS is right since 03:03:05 UTC. There is nothing to fix" },
		{ "failed", "FAILED", A1 A2 RIGHT, 0, "SES has stopped looking" },
		{ "success", "SUCCESS", A1 A2 RIGHT, 0, NULL },
		{ "pending, and wrong", "PENDING", A1 A2 "all CNAME " N1 " nx\n", 0,
		  NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		auto_arena struct arena a;
		struct seen s;
		arena_init(&a, 16 << 20);
		struct report r = judge(&a, &s, rows[i].seen);
		s.x.ses_status = str_from(rows[i].status);
		s.x.ses_last_checked_at = SEEN_AT - 1200;
		if (rows[i].since)
			report_set_since(&r, rows[i].since);
		const char *text = text_of(&a, &r);
		assert_says(text, "when it last looked, at 02:44:05 UTC.");
		if (rows[i].says)
			assert_says(text, rows[i].says);
		else if (strstr(text, "Your DNS is right") || strstr(text, "SES looks"))
			fail_msg("%s: %s", rows[i].name, text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_numbers),
		cmocka_unit_test(the_worst_case_counts_from_when_it_was_right),
		cmocka_unit_test(waiting_says_who_remembers_until_when),
		cmocka_unit_test(a_page_where_it_can_be_purged_is_named_once),
		cmocka_unit_test(amazon_ses_is_told_from_the_dns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

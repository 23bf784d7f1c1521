/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expectations from our own form, from SES's, and from tokens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <jansson.h>

#include "identity/identity.h"

#define T1 "fwzz5vjr6plkslcjkwfyiwjczcxoiyqa"

static struct str text_of_name(struct arena *a, const struct expected_record *r)
{
	return dns_name_text(a, &r->name);
}

static void assert_str(struct str got, const char *wanted)
{
	if (!str_is(got, wanted))
		fail_msg("got '%.*s', wanted '%s'", STR_ARG(got), wanted);
}

static void assert_record(struct arena *a, const struct expected_record *r,
			  const char *id, const char *name, const char *value)
{
	assert_str(r->id, id);
	assert_str(text_of_name(a, r), name);
	assert_str(r->value, value);
}

static bool parse(struct arena *a, const char *json, const char *region,
		  struct expectation *x, struct err *e)
{
	return expectation_parse(a, str_from(json), STR("shop.example.com"),
				 str_from(region), x, e);
}

static const char own_form[] =
	"{\"domain\": \"Shop.Example.COM.\", \"records\": ["
	" {\"purpose\": \"dkim\", \"type\": \"cname\", \"name\": "
	"\"K1._domainkey.shop.example.com.\","
	"  \"value\": \"K1.keys.example.net.\"},"
	" {\"purpose\": \"dkim\", \"type\": \"CNAME\", \"name\": "
	"\"k2._domainkey.shop.example.com\","
	"  \"value\": \"k2.keys.example.net\", \"required\": true},"
	" {\"purpose\": \"mail_from\", \"type\": \"MX\", \"name\": "
	"\"bounce.shop.example.com\","
	"  \"value\": \"feedback.example.net\", \"priority\": 20},"
	" {\"purpose\": \"spf\", \"type\": \"TXT\", \"name\": "
	"\"bounce.shop.example.com\","
	"  \"value\": \"v=spf1 include:example.net ~all\", \"required\": false},"
	" {\"purpose\": \"dmarc\", \"type\": \"TXT\", \"name\": \"_dmarc.example.com\","
	"  \"value\": \"\\\"v=DMARC1; \\\" \\\"p=none\\\"\"}]}";

static void our_own_form_is_read(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 1 << 20);
	struct expectation x;
	struct err e = { 0 };
	if (!parse(&a, own_form, "", &x, &e))
		fail_msg("%s", e.text);
	assert_str(x.domain, "shop.example.com");
	assert_int_equal(x.count, 5);
	assert_record(&a, &x.records[0], "dkim-1", "k1._domainkey.shop.example.com",
		      "k1.keys.example.net");
	assert_record(&a, &x.records[1], "dkim-2", "k2._domainkey.shop.example.com",
		      "k2.keys.example.net");
	assert_record(&a, &x.records[2], "mail_from", "bounce.shop.example.com",
		      "feedback.example.net");
	assert_int_equal(x.records[2].priority, 20);
	assert_int_equal((uint8_t)x.records[2].rdata.data[1], 20);
	assert_true(x.records[0].required);
	assert_false(x.records[3].required);
	assert_record(&a, &x.records[4], "dmarc", "_dmarc.example.com",
		      "v=DMARC1; p=none");
}

static void our_own_form_reads_back_to_the_same(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 1 << 20);
	struct expectation x;
	struct expectation y;
	struct err e = { 0 };
	assert_true(parse(&a, own_form, "", &x, &e));
	x.ses_status = STR("PENDING");
	x.ses_last_checked_at = 1767323045;
	x.held_elsewhere = true;
	x.registered_at = 1700000000;
	x.previous_servers = &x.name;
	x.previous_count = 1;
	json_t *json = expectation_to_json(&x);
	if (!expectation_from_json(&a, json, &y, &e))
		fail_msg("%s", e.text);
	assert_int_equal(y.count, x.count);
	for (size_t i = 0; i < x.count; i++) {
		assert_true(str_equal(x.records[i].id, y.records[i].id));
		assert_true(str_equal(x.records[i].rdata, y.records[i].rdata));
		assert_true(str_equal(x.records[i].value, y.records[i].value));
		assert_true(dns_name_equal(&x.records[i].name, &y.records[i].name));
		assert_int_equal(x.records[i].required, y.records[i].required);
	}
	assert_str(y.ses_status, "PENDING");
	assert_int_equal(y.ses_last_checked_at, 1767323045);
	assert_true(y.held_elsewhere);
	assert_int_equal(y.registered_at, 1700000000);
	assert_int_equal(y.previous_count, 1);
	assert_true(dns_name_equal(&y.previous_servers[0], &x.name));
	json_t *again = expectation_to_json(&y);
	assert_true(json_equal(json, again));
	json_decref(json);
	json_decref(again);
}

#define RECORD(members) "{\"domain\":\"shop.example.com\",\"records\":[{" members "}]}"
#define GOOD                                                                            \
	"\"purpose\":\"dkim\",\"type\":\"CNAME\",\"name\":\"a._domainkey.shop.example." \
	"com\""
static const struct {
	const char *name;
	const char *json;
	const char *words;
} wrong_forms[] = {
	{ "nothing", "", "not JSON" },
	{ "half", "{", "not JSON" },
	{ "a list", "[]", "doc/expect.md" },
	{ "empty object", "{}", "doc/expect.md" },
	{ "another object", "{\"Identities\": []}", "aws sesv2 get-email-identity" },
	{ "no records", "{\"domain\": \"shop.example.com\"}", "'records' is missing" },
	{ "records are a number", "{\"records\": 5}", "'records'" },
	{ "a member twice", "{\"records\": [], \"records\": []}", "duplicate" },
	{ "other domain", "{\"domain\":\"other.com\",\"records\":[]}", "other.com" },
	{ "no domain", "{\"domain\":\"a..b\",\"records\":[]}", "domain" },
	{ "unknown member", "{\"domain\":\"shop.example.com\",\"recrods\":[]}",
	  "recrods" },
	{ "held by a word", "{\"records\":[],\"held_elsewhere\":\"yes\"}",
	  "'held_elsewhere'" },
	{ "registered before all time", "{\"records\":[],\"registered_at\":-1}",
	  "'registered_at'" },
	{ "former servers are one name",
	  "{\"records\":[],\"previous_name_servers\":\"ns1.example\"}",
	  "'previous_name_servers'" },
	{ "a former server that is no name",
	  "{\"records\":[],\"previous_name_servers\":[\"ns1.example\",\"a..b\"]}",
	  "previous_name_servers[1]" },
	{ "more former servers than are kept",
	  "{\"records\":[],\"previous_name_servers\":[\"a\",\"b\",\"c\",\"d\","
	  "\"e\",\"f\",\"g\",\"h\",\"i\"]}",
	  "at most 8" },
	{ "unknown member of a record", RECORD(GOOD ",\"vlaue\":\"x.y\""),
	  "records[0]: 'vlaue'" },
	{ "no type", RECORD("\"purpose\":\"dkim\""), "records[0]: 'type' is missing" },
	{ "bad type", RECORD("\"purpose\":\"dkim\",\"type\":\"CNMAE\",\"name\":\"a.b\""),
	  "'type'" },
	{ "bad purpose", RECORD("\"purpose\":\"x\",\"type\":\"TXT\",\"name\":\"a.b\""),
	  "'purpose'" },
	{ "type is no string", RECORD("\"purpose\":\"dkim\",\"type\":5,\"name\":\"a.b\""),
	  "'type' is not a string" },
	{ "no value", RECORD(GOOD), "value is empty" },
	{ "value is the root", RECORD(GOOD ",\"value\":\".\""), "value" },
	{ "value is no name", RECORD(GOOD ",\"value\":\"a..b\""), "value" },
	{ "required is no truth value", RECORD(GOOD ",\"value\":\"a.b\",\"required\":1"),
	  "'required'" },
	{ "priority of a CNAME", RECORD(GOOD ",\"value\":\"a.b\",\"priority\":1"),
	  "'priority'" },
	{ "priority too large",
	  RECORD("\"purpose\":\"mail_from\",\"type\":\"MX\",\"name\":\"b.shop."
		 "example.com\","
		 "\"value\":\"a.b\",\"priority\":65536"),
	  "'priority'" },
	{ "relative name",
	  RECORD("\"purpose\":\"dkim\",\"type\":\"CNAME\",\"name\":\"a._"
		 "domainkey\","
		 "\"value\":\"a.b\""),
	  "give the whole name" },
	{ "no key in a DKIM text",
	  RECORD("\"purpose\":\"dkim\",\"type\":\"TXT\","
		 "\"name\":\"a._domainkey.shop.example.com\",\"value\":\"v=DKIM1;"
		 " p=\""),
	  "no key" },
};

static void what_is_wrong_is_named(void **state unused_arg)
{
	for (size_t i = 0; i < ARRAY_LEN(wrong_forms); i++) {
		auto_arena struct arena a;
		arena_init(&a, 1 << 20);
		struct expectation x = { .count = 77 };
		struct err e = { 0 };
		if (parse(&a, wrong_forms[i].json, "", &x, &e))
			fail_msg("%s: taken", wrong_forms[i].name);
		if (e.kind != ERR_USAGE || !strstr(e.text, wrong_forms[i].words))
			fail_msg("%s: '%s' lacks '%s'", wrong_forms[i].name, e.text,
				 wrong_forms[i].words);
		assert_int_equal(x.count, 77);
	}
}

static void the_same_record_twice_is_refused(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 1 << 20);
	struct expectation x;
	struct err e = { 0 };
	const struct str tokens[] = { STR("one"), STR("ONE") };
	const struct dkim_tokens twice = { tokens, 2, STR("keys.example.net") };
	assert_false(
		expectation_from_tokens(&a, STR("shop.example.com"), &twice, &x, &e));
	assert_non_null(strstr(e.text, "twice"));
}

static void there_is_room_for_sixty_four_and_no_more(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 1 << 20);
	struct expectation x;
	struct err e = { 0 };
	assert_true(expectation_empty(&a, STR("shop.example.com"), &x, &e));
	for (int i = 0; i <= EXPECT_RECORDS_MAX; i++) {
		const struct record_draft d = {
			.purpose = PURPOSE_DKIM,
			.type = DNS_TYPE_CNAME,
			.name = str_from(
				arena_printf(&a, "k%d._domainkey.shop.example.com", i)),
			.value = STR("keys.example.net"),
		};
		assert_int_equal(expectation_add(&a, &x, &d, &e), i < EXPECT_RECORDS_MAX);
	}
	assert_int_equal(e.kind, ERR_LIMIT);
	assert_int_equal(x.count, EXPECT_RECORDS_MAX);
	for (size_t i = 0; i < x.count; i++)
		assert_str(x.records[i].id, arena_printf(&a, "dkim-%zu", i + 1));
}

static void tokens_become_aliases(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 1 << 20);
	struct expectation x;
	struct err e = { 0 };
	const struct str tokens[] = { STR(T1), STR("s2=s2.other.example.net.") };
	const struct dkim_tokens both = { tokens, 2, STR("dkim.example.net") };
	const struct dkim_tokens bare = { tokens, 1, STR_EMPTY };
	if (!expectation_from_tokens(&a, STR("SHOP.example.com"), &both, &x, &e))
		fail_msg("%s", e.text);
	assert_int_equal(x.count, 2);
	assert_record(&a, &x.records[0], "dkim-1", T1 "._domainkey.shop.example.com",
		      T1 ".dkim.example.net");
	assert_record(&a, &x.records[1], "dkim-2", "s2._domainkey.shop.example.com",
		      "s2.other.example.net");
	assert_false(expectation_from_tokens(&a, STR("shop.example.com"), &bare, &x, &e));
	assert_non_null(strstr(e.text, "SELECTOR=TARGET"));
}

/* SES */

#define SES(dkim, rest)                                                    \
	"{\"IdentityType\":\"DOMAIN\",\"VerificationStatus\":\"PENDING\"," \
	"\"VerificationInfo\":{"                                           \
	"\"LastCheckedTimestamp\":\"2026-01-02T12:04:05.115000+09:00\"},"  \
	"\"DkimAttributes\":{\"Tokens\":[\"" T1 "\",\"b\",\"c\"]" dkim "}" rest "}"

static void the_zone_of_ses_follows_the_region(void **state unused_arg)
{
	static const struct {
		const char *json;
		const char *region;
		const char *target; /* NULL: refused */
	} cases[] = {
		{ SES(",\"SigningHostedZone\":\"dkim.elsewhere.example\"", ""), "",
		  T1 ".dkim.elsewhere.example" },
		{ SES("", ""), "us-east-1", T1 ".dkim.amazonses.com" },
		{ SES("", ""), "eu-west-1", T1 ".dkim.amazonses.com" },
		{ SES("", ""), "us-gov-west-1", T1 ".dkim.amazonses.com" },
		{ SES("", ""), "ap-northeast-3",
		  T1 ".dkim.ap-northeast-3.amazonses.com" },
		{ SES("", ""), "us-gov-east-1", T1 ".dkim.us-gov-east-1.amazonses.com" },
		{ SES("", ""), "eusc-de-east-1", NULL },
		{ SES("", ""), "", T1 ".dkim.amazonses.com" },
		{ SES("", ""), "evil.example", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 1 << 20);
		struct expectation x;
		struct err e = { 0 };
		bool ok = parse(&a, cases[i].json, cases[i].region, &x, &e);
		if (ok != (cases[i].target != NULL))
			fail_msg("%zu: %s", i, e.text);
		if (!ok)
			continue;
		assert_int_equal(x.count, 3);
		assert_record(&a, &x.records[0], "dkim-1",
			      T1 "._domainkey.shop.example.com", cases[i].target);
		assert_str(x.ses_status, "PENDING");
		assert_int_equal(x.ses_last_checked_at, 1767323045);
	}
}

static void mail_from_of_ses_is_an_mx_and_spf_not_required(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 1 << 20);
	struct expectation x;
	struct err e = { 0 };
	const char *json = SES("", ",\"MailFromAttributes\":{\"MailFromDomain\":\"bounce."
				   "shop.example.com\"}");
	if (!parse(&a, json, "ap-northeast-1", &x, &e))
		fail_msg("%s", e.text);
	assert_int_equal(x.count, 5);
	assert_record(&a, &x.records[3], "mail_from", "bounce.shop.example.com",
		      "feedback-smtp.ap-northeast-1.amazonses.com");
	assert_int_equal(x.records[3].priority, 10);
	assert_true(x.records[3].required);
	assert_record(&a, &x.records[4], "spf", "bounce.shop.example.com",
		      "v=spf1 include:amazonses.com ~all");
	assert_false(x.records[4].required);
}

static void an_own_key_is_only_looked_for(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 1 << 20);
	struct expectation x;
	struct err e = { 0 };
	const char *json =
		"{\"DkimAttributes\":{\"SigningAttributesOrigin\":\"EXTERNAL\","
		"\"Tokens\":[\"mysel\"],\"Status\":\"SUCCESS\"}}";
	if (!parse(&a, json, "", &x, &e))
		fail_msg("%s", e.text);
	assert_int_equal(x.count, 1);
	assert_int_equal(x.records[0].type, DNS_TYPE_TXT);
	assert_record(&a, &x.records[0], "dkim-1", "mysel._domainkey.shop.example.com",
		      "");
	assert_int_equal(x.records[0].rdata.len, 0);
	assert_str(x.ses_status, "SUCCESS");
	json = "{\"DkimAttributes\":{\"SigningAttributesOrigin\":\"EXTERNAL\",\"Tokens\":"
	       "[]}}";
	assert_false(parse(&a, json, "", &x, &e));
	assert_non_null(strstr(e.text, "BYODKIM"));
}

static void what_ses_does_not_say_is_refused(void **state unused_arg)
{
	static const char *const cases[] = {
		"{\"IdentityType\":\"EMAIL_ADDRESS\",\"DkimAttributes\":{}}",
		"{\"IdentityType\":\"DOMAIN\"}",
		"{\"DkimAttributes\":{\"Tokens\":[5]}}",
		"{\"DkimAttributes\":{\"Tokens\":[\"a.b\"],\"SigningHostedZone\":\"z."
		"example\"}}",
		"{\"DkimAttributes\":{\"Tokens\":[\"\"],\"SigningHostedZone\":\"z."
		"example\"}}",
		"{\"DkimAttributes\":{\"Tokens\":[\"a\\u00e9\"],\"SigningHostedZone\":"
		"\"z.e\"}}",
		"{\"DkimAttributes\":{\"Tokens\":[\"a\"],\"SigningHostedZone\":\"z.."
		"example\"}}",
		"{\"DkimAttributes\":[]}",
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 1 << 20);
		struct expectation x;
		struct err e = { 0 };
		if (parse(&a, cases[i], "us-east-1", &x, &e) || e.kind != ERR_USAGE)
			fail_msg("taken: %s", cases[i]);
	}
}

static void times_of_the_aws_cli_are_read(void **state unused_arg)
{
	static const struct {
		const char *text;
		int64_t at;
	} cases[] = {
		{ "\"2026-01-02T03:04:05Z\"", 1767323045 },
		{ "\"2026-01-02T03:04:05+00:00\"", 1767323045 },
		{ "\"2026-01-01T22:04:05.5-05:00\"", 1767323045 },
		{ "1767323045.25", 1767323045 },
		{ "\"yesterday\"", 0 },
		{ "\"2026-01-02T03:04:05+25:00\"", 0 },
		{ "-5", 0 },
		{ "1e300", 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 1 << 20);
		struct expectation x;
		struct err e = { 0 };
		const char *json = arena_printf(
			&a,
			"{\"DkimAttributes\":{\"Tokens\":[\"a\"]},"
			"\"VerificationInfo\":{\"LastCheckedTimestamp\":%s}}",
			cases[i].text);
		assert_true(parse(&a, json, "us-east-1", &x, &e));
		if (x.ses_last_checked_at != cases[i].at)
			fail_msg("%s: %lld", cases[i].text,
				 (long long)x.ses_last_checked_at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_own_form_is_read),
		cmocka_unit_test(our_own_form_reads_back_to_the_same),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(the_same_record_twice_is_refused),
		cmocka_unit_test(there_is_room_for_sixty_four_and_no_more),
		cmocka_unit_test(tokens_become_aliases),
		cmocka_unit_test(the_zone_of_ses_follows_the_region),
		cmocka_unit_test(mail_from_of_ses_is_an_mx_and_spf_not_required),
		cmocka_unit_test(an_own_key_is_only_looked_for),
		cmocka_unit_test(what_ses_does_not_say_is_refused),
		cmocka_unit_test(times_of_the_aws_cli_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

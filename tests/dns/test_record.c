/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is read out of rdata. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/dns.h"

static struct dns_record record_of(uint16_t type, struct str rdata)
{
	return (struct dns_record){ .type = type, .rdata = rdata };
}

static void assert_name(const struct dns_name *name, const char *text)
{
	auto_buf struct buf out;

	buf_init(&out, 2000);
	dns_name_write(&out, name);
	assert_string_equal(buf_cstr(&out), text);
}

struct target_case {
	const char *name;
	uint16_t type;
	struct str rdata;
	const char *target; /* NULL: none */
};

static const struct target_case target_cases[] = {
	{ "CNAME", DNS_TYPE_CNAME, { "\1a\1B\0", 5 }, "a.B" },
	{ "NS", DNS_TYPE_NS, { "\2ns\0", 4 }, "ns" },
	{ "DNAME", DNS_TYPE_DNAME, { "\0", 1 }, "." },
	{ "MX", DNS_TYPE_MX, { "\0\12\1m\0", 5 }, "m" },
	{ "null MX, RFC 7505", DNS_TYPE_MX, { "\0\0\0", 3 }, "." },
	{ "MX without host", DNS_TYPE_MX, { "\0\12", 2 }, NULL },
	{ "MX with one octet", DNS_TYPE_MX, { "\0", 1 }, NULL },
	{ "octets behind the name", DNS_TYPE_CNAME, { "\1a\0x", 4 }, NULL },
	{ "empty", DNS_TYPE_CNAME, { "", 0 }, NULL },
	{ "pointer", DNS_TYPE_CNAME, { "\xc0\x0c", 2 }, NULL },
	{ "another type", DNS_TYPE_TXT, { "\1a\0", 3 }, NULL },
};

static void targets_are_whole_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(target_cases); i++) {
		const struct target_case *t = &target_cases[i];
		struct dns_record r = record_of(t->type, t->rdata);
		struct dns_name target;
		bool ok = dns_record_target(&r, &target);
		if (ok != (t->target != NULL))
			fail_msg("%s", t->name);
		if (ok)
			assert_name(&target, t->target);
	}
}

static void mx_has_preference_and_host(void **state)
{
	struct dns_record r = record_of(DNS_TYPE_MX, STR("\1\2\1m\0"));
	struct dns_name host;
	uint16_t preference;

	(void)state;
	assert_true(dns_record_mx(&r, &preference, &host));
	assert_int_equal(preference, 0x0102);
	assert_name(&host, "m");
	r.type = DNS_TYPE_CNAME;
	assert_false(dns_record_mx(&r, &preference, &host));
}

static void soa_has_seven_fields(void **state)
{
	struct str rdata = STR("\2ns\0\1h\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\xff\0\0\5");
	struct dns_record r = record_of(DNS_TYPE_SOA, rdata);
	struct dns_soa soa;

	(void)state;
	assert_true(dns_record_soa(&r, &soa));
	assert_name(&soa.mname, "ns");
	assert_name(&soa.rname, "h");
	assert_int_equal(soa.serial, 1);
	assert_int_equal(soa.refresh_s, 2);
	assert_int_equal(soa.retry_s, 3);
	assert_int_equal(soa.expire_s, 4);
	assert_int_equal(soa.minimum_s, 0xff000005);
	for (size_t len = 0; len < rdata.len; len++) {
		r.rdata = str_sub(rdata, 0, len);
		assert_false(dns_record_soa(&r, &soa));
	}
	r = record_of(DNS_TYPE_TXT, rdata);
	assert_false(dns_record_soa(&r, &soa));
}

struct txt_case {
	const char *name;
	struct str rdata;
	const char *joined; /* NULL: not TXT rdata */
};

static const struct txt_case txt_cases[] = {
	{ "one string", { "\3abc", 4 }, "abc" },
	/* RFC 7208 section 3.3 */
	{ "strings joined without a blank", { "\x06v=spf1\3.. \1x", 13 }, "v=spf1.. x" },
	{ "empty string", { "\0", 1 }, "" },
	{ "empty string between", { "\1a\0\1b", 5 }, "ab" },
	{ "no string", { "", 0 }, NULL },
	{ "cut string", { "\4abc", 4 }, NULL },
	{ "cut second string", { "\1a\2b", 4 }, NULL },
};

static void txt_strings_are_joined(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(txt_cases); i++) {
		const struct txt_case *t = &txt_cases[i];
		struct dns_record r = record_of(DNS_TYPE_TXT, t->rdata);
		auto_arena struct arena a;
		struct str joined;
		arena_init(&a, 4096);
		bool ok = dns_record_txt(&a, &r, &joined);
		if (ok != (t->joined != NULL) || (ok && !str_is(joined, t->joined)))
			fail_msg("%s", t->name);
	}
}

static void txt_that_passes_the_arena_is_a_failure(void **state)
{
	struct dns_record r = record_of(DNS_TYPE_TXT, STR("\3abc"));
	auto_arena struct arena a;
	struct str joined;

	(void)state;
	arena_init(&a, 2);
	assert_false(dns_record_txt(&a, &r, &joined));
}

struct lower_case {
	const char *name;
	uint16_t type;
	struct str rdata;
	struct str lower;
};

static const struct lower_case lower_cases[] = {
	{ "CNAME", DNS_TYPE_CNAME, { "\1A\1B\0", 5 }, { "\1a\1b\0", 5 } },
	{ "NS", DNS_TYPE_NS, { "\2Ns\0", 4 }, { "\2ns\0", 4 } },
	{ "MX keeps its number", DNS_TYPE_MX, { "A\102\1M\0", 5 }, { "A\102\1m\0", 5 } },
	{ "TXT keeps its letters", DNS_TYPE_TXT, { "\2Ab", 3 }, { "\2Ab", 3 } },
	{ "SOA",
	  DNS_TYPE_SOA,
	  { "\1A\0\1B\0ABCDEFGHIJKLMNOPQRST", 26 },
	  { "\1a\0\1b\0ABCDEFGHIJKLMNOPQRST", 26 } },
	{ "what is no name stays", DNS_TYPE_CNAME, { "\5A", 2 }, { "\5A", 2 } },
	{ "empty", DNS_TYPE_MX, { "", 0 }, { "", 0 } },
};

static void only_names_become_lower_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lower_cases); i++) {
		const struct lower_case *t = &lower_cases[i];
		struct dns_record r = record_of(t->type, t->rdata);
		struct err e = { 0 };
		auto_arena struct arena a;

		arena_init(&a, 4096);
		assert_true(dns_name_parse(STR("WwW.Example"), &r.owner, &e));
		struct dns_record lower = dns_record_lower(&a, &r);
		assert_name(&lower.owner, "www.example");
		if (!str_equal(lower.rdata, t->lower))
			fail_msg("%s", t->name);
	}
}

static void without_room_a_record_keeps_its_letters(void **state)
{
	(void)state;
	auto_arena struct arena a;
	struct dns_record r = record_of(DNS_TYPE_CNAME, str_of("\1A\1B\0", 5));

	arena_init(&a, 2);
	assert_true(str_equal(dns_record_lower(&a, &r).rdata, r.rdata));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_are_whole_names),
		cmocka_unit_test(mx_has_preference_and_host),
		cmocka_unit_test(soa_has_seven_fields),
		cmocka_unit_test(txt_strings_are_joined),
		cmocka_unit_test(txt_that_passes_the_arena_is_a_failure),
		cmocka_unit_test(only_names_become_lower_case),
		cmocka_unit_test(without_room_a_record_keeps_its_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

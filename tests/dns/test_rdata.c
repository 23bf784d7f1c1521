/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rdata as text and back, and equality by meaning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/dns.h"

enum {
	UNASSIGNED = 731
};

struct write_case {
	uint16_t type;
	struct str rdata;
	const char *text;
};

/* Each is also read back to the same bytes. */
static const struct write_case write_cases[] = {
	{ DNS_TYPE_A, { "\xc0\0\2\1", 4 }, "192.0.2.1" },
	{ DNS_TYPE_AAAA,
	  { "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16 },
	  "2001:db8::1" },
	{ DNS_TYPE_NS, { "\2Ns\1a\0", 6 }, "Ns.a." },
	{ DNS_TYPE_CNAME, { "\0", 1 }, "." },
	{ DNS_TYPE_DNAME, { "\3a.b\0", 5 }, "a\\.b." },
	{ DNS_TYPE_MX, { "\0\12\1m\0", 5 }, "10 m." },
	{ DNS_TYPE_TXT, { "\3abc", 4 }, "\"abc\"" },
	{ DNS_TYPE_TXT, { "\1a\0\2b ", 6 }, "\"a\" \"\" \"b \"" },
	{ DNS_TYPE_TXT, { "\7\"\\;\0\n\x80~", 8 }, "\"\\\"\\\\;\\000\\010\\128~\"" },
	{ DNS_TYPE_SOA,
	  { "\1a\0\1b\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\xff\xff\xff\xff", 26 },
	  "a. b. 1 2 3 4 4294967295" },
	/* RFC 4034 section 5.4 */
	{ DNS_TYPE_DS,
	  { "\xec\x45\5\1\x2b\xb1\x83\xaf\x5f\x22\x58\x81\x79\xa5\x3b\x0a\x98\x63\x1f\xad"
	    "\x1a\x29\x21\x18",
	    24 },
	  "60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118" },
	{ DNS_TYPE_DNSKEY, { "\1\1\3\10abc", 7 }, "257 3 8 YWJj" },
	/* RFC 3597 section 5 */
	{ UNASSIGNED, { "\xab\xcd\xef\1\x23\x45", 6 }, "\\# 6 abcdef012345" },
	{ UNASSIGNED, { "", 0 }, "\\# 0" },
	/* what does not fit its type is shown as it is */
	{ DNS_TYPE_A, { "\1\2\3", 3 }, "\\# 3 010203" },
	{ DNS_TYPE_A, { "\1\2\3\4\5", 5 }, "\\# 5 0102030405" },
	{ DNS_TYPE_TXT, { "\4abc", 4 }, "\\# 4 04616263" },
	{ DNS_TYPE_TXT, { "", 0 }, "\\# 0" },
	{ DNS_TYPE_MX, { "\0\12", 2 }, "\\# 2 000a" },
	{ DNS_TYPE_CNAME, { "\1a\0\0", 4 }, "\\# 4 01610000" },
	{ DNS_TYPE_DS, { "\0\1\2\3", 4 }, "\\# 4 00010203" },
};

static void rdata_is_written_and_read_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(write_cases); i++) {
		const struct write_case *t = &write_cases[i];
		auto_buf struct buf out;
		auto_arena struct arena a;
		struct err e = { 0 };
		struct str again;
		buf_init(&out, 4096);
		arena_init(&a, 4096);
		dns_rdata_write(&out, t->type, t->rdata);
		assert_string_equal(buf_cstr(&out), t->text);
		if (!dns_rdata_parse(&a, t->type, buf_view(&out), &again, &e))
			fail_msg("%s: %s", t->text, e.text);
		if (!str_equal(again, t->rdata))
			fail_msg("%s is read back differently", t->text);
	}
}

struct parse_case {
	const char *name;
	uint16_t type;
	const char *text;
	const char *written; /* NULL: refused */
};

static const struct parse_case parse_cases[] = {
	{ "no final dot", DNS_TYPE_CNAME, "a.example", "a.example." },
	{ "blanks around", DNS_TYPE_MX, " 10\t mx.example. ", "10 mx.example." },
	{ "MX without preference", DNS_TYPE_MX, "mx.example.", NULL },
	{ "preference too large", DNS_TYPE_MX, "65536 mx.example.", NULL },
	{ "MX without host", DNS_TYPE_MX, "10", NULL },
	{ "too much", DNS_TYPE_MX, "10 mx.example. 20", NULL },
	{ "two names", DNS_TYPE_CNAME, "a. b.", NULL },
	{ "no name", DNS_TYPE_CNAME, "", NULL },
	{ "short IPv4", DNS_TYPE_A, "192.0.2", NULL },
	{ "IPv6 for A", DNS_TYPE_A, "2001:db8::1", NULL },
	{ "IPv4 for AAAA", DNS_TYPE_AAAA, "192.0.2.1", NULL },
	{ "a long address", DNS_TYPE_A,
	  "192.0.2.1.192.0.2.1.192.0.2.1.192.0.2.1.192.0.2.1", NULL },
	{ "TXT without quotes", DNS_TYPE_TXT, "v=spf1 -all", "\"v=spf1 -all\"" },
	{ "TXT without quotes, with escapes", DNS_TYPE_TXT, "v=DKIM1\\; p=\\034",
	  "\"v=DKIM1; p=\\\"\"" },
	{ "quote inside an unquoted text", DNS_TYPE_TXT, "a\"b", "\"a\\\"b\"" },
	{ "two strings", DNS_TYPE_TXT, "\"a\"  \"b\"", "\"a\" \"b\"" },
	{ "strings that touch", DNS_TYPE_TXT, "\"a\"\"b\"", "\"a\" \"b\"" },
	{ "empty string", DNS_TYPE_TXT, "\"\"", "\"\"" },
	{ "no text", DNS_TYPE_TXT, " ", NULL },
	{ "open quote", DNS_TYPE_TXT, "\"a", NULL },
	{ "open quote after an escape", DNS_TYPE_TXT, "\"a\\\"", NULL },
	{ "word outside the quotes", DNS_TYPE_TXT, "\"a\" b", NULL },
	{ "final backslash", DNS_TYPE_TXT, "a\\", NULL },
	{ "UTF-8", DNS_TYPE_TXT, "\xc3\xbc", "\"\\195\\188\"" },
	{ "SOA", DNS_TYPE_SOA, "a. b. 1 2 3 4 5", "a. b. 1 2 3 4 5" },
	{ "SOA, six fields", DNS_TYPE_SOA, "a. b. 1 2 3 4", NULL },
	{ "SOA, number too large", DNS_TYPE_SOA, "a. b. 4294967296 2 3 4 5", NULL },
	/* RFC 3597 section 5 */
	{ "A as unknown", DNS_TYPE_A, "\\# 4 0A000001", "10.0.0.1" },
	{ "hex in groups", UNASSIGNED, "\\# 6 abcd ef 01 2345", "\\# 6 abcdef012345" },
	{ "hex shorter than said", UNASSIGNED, "\\# 6 abcd", NULL },
	{ "hex longer than said", UNASSIGNED, "\\# 1 abcd", NULL },
	{ "odd hex", UNASSIGNED, "\\# 1 abc", NULL },
	{ "not hex", UNASSIGNED, "\\# 1 zz", NULL },
	{ "no length", UNASSIGNED, "\\#", NULL },
	{ "length too large", UNASSIGNED, "\\# 65536 00", NULL },
	{ "unknown type, other text", UNASSIGNED, "abc", NULL },
	{ "DS in groups", DNS_TYPE_DS, "1 2 3 ab cd", "1 2 3 abcd" },
	{ "DNSKEY, not base64", DNS_TYPE_DNSKEY, "257 3 8 ***", NULL },
};

static void text_is_parsed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(parse_cases); i++) {
		const struct parse_case *t = &parse_cases[i];
		auto_buf struct buf out;
		auto_arena struct arena a;
		struct err e = { 0 };
		struct str rdata;
		buf_init(&out, 4096);
		arena_init(&a, 4096);
		bool ok = dns_rdata_parse(&a, t->type, str_from(t->text), &rdata, &e);
		if (ok != (t->written != NULL))
			fail_msg("%s: %s", t->name, ok ? "accepted" : e.text);
		if (!ok) {
			assert_int_equal(e.kind, ERR_USAGE);
			continue;
		}
		dns_rdata_write(&out, t->type, rdata);
		assert_string_equal(buf_cstr(&out), t->written);
	}
}

static void a_nul_in_an_address_is_refused(void **state)
{
	auto_arena struct arena a;
	struct err e = { 0 };
	struct str rdata;

	(void)state;
	arena_init(&a, 4096);
	assert_false(dns_rdata_parse(&a, DNS_TYPE_A, STR("192.0.2.1\0x"), &rdata, &e));
}

static void long_text_is_split_at_255_octets(void **state)
{
	auto_arena struct arena a;
	auto_buf struct buf text;
	struct err e = { 0 };
	struct str rdata, joined;

	(void)state;
	arena_init(&a, 1 << 20);
	buf_init(&text, 1 << 20);
	buf_fill(&text, 'x', 600);
	assert_true(dns_rdata_parse(&a, DNS_TYPE_TXT, buf_view(&text), &rdata, &e));
	assert_int_equal(rdata.len, 603);
	assert_int_equal((uint8_t)rdata.data[0], 255);
	assert_int_equal((uint8_t)rdata.data[256], 255);
	assert_int_equal((uint8_t)rdata.data[512], 90);
	struct dns_record r = { .type = DNS_TYPE_TXT, .rdata = rdata };
	assert_true(dns_record_txt(&a, &r, &joined));
	assert_true(str_equal(joined, buf_view(&text)));
	buf_fill(&text, 'x', 65000);
	assert_false(dns_rdata_parse(&a, DNS_TYPE_TXT, buf_view(&text), &rdata, &e));
}

static void a_full_arena_is_a_failure(void **state)
{
	auto_arena struct arena a;
	struct err e = { 0 };
	struct str rdata;

	(void)state;
	arena_init(&a, 3);
	assert_false(dns_rdata_parse(&a, DNS_TYPE_A, STR("192.0.2.1"), &rdata, &e));
	assert_int_equal(e.kind, ERR_LIMIT);
}

struct equal_case {
	const char *name;
	uint16_t type;
	const char *a;
	const char *b;
	bool equal;
};

static const struct equal_case equal_cases[] = {
	{ "names without case", DNS_TYPE_CNAME, "A.example.", "a.EXAMPLE.", true },
	{ "other names", DNS_TYPE_CNAME, "a.example.", "b.example.", false },
	{ "MX hosts without case", DNS_TYPE_MX, "10 A.", "10 a.", true },
	{ "MX preferences", DNS_TYPE_MX, "10 a.", "20 a.", false },
	{ "TXT by joined strings", DNS_TYPE_TXT, "\"ab\" \"c\"", "\"a\" \"bc\"", true },
	{ "TXT with case", DNS_TYPE_TXT, "\"a\"", "\"A\"", false },
	{ "TXT shorter", DNS_TYPE_TXT, "\"a\"", "\"ab\"", false },
	{ "SOA names without case", DNS_TYPE_SOA, "A. b. 1 2 3 4 5", "a. B. 1 2 3 4 5",
	  true },
	{ "SOA serials", DNS_TYPE_SOA, "a. b. 1 2 3 4 5", "a. b. 2 2 3 4 5", false },
	{ "addresses", DNS_TYPE_AAAA, "2001:db8:0::1", "2001:db8::1", true },
	{ "unknown type bytewise", UNASSIGNED, "\\# 2 0161", "\\# 2 0141", false },
	{ "broken rdata bytewise", DNS_TYPE_CNAME, "\\# 2 0161", "\\# 2 0161", true },
	{ "broken rdata differs", DNS_TYPE_CNAME, "\\# 2 0161", "\\# 2 0141", false },
	{ "broken and whole", DNS_TYPE_TXT, "\\# 2 0561", "\"a\"", false },
};

static void rdata_is_equal_by_meaning(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(equal_cases); i++) {
		const struct equal_case *t = &equal_cases[i];
		auto_arena struct arena a;
		struct err e = { 0 };
		struct str x = STR_EMPTY, y = STR_EMPTY;
		arena_init(&a, 4096);
		if (!dns_rdata_parse(&a, t->type, str_from(t->a), &x, &e) ||
		    !dns_rdata_parse(&a, t->type, str_from(t->b), &y, &e))
			fail_msg("%s: %s", t->name, e.text);
		if (dns_rdata_equal(t->type, x, y) != t->equal ||
		    dns_rdata_equal(t->type, y, x) != t->equal)
			fail_msg("%s", t->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rdata_is_written_and_read_back),
		cmocka_unit_test(text_is_parsed),
		cmocka_unit_test(a_nul_in_an_address_is_refused),
		cmocka_unit_test(long_text_is_split_at_255_octets),
		cmocka_unit_test(a_full_arena_is_a_failure),
		cmocka_unit_test(rdata_is_equal_by_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

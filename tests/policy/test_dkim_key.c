/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DKIM key records, the standards' own among them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keys.h"
#include "policy/policy.h"

#define K RSA_2048

static void good_records_are_read(void **state unused_arg)
{
	static const struct {
		const char *name;
		const char *txt;
		const char *type;
		unsigned bits;
		enum dkim_strength strength;
		bool testing;
	} cases[] = {
		{ "RFC 6376 appendix C", "v=DKIM1; p=" RSA_RFC, "rsa", 1024, DKIM_WEAK,
		  false },
		{ "RFC 8463 section A.2", "v=DKIM1; k=ed25519; p=" ED25519_RFC, "ed25519",
		  0, DKIM_STRONG, false },
		{ "key only", "p=" K, "rsa", 2048, DKIM_STRONG, false },
		{ "bare RSAPublicKey", "p=" RSA_2048_BARE, "rsa", 2048, DKIM_STRONG,
		  false },
		{ "1024 bits", "p=" RSA_1024, "rsa", 1024, DKIM_WEAK, false },
		{ "512 bits", "p=" RSA_512, "rsa", 512, DKIM_UNUSABLE, false },
		{ "exponent 2", "p=MAYCAQUCAQI=", "rsa", 3, DKIM_UNUSABLE, false },
		{ "even modulus", "p=" RSA_EVEN, "rsa", 1024, DKIM_UNUSABLE, false },
		{ "no blanks", "v=DKIM1;k=rsa;p=" K, "rsa", 2048, DKIM_STRONG, false },
		{ "blanks everywhere", " v = DKIM1 ;\tk = rsa ; p = " RSA_RFC " ;", "rsa",
		  1024, DKIM_WEAK, false },
		{ "final semicolon", "v=DKIM1; p=" K "; ", "rsa", 2048, DKIM_STRONG,
		  false },
		{ "revoked", "v=DKIM1; p=", "rsa", 0, DKIM_STRONG, false },
		{ "revoked, semicolon", "v=DKIM1; p=;", "rsa", 0, DKIM_STRONG, false },
		{ "testing", "v=DKIM1; t=y; p=" K, "rsa", 2048, DKIM_STRONG, true },
		{ "testing and strict", "v=DKIM1; t=s : y; p=" K, "rsa", 2048,
		  DKIM_STRONG, true },
		{ "strict only", "v=DKIM1; t=s; p=" K, "rsa", 2048, DKIM_STRONG, false },
		{ "hashes", "v=DKIM1; h=sha1:sha256; p=" K, "rsa", 2048, DKIM_STRONG,
		  false },
		{ "services", "v=DKIM1; s=email; p=" K, "rsa", 2048, DKIM_STRONG, false },
		{ "any service", "v=DKIM1; s=tlsrpt:*; p=" K, "rsa", 2048, DKIM_STRONG,
		  false },
		{ "key in a note", "v=DKIM1; n=a note, p=BBBB; p=" K, "rsa", 2048,
		  DKIM_STRONG, false },
		{ "unknown tag", "v=DKIM1; x=1; n=a note; p=" K, "rsa", 2048, DKIM_STRONG,
		  false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 65536);
		struct err e = { 0 };
		struct policy_dkim_key key;

		if (!policy_dkim_key_parse(&a, str_from(cases[i].txt), &key, &e))
			fail_msg("%s: %s", cases[i].name, e.text);
		if (!str_is(key.key_type, cases[i].type) || key.bits != cases[i].bits ||
		    key.strength != cases[i].strength || key.testing != cases[i].testing)
			fail_msg("%s: %.*s, %u bits, strength %d", cases[i].name,
				 STR_ARG(key.key_type), key.bits, key.strength);
	}
}

static void bad_records_are_refused_with_their_place(void **state unused_arg)
{
	const struct {
		const char *name;
		struct str txt;
		enum dkim_fault fault;
		const char *why;
	} cases[] = {
		{ "empty", STR(""), DKIM_FAULT_SYNTAX, "not a list of tag=value" },
		{ "text", STR("hello"), DKIM_FAULT_SYNTAX,
		  "semicolons at character 1 ('hello')" },
		{ "SPF", STR("v=spf1 -all"), DKIM_FAULT_VERSION, "('spf1 -all')" },
		{ "DMARC", STR("v=DMARC1; p=none"), DKIM_FAULT_VERSION,
		  "v= is not DKIM1 at character 3 ('DMARC1')" },
		{ "no key", STR("v=DKIM1; k=rsa"), DKIM_FAULT_NO_KEY,
		  "there is no p= with the key at character 15" },
		{ "version 2", STR("v=DKIM2; p=" K), DKIM_FAULT_VERSION, "('DKIM2')" },
		{ "version in lower case", STR("v=dkim1; p=" K), DKIM_FAULT_VERSION,
		  "('dkim1')" },
		{ "version behind", STR("p=AAAA; v=DKIM1"), DKIM_FAULT_VERSION,
		  "v= does not stand in front at character 9" },
		{ "no base64", STR("v=DKIM1; p=A!AA"), DKIM_FAULT_BASE64,
		  "p= is not base64 at character 13 ('!AA')" },
		{ "quotes inside", STR("v=DKIM1; p=\"AAAA\""), DKIM_FAULT_BASE64,
		  "p= is not base64 at character 12" },
		{ "two keys", STR("v=DKIM1; p=AAAA; p=BBBB"), DKIM_FAULT_SYNTAX,
		  "at character 18 ('p=BBBB')" },
		{ "empty tag", STR("v=DKIM1;; p=AAAA"), DKIM_FAULT_SYNTAX,
		  "at character 9 ('')" },
		{ "escaped semicolons", STR("v=DKIM1\\; p=AAAA"), DKIM_FAULT_VERSION,
		  "v= is not DKIM1 at character 3" },
		{ "tag of digits", STR("1=x; p=AAAA"), DKIM_FAULT_SYNTAX, "('1=x')" },
		{ "NUL", STR("v=DKIM1; n=\0; p=AAAA"), DKIM_FAULT_SYNTAX, "('n=\\x00')" },
		{ "only sha1", STR("v=DKIM1; h=sha1; p=" K), DKIM_FAULT_USE,
		  "h= does not allow sha256 at character 12 ('sha1')" },
		{ "other service", STR("v=DKIM1; s=tlsrpt; p=" K), DKIM_FAULT_USE,
		  "not for mail at character 12" },
		{ "other kind", STR("v=DKIM1; k=dsa; p=" K), DKIM_FAULT_USE,
		  "k= names a kind of key that is not known at character 12 ('dsa')" },
		{ "no key in p=", STR("p=AAAA"), DKIM_FAULT_KEY,
		  "p= does not hold an RSA key at character 3" },
		{ "half of a header", STR("p=MIIB"), DKIM_FAULT_SHORT,
		  "the key in p= ends too early at character 7" },
		{ "short Ed25519", STR("k=ed25519; p=11qYAYKxCrfVS/7T"), DKIM_FAULT_SHORT,
		  "ends too early" },
		{ "long Ed25519", STR("k=ed25519; p=AAAA" ED25519_RFC), DKIM_FAULT_KEY,
		  "does not hold the 32 octets" },
		{ "RSA that says Ed25519", STR("k=ed25519; p=" RSA_512), DKIM_FAULT_USE,
		  "k= says ed25519, and p= holds an RSA key at character 3" },
		{ "Ed25519 that says RSA", STR("k=rsa; p=" ED25519_RFC), DKIM_FAULT_USE,
		  "p= is as long as an Ed25519 key, and k= says rsa" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 65536);
		struct err e = { 0 };
		struct policy_dkim_key key;
		struct dkim_problem problem;

		if (policy_dkim_key_read(&a, cases[i].txt, &key, &problem, &e))
			fail_msg("%s was taken", cases[i].name);
		if (!strstr(e.text, cases[i].why) || problem.fault != cases[i].fault)
			fail_msg("%s: %d %s", cases[i].name, problem.fault, e.text);
	}
}

static void a_cut_key_tells_how_much_is_missing(void **state unused_arg)
{
	const struct str whole = STR("v=DKIM1; k=rsa; p=" RSA_2048);

	for (size_t cut = 1; cut < 380; cut++) {
		auto_arena struct arena a;
		arena_init(&a, 65536);
		struct err e = { 0 };
		struct policy_dkim_key key;
		struct dkim_problem problem;

		assert_false(policy_dkim_key_read(&a, str_sub(whole, 0, whole.len - cut),
						  &key, &problem, &e));
		if (problem.fault != DKIM_FAULT_SHORT || problem.at != whole.len - cut ||
		    problem.missing + 3 < cut || problem.missing > cut + 3)
			fail_msg("%zu cut: %d at %zu, %zu missing: %s", cut,
				 problem.fault, problem.at, problem.missing, e.text);
	}
}

static void keys_are_equal_by_their_bytes(void **state unused_arg)
{
	static const struct {
		const char *name;
		const char *one;
		const char *other;
		bool equal;
	} cases[] = {
		{ "the same", "p=" K, "v=DKIM1; k=rsa; p=" K, true },
		{ "with and without its algorithm", "p=" K, "p=" RSA_2048_BARE, true },
		{ "another", "p=" K, "p=" RSA_1024, false },
		{ "another kind", "p=" K, "k=ed25519; p=" ED25519_RFC, false },
		{ "Ed25519", "k=ed25519;p=" ED25519_RFC, "k=ed25519; p=" ED25519_RFC,
		  true },
		{ "revoked is no key", "p=", "p=" K, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 65536);
		struct err e = { 0 };
		struct policy_dkim_key one;
		struct policy_dkim_key other;

		assert_true(policy_dkim_key_parse(&a, str_from(cases[i].one), &one, &e));
		assert_true(
			policy_dkim_key_parse(&a, str_from(cases[i].other), &other, &e));
		if (policy_dkim_key_equal(&one, &other) != cases[i].equal)
			fail_msg("%s", cases[i].name);
	}
}

static void a_record_written_reads_back(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 65536);
	struct err e = { 0 };
	struct policy_dkim_key key;
	auto_buf struct buf der;
	buf_init(&der, 1024);
	auto_buf struct buf txt;
	buf_init(&txt, 1024);

	assert_true(base64_parse(&der, STR(RSA_RFC)));
	policy_dkim_key_write(&txt, buf_view(&der));
	assert_string_equal(buf_cstr(&txt), "v=DKIM1; k=rsa; p=" RSA_RFC);
	assert_true(policy_dkim_key_parse(&a, buf_view(&txt), &key, &e));
	assert_true(str_equal(key.public_key, buf_view(&der)));
}

static void tags_keep_their_order(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 65536);
	struct policy_tag *tags;
	size_t count;

	assert_true(policy_tags_parse(
		&a, STR("v=DMARC1; p=none; rua=mailto:a@b.example,mailto:c=d"), &tags,
		&count));
	assert_int_equal(count, 3);
	assert_true(str_is(tags[0].name, "v") && str_is(tags[0].value, "DMARC1"));
	assert_true(str_is(tags[2].value, "mailto:a@b.example,mailto:c=d"));
}

static void tag_lists_end_at_a_hundred(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 65536);
	struct policy_tag *tags;
	size_t count;
	auto_buf struct buf txt;

	buf_init(&txt, 4096);
	for (int i = 0; i < 100; i++)
		buf_printf(&txt, "t%d=x;", i);
	assert_true(policy_tags_parse(&a, buf_view(&txt), &tags, &count));
	assert_int_equal(count, 100);
	buf_text(&txt, "t100=x");
	assert_false(policy_tags_parse(&a, buf_view(&txt), &tags, &count));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_records_are_read),
		cmocka_unit_test(bad_records_are_refused_with_their_place),
		cmocka_unit_test(a_cut_key_tells_how_much_is_missing),
		cmocka_unit_test(keys_are_equal_by_their_bytes),
		cmocka_unit_test(a_record_written_reads_back),
		cmocka_unit_test(tags_keep_their_order),
		cmocka_unit_test(tag_lists_end_at_a_hundred),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

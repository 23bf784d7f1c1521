/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DKIM key records, the standards' own among them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/policy.h"

/* RFC 6376 appendix C. */
#define RSA_KEY                                                            \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkM" \
	"oGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/R" \
	"tdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToI" \
	"MmPSPDdQPNUYckcQ2QIDAQAB"

static void good_records_are_read(void **state unused_arg)
{
	static const struct {
		const char *name;
		const char *txt;
		const char *type;
		size_t key_len;
		bool testing;
	} cases[] = {
		{ "RFC 6376 appendix C", "v=DKIM1; p=" RSA_KEY, "rsa", 162, false },
		{ "RFC 8463 section A.2",
		  "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
		  "ed25519", 32, false },
		{ "key only", "p=AAAA", "rsa", 3, false },
		{ "no blanks", "v=DKIM1;k=rsa;p=AAAA", "rsa", 3, false },
		{ "blanks everywhere", " v = DKIM1 ;\tk = rsa ; p = AA AA ;", "rsa", 3,
		  false },
		{ "final semicolon", "v=DKIM1; p=AAAA; ", "rsa", 3, false },
		{ "revoked", "v=DKIM1; p=", "rsa", 0, false },
		{ "revoked, semicolon", "v=DKIM1; p=;", "rsa", 0, false },
		{ "testing", "v=DKIM1; t=y; p=AAAA", "rsa", 3, true },
		{ "testing and strict", "v=DKIM1; t=s : y; p=AAAA", "rsa", 3, true },
		{ "strict only", "v=DKIM1; t=s; p=AAAA", "rsa", 3, false },
		{ "hashes", "v=DKIM1; h=sha1:sha256; p=AAAA", "rsa", 3, false },
		{ "services", "v=DKIM1; s=email; p=AAAA", "rsa", 3, false },
		{ "any service", "v=DKIM1; s=tlsrpt:*; p=AAAA", "rsa", 3, false },
		{ "key in a note", "v=DKIM1; n=a note, p=BBBB; p=AAAA", "rsa", 3, false },
		{ "unknown tag", "v=DKIM1; x=1; n=a note; p=AAAA", "rsa", 3, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 65536);
		struct err e = { 0 };
		struct policy_dkim_key key;

		if (!policy_dkim_key_parse(&a, str_from(cases[i].txt), &key, &e))
			fail_msg("%s: %s", cases[i].name, e.text);
		if (!str_is(key.key_type, cases[i].type) ||
		    key.public_key.len != cases[i].key_len ||
		    key.testing != cases[i].testing)
			fail_msg("%s: %.*s, %zu bytes", cases[i].name,
				 STR_ARG(key.key_type), key.public_key.len);
	}
}

static void bad_records_are_refused_in_words(void **state unused_arg)
{
	const struct {
		const char *name;
		struct str txt;
		const char *why;
	} cases[] = {
		{ "empty", STR(""), "not a list of tag=value" },
		{ "text", STR("hello"), "not a list of tag=value" },
		{ "SPF", STR("v=spf1 -all"), "there is no p=" },
		{ "DMARC", STR("v=DMARC1; p=none"), "v= is 'DMARC1'" },
		{ "no key", STR("v=DKIM1; k=rsa"), "there is no p=" },
		{ "version 2", STR("v=DKIM2; p=AAAA"), "v= is 'DKIM2'" },
		{ "version in lower case", STR("v=dkim1; p=AAAA"), "v= is 'dkim1'" },
		{ "version behind", STR("p=AAAA; v=DKIM1"),
		  "v= does not stand in front" },
		{ "no base64", STR("v=DKIM1; p=A!AA"), "p= is not base64" },
		{ "quotes inside", STR("v=DKIM1; p=\"AAAA\""), "p= is not base64" },
		{ "two keys", STR("v=DKIM1; p=AAAA; p=BBBB"), "not a list of tag=value" },
		{ "empty tag", STR("v=DKIM1;; p=AAAA"), "not a list of tag=value" },
		{ "escaped semicolons", STR("v=DKIM1\\; p=AAAA"), "v= is 'DKIM1\\'" },
		{ "tag of digits", STR("1=x; p=AAAA"), "not a list of tag=value" },
		{ "NUL", STR("v=DKIM1; n=\0; p=AAAA"), "not a list of tag=value" },
		{ "only sha1", STR("v=DKIM1; h=sha1; p=AAAA"),
		  "h= does not allow sha256" },
		{ "other service", STR("v=DKIM1; s=tlsrpt; p=AAAA"), "not for mail" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 65536);
		struct err e = { 0 };
		struct policy_dkim_key key;

		if (policy_dkim_key_parse(&a, cases[i].txt, &key, &e))
			fail_msg("%s was taken", cases[i].name);
		if (!strstr(e.text, cases[i].why))
			fail_msg("%s: %s", cases[i].name, e.text);
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

	assert_true(base64_parse(&der, STR(RSA_KEY)));
	policy_dkim_key_write(&txt, buf_view(&der));
	assert_string_equal(buf_cstr(&txt), "v=DKIM1; k=rsa; p=" RSA_KEY);
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
		cmocka_unit_test(bad_records_are_refused_in_words),
		cmocka_unit_test(a_record_written_reads_back),
		cmocka_unit_test(tags_keep_their_order),
		cmocka_unit_test(tag_lists_end_at_a_hundred),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The signature's tags; whole signatures are verified by dkimpy in test_dkim.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/mail.h"
#include "policy/policy.h"

static struct crypto_rsa *key;

static int make_key(void **state unused_arg)
{
	key = crypto_rsa_new(2048);
	return 0;
}

static int drop_key(void **state unused_arg)
{
	crypto_rsa_free(&key);
	return key != NULL;
}

/* The value of one tag of the message's signature, without blanks; into the arena. */
static struct str sign_and_find(struct arena *a, struct str message, const char *tag)
{
	const struct mail_dkim_signer signer = { STR("customer.example"), STR("sel"), key,
						 1700000000 };
	struct err e = { 0 };
	struct mail_message m;
	struct policy_tag *tags;
	size_t count;
	auto_buf struct buf field;
	buf_init(&field, 65536);
	auto_buf struct buf value;
	buf_init(&value, 65536);

	assert_true(mail_message_parse(a, message, &m, &e));
	mail_dkim_sign(&field, &m, &signer);
	assert_true(mail_message_parse(a, arena_str(a, buf_view(&field)), &m, &e));
	assert_int_equal(m.header_count, 1);
	assert_true(policy_tags_parse(a, m.headers[0].value, &tags, &count));
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; str_is(tags[i].name, tag) && j < tags[i].value.len;
		     j++) {
			if (!ascii_is_blank((unsigned char)tags[i].value.data[j]))
				buf_byte(&value, (uint8_t)tags[i].value.data[j]);
		}
	}
	return arena_str(a, buf_view(&value));
}

static void body_hashes_are_the_standards(void **state unused_arg)
{
	static const struct {
		const char *name;
		const char *body;
		const char *canonical; /* NULL: `hash` is the standard's own */
		const char *hash;
	} cases[] = {
		{ "RFC 6376 section 3.4.4, nothing", "", NULL,
		  "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" },
		{ "RFC 8463 appendix A",
		  "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n",
		  NULL, "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=" },
		{ "RFC 6376 section 3.4.5", " C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n",
		  NULL },
		{ "only empty lines", "\r\n\r\n", "", NULL },
		{ "only blanks", " \r\n\t", "", NULL },
		{ "empty lines inside", "a\r\n \r\n\r\nb", "a\r\n\r\n\r\nb\r\n", NULL },
		{ "tab in front", "\t\ta", " a\r\n", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 1024 * 1024);
		uint8_t digest[CRYPTO_SHA256_LEN];
		auto_buf struct buf want;
		buf_init(&want, 64);
		char *message =
			arena_printf(&a, "From: a@b.example\r\n\r\n%s", cases[i].body);

		crypto_sha256(str_from(cases[i].canonical), digest);
		base64_write(&want, str_of(digest, sizeof(digest)));
		struct str hash = sign_and_find(&a, str_from(message), "bh");
		if (!str_is(hash, cases[i].hash ? cases[i].hash : buf_cstr(&want)))
			fail_msg("%s: %.*s", cases[i].name, STR_ARG(hash));
	}
}

static void fields_are_named_as_often_as_they_are_there(void **state unused_arg)
{
	static const struct {
		const char *header;
		const char *want;
	} cases[] = {
		{ "From: a@b.example\r\n", "From:From" },
		{ "X-Other: x\r\nSubject: x\r\nfrom: x\r\n", "From:From:Subject" },
		{ "To: x\r\nFrom: x\r\nTo: y\r\n", "From:From:To:To" },
		{ "From: x\r\nFrom: y\r\n", "From:From:From" },
		{ "Received: x\r\nDKIM-Signature: x\r\nReturn-Path: x\r\n", "From" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 1024 * 1024);
		struct str names = sign_and_find(&a, str_from(cases[i].header), "h");

		if (!str_is(names, cases[i].want))
			fail_msg("%zu: %.*s", i, STR_ARG(names));
	}
}

static void the_tags_say_who_signed_and_how(void **state unused_arg)
{
	static const struct {
		const char *tag;
		const char *want;
	} cases[] = {
		{ "v", "1" },
		{ "a", "rsa-sha256" },
		{ "c", "relaxed/relaxed" },
		{ "d", "customer.example" },
		{ "s", "sel" },
		{ "t", "1700000000" },
		{ "l", "" },
		{ "i", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 1024 * 1024);

		assert_true(
			str_is(sign_and_find(&a, STR("From: a@b.example\r\n\r\nx\r\n"),
					     cases[i].tag),
			       cases[i].want));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(body_hashes_are_the_standards),
		cmocka_unit_test(fields_are_named_as_often_as_they_are_there),
		cmocka_unit_test(the_tags_say_who_signed_and_how),
	};

	return cmocka_run_group_tests(tests, make_key, drop_key);
}

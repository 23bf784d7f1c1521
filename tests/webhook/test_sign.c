/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures as other implementations of Standard Webhooks make them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "webhook/webhook.h"

enum {
	TEXT_MAX = 4096,
};

/* Made with Python's hmac; the key is that of the specification's example. */
static void the_symmetric_signature_is_that_of_others(void **state unused_arg)
{
	struct buf secret;
	auto_buf struct buf got;
	struct err e = { 0 };
	struct webhook_signers signers = { .secret_count = 1, .seed = STR_EMPTY };

	buf_init(&secret, TEXT_MAX);
	buf_init(&got, TEXT_MAX);
	assert_true(webhook_key_parse(&secret,
				      STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), &e));
	signers.secrets[0] = buf_view(&secret);
	webhook_sign(&got, &signers, STR("msg_p5jXN8AQM9LWM0D4loKWxJek"), 1614265330,
		     STR("{\"test\": 2432232314}"));
	assert_string_equal(buf_cstr(&got),
			    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	buf_done(&secret);
}

static size_t count_of(struct str text, struct str what)
{
	size_t count = 0;

	for (size_t i = 0; i + what.len <= text.len; i++)
		count += str_equal(str_sub(text, i, what.len), what);
	return count;
}

static void while_secrets_overlap_both_sign(void **state unused_arg)
{
	uint8_t seed[32] = { 1, 2, 3 };
	struct webhook_signers signers = {
		.secrets = { STR("new new new new new new new"), STR("old old old old") },
		.secret_count = 2,
		.seed = str_of(seed, sizeof(seed)),
	};
	auto_buf struct buf got;

	buf_init(&got, TEXT_MAX);
	webhook_sign(&got, &signers, STR("evt_1"), 1000, STR("{}"));
	assert_int_equal(count_of(buf_view(&got), STR("v1,")), 2);
	assert_int_equal(count_of(buf_view(&got), STR("v1a,")), 1);
	assert_int_equal(count_of(buf_view(&got), STR(" ")), 2);
}

static void keys_have_their_prefix_and_their_length(void **state unused_arg)
{
	static const struct {
		const char *prefix;
		size_t len;
		bool is_key;
	} cases[] = {
		{ "whsec_", 23, false }, { "whsec_", 24, true }, { "whsec_", 64, true },
		{ "whsec_", 65, false }, { "whsk_", 32, true },  { "whsk_", 64, true },
		{ "whsk_", 33, false },  { "whpk_", 32, true },  { "whpk_", 31, false },
		{ "whxx_", 32, false },  { "", 32, false },      { "whsec", 32, false },
	};
	static const uint8_t bytes[65] = { 7 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { 0 };
		auto_buf struct buf text;
		auto_buf struct buf back;
		buf_init(&text, TEXT_MAX);
		buf_init(&back, TEXT_MAX);
		webhook_key_write(&text, cases[i].prefix, str_of(bytes, cases[i].len));
		bool is_key = webhook_key_parse(&back, buf_view(&text), &e);
		if (is_key != cases[i].is_key)
			fail_msg("%s", buf_cstr(&text));
		if (is_key)
			assert_true(
				str_equal(buf_view(&back), str_of(bytes, cases[i].len)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_symmetric_signature_is_that_of_others),
		cmocka_unit_test(while_secrets_overlap_both_sign),
		cmocka_unit_test(keys_have_their_prefix_and_their_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

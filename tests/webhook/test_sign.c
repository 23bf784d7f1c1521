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
	struct webhook_signers signers = { .secret_count = 1, .seed = STR_EMPTY };

	buf_init(&secret, TEXT_MAX);
	buf_init(&got, TEXT_MAX);
	assert_true(base64_parse(&secret, STR("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")));
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

static void a_key_in_text_is_its_prefix_and_base64(void **state unused_arg)
{
	auto_buf struct buf text;

	buf_init(&text, TEXT_MAX);
	webhook_key_write(&text, "whpk_", STR("\1\2\3\xff"));
	assert_string_equal(buf_cstr(&text), "whpk_AQID/w==");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_symmetric_signature_is_that_of_others),
		cmocka_unit_test(while_secrets_overlap_both_sign),
		cmocka_unit_test(a_key_in_text_is_its_prefix_and_base64),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an endpoint is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "webhook/webhook.h"

static struct event_row event_make(struct str detail)
{
	return (struct event_row){
		.id = 9,
		.uid = STR("evt_abc"),
		.tenant_id = 1,
		.seq = 4,
		.identity_id = 12,
		.domain = STR("shop.example"),
		.at_s = 1700000000,
		.kind = STR("identity.verified"),
		.aspect = STR("dkim"),
		.from = STR("PENDING"),
		.to = STR("SUCCESS"),
		.detail = detail,
	};
}

static void a_payload_says_what_when_and_of_whom(void **state unused_arg)
{
	struct event_row event = event_make(STR("{\"perspectives\":[]}"));
	auto_buf struct buf got;

	buf_init(&got, WEBHOOK_PAYLOAD_MAX);
	webhook_payload_write(&got, &event);
	assert_string_equal(
		buf_cstr(&got),
		"{\"type\":\"identity.verified\",\"timestamp\":\"2023-11-14T22:13:20Z\","
		"\"data\":{\"id\":\"evt_abc\",\"seq\":4,\"at\":\"2023-11-14T22:13:20Z\","
		"\"type\":\"identity.verified\",\"identity\":\"idn_12\","
		"\"domain\":\"shop.example\",\"aspect\":\"dkim\",\"from\":\"PENDING\","
		"\"to\":\"SUCCESS\",\"detail\":{\"perspectives\":[]}}}");
}

static void a_detail_too_large_is_left_out_and_said_to_be(void **state unused_arg)
{
	auto_buf struct buf detail;
	auto_buf struct buf got;

	buf_init(&detail, 64 * 1024);
	buf_init(&got, WEBHOOK_PAYLOAD_MAX);
	buf_text(&detail, "{\"x\":\"");
	buf_fill(&detail, 'x', WEBHOOK_PAYLOAD_MAX);
	buf_text(&detail, "\"}");
	struct event_row event = event_make(buf_view(&detail));
	webhook_payload_write(&got, &event);
	assert_false(got.failed);
	assert_non_null(
		strstr(buf_cstr(&got), "\"detail\":null,\"detail_omitted\":true"));
}

static void no_byte_of_a_detail_ends_a_line(void **state unused_arg)
{
	struct event_row event =
		event_make(STR("{\"a\":\"\\u2028\\r\\n\\u202e\xe3\x81\x82\"}"));
	auto_buf struct buf got;

	buf_init(&got, WEBHOOK_PAYLOAD_MAX);
	webhook_payload_write(&got, &event);
	for (size_t i = 0; i < got.len; i++)
		assert_in_range((unsigned char)got.data[i], ' ', '~');
}

static void only_known_kinds_can_be_asked_for(void **state unused_arg)
{
	struct err e = { 0 };

	assert_true(webhook_kinds_check(STR(""), &e));
	assert_true(webhook_kinds_check(STR("identity.verified mail_from.failed"), &e));
	assert_false(webhook_kinds_check(STR("identity.verified  mail_from.failed"), &e));
	assert_false(webhook_kinds_check(STR("identity.%"), &e));
	assert_false(webhook_kinds_check(STR("identity.\x1b[31m"), &e));
	assert_null(strchr(e.text, 0x1b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_payload_says_what_when_and_of_whom),
		cmocka_unit_test(a_detail_too_large_is_left_out_and_said_to_be),
		cmocka_unit_test(no_byte_of_a_detail_ends_a_line),
		cmocka_unit_test(only_known_kinds_can_be_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

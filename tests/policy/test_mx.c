/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The MX of a MAIL FROM domain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/policy.h"

#define SES "feedback-smtp.eu-west-1.amazonses.com"

static void each_fault_is_told(void **state unused_arg)
{
	static const struct {
		const char *name;
		const char *records[3];
		const char *expected;
		enum mx_fault fault;
		const char *region;
	} cases[] = {
		{ "right", { "10 " SES "." }, SES, MX_RIGHT, "" },
		{ "another preference", { "5 " SES "." }, SES, MX_RIGHT, "" },
		{ "another case",
		  { "10 Feedback-SMTP.EU-West-1.AmazonSES.com." },
		  SES,
		  MX_RIGHT,
		  "" },
		{ "another region",
		  { "10 feedback-smtp.us-east-1.amazonses.com." },
		  SES,
		  MX_OTHER_REGION,
		  "us-east-1" },
		{ "receiving",
		  { "10 inbound-smtp.eu-west-1.amazonaws.com." },
		  SES,
		  MX_RECEIVING,
		  "" },
		{ "another host", { "10 mail.example." }, SES, MX_OTHER_HOST, "" },
		{ "longer",
		  { "10 feedback-smtp.eu-west-1.amazonses.com.shop.example." },
		  SES,
		  MX_OTHER_HOST,
		  "" },
		{ "null", { "0 ." }, SES, MX_NULL, "" },
		{ "two", { "10 " SES ".", "20 mail.example." }, SES, MX_SEVERAL, "" },
		{ "two, the other first",
		  { "10 mail.example.", "20 " SES "." },
		  SES,
		  MX_SEVERAL,
		  "" },
		{ "two wrong ones",
		  { "10 mail.example.", "20 mail2.example." },
		  SES,
		  MX_OTHER_HOST,
		  "" },
		{ "not of SES at all",
		  { "10 feedback-smtp.us-east-1.amazonses.com." },
		  "bounce.platform.example",
		  MX_OTHER_HOST,
		  "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		struct dns_record records[3];
		struct dns_name expected;
		struct mx_seen out;
		struct err e = { 0 };
		size_t count = 0;

		arena_init(&a, 65536);
		assert_true(dns_name_parse(str_from(cases[i].expected), &expected, &e));
		while (count < 3 && cases[i].records[count]) {
			records[count].type = DNS_TYPE_MX;
			assert_true(dns_rdata_parse(&a, DNS_TYPE_MX,
						    str_from(cases[i].records[count]),
						    &records[count].rdata, &e));
			count++;
		}
		policy_mx_judge(&a, records, count, &expected, &out);
		if (out.fault != cases[i].fault || !str_is(out.region, cases[i].region))
			fail_msg("%s: %d '%.*s'", cases[i].name, out.fault,
				 STR_ARG(out.region));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

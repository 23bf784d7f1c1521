/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking answers up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observation/observation.h"

static struct dns_name name_of(const char *text)
{
	struct dns_name name;
	struct err e = { 0 };

	if (!dns_name_parse(str_from(text), &name, &e))
		fail_msg("%s", e.text);
	return name;
}

static void answers_are_found_by_name_type_and_view(void **state)
{
	struct answer answers[] = {
		{ .question = { name_of("a.example"), DNS_TYPE_TXT }, .view = 0 },
		{ .question = { name_of("a.example"), DNS_TYPE_TXT }, .view = 1 },
		{ .question = { name_of("a.example"), DNS_TYPE_MX }, .view = 1 },
	};
	struct observation o = { .answers = answers, .answer_count = ARRAY_LEN(answers) };
	struct dns_name name = name_of("A.EXAMPLE");
	struct dns_name other = name_of("b.example");

	(void)state;
	assert_ptr_equal(observation_find(&o, &name, DNS_TYPE_TXT, 0), &answers[0]);
	assert_ptr_equal(observation_find(&o, &name, DNS_TYPE_TXT, 1), &answers[1]);
	assert_ptr_equal(observation_find(&o, &name, DNS_TYPE_MX, 1), &answers[2]);
	assert_null(observation_find(&o, &name, DNS_TYPE_MX, 0));
	assert_null(observation_find(&o, &name, DNS_TYPE_A, 1));
	assert_null(observation_find(&o, &other, DNS_TYPE_TXT, 0));
	assert_true(observation_asked(&o, &name, DNS_TYPE_MX));
	assert_false(observation_asked(&o, &name, DNS_TYPE_A));
	assert_false(observation_asked(&o, &other, DNS_TYPE_MX));
}

static void nothing_is_found_where_nothing_was_asked(void **state)
{
	struct observation o = { 0 };
	struct dns_name name = name_of("a.example");

	(void)state;
	assert_null(observation_find(&o, &name, DNS_TYPE_TXT, 0));
	assert_false(observation_asked(&o, &name, DNS_TYPE_TXT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_found_by_name_type_and_view),
		cmocka_unit_test(nothing_is_found_where_nothing_was_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

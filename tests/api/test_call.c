/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON that costs more than it is worth is refused before it is parsed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/call.h"

enum {
	MANY = 1000000
};

/* `front`, then `item` so often, then `behind`. */
static const char *refusal_of(struct err *e, const char *front, const char *item,
			      size_t times, const char *behind)
{
	json_t *json = NULL;
	auto_buf struct buf text;
	buf_init(&text, 16 * 1024 * 1024);
	buf_text(&text, front);
	for (size_t i = 0; i < times; i++)
		buf_text(&text, item);
	buf_text(&text, behind);
	assert_false(text.failed);
	bool ok = call_json_parse(buf_view(&text), &json, e);
	json_decref(json);
	return ok ? "" : e->text;
}

static void a_usual_request_is_read(void **state unused_arg)
{
	struct err e = { 0 };
	assert_string_equal(refusal_of(&e, "{\"a\":[1", ",[2]", 50, "]}"), "");
	/* What stands in a string is no value. */
	assert_string_equal(refusal_of(&e, "{\"a\":\"", ",[{", MANY, "\"}"), "");
}

static void deep_nesting_is_refused(void **state unused_arg)
{
	struct err e = { 0 };
	assert_non_null(strstr(refusal_of(&e, "{\"a\":", "[", 32, ""), "deeper"));
	assert_int_equal(e.kind, ERR_USAGE);
}

/* 13 MB of these would take more than a gigabyte. */
static void a_crowd_of_small_values_is_refused(void **state unused_arg)
{
	struct err e = { 0 };
	assert_non_null(
		strstr(refusal_of(&e, "{\"a\":[{}", ",{}", MANY, "]}"), "values"));
	assert_int_equal(e.kind, ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_usual_request_is_read),
		cmocka_unit_test(deep_nesting_is_refused),
		cmocka_unit_test(a_crowd_of_small_values_is_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

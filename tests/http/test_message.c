/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding headers and query parameters. */
#include "fixture.h"

struct query {
	const char *name;
	const char *query;
	const char *found; /* of "key"; NULL: none */
};
static const struct query queries[] = {
	{ "plain", "key=value", "value" },
	{ "among others", "a=b&key=value&c=d", "value" },
	{ "the first counts", "key=1&key=2", "1" },
	{ "percent and plus", "key=a%26b+c%2B", "a&b c+" },
	{ "encoded name", "k%65y=v", "v" },
	{ "no equals sign", "key", "" },
	{ "equals sign in the value", "key=a=b", "a=b" },
	{ "prefix of a name", "keys=1", NULL },
	{ "broken escape", "key=%4", NULL },
	{ "broken escape elsewhere", "%zz=1&key=2", "2" },
	{ "nothing", "", NULL },
};

static void query_parameters_are_found(void **state unused_arg)
{
	struct arena a;
	arena_init(&a, 64 * 1024);
	for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
		struct http_request r = { .query = str_from(queries[i].query),
					  .arena = &a };
		struct str out = STR_EMPTY;
		print_message("%s\n", queries[i].name);
		assert_int_equal(http_query_find(&r, "key", &out),
				 queries[i].found != NULL);
		assert_true(str_is(out, queries[i].found ? queries[i].found : ""));
	}
	arena_done(&a);
}

static void headers_are_found_without_case(void **state unused_arg)
{
	struct http_header headers[] = { { STR("X-One"), STR("1") },
					 { STR("x-one"), STR("2") } };
	struct http_request r = { .headers = headers, .header_count = 2 };
	assert_true(str_is(http_header_find(&r, "x-ONE"), "1"));
	assert_null(http_header_find(&r, "x-on").data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(query_parameters_are_found),
		cmocka_unit_test(headers_are_found_without_case),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

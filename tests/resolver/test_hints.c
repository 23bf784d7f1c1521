/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Root hints files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolver/hints.h"

static struct cut *parse(struct arena *a, const char *text)
{
	struct err e = { 0 };
	struct cut *root;

	arena_init(a, 1 << 20);
	if (!hints_parse(a, str_from(text), &root, &e))
		fail_msg("%s", e.text);
	return root;
}

static void the_form_of_iana_is_read(unused_arg void **state)
{
	auto_arena struct arena a;
	struct cut *root = parse(
		&a,
		";       last update:     April 18, 2024\n;\n"
		".                        3600000      NS    A.ROOT-SERVERS.NET.\n"
		"A.ROOT-SERVERS.NET.      3600000      A     198.41.0.4\n"
		"A.ROOT-SERVERS.NET.      3600000      AAAA  2001:503:ba3e::2:30\n"
		"; \n"
		".                        3600000      NS    B.ROOT-SERVERS.NET.\n"
		"B.ROOT-SERVERS.NET.      3600000      A     170.247.170.2 ; moved\n");

	assert_int_equal(root->server_count, 2);
	assert_int_equal(root->servers[0].v4.bytes[0], 198);
	assert_int_equal(root->servers[0].v6.family, 6);
	assert_int_equal(root->servers[1].v4.bytes[3], 2);
	assert_int_equal(root->servers[1].v6.family, 0);
}

static void order_class_and_ttl_are_free(unused_arg void **state)
{
	auto_arena struct arena a;
	struct cut *root =
		parse(&a, "a.test. IN A 192.0.2.1\r\n. IN NS a.test.\r\n"
			  "other.test. A 192.0.2.9\n$TTL 5\n. 5 SOA a b 1 2 3\n");

	assert_int_equal(root->server_count, 1);
	assert_int_equal(root->servers[0].v4.bytes[3], 1);
}

struct wrong_case {
	const char *name;
	const char *text;
	const char *words; /* in the error */
};

static const struct wrong_case wrong_cases[] = {
	{ "empty", "", "no root server" },
	{ "no addresses", ". NS a.test.\n", "no root server" },
	{ "addresses of others", ". NS a.test.\nb.test. A 192.0.2.1\n",
	  "no root server" },
	{ "another zone's", "test. NS a.test.\na.test. A 192.0.2.1\n", "no root server" },
	{ "no record", "\nhello\n", "line 2" },
	{ "no address", ". NS a.test.\na.test. A 192.0.2\n", "line 2" },
	{ "family mixed up", ". NS a.test.\na.test. A ::1\n", "line 2" },
	{ "a port", ". NS a.test.\na.test. A 192.0.2.1@54\n", "line 2" },
	{ "no name", ". NS a..test.\n", "line 1" },
};

static void what_is_wrong_is_said_with_its_line(unused_arg void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(wrong_cases); i++) {
		auto_arena struct arena a;
		struct err e = { 0 };
		struct cut *root;
		arena_init(&a, 1 << 20);
		if (hints_parse(&a, str_from(wrong_cases[i].text), &root, &e))
			fail_msg("%s: was read", wrong_cases[i].name);
		if (e.kind != ERR_USAGE || !strstr(e.text, wrong_cases[i].words))
			fail_msg("%s: %s", wrong_cases[i].name, e.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_form_of_iana_is_read),
		cmocka_unit_test(order_class_and_ttl_are_free),
		cmocka_unit_test(what_is_wrong_is_said_with_its_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

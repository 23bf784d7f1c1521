/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words of scopes, and lists of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service/scope.h"

struct words {
	const char *text;
	int64_t all;
	int64_t scopes; /* 0: refused */
};
static const struct words lists[] = {
	{ "identities:read", SCOPES_TENANT, SCOPE_IDENTITIES_READ },
	{ "identities:read,events:read", SCOPES_TENANT,
	  SCOPE_IDENTITIES_READ | SCOPE_EVENTS_READ },
	{ " tokens:write  identities:write ,", SCOPES_TENANT,
	  SCOPE_TOKENS_WRITE | SCOPE_IDENTITIES_WRITE },
	{ "all", SCOPES_TENANT, SCOPES_TENANT },
	{ "all", SCOPES_OPERATOR, SCOPES_OPERATOR },
	{ "", SCOPES_TENANT, 0 },
	{ " , ", SCOPES_TENANT, 0 },
	{ "identities", SCOPES_TENANT, 0 },
	{ "IDENTITIES:READ", SCOPES_TENANT, 0 },
	{ "identities:read;events:read", SCOPES_TENANT, 0 },
	{ "tenants:write", SCOPES_TENANT, 0 },
	{ "identities:read", SCOPES_OPERATOR, 0 },
	{ "events:read", SCOPE_IDENTITIES_READ, 0 },
};

static void lists_are_read_or_refused(void **state unused_arg)
{
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		struct err e = { 0 };
		int64_t scopes = 0;
		bool good =
			scopes_parse(str_from(lists[i].text), lists[i].all, &scopes, &e);
		print_message("'%s'\n", lists[i].text);
		assert_int_equal(good, lists[i].scopes != 0);
		assert_int_equal(scopes, lists[i].scopes);
		assert_int_equal(e.kind, good ? ERR_NONE : ERR_USAGE);
	}
}

static void what_is_written_is_read_back(void **state unused_arg)
{
	struct err e = { 0 };
	for (int64_t scopes = 1; scopes <= (SCOPES_TENANT | SCOPES_OPERATOR); scopes++) {
		int64_t back = 0;
		auto_buf struct buf text;
		buf_init(&text, 1024);
		scopes_write(&text, scopes);
		assert_true(scopes_parse(buf_view(&text), SCOPES_TENANT | SCOPES_OPERATOR,
					 &back, &e));
		assert_int_equal(back, scopes);
	}
}

static void each_scope_has_one_bit_and_one_name(void **state unused_arg)
{
	int64_t seen = 0;
	for (size_t i = 0; scope_at(i); i++) {
		assert_int_equal(scope_at(i) & (scope_at(i) - 1), 0);
		assert_int_equal(seen & scope_at(i), 0);
		assert_non_null(scope_name(scope_at(i)));
		seen |= scope_at(i);
	}
	assert_int_equal(seen, SCOPES_TENANT | SCOPES_OPERATOR);
	assert_null(scope_name(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read_or_refused),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(each_scope_has_one_bit_and_one_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

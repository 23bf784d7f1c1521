/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which row a path finds, and what the table must hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/route.h"

struct way {
	const char *name;
	const char *method;
	const char *path;
	const char *row; /* NULL: none */
	const char *parameter;
	const char *allow;
};
static const struct way ways[] = {
	{ "plain", "GET", "/api/v1/me", "/api/v1/me", "", "" },
	{ "with an id", "GET", "/api/v1/identities/idn_1", "/api/v1/identities/{id}",
	  "idn_1", "" },
	{ "behind the id", "POST", "/api/v1/identities/idn_1/checks",
	  "/api/v1/identities/{id}/checks", "idn_1", "" },
	{ "parameters stay encoded", "GET", "/v2/email/identities/a%2Fb%40c",
	  "/v2/email/identities/{EmailIdentity}", "a%2Fb%40c", "" },
	{ "HEAD is GET's", "HEAD", "/livez", "/livez", "", "" },
	{ "wrong method", "PUT", "/api/v1/identities", NULL, "", "GET, HEAD, POST" },
	{ "methods are in capitals", "get", "/livez", NULL, "", "GET, HEAD" },
	{ "an empty parameter is none", "GET", "/api/v1/identities/", NULL, "", "" },
	{ "a slash more", "GET", "/api/v1/me/", NULL, "", "" },
	{ "a segment less", "GET", "/api/v1", NULL, "", "" },
	{ "two slashes", "GET", "/api//v1/me", NULL, "", "" },
	{ "another case", "GET", "/API/v1/me", NULL, "", "" },
	{ "nothing", "GET", "", NULL, "", "" },
	{ "encoded letters are not decoded", "GET", "/api/v1/m%65", NULL, "", "" },
};

static void paths_find_their_rows(void **state unused_arg)
{
	struct arena a;
	arena_init(&a, 64 * 1024);
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct route_match match;
		print_message("%s\n", ways[i].name);
		const struct route *r = route_find(&a, str_from(ways[i].method),
						   str_from(ways[i].path), &match);
		assert_int_equal(r != NULL, ways[i].row != NULL);
		if (r)
			assert_string_equal(r->path, ways[i].row);
		assert_int_equal(match.parameter_count, ways[i].parameter[0] != '\0');
		if (match.parameter_count > 0)
			assert_true(str_is(match.parameters[0], ways[i].parameter));
		assert_true(str_is(match.allow, ways[i].allow));
	}
	arena_done(&a);
}

/* Default deny: what has no auth is named here. */
static void only_these_rows_need_no_credentials(void **state unused_arg)
{
	static const char *const open[] = { "/api/v1/openapi.json", "/livez", "/readyz",
					    "/startupz", "/metrics" };
	const struct route *r;
	size_t found = 0;
	for (size_t i = 0; (r = route_at(i)); i++) {
		if (r->auth != AUTH_NONE)
			continue;
		bool known = false;
		for (size_t k = 0; k < ARRAY_LEN(open); k++)
			known = known || strcmp(open[k], r->path) == 0;
		if (!known)
			fail_msg("'%s' needs no credentials", r->path);
		found++;
	}
	assert_int_equal(found, ARRAY_LEN(open));
}

/* What a token must have is said in each row that wants one, and is one scope. */
static void each_row_says_who_may_call_it(void **state unused_arg)
{
	const struct route *r;
	for (size_t i = 0; (r = route_at(i)); i++) {
		bool by_token = r->auth == AUTH_BEARER;
		bool is_scope = r->scope == SCOPE_ANY || scope_name(r->scope) != NULL;
		print_message("%s %s\n", r->method, r->path);
		assert_int_not_equal(r->auth, AUTH_NOBODY);
		assert_int_equal(by_token, r->scope != 0);
		assert_int_equal(by_token, is_scope);
		assert_int_equal(r->scope & (r->scope - 1), 0);
	}
}

static void each_scope_opens_something(void **state unused_arg)
{
	const struct route *r;
	for (size_t k = 0; scope_at(k); k++) {
		bool used = false;
		for (size_t i = 0; (r = route_at(i)); i++)
			used = used || r->scope == scope_at(k);
		if (!used)
			fail_msg("'%s' opens nothing", scope_name(scope_at(k)));
	}
}

static size_t count(const char *path, char c)
{
	size_t n = 0;
	for (; *path; path++)
		n += *path == c;
	return n;
}

static void each_row_is_whole_and_stands_once(void **state unused_arg)
{
	const struct route *r;
	const struct route *s;
	for (size_t i = 0; (r = route_at(i)); i++) {
		bool native = str_starts(str_from(r->path), STR("/api/v1/"));
		bool ses = str_starts(str_from(r->path), STR("/v2/email/")) ||
			   str_starts(str_from(r->path), STR("/v1/email/"));
		assert_non_null(r->handle);
		assert_true(r->body_max > 0);
		assert_true(r->status >= 200 && r->status < 300);
		assert_non_null(r->summary);
		assert_int_equal(r->name != NULL, native);
		assert_int_equal(r->auth == AUTH_SIGV4, ses);
		assert_in_range(count(r->path, '{'), 0, CALL_PARAMETERS_MAX);
		for (size_t k = 0; k < i && (s = route_at(k)); k++) {
			assert_false(strcmp(s->path, r->path) == 0 &&
				     strcmp(s->method, r->method) == 0);
			assert_false(native && s->name && strcmp(s->name, r->name) == 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_find_their_rows),
		cmocka_unit_test(only_these_rows_need_no_credentials),
		cmocka_unit_test(each_row_says_who_may_call_it),
		cmocka_unit_test(each_scope_opens_something),
		cmocka_unit_test(each_row_is_whole_and_stands_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

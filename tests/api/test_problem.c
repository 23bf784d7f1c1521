/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kinds of failure as problem documents (RFC 9457) and as SES's errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/problem.h"
#include "api/ses_error.h"

#define SECRET "cannot open '/var/lib/unpend/unpend.db'"

struct kind {
	enum err_kind kind;
	int status;
	const char *code;
	const char *title;
	const char *ses_type;
	int ses_status;
	bool shown; /* the text is for the caller */
};
static const struct kind kinds[] = {
	{ ERR_USAGE, 400, "bad_request", "Bad Request", "BadRequestException", 400,
	  true },
	{ ERR_NOT_FOUND, 404, "not_found", "Not Found", "NotFoundException", 404, true },
	{ ERR_EXISTS, 409, "exists", "Conflict", "AlreadyExistsException", 400, true },
	{ ERR_DENIED, 403, "forbidden", "Forbidden", "BadRequestException", 400, true },
	{ ERR_LIMIT, 429, "too_many", "Too Many Requests", "TooManyRequestsException",
	  429, true },
	{ ERR_UNAVAILABLE, 503, "unavailable", "Service Unavailable",
	  "ServiceUnavailableException", 503, false },
	{ ERR_CONFLICT, 409, "conflict", "Conflict", "ConcurrentModificationException",
	  500, true },
	{ ERR_INTERNAL, 500, "internal", "Internal Server Error",
	  "InternalServiceErrorException", 500, false },
};

struct bench {
	struct arena arena;
	struct http_response response;
	struct call call;
};

static void bench_fill(struct bench *b)
{
	*b = (struct bench){ .response = { .status = 500 } };
	arena_init(&b->arena, 64 * 1024);
	buf_init(&b->response.body, 64 * 1024);
	b->call = (struct call){ .response = &b->response,
				 .arena = &b->arena,
				 .request_id = STR("id-1") };
}

static void bench_empty(struct bench *b)
{
	buf_done(&b->response.body);
	arena_done(&b->arena);
}

static const char *header_of(const struct bench *b, const char *name)
{
	for (size_t i = 0; i < b->response.header_count; i++)
		if (str_is(b->response.headers[i].name, name))
			return b->response.headers[i].value.data;
	return "";
}

static const char *member_of(const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));
	return text ? text : "";
}

static json_t *body_of(const struct bench *b)
{
	json_t *json = json_loadb(b->response.body.data, b->response.body.len, 0, NULL);
	assert_non_null(json);
	return json;
}

static void each_kind_has_its_problem(void **state unused_arg)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct bench b;
		struct err e = { 0 };
		bench_fill(&b);
		err_set(&e, kinds[i].kind, "%s", SECRET);
		problem_answer(&b.call, &e);
		json_t *body = body_of(&b);
		assert_int_equal(b.response.status, kinds[i].status);
		assert_int_equal(json_integer_value(json_object_get(body, "status")),
				 kinds[i].status);
		assert_string_equal(member_of(body, "code"), kinds[i].code);
		assert_string_equal(member_of(body, "title"), kinds[i].title);
		assert_string_equal(member_of(body, "request_id"), "id-1");
		assert_string_equal(header_of(&b, "Content-Type"),
				    "application/problem+json");
		assert_int_equal(strstr(member_of(body, "detail"), SECRET) != NULL,
				 kinds[i].shown);
		json_decref(body);
		bench_empty(&b);
	}
}

static void each_kind_has_its_error_of_ses(void **state unused_arg)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct bench b;
		struct err e = { 0 };
		bench_fill(&b);
		err_set(&e, kinds[i].kind, "%s", SECRET);
		ses_refuse_err(&b.call, &e);
		json_t *body = body_of(&b);
		assert_int_equal(b.response.status, kinds[i].ses_status);
		assert_string_equal(header_of(&b, "x-amzn-ErrorType"), kinds[i].ses_type);
		assert_int_equal(strstr(member_of(body, "message"), SECRET) != NULL,
				 kinds[i].shown);
		json_decref(body);
		bench_empty(&b);
	}
}

static void who_must_wait_is_told_how_long(void **state unused_arg)
{
	struct bench b;
	struct err e = { 0 };
	bench_fill(&b);
	err_set(&e, ERR_LIMIT, "no");
	problem_answer(&b.call, &e);
	assert_string_equal(header_of(&b, "Retry-After"), "5");
	bench_empty(&b);
}

static void what_leaves_is_valid_utf_8(void **state unused_arg)
{
	struct bench b;
	bench_fill(&b);
	ses_refuse(&b.call, "BadRequestException", STR("a\xff\xc3(\x01"));
	json_t *body = body_of(&b);
	assert_string_equal(member_of(body, "message"), "a\xef\xbf\xbd\xef\xbf\xbd(\x01");
	json_decref(body);
	bench_empty(&b);
}

/* --- JSON that comes in --- */

struct text {
	const char *name;
	const char *json;
	bool fine;
};
static const struct text texts[] = {
	{ "an object", "{\"a\": 1}", true },
	{ "brackets in a string do not nest",
	  "{\"a\": \"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}", true },
	{ "an escaped quote does not end a string",
	  "{\"a\": \"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}", true },
	{ "nothing", "", false },
	{ "blanks", " \r\n", false },
	{ "a list", "[]", false },
	{ "a text", "\"a\"", false },
	{ "two objects", "{} {}", false },
	{ "a member twice", "{\"a\": 1, \"a\": 2}", false },
	{ "a NUL in a string", "{\"a\": \"\\u0000\"}", false },
	{ "no UTF-8", "{\"a\": \"\xff\"}", false },
	{ "half of a pair", "{\"a\": \"\\ud800\"}", false },
	{ "too deep",
	  "{\"a\": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
	  false },
	{ "just deep enough",
	  "{\"a\": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
	  true },
};

static void only_sound_json_is_taken(void **state unused_arg)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct err e = { 0 };
		json_t *json = NULL;
		print_message("%s\n", texts[i].name);
		assert_int_equal(call_json_parse(str_from(texts[i].json), &json, &e),
				 texts[i].fine);
		assert_int_equal(e.kind, texts[i].fine ? ERR_NONE : ERR_USAGE);
		json_decref(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_has_its_problem),
		cmocka_unit_test(each_kind_has_its_error_of_ses),
		cmocka_unit_test(who_must_wait_is_told_how_long),
		cmocka_unit_test(what_leaves_is_valid_utf_8),
		cmocka_unit_test(only_sound_json_is_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

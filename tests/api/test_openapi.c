/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The document has each row of the table that routes, and no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/route.h"

static json_t *document_read(void)
{
	auto_buf struct buf text;
	buf_init(&text, 4 * 1024 * 1024);
	api_openapi_write(&text);
	assert_false(text.failed);
	json_t *json =
		json_loadb(buf_cstr(&text), text.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	return json;
}

static const json_t *operation_find(const json_t *document, const struct route *r)
{
	char method[16] = "";
	for (size_t i = 0; r->method[i] && i < sizeof(method) - 1; i++)
		method[i] = ascii_lower(r->method[i]);
	const json_t *paths = json_object_get(document, "paths");
	return json_object_get(json_object_get(paths, r->path), method);
}

static void each_row_is_told_with_its_scope(void **state unused_arg)
{
	auto_json json_t *document = document_read();
	const struct route *r;
	for (size_t i = 0; (r = route_at(i)); i++) {
		const json_t *o = operation_find(document, r);
		print_message("%s %s\n", r->method, r->path);
		assert_int_equal(o != NULL, r->name != NULL);
		if (!o)
			continue;
		const json_t *security = json_object_get(o, "security");
		const json_t *bearer =
			json_object_get(json_array_get(security, 0), "bearer");
		assert_string_equal(json_string_value(json_object_get(o, "operationId")),
				    r->name);
		assert_int_equal(json_array_size(security), r->auth == AUTH_BEARER);
		if (r->auth == AUTH_BEARER && r->scope != SCOPE_ANY)
			assert_string_equal(json_string_value(json_array_get(bearer, 0)),
					    scope_name(r->scope));
	}
}

static void nothing_is_told_that_is_not_there(void **state unused_arg)
{
	auto_json json_t *document = document_read();
	const char *path;
	json_t *methods;
	size_t told = 0;
	size_t rows = 0;
	const struct route *r;
	json_object_foreach(json_object_get(document, "paths"), path, methods) told +=
		json_object_size(methods);
	for (size_t i = 0; (r = route_at(i)); i++)
		rows += r->name != NULL;
	assert_int_equal(told, rows);
}

/* Those of programs; the document's list is written by hand. */
static void the_scopes_are_those_that_there_are(void **state unused_arg)
{
	auto_json json_t *document = document_read();
	const json_t *schemas =
		json_object_get(json_object_get(document, "components"), "schemas");
	const json_t *told = json_object_get(json_object_get(schemas, "Scope"), "enum");
	size_t i = 0;
	for (; scope_at(i); i++)
		assert_string_equal(json_string_value(json_array_get(told, i)),
				    scope_name(scope_at(i)));
	assert_int_equal(json_array_size(told), i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_is_told_with_its_scope),
		cmocka_unit_test(nothing_is_told_that_is_not_there),
		cmocka_unit_test(the_scopes_are_those_that_there_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

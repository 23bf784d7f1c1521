/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The OpenAPI 3.1 document: paths from the route table, schemas from schemas.json. */
#include <assert.h>

#include "api/files.h"
#include "api/handlers.h"
#include "api/route.h"

#define NATIVE "/api/v1/"

static json_t *reference(const char *schema)
{
	return json_pack("{s:s+}", "$ref", "#/components/schemas/", schema);
}

static json_t *content(const char *type, const char *schema)
{
	return json_pack("{s:{s:o}}", type, "schema", reference(schema));
}

static json_t *parameter(const char *in, struct str name, bool required)
{
	return json_pack("{s:s, s:o, s:b, s:{s:s}}", "in", in, "name",
			 call_json_text(name), "required", required, "schema", "type",
			 "string");
}

/* The {name} of the path, then the query's. */
static json_t *parameters(const struct route *r)
{
	json_t *list = json_array();
	struct str path = str_from(r->path);
	size_t open = str_find_byte(path, '{');
	size_t close = str_find_byte(path, '}');
	struct str rest = str_from(r->query);
	struct str name;
	if (open < path.len)
		json_array_append_new(
			list, parameter("path", str_sub(path, open + 1, close - open - 1),
					true));
	while (r->query && str_split(&rest, ' ', &name))
		json_array_append_new(list, parameter("query", name, false));
	return list;
}

static json_t *responses(const struct route *r)
{
	auto_buf struct buf status;
	buf_init(&status, 64);
	buf_printf(&status, "%u", r->status);
	json_t *good = json_pack("{s:s}", "description", r->summary);
	if (r->response)
		json_object_set_new(good, "content",
				    content("application/json", r->response));
	return json_pack("{s:o, s:{s:s, s:o}}", buf_cstr(&status), good, "default",
			 "description", "What went wrong", "content",
			 content("application/problem+json", "Problem"));
}

static json_t *operation(const struct route *r)
{
	json_t *json = json_pack("{s:s, s:o, s:o}", "summary", r->summary, "parameters",
				 parameters(r), "responses", responses(r));
	if (r->request)
		json_object_set_new(json, "requestBody",
				    json_pack("{s:b, s:o}", "required", 1, "content",
					      content("application/json", r->request)));
	if (r->auth == AUTH_NONE)
		json_object_set_new(json, "security", json_array());
	return json;
}

static json_t *paths(void)
{
	json_t *all = json_object();
	const struct route *r;
	for (size_t i = 0; (r = route_at(i)); i++) {
		auto_buf struct buf method = { 0 };
		if (!str_starts(str_from(r->path), STR(NATIVE)))
			continue;
		if (!json_object_get(all, r->path))
			json_object_set_new(all, r->path, json_object());
		buf_init(&method, 64);
		for (const char *at = r->method; *at; at++)
			buf_byte(&method, (uint8_t)ascii_lower(*at));
		json_object_set_new(json_object_get(all, r->path), buf_cstr(&method),
				    operation(r));
	}
	return all;
}

static json_t *schemas(void)
{
	const struct embedded_file *file =
		embedded_find(api_schema_files, STR("schemas.json"));
	assert(file);
	json_t *json = json_loadb((const char *)file->data, file->len, 0, NULL);
	assert(json);
	return json;
}

static int text_take(const char *data, size_t len, void *arg)
{
	buf_add(arg, data, len);
	return 0;
}

void api_openapi_write(struct buf *out)
{
	auto_json json_t *document =
		json_pack("{s:s, s:{s:s, s:s, s:{s:s}}, s:[{s:[]}], s:o, s:{s:{s:{s:s, "
			  "s:s}}, s:o}}",
			  "openapi", "3.1.0", "info", "title", "unpend", "version", "1",
			  "license", "name", "GPL-3.0-or-later", "security", "bearer",
			  "paths", paths(), "components", "securitySchemes", "bearer",
			  "type", "http", "scheme", "bearer", "schemas", schemas());
	assert(document);
	json_dump_callback(document, text_take, out, JSON_INDENT(1));
}

void openapi_get(struct call *c)
{
	auto_buf struct buf text;
	buf_init(&text, 1024 * 1024);
	api_openapi_write(&text);
	call_answer_text(c, 200, "application/json", buf_view(&text));
}

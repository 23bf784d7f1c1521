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

static json_t *parameter(const char *in, struct str name, bool required, const char *type,
			 const char *description)
{
	return json_pack("{s:s, s:o, s:b, s:{s:s}, s:s*}", "in", in, "name",
			 call_json_text(name), "required", required, "schema", "type",
			 type, "description", description);
}

/* What query parameters and headers are. */
struct described {
	const char *name;
	const char *type;
	const char *text;
};

static const struct described queries[] = {
	{ "limit", "integer", "how many at most" },
	{ "cursor", "string", "what the page before gave as `next`" },
	{ "status", "string", "only those of this status" },
	{ "verdict", "string", "only those of this verdict" },
	{ "query", "string", "only those with this in their domain" },
	{ "as", "string", "json, or a form of `unpend records --as`" },
	{ "names", "string", "auto, relative or fqdn" },
	{ "confirm", "string", "the tenant's name" },
	{ "after", "integer", "only events behind this number" },
	{ "identity", "string", "only those of this identity" },
};

static json_t *query_parameter(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(queries); i++)
		if (str_is(name, queries[i].name))
			return parameter("query", name, false, queries[i].type,
					 queries[i].text);
	return parameter("query", name, false, "string", NULL);
}

static bool is_method(const struct route *r, const char *method)
{
	return strcmp(r->method, method) == 0;
}

static bool takes_key(const struct route *r)
{
	return r->auth == AUTH_BEARER && is_method(r, "POST");
}

static json_t *header_parameter(const char *name, const char *text)
{
	return parameter("header", str_from(name), false, "string", text);
}

/* The {name}s of the path, the query's, the headers. */
static json_t *parameters(const struct route *r)
{
	json_t *list = json_array();
	struct str path = str_from(r->path);
	struct str rest = str_from(r->query);
	struct str name;
	while (str_split(&path, '/', &name))
		if (str_starts(name, STR("{")))
			json_array_append_new(
				list, parameter("path", str_sub(name, 1, name.len - 2),
						true, "string", NULL));
	while (r->query && str_split(&rest, ' ', &name))
		json_array_append_new(list, query_parameter(name));
	json_array_append_new(list, header_parameter("Accept-Language", "en or ja"));
	if (takes_key(r))
		json_array_append_new(
			list, header_parameter("Idempotency-Key",
					       "asked twice with it, it is done once"));
	if (r->has_etag && is_method(r, "GET"))
		json_array_append_new(list, header_parameter("If-None-Match",
							     "the ETag that is known"));
	if (r->has_etag && !is_method(r, "GET"))
		json_array_append_new(
			list, header_parameter("If-Match", "the ETag that was read"));
	return list;
}

/* --- answers --- */

static json_t *good_response(const struct route *r, unsigned status)
{
	json_t *good = json_pack("{s:s}", "description", r->summary);
	json_t *content = json_object();
	if (r->response && status != 204 && (status != 202 || r->status == 202))
		json_object_set_new(content, "application/json",
				    json_pack("{s:o}", "schema", reference(r->response)));
	if (r->type)
		json_object_set_new(content, r->type,
				    json_pack("{s:{s:s}}", "schema", "type", "string"));
	if (json_object_size(content) > 0)
		json_object_set(good, "content", content);
	json_decref(content);
	return good;
}

static void response_add(json_t *all, struct str status, json_t *response)
{
	json_object_setn_new(all, status.data, status.len, response);
}

/* A refusal, and when it is one of this operation's. */
static void refusal_add(json_t *all, unsigned status, bool applies)
{
	if (!applies)
		return;
	auto_buf struct buf text;
	buf_init(&text, 64);
	buf_printf(&text, "%u", status);
	response_add(
		all, buf_view(&text),
		status == 304
			? json_pack("{s:s}", "description", "It is what you know")
			: json_pack("{s:s}", "$ref", "#/components/responses/Problem"));
}

static json_t *responses(const struct route *r)
{
	json_t *all = json_object();
	auto_buf struct buf list;
	struct str rest;
	struct str status;
	uint64_t number = 0;
	bool is_read = is_method(r, "GET");
	bool by_token = r->auth == AUTH_BEARER;
	buf_init(&list, 256);
	buf_printf(&list, "%u%s%s", r->status, r->also ? " " : "",
		   r->also ? r->also : "");
	rest = buf_view(&list);
	while (str_split(&rest, ' ', &status))
		if (str_number(status, 599, &number))
			response_add(all, status, good_response(r, (unsigned)number));
	refusal_add(all, 304, r->has_etag && is_read);
	refusal_add(all, 400, r->request || r->query || takes_key(r));
	refusal_add(all, 401, by_token);
	refusal_add(all, 403, by_token);
	refusal_add(all, 404, strchr(r->path, '{') != NULL);
	refusal_add(all, 409, by_token && !is_read);
	refusal_add(all, 412, r->has_etag && !is_read);
	refusal_add(all, 413, r->request != NULL);
	refusal_add(all, 422, takes_key(r));
	refusal_add(all, 429, true);
	response_add(all, STR("default"),
		     json_pack("{s:s}", "$ref", "#/components/responses/Problem"));
	return all;
}

/* OpenAPI 3.1 section 4.8.30: of a scheme without scopes of its own the list names what
 * is needed. */
static json_t *security(const struct route *r)
{
	json_t *needed = json_array();
	if (r->auth != AUTH_BEARER)
		return needed;
	json_t *scopes = json_array();
	if (r->scope != SCOPE_ANY)
		json_array_append_new(scopes, json_string(scope_name(r->scope)));
	json_array_append_new(needed, json_pack("{s:o}", "bearer", scopes));
	return needed;
}

/* What has no member that must be there may be left out as a whole. */
static bool body_is_needed(const struct route *r, const json_t *schemas)
{
	const json_t *schema = json_object_get(schemas, r->request);
	return !is_method(r, "POST") ||
	       json_array_size(json_object_get(schema, "required")) > 0;
}

static json_t *operation(const struct route *r, const json_t *schemas)
{
	json_t *json = json_pack("{s:s, s:s, s:o, s:o, s:o}", "operationId", r->name,
				 "summary", r->summary, "parameters", parameters(r),
				 "responses", responses(r), "security", security(r));
	if (r->request)
		json_object_set_new(json, "requestBody",
				    json_pack("{s:b, s:{s:{s:o}}}", "required",
					      body_is_needed(r, schemas), "content",
					      "application/json", "schema",
					      reference(r->request)));
	return json;
}

static json_t *paths(const json_t *schemas)
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
				    operation(r, schemas));
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

static json_t *components(json_t *schemas)
{
	return json_pack("{s:{s:{s:s, s:s, s:s}}, s:{s:{s:s, s:{s:{s:o}}}}, s:o}",
			 "securitySchemes", "bearer", "type", "http", "scheme", "bearer",
			 "description",
			 "what 'unpend tenant add' or 'unpend token add' "
			 "printed; the names are scopes",
			 "responses", "Problem", "description", "What went wrong",
			 "content", "application/problem+json", "schema",
			 reference("Problem"), "schemas", schemas);
}

void api_openapi_write(struct buf *out)
{
	auto_json json_t *known = schemas();
	auto_json json_t *document = json_pack(
		"{s:s, s:{s:s, s:s, s:{s:s}}, s:o, s:o}", "openapi", "3.1.0", "info",
		"title", "unpend", "version", "1", "license", "name", "GPL-3.0-or-later",
		"paths", paths(known), "components", components(json_incref(known)));
	assert(document);
	json_dump_callback(document, text_take, out, JSON_INDENT(1));
}

void openapi_get(struct call *c)
{
	call_answer_text(c, 200, "application/json", buf_view(&c->api->openapi));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON in and out of requests. */
#include "api/call.h"

enum {
	JSON_DEPTH_MAX = 32,
	JSON_VALUES_MAX = 20000, /* each costs memory many times its text */
	TEXT_MAX = 16 * 1024 * 1024,
};

void json_decref_at(json_t **json)
{
	json_decref(*json);
}

struct shape {
	size_t deepest; /* brackets within brackets; jansson allows too many */
	size_t values;  /* at least */
};

static struct shape shape_of(struct str text)
{
	struct shape shape = { 0, 1 };
	size_t depth = 0;
	bool in_string = false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '{' || c == '['))
			shape.deepest = ++depth > shape.deepest ? depth : shape.deepest;
		else if (!in_string && (c == '}' || c == ']') && depth > 0)
			depth--;
		shape.values += !in_string && c == ',';
	}
	return shape;
}

bool call_json_parse(struct str body, json_t **out, struct err *e)
{
	json_error_t where;
	if (str_trim(body).len == 0)
		return err_set(e, ERR_USAGE,
			       "a JSON object is needed, the body is empty");
	struct shape shape = shape_of(body);
	if (shape.deepest > JSON_DEPTH_MAX)
		return err_set(e, ERR_USAGE, "the JSON nests deeper than %d levels",
			       JSON_DEPTH_MAX);
	if (shape.values > JSON_VALUES_MAX)
		return err_set(e, ERR_USAGE, "the JSON has more than %d values",
			       JSON_VALUES_MAX);
	json_t *json = json_loadb(body.data, body.len, JSON_REJECT_DUPLICATES, &where);
	if (!json)
		return err_set(e, ERR_USAGE, "no valid JSON at line %d, column %d",
			       where.line, where.column);
	if (!json_is_object(json)) {
		json_decref(json);
		return err_set(e, ERR_USAGE, "a JSON object is needed");
	}
	*out = json;
	return true;
}

json_t *call_json_text(struct str text)
{
	json_t *json = json_stringn(text.data, text.len);
	if (json)
		return json;
	auto_buf struct buf clean;
	buf_init(&clean, TEXT_MAX);
	escape_utf8(&clean, text);
	return json_stringn(buf_cstr(&clean), clean.len);
}

struct str call_json_str(const json_t *json)
{
	return str_of(json_string_value(json), json_string_length(json));
}

json_t *call_json_time(int64_t at_s)
{
	if (at_s == 0)
		return json_null();
	auto_buf struct buf text;
	buf_init(&text, 64);
	clock_write_rfc3339(&text, at_s);
	return json_string(buf_cstr(&text));
}

static int body_take(const char *data, size_t len, void *arg)
{
	buf_add(arg, data, len);
	return 0;
}

void call_answer_json(struct call *c, unsigned status, const char *content_type,
		      json_t *json)
{
	struct http_response *r = c->response;
	r->status = status;
	json_dump_callback(json, body_take, &r->body,
			   JSON_COMPACT | JSON_REAL_PRECISION(15));
	json_decref(json);
	http_response_header(r, "Content-Type", str_from(content_type));
}

void call_answer_text(struct call *c, unsigned status, const char *content_type,
		      struct str text)
{
	c->response->status = status;
	buf_str(&c->response->body, text);
	http_response_header(c->response, "Content-Type", str_from(content_type));
}

struct service_caller call_service_caller(const struct call *c)
{
	return (struct service_caller){ c->api->options.service, c->store,
					c->api->options.config, c->tenant.id,
					c->now_ms / 1000 };
}

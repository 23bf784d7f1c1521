/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading and answering, as all handlers of the native API do it. */
#include "api/native.h"

#include "api/problem.h"

#define JSON_TYPE "application/json"

void native_answer(struct call *c, unsigned status, json_t *json)
{
	call_answer_json(c, status, JSON_TYPE, json);
}

void native_refuse(struct call *c, enum err_kind kind, const char *text)
{
	struct err e = { .lang = c->lang };
	err_set(&e, kind, "%s", lang_text(c->lang, text));
	problem_answer(c, &e);
}

void native_answer_created(struct call *c, const char *location, json_t *json)
{
	http_response_header(c->response, "Location", str_from(location));
	native_answer(c, 201, json);
}

struct str native_id_text(struct arena *a, const char *prefix, int64_t id)
{
	return str_from(arena_printf(a, "%s%lld", prefix, (long long)id));
}

bool native_id_parse(struct str text, const char *prefix, int64_t *id_out)
{
	struct str front = str_from(prefix);
	uint64_t n;
	if (!str_starts(text, front) ||
	    !str_number(str_sub(text, front.len, text.len), INT64_MAX, &n))
		return false;
	*id_out = (int64_t)n;
	return true;
}

bool native_identity_find(struct call *c, struct identity_row *out)
{
	struct err e = { .lang = c->lang };
	int64_t id;
	bool parsed = native_id_parse(c->parameters[0], "idn_", &id);
	if (parsed && store_identity_get(c->store, c->arena, c->tenant.id, id, out, &e))
		return true;
	if (parsed && e.kind != ERR_NOT_FOUND)
		problem_answer(c, &e);
	else
		native_refuse(c, ERR_NOT_FOUND, LANG_MARK("there is no such identity"));
	return false;
}

/* --- lists --- */

bool native_limit_read(struct call *c, size_t usual, size_t max, size_t *out)
{
	struct err e = { .lang = c->lang };
	struct str text;
	uint64_t n = usual;
	if (http_query_find(c->request, "limit", &text) &&
	    (!str_number(text, max, &n) || n == 0)) {
		err_set(&e, ERR_USAGE,
			lang_text(c->lang, "limit must be a number from 1 to %zu"), max);
		problem_answer(c, &e);
		return false;
	}
	*out = (size_t)n;
	return true;
}

bool native_cursor_read(struct call *c, const struct page_seal *seal,
			struct str *after_out)
{
	struct err e = { .lang = c->lang };
	struct str cursor;
	*after_out = STR_EMPTY;
	if (!http_query_find(c->request, "cursor", &cursor) || cursor.len == 0)
		return true;
	if (page_token_parse(c->arena, seal, cursor, after_out, &e))
		return true;
	problem_answer(c, &e);
	return false;
}

json_t *native_cursor_json(const struct page_seal *seal, struct str after)
{
	if (!after.data)
		return json_null();
	auto_buf struct buf token;
	buf_init(&token, 4096);
	page_token_write(&token, seal, after);
	return call_json_text(buf_view(&token));
}

/* --- bodies --- */

static bool is_known(const char *known, const char *name)
{
	struct str rest = str_from(known);
	struct str word;
	while (str_split(&rest, ' ', &word))
		if (str_is(word, name))
			return true;
	return false;
}

static bool member_refuse(struct call *c, const char *text, const char *what)
{
	struct err e = { .lang = c->lang };
	err_set(&e, ERR_USAGE, "%s: '%s'", lang_text(c->lang, text), what);
	problem_answer(c, &e);
	return false;
}

bool native_body_read(struct call *c, const char *known, json_t **out)
{
	struct err e = { .lang = c->lang };
	json_t *body;
	const char *name;
	json_t *ignored;
	if (!call_json_parse(c->request->body, &body, &e)) {
		problem_answer(c, &e);
		return false;
	}
	json_object_foreach(body, name, ignored)
	{
		if (is_known(known, name))
			continue;
		(void)!member_refuse(
			c, LANG_MARK("the body has a member that is not known here"),
			name);
		json_decref(body);
		return false;
	}
	*out = body;
	return true;
}

bool native_text_read(struct call *c, const json_t *body, const char *what,
		      struct str *out)
{
	const json_t *member = json_object_get(body, what);
	if (!member)
		return true;
	if (!json_is_string(member))
		return member_refuse(c, LANG_MARK("this member must be a text"), what);
	*out = arena_str(c->arena, call_json_str(member));
	return true;
}

bool native_flag_read(struct call *c, const json_t *body, const char *what, bool *out)
{
	const json_t *member = json_object_get(body, what);
	if (!member)
		return true;
	if (!json_is_boolean(member))
		return member_refuse(c, LANG_MARK("this member must be true or false"),
				     what);
	*out = json_is_true(member);
	return true;
}

bool native_seconds_read(struct call *c, const json_t *body, const char *what,
			 int64_t max, int64_t *out)
{
	const json_t *member = json_object_get(body, what);
	if (!member)
		return true;
	int64_t n = json_integer_value(member);
	if (!json_is_integer(member) || n < 1 || n > max) {
		struct err e = { .lang = c->lang };
		err_set(&e, ERR_USAGE,
			lang_text(c->lang, "'%s' must be a number of seconds from 1 to "
					   "%lld"),
			what, (long long)max);
		problem_answer(c, &e);
		return false;
	}
	*out = n;
	return true;
}

/* --- conditions --- */

/* RFC 9110 section 13.1: a list of tags, or "*". A weak tag fits only weakly. */
static bool etag_is_named(struct str header, struct str etag, bool weakly)
{
	struct str rest = header;
	struct str tag;
	while (str_split(&rest, ',', &tag)) {
		tag = str_trim(tag);
		if (weakly && str_starts(tag, STR("W/")))
			tag = str_sub(tag, 2, tag.len);
		if (str_equal(tag, etag) || str_is(tag, "*"))
			return true;
	}
	return false;
}

bool native_etag_is_news(struct call *c, struct str etag)
{
	struct str known = http_header_find(c->request, "if-none-match");
	http_response_header(c->response, "ETag", etag);
	if (!known.data || !etag_is_named(known, etag, true))
		return true;
	c->response->status = 304;
	return false;
}

bool native_etag_fits(struct call *c, struct str etag)
{
	struct str wanted = http_header_find(c->request, "if-match");
	if (!wanted.data || etag_is_named(wanted, etag, false))
		return true;
	problem_answer_status(
		c, 412, "changed",
		str_from(lang_text(c->lang, "it was changed since you read it: read "
					    "it again")));
	return false;
}

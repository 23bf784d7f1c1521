/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SES's sentences about JSON types and constraints. */
#include "api/ses_input.h"

#include "api/ses_error.h"

enum {
	VIOLATIONS_MAX = 8 * 1024,
	VIOLATIONS_TOLD = 50,
	TEXTS_MAX = 100,
};

static const struct str absent = { NULL, 0 };

static void decref(void *json)
{
	json_decref(json);
}

bool ses_input_open(struct ses_input *in, struct call *c)
{
	struct err e = { 0 };
	*in = (struct ses_input){ .call = c };
	if (!call_json_parse(c->request->body, &in->root, &e)) {
		ses_refuse(c, "SerializationException",
			   str_trim(c->request->body).len ? str_from(e.text) : absent);
		return false;
	}
	arena_on_done(c->arena, decref, in->root);
	buf_init(&in->violations, VIOLATIONS_MAX);
	return true;
}

bool ses_input_holds(struct ses_input *in)
{
	if (in->type_error)
		ses_refuse(in->call, "SerializationException", str_from(in->type_error));
	else if (in->violation_count > 0)
		ses_refuse_printf(
			in->call, "BadRequestException",
			"%zu validation error%s detected: %s", in->violation_count,
			in->violation_count == 1 ? "" : "s", buf_cstr(&in->violations));
	bool holds = !in->type_error && in->violation_count == 0;
	buf_done(&in->violations);
	return holds;
}

/* --- types --- */

static void type_fail(struct ses_input *in, const char *text)
{
	if (!in->type_error)
		in->type_error = text;
}

static const char *no_text(const json_t *json)
{
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		return "Start of structure or map found where not expected.";
	case JSON_ARRAY:
		return "Start of list found where not expected";
	case JSON_INTEGER:
	case JSON_REAL:
		return "NUMBER_VALUE can not be converted to a String";
	case JSON_TRUE:
		return "TRUE_VALUE can not be converted to a String";
	case JSON_FALSE:
		return "FALSE_VALUE can not be converted to a String";
	case JSON_STRING:
	case JSON_NULL:
		break;
	}
	return NULL;
}

static const json_t *member_of(const struct ses_input *in, const json_t *object,
			       const char *member)
{
	const json_t *json = in->type_error ? NULL : json_object_get(object, member);
	return json_is_null(json) ? NULL : json;
}

static struct str text_of(struct ses_input *in, const json_t *json)
{
	if (!json || in->type_error)
		return absent;
	if (json_is_string(json))
		return call_json_str(json);
	type_fail(in, no_text(json));
	return absent;
}

struct str ses_input_text(struct ses_input *in, const json_t *object, const char *member)
{
	return text_of(in, member_of(in, object, member));
}

const json_t *ses_input_object(struct ses_input *in, const json_t *object,
			       const char *member)
{
	const json_t *json = member_of(in, object, member);
	if (!json || json_is_object(json))
		return json;
	type_fail(in, json_is_array(json) ? "Start of list found where not expected"
					  : "Expected structure or null");
	return NULL;
}

const json_t *ses_input_list(struct ses_input *in, const json_t *object,
			     const char *member)
{
	const json_t *json = member_of(in, object, member);
	if (!json || json_is_array(json))
		return json;
	type_fail(in, "Expected list or null");
	return NULL;
}

const json_t *ses_input_item(struct ses_input *in, const json_t *list, size_t index)
{
	const json_t *json = json_array_get(list, index);
	if (json_is_object(json))
		return json;
	type_fail(in, "Expected structure or null");
	return NULL;
}

struct str *ses_input_texts(struct ses_input *in, const json_t *object,
			    const char *member, size_t *count_out)
{
	const json_t *list = ses_input_list(in, object, member);
	size_t count = json_array_size(list);
	*count_out = 0;
	if (count > TEXTS_MAX)
		type_fail(in, "a list has more than 100 items");
	if (in->type_error || count == 0)
		return NULL;
	struct str *texts = arena_array(in->call->arena, count, sizeof(*texts));
	for (size_t i = 0; i < count; i++) {
		texts[i] = text_of(in, json_array_get(list, i));
		if (!texts[i].data)
			texts[i] = STR_EMPTY;
	}
	*count_out = count;
	return texts;
}

struct str ses_input_blob(struct ses_input *in, const json_t *object, const char *member)
{
	struct str coded = ses_input_text(in, object, member);
	if (!coded.data)
		return absent;
	auto_buf struct buf plain;
	buf_init(&plain, coded.len + 1);
	if (base64_parse(&plain, coded))
		return arena_str(in->call->arena, buf_view(&plain));
	type_fail(in, "Invalid base64 where binary data was expected");
	return absent;
}

/* --- constraints --- */

void ses_input_violate(struct ses_input *in, const char *path, const char *constraint)
{
	if (in->type_error || in->violation_count == VIOLATIONS_TOLD)
		return;
	buf_printf(&in->violations, "%sValue at '%s' failed to satisfy constraint: %s",
		   in->violation_count ? "; " : "", path, constraint);
	in->violation_count++;
}

void ses_input_need(struct ses_input *in, bool present, const char *path)
{
	if (!present)
		ses_input_violate(in, path, "Member must not be null");
}

void ses_input_length(struct ses_input *in, struct str text, size_t max, const char *path)
{
	if (!text.data)
		return;
	if (text.len == 0)
		ses_input_violate(in, path,
				  "Member must have length greater than or equal to 1");
	if (text.len > max)
		ses_input_violate(
			in, path,
			arena_printf(in->call->arena,
				     "Member must have length less than or equal to %zu",
				     max));
}

void ses_input_enum(struct ses_input *in, struct str text, const char *set,
		    const char *path)
{
	if (!text.data)
		return;
	struct str rest = str_sub(str_from(set), 1, strlen(set) - 2);
	struct str word;
	while (str_split(&rest, ',', &word))
		if (str_equal(str_trim(word), text))
			return;
	ses_input_violate(in, path,
			  arena_printf(in->call->arena,
				       "Member must satisfy enum value set: %s", set));
}

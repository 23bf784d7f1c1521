/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON as people read it: byte for byte what json_dumps gives with an indent of 2 and in
 * ASCII. That looks for values which hold themselves, and writes character by character,
 * for most of the time that a report takes; ours are trees, and their texts are plain.
 */
#include <jansson.h>

#include "cmd/report.h"

enum {
	INDENT = 2,
};

static void write_value(struct buf *out, json_t *value, size_t depth);

static bool is_plain(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
			return false;
	}
	return true;
}

/* What is rare: the library knows how. */
static void write_rare(struct buf *out, const json_t *value)
{
	auto_free char *text = json_dumps(value, JSON_ENSURE_ASCII | JSON_ENCODE_ANY);

	buf_text(out, text ? text : "null");
}

static void write_text(struct buf *out, struct str text)
{
	if (!is_plain(text)) {
		json_t *value = json_stringn(text.data, text.len);
		write_rare(out, value);
		json_decref(value);
		return;
	}
	buf_byte(out, '"');
	buf_str(out, text);
	buf_byte(out, '"');
}

/* Before an item, or before the end of the last one. */
static void begin_line(struct buf *out, size_t depth)
{
	buf_byte(out, '\n');
	buf_fill(out, ' ', INDENT * depth);
}

static void write_array(struct buf *out, json_t *array, size_t depth)
{
	size_t count = json_array_size(array);

	buf_byte(out, '[');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_byte(out, ',');
		begin_line(out, depth + 1);
		write_value(out, json_array_get(array, i), depth + 1);
	}
	if (count > 0)
		begin_line(out, depth);
	buf_byte(out, ']');
}

static void write_object(struct buf *out, json_t *object, size_t depth)
{
	void *at = json_object_iter(object);

	buf_byte(out, '{');
	for (bool is_first = true; at; is_first = false) {
		if (!is_first)
			buf_byte(out, ',');
		begin_line(out, depth + 1);
		write_text(out, str_from(json_object_iter_key(at)));
		buf_text(out, ": ");
		write_value(out, json_object_iter_value(at), depth + 1);
		at = json_object_iter_next(object, at);
	}
	if (json_object_size(object) > 0)
		begin_line(out, depth);
	buf_byte(out, '}');
}

static void write_value(struct buf *out, json_t *value, size_t depth)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		write_object(out, value, depth);
		return;
	case JSON_ARRAY:
		write_array(out, value, depth);
		return;
	case JSON_STRING:
		write_text(out,
			   str_of(json_string_value(value), json_string_length(value)));
		return;
	case JSON_INTEGER:
		buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		return;
	case JSON_REAL:
		write_rare(out, value);
		return;
	case JSON_TRUE:
		buf_text(out, "true");
		return;
	case JSON_FALSE:
		buf_text(out, "false");
		return;
	case JSON_NULL:
		buf_text(out, "null");
		return;
	}
}

void json_write(struct buf *out, struct json_t *json)
{
	write_value(out, json, 0);
	buf_byte(out, '\n');
	json_decref(json);
}

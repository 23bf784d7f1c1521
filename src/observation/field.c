/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structs to JSON and back by tables of rows. */
#include "observation/field.h"

#include <assert.h>

#include "observation/observation.h"

enum {
	TEXT_MAX = 512 * 1024, /* of one value: rdata with every octet escaped fits */
	FOREIGN_MAX = 64,      /* characters of a value shown in an error */
	PATH_MAX_LEN = 400,    /* octets of a path in an error */
};

static const void *part_of(const void *thing, size_t offset)
{
	return (const char *)thing + offset;
}

static size_t count_of(const struct field *f, const void *thing)
{
	size_t count;

	memcpy(&count, part_of(thing, f->beside), sizeof(count));
	return count;
}

static uint16_t number16_at(const void *at)
{
	uint16_t n;

	memcpy(&n, at, sizeof(n));
	return n;
}

static uint32_t number32_at(const void *at)
{
	uint32_t n;

	memcpy(&n, at, sizeof(n));
	return n;
}

static int64_t number64_at(const void *at)
{
	int64_t n;

	memcpy(&n, at, sizeof(n));
	return n;
}

static bool is_empty(const struct field *f, const void *thing)
{
	const void *at = part_of(thing, f->offset);

	switch (f->kind) {
	case FIELD_BOOL:
		return !*(const bool *)at;
	case FIELD_U16:
	case FIELD_TYPE:
	case FIELD_RCODE:
		return number16_at(at) == 0;
	case FIELD_U32:
	case FIELD_WORD:
		return number32_at(at) == 0;
	case FIELD_I64:
		return number64_at(at) == 0;
	case FIELD_NAME:
		return ((const struct dns_name *)at)->len == 0;
	case FIELD_ADDRESS:
		return ((const struct address *)at)->family == 0;
	case FIELD_BYTES:
	case FIELD_RDATA:
		return ((const struct str *)at)->len == 0;
	case FIELD_LIST:
		return count_of(f, thing) == 0;
	case FIELD_SCHEMA:
	case FIELD_OBJECT:
		break;
	}
	return false;
}

static bool is_present(const struct field *f, const void *thing)
{
	switch (f->presence) {
	case FIELD_ALWAYS:
		return true;
	case FIELD_UNLESS_EMPTY:
		return !is_empty(f, thing);
	case FIELD_IF_FLAG:
		return *(const bool *)part_of(thing, f->beside);
	case FIELD_IF:
		return f->holds(thing);
	}
	return true;
}

/* Writing */

static void write_bytes(struct buf *out, const struct str *bytes)
{
	for (size_t i = 0; i < bytes->len; i++)
		dns_octet_write(out, (uint8_t)bytes->data[i], "\\");
}

static const char *word_of(const struct field_words *words, uint32_t value)
{
	assert(value < words->count);
	return words->words[value];
}

static json_t *text_write(const struct field *f, const void *thing)
{
	const void *at = part_of(thing, f->offset);
	auto_buf struct buf text;

	buf_init(&text, TEXT_MAX);
	switch (f->kind) {
	case FIELD_NAME:
		dns_name_write(&text, at);
		break;
	case FIELD_TYPE:
		dns_type_write(&text, number16_at(at));
		break;
	case FIELD_RCODE:
		dns_rcode_write(&text, number16_at(at));
		break;
	case FIELD_WORD:
		buf_text(&text, word_of(f->words, number32_at(at)));
		break;
	case FIELD_ADDRESS:
		address_write(&text, at);
		break;
	case FIELD_BYTES:
		write_bytes(&text, at);
		break;
	case FIELD_RDATA:
		dns_rdata_write(&text, number16_at(part_of(thing, f->beside)),
				*(const struct str *)at);
		break;
	case FIELD_SCHEMA:
	case FIELD_BOOL:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_I64:
	case FIELD_OBJECT:
	case FIELD_LIST:
		break;
	}
	assert(!text.failed);
	return json_stringn(buf_cstr(&text), text.len);
}

static json_t *field_write(const struct field *f, const void *thing);

static json_t *list_write(const struct field *f, const void *thing)
{
	const char *items;
	json_t *array = json_array();

	memcpy(&items, part_of(thing, f->offset), sizeof(items));
	for (size_t i = 0; i < count_of(f, thing); i++) {
		json_t *item = field_write(&f->list->item, items + i * f->list->size);
		/* Out of memory ends the process. */
		if (json_array_append_new(array, item) != 0)
			abort();
	}
	return array;
}

static json_t *field_write(const struct field *f, const void *thing)
{
	const void *at = part_of(thing, f->offset);

	switch (f->kind) {
	case FIELD_SCHEMA:
		return json_integer(OBSERVATION_VERSION);
	case FIELD_BOOL:
		return json_boolean(*(const bool *)at);
	case FIELD_U16:
		return json_integer(number16_at(at));
	case FIELD_U32:
		return json_integer(number32_at(at));
	case FIELD_I64:
		return json_integer(number64_at(at));
	case FIELD_NAME:
	case FIELD_TYPE:
	case FIELD_RCODE:
	case FIELD_WORD:
	case FIELD_ADDRESS:
	case FIELD_BYTES:
	case FIELD_RDATA:
		return text_write(f, thing);
	case FIELD_OBJECT:
		return field_object_write(f->fields, at);
	case FIELD_LIST:
		return list_write(f, thing);
	}
	return NULL;
}

json_t *field_object_write(const struct field *fields, const void *thing)
{
	json_t *object = json_object();

	for (const struct field *f = fields; f->key; f++) {
		if (!is_present(f, thing))
			continue;
		/* Out of memory ends the process. */
		if (json_object_set_new(object, f->key, field_write(f, thing)) != 0)
			abort();
	}
	return object;
}

/* Reading */

/* Where a value stands: a key of the object above, or an index of the list above. */
struct place {
	const struct place *up;
	const char *key;
	size_t index;
};

struct reader {
	struct arena *arena;
	struct err *e;
};

static void path_write(struct buf *out, const struct place *p)
{
	if (!p->up)
		return;
	path_write(out, p->up);
	if (p->key)
		buf_printf(out, out->len > 0 ? ".%s" : "%s", p->key);
	else
		buf_printf(out, "[%zu]", p->index);
}

/* Puts the path in front of the error. */
static bool fail_at(const struct reader *r, const struct place *p)
{
	auto_buf struct buf path;

	buf_init(&path, PATH_MAX_LEN);
	path_write(&path, p);
	return err_in(r->e, "%s", path.len > 0 ? buf_cstr(&path) : "observation");
}

static bool bool_read(struct reader *r, const json_t *json, bool *out)
{
	if (!json_is_boolean(json))
		return err_set(r->e, ERR_USAGE, "is not true or false");
	*out = json_is_true(json);
	return true;
}

static bool integer_read(struct reader *r, const json_t *json, int64_t max, int64_t *out)
{
	int64_t n = json_integer_value(json);

	if (!json_is_integer(json) || n < 0 || n > max)
		return err_set(r->e, ERR_USAGE, "is not an integer from 0 to %lld",
			       (long long)max);
	*out = n;
	return true;
}

static bool number_read(struct reader *r, const struct field *f, const json_t *json,
			void *at)
{
	int64_t n = 0;

	if (f->kind == FIELD_I64) {
		if (!integer_read(r, json, FIELD_TIME_MAX, &n))
			return false;
		memcpy(at, &n, sizeof(n));
		return true;
	}
	if (!integer_read(r, json, f->kind == FIELD_U16 ? UINT16_MAX : UINT32_MAX, &n))
		return false;
	if (f->kind == FIELD_U16)
		memcpy(at, &(uint16_t){ (uint16_t)n }, sizeof(uint16_t));
	else
		memcpy(at, &(uint32_t){ (uint32_t)n }, sizeof(uint32_t));
	return true;
}

static bool schema_read(struct reader *r, const json_t *json)
{
	if (!json_is_integer(json) || json_integer_value(json) != OBSERVATION_VERSION)
		return err_set(r->e, ERR_USAGE,
			       "is not %d, the schema that is understood",
			       OBSERVATION_VERSION);
	return true;
}

static bool word_read(struct reader *r, const struct field_words *words, struct str text,
		      void *at)
{
	for (uint32_t i = 0; i < words->count; i++) {
		if (str_is(text, words->words[i])) {
			memcpy(at, &i, sizeof(i));
			return true;
		}
	}
	return err_set(r->e, ERR_USAGE, "'%.*s' is not a word that stands here",
		       STR_ARG(str_sub(text, 0, FOREIGN_MAX)));
}

static bool bytes_read(struct reader *r, struct str text, struct str *out)
{
	struct cursor c = cursor_over(text);
	char *bytes = arena_try(r->arena, text.len + 1);
	size_t len = 0;

	if (!bytes)
		return err_set(r->e, ERR_LIMIT, "no room for the text");
	while (cursor_left(&c) > 0) {
		uint8_t octet = cursor_u8(&c);
		if (octet == '\\' && !dns_escape_read(&c, &octet, r->e))
			return false;
		bytes[len++] = (char)octet;
	}
	*out = str_of(bytes, len);
	return true;
}

static bool text_read(struct reader *r, const struct field *f, const json_t *json,
		      void *thing)
{
	struct str text = str_of(json_string_value(json), json_string_length(json));
	void *at = (char *)thing + f->offset;
	struct str shown = str_sub(text, 0, FOREIGN_MAX);

	if (!json_is_string(json))
		return err_set(r->e, ERR_USAGE, "is not a string");
	switch (f->kind) {
	case FIELD_NAME:
		return dns_name_parse(text, at, r->e);
	case FIELD_TYPE:
		return dns_type_parse(text, at) ||
		       err_set(r->e, ERR_USAGE, "'%.*s' is not a type", STR_ARG(shown));
	case FIELD_RCODE:
		return dns_rcode_parse(text, at) ||
		       err_set(r->e, ERR_USAGE, "'%.*s' is not a response code",
			       STR_ARG(shown));
	case FIELD_WORD:
		return word_read(r, f->words, text, at);
	case FIELD_ADDRESS:
		return address_parse(text, 53, at) ||
		       err_set(r->e, ERR_USAGE, "'%.*s' is not an address",
			       STR_ARG(shown));
	case FIELD_BYTES:
		return bytes_read(r, text, at);
	case FIELD_RDATA:
		return dns_rdata_parse(r->arena, number16_at(part_of(thing, f->beside)),
				       text, at, r->e);
	case FIELD_SCHEMA:
	case FIELD_BOOL:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_I64:
	case FIELD_OBJECT:
	case FIELD_LIST:
		break;
	}
	return true;
}

static bool field_read(struct reader *r, const struct field *f, const json_t *json,
		       const struct place *place, void *thing);

static bool list_read(struct reader *r, const struct field *f, const json_t *json,
		      const struct place *place, void *thing)
{
	const struct field_list *list = f->list;
	size_t count = json_array_size(json);
	char *items = NULL;

	if (!json_is_array(json)) {
		err_set(r->e, ERR_USAGE, "is not a list");
		return fail_at(r, place);
	}
	if (count > list->max) {
		err_set(r->e, ERR_USAGE, "has %zu items, %zu are the most", count,
			list->max);
		return fail_at(r, place);
	}
	if (count > 0 && !(items = arena_try(r->arena, count * list->size))) {
		err_set(r->e, ERR_LIMIT, "no room for %zu items", count);
		return fail_at(r, place);
	}
	for (size_t i = 0; i < count; i++) {
		struct place below = { place, NULL, i };
		if (!field_read(r, &list->item, json_array_get(json, i), &below,
				items + i * list->size))
			return false;
	}
	memcpy((char *)thing + f->offset, &items, sizeof(items));
	memcpy((char *)thing + f->beside, &count, sizeof(count));
	return true;
}

static bool leaf_read(struct reader *r, const struct field *f, const json_t *json,
		      void *thing)
{
	void *at = (char *)thing + f->offset;

	switch (f->kind) {
	case FIELD_SCHEMA:
		return schema_read(r, json);
	case FIELD_BOOL:
		return bool_read(r, json, at);
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_I64:
		return number_read(r, f, json, at);
	case FIELD_NAME:
	case FIELD_TYPE:
	case FIELD_RCODE:
	case FIELD_WORD:
	case FIELD_ADDRESS:
	case FIELD_BYTES:
	case FIELD_RDATA:
		return text_read(r, f, json, thing);
	case FIELD_OBJECT:
	case FIELD_LIST:
		break;
	}
	return true;
}

/* Whether the absence or presence of a key is as the row wants it. */
static bool check_presence(struct reader *r, const struct field *f, const json_t *value,
			   void *thing)
{
	if (f->presence == FIELD_IF_FLAG)
		memcpy((char *)thing + f->beside, &(bool){ value != NULL }, sizeof(bool));
	if (!value &&
	    (f->presence == FIELD_ALWAYS || (f->presence == FIELD_IF && f->holds(thing))))
		return err_set(r->e, ERR_USAGE, "is missing");
	if (value && f->presence == FIELD_IF && !f->holds(thing))
		return err_set(r->e, ERR_USAGE, "contradicts what stands beside it");
	return true;
}

static bool object_read(struct reader *r, const struct field *fields, const json_t *json,
			const struct place *place, void *thing)
{
	size_t found = 0;

	if (!json_is_object(json)) {
		err_set(r->e, ERR_USAGE, "is not an object");
		return fail_at(r, place);
	}
	for (const struct field *f = fields; f->key; f++) {
		const json_t *value = json_object_get(json, f->key);
		struct place below = { place, f->key, 0 };
		if (!check_presence(r, f, value, thing))
			return fail_at(r, &below);
		found += value ? 1 : 0;
		if (value && !field_read(r, f, value, &below, thing))
			return false;
	}
	if (json_object_size(json) > found) {
		err_set(r->e, ERR_USAGE, "has a key that is not known");
		return fail_at(r, place);
	}
	return true;
}

static bool field_read(struct reader *r, const struct field *f, const json_t *json,
		       const struct place *place, void *thing)
{
	if (f->kind == FIELD_LIST)
		return list_read(r, f, json, place, thing);
	if (f->kind == FIELD_OBJECT)
		return object_read(r, f->fields, json, place, (char *)thing + f->offset);
	return leaf_read(r, f, json, thing) || fail_at(r, place);
}

bool field_object_read(const struct field *fields, const json_t *json, struct arena *a,
		       void *thing, struct err *e)
{
	struct reader r = { a, e };
	const struct place top = { 0 };

	return object_read(&r, fields, json, &top, thing);
}

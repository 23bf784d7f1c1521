/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values: setting them by their text, reading them by their type. */
#include "config/config.h"

#include <assert.h>

#include "config/options.h"
#include "config/values.h"

enum {
	ARENA_LIMIT = 4 * 1024 * 1024,
	VALUE_MAX = 16 * 1024,
	ITEMS_MAX = 1024,
};

struct config *config_new(void)
{
	struct config *c = xalloc(1, sizeof(*c));

	arena_init(&c->arena, ARENA_LIMIT);
	for (size_t i = 0; i < CONFIG_KEY_COUNT; i++) {
		const struct config_option *o = option_get((enum config_key)i);
		struct err e = { 0 };
		bool fits = values_set(c, (enum config_key)i, str_from(o->standard), NULL,
				       &e);

		/* The table's defaults obey the table. */
		assert(fits);
	}
	return c;
}

void config_free(struct config **c)
{
	if (!*c)
		return;
	arena_done(&(*c)->arena);
	xfree(*c);
	*c = NULL;
}

static bool refuse(const struct config_option *o, struct str value, struct err *e)
{
	auto_buf struct buf allowed;

	buf_init(&allowed, 512);
	option_write_allowed(o, &allowed);
	return err_set(e, ERR_USAGE, LANG_MARK("'%s.%s' must be %s, not '%.*s'"),
		       o->section, o->name, buf_cstr(&allowed),
		       STR_ARG(str_sub(value, 0, 80)));
}

/* What a suffix multiplies with to give milliseconds; 0: no such suffix. */
static uint64_t suffix_ms(struct str suffix)
{
	static const struct {
		const char *suffix;
		uint64_t ms;
	} suffixes[] = {
		{ "ms", 1 },      { "s", 1000 },     { "m", 60000 },
		{ "h", 3600000 }, { "d", 86400000 },
	};

	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		if (str_is(suffix, suffixes[i].suffix))
			return suffixes[i].ms;
	}
	return 0;
}

/* A number in the option's unit; a duration may have its unit behind it ("72h"). */
static bool parse_number(const struct config_option *o, struct str text, int64_t *out)
{
	struct cursor c = cursor_over(text);
	struct str digits = cursor_while(&c, "0123456789");
	struct str suffix = cursor_bytes(&c, cursor_left(&c));
	uint64_t n;

	if (!str_number(digits, INT32_MAX, &n))
		return false;
	if (suffix.len > 0) {
		uint64_t own = o->unit == OPTION_SECONDS ? 1000 : 1;
		uint64_t ms = n * suffix_ms(suffix);

		if (o->unit == OPTION_PLAIN || suffix_ms(suffix) == 0 || ms % own != 0)
			return false;
		n = ms / own;
	}
	if (n > INT64_MAX || (int64_t)n < o->min || (int64_t)n > o->max)
		return false;
	*out = (int64_t)n;
	return true;
}

static bool parse_flag(struct str text, int64_t *out)
{
	static const char *const words[] = { "false", "true", "no", "yes",
					     "off",   "on",   "0",  "1" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (str_equal_nocase(text, str_from(words[i]))) {
			*out = (int64_t)(i % 2);
			return true;
		}
	}
	return false;
}

static bool is_choice(const struct config_option *o, struct str text)
{
	struct str rest = str_from(o->choices);
	struct str choice;

	while (str_split(&rest, ' ', &choice)) {
		if (str_equal(choice, text))
			return true;
	}
	return false;
}

static bool parse_list(struct arena *a, const struct config_option *o,
		       struct config_value *v)
{
	struct cursor c = cursor_over(v->text);
	struct str *items = arena_array(a, v->text.len / 2 + 1, sizeof(*items));

	for (;;) {
		cursor_while(&c, ", \t");
		struct str item = cursor_until(&c, ", \t");
		if (item.len == 0)
			break;
		if (v->count == ITEMS_MAX)
			return false;
		items[v->count] = arena_str(a, item);
		if (o->check && !o->check(items[v->count].data))
			return false;
		v->count++;
	}
	v->items = items;
	return true;
}

static bool parse_value(struct arena *a, const struct config_option *o,
			struct config_value *v)
{
	switch (o->type) {
	case OPTION_TEXT:
		if (v->text.len == 0)
			return o->standard[0] == '\0' || (o->check && o->check(""));
		return !o->check || o->check(v->text.data);
	case OPTION_PATH:
		/* Where no file means "without", the help says so. */
		return true;
	case OPTION_CHOICE:
		return is_choice(o, v->text);
	case OPTION_FLAG:
		return parse_flag(v->text, &v->number);
	case OPTION_NUMBER:
		return parse_number(o, v->text, &v->number);
	case OPTION_LIST:
		return parse_list(a, o, v);
	}
	return false;
}

bool values_set(struct config *c, enum config_key key, struct str text,
		const char *origin, struct err *e)
{
	const struct config_option *o = option_get(key);
	struct config_value v = { 0 };

	text = str_trim(text);
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.data[i] < ' ' && text.data[i] != '\t')
			return err_set(e, ERR_USAGE,
				       "'%s.%s' has a control character in it",
				       o->section, o->name);
	}
	/* Each setting takes a few times its length of the arena; the values are few. */
	if (text.len > VALUE_MAX || c->arena.used > ARENA_LIMIT / 2)
		return err_set(e, ERR_USAGE, "'%s.%s' is too long", o->section, o->name);
	v.text = arena_str(&c->arena, text);
	if (!parse_value(&c->arena, o, &v))
		return refuse(o, text, e);
	v.origin = origin ? arena_text(&c->arena, str_from(origin)) : NULL;
	c->values[key] = v;
	return true;
}

bool values_find(struct str name, enum config_key *key_out, struct err *e)
{
	if (option_find(name, key_out))
		return true;
	const struct config_option *near = option_get(option_find_nearest(name));
	return err_set(e, ERR_USAGE, LANG_MARK("unknown key '%.*s'; nearest is '%s.%s'"),
		       STR_ARG(str_sub(name, 0, OPTION_NAME_MAX)), near->section,
		       near->name);
}

bool config_set(struct config *c, struct str name, struct str value, const char *origin,
		struct err *e)
{
	enum config_key key;

	if (!values_find(name, &key, e) || !values_set(c, key, value, origin, e))
		return err_in(e, "%s", origin);
	return true;
}

static const struct config_value *get(const struct config *c, enum config_key key)
{
	assert((size_t)key < CONFIG_KEY_COUNT);
	return &c->values[key];
}

struct str config_text(const struct config *c, enum config_key key)
{
	return get(c, key)->text;
}

const char *config_cstr(const struct config *c, enum config_key key)
{
	return get(c, key)->text.data;
}

int64_t config_number(const struct config *c, enum config_key key)
{
	assert(option_get(key)->type == OPTION_NUMBER);
	return get(c, key)->number;
}

bool config_flag(const struct config *c, enum config_key key)
{
	assert(option_get(key)->type == OPTION_FLAG);
	return get(c, key)->number != 0;
}

const struct str *config_list(const struct config *c, enum config_key key,
			      size_t *count_out)
{
	assert(option_get(key)->type == OPTION_LIST);
	*count_out = get(c, key)->count;
	return get(c, key)->items;
}

bool config_is_set(const struct config *c, enum config_key key)
{
	return get(c, key)->origin != NULL;
}

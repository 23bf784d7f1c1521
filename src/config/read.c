/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where values come from: the INI file, the environment. inih reads the INI; it does
 * not tell line numbers, so the reader that feeds it counts them.
 */
#include <ini.h>

#include "config/options.h"
#include "config/values.h"

enum {
	FILE_MAX = 1024 * 1024,
	LINE_MAX_BYTES = 4096,
};

struct reading {
	struct config *config;
	const char *path;
	struct cursor in;
	int line;
	bool continues;                    /* the present line began with a blank */
	int set_in_line[CONFIG_KEY_COUNT]; /* 0: not in this file */
	bool failed;                       /* e is filled, by failed_line */
	int failed_line;
	struct err *e;
};

static void fail_here(struct reading *r)
{
	r->failed = true;
	r->failed_line = r->line;
	err_in(r->e, "'%s' line %d", r->path, r->line);
}

/* Gives inih one line, as fgets would. */
static char *read_line(char *line, int size, void *thing)
{
	struct reading *r = thing;

	if (r->failed || cursor_at_end(&r->in))
		return NULL;
	struct str text = cursor_until(&r->in, "\n");
	cursor_accept(&r->in, '\n');
	r->line++;
	r->continues = text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t');
	if (text.len + 2 > (size_t)size || str_find_byte(text, '\0') < text.len) {
		err_set(r->e, ERR_USAGE, "the line is too long, or not text");
		fail_here(r);
		return NULL;
	}
	memcpy(line, text.data, text.len);
	line[text.len] = '\n';
	line[text.len + 1] = '\0';
	return line;
}

/* A line that begins with a blank goes on with the list above it. */
static bool set_continued(struct reading *r, enum config_key key, struct str value,
			  const char *origin)
{
	const struct config_option *o = option_get(key);

	if (o->type != OPTION_LIST)
		return err_set(r->e, ERR_USAGE,
			       "'%s.%s' is one line; this one begins with a blank",
			       o->section, o->name);
	auto_buf struct buf joined;
	buf_init(&joined, FILE_MAX);
	buf_str(&joined, config_text(r->config, key));
	buf_byte(&joined, ' ');
	buf_str(&joined, value);
	return values_set(r->config, key, buf_view(&joined), origin, r->e);
}

static bool set_one(struct reading *r, struct str name, struct str value)
{
	enum config_key key;
	auto_buf struct buf origin;

	buf_init(&origin, LINE_MAX_BYTES);
	buf_printf(&origin, "'%s' line %d", r->path, r->line);
	if (!values_find(name, &key, r->e))
		return false;
	if (r->set_in_line[key] && r->continues)
		return set_continued(r, key, value, buf_cstr(&origin));
	if (r->set_in_line[key])
		return err_set(r->e, ERR_USAGE, "'%.*s' was given in line %d already",
			       STR_ARG(name), r->set_in_line[key]);
	r->set_in_line[key] = r->line;
	return values_set(r->config, key, value, buf_cstr(&origin), r->e);
}

static int on_value(void *thing, const char *section, const char *name, const char *value)
{
	struct reading *r = thing;

	if (r->failed)
		return 0;
	auto_buf struct buf full;
	buf_init(&full, LINE_MAX_BYTES);
	buf_text(&full, section);
	buf_text(&full, section[0] ? "." : "");
	buf_text(&full, name);
	if (!set_one(r, buf_view(&full), str_from(value)))
		fail_here(r);
	return !r->failed;
}

bool config_read_file(struct config *c, const char *path, struct err *e)
{
	auto_buf struct buf content;
	struct reading r = { .config = c, .path = path, .e = e };

	buf_init(&content, FILE_MAX);
	if (!file_read(path, &content, e)) {
		e->kind = ERR_USAGE;
		return false;
	}
	r.in = cursor_over(buf_view(&content));
	/* Debian's inih takes its limit at run time; 200 bytes would be too few for a
	 * list. */
	ini_max_line = LINE_MAX_BYTES;
	int bad_line = ini_parse_stream(read_line, &r, on_value, &r);
	if (r.failed && (bad_line <= 0 || r.failed_line <= bad_line))
		return false;
	if (bad_line != 0)
		return err_set(e, ERR_USAGE,
			       "'%s' line %d: neither '[section]' nor 'key = value'",
			       path, bad_line);
	return true;
}

/* UNPEND_DNS_ROOT_HINTS gives "dns.root_hints"; false: not a variable for us. */
static bool variable_name(struct str variable, struct buf *name)
{
	struct str prefix = STR("UNPEND_");

	if (!str_starts(variable, prefix))
		return false;
	struct str rest = str_sub(variable, prefix.len, OPTION_NAME_MAX - 1);
	size_t end = str_find_byte(rest, '_');
	for (size_t i = 0; i < rest.len; i++)
		buf_byte(name, i == end ? '.' : (uint8_t)ascii_lower(rest.data[i]));

	struct str section = str_sub(buf_view(name), 0, end);
	for (size_t i = 0; i < CONFIG_KEY_COUNT && end < rest.len; i++) {
		if (str_is(section, option_get((enum config_key)i)->section))
			return true;
	}
	return false;
}

bool config_read_environment(struct config *c, char *const *environment, struct err *e)
{
	for (; *environment; environment++) {
		struct str entry = str_from(*environment);
		size_t equals = str_find_byte(entry, '=');
		auto_buf struct buf name;

		buf_init(&name, OPTION_NAME_MAX);
		if (!variable_name(str_sub(entry, 0, equals), &name))
			continue;
		auto_buf struct buf origin;
		buf_init(&origin, 4 * OPTION_NAME_MAX);
		buf_printf(&origin, "environment variable '%.*s'",
			   STR_ARG(str_sub(entry, 0, equals < 128 ? equals : 128)));
		if (!config_set(c, buf_view(&name), str_sub(entry, equals + 1, entry.len),
				buf_cstr(&origin), e))
			return false;
	}
	return true;
}

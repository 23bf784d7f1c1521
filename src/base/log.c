/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of at most PIPE_BUF bytes, so that one write(2) puts each out whole, whoever else
 * writes at the same time. */
#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "base/base.h"

#define LOG_LINE_MAX  4096
#define LOG_CUT_SPACE 16  /* kept free for the mark that something was left out */
#define LOG_VALUE_MAX 512 /* bytes of a field's value that are shown */

struct log_state {
	enum log_level least;
	int as_json;
};

static struct log_state log_state = { LOG_LEVEL_INFO, -1 };

static const char *const level_names[] = {
	[LOG_LEVEL_DEBUG] = "debug",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_ERROR] = "error",
};

void log_open(enum log_level least, int as_json)
{
	log_state.least = least;
	log_state.as_json = as_json < 0 ? !isatty(STDERR_FILENO) : as_json;
}

/* RFC 3339 section 5.6 with milliseconds. */
static void write_moment(struct buf *line, int64_t at_ms)
{
	clock_write_rfc3339(line, at_ms / 1000);
	buf_cut(line, line->len - 1);
	buf_printf(line, ".%03dZ", (int)(at_ms % 1000));
}

static void json_value(struct buf *out, const struct log_field *f)
{
	auto_buf struct buf shown;

	buf_init(&shown, LOG_VALUE_MAX + 8);
	switch (f->kind) {
	case LOG_FIELD_INT:
		buf_printf(out, "%lld", (long long)f->number);
		return;
	case LOG_FIELD_STR:
		buf_str(&shown, str_sub(f->text, 0, LOG_VALUE_MAX));
		if (f->text.len > LOG_VALUE_MAX)
			buf_text(&shown, "...");
		escape_json(out, buf_view(&shown));
		return;
	}
}

static void json_field(struct buf *out, const struct log_field *f)
{
	buf_byte(out, ',');
	escape_json(out, str_from(f->name));
	buf_byte(out, ':');
	json_value(out, f);
}

static void json_head(struct buf *line, enum log_level level, const char *message)
{
	buf_text(line, "{\"ts\":\"");
	write_moment(line, clock_now_ms());
	buf_printf(line, "\",\"level\":\"%s\",\"msg\":", level_names[level]);
	escape_json(line, str_sub(str_from(message), 0, LOG_VALUE_MAX));
}

/* In quotes where it could be taken for more than one word. */
static void human_text(struct buf *out, struct str text)
{
	auto_buf struct buf shown;

	buf_init(&shown, LOG_LINE_MAX);
	escape_visible(&shown, text, LOG_VALUE_MAX);
	struct cursor c = cursor_over(buf_view(&shown));
	if (shown.len && cursor_until(&c, " \"=").len == shown.len) {
		buf_str(out, buf_view(&shown));
		return;
	}
	c = cursor_over(buf_view(&shown));
	buf_byte(out, '"');
	while (!cursor_at_end(&c)) {
		buf_str(out, cursor_until(&c, "\""));
		if (cursor_accept(&c, '"'))
			buf_text(out, "\\\"");
	}
	buf_byte(out, '"');
}

static void human_field(struct buf *out, const struct log_field *f)
{
	buf_printf(out, " %s=", f->name);
	switch (f->kind) {
	case LOG_FIELD_INT:
		buf_printf(out, "%lld", (long long)f->number);
		return;
	case LOG_FIELD_STR:
		human_text(out, f->text);
		return;
	}
}

static void human_head(struct buf *line, enum log_level level, const char *message)
{
	write_moment(line, clock_now_ms());
	buf_printf(line, " %-5s ", level_names[level]);
	escape_controls(line, str_sub(str_from(message), 0, LOG_VALUE_MAX));
}

static void write_line(struct str line)
{
	/* Nobody is left to tell if even this fails. */
	while (write(STDERR_FILENO, line.data, line.len) < 0 && errno == EINTR)
		continue;
}

void log_write(enum log_level level, const char *message, const struct log_field *fields,
	       size_t count)
{
	bool json = log_state.as_json < 0 ? !isatty(STDERR_FILENO) : log_state.as_json;
	auto_buf struct buf line;
	auto_buf struct buf field;
	bool cut = false;

	buf_init(&line, LOG_LINE_MAX);
	buf_init(&field, LOG_LINE_MAX);
	if (level < log_state.least)
		return;
	(json ? json_head : human_head)(&line, level, message);
	for (size_t i = 0; i < count; i++) {
		buf_clear(&field);
		(json ? json_field : human_field)(&field, &fields[i]);
		if (field.failed || field.len > LOG_LINE_MAX - LOG_CUT_SPACE - line.len)
			cut = true;
		else
			buf_str(&line, buf_view(&field));
	}
	if (cut)
		buf_text(&line, json ? ",\"cut\":true" : " cut=true");
	buf_text(&line, json ? "}\n" : "\n");
	assert(!line.failed);
	write_line(buf_view(&line));
}

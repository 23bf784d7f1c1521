/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A report on standard output: for people by the terminal's width and colour, or as JSON.
 */
#include "cmd/report.h"

#include <jansson.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/cmd.h"

enum {
	OUTPUT_MAX = 64 << 20,
	COLUMNS_MAX = 1000,
};

static bool env_is_set(const char *name)
{
	const char *value = getenv(name);
	return value && value[0] != '\0';
}

static unsigned env_columns(const char *name)
{
	uint64_t n;
	return str_number(str_from(getenv(name)), COLUMNS_MAX, &n) ? (unsigned)n : 0;
}

static bool is_terminal(int fd)
{
	return env_is_set("UNPEND_FORCE_TTY") || isatty(fd);
}

static bool is_dumb(void)
{
	const char *term = getenv("TERM");
	return term && strcmp(term, "dumb") == 0;
}

static struct report_style style_of_output(void)
{
	struct report_style style = { .columns = env_columns("UNPEND_FORCE_TTY"),
				      .local_time = true };
	struct winsize size = { 0 };
	if (style.columns == 0)
		style.columns = env_columns("COLUMNS");
	if (style.columns == 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		style.columns = size.ws_col;
	style.colour =
		is_terminal(STDOUT_FILENO) && !is_dumb() && !env_is_set("NO_COLOR");
	return style;
}

unsigned report_columns(void)
{
	unsigned columns = style_of_output().columns;
	return columns ? columns : 80;
}

void json_write(struct buf *out, struct json_t *json)
{
	auto_free char *text = json_dumps(json, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	buf_text(out, text ? text : "null");
	buf_byte(out, '\n');
	json_decref(json);
}

bool report_is_terminal(void)
{
	return is_terminal(STDOUT_FILENO) && !is_dumb();
}

int report_show(const struct report *r, bool as_json)
{
	const struct report_style style = style_of_output();
	auto_buf struct buf out;
	buf_init(&out, OUTPUT_MAX);
	if (as_json)
		json_write(&out, report_to_json(r));
	else
		report_write_text(&out, r, &style);
	return cmd_print(&out);
}

int report_print(const struct report *r, bool as_json)
{
	int code = report_show(r, as_json);
	return code == EXIT_OK ? verdict_exit_code(r->verdict) : code;
}

void status_show(const char *text)
{
	struct err ignored = { 0 };
	auto_buf struct buf line;
	buf_init(&line, 1024);
	if (!is_terminal(STDERR_FILENO) || is_dumb())
		return;
	buf_printf(&line, "\r\x1b[K%s", text);
	if (!file_write_all(STDERR_FILENO, buf_view(&line), &ignored))
		return; /* a terminal that went away needs no status */
}

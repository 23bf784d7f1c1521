/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line: a command's own options, the configuration's, and the words between
 * them. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/cmd.h"

static const char default_config[] = "/etc/unpend/unpend.conf";

/* One argument taken apart: "--name=value" or "--name" with the value behind it. */
struct argument {
	struct str name;
	struct str value;
	bool has_value; /* written with '=' */
};

static struct argument argument_of(const char *text)
{
	struct str whole = str_from(text);
	size_t equals = str_find_byte(whole, '=');
	return (struct argument){ str_sub(whole, 0, equals),
				  str_sub(whole, equals + (equals < whole.len),
					  whole.len),
				  equals < whole.len };
}

static bool usage(struct err *e, const char *what, struct str about, const char *hint)
{
	auto_buf struct buf shown;
	buf_init(&shown, 1024);
	escape_visible(&shown, about, 64);
	return err_set(e, ERR_USAGE, "%s '%s'%s", what, buf_cstr(&shown), hint);
}

static const struct cmd_option *option_find(const struct cmd_line *line, struct str name)
{
	for (size_t i = 0; i < line->option_count; i++)
		if (str_is(name, line->options[i].name))
			return &line->options[i];
	return NULL;
}

/* The value of an argument: behind '=', or the next of argv (then *at moves on). */
static bool argument_value(struct argument *arg, int argc, char **argv, int *at,
			   struct err *e)
{
	if (arg->has_value)
		return true;
	if (*at + 1 >= argc)
		return usage(e, "a value is missing behind", arg->name, "");
	arg->value = str_from(argv[++*at]);
	return true;
}

static bool option_take(const struct cmd_option *o, struct argument *arg, int argc,
			char **argv, int *at, struct err *e)
{
	if (!o->value) {
		if (arg->has_value)
			return usage(e, "no value goes with", arg->name, "");
		*o->count_out += 1;
		return true;
	}
	if (!argument_value(arg, argc, argv, at, e))
		return false;
	if (*o->count_out >= o->max)
		return usage(e,
			     o->max == 1 ? "given twice:" : "given too often:", arg->name,
			     "");
	o->values_out[(*o->count_out)++] = arg->value;
	return true;
}

/* A setting of the configuration, kept until the file was read: later sources win. */
struct setting {
	struct str name;
	struct str value;
};

struct reading {
	struct setting settings[64];
	size_t setting_count;
	struct str file;
	bool help;
};

void cmd_guess_offer(struct cmd_guess *g, const char *word)
{
	unsigned distance = str_distance(g->wanted, str_from(word));
	if (distance > g->wanted.len / 2 || (g->best && distance >= g->distance))
		return;
	g->best = word;
	g->distance = distance;
}

void cmd_guess_write(struct buf *out, const struct cmd_guess *g)
{
	if (g->best)
		buf_printf(out, "; nearest is '%s'", g->best);
}

static bool option_unknown(const struct cmd_line *line, const char *command,
			   struct str name, struct err *e)
{
	struct cmd_guess guess = { .wanted = name };
	auto_buf struct buf hint;
	buf_init(&hint, 1024);
	for (size_t i = 0; i < line->option_count; i++)
		cmd_guess_offer(&guess, line->options[i].name);
	cmd_guess_offer(&guess, "--config");
	cmd_guess_offer(&guess, "--help");
	cmd_guess_write(&hint, &guess);
	buf_printf(&hint, "; 'unpend help %s' tells what there is", command);
	return usage(e, "no option", name, buf_cstr(&hint));
}

static bool setting_take(struct reading *r, struct argument *arg, int argc, char **argv,
			 int *at, struct err *e)
{
	if (r->setting_count == ARRAY_LEN(r->settings))
		return usage(e, "too many settings at", arg->name, "");
	if (!argument_value(arg, argc, argv, at, e))
		return false;
	r->settings[r->setting_count++] =
		(struct setting){ str_sub(arg->name, 2, arg->name.len), arg->value };
	return true;
}

static bool word_take(struct cmd_line *line, struct str word,
		      const struct cmd_option *front, struct err *e)
{
	if (line->word_count == ARRAY_LEN(line->words))
		return usage(e, "too many words at", word, "");
	line->fronts[line->word_count] = front;
	line->words[line->word_count++] = word;
	return true;
}

static bool arguments_read(struct cmd_line *line, struct reading *r, int argc,
			   char **argv, struct err *e)
{
	const struct cmd_option *front = NULL;
	bool options_end = false;
	for (int at = 1; at < argc; at++) {
		struct argument arg = argument_of(argv[at]);
		bool is_option =
			!options_end && argv[at][0] == '-' && argv[at][1] != '\0';
		if (is_option && str_is(arg.name, "--")) {
			options_end = true;
			continue;
		}
		if (!is_option) {
			if (!word_take(line, str_from(argv[at]), front, e))
				return false;
			continue;
		}
		if (str_is(arg.name, "--help") || str_is(arg.name, "-h")) {
			r->help = true;
			continue;
		}
		const struct cmd_option *own = option_find(line, arg.name);
		if (own) {
			front = own;
			if (!option_take(own, &arg, argc, argv, &at, e))
				return false;
			continue;
		}
		if (str_is(arg.name, "--config")) {
			if (!argument_value(&arg, argc, argv, &at, e))
				return false;
			r->file = arg.value;
			continue;
		}
		if (str_find_byte(arg.name, '.') == arg.name.len)
			return option_unknown(line, argv[0], arg.name, e);
		if (!setting_take(r, &arg, argc, argv, &at, e))
			return false;
	}
	return true;
}

/* Defaults, file, environment, command line: each wins over the one before. */
static bool configuration_read(struct config *c, const struct reading *r, struct err *e)
{
	const char *named = getenv("UNPEND_CONFIG");
	const char *path = r->file.len > 0 ? r->file.data : NULL;
	if (!path && named && *named)
		path = named;
	if (!path && access(default_config, R_OK) == 0)
		path = default_config;
	if (path && !config_read_file(c, path, e))
		return false;
	if (!config_read_environment(c, environ, e))
		return false;
	for (size_t i = 0; i < r->setting_count; i++)
		if (!config_set(c, r->settings[i].name, r->settings[i].value,
				"command line", e))
			return false;
	return true;
}

bool cmd_line_read(struct cmd_line *line, int argc, char **argv, int *exit_out)
{
	struct reading r = { .file = STR_EMPTY };
	struct err e = { 0 };
	line->word_count = 0;
	line->config = config_new();
	bool ok = arguments_read(line, &r, argc, argv, &e);
	if (r.help) {
		cmd_line_done(line);
		*exit_out = cmd_help_on(argv[0]);
		return false;
	}
	if (ok && configuration_read(line->config, &r, &e))
		return true;
	cmd_line_done(line);
	*exit_out = cmd_fail(&e);
	return false;
}

void cmd_line_done(struct cmd_line *line)
{
	config_free(&line->config);
}

int cmd_fail(const struct err *e)
{
	static const int codes[] = {
		[ERR_NONE] = EXIT_BUG,
		[ERR_USAGE] = EXIT_USAGE,
		[ERR_NOT_FOUND] = EXIT_USAGE,
		[ERR_EXISTS] = EXIT_CONFLICT,
		[ERR_DENIED] = EXIT_DENIED,
		[ERR_LIMIT] = EXIT_UNDETERMINED,
		[ERR_UNAVAILABLE] = EXIT_UNDETERMINED,
		[ERR_CONFLICT] = EXIT_CONFLICT,
		[ERR_INTERNAL] = EXIT_BUG,
	};
	fprintf(stderr, "unpend: %s\n", e->text);
	return codes[e->kind];
}

int cmd_print(const struct buf *b)
{
	struct err e = { 0 };
	if (b->failed) {
		err_set(&e, ERR_INTERNAL, "the output grew past %zu bytes", b->max);
		return cmd_fail(&e);
	}
	/* A closed pipe ends the reader's interest, not our run. */
	if (!file_write_all(STDOUT_FILENO, buf_view(b), &e) && e.kind != ERR_UNAVAILABLE)
		return cmd_fail(&e);
	return EXIT_OK;
}

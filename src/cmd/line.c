/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line: a command's own options, the configuration's, and the words between
 * them. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/cmd.h"

static const char default_config[] = "/etc/unpend/unpend.conf";

/* What cmd_lang found last; for what goes wrong when all is said. */
static enum lang lang_found;

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

/* A word of the line, safe to show; lives in b, which this begins. */
static const char *shown(struct buf *b, struct str word)
{
	buf_init(b, 1024);
	escape_visible(b, word, 64);
	return buf_cstr(b);
}

static const struct cmd_option *option_find(const struct cmd_line *line, struct str name)
{
	for (size_t i = 0; i < line->option_count; i++)
		if (str_is(name, line->options[i].name))
			return &line->options[i];
	return NULL;
}

/* What is left of argv while it is read. */
struct walk {
	char **argv;
	int argc;
	int at;
};

/* The value of an argument: behind '=', or the next of argv (then w moves on). */
static bool argument_value(const struct cmd_line *line, struct argument *arg,
			   struct walk *w, struct err *e)
{
	auto_buf struct buf b = { 0 };
	if (arg->has_value)
		return true;
	if (w->at + 1 >= w->argc)
		return err_set(e, ERR_USAGE,
			       lang_text(line->lang, "a value is missing behind '%s'"),
			       shown(&b, arg->name));
	arg->value = str_from(w->argv[++w->at]);
	return true;
}

static bool option_take(const struct cmd_line *line, const struct cmd_option *o,
			struct argument *arg, struct walk *w, struct err *e)
{
	auto_buf struct buf b = { 0 };
	if (!o->value) {
		if (arg->has_value)
			return err_set(e, ERR_USAGE,
				       lang_text(line->lang, "'%s' takes no value"),
				       shown(&b, arg->name));
		*o->count_out += 1;
		return true;
	}
	if (!argument_value(line, arg, w, e))
		return false;
	if (*o->count_out >= o->max)
		return err_set(e, ERR_USAGE,
			       o->max == 1
				       ? lang_text(line->lang, "'%s' is given twice")
				       : lang_text(line->lang, "'%s' is given too often"),
			       shown(&b, arg->name));
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

void cmd_guess_write(struct buf *out, const struct cmd_guess *g, enum lang lang)
{
	if (g->best)
		buf_printf(out, lang_text(lang, "; nearest is '%s'"), g->best);
}

static bool option_unknown(const struct cmd_line *line, const char *command,
			   struct str name, struct err *e)
{
	struct cmd_guess guess = { .wanted = name };
	auto_buf struct buf b = { 0 };
	auto_buf struct buf hint;
	buf_init(&hint, 1024);
	for (size_t i = 0; i < line->option_count; i++)
		cmd_guess_offer(&guess, line->options[i].name);
	cmd_guess_offer(&guess, "--config");
	cmd_guess_offer(&guess, "--lang");
	cmd_guess_offer(&guess, "--help");
	cmd_guess_write(&hint, &guess, line->lang);
	return err_set(
		e, ERR_USAGE,
		lang_text(line->lang,
			  "no option '%s'%s; 'unpend help %s' tells what there is"),
		shown(&b, name), buf_cstr(&hint), command);
}

static bool setting_take(const struct cmd_line *line, struct reading *r,
			 struct argument *arg, struct walk *w, struct err *e)
{
	auto_buf struct buf b = { 0 };
	if (r->setting_count == ARRAY_LEN(r->settings))
		return err_set(e, ERR_USAGE,
			       lang_text(line->lang, "too many settings at '%s'"),
			       shown(&b, arg->name));
	if (!argument_value(line, arg, w, e))
		return false;
	r->settings[r->setting_count++] =
		(struct setting){ str_sub(arg->name, 2, arg->name.len), arg->value };
	return true;
}

static bool word_take(struct cmd_line *line, struct str word,
		      const struct cmd_option *front, struct err *e)
{
	auto_buf struct buf b = { 0 };
	if (line->word_count == ARRAY_LEN(line->words))
		return err_set(e, ERR_USAGE,
			       lang_text(line->lang, "too many words at '%s'"),
			       shown(&b, word));
	line->fronts[line->word_count] = front;
	line->words[line->word_count++] = word;
	return true;
}

/* --lang was found before the line was read (cmd_lang); here only its value is judged. */
static bool lang_take(const struct cmd_line *line, struct argument *arg, struct walk *w,
		      struct err *e)
{
	enum lang ignored;
	auto_buf struct buf b = { 0 };
	if (!argument_value(line, arg, w, e))
		return false;
	if (lang_parse(arg->value, &ignored))
		return true;
	return err_set(e, ERR_USAGE,
		       lang_text(line->lang, "no language '%s': there are en and ja"),
		       shown(&b, arg->value));
}

/* What every command takes; *known_out false: not one of those. */
static bool option_of_all(const struct cmd_line *line, struct reading *r,
			  struct argument *arg, struct walk *w, bool *known_out,
			  struct err *e)
{
	*known_out = true;
	if (str_is(arg->name, "--help") || str_is(arg->name, "-h")) {
		r->help = true;
		return true;
	}
	if (str_is(arg->name, "--lang"))
		return lang_take(line, arg, w, e);
	if (str_is(arg->name, "--config")) {
		if (!argument_value(line, arg, w, e))
			return false;
		r->file = arg->value;
		return true;
	}
	*known_out = false;
	return true;
}

static bool option_read(struct cmd_line *line, struct reading *r, struct argument *arg,
			struct walk *w, const struct cmd_option **front, struct err *e)
{
	const struct cmd_option *own = option_find(line, arg->name);
	bool known;
	if (own) {
		*front = own;
		return option_take(line, own, arg, w, e);
	}
	if (!option_of_all(line, r, arg, w, &known, e))
		return false;
	if (known)
		return true;
	if (str_find_byte(arg->name, '.') == arg->name.len)
		return option_unknown(line, w->argv[0], arg->name, e);
	return setting_take(line, r, arg, w, e);
}

static bool arguments_read(struct cmd_line *line, struct reading *r, struct walk *w,
			   struct err *e)
{
	const struct cmd_option *front = NULL;
	bool options_end = false;
	for (w->at = 1; w->at < w->argc; w->at++) {
		const char *text = w->argv[w->at];
		struct argument arg = argument_of(text);
		bool is_option = !options_end && text[0] == '-' && text[1] != '\0';
		bool ok = true;
		if (is_option && str_is(arg.name, "--"))
			options_end = true;
		else if (is_option)
			ok = option_read(line, r, &arg, w, &front, e);
		else
			ok = word_take(line, str_from(text), front, e);
		if (!ok)
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

enum lang cmd_lang(int argc, char **argv)
{
	/* POSIX: the first that is set says it, whether we have that language or not. */
	static const char *const places[] = { "UNPEND_LANG", "LC_ALL", "LC_MESSAGES",
					      "LANG" };
	enum lang lang = LANG_EN;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		struct str value = str_from(getenv(places[i]));
		if (value.len == 0)
			continue;
		if (!lang_parse(value, &lang))
			lang = LANG_EN;
		break;
	}
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		struct argument arg = argument_of(argv[i]);
		if (!str_is(arg.name, "--lang"))
			continue;
		if (!arg.has_value && i + 1 < argc)
			arg.value = str_from(argv[++i]);
		if (!lang_parse(arg.value, &lang))
			continue; /* the line will be refused for it */
	}
	lang_found = lang;
	return lang;
}

static const struct command *command_of(const char *name)
{
	for (size_t i = 0; i < cmd_table_count; i++)
		if (strcmp(name, cmd_table[i].name) == 0)
			return &cmd_table[i];
	return NULL;
}

bool cmd_line_read(struct cmd_line *line, int argc, char **argv, int *exit_out)
{
	struct reading r = { .file = STR_EMPTY };
	struct err e = { .lang = line->lang };
	line->word_count = 0;
	line->command = command_of(argv[0]);
	line->config = config_new();
	line->lang = cmd_lang(argc, argv);
	e.lang = line->lang;
	bool ok = arguments_read(line, &r, &(struct walk){ argv, argc, 0 }, &e);
	if (r.help) {
		cmd_line_done(line);
		*exit_out = cmd_help_on(argv[0], line->lang);
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

int cmd_run(int argc, char **argv, const struct cmd_work *w)
{
	struct cmd_line line = { .options = w->options, .option_count = w->option_count };
	auto_arena struct arena a;
	int code;

	arena_init(&a, w->arena_max);
	if (!cmd_line_read(&line, argc, argv, &code))
		return code;
	code = w->run(&a, &line, w->arg);
	arena_done(&a); /* what closes then may still read the configuration */
	cmd_line_done(&line);
	return code;
}

struct json_work {
	size_t json_count;
	cmd_json_fn *run;
};

static int run_json(struct arena *a, const struct cmd_line *line, void *arg)
{
	const struct json_work *w = arg;

	return w->run(a, line, w->json_count > 0);
}

int cmd_run_json(int argc, char **argv, size_t arena_max, cmd_json_fn *run)
{
	struct json_work w = { .run = run };
	const struct cmd_option option = { "--json", NULL, NULL, 0, &w.json_count };

	return cmd_run(argc, argv,
		       &(struct cmd_work){ &option, 1, arena_max, run_json, &w });
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

bool cmd_write(struct str s, int *exit_out)
{
	struct err e = { .lang = lang_found };
	*exit_out = EXIT_OK;
	if (file_write_all(STDOUT_FILENO, s, &e))
		return true;
	/* A closed pipe ends the reader's interest, not our run. */
	if (!e.code || strcmp(e.code, FILE_UNREAD) != 0)
		*exit_out = cmd_fail(&e);
	return false;
}

int cmd_print(const struct buf *b)
{
	struct err e = { .lang = lang_found };
	int code;
	if (b->failed) {
		err_set(&e, ERR_INTERNAL, "the output grew past %zu bytes", b->max);
		return cmd_fail(&e);
	}
	return cmd_write(buf_view(b), &code) ? EXIT_OK : code;
}

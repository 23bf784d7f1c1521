/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend check: asks the DNS about a domain and says what is wrong with it. */
#include <jansson.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/report.h"
#include "probe/probe.h"

enum {
	EXPECT_FILE_MAX = 1 << 20,
	SAVE_MAX = 64 << 20,
	ARENA_MAX = 512 << 20,
	TOKENS_MAX = 16,
};

struct check_options {
	struct str expect;
	size_t expect_count;
	struct str tokens[TOKENS_MAX];
	size_t token_count;
	struct str all[TOKENS_MAX]; /* tokens taken apart, further words among them */
	size_t all_count;
	struct str save;
	size_t save_count;
	size_t json_count;
};

/* The region of Amazon SES, if it was given: with a wrong one every record would look
 * wrong. */
static struct str region_of(const struct config *c)
{
	static const char *const names[] = { "AWS_REGION", "AWS_DEFAULT_REGION" };
	if (config_is_set(c, CONFIG_SES_REGION))
		return config_text(c, CONFIG_SES_REGION);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct str value = str_from(getenv(names[i]));
		if (value.len > 0)
			return value;
	}
	return STR_EMPTY;
}

/* What a file says, SES's form or our own. */
static bool expect_from_file(struct arena *a, const struct cmd_line *line,
			     struct str path, struct expectation *out, struct err *e)
{
	auto_buf struct buf text;
	buf_init(&text, EXPECT_FILE_MAX);
	if (!file_read(arena_text(a, path), &text, e)) {
		e->kind = ERR_USAGE;
		return false;
	}
	if (str_trim(buf_view(&text)).len == 0)
		return err_set(
			e, ERR_USAGE,
			str_is(path, "-")
				? lang_text(line->lang,
					    "'%.*s' is empty: did the command in "
					    "front of the pipe fail?")
				: lang_text(line->lang,
					    "'%.*s' is empty: did the command that "
					    "wrote it fail?"),
			STR_ARG(path));
	if (!expectation_parse(a, buf_view(&text), line->words[0],
			       region_of(line->config), out, e))
		return err_in(e, "--expect '%.*s'", STR_ARG(path));
	return true;
}

/* Tokens are unpend's own where it was told its key zone, else Amazon SES's. */
static bool expect_from_tokens(struct arena *a, const struct cmd_line *line,
			       const struct check_options *o, struct expectation *out,
			       struct err *e)
{
	struct dkim_tokens tokens = { .tokens = o->all, .count = o->all_count };
	if (config_is_set(line->config, CONFIG_KEYS_ZONE))
		tokens.zone = config_text(line->config, CONFIG_KEYS_ZONE);
	else if (!expectation_ses_zone(a, region_of(line->config), &tokens.zone, e))
		return false;
	return expectation_from_tokens(a, line->words[0], &tokens, out, e);
}

/* "--dkim T1 T2 T3" and "--dkim T1,T2" are the same as one --dkim each. */
static bool take_tokens(const struct cmd_line *line, struct check_options *o,
			struct str words, struct err *e)
{
	struct str token;
	while (str_split(&words, ',', &token)) {
		if (o->all_count == TOKENS_MAX)
			return err_set(e, ERR_USAGE,
				       lang_text(line->lang, "more than %d DKIM tokens"),
				       TOKENS_MAX);
		o->all[o->all_count++] = token;
	}
	return true;
}

static bool take_words(const struct cmd_line *line, struct check_options *o,
		       struct err *e)
{
	if (line->word_count == 0)
		return err_set(e, ERR_USAGE,
			       lang_text(line->lang,
					 "'check' wants one DOMAIN: unpend check DOMAIN "
					 "[--expect FILE|-] [--dkim TOKEN ...]"));
	if (o->expect_count > 0 && o->token_count > 0)
		return err_set(
			e, ERR_USAGE,
			lang_text(line->lang, "--expect and --dkim do not go together"));
	for (size_t i = 0; i < o->token_count; i++) {
		if (!take_tokens(line, o, o->tokens[i], e))
			return false;
	}
	for (size_t i = 1; i < line->word_count; i++) {
		const struct cmd_option *front = line->fronts[i];
		if (!front || front->values_out != o->tokens)
			return err_set(e, ERR_USAGE,
				       lang_text(line->lang,
						 "'%.*s' is one word too many: 'check' "
						 "wants one DOMAIN, and tokens stand "
						 "behind --dkim"),
				       STR_ARG(line->words[i]));
		if (!take_tokens(line, o, line->words[i], e))
			return false;
	}
	return true;
}

static bool find_expectation(struct arena *a, const struct cmd_line *line,
			     struct check_options *o, struct expectation *out,
			     struct err *e)
{
	if (!take_words(line, o, e))
		return false;
	if (o->expect_count > 0)
		return expect_from_file(a, line, o->expect, out, e);
	if (o->token_count > 0)
		return expect_from_tokens(a, line, o, out, e);
	return expectation_empty(a, line->words[0], out, e);
}

static bool save(struct arena *a, struct str path, const struct expectation *x,
		 const struct observation *o, struct err *e)
{
	auto_buf struct buf text;
	buf_init(&text, SAVE_MAX);
	json_write(&text, bundle_to_json(x, o));
	if (text.failed)
		return err_set(e, ERR_LIMIT, "the observation is too large to be saved");
	return file_replace(arena_text(a, path), buf_view(&text), 0644, e);
}

static int check(struct arena *a, const struct cmd_line *line, struct check_options *o)
{
	struct expectation x;
	struct observation seen;
	struct err e = { 0 };
	if (!find_expectation(a, line, o, &x, &e))
		return cmd_fail(&e);
	status_show(arena_printf(a,
				 lang_text(line->lang, "asking the DNS about %.*s ..."),
				 STR_ARG(x.domain)));
	bool ok = probe_observe(a, line->config, &x, &seen, &e);
	status_show("");
	if (!ok)
		return cmd_fail(&e);
	if (o->save_count > 0 && !save(a, o->save, &x, &seen, &e))
		return cmd_fail(&e);
	return report_show(a, &x, &seen,
			   &(struct report_form){ line->lang, o->json_count > 0 });
}

int cmd_check(int argc, char **argv)
{
	struct check_options o = { 0 };
	const struct cmd_option options[] = {
		{ "--expect", "FILE", &o.expect, 1, &o.expect_count },
		{ "--dkim", "TOKEN", o.tokens, TOKENS_MAX, &o.token_count },
		{ "--save", "FILE", &o.save, 1, &o.save_count },
		{ "--json", NULL, NULL, 0, &o.json_count },
	};
	struct cmd_line line = { .options = options, .option_count = ARRAY_LEN(options) };
	int code;
	if (!cmd_line_read(&line, argc, argv, &code))
		return code;
	auto_arena struct arena a;
	arena_init(&a, ARENA_MAX);
	code = check(&a, &line, &o);
	cmd_line_done(&line);
	return code;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is expected of a domain, as a command line says it. */
#include "cmd/expect.h"

#include <stdlib.h>

enum {
	EXPECT_FILE_MAX = 1 << 20,
};

struct str expect_region(const struct config *c)
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
			       expect_region(line->config), out, e))
		return err_in(e, "--expect '%.*s'", STR_ARG(path));
	return true;
}

/* Tokens are unpend's own where it was told its key zone, else Amazon SES's. */
static bool expect_from_tokens(struct arena *a, const struct cmd_line *line,
			       const struct expect_words *w, struct expectation *out,
			       struct err *e)
{
	struct dkim_tokens tokens = { .tokens = w->all, .count = w->all_count };
	if (config_is_set(line->config, CONFIG_KEYS_ZONE))
		tokens.zone = config_text(line->config, CONFIG_KEYS_ZONE);
	else if (!expectation_ses_zone(a, expect_region(line->config), &tokens.zone, e))
		return false;
	return expectation_from_tokens(a, line->words[0], &tokens, out, e);
}

/* "--dkim T1 T2 T3" and "--dkim T1,T2" are the same as one --dkim each. */
static bool take_tokens(const struct cmd_line *line, struct expect_words *w,
			struct str words, struct err *e)
{
	struct str token;
	while (str_split(&words, ',', &token)) {
		if (w->all_count == EXPECT_TOKENS_MAX)
			return err_set(e, ERR_USAGE,
				       lang_text(line->lang, "more than %d DKIM tokens"),
				       EXPECT_TOKENS_MAX);
		w->all[w->all_count++] = token;
	}
	return true;
}

static bool take_words(const struct cmd_line *line, struct expect_words *w, struct err *e)
{
	if (line->word_count == 0)
		return err_set(e, ERR_USAGE,
			       lang_text(line->lang,
					 "'%s' wants one DOMAIN: unpend %s DOMAIN "
					 "[--expect FILE|-] [--dkim TOKEN ...]"),
			       line->command->name, line->command->name);
	if (w->file_count > 0 && w->token_count > 0)
		return err_set(
			e, ERR_USAGE,
			lang_text(line->lang, "--expect and --dkim do not go together"));
	for (size_t i = 0; i < w->token_count; i++) {
		if (!take_tokens(line, w, w->tokens[i], e))
			return false;
	}
	for (size_t i = 1; i < line->word_count; i++) {
		const struct cmd_option *front = line->fronts[i];
		if (!front || front->values_out != w->tokens)
			return err_set(e, ERR_USAGE,
				       lang_text(line->lang,
						 "'%.*s' is one word too many: '%s' "
						 "wants one DOMAIN, and tokens stand "
						 "behind --dkim"),
				       STR_ARG(line->words[i]), line->command->name);
		if (!take_tokens(line, w, line->words[i], e))
			return false;
	}
	return true;
}

bool expect_read(struct arena *a, const struct cmd_line *line, struct expect_words *w,
		 struct expectation *out, struct err *e)
{
	if (!take_words(line, w, e))
		return false;
	if (w->file_count > 0)
		return expect_from_file(a, line, w->file, out, e);
	if (w->token_count > 0)
		return expect_from_tokens(a, line, w, out, e);
	return expectation_empty(a, line->words[0], out, e);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend token: makes tokens of the operator's and of tenants, lists and revokes them. */
#include "cmd/access.h"

enum {
	DAY_S = 86400,
	DAYS_MAX = 3660,
	OUTPUT_MAX = 1024 * 1024,
};

struct token_job {
	const struct cmd_line *line;
	struct store *store;
	struct arena *a;
	struct str word; /* behind the verb; empty where there is none */
	struct str tenant;
	struct str scopes;
	struct str days;
	size_t tenant_count;
	size_t scopes_count;
	size_t days_count;
	bool as_json;
	int64_t tenant_id; /* 0: the operator */
	struct buf out;
};

static void row_write_json(struct buf *out, const struct api_token_row *row,
			   struct str token)
{
	struct buf scopes;
	buf_init(&scopes, 1024);
	scopes_write(&scopes, row->scopes);
	buf_printf(out, "{\"id\": \"tok_%lld\", ", (long long)row->id);
	access_member_json(out, "name", row->name);
	buf_text(out, ", ");
	access_member_json(out, "scopes", buf_view(&scopes));
	buf_done(&scopes);
	buf_text(out, ", \"created_at\": ");
	access_time_json(out, row->created_at);
	buf_text(out, ", \"expires_at\": ");
	access_time_json(out, row->expires_at);
	buf_text(out, ", \"last_used_at\": ");
	access_time_json(out, row->last_used_at);
	buf_text(out, ", \"revoked_at\": ");
	access_time_json(out, row->revoked_at);
	if (token.len > 0) {
		buf_text(out, ", ");
		access_member_json(out, "token", token);
	}
	buf_text(out, "}\n");
}

/* --- add --- */

static bool draft_read(struct token_job *j, struct api_token_row *row, struct err *e)
{
	int64_t all = j->tenant_id ? SCOPES_TENANT : SCOPES_OPERATOR;
	uint64_t days = 0;

	row->tenant_id = j->tenant_id;
	row->name = j->word;
	row->scopes = all;
	if (j->scopes_count > 0 && !scopes_parse(j->scopes, all, &row->scopes, e))
		return false;
	if (j->days_count > 0 && (!str_number(j->days, DAYS_MAX, &days) || days == 0))
		return err_set(e, ERR_USAGE,
			       lang_text(e->lang, "--days is a number from 1 to %d"),
			       DAYS_MAX);
	row->expires_at = days ? clock_now_s() + (int64_t)days * DAY_S : 0;
	return true;
}

static bool token_add(struct token_job *j, struct err *e)
{
	struct api_token_row row = { 0 };
	struct str token;

	if (!draft_read(j, &row, e) ||
	    !service_token_make(j->store, j->a, &row, clock_now_s(), &token, e))
		return false;
	if (j->as_json)
		row_write_json(&j->out, &row, token);
	else
		buf_printf(&j->out,
			   lang_text(j->line->lang,
				     "Token tok_%lld is made. It is shown once; keep "
				     "it:\n\n    %.*s\n"),
			   (long long)row.id, STR_ARG(token));
	return true;
}

/* --- list --- */

static const char *state_of(const struct api_token_row *row, enum lang lang)
{
	if (row->revoked_at)
		return lang_text(lang, "revoked");
	if (row->expires_at && row->expires_at <= clock_now_s())
		return lang_text(lang, "ended");
	return lang_text(lang, "good");
}

static void row_write_text(struct token_job *j, const struct api_token_row *row)
{
	enum lang lang = j->line->lang;
	struct str ends = access_time(j->a, row->expires_at, lang_text(lang, "never"));
	struct str used = access_time(j->a, row->last_used_at, lang_text(lang, "never"));
	buf_printf(&j->out, "tok_%lld  %.*s  %s\n    ", (long long)row->id,
		   STR_ARG(row->name), state_of(row, lang));
	scopes_write(&j->out, row->scopes);
	buf_printf(&j->out, lang_text(lang, "\n    ends %.*s, last used %.*s\n"),
		   STR_ARG(ends), STR_ARG(used));
}

static bool token_list(struct token_job *j, struct err *e)
{
	struct api_token_list list;

	if (!store_api_token_list(j->store, j->a, j->tenant_id, &list, e))
		return false;
	for (size_t i = 0; i < list.count; i++) {
		if (j->as_json)
			row_write_json(&j->out, &list.rows[i], STR_EMPTY);
		else
			row_write_text(j, &list.rows[i]);
	}
	return true;
}

/* --- revoke --- */

static bool token_revoke(struct token_job *j, struct err *e)
{
	struct str prefix = STR("tok_");
	uint64_t id = 0;

	if (!str_starts(j->word, prefix) ||
	    !str_number(str_sub(j->word, prefix.len, j->word.len), INT64_MAX, &id))
		return err_set(e, ERR_USAGE,
			       LANG_MARK("a token is named by its id, as 'unpend token "
					 "list' shows it: tok_12"));
	if (!store_api_token_revoke(j->store, j->tenant_id, (int64_t)id, clock_now_s(),
				    e))
		return false;
	buf_printf(&j->out, "%s: %.*s\n", lang_text(j->line->lang, "revoked"),
		   STR_ARG(j->word));
	return true;
}

struct token_verb {
	const char *name;
	bool (*run)(struct token_job *j, struct err *e);
	size_t words; /* with the verb */
};

static const struct token_verb verbs[] = {
	{ "add", token_add, 2 },
	{ "list", token_list, 1 },
	{ "revoke", token_revoke, 2 },
};

static const struct token_verb *verb_find(const struct cmd_line *line)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (line->word_count == verbs[i].words &&
		    str_is(line->words[0], verbs[i].name))
			return &verbs[i];
	return NULL;
}

static bool owner_find(struct token_job *j, struct err *e)
{
	struct tenant_row row;

	if (j->tenant_count == 0)
		return true;
	if (!access_tenant_find(j->store, j->a, j->tenant, &row, e))
		return false;
	j->tenant_id = row.id;
	return true;
}

static int token_run(struct token_job *j)
{
	const struct cmd_line *line = j->line;
	const struct token_verb *verb = verb_find(line);
	struct err e = { .lang = line->lang };

	if (!verb) {
		err_set(&e, ERR_USAGE,
			lang_text(line->lang,
				  "'token' wants: add NAME, list or revoke ID"));
		return cmd_fail(&e);
	}
	j->word = verb->words > 1 ? line->words[1] : STR_EMPTY;
	if (!access_store_open(line->config, &j->store, &e))
		return cmd_fail(&e);
	bool done = owner_find(j, &e) && verb->run(j, &e);
	store_close(&j->store);
	return done ? cmd_print(&j->out) : cmd_fail(&e);
}

int cmd_token(int argc, char **argv)
{
	size_t as_json = 0;
	auto_arena struct arena a;
	struct token_job job = { .a = &a };
	const struct cmd_option options[] = {
		{ "--tenant", "NAME", &job.tenant, 1, &job.tenant_count },
		{ "--scopes", "LIST", &job.scopes, 1, &job.scopes_count },
		{ "--days", "N", &job.days, 1, &job.days_count },
		{ .name = "--json", .max = 1, .count_out = &as_json },
	};
	struct cmd_line line = { .options = options, .option_count = ARRAY_LEN(options) };
	int code;

	arena_init(&a, 1024 * 1024);
	if (!cmd_line_read(&line, argc, argv, &code))
		return code;
	buf_init(&job.out, OUTPUT_MAX);
	job.line = &line;
	job.as_json = as_json > 0;
	code = token_run(&job);
	buf_done_secret(&job.out);
	cmd_line_done(&line);
	return code;
}

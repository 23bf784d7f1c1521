/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend tenant: adds one, and shows its credentials the only time they are to be seen;
 * lists, suspends and deletes them. */
#include <stdlib.h>

#include "cmd/access.h"
#include "keys/keys.h"

enum {
	LIST_STEP = 256,
	LIST_MAX = 8 * 1024 * 1024,
	DELETE_STEP = 10000,
};

struct tenant_job {
	const struct cmd_line *line;
	struct store *store;
	struct arena *a;
	struct str name; /* the tenant's; empty where there is none */
	struct str confirm;
	bool as_json;
	struct buf out;
};

/* --- add --- */

static void tenant_write_json(struct buf *out, const struct service_tenant *t)
{
	buf_byte(out, '{');
	access_member_json(out, "tenant", t->name);
	buf_text(out, ", ");
	access_member_json(out, "access_key_id", t->access_key_id);
	buf_text(out, ", ");
	access_member_json(out, "secret_access_key", t->secret_access_key);
	buf_text(out, ", ");
	access_member_json(out, "token", t->token);
	buf_text(out, "}\n");
}

static void tenant_write_text(struct buf *out, const struct service_tenant *t,
			      enum lang lang)
{
	buf_printf(
		out,
		lang_text(
			lang,
			"Tenant '%.*s' is added. What follows is shown once; keep it:\n\n"
			"    token              %.*s\n"
			"    access key id      %.*s\n"
			"    secret access key  %.*s\n\n"
			"The token signs in to the console and to the native API; the "
			"keys "
			"are for Amazon SES clients.\n"),
		STR_ARG(t->name), STR_ARG(t->token), STR_ARG(t->access_key_id),
		STR_ARG(t->secret_access_key));
}

static bool tenant_add(struct tenant_job *j, struct err *e)
{
	const struct config *config = j->line->config;
	uint8_t seal_key[CRYPTO_KEY_LEN];
	struct service_tenant tenant = { .name = j->name };

	if (!cmd_seal_key_load(config, j->store, seal_key, e))
		return false;
	bool added =
		service_tenant_add(j->store, j->a, seal_key, &tenant, clock_now_s(), e);
	crypto_wipe(seal_key, sizeof(seal_key));
	if (added && j->as_json)
		tenant_write_json(&j->out, &tenant);
	else if (added)
		tenant_write_text(&j->out, &tenant, j->line->lang);
	return added;
}

/* --- list --- */

static void rows_write_json(struct tenant_job *j, const struct tenant_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct tenant_row *row = &list->rows[i];
		buf_printf(&j->out, "{\"id\": \"ten_%lld\", ", (long long)row->id);
		access_member_json(&j->out, "tenant", row->name);
		buf_text(&j->out, ", ");
		access_member_json(&j->out, "access_key_id", row->access_key_id);
		buf_text(&j->out, ", \"created_at\": ");
		access_time_json(&j->out, row->created_at);
		buf_text(&j->out, ", \"suspended_at\": ");
		access_time_json(&j->out, row->suspended_at);
		buf_text(&j->out, "}\n");
	}
}

static void rows_write_text(struct tenant_job *j, const struct tenant_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct tenant_row *row = &list->rows[i];
		struct str made = access_time(j->a, row->created_at, "");
		buf_printf(&j->out, "%.*s  %.*s  %.*s", STR_ARG(made),
			   STR_ARG(row->access_key_id), STR_ARG(row->name));
		if (row->suspended_at)
			buf_text(&j->out, lang_text(j->line->lang, "  (suspended)"));
		buf_byte(&j->out, '\n');
	}
}

static bool tenant_list(struct tenant_job *j, struct err *e)
{
	struct tenant_list list = { .count = LIST_STEP };
	int64_t after = 0;

	while (list.count == LIST_STEP) {
		if (!store_tenant_list(j->store, j->a, after, LIST_STEP, &list, e))
			return false;
		if (j->as_json)
			rows_write_json(j, &list);
		else
			rows_write_text(j, &list);
		if (list.count > 0)
			after = list.rows[list.count - 1].id;
	}
	if (j->out.failed)
		return err_set(e, ERR_LIMIT, "there are too many tenants to be shown");
	return true;
}

/* --- the others --- */

static bool tenant_let(struct tenant_job *j, bool suspended, const char *text,
		       struct err *e)
{
	struct tenant_row row;

	if (!access_tenant_find(j->store, j->a, j->name, &row, e) ||
	    !service_tenant_suspend(j->store, &row, suspended, clock_now_s(), e))
		return false;
	buf_printf(&j->out, "%s: %.*s\n", lang_text(j->line->lang, text),
		   STR_ARG(row.name));
	return true;
}

static bool tenant_suspend(struct tenant_job *j, struct err *e)
{
	return tenant_let(j, true, LANG_MARK("suspended, nobody acts for it"), e);
}

static bool tenant_resume(struct tenant_job *j, struct err *e)
{
	return tenant_let(j, false, LANG_MARK("let in again"), e);
}

static bool tenant_delete(struct tenant_job *j, struct err *e)
{
	struct tenant_row row;
	bool gone = false;

	if (!access_tenant_find(j->store, j->a, j->name, &row, e))
		return false;
	const struct service_caller caller = { .store = j->store,
					       .config = j->line->config,
					       .tenant_id = row.id,
					       .now_s = clock_now_s() };
	if (!str_equal(j->confirm, row.name))
		return err_set(e, ERR_USAGE,
			       lang_text(e->lang, "this deletes all that it has: say "
						  "--confirm '%.*s'"),
			       STR_ARG(row.name));
	while (!gone)
		if (!service_tenant_delete(&caller, j->a, j->confirm, DELETE_STEP, &gone,
					   e))
			return false;
	buf_printf(&j->out, "%s: %.*s\n", lang_text(j->line->lang, "deleted"),
		   STR_ARG(row.name));
	return true;
}

struct tenant_verb {
	const char *name;
	bool (*run)(struct tenant_job *j, struct err *e);
	size_t words; /* with the verb */
};

static const struct tenant_verb verbs[] = {
	{ "add", tenant_add, 2 },         { "list", tenant_list, 1 },
	{ "suspend", tenant_suspend, 2 }, { "resume", tenant_resume, 2 },
	{ "delete", tenant_delete, 2 },
};

static const struct tenant_verb *verb_find(const struct cmd_line *line)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (line->word_count == verbs[i].words &&
		    str_is(line->words[0], verbs[i].name))
			return &verbs[i];
	return NULL;
}

static int tenant_run(struct tenant_job *j)
{
	const struct cmd_line *line = j->line;
	const struct tenant_verb *verb = verb_find(line);
	struct err e = { .lang = line->lang };

	if (!verb) {
		err_set(&e, ERR_USAGE,
			lang_text(line->lang, "'tenant' wants: add NAME, list, suspend "
					      "NAME, resume NAME or delete NAME"));
		return cmd_fail(&e);
	}
	j->name = verb->words > 1 ? line->words[1] : STR_EMPTY;
	if (!access_store_open(line->config, &j->store, &e))
		return cmd_fail(&e);
	bool done = verb->run(j, &e);
	store_close(&j->store);
	return done ? cmd_print(&j->out) : cmd_fail(&e);
}

int cmd_tenant(int argc, char **argv)
{
	size_t as_json = 0;
	size_t confirmed = 0;
	auto_arena struct arena a;
	struct tenant_job job = { .a = &a, .confirm = STR_EMPTY };
	const struct cmd_option options[] = {
		{ .name = "--json", .max = 1, .count_out = &as_json },
		{ "--confirm", "NAME", &job.confirm, 1, &confirmed },
	};
	struct cmd_line line = { .options = options, .option_count = ARRAY_LEN(options) };
	int code;

	arena_init(&a, 256 * 1024 * 1024);
	if (!cmd_line_read(&line, argc, argv, &code))
		return code;
	buf_init(&job.out, LIST_MAX);
	job.line = &line;
	job.as_json = as_json > 0;
	code = tenant_run(&job);
	buf_done_secret(&job.out);
	cmd_line_done(&line);
	return code;
}

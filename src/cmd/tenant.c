/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend tenant: adds one, and shows its credentials the only time they are to be seen.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "cmd/cmd.h"
#include "keys/keys.h"
#include "service/service.h"

static void tenant_write_json(struct buf *out, const struct service_tenant *t)
{
	buf_text(out, "{\"tenant\": ");
	escape_json(out, t->name);
	buf_text(out, ", \"access_key_id\": ");
	escape_json(out, t->access_key_id);
	buf_text(out, ", \"secret_access_key\": ");
	escape_json(out, t->secret_access_key);
	buf_text(out, ", \"token\": ");
	escape_json(out, t->token);
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

static bool tenant_add(const struct config *config, struct arena *a,
		       struct service_tenant *tenant, struct err *e)
{
	uint8_t seal_key[CRYPTO_KEY_LEN];
	struct store *store = NULL;
	bool added;

	if (!keys_secret_load(config, getenv("CREDENTIALS_DIRECTORY"), true, seal_key, e))
		return cmd_hint_key_folder(config, e) || err_in(e, "sealing key");
	added = store_open(config_text(config, CONFIG_STORE_URL), &store, e) ||
		cmd_hint_store_folder(config, e);
	added = added && service_tenant_add(store, a, seal_key, tenant, clock_now_s(), e);
	store_close(&store);
	crypto_wipe(seal_key, sizeof(seal_key));
	return added;
}

static int tenant_run(const struct cmd_line *line, bool as_json)
{
	struct service_tenant tenant = { 0 };
	struct err e = { .lang = line->lang };
	auto_arena struct arena a;
	struct buf out;
	int code;

	arena_init(&a, 64 * 1024);
	if (line->word_count != 2 || !str_is(line->words[0], "add")) {
		err_set(&e, ERR_USAGE, lang_text(line->lang, "'tenant' wants: add NAME"));
		return cmd_fail(&e);
	}
	umask(077);
	tenant.name = line->words[1];
	if (!tenant_add(line->config, &a, &tenant, &e))
		return cmd_fail(&e);
	buf_init(&out, 4096);
	if (as_json)
		tenant_write_json(&out, &tenant);
	else
		tenant_write_text(&out, &tenant, line->lang);
	code = cmd_print(&out);
	buf_done_secret(&out);
	return code;
}

int cmd_tenant(int argc, char **argv)
{
	size_t as_json = 0;
	const struct cmd_option options[] = {
		{ .name = "--json", .max = 1, .count_out = &as_json },
	};
	struct cmd_line line = { .options = options, .option_count = ARRAY_LEN(options) };
	int code;

	if (!cmd_line_read(&line, argc, argv, &code))
		return code;
	code = tenant_run(&line, as_json > 0);
	cmd_line_done(&line);
	return code;
}

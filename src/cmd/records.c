/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend records: what is to be published, for people or for a tool. */
#include "cmd/apex.h"
#include "cmd/expect.h"
#include "cmd/report.h"
#include "mail/mail.h"
#include "publish/publish.h"

enum {
	ARENA_MAX = 64 << 20,
	OUTPUT_MAX = 8 << 20,
};

struct records_options {
	struct expect_words words;
	struct str format;
	size_t format_count;
	struct str names;
	size_t names_count;
};

/* The zone as the DNS has it; where that cannot be found out, what somebody registers. */
static bool find_zone(struct arena *a, const struct cmd_line *line,
		      const struct expectation *x, struct publication *out, struct err *e)
{
	struct apex apex;
	status_show(
		arena_printf(a, lang_text(line->lang, "looking for the zone of %.*s ..."),
			     STR_ARG(x->domain)));
	bool ok = apex_find(a, line->config, &x->name, &apex, e);
	status_show("");
	if (!ok)
		return false;
	out->provider = apex.provider;
	out->zone = apex.zone;
	if (apex.outcome == WALK_DONE && apex.zone.len > 1)
		return true;
	return dns_name_parse(mail_domain_organisational(x->domain), &out->zone, e);
}

static int records(const struct cmd_line *line, struct records_options *o)
{
	struct err e = { .lang = line->lang };
	struct expectation x;
	auto_arena struct arena a;
	auto_buf struct buf out;
	arena_init(&a, ARENA_MAX);
	buf_init(&out, OUTPUT_MAX);
	struct publication p = { .a = &a, .lang = line->lang, .x = &x };
	struct str format = o->format_count > 0 ? o->format : STR("cards");
	if (o->names_count > 0 && !publish_names_parse(o->names, &p.names)) {
		err_set(&e, ERR_USAGE,
			lang_text(line->lang,
				  "--names is 'auto', 'relative' or 'fqdn', not '%.*s'"),
			STR_ARG(o->names));
		return cmd_fail(&e);
	}
	if (!expect_read(&a, line, &o->words, &x, &e))
		return cmd_fail(&e);
	if (x.count == 0) {
		err_set(&e, ERR_USAGE,
			lang_text(line->lang, "'records' has to be told which: --expect "
					      "FILE or --dkim TOKEN ..."));
		return cmd_fail(&e);
	}
	if (!find_zone(&a, line, &x, &p, &e) || !publish_write(&out, &p, format, &e))
		return cmd_fail(&e);
	return cmd_print(&out);
}

int cmd_records(int argc, char **argv)
{
	struct records_options o = { 0 };
	const struct cmd_option options[] = {
		{ "--as", "FORMAT", &o.format, 1, &o.format_count },
		{ "--expect", "FILE", &o.words.file, 1, &o.words.file_count },
		{ "--dkim", "TOKEN", o.words.tokens, EXPECT_TOKENS_MAX,
		  &o.words.token_count },
		{ "--names", "FORM", &o.names, 1, &o.names_count },
	};
	struct cmd_line line = { .options = options, .option_count = ARRAY_LEN(options) };
	int code;
	if (!cmd_line_read(&line, argc, argv, &code))
		return code;
	code = records(&line, &o);
	cmd_line_done(&line);
	return code;
}

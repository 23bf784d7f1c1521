/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend check: asks the DNS about a domain and says what is wrong with it. */
#include <jansson.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/expect.h"
#include "cmd/report.h"
#include "cmd/watch.h"
#include "probe/probe.h"
#include "registry/registry.h"

enum {
	SAVE_MAX = 64 << 20,
	ARENA_MAX = 512 << 20,
};

struct check_options {
	struct expect_words expect;
	struct str save;
	size_t save_count;
	size_t json_count;
	size_t no_rdap_count;
	size_t watch_count;
	size_t ndjson_count;
	struct str until;
	size_t until_count;
	struct str since;
	size_t since_count;
};

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

/* An observation that was saved before: if all was right then, the time of it. */
static bool read_since(struct arena *a, const struct cmd_line *line,
		       const struct check_options *o, const struct expectation *x,
		       int64_t *out, struct err *e)
{
	struct expectation then;
	struct observation seen;
	struct report r;
	auto_buf struct buf text;
	buf_init(&text, SAVE_MAX);
	*out = 0;
	if (o->since_count == 0)
		return true;
	if (!file_read(arena_text(a, o->since), &text, e) ||
	    !bundle_parse(a, buf_view(&text), &then, &seen, e)) {
		e->kind = ERR_USAGE;
		return err_in(e, "--since '%.*s'", STR_ARG(o->since));
	}
	diagnose_judge(a, x, &seen, line->lang, &r);
	if (dns_name_equal(&then.name, &x->name) &&
	    (r.verdict == VERDICT_OK || r.verdict == VERDICT_WAITING))
		*out = seen.at_s;
	return true;
}

/* Where all that is expected is there, the domain is registered and delegated. */
static bool may_need_registry(const struct expectation *x, const struct report *r)
{
	return x->count == 0 || x->registered_at > 0 || r->verdict != VERDICT_OK;
}

/* The report again, if the registry had something to say. */
static void ask_registry(struct arena *a, const struct cmd_line *line,
			 const struct check_options *o, struct observation *seen,
			 struct report *r)
{
	const struct expectation *x = r->expectation;
	struct dns_name domain;
	if (o->no_rdap_count > 0 || !may_need_registry(x, r) ||
	    !registry_is_on(line->config) || !diagnose_registry(a, x, seen, &domain))
		return;
	registry_ask(a, line->config, &domain, &seen->registration);
	seen->has_registration = true;
	diagnose_judge(a, x, seen, line->lang, r);
}

/* Ends the process: who waits for it has all there is to know. */
static int check_once(struct arena *a, const struct cmd_line *line,
		      const struct check_options *o, const struct expectation *x,
		      int64_t since_s)
{
	struct observation seen;
	struct report r;
	struct err e = { .lang = line->lang };
	status_show(arena_printf(a,
				 lang_text(line->lang, "asking the DNS about %.*s ..."),
				 STR_ARG(x->domain)));
	bool ok = probe_observe(a, line->config, x, &seen, &e);
	if (ok) {
		diagnose_judge(a, x, &seen, line->lang, &r);
		ask_registry(a, line, o, &seen, &r);
	}
	status_show("");
	if (!ok)
		return cmd_fail(&e);
	if (o->save_count > 0 && !save(a, o->save, x, &seen, &e))
		return cmd_fail(&e);
	if (since_s > 0)
		report_set_since(&r, since_s);
	int code = report_print(&r, o->json_count > 0);
	process_end(code);
	return code;
}

/* What --watch has for itself. */
static bool check_watch(const struct cmd_line *line, const struct check_options *o,
			int64_t *until_out, struct err *e)
{
	*until_out = 0;
	if (o->watch_count == 0 && (o->ndjson_count > 0 || o->until_count > 0))
		return err_set(
			e, ERR_USAGE,
			lang_text(line->lang, "--until and --ndjson go with --watch"));
	if (o->watch_count > 0 && (o->json_count > 0 || o->save_count > 0))
		return err_set(e, ERR_USAGE,
			       lang_text(line->lang,
					 "--json and --save do not go with --watch; "
					 "--ndjson does"));
	if (o->until_count > 0 && !watch_until_parse(o->until, clock_now_s(), until_out))
		return err_set(
			e, ERR_USAGE,
			lang_text(line->lang,
				  "'%.*s' is neither a duration (90s, 30m, 2h, 1d) "
				  "nor a time to come (2026-11-21T05:12:09Z)"),
			STR_ARG(o->until));
	return true;
}

static int check(struct arena *a, const struct cmd_line *line, void *arg)
{
	struct check_options *o = arg;
	struct expectation x;
	struct err e = { .lang = line->lang };
	int64_t until_s;
	int64_t since_s;
	if (!expect_read(a, line, &o->expect, &x, &e) ||
	    !check_watch(line, o, &until_s, &e) ||
	    !read_since(a, line, o, &x, &since_s, &e))
		return cmd_fail(&e);
	if (o->watch_count == 0)
		return check_once(a, line, o, &x, since_s);
	const struct watch_options watch = {
		.config = line->config,
		.x = &x,
		.lang = line->lang,
		.ndjson = o->ndjson_count > 0,
		.with_registry = o->no_rdap_count == 0 && registry_is_on(line->config),
		.until_s = until_s,
		.since_s = since_s,
	};
	return watch_run(&watch);
}

int cmd_check(int argc, char **argv)
{
	struct check_options o = { 0 };
	const struct cmd_option options[] = {
		{ "--expect", "FILE", &o.expect.file, 1, &o.expect.file_count },
		{ "--dkim", "TOKEN", o.expect.tokens, EXPECT_TOKENS_MAX,
		  &o.expect.token_count },
		{ "--save", "FILE", &o.save, 1, &o.save_count },
		{ "--json", NULL, NULL, 0, &o.json_count },
		{ "--no-rdap", NULL, NULL, 0, &o.no_rdap_count },
		{ "--since", "FILE", &o.since, 1, &o.since_count },
		{ "--watch", NULL, NULL, 0, &o.watch_count },
		{ "--until", "TIME", &o.until, 1, &o.until_count },
		{ "--ndjson", NULL, NULL, 0, &o.ndjson_count },
	};

	return cmd_run(
		argc, argv,
		&(struct cmd_work){ options, ARRAY_LEN(options), ARENA_MAX, check, &o });
}

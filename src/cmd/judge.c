/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend judge: the report of what `check --save` has seen, without asking anybody. */
#include "cmd/cmd.h"
#include "cmd/report.h"

enum {
	FILE_MAX = 64 << 20,
	ARENA_MAX = 512 << 20,
};

static bool read_bundle(struct arena *a, struct str path, struct expectation *x,
			struct observation *o, struct err *e)
{
	auto_buf struct buf text;
	buf_init(&text, FILE_MAX);
	if (!file_read(arena_text(a, path), &text, e)) {
		e->kind = ERR_USAGE;
		return false;
	}
	if (!bundle_parse(a, buf_view(&text), x, o, e))
		return err_in(e, "'%.*s'", STR_ARG(path));
	return true;
}

/* Looks from several places are all held against what the first file expects. */
static bool read_all(struct arena *a, const struct cmd_line *line, struct report *reports,
		     struct err *e)
{
	struct expectation *first = arena_alloc(a, sizeof(*first));
	for (size_t i = 0; i < line->word_count; i++) {
		struct expectation x;
		struct observation *o = arena_alloc(a, sizeof(*o));
		if (!read_bundle(a, line->words[i], i == 0 ? first : &x, o, e))
			return false;
		if (i > 0 && !dns_name_equal(&x.name, &first->name))
			return err_set(e, ERR_USAGE,
				       lang_text(line->lang,
						 "'%.*s' is about '%.*s', not about "
						 "'%.*s'"),
				       STR_ARG(line->words[i]), STR_ARG(x.domain),
				       STR_ARG(first->domain));
		diagnose_judge(a, first, o, line->lang, &reports[i]);
	}
	return true;
}

static int judge(struct arena *a, const struct cmd_line *line, bool as_json)
{
	struct err e = { .lang = line->lang };
	struct report all;
	struct report *reports = arena_array(a, line->word_count + 1, sizeof(*reports));
	if (line->word_count == 0) {
		err_set(&e, ERR_USAGE,
			lang_text(line->lang, "'judge' wants a FILE that 'unpend check "
					      "--save' wrote, or several of one domain"));
		return cmd_fail(&e);
	}
	if (!read_all(a, line, reports, &e))
		return cmd_fail(&e);
	diagnose_compare(a, reports, line->words, line->word_count, &all);
	return report_print(&all, as_json);
}

int cmd_judge(int argc, char **argv)
{
	return cmd_run_json(argc, argv, ARENA_MAX, judge);
}

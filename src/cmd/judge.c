/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend judge: the report of what `check --save` has seen, without asking anybody. */
#include "cmd/cmd.h"
#include "cmd/report.h"

enum {
	FILE_MAX = 64 << 20,
	ARENA_MAX = 512 << 20,
};

static int judge(const struct cmd_line *line, bool as_json)
{
	struct err e = { 0 };
	struct expectation x;
	struct observation o;
	auto_arena struct arena a;
	auto_buf struct buf text;
	arena_init(&a, ARENA_MAX);
	buf_init(&text, FILE_MAX);
	if (line->word_count != 1) {
		err_set(&e, ERR_USAGE,
			lang_text(line->lang, "'judge' wants one FILE that 'unpend check "
					      "--save' wrote"));
		return cmd_fail(&e);
	}
	if (!file_read(arena_text(&a, line->words[0]), &text, &e)) {
		e.kind = ERR_USAGE;
		return cmd_fail(&e);
	}
	if (!bundle_parse(&a, buf_view(&text), &x, &o, &e)) {
		err_in(&e, "'%.*s'", STR_ARG(line->words[0]));
		return cmd_fail(&e);
	}
	return report_show(&a, &x, &o, &(struct report_form){ line->lang, as_json });
}

int cmd_judge(int argc, char **argv)
{
	size_t json_count = 0;
	const struct cmd_option options[] = {
		{ "--json", NULL, NULL, 0, &json_count },
	};
	struct cmd_line line = { .options = options, .option_count = ARRAY_LEN(options) };
	int code;
	if (!cmd_line_read(&line, argc, argv, &code))
		return code;
	code = judge(&line, json_count > 0);
	cmd_line_done(&line);
	return code;
}

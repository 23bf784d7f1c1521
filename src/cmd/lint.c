/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend lint: judges the text of one record, asking nobody. */
#include <unistd.h>

#include "cmd/report.h"
#include "cmd/table.h"
#include "policy/policy.h"

enum {
	ARENA_MAX = 64 << 20,
	INPUT_MAX = 64 << 10,
	OUTPUT_MAX = 1 << 20,
	SHOWN_MAX = 120,
};

static const char *level_name(enum lint_level level)
{
	return level == LINT_ERROR ? LANG_MARK("error") : LANG_MARK("note");
}

/* Text */

static struct str visible(struct arena *a, struct str foreign)
{
	auto_buf struct buf b;

	buf_init(&b, OUTPUT_MAX);
	escape_visible(&b, foreign, SHOWN_MAX);
	return arena_str(a, buf_view(&b));
}

static const char *instead_text(const struct lint *l, const struct lint_problem *p)
{
	if (p->len == 0)
		return arena_printf(l->a, lang_text(l->lang, "write there: %s"),
				    p->instead.data);
	return arena_printf(l->a, lang_text(l->lang, "write instead: %s"),
			    p->instead.data);
}

static void write_problem(struct buf *out, const struct lint *l,
			  const struct lint_problem *p)
{
	size_t columns = report_columns();
	const char *place =
		arena_printf(l->a, lang_text(l->lang, "at character %zu"), p->at + 1);
	const char *what = p->what.data;

	table_paragraph(out,
			str_from(arena_printf(l->a, "%s %s: %s",
					      lang_text(l->lang, level_name(p->level)),
					      place, what)),
			0, columns);
	if (p->len > 0)
		buf_printf(out, "    %s\n",
			   visible(l->a, str_sub(l->text, p->at, p->len)).data);
	if (p->instead.len > 0)
		buf_printf(out, "    %s\n", instead_text(l, p));
}

static void write_text(struct buf *out, const struct lint *l)
{
	const char *kind = lang_text(l->lang, lint_kind_name(l->kind));

	for (size_t i = 0; i < l->count; i++)
		write_problem(out, l, &l->problems[i]);
	if (l->errors == 0)
		buf_printf(out, lang_text(l->lang, "%s: no error"), kind);
	else if (l->errors == 1)
		buf_printf(out, lang_text(l->lang, "%s: 1 error"), kind);
	else
		buf_printf(out, lang_text(l->lang, "%s: %zu errors"), kind, l->errors);
	buf_byte(out, '\n');
}

/* JSON */

static void write_json(struct buf *out, const struct lint *l)
{
	json_t *json = json_object();
	json_t *problems = json_array();

	for (size_t i = 0; i < l->count; i++) {
		const struct lint_problem *p = &l->problems[i];
		json_t *one = json_object();

		json_object_set_new(one, "level", json_string(level_name(p->level)));
		json_object_set_new(one, "position", json_integer((json_int_t)p->at + 1));
		json_object_set_new(one, "length", json_integer((json_int_t)p->len));
		json_object_set_new(one, "text",
				    json_of(str_sub(l->text, p->at, p->len)));
		json_object_set_new(one, "what", json_of(p->what));
		json_object_set_new(one, "instead",
				    p->instead.len > 0 ? json_of(p->instead)
						       : json_null());
		json_array_append_new(problems, one);
	}
	json_object_set_new(json, "schema",
			    json_string("https://unpend.example/schemas/lint/v1"));
	json_object_set_new(json, "type", json_string(lint_kind_name(l->kind)));
	json_object_set_new(json, "text", json_of(l->text));
	json_object_set_new(json, "errors", json_integer((json_int_t)l->errors));
	json_object_set_new(json, "problems", problems);
	json_write(out, json);
}

/* The command */

struct lint_options {
	struct str type;
	size_t type_count;
	size_t json_count;
};

static bool take_kind(const struct cmd_line *line, const struct lint_options *o,
		      enum lint_kind *out, struct err *e)
{
	static const enum lint_kind kinds[] = { LINT_SPF, LINT_DKIM, LINT_DMARC,
						LINT_MX };

	*out = LINT_UNKNOWN;
	if (o->type_count == 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (str_equal_nocase(o->type, str_from(lint_kind_name(kinds[i])))) {
			*out = kinds[i];
			return true;
		}
	}
	return err_set(e, ERR_USAGE, "%s",
		       lang_text(line->lang, "--type is one of spf, dkim, dmarc and mx"));
}

static bool take_text(struct arena *a, const struct cmd_line *line, struct str *out,
		      struct err *e)
{
	auto_buf struct buf text;

	buf_init(&text, INPUT_MAX);
	if (line->word_count != 1)
		return err_set(
			e, ERR_USAGE, "%s",
			lang_text(line->lang,
				  "'lint' wants the text of one record in quotes, or "
				  "'-' for standard input: unpend lint 'v=DMARC1; "
				  "p=none'"));
	*out = line->words[0];
	if (!str_is(*out, "-"))
		return true;
	if (!file_read("-", &text, e)) {
		e->kind = ERR_USAGE;
		return false;
	}
	*out = arena_str(a, buf_view(&text));
	return true;
}

static int lint(const struct cmd_line *line, const struct lint_options *o)
{
	struct err e = { .lang = line->lang };
	struct lint l;
	struct str text;
	enum lint_kind kind;
	auto_arena struct arena a;
	auto_buf struct buf out;

	arena_init(&a, ARENA_MAX);
	buf_init(&out, OUTPUT_MAX);
	if (!take_kind(line, o, &kind, &e) || !take_text(&a, line, &text, &e))
		return cmd_fail(&e);
	policy_lint(&a, text, kind, line->lang, &l);
	if (o->json_count > 0)
		write_json(&out, &l);
	else
		write_text(&out, &l);
	int code = cmd_print(&out);
	if (code != EXIT_OK)
		return code;
	return l.errors > 0 ? EXIT_ACTION : EXIT_OK;
}

int cmd_lint(int argc, char **argv)
{
	struct lint_options o = { 0 };
	const struct cmd_option options[] = {
		{ "--type", "TYPE", &o.type, 1, &o.type_count },
		{ "--json", NULL, NULL, 0, &o.json_count },
	};
	struct cmd_line line = { .options = options, .option_count = ARRAY_LEN(options) };
	int code;

	if (!cmd_line_read(&line, argc, argv, &code))
		return code;
	code = lint(&line, &o);
	cmd_line_done(&line);
	return code;
}

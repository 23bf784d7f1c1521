/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend explain: the long form of a finding's code. */
#include <jansson.h>

#include "cmd/cmd.h"
#include "cmd/report.h"

static bool is_of_family(const char *code, struct str family)
{
	struct str front = str_sub(str_from(code), 0, family.len);
	return family.len > 0 && str_equal_nocase(front, family);
}

/* family NULL: all. */
static int list_codes(const struct str *family, bool as_json, enum lang lang)
{
	struct err e = { .lang = lang };
	size_t count = 0;
	auto_buf struct buf out;
	json_t *list = json_array();
	const char *code;
	buf_init(&out, 1 << 20);
	for (size_t i = 0; (code = diagnose_code_at(i)) != NULL; i++) {
		if (family && !is_of_family(code, *family))
			continue;
		count++;
		json_t *one = diagnose_explain_json(str_from(code), lang);
		if (!as_json)
			buf_printf(&out, "%s  %s\n", code,
				   json_string_value(json_object_get(one, "title")));
		json_array_append_new(list, one);
	}
	if (as_json)
		json_write(&out, list);
	else
		json_decref(list);
	if (count > 0)
		return cmd_print(&out);
	err_set(&e, ERR_USAGE, "%s",
		lang_text(lang, "there is no such family of codes; U2 is one"));
	return cmd_fail(&e);
}

static int explain(struct str code, bool as_json, enum lang lang)
{
	struct err e = { .lang = lang };
	auto_buf struct buf out;
	buf_init(&out, 1 << 20);
	if (!diagnose_explain(&out, code, lang)) {
		auto_buf struct buf shown;
		buf_init(&shown, 256);
		escape_visible(&shown, code, 32);
		err_set(&e, ERR_USAGE,
			lang_text(lang,
				  "no code '%s'; 'unpend explain --list' lists them"),
			buf_cstr(&shown));
		return cmd_fail(&e);
	}
	if (as_json) {
		buf_clear(&out);
		json_write(&out, diagnose_explain_json(code, lang));
	}
	return cmd_print(&out);
}

int cmd_explain(int argc, char **argv)
{
	size_t list_count = 0;
	size_t json_count = 0;
	size_t family_count = 0;
	struct str family = STR_EMPTY;
	const struct cmd_option options[] = {
		{ "--list", NULL, NULL, 0, &list_count },
		{ "--family", "FAMILY", &family, 1, &family_count },
		{ "--json", NULL, NULL, 0, &json_count },
	};
	struct cmd_line line = { .options = options, .option_count = ARRAY_LEN(options) };
	struct err e = { 0 };
	int code;
	if (!cmd_line_read(&line, argc, argv, &code))
		return code;
	if (list_count > 0 && line.word_count == 0) {
		code = list_codes(family_count ? &family : NULL, json_count > 0,
				  line.lang);
	} else if (line.word_count == 1 && list_count == 0 && family_count == 0) {
		code = explain(line.words[0], json_count > 0, line.lang);
	} else {
		err_set(&e, ERR_USAGE,
			lang_text(line.lang,
				  "'explain' wants one CODE such as U201, or --list"));
		code = cmd_fail(&e);
	}
	cmd_line_done(&line);
	return code;
}

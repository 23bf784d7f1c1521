/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The long explanation of a code: six headings, for people and as data. */
#include <jansson.h>

#include "diagnose/page.h"
#include "diagnose/rules.h"

enum {
	EXPLAIN_COLUMNS = 80,
	EXPLAIN_INDENT = 2,
};

static void write_section(struct buf *out, const char *heading, const char *text)
{
	struct str rest = str_from(text);
	struct str line;
	buf_printf(out, "\n%s\n", heading);
	while (str_split(&rest, '\n', &line)) {
		if (line.len == 0) {
			buf_text(out, "\n");
		} else if (str_starts(line, STR("  "))) {
			buf_printf(out, "%*s%.*s\n", EXPLAIN_INDENT, "", STR_ARG(line));
		} else {
			buf_fill(out, ' ', EXPLAIN_INDENT);
			page_wrap(out, line, EXPLAIN_INDENT, EXPLAIN_INDENT,
				  EXPLAIN_COLUMNS);
			buf_text(out, "\n");
		}
	}
}

bool diagnose_explain(struct buf *out, struct str code)
{
	const struct rule *rule = rule_find(code);
	if (!rule)
		return false;
	buf_printf(out, "%s  %s\n%6s%s\n", rule->code, rule->title, "", rule->remedy);
	write_section(out, "What it means", rule->meaning);
	write_section(out, "Why it happens", rule->why);
	write_section(out, "How we know", rule->how);
	write_section(out, "Fix", rule->fix);
	write_section(out, "Check it yourself", rule->check);
	write_section(out, "See also", rule->see_also);
	return true;
}

struct json_t *diagnose_explain_json(struct str code)
{
	const struct rule *rule = rule_find(code);
	if (!rule)
		return NULL;
	json_t *json = json_object();
	json_object_set_new(json, "code", json_string(rule->code));
	json_object_set_new(json, "title", json_string(rule->title));
	json_object_set_new(json, "remedy", json_string(rule->remedy));
	json_object_set_new(json, "meaning", json_string(rule->meaning));
	json_object_set_new(json, "why", json_string(rule->why));
	json_object_set_new(json, "how_we_know", json_string(rule->how));
	json_object_set_new(json, "fix", json_string(rule->fix));
	json_object_set_new(json, "check_yourself", json_string(rule->check));
	json_object_set_new(json, "see_also", json_string(rule->see_also));
	return json;
}

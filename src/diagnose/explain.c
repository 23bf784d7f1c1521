/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The long explanation of a code: six headings, for people and as data. */
#include <jansson.h>

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

/* "U301 the record is missing", "U302 ...": the titles of the codes named. */
static void write_see_also(struct buf *out, const struct rule *rule, enum lang lang,
			   const char *between)
{
	struct str rest = str_from(rule->see_also);
	struct str code;
	while (str_split(&rest, ' ', &code)) {
		const struct rule *other = rule_find(code);
		if (!other)
			continue;
		if (out->len > 0)
			buf_text(out, between);
		buf_printf(out, "%s %s", other->code, lang_text(lang, other->title));
	}
}

/* What the commands are, for who has never typed one. */
static void write_gloss(struct buf *out, const struct rule *rule, enum lang lang)
{
	if (!strstr(rule->check, "kdig"))
		return;
	buf_fill(out, ' ', EXPLAIN_INDENT);
	page_wrap(
		out,
		str_from(lang_text(lang, "(customer.example stands for your domain; kdig "
					 "is in the package knot-dnsutils, and dig takes "
					 "the same words)")),
		EXPLAIN_INDENT, EXPLAIN_INDENT, EXPLAIN_COLUMNS);
	buf_text(out, "\n");
}

bool diagnose_explain(struct buf *out, struct str code, enum lang lang)
{
	const struct rule *rule = rule_find(code);
	if (!rule)
		return false;
	auto_buf struct buf see;
	buf_init(&see, 4096);
	write_see_also(&see, rule, lang, "\n");
	buf_printf(out, "%s  %s\n%6s%s\n", rule->code, lang_text(lang, rule->title), "",
		   lang_text(lang, rule->remedy));
	write_section(out, lang_text(lang, "What it means"),
		      lang_text(lang, rule->meaning));
	write_section(out, lang_text(lang, "Why it happens"), lang_text(lang, rule->why));
	write_section(out, lang_text(lang, "How we know"), lang_text(lang, rule->how));
	write_section(out, lang_text(lang, "Fix"), lang_text(lang, rule->fix));
	write_section(out, lang_text(lang, "Check it yourself"),
		      lang_text(lang, rule->check));
	write_gloss(out, rule, lang);
	write_section(out, lang_text(lang, "See also"), buf_cstr(&see));
	return true;
}

struct json_t *diagnose_explain_json(struct str code, enum lang lang)
{
	const struct rule *rule = rule_find(code);
	if (!rule)
		return NULL;
	const struct {
		const char *key;
		const char *text;
	} members[] = {
		{ "title", rule->title },     { "remedy", rule->remedy },
		{ "meaning", rule->meaning }, { "why", rule->why },
		{ "how_we_know", rule->how }, { "fix", rule->fix },
	};
	json_t *json = json_object();
	auto_buf struct buf see;
	buf_init(&see, 4096);
	write_see_also(&see, rule, lang, ", ");
	json_object_set_new(json, "code", json_string(rule->code));
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		json_object_set_new(json, members[i].key,
				    json_string(lang_text(lang, members[i].text)));
	json_object_set_new(json, "check_yourself",
			    json_string(lang_text(lang, rule->check)));
	json_object_set_new(json, "see_also", json_string(buf_cstr(&see)));
	return json;
}

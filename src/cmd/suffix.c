/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend suffix: the public suffix of a domain, and what can be registered below it. */
#include "cmd/report.h"
#include "cmd/table.h"
#include "mail/mail.h"

enum {
	ARENA_MAX = 1 << 20,
	OUTPUT_MAX = 64 << 10,
	SHOWN_MAX = 4 << 10,
};

/* "xn--85x722f.com.cn (食狮.com.cn)" */
static struct str both_forms(struct arena *a, struct str domain)
{
	struct str unicode = mail_domain_unicode(a, domain);
	auto_buf struct buf b;

	buf_init(&b, SHOWN_MAX);
	buf_str(&b, domain);
	if (!str_equal(domain, unicode)) {
		buf_text(&b, " (");
		escape_visible(&b, unicode, 0);
		buf_byte(&b, ')');
	}
	return arena_str(a, buf_view(&b));
}

static void write_text(struct buf *out, struct arena *a, const struct mail_suffix *s,
		       enum lang lang)
{
	struct table t;

	table_init(&t, a, 2);
	if (s->registrable.len > 0)
		table_add(&t, (struct str[]){
				      str_from(lang_text(lang, "organisation")),
				      both_forms(a, s->registrable),
			      });
	table_add(&t, (struct str[]){
			      str_from(lang_text(lang, "public suffix")),
			      both_forms(a, s->suffix),
		      });
	table_write(&t, out, 0, report_columns());
	if (s->registrable.len == 0)
		table_paragraph(
			out,
			str_from(lang_text(
				lang, "it is itself a public suffix: others register "
				      "their domains below it, and nobody can claim "
				      "it for mail")),
			0, report_columns());
}

static void set_forms(json_t *json, struct arena *a, const char *key, const char *unicode,
		      struct str domain)
{
	bool has_any = domain.len > 0;

	json_object_set_new(json, key, has_any ? json_of(domain) : json_null());
	json_object_set_new(json, unicode,
			    has_any ? json_of(mail_domain_unicode(a, domain))
				    : json_null());
}

static void write_json(struct buf *out, struct arena *a, const struct mail_suffix *s,
		       int64_t now_s)
{
	json_t *json = json_object();

	json_object_set_new(json, "schema",
			    json_string("https://unpend.example/schemas/suffix/v1"));
	set_forms(json, a, "domain", "domain_unicode", s->domain);
	set_forms(json, a, "suffix", "suffix_unicode", s->suffix);
	set_forms(json, a, "registrable", "registrable_unicode", s->registrable);
	json_object_set_new(json, "checked_at", json_time(a, now_s));
	json_write(out, json);
}

struct suffix_options {
	struct str now;
	size_t now_count;
	size_t json_count;
};

static int show_suffix(const struct cmd_line *line, const struct suffix_options *o)
{
	struct mail_suffix s;
	struct err e = { .lang = line->lang };
	int64_t now_s;
	auto_arena struct arena a;
	auto_buf struct buf out;

	arena_init(&a, ARENA_MAX);
	buf_init(&out, OUTPUT_MAX);
	if (line->word_count != 1) {
		err_set(&e, ERR_USAGE, "%s",
			lang_text(line->lang, "'suffix' wants one DOMAIN"));
		return cmd_fail(&e);
	}
	if (!words_now(o->now, o->now_count, line->lang, &now_s, &e) ||
	    !mail_suffix_parse(&a, line->words[0], &s, &e))
		return cmd_fail(&e);
	if (o->json_count > 0)
		write_json(&out, &a, &s, now_s);
	else
		write_text(&out, &a, &s, line->lang);
	int code = cmd_print(&out);
	if (code != EXIT_OK)
		return code;
	return s.registrable.len > 0 ? EXIT_OK : EXIT_ACTION;
}

int cmd_suffix(int argc, char **argv)
{
	struct suffix_options o = { 0 };
	const struct cmd_option options[] = {
		{ "--json", NULL, NULL, 0, &o.json_count },
		{ "--now", "TIME", &o.now, 1, &o.now_count },
	};
	struct cmd_line line = { .options = options, .option_count = ARRAY_LEN(options) };
	int code;

	if (!cmd_line_read(&line, argc, argv, &code))
		return code;
	code = show_suffix(&line, &o);
	cmd_line_done(&line);
	return code;
}

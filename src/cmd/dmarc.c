/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend dmarc: what DMARC says to mail of a domain, given what SPF and DKIM said. */
#include "cmd/evaluate.h"
#include "cmd/report.h"
#include "cmd/table.h"

enum {
	ARENA_MAX = 256 << 20,
	OUTPUT_MAX = 1 << 20,
	TEXT_MAX = 256 << 10,
	RECORD_SHOWN_MAX = 1024,
};

struct dmarc_options {
	struct str from;
	struct str spf;
	struct str dkim[DMARC_DKIM_MAX];
	struct str now;
	size_t from_count;
	size_t spf_count;
	size_t dkim_count;
	size_t now_count;
	size_t json_count;
};

struct showing {
	struct arena *a;
	enum lang lang;
	const struct dmarc_query *query;
	const struct dmarc_outcome *outcome;
	int64_t now_s;
};

static const char *result_name(const struct dmarc_outcome *o)
{
	if (o->is_temperror)
		return "temperror";
	if (!o->has_record)
		return "none";
	return o->passes ? "pass" : "fail";
}

static int exit_code(const struct dmarc_outcome *o)
{
	if (o->is_temperror)
		return EXIT_UNDETERMINED;
	return o->has_record && o->passes ? EXIT_OK : EXIT_ACTION;
}

/* Text */

static struct str alignment_text(const struct showing *s, const struct dns_name *name,
				 bool is_aligned, bool is_strict)
{
	const char *domain = show_name(s->a, name).data;
	const char *from = show_name(s->a, &s->query->from).data;
	const char *text;

	if (is_aligned)
		text = arena_printf(s->a, lang_text(s->lang, "%s is aligned with %s"),
				    domain, from);
	else if (is_strict)
		text = arena_printf(s->a,
				    lang_text(s->lang, "%s is not aligned with %s: they "
						       "have to be the same (strict)"),
				    domain, from);
	else
		text = arena_printf(s->a,
				    lang_text(s->lang, "%s is not aligned with %s: not "
						       "known to be one organisation"),
				    domain, from);
	return str_from(text);
}

static struct str record_text(const struct showing *s)
{
	const struct dmarc_outcome *o = s->outcome;
	auto_buf struct buf shown;

	buf_init(&shown, TEXT_MAX);
	escape_visible(&shown, o->record, RECORD_SHOWN_MAX);
	return str_from(arena_printf(s->a, "_dmarc.%s: %s",
				     show_name(s->a, &o->found_at).data,
				     buf_cstr(&shown)));
}

static struct str policy_text(const struct showing *s)
{
	const struct dmarc_outcome *o = s->outcome;
	const char *policy = dmarc_policy_name(o->policy);

	return str_from(
		o->testing ? arena_printf(
				     s->a,
				     lang_text(s->lang,
					       "%s (by %s=), as a test (t=y): receivers "
					       "apply the next milder one"),
				     policy, o->policy_tag)
			   : arena_printf(s->a, lang_text(s->lang, "%s (by %s=)"), policy,
					  o->policy_tag));
}

static void add_row(struct table *t, const char *title, struct str text)
{
	table_add(t, (struct str[]){ str_from(title), text });
}

static const char *missing_text(const struct showing *s)
{
	if (s->outcome->is_temperror)
		return lang_text(s->lang,
				 "a domain could not be looked up, and the answer "
				 "hangs on it");
	if (!s->outcome->has_record)
		return lang_text(s->lang, "no DMARC record holds for this domain");
	if (s->query->dkim_count == 0 && s->query->spf.len == 0)
		return lang_text(s->lang,
				 "nothing passed: give the domains for which DKIM or SPF "
				 "passed with --dkim and --spf");
	return arena_printf(s->a,
			    lang_text(s->lang,
				      "no domain for which DKIM or SPF passed is aligned "
				      "with %s, the domain of the From line"),
			    show_name(s->a, &s->query->from).data);
}

static void write_text(struct buf *out, const struct showing *s)
{
	const struct dmarc_outcome *o = s->outcome;
	const struct dmarc_query *q = s->query;
	struct table t;

	buf_printf(out, "%s\n", result_name(o));
	table_init(&t, s->a, 2);
	for (size_t i = 0; i < q->dkim_count; i++)
		add_row(&t, "DKIM",
			alignment_text(s, &q->dkim[i], o->dkim_each[i], o->strict_dkim));
	if (q->spf.len > 0)
		add_row(&t, "SPF",
			alignment_text(s, &q->spf, o->spf_aligned, o->strict_spf));
	if (o->has_record) {
		add_row(&t, lang_text(s->lang, "policy"), policy_text(s));
		add_row(&t, lang_text(s->lang, "record"), record_text(s));
	}
	if (o->organisation.len > 0)
		add_row(&t, lang_text(s->lang, "organisation"),
			show_name(s->a, &o->organisation));
	if (!o->has_record || o->is_temperror || !o->passes)
		add_row(&t, lang_text(s->lang, "why"), str_from(missing_text(s)));
	table_write(&t, out, 2, report_columns());
}

/* JSON */

static json_t *json_identifier(const struct showing *s, const struct dns_name *name,
			       bool is_aligned)
{
	json_t *json = json_object();

	json_object_set_new(json, "domain", json_name(s->a, name));
	json_object_set_new(json, "aligned", json_boolean(is_aligned));
	return json;
}

static json_t *json_record_of(const struct showing *s)
{
	const struct dmarc_outcome *o = s->outcome;
	json_t *json = json_object();

	json_object_set_new(json, "found_at", json_name(s->a, &o->found_at));
	json_object_set_new(json, "text", json_of(o->record));
	json_object_set_new(json, "policy", json_string(dmarc_policy_name(o->policy)));
	json_object_set_new(json, "policy_tag", json_string(o->policy_tag));
	json_object_set_new(json, "adkim", json_string(o->strict_dkim ? "s" : "r"));
	json_object_set_new(json, "aspf", json_string(o->strict_spf ? "s" : "r"));
	json_object_set_new(json, "testing", json_boolean(o->testing));
	return json;
}

static void write_json(struct buf *out, const struct showing *s)
{
	const struct dmarc_outcome *o = s->outcome;
	const struct dmarc_query *q = s->query;
	json_t *json = json_object();
	json_t *dkim = json_array();

	for (size_t i = 0; i < q->dkim_count; i++)
		json_array_append_new(dkim,
				      json_identifier(s, &q->dkim[i], o->dkim_each[i]));
	json_object_set_new(json, "schema",
			    json_string("https://unpend.example/schemas/dmarc/v1"));
	json_object_set_new(json, "result", json_string(result_name(o)));
	json_object_set_new(json, "from", json_name(s->a, &q->from));
	json_object_set_new(json, "organisation",
			    o->organisation.len > 0 ? json_name(s->a, &o->organisation)
						    : json_null());
	json_object_set_new(json, "record",
			    o->has_record ? json_record_of(s) : json_null());
	json_object_set_new(json, "spf",
			    q->spf.len > 0 ? json_identifier(s, &q->spf, o->spf_aligned)
					   : json_null());
	json_object_set_new(json, "dkim", dkim);
	json_object_set_new(json, "why", json_of(o->why));
	json_object_set_new(json, "checked_at", json_time(s->a, s->now_s));
	json_write(out, json);
}

/* The command */

static bool take_domain(struct arena *a, const char *option, struct str text,
			struct dns_name *out, struct err *e)
{
	if (!words_name(a, text, out, e))
		return err_in(e, "%s", option);
	if (out->len <= 1)
		return err_set(e, ERR_USAGE, "%s: the root is no domain for mail",
			       option);
	return true;
}

static bool take_options(struct arena *a, const struct cmd_line *line,
			 const struct dmarc_options *o, struct dmarc_query *q,
			 struct err *e)
{
	struct dns_name *dkim = arena_array(a, DMARC_DKIM_MAX, sizeof(*dkim));

	*q = (struct dmarc_query){ .dkim = dkim, .dkim_count = o->dkim_count };
	if (line->word_count > 0 || o->from_count == 0)
		return err_set(e, ERR_USAGE, "%s",
			       lang_text(line->lang,
					 "'dmarc' wants the domain of the From line: "
					 "unpend dmarc --from shop.example --dkim "
					 "shop.example --spf bounce.shop.example"));
	if (!take_domain(a, "--from", o->from, &q->from, e) ||
	    (o->spf_count > 0 && !take_domain(a, "--spf", o->spf, &q->spf, e)))
		return false;
	for (size_t i = 0; i < o->dkim_count; i++)
		if (!take_domain(a, "--dkim", o->dkim[i], &dkim[i], e))
			return false;
	return true;
}

static int evaluate(struct arena *a, const struct cmd_line *line, void *arg)
{
	const struct dmarc_options *o = arg;
	struct dmarc_query query;
	struct dmarc_outcome outcome;
	struct evaluation *ev;
	struct err e = { .lang = line->lang };
	struct showing s = {
		.a = a, .lang = line->lang, .query = &query, .outcome = &outcome
	};
	auto_buf struct buf out;

	buf_init(&out, OUTPUT_MAX);
	if (!take_options(a, line, o, &query, &e) ||
	    !words_now(o->now, o->now_count, line->lang, &s.now_s, &e) ||
	    !evaluation_open(a, line->config, &ev, &e))
		return cmd_fail(&e);
	status_show(lang_text(line->lang, "asking the DNS ..."));
	do {
		auto_arena struct arena scratch;
		arena_init(&scratch, ARENA_MAX);
		dmarc_evaluate(&scratch, &ev->source, &query, &outcome);
	} while (evaluation_ask(ev, &outcome.wanted));
	dmarc_evaluate(a, &ev->source, &query, &outcome);
	status_show("");
	evaluation_close(&ev);
	if (o->json_count > 0)
		write_json(&out, &s);
	else
		write_text(&out, &s);
	int code = cmd_print(&out);
	return code == EXIT_OK ? exit_code(&outcome) : code;
}

int cmd_dmarc(int argc, char **argv)
{
	struct dmarc_options o = { 0 };
	const struct cmd_option options[] = {
		{ "--from", "DOMAIN", &o.from, 1, &o.from_count },
		{ "--spf", "DOMAIN", &o.spf, 1, &o.spf_count },
		{ "--dkim", "DOMAIN", o.dkim, DMARC_DKIM_MAX, &o.dkim_count },
		{ "--now", "TIME", &o.now, 1, &o.now_count },
		{ "--json", NULL, NULL, 0, &o.json_count },
	};

	return cmd_run(argc, argv,
		       &(struct cmd_work){ options, ARRAY_LEN(options), ARENA_MAX,
					   evaluate, &o });
}

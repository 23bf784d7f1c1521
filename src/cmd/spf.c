/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend spf: what SPF says to a client that sends as somebody, and why. */
#include "cmd/evaluate.h"
#include "cmd/report.h"
#include "cmd/table.h"

enum {
	ARENA_MAX = 256 << 20,
	OUTPUT_MAX = 1 << 20,
	WHY_MAX = 16 << 10,
};

struct spf_options {
	struct str ip;
	struct str mail_from;
	struct str helo;
	struct str receiver;
	struct str now;
	size_t ip_count;
	size_t mail_from_count;
	size_t helo_count;
	size_t receiver_count;
	size_t now_count;
	size_t json_count;
};

/* pass is success; what is definite and no pass is 1; temperror could not be told. */
static int exit_code(enum spf_result result)
{
	switch (result) {
	case SPF_PASS:
		return EXIT_OK;
	case SPF_NONE:
	case SPF_NEUTRAL:
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_PERMERROR:
		return EXIT_ACTION;
	case SPF_TEMPERROR:
		return EXIT_UNDETERMINED;
	}
	return EXIT_BUG;
}

static struct str visible(struct arena *a, struct str foreign)
{
	auto_buf struct buf b;
	buf_init(&b, WHY_MAX);
	escape_visible(&b, foreign, 0);
	return arena_str(a, buf_view(&b));
}

static struct str why(struct arena *a, const struct spf_outcome *o, enum lang lang)
{
	auto_buf struct buf b;
	buf_init(&b, WHY_MAX);
	spf_cause_write(&b, o, lang);
	return arena_str(a, buf_view(&b));
}

static void write_text(struct buf *out, struct arena *a, const struct spf_outcome *o,
		       enum lang lang)
{
	size_t columns = report_columns();

	buf_printf(out, "%s\n", spf_result_name(o->result));
	table_paragraph(out, why(a, o, lang), 2, columns);
	table_paragraph(
		out,
		str_from(arena_printf(
			a,
			lang_text(lang, "look-ups: %u of 10, and %u of 2 that may "
					"find nothing"),
			o->lookups, o->void_lookups)),
		2, columns);
	if (o->explanation.len > 0) {
		buf_text(out, "  ");
		buf_printf(out, lang_text(lang, "the domain explains: %s"),
			   visible(a, o->explanation).data);
		buf_byte(out, '\n');
	}
}

static void write_json(struct buf *out, struct arena *a, const struct spf_outcome *o,
		       const struct spf_query *q)
{
	auto_buf struct buf ip;
	buf_init(&ip, 64);
	address_write(&ip, &q->ip);
	json_t *json = json_object();
	const struct {
		const char *key;
		struct str value;
	} texts[] = {
		{ "result", str_from(spf_result_name(o->result)) },
		{ "ip", buf_view(&ip) },
		{ "mail_from", q->mail_from },
		{ "helo", q->helo },
		{ "domain", o->domain },
		{ "term", o->term },
		{ "inner_domain", o->inner_domain },
		{ "inner_term", o->inner_term },
		{ "target", o->target },
		{ "why", why(a, o, LANG_EN) },
		{ "explanation", o->explanation },
	};

	json_object_set_new(json, "schema",
			    json_string("https://unpend.example/schemas/spf/v1"));
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		json_object_set_new(json, texts[i].key, json_of(texts[i].value));
	json_object_set_new(json, "lookups", json_integer(o->lookups));
	json_object_set_new(json, "void_lookups", json_integer(o->void_lookups));
	json_object_set_new(json, "checked_at", json_time(a, q->now_s));
	json_write(out, json);
}

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.data[i] > 127)
			return false;
	}
	return true;
}

/* "<a@b>", as SMTP has it, is a@b; a domain in another script becomes its A-labels. */
static bool take_sender(struct arena *a, struct str text, struct str *out, struct err *e)
{
	struct dns_name name;

	if (str_starts(text, STR("<")) && str_ends(text, STR(">")))
		text = str_sub(text, 1, text.len - 2);
	size_t at = text.len;
	while (at > 0 && text.data[at - 1] != '@')
		at--;
	struct str domain = str_sub(text, at, text.len);
	*out = text;
	if (is_ascii(domain))
		return true;
	if (!words_name(a, domain, &name, e))
		return err_in(e, "--mail-from");
	*out = str_from(arena_printf(a, "%.*s%s", STR_ARG(str_sub(text, 0, at)),
				     dns_name_text(a, &name).data));
	return true;
}

static bool take_options(struct arena *a, const struct cmd_line *line,
			 const struct spf_options *o, struct spf_query *q, struct err *e)
{
	*q = (struct spf_query){ .helo = o->helo_count ? o->helo : STR_EMPTY,
				 .receiver = o->receiver_count ? o->receiver : STR_EMPTY,
				 .mail_from = STR_EMPTY,
				 .explain = true };
	if (o->ip_count > 0 &&
	    (str_find_byte(o->ip, '@') < o->ip.len || !address_parse(o->ip, 53, &q->ip)))
		return err_set(e, ERR_USAGE,
			       lang_text(line->lang, "--ip '%s' is not an IP address"),
			       visible(a, o->ip).data);
	if (line->word_count > 0 || o->ip_count == 0 ||
	    o->mail_from_count + o->helo_count == 0)
		return err_set(
			e, ERR_USAGE, "%s",
			lang_text(line->lang,
				  "'spf' wants a client and who it sends as: unpend "
				  "spf --ip 192.0.2.1 --mail-from news@shop.example "
				  "--helo mail.shop.example"));
	return (o->mail_from_count == 0 ||
		take_sender(a, o->mail_from, &q->mail_from, e)) &&
	       words_now(o->now, o->now_count, line->lang, &q->now_s, e);
}

static int evaluate(struct arena *a, const struct cmd_line *line, void *arg)
{
	const struct spf_options *o = arg;
	struct spf_query query;
	struct spf_outcome outcome;
	struct evaluation *ev;
	struct err e = { .lang = line->lang };
	auto_buf struct buf out;
	buf_init(&out, OUTPUT_MAX);

	if (!take_options(a, line, o, &query, &e) ||
	    !evaluation_open(a, line->config, &ev, &e))
		return cmd_fail(&e);
	status_show(lang_text(line->lang, "asking the DNS ..."));
	do {
		auto_arena struct arena scratch;
		arena_init(&scratch, ARENA_MAX);
		spf_evaluate(&scratch, &ev->source, &query, &outcome);
	} while (evaluation_ask(ev, &outcome.wanted));
	spf_evaluate(a, &ev->source, &query, &outcome);
	status_show("");
	evaluation_close(&ev);
	if (o->json_count > 0)
		write_json(&out, a, &outcome, &query);
	else
		write_text(&out, a, &outcome, line->lang);
	int code = cmd_print(&out);
	return code == EXIT_OK ? exit_code(outcome.result) : code;
}

int cmd_spf(int argc, char **argv)
{
	struct spf_options o = { 0 };
	const struct cmd_option options[] = {
		{ "--ip", "IP", &o.ip, 1, &o.ip_count },
		{ "--mail-from", "ADDR", &o.mail_from, 1, &o.mail_from_count },
		{ "--helo", "NAME", &o.helo, 1, &o.helo_count },
		{ "--receiver", "NAME", &o.receiver, 1, &o.receiver_count },
		{ "--now", "TIME", &o.now, 1, &o.now_count },
		{ "--json", NULL, NULL, 0, &o.json_count },
	};

	return cmd_run(argc, argv,
		       &(struct cmd_work){ options, ARRAY_LEN(options), ARENA_MAX,
					   evaluate, &o });
}

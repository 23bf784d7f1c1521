/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend provider: who runs a domain's name servers, and how that panel wants records. */
#include "cmd/apex.h"
#include "cmd/report.h"
#include "cmd/table.h"

enum {
	ARENA_MAX = 64 << 20,
	OUTPUT_MAX = 1 << 20,
	TEXT_MAX_BYTES = 8192,
};

struct asked {
	struct arena *a;
	enum lang lang;
	struct str domain; /* as it is shown */
	struct dns_name name;
	const struct apex *apex;
	struct buf *out;
	size_t columns;
};

static const char *confidence_words(const struct asked *x)
{
	const struct provider_match *m = &x->apex->provider;
	switch (m->confidence) {
	case PROVIDER_CERTAIN:
		return lang_text(x->lang, "certain: all name servers are theirs");
	case PROVIDER_MIXED:
		return lang_text(x->lang,
				 "mixed: the name servers are not all of one "
				 "operator, or the domain is being moved; a record "
				 "has to be at both");
	case PROVIDER_SHARED:
		return lang_text(x->lang,
				 "shared: others use these name servers too; the "
				 "panel is that of whom the domain's DNS was "
				 "ordered from");
	case PROVIDER_LIKELY:
		return lang_text(x->lang, "likely: the name servers have names of their "
					  "own, and the zone's SOA record names this "
					  "operator");
	}
	return "";
}

static struct str standing_mark(const struct asked *x, enum fact fact)
{
	return fact == FACT_SOURCED ? str_from(lang_text(x->lang, "sourced"))
				    : str_from(lang_text(x->lang, "unconfirmed"));
}

static void add_server_rows(const struct asked *x, struct table *t)
{
	for (size_t i = 0; i < x->apex->server_count; i++) {
		const struct provider *p = provider_of_server(&x->apex->servers[i], NULL);
		table_add(t, (const struct str[]){
				     i == 0 ? str_from(lang_text(x->lang, "name servers"))
					    : STR_EMPTY,
				     show_name(x->a, &x->apex->servers[i]),
				     p ? provider_name(p, x->lang)
				       : str_from(lang_text(x->lang, "unknown")) });
	}
}

static void write_servers(const struct asked *x)
{
	struct table t;
	table_init(&t, x->a, 3);
	add_server_rows(x, &t);
	table_write(&t, x->out, 2, x->columns);
}

/* What to type for an example, by the name box. */
static struct str example_typed(const struct asked *x, const struct dns_name *example)
{
	const struct provider *p = x->apex->provider.provider;
	if (p->name_box == NAME_BOX_WHOLE)
		return show_name(x->a, example);
	struct dns_name front = dns_name_relative(example, &x->apex->zone);
	return show_name(x->a, &front);
}

static bool make_example(const struct asked *x, struct dns_name *out)
{
	struct dns_name front;
	struct err ignored = { 0 };
	return dns_name_parse(STR("k1._domainkey"), &front, &ignored) &&
	       dns_name_join(&front, &x->name, out);
}

static void add_fact(const struct asked *x, struct table *t, enum fact fact,
		     struct str text)
{
	if (fact != FACT_UNKNOWN && text.len > 0)
		table_add(t, (const struct str[]){ standing_mark(x, fact), text });
}

static void add_labels(const struct asked *x, struct table *t)
{
	const struct provider *p = x->apex->provider.provider;
	const struct {
		const char *box;
		struct str label;
	} labels[] = {
		{ LANG_MARK("the name box is called"), p->label_name },
		{ LANG_MARK("the type box is called"), p->label_type },
		{ LANG_MARK("the value box is called"), p->label_value },
		{ LANG_MARK("the value box of a CNAME is called"), p->label_target },
		{ LANG_MARK("the value box of an MX is called"), p->label_host },
		{ LANG_MARK("the priority box is called"), p->label_priority },
	};
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		const char *text = arena_printf(x->a, lang_text(x->lang, "%s \"%.*s\""),
						lang_text(x->lang, labels[i].box),
						STR_ARG(labels[i].label));
		if (labels[i].label.len > 0)
			add_fact(x, t, p->labels_fact, str_from(text));
	}
}

static void write_panel(const struct asked *x)
{
	const struct provider *p = x->apex->provider.provider;
	const char *zone = show_name(x->a, &x->apex->zone).data;
	struct table t;
	table_init(&t, x->a, 2);
	for (unsigned topic = 0; topic < PROVIDER_TOPICS; topic++) {
		auto_buf struct buf b;
		buf_init(&b, TEXT_MAX_BYTES);
		enum fact fact =
			provider_write(&b, p, (enum provider_topic)topic, x->lang, zone);
		add_fact(x, &t, fact, arena_str(x->a, buf_view(&b)));
	}
	add_labels(x, &t);
	for (size_t i = 0; i < p->trap_count; i++)
		add_fact(x, &t, p->traps[i].fact,
			 x->lang == LANG_JA ? p->traps[i].ja : p->traps[i].en);
	if (p->takeover_prone)
		add_fact(x, &t, p->takeover_fact,
			 str_from(lang_text(
				 x->lang, "where a domain is delegated to this operator "
					  "and the zone is gone, a stranger may be able "
					  "to create it there")));
	if (p->has_domain_connect)
		add_fact(x, &t, p->domain_connect_fact,
			 str_from(lang_text(x->lang, "it takes part in Domain Connect "
						     "(records set by one click)")));
	table_write(&t, x->out, 2, x->columns);
}

static void paragraph(const struct asked *x, const char *text)
{
	buf_byte(x->out, '\n');
	table_paragraph(x->out, str_from(text), 0, x->columns);
}

static void write_example(const struct asked *x)
{
	const struct provider *p = x->apex->provider.provider;
	struct dns_name example;
	if (p->name_box == NAME_BOX_UNKNOWN || p->name_box == NAME_BOX_NONE ||
	    !make_example(x, &example))
		return;
	paragraph(x,
		  arena_printf(x->a,
			       lang_text(x->lang, "Example: for %s type %s in the name "
						  "box."),
			       show_name(x->a, &example).data,
			       example_typed(x, &example).data));
}

static void write_ways(const struct asked *x)
{
	const struct provider *p = x->apex->provider.provider;
	bool ja = x->lang == LANG_JA;
	struct str where = ja && p->where_ja.len > 0 ? p->where_ja : p->where_en;
	struct str way = ja && p->switch_ja.len > 0 ? p->switch_ja : p->switch_en;
	if (where.len > 0)
		paragraph(x, arena_printf(x->a, lang_text(x->lang, "Records: %.*s"),
					  STR_ARG(where)));
	if (way.len > 0)
		paragraph(x, arena_printf(x->a, lang_text(x->lang, "Proxy switch: %.*s"),
					  STR_ARG(way)));
}

static void write_known(const struct asked *x)
{
	const struct provider *p = x->apex->provider.provider;
	auto_buf struct buf who;
	buf_init(&who, TEXT_MAX_BYTES);
	provider_match_write(&who, &x->apex->provider, x->lang);
	table_paragraph(x->out,
			str_from(arena_printf(
				x->a, lang_text(x->lang, "The DNS of %.*s is at %s."),
				STR_ARG(x->domain), buf_cstr(&who))),
			0, x->columns);
	paragraph(x, arena_printf(x->a, lang_text(x->lang, "Zone %s; %s."),
				  show_name(x->a, &x->apex->zone).data,
				  confidence_words(x)));
	buf_byte(x->out, '\n');
	write_servers(x);
	write_ways(x);
	write_example(x);
	paragraph(x, lang_text(x->lang,
			       "How its panel wants records. \"sourced\": somebody has "
			       "seen it and said where; \"unconfirmed\": general "
			       "knowledge, look at what the panel itself says."));
	write_panel(x);
	paragraph(x, arena_printf(x->a, lang_text(x->lang, "Known from: %.*s (%.*s)."),
				  STR_ARG(p->source), STR_ARG(p->verified_on)));
}

static void write_unknown(const struct asked *x)
{
	table_paragraph(
		x->out,
		str_from(arena_printf(
			x->a,
			lang_text(x->lang, "Who runs the DNS of %.*s is not known here."),
			STR_ARG(x->domain))),
		0, x->columns);
	buf_byte(x->out, '\n');
	write_servers(x);
	paragraph(x,
		  lang_text(x->lang,
			    "What to do: the names of the name servers mostly end in the "
			    "operator's own domain. Sign in there: that is where records "
			    "are added, wherever the domain was bought. Where the names "
			    "end in the domain itself, ask whoever set it up."));
	paragraph(x,
		  lang_text(x->lang,
			    "Try one record first. Most panels add the zone's name to "
			    "what is typed in the name box: then type the name without "
			    "it. 'unpend check' tells when it came out twice."));
}

/* JSON */

static json_t *fact_json(json_t *value, enum fact fact)
{
	json_t *json = json_object();
	json_object_set_new(json, "value", value);
	json_object_set_new(
		json, "standing",
		json_string(fact == FACT_SOURCED ? "sourced" : "unconfirmed"));
	return json;
}

static void set_fact(json_t *json, const char *key, enum fact fact, json_t *value)
{
	if (fact == FACT_UNKNOWN) {
		json_decref(value);
		json_object_set_new(json, key, json_null());
		return;
	}
	json_object_set_new(json, key, fact_json(value, fact));
}

static const char *name_box_word(enum name_box box)
{
	static const char *const words[] = {
		[NAME_BOX_UNKNOWN] = "unknown",
		[NAME_BOX_RELATIVE] = "relative",
		[NAME_BOX_RELATIVE_DOT] = "relative-dot",
		[NAME_BOX_STRIP] = "strip",
		[NAME_BOX_WHOLE] = "whole",
		[NAME_BOX_NONE] = "none",
	};
	return words[box];
}

static const char *quotes_word(enum txt_quotes quotes)
{
	static const char *const words[] = {
		[TXT_QUOTES_UNKNOWN] = "unknown", [TXT_QUOTES_WANTED] = "wanted",
		[TXT_QUOTES_ADDED] = "added",     [TXT_QUOTES_REMOVED] = "removed",
		[TXT_QUOTES_REFUSED] = "refused",
	};
	return words[quotes];
}

static json_t *labels_json(const struct provider *p)
{
	json_t *json = json_object();
	const struct {
		const char *key;
		struct str label;
	} labels[] = {
		{ "name", p->label_name },      { "type", p->label_type },
		{ "value", p->label_value },    { "target", p->label_target },
		{ "mail_host", p->label_host }, { "priority", p->label_priority },
	};
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		if (labels[i].label.len > 0)
			json_object_set_new(json, labels[i].key,
					    json_of(labels[i].label));
	}
	return json;
}

static json_t *traps_json(const struct provider *p, enum lang lang)
{
	json_t *array = json_array();
	for (size_t i = 0; i < p->trap_count; i++)
		json_array_append_new(array,
				      fact_json(json_of(lang == LANG_JA ? p->traps[i].ja
									: p->traps[i].en),
						p->traps[i].fact));
	return array;
}

static json_t *panel_json(const struct asked *x)
{
	const struct provider *p = x->apex->provider.provider;
	const char *dot = p->target_needs_dot ? "needed" : "refused";
	const char *apex = p->apex == APEX_AT ? "@" : "";
	json_t *json = json_object();
	set_fact(json, "name_box", p->name_box_fact,
		 json_string(name_box_word(p->name_box)));
	set_fact(json, "apex", p->apex_fact, json_string(apex));
	set_fact(json, "underscore_in_cname", p->underscore_fact,
		 json_boolean(!p->underscore_refused));
	set_fact(json, "target_final_dot", p->target_dot_fact, json_string(dot));
	set_fact(json, "txt_quotes", p->txt_quotes_fact,
		 json_string(quotes_word(p->txt_quotes)));
	set_fact(json, "txt_max", p->txt_max_fact, json_integer(p->txt_max));
	set_fact(json, "publish_s", p->publish_fact, json_integer(p->publish_s));
	set_fact(json, "labels", p->labels_fact, labels_json(p));
	set_fact(json, "takeover_prone", p->takeover_fact,
		 json_boolean(p->takeover_prone));
	set_fact(json, "domain_connect", p->domain_connect_fact,
		 json_boolean(p->has_domain_connect));
	json_object_set_new(json, "where",
			    p->where_en.len > 0 ? json_of(p->where_en) : json_null());
	json_object_set_new(json, "proxy_switch",
			    p->switch_en.len > 0 ? json_of(p->switch_en) : json_null());
	json_object_set_new(json, "traps", traps_json(p, x->lang));
	json_object_set_new(json, "source", json_of(p->source));
	json_object_set_new(json, "verified_on", json_of(p->verified_on));
	return json;
}

static json_t *provider_json(const struct asked *x)
{
	const struct provider_match *m = &x->apex->provider;
	json_t *json = json_object();
	const char *evidence = m->confidence == PROVIDER_LIKELY ? "soa" : "ns-pattern";
	json_object_set_new(json, "id", json_of(m->provider->id));
	json_object_set_new(json, "name", json_of(provider_name(m->provider, x->lang)));
	json_object_set_new(json, "confidence",
			    json_string(provider_confidence_name(m->confidence)));
	json_object_set_new(json, "evidence", json_pack("[s]", evidence));
	json_object_set_new(json, "other",
			    m->other ? json_of(m->other->id) : json_null());
	json_object_set_new(json, "shared_with",
			    m->confidence == PROVIDER_SHARED
				    ? json_of(m->provider->shared)
				    : json_null());
	json_object_set_new(json, "panel", panel_json(x));
	return json;
}

static json_t *asked_json(const struct asked *x)
{
	json_t *json = json_object();
	json_t *servers = json_array();
	for (size_t i = 0; i < x->apex->server_count; i++) {
		const struct provider *p = provider_of_server(&x->apex->servers[i], NULL);
		json_t *server = json_object();
		json_object_set_new(server, "name",
				    json_name(x->a, &x->apex->servers[i]));
		json_object_set_new(server, "provider", p ? json_of(p->id) : json_null());
		json_array_append_new(servers, server);
	}
	json_object_set_new(json, "schema",
			    json_string("https://unpend.example/schemas/provider/v1"));
	json_object_set_new(json, "domain", json_of(x->domain));
	json_object_set_new(json, "zone", json_name(x->a, &x->apex->zone));
	json_object_set_new(json, "nameservers", servers);
	json_object_set_new(json, "provider",
			    x->apex->provider.provider ? provider_json(x) : json_null());
	return json;
}

/* The zone could not be found. */
static int fail_walk(const struct asked *x)
{
	struct err e = { 0 };
	if (x->apex->outcome == WALK_NXDOMAIN)
		err_set(&e, ERR_USAGE,
			lang_text(x->lang,
				  "there is no domain '%.*s' in the DNS: 'unpend "
				  "check' says more"),
			STR_ARG(x->domain));
	else
		err_set(&e, ERR_UNAVAILABLE,
			lang_text(x->lang, "the name servers of '%.*s' could not be "
					   "found: no usable answer came"),
			STR_ARG(x->domain));
	cmd_fail(&e);
	return x->apex->outcome == WALK_NXDOMAIN ? EXIT_ACTION : EXIT_UNDETERMINED;
}

static int show(struct asked *x, bool as_json)
{
	if (x->apex->outcome != WALK_DONE)
		return fail_walk(x);
	if (as_json)
		json_write(x->out, asked_json(x));
	else if (x->apex->provider.provider)
		write_known(x);
	else
		write_unknown(x);
	int code = cmd_print(x->out);
	if (code != EXIT_OK)
		return code;
	return x->apex->provider.provider ? EXIT_OK : EXIT_UNDETERMINED;
}

static int run(struct arena *a, const struct cmd_line *line, bool as_json)
{
	struct err e = { .lang = line->lang };
	struct apex apex;
	auto_buf struct buf out;
	buf_init(&out, OUTPUT_MAX);
	struct asked x = { .a = a,
			   .lang = line->lang,
			   .apex = &apex,
			   .out = &out,
			   .columns = report_columns() };
	if (line->word_count != 1) {
		err_set(&e, ERR_USAGE,
			lang_text(line->lang,
				  "'provider' wants one DOMAIN: unpend provider DOMAIN "
				  "[--json]"));
		return cmd_fail(&e);
	}
	if (!words_name(a, line->words[0], &x.name, &e))
		return cmd_fail(&e);
	x.domain = show_name(a, &x.name);
	if (!apex_find(a, line->config, &x.name, &apex, &e))
		return cmd_fail(&e);
	return show(&x, as_json);
}

int cmd_provider(int argc, char **argv)
{
	return cmd_run_json(argc, argv, ARENA_MAX, run);
}

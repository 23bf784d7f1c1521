/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend propagation: who still remembers what until when. */
#include "cmd/report.h"
#include "cmd/table.h"

enum {
	ARENA_MAX = 64 << 20,
	OUTPUT_MAX = 64 << 20,
};

struct spreading {
	struct arena *a;
	enum lang lang;
	size_t columns;
	int64_t now_s;
	const struct propagation *p;
	struct buf *out;
};

static bool is_known(const struct propagation *p)
{
	return p->truth.outcome == ASK_ANSWERED && (p->truth.rcode == DNS_RCODE_NOERROR ||
						    p->truth.rcode == DNS_RCODE_NXDOMAIN);
}

static size_t count_others(const struct propagation *p)
{
	return p->counts[MEMORY_OLD] + p->counts[MEMORY_NEGATIVE];
}

static size_t count_silent(const struct propagation *p)
{
	return p->counts[MEMORY_ERROR] + p->counts[MEMORY_UNKNOWN];
}

static int exit_code(const struct propagation *p)
{
	if (!p->is_known)
		return EXIT_UNDETERMINED;
	if (count_others(p) > 0)
		return EXIT_WAITING;
	return p->counts[MEMORY_AGREES] > 0 && count_silent(p) == 0 ? EXIT_OK
								    : EXIT_UNDETERMINED;
}

/* Text */

static void paragraph(struct spreading *s, const char *text)
{
	table_paragraph(s->out, str_from(text), 0, s->columns);
}

static const char *headline_waiting(struct spreading *s)
{
	const struct propagation *p = s->p;
	const char *at = show_time(s->a, p->agree_s, s->now_s).data;
	const char *in = show_duration(s->a, s->lang, p->agree_s - s->now_s).data;

	return arena_printf(
		s->a,
		lang_text(s->lang, "%zu of %zu resolvers still remember something else. "
				   "Everybody agrees from %s on (in %s)."),
		count_others(p), p->view_count, at, in);
}

static const char *headline(struct spreading *s)
{
	const struct propagation *p = s->p;

	if (!is_known(p))
		return lang_text(s->lang, "Could not find out what the zone's own name "
					  "servers say, so no resolver was asked.");
	if (!p->is_known)
		return lang_text(s->lang,
				 "The zone's own name servers do not agree with each "
				 "other, so resolvers cannot either: none was asked. "
				 "'unpend trace' shows which server is behind.");
	if (count_others(p) > 0)
		return headline_waiting(s);
	if (p->view_count == 0)
		return lang_text(s->lang,
				 "No resolver was asked: dns.resolvers is empty.");
	if (p->counts[MEMORY_AGREES] == 0 && p->truth.security == SECURITY_BOGUS)
		return lang_text(s->lang, "No resolver gives an answer, because the "
					  "zone's DNSSEC signatures do not hold. 'unpend "
					  "trace' says more.");
	if (p->counts[MEMORY_AGREES] == 0)
		return lang_text(s->lang, "No resolver gave a usable answer.");
	if (count_silent(p) > 0)
		return arena_printf(s->a,
				    lang_text(s->lang, "All that answered agree, but "
						       "%zu of %zu did not answer."),
				    count_silent(p), p->view_count);
	return arena_printf(s->a, lang_text(s->lang, "All %zu resolvers agree."),
			    p->view_count);
}

static struct str values_text(struct spreading *s, const struct dns_section *records)
{
	auto_buf struct buf b;
	buf_init(&b, OUTPUT_MAX);

	for (size_t i = 0; i < records->count; i++) {
		struct str value = show_value(s->a, &records->records[i]);
		buf_text(&b, i ? ", " : "");
		buf_str(&b, value);
	}
	return arena_str(s->a, buf_view(&b));
}

static struct str said_text(struct spreading *s, const struct propagation_server *one)
{
	if (one->outcome != ASK_ANSWERED)
		return str_from(show_outcome(s->lang, one->outcome));
	if (one->is_lame)
		return str_from(lang_text(s->lang, "does not serve this zone (lame)"));
	return one->records.count > 0 ? values_text(s, &one->records)
				      : show_rcode(s->a, one->rcode);
}

static void write_servers(struct spreading *s)
{
	const struct propagation *p = s->p;
	struct table t;

	table_init(&t, s->a, 3);
	for (size_t i = 0; i < p->server_count; i++) {
		const struct propagation_server *one = &p->servers[i];
		struct str cells[] = { show_name(s->a, &one->name),
				       show_address(s->a, &one->address),
				       said_text(s, one) };
		table_add(&t, cells);
	}
	buf_printf(s->out, "\n%s\n",
		   lang_text(s->lang, "What the zone's own name servers say:"));
	table_write(&t, s->out, 2, s->columns);
}

static bool has_odd_server(const struct propagation *p)
{
	for (size_t i = 0; i < p->server_count; i++)
		if (!p->servers[i].agrees)
			return true;
	return false;
}

static void write_records(struct spreading *s)
{
	const struct lookup_answer *x = &s->p->truth;
	struct table t;

	table_init(&t, s->a, 4);
	for (size_t i = 0; i < x->records.count; i++) {
		const struct dns_record *r = &x->records.records[i];
		struct str cells[] = { show_name(s->a, &r->owner),
				       str_from(arena_printf(s->a, "%u", r->ttl_s)),
				       show_type(s->a, r->type), show_value(s->a, r) };
		table_add(&t, cells);
	}
	table_write(&t, s->out, 2, s->columns);
	if (is_known(s->p) && !lookup_has_records(x))
		buf_printf(s->out, "  %s\n",
			   x->rcode == DNS_RCODE_NXDOMAIN
				   ? lang_text(s->lang, "no such name")
				   : lang_text(s->lang, "no record of this type"));
}

static void write_truth(struct spreading *s)
{
	const struct lookup_answer *x = &s->p->truth;

	if (s->p->is_known) {
		buf_byte(s->out, '\n');
		paragraph(s,
			  arena_printf(s->a,
				       lang_text(s->lang, "The zone's own name servers "
							  "say %s (%s):"),
				       show_rcode(s->a, x->rcode).data,
				       word_security(x->security)));
		write_records(s);
	}
	if (has_odd_server(s->p))
		write_servers(s);
}

static struct str memory_text(struct spreading *s, const struct propagation_view *v)
{
	const char *until = show_time(s->a, v->until_s, s->now_s).data;

	switch (v->memory) {
	case MEMORY_AGREES:
		return str_from(lang_text(s->lang, "agrees"));
	case MEMORY_OLD:
		return str_from(arena_printf(s->a,
					     lang_text(s->lang, "remembers until %s: %s"),
					     until, values_text(s, &v->records).data));
	case MEMORY_NEGATIVE:
		return str_from(arena_printf(
			s->a,
			lang_text(s->lang, "remembers until %s that there was none"),
			until));
	case MEMORY_ERROR:
		return str_from(lang_text(s->lang,
					  "an error, which says nothing of what it "
					  "remembers"));
	case MEMORY_UNKNOWN:
		break;
	}
	if (v->address.family == 0)
		return str_from(lang_text(s->lang, "cannot be asked: it speaks only DNS "
						   "over HTTPS or TLS"));
	return str_from(show_outcome(s->lang, v->outcome));
}

static void write_views(struct spreading *s)
{
	const struct propagation *p = s->p;
	struct table t;
	bool has_names = false;
	for (size_t i = 0; i < p->view_count; i++)
		has_names = has_names || p->views[i].who;
	struct str heads[] = {
		has_names ? str_from(lang_text(s->lang, "resolver")) : STR_EMPTY,
		str_from(lang_text(s->lang, "address")),
		str_from(lang_text(s->lang, "answer")),
		str_from(lang_text(s->lang, "TTL left")),
		STR("AD"),
		str_from(lang_text(s->lang, "what it remembers")),
	};

	if (p->view_count == 0)
		return;
	table_init(&t, s->a, ARRAY_LEN(heads));
	table_add(&t, heads);
	for (size_t i = 0; i < p->view_count; i++) {
		const struct propagation_view *v = &p->views[i];
		bool has_rcode = v->outcome == ASK_ANSWERED;
		bool has_ttl = has_rcode && v->memory != MEMORY_ERROR;
		struct str cells[] = {
			str_from(v->who ? v->who->operator: has_names ? "-" : ""),
			show_address(s->a, &v->address),
			has_rcode ? show_rcode(s->a, v->rcode) : STR("-"),
			has_ttl ? str_from(arena_printf(s->a, "%u s", v->ttl_s))
				: STR("-"),
			str_from(has_rcode && v->authenticated
					 ? lang_text(s->lang, "yes")
					 : "-"),
			memory_text(s, v),
		};
		table_add(&t, cells);
	}
	buf_byte(s->out, '\n');
	table_write(&t, s->out, 2, s->columns);
	buf_byte(s->out, '\n');
	paragraph(s, lang_text(s->lang,
			       "TTL left: how long the resolver keeps what it has. AD: "
			       "it checked the DNSSEC signatures. Each was asked once; "
			       "one resolver may have several memories."));
}

static void write_text(struct spreading *s)
{
	const struct question *q = &s->p->truth.question;

	buf_printf(s->out, "%s %s\n", show_name(s->a, &q->name).data,
		   show_type(s->a, q->type).data);
	paragraph(s, headline(s));
	write_truth(s);
	write_views(s);
}

/* JSON: schema propagation/v1 */

static json_t *records_json(struct spreading *s, const struct dns_section *records)
{
	json_t *list = json_array();

	for (size_t i = 0; i < records->count; i++)
		json_array_append_new(list, json_record(s->a, &records->records[i]));
	return list;
}

static json_t *server_json(struct spreading *s, const struct propagation_server *one)
{
	json_t *json = json_object();
	bool has_rcode = one->outcome == ASK_ANSWERED;

	json_object_set_new(json, "name", json_name(s->a, &one->name));
	json_object_set_new(json, "address", json_of(show_address(s->a, &one->address)));
	json_object_set_new(json, "outcome", json_string(word_outcome(one->outcome)));
	json_object_set_new(json, "rcode",
			    has_rcode ? json_of(show_rcode(s->a, one->rcode))
				      : json_null());
	json_object_set_new(json, "lame", json_boolean(one->is_lame));
	json_object_set_new(json, "agrees", json_boolean(one->agrees));
	return json;
}

static json_t *truth_json(struct spreading *s)
{
	const struct lookup_answer *x = &s->p->truth;
	json_t *json = json_object();
	json_t *servers = json_array();

	for (size_t i = 0; i < s->p->server_count; i++)
		json_array_append_new(servers, server_json(s, &s->p->servers[i]));
	json_object_set_new(json, "outcome", json_string(word_outcome(x->outcome)));
	json_object_set_new(json, "rcode",
			    x->outcome == ASK_ANSWERED
				    ? json_of(show_rcode(s->a, x->rcode))
				    : json_null());
	json_object_set_new(json, "security", json_string(word_security(x->security)));
	json_object_set_new(json, "records", records_json(s, &x->records));
	json_object_set_new(json, "soa",
			    x->has_soa
				    ? json_soa(s->a, &x->soa_owner, x->soa_ttl_s, &x->soa)
				    : json_null());
	json_object_set_new(json, "servers", servers);
	json_object_set_new(json, "agree", json_boolean(s->p->is_known));
	return json;
}

static json_t *view_json(struct spreading *s, const struct propagation_view *v)
{
	static const char *const words[] = {
		[MEMORY_AGREES] = "agrees",     [MEMORY_OLD] = "old",
		[MEMORY_NEGATIVE] = "negative", [MEMORY_ERROR] = "error",
		[MEMORY_UNKNOWN] = "unknown",
	};
	bool has_rcode = v->outcome == ASK_ANSWERED;
	json_t *json = json_object();

	json_object_set_new(json, "id", v->who ? json_string(v->who->id) : json_null());
	json_object_set_new(json, "operator",
			    v->who ? json_string(v->who->operator) : json_null());
	json_object_set_new(json, "region",
			    v->who ? json_string(v->who->region) : json_null());
	json_object_set_new(json, "address",
			    v->address.family ? json_of(show_address(s->a, &v->address))
					      : json_null());
	json_object_set_new(json, "memory", json_string(words[v->memory]));
	json_object_set_new(json, "outcome", json_string(word_outcome(v->outcome)));
	json_object_set_new(json, "rcode",
			    has_rcode ? json_of(show_rcode(s->a, v->rcode))
				      : json_null());
	json_object_set_new(json, "authenticated", json_boolean(v->authenticated));
	json_object_set_new(json, "records", records_json(s, &v->records));
	json_object_set_new(json, "ttl", json_integer(v->ttl_s));
	json_object_set_new(json, "until",
			    v->until_s ? json_time(s->a, v->until_s) : json_null());
	json_object_set_new(json, "rtt_us", json_integer(v->rtt_us));
	return json;
}

static json_t *propagation_json(struct spreading *s)
{
	const struct propagation *p = s->p;
	const struct question *q = &p->truth.question;
	json_t *json = json_object();
	json_t *views = json_array();

	for (size_t i = 0; i < p->view_count; i++)
		json_array_append_new(views, view_json(s, &p->views[i]));
	json_object_set_new(json, "schema",
			    json_string("https://unpend.example/schemas/propagation/v1"));
	json_object_set_new(json, "name", json_name(s->a, &q->name));
	json_object_set_new(json, "type", json_of(show_type(s->a, q->type)));
	json_object_set_new(json, "exit_code", json_integer(exit_code(p)));
	json_object_set_new(json, "asked_at", json_time(s->a, s->now_s));
	json_object_set_new(json, "everybody_agrees_from",
			    p->agree_s ? json_time(s->a, p->agree_s) : json_null());
	json_object_set_new(json, "authority", truth_json(s));
	json_object_set_new(json, "resolvers", views);
	return json;
}

/* The command */

static bool ask(const struct cmd_line *line, struct spreading *s,
		const struct question *q, struct propagation *out, struct err *e)
{
	struct lookup *l;

	if (!lookup_new(line->config, &l, e))
		return false;
	status_show(arena_printf(s->a,
				 lang_text(s->lang, "asking resolvers about %s ..."),
				 show_name(s->a, &q->name).data));
	lookup_propagation(l, s->a, q, s->lang, s->now_s, out);
	status_show("");
	lookup_free(&l);
	return true;
}

static int propagation(struct arena *a, const struct cmd_line *line, void *arg)
{
	const struct words_options *o = arg;
	struct spreading s = { .a = a, .lang = line->lang, .columns = report_columns() };
	struct question q;
	struct propagation p;
	struct err e = { .lang = line->lang };
	auto_buf struct buf out;
	buf_init(&out, OUTPUT_MAX);

	if (!words_now(o->now, o->now_count, line->lang, &s.now_s, &e) ||
	    !words_question(a, line,
			    LANG_MARK("'propagation' wants a NAME and a TYPE: unpend "
				      "propagation _dmarc.shop.example TXT"),
			    &q, &e) ||
	    !ask(line, &s, &q, &p, &e))
		return cmd_fail(&e);
	s.p = &p;
	s.out = &out;
	if (o->json_count > 0)
		json_write(&out, propagation_json(&s));
	else
		write_text(&s);
	int code = cmd_print(&out);
	return code == EXIT_OK ? exit_code(&p) : code;
}

int cmd_propagation(int argc, char **argv)
{
	return words_run(argc, argv, ARENA_MAX, propagation);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend resolve: what the DNS says to one question, how sure that is, who said so. */
#include "cmd/report.h"
#include "cmd/table.h"

enum {
	ARENA_MAX = 64 << 20,
	OUTPUT_MAX = 64 << 20,
};

struct resolving {
	struct arena *a;
	enum lang lang;
	size_t columns;
	int64_t now_s;
	const struct lookup_answer *answer;
	struct buf *out;
};

static bool is_negative(const struct lookup_answer *x)
{
	return x->outcome == ASK_ANSWERED && !lookup_has_records(x) &&
	       (x->rcode == DNS_RCODE_NOERROR || x->rcode == DNS_RCODE_NXDOMAIN);
}

/* RFC 2308 section 5: the smaller of the SOA's TTL and its last field. */
static uint32_t negative_ttl_s(const struct lookup_answer *x)
{
	return x->soa_ttl_s < x->soa.minimum_s ? x->soa_ttl_s : x->soa.minimum_s;
}

static int exit_code(const struct lookup_answer *x)
{
	if (x->security == SECURITY_BOGUS)
		return EXIT_UNDETERMINED;
	if (lookup_has_records(x))
		return EXIT_OK;
	return is_negative(x) ? EXIT_ACTION : EXIT_UNDETERMINED;
}

/* "NOERROR", or why there is no answer. */
static struct str status_word(struct arena *a, const struct lookup_answer *x)
{
	if (x->too_many_aliases)
		return STR("ALIASES");
	if (x->outcome != ASK_ANSWERED)
		return str_from(word_outcome(x->outcome));
	if (is_negative(x) && x->rcode == DNS_RCODE_NOERROR)
		return STR("NODATA");
	return show_rcode(a, x->rcode);
}

/* Text */

static void paragraph(struct resolving *r, const char *text)
{
	table_paragraph(r->out, str_from(text), 0, r->columns);
}

/* What the last alias leads to, or what was asked. */
static struct dns_name last_name(const struct lookup_answer *x)
{
	struct dns_name name = x->question.name;

	for (size_t i = 0; i < x->step_count; i++)
		if (!x->steps[i].is_referral && x->steps[i].to.len)
			name = x->steps[i].to;
	return name;
}

static void write_found(struct resolving *r)
{
	const struct lookup_answer *x = r->answer;
	struct dns_name name = last_name(x);
	const char *shown = show_name(r->a, &name).data;
	const char *type = show_type(r->a, x->question.type).data;

	if (x->too_many_aliases)
		paragraph(r, arena_printf(r->a,
					  lang_text(r->lang,
						    "The aliases (CNAME) lead in a "
						    "circle, or on and on: after "
						    "%d of them unpend gave up, and "
						    "so does everybody else."),
					  RESOLVER_CNAME_MAX));
	else if (x->outcome != ASK_ANSWERED)
		paragraph(r, arena_printf(r->a,
					  lang_text(r->lang, "Could not find out: %s."),
					  show_outcome(r->lang, x->outcome)));
	else if (x->rcode == DNS_RCODE_NXDOMAIN)
		paragraph(r,
			  arena_printf(r->a, lang_text(r->lang, "There is no name %s."),
				       shown));
	else if (is_negative(x))
		paragraph(r, arena_printf(r->a,
					  lang_text(r->lang,
						    "The name %s exists, but there is no "
						    "%s record."),
					  shown, type));
	else if (!lookup_has_records(x))
		paragraph(r, arena_printf(r->a,
					  lang_text(r->lang,
						    "Could not find out: no server gave "
						    "an answer that can be used (%s)."),
					  show_rcode(r->a, x->rcode).data));
}

static void write_security(struct resolving *r)
{
	static const char *const texts[] = {
		[SECURITY_UNCHECKED] =
			LANG_MARK("DNSSEC: nobody checked the signatures."),
		[SECURITY_SECURE] = LANG_MARK("DNSSEC: signed, and the signatures hold."),
		[SECURITY_INSECURE] =
			LANG_MARK("DNSSEC: not signed, which is common and no fault."),
		[SECURITY_BOGUS] =
			LANG_MARK("DNSSEC: the signatures do not hold. Whoever checks "
				  "them gets no answer at all."),
	};
	const struct lookup_answer *x = r->answer;
	auto_buf struct buf why;
	buf_init(&why, 4096);

	paragraph(r, lang_text(r->lang, texts[x->security]));
	if (x->why.len == 0)
		return;
	escape_visible(&why, x->why, 400);
	table_paragraph(r->out, buf_view(&why), 2, r->columns);
}

static void write_negative(struct resolving *r)
{
	const struct lookup_answer *x = r->answer;
	int64_t ttl_s = negative_ttl_s(x);

	if (!is_negative(x))
		return;
	if (!x->has_soa) {
		paragraph(r,
			  lang_text(r->lang, "The answer had no SOA record, so it is "
					     "not known how long caches remember it."));
		return;
	}
	paragraph(r, arena_printf(r->a,
				  lang_text(r->lang, "The zone %s says so. A cache may "
						     "remember that for %s (until %s)."),
				  show_name(r->a, &x->soa_owner).data,
				  show_duration(r->a, r->lang, ttl_s).data,
				  show_time(r->a, r->now_s + ttl_s, r->now_s).data));
}

static void write_records(struct resolving *r)
{
	const struct lookup_answer *x = r->answer;
	struct table t;

	table_init(&t, r->a, 4);
	for (size_t i = 0; i < x->records.count; i++) {
		const struct dns_record *record = &x->records.records[i];
		struct str cells[] = {
			show_name(r->a, &record->owner),
			str_from(arena_printf(r->a, "%u", record->ttl_s)),
			show_type(r->a, record->type),
			show_value(r->a, record),
		};
		table_add(&t, cells);
	}
	if (t.row_count > 0)
		buf_byte(r->out, '\n');
	table_write(&t, r->out, 2, r->columns);
}

static struct str step_said(struct resolving *r, const struct lookup_step *s)
{
	const char *to = s->to.len ? show_name(r->a, &s->to).data : "";

	if (s->is_referral)
		return str_from(
			arena_printf(r->a, lang_text(r->lang, "refers to %s"), to));
	if (s->outcome != ASK_ANSWERED)
		return str_from(show_outcome(r->lang, s->outcome));
	if (s->to.len)
		return str_from(
			arena_printf(r->a, lang_text(r->lang, "alias to %s"), to));
	if (s->is_lame)
		return str_from(lang_text(r->lang, "does not serve this zone (lame)"));
	return show_rcode(r->a, s->rcode);
}

static void write_path(struct resolving *r)
{
	const struct lookup_answer *x = r->answer;
	struct table t;

	table_init(&t, r->a, 5);
	for (size_t i = 0; i < x->step_count; i++) {
		const struct lookup_step *s = &x->steps[i];
		bool was_answered = s->address.family && s->outcome == ASK_ANSWERED;
		struct str cells[] = {
			s->zone.len ? show_name(r->a, &s->zone)
				    : str_from(lang_text(r->lang, "(forwarder)")),
			s->server.len ? show_name(r->a, &s->server) : STR_EMPTY,
			show_address(r->a, &s->address),
			was_answered ? show_ms(r->a, s->rtt_us) : STR_EMPTY,
			step_said(r, s),
		};
		table_add(&t, cells);
	}
	if (t.row_count == 0)
		return;
	buf_printf(r->out, "\n%s\n",
		   lang_text(r->lang, "Path (zone, server, address, what it said):"));
	table_write(&t, r->out, 2, r->columns);
}

static void write_text(struct resolving *r)
{
	const struct lookup_answer *x = r->answer;

	buf_printf(r->out, "%s %s\n", status_word(r->a, x).data,
		   word_security(x->security));
	write_found(r);
	write_negative(r);
	write_security(r);
	write_records(r);
	write_path(r);
}

/* JSON: schema resolve/v1 */

static json_t *step_json(struct resolving *r, const struct lookup_step *s)
{
	json_t *json = json_object();
	bool is_cut = s->address.family == 0;

	json_object_set_new(json, "zone", json_name(r->a, &s->zone));
	json_object_set_new(json, "server", json_name(r->a, &s->server));
	json_object_set_new(json, "address",
			    is_cut ? json_null()
				   : json_of(show_address(r->a, &s->address)));
	json_object_set_new(json, "name", json_name(r->a, &s->question.name));
	json_object_set_new(json, "type", json_of(show_type(r->a, s->question.type)));
	json_object_set_new(json, "outcome", json_string(word_outcome(s->outcome)));
	json_object_set_new(json, "rcode",
			    s->outcome == ASK_ANSWERED
				    ? json_of(show_rcode(r->a, s->rcode))
				    : json_null());
	json_object_set_new(json, "referral", json_boolean(s->is_referral));
	json_object_set_new(json, "lame", json_boolean(s->is_lame));
	json_object_set_new(json, "to", json_name(r->a, &s->to));
	json_object_set_new(json, "tcp", json_boolean(s->over_tcp));
	json_object_set_new(json, "rtt_us",
			    is_cut ? json_null() : json_integer(s->rtt_us));
	return json;
}

static json_t *negative_json(struct resolving *r)
{
	const struct lookup_answer *x = r->answer;
	json_t *json;

	if (!is_negative(x) || !x->has_soa)
		return json_null();
	json = json_object();
	json_object_set_new(json, "soa",
			    json_soa(r->a, &x->soa_owner, x->soa_ttl_s, &x->soa));
	json_object_set_new(json, "remembered_s", json_integer(negative_ttl_s(x)));
	json_object_set_new(json, "until", json_time(r->a, r->now_s + negative_ttl_s(x)));
	return json;
}

static json_t *answer_json(struct resolving *r)
{
	const struct lookup_answer *x = r->answer;
	json_t *json = json_object();
	json_t *records = json_array();
	json_t *path = json_array();

	for (size_t i = 0; i < x->records.count; i++)
		json_array_append_new(records, json_record(r->a, &x->records.records[i]));
	for (size_t i = 0; i < x->step_count; i++)
		json_array_append_new(path, step_json(r, &x->steps[i]));
	json_object_set_new(json, "schema",
			    json_string("https://unpend.example/schemas/resolve/v1"));
	json_object_set_new(json, "name", json_name(r->a, &x->question.name));
	json_object_set_new(json, "type", json_of(show_type(r->a, x->question.type)));
	json_object_set_new(json, "exit_code", json_integer(exit_code(x)));
	json_object_set_new(json, "asked_at", json_time(r->a, r->now_s));
	json_object_set_new(json, "outcome", json_string(word_outcome(x->outcome)));
	json_object_set_new(json, "rcode",
			    x->outcome == ASK_ANSWERED
				    ? json_of(show_rcode(r->a, x->rcode))
				    : json_null());
	json_object_set_new(json, "too_many_aliases", json_boolean(x->too_many_aliases));
	json_object_set_new(json, "security", json_string(word_security(x->security)));
	json_object_set_new(json, "why", x->why.len ? json_of(x->why) : json_null());
	json_object_set_new(json, "records", records);
	json_object_set_new(json, "negative", negative_json(r));
	json_object_set_new(json, "path", path);
	return json;
}

/* The command */

static bool ask(struct arena *a, const struct cmd_line *line, const struct question *q,
		struct lookup_answer *out, struct err *e)
{
	struct lookup *l;

	if (!lookup_new(line->config, &l, e))
		return false;
	status_show(arena_printf(a, lang_text(line->lang, "asking the DNS about %s ..."),
				 show_name(a, &q->name).data));
	lookup_ask(l, a, q, 1, true, out);
	status_show("");
	lookup_free(&l);
	return true;
}

static int resolve(struct arena *a, const struct cmd_line *line, void *arg)
{
	const struct words_options *o = arg;
	struct resolving r = { .a = a, .lang = line->lang, .columns = report_columns() };
	struct question q;
	struct lookup_answer answer;
	struct err e = { .lang = line->lang };
	auto_buf struct buf out;
	buf_init(&out, OUTPUT_MAX);

	if (!words_now(o->now, o->now_count, line->lang, &r.now_s, &e) ||
	    !words_question(a, line,
			    LANG_MARK("'resolve' wants a NAME and a TYPE: unpend "
				      "resolve _dmarc.shop.example TXT"),
			    &q, &e) ||
	    !ask(a, line, &q, &answer, &e))
		return cmd_fail(&e);
	r.answer = &answer;
	r.out = &out;
	if (o->json_count > 0)
		json_write(&out, answer_json(&r));
	else
		write_text(&r);
	int code = cmd_print(&out);
	return code == EXIT_OK ? exit_code(&answer) : code;
}

int cmd_resolve(int argc, char **argv)
{
	return words_run(argc, argv, ARENA_MAX, resolve);
}

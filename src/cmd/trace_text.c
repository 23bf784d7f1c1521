/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trace on one screen, and as JSON. */
#include "cmd/trace.h"

static const char *const state_words[] = {
	[SERVER_OK] = "ok",
	[SERVER_LAME] = "lame",
	[SERVER_FAILS] = "fails",
	[SERVER_SILENT] = "silent",
	[SERVER_NOWHERE] = "no_address",
};

static struct str text(struct tracing *t, const char *format)
{
	return str_from(lang_text(t->lang, format));
}

static bool is_same_list(const struct trace_zone *z)
{
	if (z->child_ns_count != z->parent_ns_count)
		return false;
	for (size_t i = 0; i < z->child_ns_count; i++) {
		bool is_there = false;
		for (size_t k = 0; k < z->parent_ns_count; k++)
			is_there = is_there ||
				   dns_name_equal(&z->child_ns[i], &z->parent_ns[k]);
		if (!is_there)
			return false;
	}
	return true;
}

/* The way */

static struct str list_text(struct tracing *t, const struct trace_zone *z)
{
	if (z->parent.len == 0 || z->child_ns_count == 0)
		return z->parent.len ? text(t, LANG_MARK("the zone did not say"))
				     : STR("-");
	return is_same_list(z) ? text(t, LANG_MARK("the same"))
			       : text(t, LANG_MARK("differs, see below"));
}

static struct str ds_text(struct tracing *t, const struct trace_zone *z)
{
	if (z->parent.len == 0)
		return STR("-");
	return z->signed_here ? text(t, LANG_MARK("yes")) : text(t, LANG_MARK("no"));
}

static void write_way(struct tracing *t, struct buf *out)
{
	struct table rows;
	struct str heads[] = { text(t, LANG_MARK("zone")), text(t, LANG_MARK("servers")),
			       text(t, LANG_MARK("DS (signed)")),
			       text(t, LANG_MARK("the zone's own list of servers")) };

	table_init(&rows, t->a, ARRAY_LEN(heads));
	table_add(&rows, heads);
	for (size_t i = 0; i < t->trace->zone_count; i++) {
		const struct trace_zone *z = &t->trace->zones[i];
		struct str cells[] = { show_name(t->a, &z->zone),
				       str_from(arena_printf(t->a, "%zu",
							     z->parent_ns_count)),
				       ds_text(t, z), list_text(t, z) };
		table_add(&rows, cells);
	}
	buf_byte(out, '\n');
	table_write(&rows, out, 2, t->columns);
}

/* The servers of one zone */

static struct str state_text(struct tracing *t, const struct trace_zone *z,
			     const struct trace_server *s)
{
	switch (trace_server_state(s)) {
	case SERVER_OK:
		if (!s->in_child && z->child_ns_count > 0)
			return text(t, LANG_MARK("ok; not on the zone's list"));
		return s->in_parent ? text(t, LANG_MARK("ok"))
				    : text(t, LANG_MARK("ok; only on the zone's list"));
	case SERVER_LAME:
		return str_from(arena_printf(t->a, lang_text(t->lang, "lame (%s)"),
					     show_rcode(t->a, s->rcode).data));
	case SERVER_FAILS:
		return STR("SERVFAIL");
	case SERVER_SILENT:
		return str_from(show_outcome(t->lang, s->outcome));
	case SERVER_NOWHERE:
		break;
	}
	return text(t, LANG_MARK("has no address"));
}

static struct str tcp_text(struct tracing *t, const struct trace_server *s)
{
	if (!s->tcp_asked)
		return STR("-");
	return s->tcp == ASK_ANSWERED ? text(t, LANG_MARK("yes"))
				      : text(t, LANG_MARK("no"));
}

static void add_server(struct tracing *t, struct table *rows, const struct trace_zone *z,
		       size_t at)
{
	const struct trace_server *s = &z->servers[at];
	bool is_again = at > 0 && dns_name_equal(&s->name, &z->servers[at - 1].name);
	bool is_heard = s->outcome == ASK_ANSWERED;
	bool shows_serial = s->has_soa && trace_has_serials(z);
	struct str cells[] = {
		is_again ? STR_EMPTY : show_name(t->a, &s->name),
		s->address.family ? show_address(t->a, &s->address) : STR("-"),
		is_heard ? show_ms(t->a, s->rtt_us) : STR("-"),
		tcp_text(t, s),
		shows_serial ? str_from(arena_printf(t->a, "%u", s->serial)) : STR_EMPTY,
		state_text(t, z, s),
	};
	table_add(rows, cells);
}

static void write_servers(struct tracing *t, struct buf *out, const struct trace_zone *z)
{
	bool has_serials = trace_has_serials(z);
	struct table rows;
	struct str heads[] = {
		text(t, LANG_MARK("name server")),
		text(t, LANG_MARK("address")),
		text(t, LANG_MARK("UDP")),
		text(t, LANG_MARK("TCP")),
		has_serials ? text(t, LANG_MARK("serial")) : STR_EMPTY,
		text(t, LANG_MARK("state")),
	};

	table_init(&rows, t->a, ARRAY_LEN(heads));
	table_add(&rows, heads);
	for (size_t i = 0; i < z->server_count; i++)
		add_server(t, &rows, z, i);
	buf_byte(out, '\n');
	table_paragraph(
		out,
		str_from(arena_printf(t->a, lang_text(t->lang, "Name servers of %s:"),
				      show_name(t->a, &z->zone).data)),
		0, t->columns);
	table_write(&rows, out, 2, t->columns);
	for (size_t i = 0; i < z->server_count && !has_serials; i++) {
		if (!z->servers[i].has_soa)
			continue;
		buf_printf(out,
			   lang_text(t->lang, "  All serve the same version (serial "
					      "%u).\n"),
			   z->servers[i].serial);
		break;
	}
}

/* What is wrong */

static const char *headline(struct tracing *t)
{
	const char *domain = show_name(t->a, &t->trace->domain).data;

	if (t->fix_count == 1)
		return arena_printf(t->a, lang_text(t->lang, "%s: 1 thing to fix"),
				    domain);
	if (t->fix_count > 1)
		return arena_printf(t->a, lang_text(t->lang, "%s: %zu things to fix"),
				    domain, t->fix_count);
	if (t->is_unsure)
		return arena_printf(t->a, lang_text(t->lang, "%s: could not tell"),
				    domain);
	if (t->problem_count > 0)
		return arena_printf(t->a,
				    lang_text(t->lang, "%s: the way from the root to it "
						       "works; see the notes"),
				    domain);
	return arena_printf(t->a,
			    lang_text(t->lang, "%s: the way from the root to it is in "
					       "order"),
			    domain);
}

static struct str label(struct tracing *t, const struct trace_problem *p)
{
	if (p->is_fix)
		return text(t, LANG_MARK("fix"));
	return p->is_unsure ? text(t, LANG_MARK("unsure")) : text(t, LANG_MARK("note"));
}

static void write_problems(struct tracing *t, struct buf *out)
{
	struct table rows;

	table_init(&rows, t->a, 3);
	for (size_t i = 0; i < t->problem_count; i++) {
		struct str cells[] = {
			label(t, &t->problems[i]),
			str_from(t->problems[i].code),
			str_from(t->problems[i].text),
		};
		table_add(&rows, cells);
	}
	if (rows.row_count == 0)
		return;
	buf_byte(out, '\n');
	table_write(&rows, out, 2, t->columns);
	buf_printf(out, lang_text(t->lang, "\nMore: unpend explain %s\n"),
		   t->problems[0].code);
}

static void write_security(struct tracing *t, struct buf *out)
{
	static const char *const texts[] = {
		[SECURITY_UNCHECKED] =
			LANG_MARK("DNSSEC: nobody checked the signatures."),
		[SECURITY_SECURE] = LANG_MARK("DNSSEC: signed, and the signatures hold."),
		[SECURITY_INSECURE] =
			LANG_MARK("DNSSEC: not signed, which is common and no fault."),
		[SECURITY_BOGUS] = LANG_MARK("DNSSEC: the signatures do not hold."),
	};
	auto_buf struct buf why;
	buf_init(&why, 4096);

	buf_byte(out, '\n');
	table_paragraph(out, text(t, texts[t->trace->security]), 0, t->columns);
	if (t->trace->why.len == 0)
		return;
	escape_visible(&why, t->trace->why, 400);
	table_paragraph(out, buf_view(&why), 2, t->columns);
}

void trace_write(struct tracing *t, struct buf *out)
{
	table_paragraph(out, str_from(headline(t)), 0, t->columns);
	write_way(t, out);
	for (size_t i = 0; i < t->trace->zone_count; i++)
		if (!t->trace->zones[i].is_registry)
			write_servers(t, out, &t->trace->zones[i]);
	write_security(t, out);
	write_problems(t, out);
}

/* JSON */

static json_t *names_json(struct tracing *t, const struct dns_name *names, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_name(t->a, &names[i]));
	return list;
}

static json_t *server_json(struct tracing *t, const struct trace_server *s)
{
	json_t *json = json_object();
	bool is_heard = s->outcome == ASK_ANSWERED;

	json_object_set_new(json, "name", json_name(t->a, &s->name));
	json_object_set_new(json, "address",
			    s->address.family ? json_of(show_address(t->a, &s->address))
					      : json_null());
	json_object_set_new(json, "in_parent", json_boolean(s->in_parent));
	json_object_set_new(json, "in_child", json_boolean(s->in_child));
	json_object_set_new(json, "state",
			    json_string(state_words[trace_server_state(s)]));
	json_object_set_new(json, "udp", json_string(word_outcome(s->outcome)));
	json_object_set_new(json, "tcp",
			    s->tcp_asked ? json_string(word_outcome(s->tcp))
					 : json_null());
	json_object_set_new(json, "rcode",
			    is_heard ? json_of(show_rcode(t->a, s->rcode)) : json_null());
	json_object_set_new(json, "authoritative", json_boolean(s->authoritative));
	json_object_set_new(json, "serial",
			    s->has_soa ? json_integer(s->serial) : json_null());
	json_object_set_new(json, "rtt_us",
			    is_heard ? json_integer(s->rtt_us) : json_null());
	return json;
}

static json_t *zone_json(struct tracing *t, const struct trace_zone *z)
{
	json_t *json = json_object();
	json_t *servers = json_array();

	for (size_t i = 0; i < z->server_count; i++)
		json_array_append_new(servers, server_json(t, &z->servers[i]));
	json_object_set_new(json, "zone", json_name(t->a, &z->zone));
	json_object_set_new(json, "parent", json_name(t->a, &z->parent));
	json_object_set_new(json, "registry", json_boolean(z->is_registry));
	json_object_set_new(json, "ds", json_boolean(z->signed_here));
	json_object_set_new(json, "parent_ns",
			    names_json(t, z->parent_ns, z->parent_ns_count));
	json_object_set_new(json, "child_ns",
			    names_json(t, z->child_ns, z->child_ns_count));
	json_object_set_new(json, "servers", servers);
	return json;
}

static const char *severity(const struct trace_problem *p)
{
	if (p->is_fix)
		return "error";
	return p->is_unsure ? "unsure" : "note";
}

json_t *trace_json(struct tracing *t)
{
	const struct trace *x = t->trace;
	json_t *json = json_object();
	json_t *zones = json_array();
	json_t *problems = json_array();

	for (size_t i = 0; i < x->zone_count; i++)
		json_array_append_new(zones, zone_json(t, &x->zones[i]));
	for (size_t i = 0; i < t->problem_count; i++) {
		json_t *one = json_object();
		json_object_set_new(one, "severity",
				    json_string(severity(&t->problems[i])));
		json_object_set_new(one, "code", json_string(t->problems[i].code));
		json_object_set_new(one, "text", json_of(str_from(t->problems[i].text)));
		json_array_append_new(problems, one);
	}
	json_object_set_new(json, "schema",
			    json_string("https://unpend.example/schemas/trace/v1"));
	json_object_set_new(json, "domain", json_name(t->a, &x->domain));
	json_object_set_new(json, "exit_code", json_integer(t->exit_code));
	json_object_set_new(json, "stopped_at", json_name(t->a, &x->stopped_at));
	json_object_set_new(json, "security", json_string(word_security(x->security)));
	json_object_set_new(json, "why", x->why.len ? json_of(x->why) : json_null());
	json_object_set_new(json, "zones", zones);
	json_object_set_new(json, "problems", problems);
	return json;
}

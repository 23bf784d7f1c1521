/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpend trace: how the DNS gets from the root to a domain, and what is wrong on the way.
 */
#include "cmd/trace.h"

#include "cmd/report.h"

enum {
	ARENA_MAX = 512 << 20,
};

enum server_state trace_server_state(const struct trace_server *s)
{
	if (s->outcome != ASK_ANSWERED)
		return s->outcome == ASK_NO_ADDRESS ? SERVER_NOWHERE : SERVER_SILENT;
	if (!s->is_lame)
		return SERVER_OK;
	return s->rcode == DNS_RCODE_SERVFAIL ? SERVER_FAILS : SERVER_LAME;
}

/* How many of the zone's addresses are in that state. */
static size_t servers_in(const struct trace_zone *z, enum server_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < z->server_count; i++)
		count += trace_server_state(&z->servers[i]) == state;
	return count;
}

bool trace_has_serials(const struct trace_zone *z)
{
	const struct trace_server *first = NULL;

	for (size_t i = 0; i < z->server_count; i++) {
		const struct trace_server *s = &z->servers[i];
		if (!s->has_soa)
			continue;
		if (first && first->serial != s->serial)
			return true;
		first = s;
	}
	return false;
}

/* All that is wrong, deepest cause first */

static void add(struct tracing *t, bool is_fix, const char *code, const char *text)
{
	if (t->problem_count == TRACE_PROBLEMS_MAX)
		return;
	t->problems[t->problem_count++] =
		(struct trace_problem){ .is_fix = is_fix, .code = code, .text = text };
}

static const char *name_text(struct tracing *t, const struct dns_name *name)
{
	return show_name(t->a, name).data;
}

static bool judge_walk(struct tracing *t)
{
	const struct trace *x = t->trace;
	const struct trace_zone *last = &x->zones[x->zone_count - 1];

	if (x->walk == WALK_NXDOMAIN) {
		add(t, true, "U101",
		    arena_printf(t->a,
				 lang_text(t->lang, "The name %s does not exist: the "
						    "zone %s says so. If it is a domain, "
						    "it is not registered, or the "
						    "registrar holds it back."),
				 name_text(t, &x->stopped_at),
				 name_text(t, &last->zone)));
		return false;
	}
	if (servers_in(last, SERVER_OK) > 0)
		return true;
	if (servers_in(last, SERVER_LAME) > 0)
		return true;
	bool is_failing = servers_in(last, SERVER_FAILS) > 0;
	add(t, false, is_failing ? "U905" : "U904",
	    arena_printf(t->a,
			 is_failing
				 ? lang_text(t->lang,
					     "The name servers of %s answer with errors "
					     "only. Whoever runs them has to look: the "
					     "zone may not have loaded.")
				 : lang_text(t->lang,
					     "No name server of %s answers: they are "
					     "down, or this network cannot reach them."),
			 name_text(t, &last->zone)));
	t->problems[t->problem_count - 1].is_unsure = true;
	t->is_unsure = true;
	return false;
}

static bool is_new_name(const struct trace_zone *z, size_t server)
{
	return server == 0 ||
	       !dns_name_equal(&z->servers[server].name, &z->servers[server - 1].name);
}

static void judge_server(struct tracing *t, const struct trace_zone *z,
			 const struct trace_server *s)
{
	const char *server = name_text(t, &s->name);
	const char *zone = name_text(t, &z->zone);

	switch (trace_server_state(s)) {
	case SERVER_LAME:
		add(t, true, "U103",
		    arena_printf(t->a,
				 lang_text(t->lang, "%s is named as a name server of %s, "
						    "but does not serve it (it is lame). "
						    "Add the zone there, or take the "
						    "server off the list at the "
						    "registrar and in the zone."),
				 server, zone));
		break;
	case SERVER_FAILS:
		add(t, true, "U905",
		    arena_printf(t->a,
				 lang_text(t->lang, "%s answers with an error "
						    "(SERVFAIL): the zone %s may not "
						    "have loaded there."),
				 server, zone));
		break;
	case SERVER_NOWHERE:
		add(t, true, "U103",
		    arena_printf(t->a,
				 lang_text(t->lang, "%s is named as a name server of %s, "
						    "but its name has no address."),
				 server, zone));
		break;
	case SERVER_SILENT:
		add(t, false, "U906",
		    arena_printf(t->a, lang_text(t->lang, "%s (%s): %s."), server,
				 show_address(t->a, &s->address).data,
				 show_outcome(t->lang, s->outcome)));
		break;
	case SERVER_OK:
		if (s->tcp != ASK_ANSWERED && s->tcp != ASK_LIMIT)
			add(t, false, "U907",
			    arena_printf(t->a,
					 lang_text(t->lang,
						   "%s (%s) does not answer over "
						   "TCP, which long answers such as "
						   "DKIM keys need."),
					 server, show_address(t->a, &s->address).data));
		break;
	}
}

static bool is_in(const struct dns_name *names, size_t count, const struct dns_name *name)
{
	for (size_t i = 0; i < count; i++)
		if (dns_name_equal(&names[i], name))
			return true;
	return false;
}

static void judge_lists(struct tracing *t, const struct trace_zone *z)
{
	const char *zone = name_text(t, &z->zone);
	const char *parent = name_text(t, &z->parent);

	if (z->child_ns_count == 0 || z->parent.len == 0)
		return;
	for (size_t i = 0; i < z->parent_ns_count; i++)
		if (!is_in(z->child_ns, z->child_ns_count, &z->parent_ns[i]))
			add(t, false, "U109",
			    arena_printf(t->a,
					 lang_text(t->lang,
						   "%s is a name server of %s for %s "
						   "above, but not for the zone itself: "
						   "make both lists (NS) the same."),
					 name_text(t, &z->parent_ns[i]), zone, parent));
	for (size_t i = 0; i < z->child_ns_count; i++)
		if (!is_in(z->parent_ns, z->parent_ns_count, &z->child_ns[i]))
			add(t, false, "U109",
			    arena_printf(t->a,
					 lang_text(t->lang,
						   "%s is a name server of %s for the "
						   "zone itself, but not for %s above: "
						   "make both lists (NS) the same."),
					 name_text(t, &z->child_ns[i]), zone, parent));
}

static void judge_zone(struct tracing *t, const struct trace_zone *z)
{
	for (size_t i = 0; i < z->server_count; i++) {
		enum server_state state = trace_server_state(&z->servers[i]);
		if (is_new_name(z, i) || state == SERVER_SILENT || state == SERVER_OK)
			judge_server(t, z, &z->servers[i]);
	}
	judge_lists(t, z);
	if (trace_has_serials(z))
		add(t, false, "U104",
		    arena_printf(t->a,
				 lang_text(t->lang, "The servers of %s have different "
						    "versions of it (serials): a change "
						    "is still spreading, or one is "
						    "behind."),
				 name_text(t, &z->zone)));
}

static void judge_security(struct tracing *t)
{
	const struct trace *x = t->trace;
	const struct trace_zone *last = &x->zones[x->zone_count - 1];

	if (x->security == SECURITY_BOGUS)
		add(t, true, "U106",
		    arena_printf(t->a,
				 lang_text(t->lang, "The DNSSEC signatures of %s do not "
						    "hold: whoever checks them gets no "
						    "answer. The DS record at the "
						    "registrar must fit the zone's keys; "
						    "take it out if the zone is not "
						    "signed any more."),
				 name_text(t, &last->zone)));
}

static void judge(struct tracing *t)
{
	bool may_go_on = judge_walk(t);

	judge_security(t);
	for (size_t i = 0; may_go_on && i < t->trace->zone_count; i++)
		if (!t->trace->zones[i].is_registry)
			judge_zone(t, &t->trace->zones[i]);
	for (size_t i = 0; i < t->problem_count; i++)
		t->fix_count += t->problems[i].is_fix;
	if (t->fix_count > 0)
		t->exit_code = EXIT_ACTION;
	else
		t->exit_code = t->is_unsure ? EXIT_UNDETERMINED : EXIT_OK;
}

/* The command */

static bool ask(const struct cmd_line *line, struct tracing *t,
		const struct dns_name *domain, struct trace *out, struct err *e)
{
	struct lookup *l;

	if (config_text(line->config, CONFIG_DNS_FORWARD).len > 0)
		return err_set(e, ERR_USAGE, "%s",
			       lang_text(line->lang,
					 "'trace' asks the name servers themselves: it "
					 "does not go together with dns.forward"));
	if (!lookup_new(line->config, &l, e))
		return false;
	status_show(arena_printf(t->a,
				 lang_text(t->lang, "asking the name servers of %s ..."),
				 name_text(t, domain)));
	lookup_trace(l, t->a, domain, out);
	status_show("");
	lookup_free(&l);
	return true;
}

static int run_trace(struct arena *a, const struct cmd_line *line, bool as_json)
{
	struct tracing *t = arena_alloc(a, sizeof(*t));
	struct dns_name domain;
	struct trace seen;
	struct err e = { .lang = line->lang };
	auto_buf struct buf out;
	buf_init(&out, 16 << 20);
	t->a = a;
	t->lang = line->lang;
	t->columns = report_columns();
	if (line->word_count != 1) {
		err_set(&e, ERR_USAGE, "%s",
			lang_text(line->lang, "'trace' wants one DOMAIN: unpend trace "
					      "shop.example"));
		return cmd_fail(&e);
	}
	if (!words_name(t->a, line->words[0], &domain, &e) ||
	    !ask(line, t, &domain, &seen, &e))
		return cmd_fail(&e);
	t->trace = &seen;
	judge(t);
	if (as_json)
		json_write(&out, trace_json(t));
	else
		trace_write(t, &out);
	int code = cmd_print(&out);
	return code == EXIT_OK ? t->exit_code : code;
}

int cmd_trace(int argc, char **argv)
{
	return cmd_run_json(argc, argv, ARENA_MAX, run_trace);
}

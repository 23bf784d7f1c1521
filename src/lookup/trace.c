/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The delegation of a domain, zone by zone. Of the zones above it, where others decide,
 * two servers are asked for their NS; of the domain's own zones every address is, over
 * UDP and over TCP, for NS and SOA.
 */
#include "lookup/errand.h"
#include "mail/mail.h"

enum {
	NAMES_MAX = 2 * RESOLVER_SERVERS_MAX,
	REGISTRY_ASKED = 2,
	MESSAGES_MAX = 32 << 20, /* octets of all answers of a zone's servers */
	KINDS = 3,               /* NS and SOA over UDP, SOA over TCP */
};

/* A zone whose servers are being asked. */
struct visit {
	struct lookup *l;
	struct arena *a;
	struct trace_zone *zone;
};

static bool has_name(const struct dns_name *names, size_t count,
		     const struct dns_name *name)
{
	for (size_t i = 0; i < count; i++)
		if (dns_name_equal(&names[i], name))
			return true;
	return false;
}

static bool is_registry(struct arena *a, const struct dns_name *zone)
{
	return dns_name_labels(zone) < 2 || mail_domain_is_suffix(dns_name_text(a, zone));
}

/* What a server says */

static void take_child_ns(struct visit *v, const struct dns_message *m)
{
	struct trace_zone *z = v->zone;

	for (size_t i = 0; i < m->answer.count; i++) {
		const struct dns_record *r = &m->answer.records[i];
		struct dns_name name;
		if (r->type != DNS_TYPE_NS || !dns_name_equal(&r->owner, &z->zone) ||
		    !dns_record_target(r, &name) || z->child_ns_count == NAMES_MAX)
			continue;
		name = dns_name_lower(&name);
		if (!has_name(z->child_ns, z->child_ns_count, &name))
			z->child_ns[z->child_ns_count++] = name;
	}
}

static void take_soa(struct visit *v, const struct dns_message *m, struct trace_server *s)
{
	for (size_t i = 0; i < m->answer.count; i++) {
		struct dns_soa soa;
		if (!dns_name_equal(&m->answer.records[i].owner, &v->zone->zone) ||
		    !dns_record_soa(&m->answer.records[i], &soa))
			continue;
		s->has_soa = true;
		s->serial = soa.serial;
	}
}

/* RFC 1912 section 2.8: lame is who is named, and does not serve the zone. */
static void take_replies(struct visit *v, const struct lookup_view *views,
			 struct trace_server *s)
{
	const struct resolver_reply *ns = &views[0].reply;
	const struct resolver_reply *soa = &views[1].reply;
	const struct resolver_reply *best = soa->message || !ns->message ? soa : ns;
	const struct dns_message *m = best->message;

	s->outcome = best->outcome;
	s->rtt_us = best->rtt_us;
	s->tcp_asked = true;
	s->tcp = views[2].reply.outcome;
	if (!m)
		return;
	s->rcode = m->rcode;
	s->authoritative = m->authoritative;
	s->is_lame = !m->authoritative || m->rcode != DNS_RCODE_NOERROR;
	if (soa->message && soa->message->authoritative)
		take_soa(v, soa->message, s);
	if (ns->message && ns->message->authoritative)
		take_child_ns(v, ns->message);
}

static void ask_servers(struct visit *v, size_t from)
{
	struct trace_zone *z = v->zone;
	size_t count = 0;
	auto_arena struct arena messages;
	arena_init(&messages, MESSAGES_MAX);
	struct lookup_view *views =
		arena_array(v->a, (z->server_count - from) * KINDS, sizeof(*views));
	struct trace_server **of =
		arena_array(v->a, z->server_count, sizeof(struct trace_server *));

	for (size_t i = from; i < z->server_count; i++) {
		struct trace_server *s = &z->servers[i];
		if (s->outcome != ASK_ANSWERED)
			continue;
		for (size_t kind = 0; kind < KINDS; kind++)
			views[count * KINDS + kind] = (struct lookup_view){
				.question = { z->zone,
					      kind == 0 ? DNS_TYPE_NS : DNS_TYPE_SOA },
				.address = s->address,
				.over_tcp = kind == 2,
			};
		of[count++] = s;
	}
	lookup_ask_each(v->l, &messages, views, count * KINDS);
	for (size_t i = 0; i < count; i++)
		take_replies(v, &views[i * KINDS], of[i]);
}

/* Who is asked */

static void add_server(struct visit *v, const struct resolver_server *s, bool in_parent)
{
	struct trace_zone *z = v->zone;
	size_t rounds = s->address_count ? s->address_count : 1;

	for (size_t i = 0; i < rounds && z->server_count < TRACE_SERVERS_MAX; i++)
		z->servers[z->server_count++] = (struct trace_server){
			.name = dns_name_lower(&s->name),
			.address = s->address_count ? s->addresses[i] : s->refused,
			.in_parent = in_parent,
			.outcome = s->outcome,
		};
}

/* Servers that only the zone itself names. */
static void ask_strangers(struct visit *v)
{
	struct trace_zone *z = v->zone;
	struct dns_name *names = arena_array(v->a, NAMES_MAX, sizeof(*names));
	struct resolver_server *found = arena_array(v->a, NAMES_MAX, sizeof(*found));
	size_t from = z->server_count;
	size_t count = 0;

	for (size_t i = 0; i < z->child_ns_count; i++)
		if (!has_name(z->parent_ns, z->parent_ns_count, &z->child_ns[i]))
			names[count++] = z->child_ns[i];
	if (count == 0)
		return;
	lookup_find_servers(v->l, v->a, names, count, found);
	for (size_t i = 0; i < count; i++)
		add_server(v, &found[i], false);
	ask_servers(v, from);
}

static void visit(struct visit *v, const struct resolver_walk_result *w)
{
	struct trace_zone *z = v->zone;
	size_t most = z->is_registry ? REGISTRY_ASKED : RESOLVER_SERVERS_MAX;

	z->servers = arena_array(v->a, TRACE_SERVERS_MAX, sizeof(*z->servers));
	z->child_ns = arena_array(v->a, NAMES_MAX, sizeof(*z->child_ns));
	for (size_t i = 0; i < w->server_count && i < most; i++)
		add_server(v, &w->servers[i], true);
	ask_servers(v, 0);
	if (!z->is_registry)
		ask_strangers(v);
	for (size_t i = 0; i < z->server_count; i++)
		z->servers[i].in_child =
			has_name(z->child_ns, z->child_ns_count, &z->servers[i].name);
}

/* The zones */

static void name_servers(struct arena *a, struct trace_zone *z,
			 const struct resolver_walk_result *w)
{
	z->parent_ns_count = w->server_count;
	z->parent_ns = arena_array(a, w->server_count, sizeof(*z->parent_ns));
	for (size_t i = 0; i < w->server_count; i++)
		z->parent_ns[i] = dns_name_lower(&w->servers[i].name);
}

static void trace_zone_add(struct lookup *l, struct arena *a, struct trace *out,
			   const struct delegation *d,
			   const struct resolver_walk_result *w)
{
	struct trace_zone *z = &out->zones[out->zone_count++];
	struct visit v = { .l = l, .a = a, .zone = z };

	z->zone = dns_name_lower(&w->zone);
	z->is_registry = is_registry(a, &z->zone);
	if (d) {
		z->parent = d->parent;
		z->signed_here = d->signed_here;
	}
	name_servers(a, z, w);
	visit(&v, w);
}

static bool does_anybody_serve(const struct trace_zone *z)
{
	for (size_t i = 0; i < z->server_count; i++)
		if (z->servers[i].outcome == ASK_ANSWERED && !z->servers[i].is_lame)
			return true;
	return false;
}

void lookup_trace(struct lookup *l, struct arena *a, const struct dns_name *domain,
		  struct trace *out)
{
	struct resolver_walk_result whole;
	struct question q = { .type = DNS_TYPE_SOA };

	*out = (struct trace){ .domain = dns_name_lower(domain) };
	out->zones = arena_array(a, TRACE_ZONES_MAX + 1, sizeof(*out->zones));
	lookup_limit(l);
	lookup_walk(l, a, domain, &whole);
	out->walk = whole.outcome;
	out->stopped_at = whole.stopped_at;
	for (size_t i = 0; i < whole.delegation_count && i < TRACE_ZONES_MAX; i++) {
		const struct delegation *d = &whole.delegations[i];
		struct resolver_walk_result w = whole;
		if (i == 0) {
			lookup_walk(l, a, &d->parent, &w);
			trace_zone_add(l, a, out, NULL, &w);
		}
		if (!dns_name_equal(&d->zone, &whole.zone))
			lookup_walk(l, a, &d->zone, &w);
		else
			w = whole;
		if (dns_name_equal(&w.zone, &d->zone))
			trace_zone_add(l, a, out, d, &w);
	}
	if (out->zone_count == 0)
		trace_zone_add(l, a, out, NULL, &whole);
	q.name = whole.zone;
	/* The validator would only meet the same silence, for longer. */
	if (does_anybody_serve(&out->zones[out->zone_count - 1]))
		out->security = lookup_validate(l, a, &q, &out->why);
}

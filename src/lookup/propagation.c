/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who remembers what until when: the authorities' word first, then one question to each
 * resolver, with recursion and DO, as anybody's mail server would ask.
 */
#include "lookup/errand.h"

enum {
	PROPAGATION_VIEWS_MAX = 32,
	PROPAGATION_SERVERS_MAX = 16,
};

/* By any of its addresses; NULL: not a known one. */
static const struct lookup_public *public_find(const struct address *a)
{
	const struct lookup_public *p;

	for (size_t i = 0; (p = lookup_public_at(i)); i++) {
		for (size_t k = 0; k < p->address_count; k++) {
			struct address one;
			if (address_parse(str_from(p->addresses[k]), 53, &one) &&
			    one.family == a->family &&
			    memcmp(one.bytes, a->bytes, sizeof(one.bytes)) == 0)
				return p;
		}
	}
	return NULL;
}

/* Sets of records */

static bool has_value(const struct dns_section *s, const struct dns_record *wanted)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->records[i].type == wanted->type &&
		    dns_rdata_equal(wanted->type, s->records[i].rdata, wanted->rdata))
			return true;
	return false;
}

static bool is_same_set(const struct dns_section *a, const struct dns_section *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!has_value(b, &a->records[i]) || !has_value(a, &b->records[i]))
			return false;
	return true;
}

/* The records of the type in an answer, wherever aliases led. */
static struct dns_section of_type(struct arena *a, const struct dns_section *s,
				  uint16_t type)
{
	struct dns_record *kept = arena_array(a, RESOLVER_RRSET_MAX, sizeof(*kept));
	size_t count = 0;

	for (size_t i = 0; i < s->count && count < RESOLVER_RRSET_MAX; i++)
		if (s->records[i].type == type)
			kept[count++] = dns_record_lower(a, &s->records[i]);
	return (struct dns_section){ .records = kept, .count = count };
}

/* Of the type and aliases, to be shown. */
static struct dns_section said(struct arena *a, const struct dns_message *m,
			       uint16_t type)
{
	struct dns_section aliases = of_type(a, &m->answer, DNS_TYPE_CNAME);

	return aliases.count > 0 ? aliases : of_type(a, &m->answer, type);
}

static bool is_same_answer(struct arena *a, const struct dns_message *x,
			   const struct dns_message *y, uint16_t type)
{
	const uint16_t types[] = { type, DNS_TYPE_CNAME };

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		struct dns_section mine = of_type(a, &x->answer, types[i]);
		struct dns_section theirs = of_type(a, &y->answer, types[i]);
		if (!is_same_set(&mine, &theirs))
			return false;
	}
	return x->rcode == y->rcode;
}

/* The authorities */

static struct propagation_server describe(const struct lookup_view *v,
					  const struct dns_name *name)
{
	const struct dns_message *m = v->reply.message;

	return (struct propagation_server){
		.name = *name,
		.address = v->address,
		.outcome = v->reply.outcome,
		.rcode = m ? m->rcode : 0,
		.is_lame = m && (!m->authoritative || (m->rcode != DNS_RCODE_NOERROR &&
						       m->rcode != DNS_RCODE_NXDOMAIN)),
	};
}

/* All servers of the zone that holds the name, one address each. */
static void ask_servers(struct lookup *l, struct arena *a, const struct question *q,
			struct propagation *out)
{
	struct lookup_view *views =
		arena_array(a, PROPAGATION_SERVERS_MAX, sizeof(*views));
	const struct dns_message *first = NULL;
	struct resolver_walk_result w;
	struct dns_name names[PROPAGATION_SERVERS_MAX];
	size_t count = 0;

	lookup_walk(l, a, &q->name, &w);
	for (size_t i = 0; i < w.server_count && count < PROPAGATION_SERVERS_MAX; i++) {
		if (w.servers[i].address_count == 0)
			continue;
		names[count] = w.servers[i].name;
		views[count++] =
			(struct lookup_view){ .question = *q,
					      .address = w.servers[i].addresses[0] };
	}
	lookup_ask_each(l, a, views, count);
	out->servers = arena_array(a, count, sizeof(*out->servers));
	out->server_count = count;
	for (size_t i = 0; i < count; i++) {
		const struct dns_message *m = views[i].reply.message;
		out->servers[i] = describe(&views[i], &names[i]);
		if (!m || out->servers[i].is_lame)
			continue;
		first = first ? first : m;
		out->servers[i].records = said(a, m, q->type);
		out->servers[i].agrees = is_same_answer(a, m, first, q->type);
		out->is_known = out->is_known && out->servers[i].agrees;
	}
}

static bool is_word(const struct lookup_answer *x)
{
	return x->outcome == ASK_ANSWERED &&
	       (x->rcode == DNS_RCODE_NOERROR || x->rcode == DNS_RCODE_NXDOMAIN);
}

/* The resolvers */

static void add_view(struct propagation *p, const struct lookup_public *who,
		     const struct address *address)
{
	if (p->view_count < PROPAGATION_VIEWS_MAX)
		p->views[p->view_count++] =
			(struct propagation_view){ .who = who,
						   .address = *address,
						   .memory = MEMORY_UNKNOWN,
						   .outcome = ASK_NO_ADDRESS };
}

static void choose_resolvers(struct lookup *l, enum lang lang, struct propagation *p)
{
	const struct lookup_public *who;
	size_t count;
	const struct address *set = resolver_public(l->resolver, &count);

	if (config_is_set(l->config, CONFIG_DNS_RESOLVERS)) {
		for (size_t i = 0; i < count; i++)
			add_view(p, public_find(&set[i]), &set[i]);
		return;
	}
	for (size_t i = 0; (who = lookup_public_at(i)); i++) {
		struct address address = { 0 };
		if (!(who->languages & 1u << lang))
			continue;
		if (who->address_count > 0 &&
		    !address_parse(str_from(who->addresses[0]), 53, &address))
			continue;
		add_view(p, who, &address);
	}
}

static uint32_t least_ttl_s(const struct dns_section *s)
{
	uint32_t least = UINT32_MAX;

	for (size_t i = 0; i < s->count; i++)
		if (s->records[i].type != DNS_TYPE_RRSIG && s->records[i].ttl_s < least)
			least = s->records[i].ttl_s;
	return least == UINT32_MAX ? 0 : least;
}

/* RFC 2308 section 5: the SOA of a negative answer counts down in a cache. */
static uint32_t negative_ttl_s(const struct dns_message *m)
{
	for (size_t i = 0; i < m->authority.count; i++)
		if (m->authority.records[i].type == DNS_TYPE_SOA)
			return m->authority.records[i].ttl_s;
	return 0;
}

static void judge(struct arena *a, const struct propagation *p, const struct question *q,
		  const struct resolver_reply *reply, struct propagation_view *v)
{
	const struct dns_message *m = reply->message;
	struct dns_section truth = of_type(a, &p->truth.records, q->type);

	v->outcome = reply->outcome;
	v->rtt_us = reply->rtt_us;
	if (!m)
		return;
	v->rcode = m->rcode;
	v->authenticated = m->authenticated;
	v->records = of_type(a, &m->answer, q->type);
	if (m->rcode != DNS_RCODE_NOERROR && m->rcode != DNS_RCODE_NXDOMAIN)
		v->memory = MEMORY_ERROR;
	else if (is_same_set(&v->records, &truth))
		v->memory = MEMORY_AGREES;
	else
		v->memory = v->records.count > 0 ? MEMORY_OLD : MEMORY_NEGATIVE;
	if (v->memory != MEMORY_ERROR)
		v->ttl_s = v->records.count > 0 ? least_ttl_s(&m->answer)
						: negative_ttl_s(m);
}

static void ask_resolvers(struct lookup *l, struct arena *a, const struct question *q,
			  int64_t now_s, struct propagation *p)
{
	struct lookup_view *views = arena_array(a, p->view_count, sizeof(*views));
	size_t *of = arena_array(a, p->view_count, sizeof(*of));
	size_t count = 0;

	for (size_t i = 0; i < p->view_count; i++) {
		if (p->views[i].address.family == 0)
			continue;
		of[count] = i;
		views[count++] = (struct lookup_view){ .question = *q,
						       .address = p->views[i].address,
						       .recursion = true };
	}
	lookup_ask_each(l, a, views, count);
	for (size_t i = 0; i < count; i++) {
		struct propagation_view *v = &p->views[of[i]];
		judge(a, p, q, &views[i].reply, v);
		if (v->memory == MEMORY_OLD || v->memory == MEMORY_NEGATIVE)
			v->until_s = now_s + v->ttl_s;
	}
}

void lookup_propagation(struct lookup *l, struct arena *a, const struct question *q,
			enum lang lang, int64_t now_s, struct propagation *out)
{
	*out = (struct propagation){ 0 };
	lookup_limit(l);
	lookup_ask(l, a, q, 1, true, &out->truth);
	out->is_known = is_word(&out->truth);
	if (!resolver_forward(l->resolver).family && q->type != DNS_TYPE_DS)
		ask_servers(l, a, q, out);
	out->views = arena_array(a, PROPAGATION_VIEWS_MAX, sizeof(*out->views));
	if (out->is_known) {
		choose_resolvers(l, lang, out);
		ask_resolvers(l, a, q, now_s, out);
	}
	for (size_t i = 0; i < out->view_count; i++) {
		out->counts[out->views[i].memory]++;
		if (out->views[i].until_s > out->agree_s)
			out->agree_s = out->views[i].until_s;
	}
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a name's zone begins: by walking the delegations; behind a forwarder by the SOA
 * that it gives, also with a negative answer. */
#include "cmd/apex.h"

#include "lookup/lookup.h"
#include "mail/mail.h"

static struct lookup_answer ask(struct lookup *l, struct arena *a,
				const struct dns_name *name, uint16_t type)
{
	const struct question q = { *name, type };
	struct lookup_answer answer;
	lookup_ask(l, a, &q, 1, false, &answer);
	return answer;
}

static void take_soa(const struct lookup_answer *answer, struct apex *out)
{
	for (size_t i = 0; i < answer->records.count && !out->has_soa; i++) {
		const struct dns_record *r = &answer->records.records[i];
		out->has_soa = r->type == DNS_TYPE_SOA && dns_record_soa(r, &out->soa);
	}
}

static void take_servers(const struct lookup_answer *answer, struct apex *out)
{
	for (size_t i = 0; i < answer->records.count; i++) {
		const struct dns_record *r = &answer->records.records[i];
		if (r->type == DNS_TYPE_NS && out->server_count < APEX_SERVERS_MAX)
			out->server_count +=
				dns_record_target(r, &out->servers[out->server_count]);
	}
}

/* The name is not there (yet), and the zone that says so is the domain's own: not the
 * registry's. */
static bool is_own_zone(struct arena *a, const struct dns_name *name,
			const struct dns_name *zone)
{
	struct dns_name organisation;
	struct err ignored = { 0 };
	struct str text = mail_domain_organisational(dns_name_text(a, name));
	return dns_name_parse(text, &organisation, &ignored) &&
	       dns_name_within(zone, &organisation);
}

static void find_by_walk(struct lookup *l, struct arena *a, const struct dns_name *name,
			 struct apex *out)
{
	struct resolver_walk_result walk;
	lookup_walk(l, a, name, &walk);
	out->outcome = walk.outcome;
	if (walk.outcome == WALK_NXDOMAIN && is_own_zone(a, name, &walk.zone))
		out->outcome = WALK_DONE;
	if (out->outcome != WALK_DONE)
		return;
	out->zone = dns_name_lower(&walk.zone);
	for (size_t i = 0; i < walk.server_count && i < APEX_SERVERS_MAX; i++)
		out->servers[out->server_count++] = walk.servers[i].name;
	const struct lookup_answer soa = ask(l, a, &out->zone, DNS_TYPE_SOA);
	take_soa(&soa, out);
}

static void find_by_soa(struct lookup *l, struct arena *a, const struct dns_name *name,
			struct apex *out)
{
	struct lookup_answer soa = ask(l, a, name, DNS_TYPE_SOA);
	out->outcome = WALK_NO_ANSWER;
	if (soa.outcome != ASK_ANSWERED)
		return;
	out->outcome = WALK_SERVFAIL;
	if (soa.alias_count == 0 && lookup_has_records(&soa))
		out->zone = *name;
	else if (soa.alias_count == 0 && soa.has_soa &&
		 dns_name_within(name, &soa.soa_owner))
		out->zone = dns_name_lower(&soa.soa_owner);
	if (out->zone.len < 2) {
		out->zone.len = 0;
		return;
	}
	out->outcome = WALK_DONE;
	out->has_soa = soa.has_soa;
	out->soa = soa.soa;
	take_soa(&soa, out);
	const struct lookup_answer servers = ask(l, a, &out->zone, DNS_TYPE_NS);
	take_servers(&servers, out);
}

bool apex_find(struct arena *a, const struct config *config, const struct dns_name *name,
	       struct apex *out, struct err *e)
{
	struct lookup *l = NULL;
	*out = (struct apex){ .outcome = WALK_NO_ANSWER };
	if (!lookup_new(config, &l, e))
		return false;
	if (config_is_set(config, CONFIG_DNS_FORWARD))
		find_by_soa(l, a, name, out);
	else
		find_by_walk(l, a, name, out);
	lookup_free(&l);
	provider_match(out->servers, out->server_count, out->has_soa ? &out->soa : NULL,
		       &out->provider);
	return true;
}

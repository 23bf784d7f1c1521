/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/seen.h"

#include <stdlib.h>

static bool may_speak_about(const struct view *view, const struct dns_name *name)
{
	return view->kind != VIEW_AUTHORITY || dns_name_within(name, &view->zone);
}

static const struct dns_record *find_alias(const struct dns_section *s,
					   const struct dns_name *owner)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->records[i].type == DNS_TYPE_CNAME &&
		    dns_name_equal(&s->records[i].owner, owner))
			return &s->records[i];
	return NULL;
}

static size_t take_of(const struct dns_section *s, const struct dns_name *owner,
		      uint16_t type, struct dns_record *out, size_t room)
{
	size_t count = 0;

	for (size_t i = 0; i < s->count && count < room; i++)
		if (s->records[i].type == type &&
		    dns_name_equal(&s->records[i].owner, owner))
			out[count++] = s->records[i];
	return count;
}

/* Servers turn sets round: the order that they give says nothing. */
static int compare_rdata(const void *left, const void *right)
{
	const struct dns_record *a = left;
	const struct dns_record *b = right;

	return str_compare(a->rdata, b->rdata);
}

/* RFC 6672 section 2.2: below a DNAME a server makes up a CNAME for whatever name is
 * asked. Such an alias is no record of that name: it would be there for every token. */
static const struct dns_record *find_subtree_alias(const struct view *view,
						   const struct dns_section *s,
						   const struct dns_name *name)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct dns_record *r = &s->records[i];
		if (r->type == DNS_TYPE_DNAME && dns_name_within(name, &r->owner) &&
		    !dns_name_equal(name, &r->owner) && may_speak_about(view, &r->owner))
			return r;
	}
	return NULL;
}

/* Along the chain as far as the server may speak; then the records of the type asked. */
static size_t take_chain(const struct view *view, const struct dns_section *s,
			 const struct question *q, struct dns_record *out, size_t room)
{
	struct dns_name name = q->name;
	size_t count = 0;
	const struct dns_record *subtree =
		q->type == DNS_TYPE_CNAME ? find_subtree_alias(view, s, &name) : NULL;

	if (subtree) {
		out[count++] = *subtree;
		return count;
	}
	for (int links = 0; links <= RESOLVER_CNAME_MAX && count < room; links++) {
		const struct dns_record *alias =
			q->type == DNS_TYPE_CNAME ? NULL : find_alias(s, &name);
		if (!alias)
			return count +
			       take_of(s, &name, q->type, out + count, room - count);
		out[count++] = *alias;
		if (!dns_record_target(alias, &name) || !may_speak_about(view, &name))
			return count;
	}
	return count;
}

static void take_soa(struct arena *a, const struct dns_message *m, struct answer *out)
{
	for (size_t i = 0; i < m->authority.count && !out->has_soa; i++) {
		if (m->authority.records[i].type != DNS_TYPE_SOA)
			continue;
		struct dns_record r = dns_record_lower(a, &m->authority.records[i]);
		out->has_soa = dns_record_soa(&r, &out->soa);
		out->soa_owner = r.owner;
		out->soa_ttl_s = r.ttl_s;
	}
}

bool seen_referred_zone(const struct dns_message *m, const struct question *q,
			const struct dns_name *zone, struct dns_name *out)
{
	if (m->rcode != DNS_RCODE_NOERROR || m->authoritative || m->answer.count > 0)
		return false;
	for (size_t i = 0; i < m->authority.count; i++) {
		const struct dns_name *owner = &m->authority.records[i].owner;
		if (m->authority.records[i].type != DNS_TYPE_NS ||
		    !dns_name_within(owner, zone) || dns_name_equal(owner, zone) ||
		    !dns_name_within(&q->name, owner))
			continue;
		*out = dns_name_lower(owner);
		return true;
	}
	return false;
}

void seen_take(struct arena *a, const struct view *view,
	       const struct resolver_reply *reply, struct answer *out)
{
	const struct dns_message *m = reply->message;
	struct dns_record found[RESOLVER_RRSET_MAX] __attribute__((uninitialized));
	struct dns_name below;

	out->outcome = reply->outcome;
	out->over_tcp = reply->over_tcp;
	out->rtt_us = reply->rtt_us;
	if (reply->outcome != ASK_ANSWERED)
		return;
	/* Most answers have few: what is kept of them lives as long as the look. */
	size_t count =
		take_chain(view, &m->answer, &out->question, found, RESOLVER_RRSET_MAX);
	struct dns_record *records = arena_try(a, count * sizeof(*records));
	if (!records) {
		out->outcome = ASK_LIMIT;
		return;
	}
	out->rcode = m->rcode;
	out->authoritative = m->authoritative;
	out->authenticated = m->authenticated;
	out->has_ede = m->has_ede;
	out->ede_code = m->ede_code;
	out->is_referral = view->kind == VIEW_AUTHORITY &&
			   seen_referred_zone(m, &out->question, &view->zone, &below);
	out->records.records = records;
	out->records.count = count;
	size_t links = 0;
	for (size_t i = 0; i < out->records.count; i++) {
		records[i] = dns_record_lower(a, &found[i]);
		links += records[i].type != out->question.type;
	}
	if (out->records.count > links)
		qsort(records + links, out->records.count - links, sizeof(*records),
		      compare_rdata);
	take_soa(a, m, out);
}

bool seen_leaves(const struct answer *answer, const struct dns_name *zone,
		 struct dns_name *target_out)
{
	const struct dns_section *s = &answer->records;

	if (answer->outcome != ASK_ANSWERED || s->count == 0 ||
	    answer->question.type == DNS_TYPE_CNAME)
		return false;
	const struct dns_record *last = &s->records[s->count - 1];
	return last->type == DNS_TYPE_CNAME && dns_record_target(last, target_out) &&
	       !dns_name_within(target_out, zone);
}

bool seen_may_follow(const struct dns_name *target)
{
	/* RFC 6761, 6762, 7686, 8375, and names that companies use inside. */
	static const char *const private[] = { "local",    "localhost", "internal",
					       "onion",    "invalid",   "home.arpa",
					       "intranet", "lan",       "corp",
					       "home",     "private" };
	struct err e;

	if (dns_name_labels(target) < 2)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(private); i++) {
		struct dns_name zone;
		if (!dns_name_parse(str_from(private[i]), &zone, &e) ||
		    dns_name_within(target, &zone))
			return false;
	}
	return true;
}

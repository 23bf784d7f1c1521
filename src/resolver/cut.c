/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names are kept in lower case: the case received is that of our own question (0x20). */
#include "resolver/cut.h"

#include <stdlib.h>

struct cut_server *cut_server_find(struct cut *c, const struct dns_name *name)
{
	for (size_t i = 0; i < c->server_count; i++)
		if (dns_name_equal(&c->servers[i].name, name))
			return &c->servers[i];
	return NULL;
}

bool cut_server_has_address(const struct cut_server *s)
{
	return s->v4.family || s->v6.family;
}

bool cut_has_address(const struct cut *c)
{
	for (size_t i = 0; i < c->server_count; i++)
		if (cut_server_has_address(&c->servers[i]))
			return true;
	return false;
}

static void take_address(const struct dns_record *r, struct cut_server *s)
{
	if (r->type == DNS_TYPE_A && r->rdata.len == 4 && !s->v4.family) {
		s->v4 = (struct address){ .family = 4, .port = 53 };
		memcpy(s->v4.bytes, r->rdata.data, 4);
	} else if (r->type == DNS_TYPE_AAAA && r->rdata.len == 16 && !s->v6.family) {
		s->v6 = (struct address){ .family = 6, .port = 53 };
		memcpy(s->v6.bytes, r->rdata.data, 16);
	}
}

bool cut_address_take(const struct dns_section *section, const struct dns_name *owner,
		      struct cut_server *s)
{
	for (size_t i = 0; i < section->count; i++)
		if (dns_name_equal(&section->records[i].owner, owner))
			take_address(&section->records[i], s);
	return cut_server_has_address(s);
}

static const struct dns_record *find_ns(const struct dns_section *section,
					const struct dns_name *zone,
					const struct dns_name *name)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct dns_record *r = &section->records[i];
		if (r->type == DNS_TYPE_NS && dns_name_within(&r->owner, zone) &&
		    !dns_name_equal(&r->owner, zone) && dns_name_within(name, &r->owner))
			return r;
	}
	return NULL;
}

static void take_servers(const struct dns_section *section, struct cut *c)
{
	struct dns_name target;

	for (size_t i = 0; i < section->count; i++) {
		const struct dns_record *r = &section->records[i];
		if (r->type == DNS_TYPE_DS && dns_name_equal(&r->owner, &c->zone))
			c->signed_here = true;
		if (r->type != DNS_TYPE_NS || !dns_name_equal(&r->owner, &c->zone))
			continue;
		if (!dns_record_target(r, &target) || cut_server_find(c, &target) ||
		    c->server_count == RESOLVER_SERVERS_MAX)
			continue;
		c->servers[c->server_count++].name = dns_name_lower(&target);
		if (r->ttl_s < c->ttl_s)
			c->ttl_s = r->ttl_s;
	}
}

/* Servers turn sets round: the same delegation shall be the same every time. */
static int compare_servers(const void *left, const void *right)
{
	const struct cut_server *a = left;
	const struct cut_server *b = right;

	return str_compare(dns_name_key(&a->name), dns_name_key(&b->name));
}

enum referral cut_read(struct arena *a, const struct dns_message *m,
		       const struct dns_name *zone, const struct dns_name *name,
		       struct cut **out)
{
	if (m->rcode != DNS_RCODE_NOERROR)
		return REFERRAL_NONE;
	const struct dns_section *section = &m->authority;
	if (m->answer.count > 0) {
		if (!m->authoritative)
			return REFERRAL_NONE;
		section = &m->answer;
	}
	const struct dns_record *ns = find_ns(section, zone, name);
	struct cut *c = ns ? arena_try(a, sizeof(*c)) : NULL;
	if (!c)
		return REFERRAL_NONE;
	c->zone = dns_name_lower(&ns->owner);
	c->parent = *zone;
	c->ttl_s = UINT32_MAX;
	take_servers(section, c);
	if (c->server_count == 0)
		return REFERRAL_NONE;
	qsort(c->servers, c->server_count, sizeof(*c->servers), compare_servers);
	for (size_t i = 0; i < c->server_count; i++)
		if (dns_name_within(&c->servers[i].name, zone))
			cut_address_take(&m->additional, &c->servers[i].name,
					 &c->servers[i]);
	*out = c;
	return REFERRAL_CUT;
}

static size_t count_common(const struct cut *a, const struct cut *b)
{
	size_t count = 0;

	for (size_t i = 0; i < a->server_count; i++)
		for (size_t k = 0; k < b->server_count; k++)
			count += dns_name_equal(&a->servers[i].name, &b->servers[k].name);
	return count;
}

/* The section says nothing about this address, or the same. */
static bool is_address_said(const struct dns_section *section,
			    const struct dns_name *owner, const struct address *a)
{
	bool is_silent = true;

	for (size_t i = 0; i < section->count; i++) {
		const struct dns_record *r = &section->records[i];
		struct cut_server one = { 0 };
		if (!dns_name_equal(&r->owner, owner))
			continue;
		take_address(r, &one);
		const struct address *said = a->family == 4 ? &one.v4 : &one.v6;
		if (!said->family)
			continue;
		if (address_equal(said, a))
			return true;
		is_silent = false;
	}
	return is_silent;
}

bool cut_agrees(const struct cut *c, const struct cut *other, const struct dns_message *m)
{
	size_t common = count_common(c, other);

	if (!dns_name_equal(&c->zone, &other->zone) ||
	    (common < c->server_count && common < other->server_count))
		return false;
	for (size_t i = 0; i < c->server_count; i++) {
		const struct cut_server *s = &c->servers[i];
		if ((s->v4.family &&
		     !is_address_said(&m->additional, &s->name, &s->v4)) ||
		    (s->v6.family && !is_address_said(&m->additional, &s->name, &s->v6)))
			return false;
	}
	return true;
}

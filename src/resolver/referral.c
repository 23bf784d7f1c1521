/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolver/referral.h"

#include "resolver/wire.h"

enum {
	CLASS_IN = 1,
	POINTER = 0xc0,
	COUNT_ANSWER = 6, /* where the counts stand in the header */
	COUNT_AUTHORITY = 8,
	COUNT_ADDITIONAL = 10,
};

/* A record as it stands in the packet. */
struct raw {
	size_t owner; /* where its name begins */
	uint16_t type;
	uint16_t class;
	uint32_t ttl_s;
	size_t rdata;
	size_t rdata_len;
};

/* The packet, and who speaks in it about what. */
struct reader {
	struct str packet;
	struct cursor at;
	const struct dns_name *zone;
	const struct dns_name *name;
	struct cut *cut;
	bool has_ns;
	bool has_soa;
	bool is_unusual;
};

static uint16_t count_of(const struct reader *r, size_t at)
{
	return (uint16_t)((uint8_t)r->packet.data[at] << 8 |
			  (uint8_t)r->packet.data[at + 1]);
}

static bool read_raw(struct reader *r, struct raw *out)
{
	struct cursor *c = &r->at;

	out->owner = r->packet.len - cursor_left(c);
	wire_name_skip(c);
	out->type = cursor_u16(c);
	out->class = cursor_u16(c);
	out->ttl_s = cursor_u32(c);
	/* RFC 2181 section 8 */
	if (out->type != DNS_TYPE_OPT && out->ttl_s > INT32_MAX)
		out->ttl_s = 0;
	out->rdata_len = cursor_u16(c);
	out->rdata = r->packet.len - cursor_left(c);
	cursor_bytes(c, out->rdata_len);
	return cursor_ok(c);
}

/* RFC 1035 section 4.1.4: pointers lead backwards, so this ends. In lower case. */
static bool read_name(const struct reader *r, size_t at, struct dns_name *out)
{
	const uint8_t *bytes = (const uint8_t *)r->packet.data;
	size_t end = r->packet.len;
	size_t len = 0;

	while (at < end && bytes[at] != 0) {
		size_t octets = 1u + bytes[at];
		if (bytes[at] >= POINTER) {
			size_t to = at + 1 < end ? (size_t)(bytes[at] & ~POINTER) << 8 |
							   bytes[at + 1]
						 : end;
			if (to >= at || to < WIRE_HEADER)
				return false;
			end = at;
			at = to;
			continue;
		}
		if (octets > DNS_LABEL_MAX + 1 || at + octets > end ||
		    len + octets >= DNS_NAME_MAX)
			return false;
		for (size_t i = 0; i < octets; i++)
			out->wire[len++] = (uint8_t)ascii_lower((char)bytes[at + i]);
		at += octets;
	}
	if (at >= end)
		return false;
	out->wire[len++] = 0;
	out->len = (uint8_t)len;
	return true;
}

/* Both in lower case. */
static bool is_same(const struct dns_name *a, const struct dns_name *b)
{
	return a->len == b->len && memcmp(a->wire, b->wire, a->len) == 0;
}

/* n in the zone or at it; both in lower case. */
static bool is_within(const struct dns_name *n, const struct dns_name *zone)
{
	size_t at = 0;

	while (n->len - at > zone->len)
		at += 1u + n->wire[at];
	return n->len - at == zone->len &&
	       memcmp(n->wire + at, zone->wire, zone->len) == 0;
}

/* Authority */

/* The name is all of the rdata. */
static bool read_target(const struct reader *r, const struct raw *record,
			struct dns_name *out)
{
	struct cursor c =
		cursor_over(str_sub(r->packet, record->rdata, record->rdata_len));

	wire_name_skip(&c);
	return cursor_at_end(&c) && read_name(r, record->rdata, out);
}

/* Bailiwick: the cut lies below the zone, and the name below it or at it. */
static void take_ns(struct reader *r, const struct raw *record)
{
	struct cut *cut = r->cut;
	struct dns_name owner __attribute__((uninitialized));
	struct cut_server *s = &cut->servers[cut->server_count];

	if (!read_name(r, record->owner, &owner) || is_same(&owner, r->zone) ||
	    !is_within(&owner, r->zone) || !is_within(r->name, &owner) ||
	    (r->has_ns && !is_same(&owner, &cut->zone)) ||
	    cut->server_count == RESOLVER_SERVERS_MAX ||
	    !read_target(r, record, &s->name)) {
		r->is_unusual = true;
		return;
	}
	cut->zone = owner;
	r->has_ns = true;
	for (size_t i = 0; i < cut->server_count; i++)
		r->is_unusual = r->is_unusual || is_same(&cut->servers[i].name, &s->name);
	s->v4.family = 0;
	s->v6.family = 0;
	cut->server_count++;
	if (record->ttl_s < cut->ttl_s)
		cut->ttl_s = record->ttl_s;
}

static void take_soa(struct reader *r, const struct raw *record)
{
	struct dns_name owner __attribute__((uninitialized));

	if (!read_name(r, record->owner, &owner) || !is_same(&owner, r->zone))
		r->is_unusual = true;
	r->has_soa = true;
}

/* Of which zone it is shows with the NS, which may stand behind it. */
static void take_ds(struct reader *r, const struct raw *record)
{
	struct dns_name owner __attribute__((uninitialized));

	if (!read_name(r, record->owner, &owner) || !r->has_ns ||
	    !is_same(&owner, &r->cut->zone))
		r->is_unusual = true;
	r->cut->signed_here = true;
}

static void read_authority(struct reader *r)
{
	struct raw record;

	for (size_t i = count_of(r, COUNT_AUTHORITY); i > 0 && !r->is_unusual; i--) {
		if (!read_raw(r, &record) || record.class != CLASS_IN) {
			r->is_unusual = true;
		} else if (record.type == DNS_TYPE_NS) {
			take_ns(r, &record);
		} else if (record.type == DNS_TYPE_DS) {
			take_ds(r, &record);
		} else if (record.type == DNS_TYPE_SOA) {
			take_soa(r, &record);
		}
	}
}

/* Additional */

static void take_address(struct reader *r, const struct raw *record)
{
	struct dns_name owner __attribute__((uninitialized));
	uint8_t family = record->type == DNS_TYPE_A ? 4 : 6;
	size_t len = family == 4 ? 4 : 16;

	if (!read_name(r, record->owner, &owner) || record->rdata_len != len) {
		r->is_unusual = true;
		return;
	}
	if (!is_within(&owner, r->zone))
		return;
	for (size_t i = 0; i < r->cut->server_count; i++) {
		struct cut_server *s = &r->cut->servers[i];
		struct address *a = family == 4 ? &s->v4 : &s->v6;
		if (a->family || !is_same(&owner, &s->name))
			continue;
		*a = (struct address){ .family = family, .port = 53 };
		memcpy(a->bytes, r->packet.data + record->rdata, len);
	}
}

static void read_additional(struct reader *r)
{
	struct raw record;

	for (size_t i = count_of(r, COUNT_ADDITIONAL); i > 0 && !r->is_unusual; i--) {
		/* RFC 6891 section 6.1.3: the upper bits of the response code */
		if (!read_raw(r, &record) ||
		    (record.type == DNS_TYPE_OPT && record.ttl_s >> 24 != 0))
			r->is_unusual = true;
		else if (record.class == CLASS_IN &&
			 (record.type == DNS_TYPE_A || record.type == DNS_TYPE_AAAA))
			take_address(r, &record);
	}
}

/* Servers turn sets round: in the order that cut_read gives them. */
static void sort_servers(struct cut *cut)
{
	for (size_t i = 1; i < cut->server_count; i++) {
		for (size_t k = i; k > 0; k--) {
			struct cut_server *s = &cut->servers[k];
			struct cut_server moved __attribute__((uninitialized));
			if (str_compare(dns_name_key(&s[-1].name),
					dns_name_key(&s->name)) <= 0)
				break;
			moved = s[-1];
			s[-1] = s[0];
			s[0] = moved;
		}
	}
}

enum way referral_read(struct str packet, const struct dns_name *zone,
		       const struct dns_name *name, struct cut *out)
{
	unsigned flags = wire_flags(packet);
	struct reader r = { .packet = packet, .zone = zone, .name = name, .cut = out };

	out->ttl_s = UINT32_MAX;
	out->signed_here = false;
	out->server_count = 0;
	if ((flags & WIRE_RCODE) != DNS_RCODE_NOERROR || count_of(&r, COUNT_ANSWER) > 0)
		return WAY_UNUSUAL;
	r.at = cursor_over(packet);
	cursor_bytes(&r.at, WIRE_HEADER);
	wire_name_skip(&r.at);
	cursor_bytes(&r.at, 4); /* type and class */
	read_authority(&r);
	if (r.is_unusual || r.has_ns == r.has_soa || r.has_soa != (bool)(flags & WIRE_AA))
		return WAY_UNUSUAL;
	if (r.has_soa)
		return WAY_INSIDE;
	read_additional(&r);
	if (r.is_unusual)
		return WAY_UNUSUAL;
	out->parent = *zone;
	sort_servers(out);
	return WAY_DOWN;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the zone of a domain looks like at its apex: cheap to ask (SOA and NS, at one
 * server), and enough to tell that something may have changed since the last whole look.
 */
#ifndef OBSERVATION_ZONE_H
#define OBSERVATION_ZONE_H

#include "base/base.h"
#include "dns/dns.h"

struct json_t;
struct observation;

enum {
	ZONE_SERVERS_MAX = 32,
};

struct zone_seen {
	bool is_seen;           /* false: it could not be asked; nothing below counts */
	struct dns_name domain; /* what was looked at */
	struct dns_name zone;   /* apex of the zone that holds it */
	int64_t at_s;           /* Unix time of the beginning */
	uint32_t queries;       /* packets sent */
	struct dns_name mname;
	struct dns_name rname;
	uint32_t serial;
	struct dns_name *name_servers; /* the zone's own word; lower case, in order */
	size_t name_server_count;
	int64_t registered_at; /* by the registry; 0: it was not asked, or did not say */
};

/* The same facts out of a whole look, into the arena. */
void zone_seen_of(struct arena *a, const struct observation *o, struct zone_seen *out);
/* Fills in the set of name servers from NS records: lower case, each once, in order. */
void zone_seen_set_servers(struct arena *a, const struct dns_section *ns,
			   struct zone_seen *z);
/* New reference. */
struct json_t *zone_seen_to_json(const struct zone_seen *z);
/* Foreign bytes; into the arena. ERR_USAGE with the path of what is wrong. */
bool zone_seen_from_json(struct arena *a, const struct json_t *json,
			 struct zone_seen *out, struct err *e) must_check;

#endif

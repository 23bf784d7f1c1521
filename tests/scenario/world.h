/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zones as a file of records says, who serves them, and what a server that does
 * everything right says to a question. */
#ifndef SCENARIO_WORLD_H
#define SCENARIO_WORLD_H

#include "dns/dns.h"

enum {
	WORLD_ZONES_MAX = 512,
	WORLD_SERVERS_MAX = 64,
};

struct rows {
	struct dns_record *records;
	size_t count;
	size_t size;
};

struct zone {
	struct dns_name origin;
	struct address servers[WORLD_SERVERS_MAX];
	size_t server_count;
	struct rows rows;
	/* What the parent says instead of the zone's own NS set. */
	bool has_delegation;
	struct rows delegation;
};

struct world {
	struct arena *arena;
	struct zone *zones[WORLD_ZONES_MAX];
	size_t zone_count;
};

struct zone *world_zone_find(struct world *w, const struct dns_name *origin);
struct zone *world_zone_add(struct world *w, const struct dns_name *origin);

/* "OWNER [TTL] TYPE RDATA": names without final dot are relative to the origin, "@" is
 * the origin. ERR_USAGE. */
bool record_read(struct arena *a, struct str text, const struct dns_name *origin,
		 struct dns_record *out, struct err *e) must_check;
void rows_add(struct arena *a, struct rows *rows, const struct dns_record *r);
/* "OWNER [TYPE [RDATA]]": those that fit go; how many. */
bool rows_remove(struct arena *a, struct rows *rows, struct str text,
		 const struct dns_name *origin, size_t *count_out, struct err *e)
	must_check;
/* Gives a zone without them its SOA, and NS with addresses for its servers. */
void zone_complete(struct world *w, struct zone *z);

/* An answer being made. */
struct reply {
	uint16_t rcode;
	bool authoritative;
	struct rows answer;
	struct rows authority;
	struct rows additional;
};
/* What a server at this address says; into the arena. */
void world_answer(struct world *w, struct arena *a, const struct address *server,
		  const struct question *q, bool dnssec, struct reply *out);
bool world_serves(const struct world *w, const struct address *server);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Delegations and the addresses of name servers, as parents gave them; never a record
 * of a zone under test. Times to live have ceilings, so that a delegation that was
 * corrected is seen soon; what a child says never prolongs an entry. What was not used
 * for longest makes room.
 */
#ifndef RESOLVER_CACHE_H
#define RESOLVER_CACHE_H

#include "resolver/cut.h"

enum {
	CACHE_OCTETS_MAX = 10 << 20, /* all in all: some hundred thousand delegations */
	CACHE_TOP_TTL_MAX_S = 6 * 3600, /* of a cut right below the root */
	CACHE_CUT_TTL_MAX_S = 300,
	CACHE_INSIDE_TTL_S = 300,
	CACHE_ADDRESS_TTL_MAX_S = 3600,
};

struct cache;
/* Of at most so many octets, which it takes as it needs them. */
struct cache *cache_new(size_t octets_max);
void cache_free(struct cache **c);

void cache_cut_put(struct cache *c, const struct cut *cut, int64_t now_us);
/* In the arena; NULL if there is none, or no room. */
struct cut *cache_cut_find(struct cache *c, struct arena *a, const struct dns_name *zone,
			   int64_t now_us);
/* Forgets cuts at and below the zone, and what is known of names in it. */
void cache_forget(struct cache *c, const struct dns_name *zone);
size_t cache_cut_count(const struct cache *c);

/* A cut looked at where it lies; until something is put, or forgotten. */
struct cache_cut {
	uint8_t parent_len; /* octets of the zone's tail that are its parent */
	bool signed_here;
	uint8_t left; /* servers not looked at yet */
	struct str bytes;
	size_t at;
};
/* zone: wire form, in lower case. */
bool cache_cut_look(struct cache *c, struct str zone, int64_t now_us,
		    struct cache_cut *out) must_check;
/* The next of its servers into s: name, v4 and v6, nothing else; false at the end. */
bool cache_cut_next(struct cache_cut *cut, struct cut_server *s) must_check;

/* No zone begins at the name: it lies in `zone`. */
void cache_inside_put(struct cache *c, const struct dns_name *name,
		      const struct dns_name *zone, int64_t now_us);
bool cache_is_inside(struct cache *c, const struct dns_name *name,
		     const struct dns_name *zone, int64_t now_us);

void cache_address_put(struct cache *c, const struct cut_server *s, uint32_t ttl_s,
		       int64_t now_us);
/* Fills s's addresses; false if none is known. */
bool cache_address_find(struct cache *c, struct cut_server *s, int64_t now_us);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside the walk: walks need addresses of servers, which need lookups, which need walks.
 *
 *   walk    along the cuts       fill    the addresses of one cut's servers
 *   lookup  of one server name
 */
#ifndef RESOLVER_WALK_H
#define RESOLVER_WALK_H

#include "resolver/cut.h"
#include "resolver/state.h"

enum {
	WALK_LEVELS_MAX = 4
}; /* walks for the sake of walks */

/* What all three are started with. */
struct walk_context {
	struct resolver *r;
	struct budget *b;
	struct arena *a;
	uint32_t depth;                    /* round trips so far */
	unsigned level;                    /* 0: a caller's */
	const struct resolver_walk *outer; /* for whose sake; NULL */
	bool is_thrifty; /* of addresses: IPv6 only where there is no IPv4 */
};

/* cut: where the walk ended, in the arena; NULL if nowhere. */
typedef void walk_done_fn(void *arg, const struct resolver_walk_result *result,
			  struct cut *cut);
/* all_servers: every server's addresses are wanted, not just one's. */
struct resolver_walk *walk_start(const struct walk_context *c,
				 const struct dns_name *name, bool all_servers,
				 walk_done_fn *done, void *arg);
/* A walk to the same name waits for this one. */
bool walk_is_inside(const struct resolver_walk *w, const struct dns_name *name);

struct lookup;
typedef void lookup_done_fn(void *arg, const struct cut_server *found, uint32_t depth);
/* found->failed: none, and outcome says why. */
struct lookup *lookup_start(const struct walk_context *c, const struct dns_name *name,
			    lookup_done_fn *done, void *arg);
void lookup_cancel(struct lookup **l);

struct fill;
/* depth: of the longest chain. */
typedef void fill_done_fn(void *arg, uint32_t depth);
/* Into the cut, which must live on. */
struct fill *fill_start(const struct walk_context *c, struct cut *cut, bool all_servers,
			fill_done_fn *done, void *arg);
void fill_cancel(struct fill **f);

/* s as callers see it, in the arena. */
void server_describe(const struct walk_context *c, const struct cut_server *s,
		     struct resolver_server *out);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one resolver holds. */
#ifndef RESOLVER_STATE_H
#define RESOLVER_STATE_H

#include <uv.h>

#include "resolver/cache.h"
#include "resolver/deadline.h"
#include "resolver/entropy.h"
#include "resolver/peer.h"
#include "resolver/resolver.h"
#include "resolver/udp.h"

struct routes;
struct validator;
struct volleys;

struct resolver {
	uv_loop_t *loop;
	const struct config *config;
	int64_t query_timeout_us;
	int64_t check_timeout_us;
	bool has_ipv6; /* wanted, and there is a route */
	struct deadlines *deadlines;
	struct udp *udp;
	struct peers *peers;
	struct cache *cache;
	struct volleys *volleys;
	struct routes *routes;
	struct validator *validator; /* NULL: no trust anchor */
	struct guard guard;
	struct address *allowed; /* what the guard has allowed lately */
	struct entropy entropy;
	struct arena arena;   /* for what lives as long as this */
	struct arena scratch; /* for packets that may turn out not to be ours */
	struct buf query;     /* the packet being written */
	struct cut *root;
	struct address forward;
	struct address *public;
	size_t public_count;
	struct list asks;
	struct list walks; /* those that callers started */
	struct list walks_asking;
	struct list lookups; /* the same */
	struct resolver_counters counters;
};

/* The guard's and the routes' word on an address from the DNS. */
enum ask_outcome resolver_may_ask(const struct resolver *r, const struct address *a);

/* All that are in these lists of the resolver; their callbacks never run. */
void asks_cancel(struct list *asks);
void walks_cancel(struct list *walks);
void lookups_cancel(struct list *lookups);

#endif

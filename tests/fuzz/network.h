/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A network in memory, for fuzz targets that hold a whole resolver: it stands in for
 * resolver/udp.c, tcp.c and deadline.c, and for the clock and the random bytes below
 * them, so that an input gives the same run every time and hours of waiting take none.
 *
 *   network_start(serve, arg); ... resolver_walk_start(...); network_run(&done);
 */
#ifndef FUZZ_NETWORK_H
#define FUZZ_NETWORK_H

#include "resolver/resolver.h"

enum network_fate {
	NETWORK_ANSWER,    /* what was written to `answer` arrives */
	NETWORK_SILENCE,   /* nothing ever does */
	NETWORK_NEAR_MISS, /* something of the right address that has another id */
	NETWORK_ERROR,     /* ICMP, a reset */
};

/* What becomes of a packet out. */
typedef enum network_fate network_serve_fn(void *arg, const struct address *to,
					   struct str query, bool over_tcp,
					   struct buf *answer);

/* Nothing is under way, and the clock is where it always begins. */
void network_start(network_serve_fn *serve, void *arg);
/* Until *done, or nothing is left that could happen. */
void network_run(const bool *done);

/* Packets out since the start. */
uint32_t network_packets(void);

#endif

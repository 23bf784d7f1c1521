/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often somebody may ask: a token bucket each, in memory. There is room for some
 * thousands of callers; beyond that whoever asked the longest time ago is forgotten, and
 * begins with a full bucket when he comes again. Any thread.
 */
#ifndef API_LIMIT_H
#define API_LIMIT_H

#include "base/base.h"

struct limits;

struct limits *limits_new(void);
void limits_free(struct limits **l);

struct limit_rule {
	uint32_t rate;  /* a second; 0: as often as he likes */
	uint32_t burst; /* at most so many at once */
};
struct limit_left {
	uint32_t remaining; /* that could come at once now */
	uint32_t full_in_s; /* then it is as if nobody had asked */
	uint32_t retry_in_s;
};
/* Takes one from the caller's bucket; false: there is none in it. */
bool limits_take(struct limits *l, struct str caller, const struct limit_rule *rule,
		 int64_t now_ms, struct limit_left *left_out);

/* Where an address is counted: an IPv4 address by itself, an IPv6 address with all of its
 * /64, for these are one customer's. */
void limit_place_write(struct buf *out, struct str address);

#endif

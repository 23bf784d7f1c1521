/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many glances are worth having under way. Each one more takes memory, of the
 * kernel's too, and past some hundred the processor's cache no longer holds it, which
 * costs a third of the rate. Near servers need few; rate times round-trip time is what
 * far ones need.
 *
 *   Where each turn of the loop finds a good part of all that is under way answered, the
 *   servers wait for us, and fewer will do.
 *
 *   Where it finds next to nothing, we wait for them, and twice as many are tried. If
 *   even the quickest then takes half as long again, they only wait in a longer queue:
 *   back, and not again for a while.
 *
 * A glance that takes half as long again as they usually do waits for a packet that was
 * lost, or for a server that is silent: that is no reason to begin fewer.
 */
#ifndef PROBE_PACE_H
#define PROBE_PACE_H

#include "base/base.h"

enum {
	PACE_LEAST = 64,
	PACE_TRIAL = 2, /* times a window of glances: the first began before it */
	PACE_REST = 32, /* the same, before the next trial */
	PACE_LATE_LEAST_US = 30000,
	PACE_LATE_MOST_US = 500000,
};

struct pace {
	size_t window; /* glances that may be under way */
	size_t most;
	int64_t usual_us; /* what glances took of late, smoothed; 0: none has ended */
	/* Since it was last weighed: */
	size_t ended;
	size_t turns;     /* of the loop, in which some ended */
	size_t in_turn;   /* those of this one */
	int64_t least_us; /* what the quickest took */
	bool was_full;    /* as many as may be were under way */
	/* Of the trial: */
	unsigned trial; /* how often it was weighed since; 0: there is none */
	unsigned rest;
	int64_t before_us; /* what the quickest took before */
};
void pace_init(struct pace *p, size_t most);
/* A glance has ended; it was late, or it was not. */
void pace_end(struct pace *p, int64_t took_us, bool was_late);
/* One that takes longer is late, and no longer counts as under way. */
int64_t pace_late_us(const struct pace *p);
/* A turn of the loop is over; so many are under way. */
void pace_turn(struct pace *p, size_t under_way);

#endif

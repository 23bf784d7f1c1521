/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many glances are worth having under way. Each one more takes memory, of the
 * kernel's too, and past some hundred the processor's cache no longer holds it, which
 * costs a third of the rate. Near servers need few; rate times round-trip time is what
 * far ones need.
 *
 * Where each turn of the loop finds a good part of all that is under way answered, the
 * servers wait for us, and more would only wait longer; where it finds next to nothing,
 * we wait for them.
 */
#ifndef PROBE_PACE_H
#define PROBE_PACE_H

#include "base/base.h"

enum {
	PACE_LEAST = 64,
};

struct pace {
	size_t window; /* glances that may be under way */
	size_t most;
	/* Since it was last weighed: */
	size_t ended;
	size_t turns;  /* of the loop, in which some ended */
	bool was_full; /* as many as may be were under way */
};
void pace_init(struct pace *p, size_t most);
/* A turn of the loop, in which so many ended, before which so many were under way. */
void pace_turn(struct pace *p, size_t ended, size_t under_way);

#endif

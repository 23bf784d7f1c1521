/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments at which something is due, any number of them over one libuv timer. */
#ifndef RESOLVER_DEADLINE_H
#define RESOLVER_DEADLINE_H

#include <uv.h>

#include "base/base.h"

struct deadlines;

/* Lives inside the thing that waits. `due` is called once, with the deadline no longer
 * set. */
struct deadline {
	void (*due)(struct deadline *d);
	int64_t at_us;
	size_t place; /* in the heap, from 1; 0: not set */
};

struct deadlines *deadlines_new(uv_loop_t *loop);
/* Nothing may be set any more. The loop must run once more. */
void deadlines_free(struct deadlines **all);

/* Sets or moves it; clock_mono_us. A moment past is due in the next turn of the loop. */
void deadline_set(struct deadlines *all, struct deadline *d, int64_t at_us);
void deadline_clear(struct deadlines *all, struct deadline *d);

#endif

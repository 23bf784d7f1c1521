/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Time as a step. In this program the calls that tell the time and that wait
 * (clock_gettime, gettimeofday, time, epoll_wait, epoll_pwait), and those that give
 * random bytes (getrandom, getentropy), are ours. While packets are under way nothing
 * advances; when all is quiet the clock jumps to the next moment at which anybody has
 * something to do: the waiter's own, or the world's.
 */
#ifndef SCENARIO_STEP_H
#define SCENARIO_STEP_H

#include "base/base.h"

/* Who acts while the others wait. */
struct step_world {
	/* Acts on what has come and on what is due; whether there was anything. */
	bool (*act)(void *world, int64_t now_us);
	/* When it will next do something unasked; INT64_MAX: never. */
	int64_t (*next_us)(const void *world);
	void *world;
};

/* From now on time is virtual: the wall clock begins at so many seconds. */
void step_begin(const struct step_world *world, int64_t wall_s, uint64_t seed);
int64_t step_now_us(void);
void step_advance(int64_t us);
/* The world acts on what has come, without anybody waiting. */
void step_drain(void);
/* Something was sent: that it arrives may take the kernel a moment. And it has. */
void step_unsettle(void);
void step_settle(void);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a loop turns: a timer in it that leaves the time. Inside service only. */
#ifndef SERVICE_PULSE_H
#define SERVICE_PULSE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct pulse {
	uv_timer_t timer;
	atomic_int_fast64_t beaten_us; /* by clock_mono_us; 0: never */
};

void pulse_start(struct pulse *p, uv_loop_t *loop);
/* In the loop's thread; the loop ends when it has run once more. */
void pulse_stop(struct pulse *p);
/* Any thread: it turned within the last minute. A loop that waits for the database is
 * slow, not dead. */
bool pulse_is_felt(const struct pulse *p);

#endif

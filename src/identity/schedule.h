/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When to look next: a function of the statuses and the time. Private to identity. */
#ifndef IDENTITY_SCHEDULE_H
#define IDENTITY_SCHEDULE_H

#include "identity/step.h"

struct schedule {
	const struct policy *policy;
	int64_t now_s;
	uint32_t jitter;    /* [0, 1000) */
	bool is_unknown;    /* the look just made could not ask */
	bool is_changed;    /* it saw another serial or other name servers */
	int64_t ladder_s;   /* how long the last step of a change's ladder was; 0: none */
	int64_t retry_at_s; /* as in struct look */
};
/* After a whole look: sets next_look_at, full_look_at and why. */
void schedule_after_look(struct identity_state *s, const struct schedule *when);
/* After a peek that saw no change: full_look_at stays. */
void schedule_after_peek(struct identity_state *s, const struct schedule *when);
/* Seconds between two whole looks, were nothing to happen; 0: there are no more. */
int64_t schedule_gap(const struct identity_state *s, const struct policy *p,
		     int64_t now_s);
/* Whether an aspect is searched for that is not SUCCESS: a look soon is of use. */
bool schedule_is_searching(const struct identity_state *s, const struct policy *p,
			   int64_t now_s);

/* Deadlines count only time in which somebody looked: where the clock jumped, or the
 * service stood still, the moments from which they count are moved with it. */
void schedule_mend(struct identity_state *s, int64_t now_s);

#endif

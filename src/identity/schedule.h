/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When to look next: a function of the statuses and the time. Private to identity. */
#ifndef IDENTITY_SCHEDULE_H
#define IDENTITY_SCHEDULE_H

#include "identity/step.h"

/* Unix time of the next look, or 0 when no aspect has anything to wait for. `unknown`
 * says that the look just made could not find out. jitter in [0, 1000). */
int64_t schedule_next(const struct identity_state *s, const struct policy *p,
		      int64_t now_s, uint32_t jitter, bool unknown);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The housekeeping thread's step: rows that nobody needs any more go, a few at a time. */
#include "service/inside.h"

enum {
	ROLE_TRY_MS = 20 * 1000, /* well within the time that a role is held */
	AT_ONCE = 500,
	RETRY_MS = 30 * 1000,
};

int64_t housekeeping_step(struct service *v, struct store *s)
{
	struct err e = { 0 };
	size_t removed = 0;
	bool held = false;

	if (!role_hold(v, s, LEASE_ROLE_HOUSEKEEPING, &v->housekeeping_role, &held, &e) ||
	    (held && !store_prune(s, clock_now_s(), AT_ONCE, &removed, &e))) {
		log_warn("old rows were not removed", LOG_TEXT("error", e.text));
		return RETRY_MS;
	}
	/* More than fits one step: go on, but let others write between. */
	return removed >= AT_ONCE ? 1000 : ROLE_TRY_MS;
}

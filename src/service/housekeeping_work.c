/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The housekeeping thread's step: rows that nobody needs any more go, a few at a time. */
#include "service/inside.h"

enum {
	ROLE_TRY_MS = 20 * 1000, /* well within the time that a role is held */
	AT_ONCE = 500,
	RETAIN_AT_ONCE = 200, /* an event may have twenty deliveries */
	RETRY_MS = 30 * 1000,
};

static bool old_remove(struct service *v, struct store *s, bool *more_out, struct err *e)
{
	const struct config *config = v->config;
	struct retention *r = &v->retention;
	size_t pruned = 0, removed = 0;
	int64_t now_s = clock_now_s();

	r->events_s = config_number(config, CONFIG_RETENTION_EVENTS_S);
	r->messages_s = config_number(config, CONFIG_RETENTION_MESSAGES_S);
	r->revoked_keys_s = config_number(config, CONFIG_RETENTION_REVOKED_KEYS_S);
	r->limit = RETAIN_AT_ONCE;
	if (!store_prune(s, now_s, AT_ONCE, &pruned, e) ||
	    !store_retain(s, r, now_s, &removed, e))
		return false;
	*more_out = pruned >= AT_ONCE || removed >= RETAIN_AT_ONCE;
	return true;
}

int64_t housekeeping_step(struct service *v, struct store *s)
{
	struct err e = { 0 };
	bool more = false;
	bool held = false;

	if (!role_hold(v, s, LEASE_ROLE_HOUSEKEEPING, &v->housekeeping_role, &held, &e) ||
	    (held && !old_remove(v, s, &more, &e))) {
		log_warn("old rows were not removed", LOG_TEXT("error", e.text));
		return RETRY_MS;
	}
	/* More than fits one step: go on, but let others write between. */
	return more ? 1000 : ROLE_TRY_MS;
}

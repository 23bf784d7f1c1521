/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys thread's step: who waits gets a key, the zone is published, the pool is
 * filled. */
#include "keys/keys.h"
#include "service/inside.h"

enum {
	RETRY_MS = 5000,
};

int64_t keys_step(struct service *v, struct store *s)
{
	struct err e = { 0 };
	bool more = false, changed = false;

	if (!keys_fill(s, v->config, v->seal_key, &more, &e)) {
		log_error("keys were not made", LOG_TEXT("error", e.text));
		return RETRY_MS;
	}
	/* Before more are made: what is bound should be seen soon. */
	if (!keys_publish(s, v->config, clock_now_s(), &changed, &e)) {
		log_error("the key zone was not published", LOG_TEXT("error", e.text));
		return RETRY_MS;
	}
	if (changed) {
		log_debug("key zone published");
		worker_wake(v->relay);
		watch_wake(v->watch);
	}
	return more ? 0 : -1;
}

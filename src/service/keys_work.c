/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys thread's step: who waits gets a key, the zone is published, the pool is
 * filled. One node does it at a time. */
#include "keys/keys.h"
#include "service/inside.h"

enum {
	RETRY_MS = 5000,
	ROLE_KEEP_MS = 20 * 1000, /* well within the time that a role is held */
	ROLE_TRY_MS = 5000,
};

/* Whoever takes the role over from another machine has another file, perhaps an old one.
 */
static bool zone_publish(struct service *v, struct store *s, bool *changed_out,
			 struct err *e)
{
	const struct role *role = &v->keys_role;
	const struct keys_turn turn = { role->lease, role->until_s, clock_now_s() };
	bool is_alone = v->lock >= 0;

	if (role->is_new && !is_alone)
		return keys_publish_again(s, v->config, &turn, changed_out, e);
	return keys_publish(s, v->config, &turn, changed_out, e);
}

int64_t keys_step(struct service *v, struct store *s)
{
	struct err e = { 0 };
	bool more = false, changed = false, held = false;

	if (!role_hold(v, s, LEASE_ROLE_KEYS, &v->keys_role, &held, &e)) {
		log_error("keys must wait", LOG_TEXT("error", e.text));
		return RETRY_MS;
	}
	if (!held)
		return ROLE_TRY_MS;
	if (!keys_fill(s, v->config, v->seal_key, &more, &e)) {
		log_error("keys were not made", LOG_TEXT("error", e.text));
		return RETRY_MS;
	}
	/* Before more are made: what is bound should be seen soon. */
	if (!zone_publish(v, s, &changed, &e)) {
		log_error("the key zone was not published", LOG_TEXT("error", e.text));
		if (e.kind == ERR_CONFLICT)
			v->keys_role = (struct role){ 0 };
		return RETRY_MS;
	}
	if (changed) {
		log_debug("key zone published");
		worker_wake(v->relay);
		watch_wake(v->watch);
		/* Else the other nodes see it some seconds later. */
		(void)!store_notify(s, STORE_WAKE_LOOK | STORE_WAKE_MESSAGE, &e);
	}
	return more ? 0 : ROLE_KEEP_MS;
}

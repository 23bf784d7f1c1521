/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The couriers: threads that each hand one event at a time to a webhook. A delivery is
 * leased, sent, and its outcome written; if we end in between it is sent again, with the
 * same id. How many go to one webhook at once is bounded by what the claim gives.
 */
#include "service/inside.h"
#include "webhook/webhook.h"

enum {
	DELIVERY_BYTES = 8 * 1024 * 1024,
	RETRY_MS = 5000,
	WAIT_MAX_MS = 2000, /* what another node writes comes without a wake */
	BLOCKED_MS = 1000,  /* due, but its webhook has enough under way */
	LEASE_SLACK_S = 30,
};

/* When there may be something to do. */
static int64_t deliver_wait(struct store *s)
{
	struct err e = { 0 };
	int64_t due;

	if (!store_delivery_next_due(s, &due, &e))
		return RETRY_MS;
	int64_t wait_ms = due ? due * 1000 - clock_now_ms() : WAIT_MAX_MS;
	if (wait_ms > WAIT_MAX_MS)
		return WAIT_MAX_MS;
	return wait_ms > 0 ? wait_ms : 0;
}

static void outcome_note(struct service *v, const struct webhook_row *webhook,
			 const struct delivery_outcome *o)
{
	const struct delivery_row *row = o->row;

	switch (row->state) {
	case DELIVERY_DONE:
		tally_deliver(&v->tally, TALLY_DELIVERED);
		log_debug("event delivered", LOG_STR("event", row->event.uid),
			  LOG_INT("webhook", webhook->id));
		return;
	case DELIVERY_WAITING:
		tally_deliver(&v->tally, TALLY_RETRIED);
		log_info("event not taken, will be tried again",
			 LOG_STR("event", row->event.uid),
			 LOG_INT("webhook", webhook->id),
			 LOG_INT("status", row->last_status),
			 LOG_INT("tries", row->tries));
		break;
	case DELIVERY_GIVEN_UP:
		tally_deliver(&v->tally, TALLY_GIVEN_UP);
		log_warn("event given up", LOG_STR("event", row->event.uid),
			 LOG_INT("webhook", webhook->id),
			 LOG_INT("status", row->last_status),
			 LOG_INT("tries", row->tries));
		break;
	}
	if (o->disable_why)
		log_warn("webhook disabled", LOG_INT("webhook", webhook->id),
			 LOG_TEXT("why", o->disable_why));
}

static void step(const struct service *v, struct delivery_row *row,
		 const struct webhook_row *webhook, const struct webhook_answer *answer,
		 struct delivery_outcome *out)
{
	const struct webhook_moment moment = {
		.now_s = clock_now_s(),
		.jitter = crypto_random_below(1000),
		.disable_after_s =
			config_number(v->config, CONFIG_WEBHOOK_DISABLE_AFTER_S),
	};

	webhook_step(row, webhook, answer, &moment, out);
}

static bool deliver(struct service *v, struct store *s, struct arena *a,
		    struct delivery_row *row, struct err *e)
{
	const struct webhook_sender sender = {
		.config = v->config,
		.seal_key = v->seal_key,
		.stop = &v->couriers.stopping,
		.now_s = clock_now_s(),
	};
	struct webhook_row webhook;
	struct webhook_answer answer;
	struct delivery_outcome outcome;

	if (!store_webhook_get(s, a, 0, row->webhook_id, &webhook, e))
		return false;
	/* Handed back if we stop: another node may have it at once. */
	if (!webhook_attempt(&sender, a, &webhook, row, &answer, e))
		return v->couriers.stopping && store_lease_end(s, &row->lease, e);
	step(v, row, &webhook, &answer, &outcome);
	if (!store_delivery_save(s, a, &outcome, e))
		return false;
	outcome_note(v, &webhook, &outcome);
	return true;
}

static bool claim(struct service *v, struct store *s, struct arena *a,
		  struct delivery_row *out, bool *found_out, struct err *e)
{
	int64_t now_s = clock_now_s();
	int64_t patience_s = config_number(v->config, CONFIG_WEBHOOK_TIMEOUT_S);
	const struct delivery_claim claim = {
		.term = { v->node, now_s, now_s + patience_s + LEASE_SLACK_S },
		.per_webhook =
			(unsigned)config_number(v->config, CONFIG_WEBHOOK_PER_ENDPOINT),
	};

	return store_delivery_claim(s, a, &claim, out, found_out, e);
}

int64_t deliver_step(struct service *v, struct store *s)
{
	auto_arena struct arena a;
	struct delivery_row row;
	struct err e = { 0 };
	bool found = false;
	int64_t wait_ms = deliver_wait(s);

	arena_init(&a, DELIVERY_BYTES);
	if (wait_ms)
		return wait_ms;
	if (!claim(v, s, &a, &row, &found, &e)) {
		log_error("no delivery could be taken", LOG_TEXT("error", e.text));
		return RETRY_MS;
	}
	if (!found)
		return BLOCKED_MS;
	if (!deliver(v, s, &a, &row, &e))
		log_error("a delivery was not ended", LOG_STR("event", row.event.uid),
			  LOG_INT("webhook", row.webhook_id), LOG_TEXT("error", e.text));
	return 0;
}

/* --- the threads --- */

bool couriers_new(struct service *v, struct err *e)
{
	size_t count = (size_t)config_number(v->config, CONFIG_WEBHOOK_WORKERS);

	for (; v->couriers.count < count; v->couriers.count++)
		if (!worker_new(v, deliver_step, &v->couriers.workers[v->couriers.count],
				e))
			return false;
	return true;
}

bool couriers_start(struct service *v, struct err *e)
{
	for (size_t i = 0; i < v->couriers.count; i++)
		if (!worker_start(v->couriers.workers[i], e))
			return false;
	return true;
}

void couriers_wake(struct service *v)
{
	for (size_t i = 0; i < v->couriers.count; i++)
		worker_wake(v->couriers.workers[i]);
}

void couriers_wind_down(struct service *v)
{
	v->couriers.stopping = true;
	for (size_t i = 0; i < v->couriers.count; i++)
		worker_wind_down(v->couriers.workers[i]);
}

void couriers_stop(struct service *v, int64_t until_ms)
{
	for (size_t i = 0; i < v->couriers.count; i++)
		worker_stop(&v->couriers.workers[i], until_ms);
	v->couriers.count = 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting, waking and stopping the threads. */
#include "service/inside.h"

static void on_woken(void *arg, unsigned wakes)
{
	struct service *v = arg;

	if (wakes & STORE_WAKE_LOOK)
		watch_wake(v->watch);
	if (wakes & STORE_WAKE_KEY)
		worker_wake(v->keys);
	if (wakes & STORE_WAKE_MESSAGE)
		worker_wake(v->relay);
	if (wakes & STORE_WAKE_DELIVERY)
		couriers_wake(v);
}

/* What other nodes say. Whoever is alone hears of everything in his own process. */
static bool others_listen(struct service *v, struct err *e)
{
	struct str url = config_text(v->config, CONFIG_STORE_URL);

	return v->lock >= 0 || store_listen(url, on_woken, v, &v->listener, e);
}

bool service_start(const struct config *config, const uint8_t seal_key[CRYPTO_KEY_LEN],
		   struct service **out, struct err *e)
{
	struct service *v = xalloc(1, sizeof(*v));

	v->config = config;
	v->seal_key = seal_key;
	v->lock = -1;
	tally_init(&v->tally);
	counts_init(&v->counts);
	/* All are there before one begins: they wake each other. */
	if (!store_lock(config_text(config, CONFIG_STORE_URL), &v->lock, e) ||
	    !node_begin(v, e) || !worker_new(v, keys_step, &v->keys, e) ||
	    !worker_new(v, relay_step, &v->relay, e) || !couriers_new(v, e) ||
	    !worker_new(v, node_step, &v->presence, e) ||
	    !worker_new(v, housekeeping_step, &v->housekeeping, e) ||
	    !worker_new(v, counts_step, &v->counter, e) || !watch_new(v, &v->watch, e) ||
	    !watch_start(v->watch, e) || !worker_start(v->keys, e) ||
	    !worker_start(v->relay, e) || !couriers_start(v, e) ||
	    !worker_start(v->presence, e) || !worker_start(v->housekeeping, e) ||
	    !worker_start(v->counter, e) || !others_listen(v, e)) {
		service_stop(&v);
		return false;
	}
	*out = v;
	return true;
}

void service_stop(struct service **v)
{
	if (!*v)
		return;
	int64_t until_ms =
		clock_now_ms() +
		1000 * config_number((*v)->config, CONFIG_SERVICE_STOP_TIMEOUT_S);
	(*v)->draining = true;
	if ((*v)->listener)
		store_listen_end(&(*v)->listener);
	worker_wind_down((*v)->keys);
	worker_wind_down((*v)->relay);
	couriers_wind_down(*v);
	worker_wind_down((*v)->housekeeping);
	/* Joined before anything that they wake is freed; the last to go says that this
	 * node is still there. */
	worker_stop(&(*v)->keys, until_ms);
	watch_stop(&(*v)->watch);
	worker_stop(&(*v)->relay, until_ms);
	couriers_stop(*v, until_ms);
	worker_stop(&(*v)->housekeeping, until_ms);
	worker_stop(&(*v)->counter, until_ms);
	worker_stop(&(*v)->presence, until_ms);
	node_end(*v);
	counts_done(&(*v)->counts);
	tally_done(&(*v)->tally);
	close_at(&(*v)->lock);
	xfree(*v);
	*v = NULL;
}

void service_wake(struct service *v)
{
	watch_wake(v->watch);
	worker_wake(v->keys);
	worker_wake(v->relay);
	couriers_wake(v);
}

void service_wake_all(const struct service_caller *c)
{
	struct err e = { 0 };

	/* Who is woken before the commit sees nothing: then the caller wakes him. */
	if (c->service && !store_has_transaction(c->store))
		service_wake(c->service);
	/* Whoever does not hear it looks by himself some seconds later. */
	(void)!store_notify(c->store, STORE_WAKE_ALL, &e);
}

void service_counters_read(struct service *v, struct service_counters *out)
{
	for (size_t i = 0; i < ARRAY_LEN(out->looks); i++)
		out->looks[i] = v->counters.looks[i];
	out->glances_right = v->counters.glances_right;
	out->glances_unclear = v->counters.glances_unclear;
	out->looks_put_off = v->counters.looks_put_off;
	out->look_ms_total = v->counters.look_ms_total;
	out->queries = v->counters.queries;
	out->probe_restarts = v->counters.probe_restarts;
	out->events = v->counters.events;
	out->messages_sent = v->counters.messages_sent;
	out->messages_failed = v->counters.messages_failed;
	out->lag_ms = v->counters.lag_ms;
	out->perspectives = v->counters.perspectives;
	out->perspectives_up = v->counters.perspectives_up;
}

void service_tally_read(struct service *v, struct tally_numbers *out)
{
	tally_read(&v->tally, out);
}

bool service_is_turning(const struct service *v)
{
	return pulse_is_felt(&v->pulse);
}

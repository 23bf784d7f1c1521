/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "service/counts.h"

#include "service/inside.h"

enum {
	REST_FACTOR = 100, /* 1 % of the time */
	SHORT_US = 250000, /* a count that who asks waits for */
	WAIT_MS = 1000,
	FIRST_WAIT_MS = 5000,
};

void counts_init(struct counts *c)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&c->counted, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

void counts_done(struct counts *c)
{
	pthread_cond_destroy(&c->counted);
	pthread_mutex_destroy(&c->lock);
}

int64_t counts_step(struct service *v, struct store *s)
{
	struct counts *c = &v->counts;
	struct service_rows rows = { .at_s = clock_now_s() };
	struct err e = { 0 };
	int64_t began_us = clock_mono_us();

	pthread_mutex_lock(&c->lock);
	bool too_early = !c->wanted || began_us < c->next_us;
	pthread_mutex_unlock(&c->lock);
	if (too_early)
		return -1;
	bool done = store_counts_read(s, rows.at_s, &rows.counts, &e) &&
		    store_delivery_counts(s, &rows.deliveries, &e);
	int64_t took_us = clock_mono_us() - began_us;
	if (!done)
		log_warn("rows were not counted", LOG_TEXT("error", e.text));
	pthread_mutex_lock(&c->lock);
	c->wanted = false;
	c->rounds++;
	c->took_us = took_us;
	c->failed = !done;
	if (done)
		c->rows = rows;
	c->next_us = clock_mono_us() + REST_FACTOR * took_us;
	pthread_cond_broadcast(&c->counted);
	pthread_mutex_unlock(&c->lock);
	return -1;
}

/* A count that was short is waited for, and the first one in any case. */
static void round_await(struct counts *c, int64_t patience_ms)
{
	int64_t until_us = clock_mono_us() + patience_ms * 1000;
	const struct timespec until = { until_us / 1000000, until_us % 1000000 * 1000 };
	uint64_t before = c->rounds;

	while (c->rounds == before && clock_mono_us() < until_us)
		pthread_cond_timedwait(&c->counted, &c->lock, &until);
}

bool service_rows_read(struct service *v, struct service_rows *out)
{
	struct counts *c = &v->counts;

	pthread_mutex_lock(&c->lock);
	if (clock_mono_us() >= c->next_us) {
		c->wanted = true;
		worker_wake(v->counter);
		if (!c->rounds)
			round_await(c, FIRST_WAIT_MS);
		else if (c->took_us < SHORT_US)
			round_await(c, WAIT_MS);
	}
	*out = c->rows;
	bool known = c->rows.at_s > 0 && !c->failed;
	pthread_mutex_unlock(&c->lock);
	return known;
}

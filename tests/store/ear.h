/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who listens to a store, and waits for what it hears. */
#ifndef TESTS_STORE_EAR_H
#define TESTS_STORE_EAR_H

#include <pthread.h>

#include "fixture.h"

struct ear {
	pthread_mutex_t lock;
	pthread_cond_t heard;
	unsigned wakes;
};

static inline void woken(void *arg, unsigned wakes)
{
	struct ear *ear = arg;

	pthread_mutex_lock(&ear->lock);
	ear->wakes |= wakes;
	pthread_cond_broadcast(&ear->heard);
	pthread_mutex_unlock(&ear->lock);
}

/* Until all of `wanted` were heard; the test run's own limit ends one that never are. */
static inline void hear(struct ear *ear, unsigned wanted)
{
	pthread_mutex_lock(&ear->lock);
	while ((ear->wakes & wanted) != wanted)
		pthread_cond_wait(&ear->heard, &ear->lock);
	ear->wakes = 0;
	pthread_mutex_unlock(&ear->lock);
}

#endif

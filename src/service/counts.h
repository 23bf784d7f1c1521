/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many rows there are of each kind. Counting reads all of them, and there may be ten
 * million: so a worker of its own does it, only while somebody asks, and after a count
 * that took long not again for a hundred times as long. Inside service only.
 */
#ifndef SERVICE_COUNTS_H
#define SERVICE_COUNTS_H

#include <pthread.h>

#include "service/service.h"

struct counts {
	pthread_mutex_t lock;
	pthread_cond_t counted;
	struct service_rows rows;
	uint64_t rounds;
	int64_t took_us;
	bool wanted;
	int64_t next_us; /* by clock_mono_us: not again before that */
	bool failed;     /* the last time */
};

void counts_init(struct counts *c);
void counts_done(struct counts *c);
/* The worker's step. */
int64_t counts_step(struct service *v, struct store *s);

#endif

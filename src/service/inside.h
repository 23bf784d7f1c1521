/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of service share. Three threads, each with a store connection of its
 * own:
 *
 *   loop   takes due identities, has them looked at, writes what that means
 *   keys   makes keys, binds them, publishes the zone
 *   relay  hands queued messages over, one after the other
 *
 * Nothing is only in memory: whatever is under way is still due in the store.
 */
#ifndef SERVICE_INSIDE_H
#define SERVICE_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

#include "authority/authority.h"
#include "service/counts.h"
#include "service/pulse.h"
#include "service/service.h"

struct watch;
struct worker;

struct counters {
	atomic_uint_fast64_t looks[4];
	atomic_uint_fast64_t look_ms_total;
	atomic_uint_fast64_t queries;
	atomic_uint_fast64_t probe_restarts;
	atomic_uint_fast64_t events;
	atomic_uint_fast64_t messages_sent;
	atomic_uint_fast64_t messages_failed;
	atomic_int_fast64_t lag_ms;
};

struct service {
	const struct config *config;
	const uint8_t *seal_key;
	int lock; /* of the store: nobody else looks and relays */
	struct counters counters;
	struct service_tally tally;
	struct counts counts;
	struct pulse pulse; /* of the loop */
	struct watch *watch;
	struct worker *keys;
	struct worker *relay;
	struct worker *counter;
};

/* --- loop --- */

bool watch_new(struct service *v, struct watch **out, struct err *e) must_check;
/* The thread begins: all of struct service must be there. */
bool watch_start(struct watch *w, struct err *e) must_check;
/* Cancels the looks under way, ends the probe processes, joins. */
void watch_stop(struct watch **w);
void watch_wake(struct watch *w);

/* --- worker threads --- */

/* One piece of work; returns after how many ms the next one is due: 0 at once, -1 when
 * woken. */
typedef int64_t worker_step_fn(struct service *v, struct store *s);
bool worker_new(struct service *v, worker_step_fn *step, struct worker **out,
		struct err *e) must_check;
bool worker_start(struct worker *w, struct err *e) must_check;
/* Also what was never started. */
void worker_stop(struct worker **w);
void worker_wake(struct worker *w);
/* True once worker_stop was called: for work that takes long. */
const atomic_bool *worker_stopping(const struct worker *w);

int64_t keys_step(struct service *v, struct store *s);
int64_t relay_step(struct service *v, struct store *s);

/* --- what a look means --- */

struct looked {
	int64_t identity_id;
	int64_t version; /* of the row when the look began */
	const struct expectation *x;
	const struct authority_result *result;
};
/* Judges, steps, and writes state, events and what they release, in one transaction.
 * False: the database did not take it; the identity is still due. */
bool outcome_write(struct service *v, struct store *s, struct arena *a,
		   const struct looked *looked, struct err *e) must_check;

#endif

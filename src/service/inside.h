/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of service share. Threads, each with a store connection of its own:
 *
 *   loop          takes due identities, has them looked at, writes what that means
 *   keys          makes keys, binds them, publishes the zone (a role: one node has it)
 *   relay         hands queued messages over, one after the other
 *   presence      says that this node is there, frees what silent ones had
 *   housekeeping  removes what nobody needs any more (a role)
 *
 * Nothing is only in memory: whatever is under way is still due in the store.
 */
#ifndef SERVICE_INSIDE_H
#define SERVICE_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

#include "authority/authority.h"
#include "diagnose/diagnose.h"
#include "service/counts.h"
#include "service/node.h"
#include "service/pulse.h"
#include "service/service.h"

struct watch;
struct worker;

enum {
	COURIERS_MAX = 64,
};
/* Who hands events to webhooks. */
struct couriers {
	struct worker *workers[COURIERS_MAX];
	size_t count;
	atomic_bool stopping; /* calls under way have a few seconds left */
};

struct counters {
	atomic_uint_fast64_t looks[4];
	atomic_uint_fast64_t glances_right;
	atomic_uint_fast64_t glances_unclear;
	atomic_uint_fast64_t looks_put_off;
	atomic_uint_fast64_t look_ms_total;
	atomic_uint_fast64_t queries;
	atomic_uint_fast64_t probe_restarts;
	atomic_uint_fast64_t events;
	atomic_uint_fast64_t messages_sent;
	atomic_uint_fast64_t messages_failed;
	atomic_int_fast64_t lag_ms;
	atomic_uint_fast64_t perspectives;
	atomic_uint_fast64_t perspectives_up;
};

struct service {
	const struct config *config;
	const uint8_t *seal_key;
	int lock;     /* of the store, where one process at a time may have it; or -1 */
	int64_t node; /* whose leases are ours */
	struct neighbours neighbours;
	struct role keys_role;
	struct role housekeeping_role;
	struct retention retention;
	atomic_bool draining; /* nothing more is begun */
	struct counters counters;
	struct service_tally tally;
	struct counts counts;
	struct pulse pulse;              /* of the loop */
	struct store_listener *listener; /* NULL: nobody else is there */
	struct watch *watch;
	struct worker *keys;
	struct worker *relay;
	struct couriers couriers;
	struct worker *presence;
	struct worker *housekeeping;
	struct worker *counter;
};

/* --- loop --- */

bool watch_new(struct service *v, struct watch **out, struct err *e) must_check;
/* The thread begins: all of struct service must be there. */
bool watch_start(struct watch *w, struct err *e) must_check;
/* While draining: finishes or hands back the looks under way, ends the probe processes,
 * joins. */
void watch_stop(struct watch **w);
void watch_wake(struct watch *w);

/* --- worker threads --- */

/* One piece of work; returns after how many ms the next one is due: 0 at once, -1 when
 * woken. */
typedef int64_t worker_step_fn(struct service *v, struct store *s);
bool worker_new(struct service *v, worker_step_fn *step, struct worker **out,
		struct err *e) must_check;
bool worker_start(struct worker *w, struct err *e) must_check;
/* No further step begins. May be NULL. */
void worker_wind_down(struct worker *w);
/* A step under way may finish until then (Unix time), after that worker_stopping is true.
 * Also what was never started. */
void worker_stop(struct worker **w, int64_t until_ms);
void worker_wake(struct worker *w);
/* True once the step has to break off: for work that takes long. */
const atomic_bool *worker_stopping(const struct worker *w);

int64_t keys_step(struct service *v, struct store *s);
int64_t housekeeping_step(struct service *v, struct store *s);
int64_t node_step(struct service *v, struct store *s);
int64_t relay_step(struct service *v, struct store *s);
int64_t deliver_step(struct service *v, struct store *s);

bool couriers_new(struct service *v, struct err *e) must_check;
bool couriers_start(struct service *v, struct err *e) must_check;
void couriers_wake(struct service *v);
void couriers_wind_down(struct service *v);
/* Who wakes them has ended before. Also what was never started. */
void couriers_stop(struct service *v, int64_t until_ms);

/* What of service_identity_expect must be there: what a glance is about. */
bool identity_expect_required(struct arena *a, const struct config *config,
			      const struct identity_row *row, struct expectation *out,
			      struct err *e) must_check;

/* --- what a look means --- */

struct looked {
	int64_t identity_id;
	const struct identity_row *row; /* when the look began */
	const struct expectation *x;
	const struct authority_result *result;
	struct lease lease; /* ends with the look */
};
struct judged {
	const struct looked *looked;
	struct report report; /* of our own look */
	struct str text;      /* the report in all languages */
	struct look look;     /* what all perspectives come to */
	bool is_disputed;     /* they come to something else than our own look */
	enum verdict verdict; /* of all together */
	struct str findings;  /* its codes, ranked */
	struct str detail;    /* who saw what from where (JSON) */
};
enum outcome_fate {
	OUTCOME_OPEN,
	OUTCOME_WRITTEN,
	OUTCOME_DELETED,    /* there is nothing to write any more */
	OUTCOME_TOO_LATE,   /* the lease is somebody else's */
	OUTCOME_UNREADABLE, /* the row is out of shape */
};
struct outcome {
	const struct judged *judged;
	enum outcome_fate fate;
	struct identity_row row; /* as written */
	struct step_result step;
};
/* No database. */
void outcome_judge(const struct service *v, struct arena *a, const struct looked *looked,
		   struct judged *out);
/* Whether the perspectives are to be asked too. `row` as it was when the look began. */
bool outcome_matters(struct arena *a, const struct identity_row *row,
		     const struct expectation *x, const struct authority_result *own);
/* Once for each look. */
void outcome_count(struct service *v, const struct judged *judged);
/* Steps, and writes state, events and what they release, of all in one transaction, each
 * with the end of its lease; then logs and wakes. The rows are read again inside it, in
 * one statement. False: the database did not take it; they are still due. */
bool outcomes_write(struct service *v, struct store *s, struct outcome *outcomes,
		    size_t count, struct err *e) must_check;

struct peeked {
	int64_t identity_id;
	const struct zone_seen *zone;
	struct lease lease;
};
/* Plans the next look and ends the lease. *changed_out true: nothing was written, the
 * whole look is to be made now under that lease. ERR_CONFLICT: it came too late. */
bool outcome_peek(struct service *v, struct store *s, struct arena *a,
		  const struct peeked *peeked, bool *changed_out, struct err *e)
	must_check;
/* Overdue and in no hurry, as many are after a standstill: to be put off, not looked at.
 */
bool outcome_is_late(const struct service *v, const struct identity_row *row);
/* Does so, inside the transaction in which the row was read. */
bool outcome_put_off(const struct service *v, struct store *s, struct identity_row *row,
		     struct err *e) must_check;
/* SOA and name servers into a look; who was not seen leaves it as it is. */
void look_see_zone(struct arena *a, const struct zone_seen *z, struct look *look);

#endif

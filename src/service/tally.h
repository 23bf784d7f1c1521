/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the service counts for /metrics since it started. Part of service's door: other
 * parts read numbers, service's own files add to them. */
#ifndef SERVICE_TALLY_H
#define SERVICE_TALLY_H

#include <pthread.h>

#include "diagnose/diagnose.h"
#include "observation/observation.h"

enum {
	TALLY_BOUNDS = 14,
	TALLY_CODES_MAX = 256,
};

struct tally_histogram {
	uint64_t counts[TALLY_BOUNDS + 1]; /* each its own share; the last: above all */
	uint64_t sum_us;
};
/* Upper bound of counts[i], in microseconds. */
int64_t tally_bound_us(size_t i);

enum tally_transport {
	TALLY_UDP,
	TALLY_TCP,
	TALLY_TRANSPORTS,
};
/* How a question to the DNS ended: a response code, or none. */
enum tally_rcode {
	TALLY_NOERROR,
	TALLY_FORMERR,
	TALLY_SERVFAIL,
	TALLY_NXDOMAIN,
	TALLY_NOTIMP,
	TALLY_REFUSED,
	TALLY_OTHER,
	TALLY_TIMEOUT,
	TALLY_UNREACHABLE,
	TALLY_MALFORMED,
	TALLY_RCODES,
};
enum tally_role {
	TALLY_AUTHORITY,
	TALLY_RESOLVER,
	TALLY_FORWARD,
	TALLY_ROLES,
};
const char *tally_rcode_name(enum tally_rcode r);
const char *tally_role_name(enum tally_role r);

enum tally_delivery {
	TALLY_DELIVERED,
	TALLY_RETRIED,
	TALLY_GIVEN_UP,
	TALLY_DELIVERIES,
};

struct tally_numbers {
	struct tally_histogram look;        /* how long looks took */
	struct tally_histogram query;       /* round trips */
	struct tally_histogram lag;         /* due looks were taken up so late */
	uint64_t findings[TALLY_CODES_MAX]; /* in the order of diagnose_code_at */
	uint64_t queries[TALLY_TRANSPORTS][TALLY_RCODES][TALLY_ROLES];
	uint64_t queries_on_the_way; /* packets of the walk from the root, and retries */
	uint64_t deliveries[TALLY_DELIVERIES];
};

struct service_tally {
	pthread_mutex_t lock;
	struct tally_numbers numbers;
};

/* --- inside service only --- */

void tally_init(struct service_tally *t);
void tally_done(struct service_tally *t);
void tally_look(struct service_tally *t, const struct observation *o,
		const struct report *r);
void tally_lag(struct service_tally *t, int64_t late_ms);
void tally_deliver(struct service_tally *t, enum tally_delivery outcome);
void tally_read(struct service_tally *t, struct tally_numbers *out);

#endif

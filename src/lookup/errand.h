/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One question of lookup_ask on its way, and what a lookup holds. Inside lookup only. */
#ifndef LOOKUP_ERRAND_H
#define LOOKUP_ERRAND_H

#include <uv.h>

#include "lookup/lookup.h"

enum {
	ERRAND_STEPS_MAX = 64,
	ERRAND_RECORDS_MAX = RESOLVER_RRSET_MAX + 2 * RESOLVER_CNAME_MAX,
	ERRAND_TRIES_MAX = 8, /* addresses of one zone */
};

struct lookup {
	uv_loop_t loop;
	const struct config *config;
	struct resolver *resolver;
	size_t open;         /* things under way */
	int64_t deadline_us; /* of several calls together; 0: each has its own */
};

/* As resolver_budget_init, within the lookup's own deadline. */
void lookup_budget_init(const struct lookup *l, struct budget *b);
/* Everything from now on together takes no longer than two checks may. */
void lookup_limit(struct lookup *l);

struct errand;

/* An address of the zone reached. */
struct errand_try {
	struct errand *errand;
	struct dns_name server;
	struct address address;
	struct resolver_ask *ask;
};

struct errand {
	struct lookup *l;
	struct arena arena; /* of the work */
	struct budget budget;
	struct question question; /* of the present link */
	struct dns_name zone;     /* reached for it; unset: a forwarder is asked */
	unsigned links;
	unsigned referrals;
	struct resolver_walk *walk;
	struct resolver_validate *validate;
	struct errand_try tries[ERRAND_TRIES_MAX];
	size_t try_count;
	size_t started;
	size_t in_flight;
	uv_timer_t next;         /* when another server is asked beside the silent one */
	enum ask_outcome failed; /* how the asking failed so far */
	uint16_t failed_rcode;
	bool had_answer;
	bool is_answered; /* only the validator is waited for */
	bool has_ended;
	struct lookup_answer answer; /* its lists are these: */
	struct lookup_step steps[ERRAND_STEPS_MAX];
	struct dns_record records[ERRAND_RECORDS_MAX];
};

/* Begins; counts itself among the open until it has ended. */
struct errand *errand_new(struct lookup *l, const struct question *q, bool validate);
/* The answer, into the arena. */
void errand_answer(const struct errand *e, struct arena *a, struct lookup_answer *out);
/* Of one that has ended; the loop must run once more. */
void errand_free(struct errand **e);

#endif

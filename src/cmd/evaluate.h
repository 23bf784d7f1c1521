/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asking the DNS what an evaluator wants, until it wants nothing more:
 *
 *   evaluation_open(...);
 *   do
 *           spf_evaluate(a, &ev->source, &query, &outcome);
 *   while (evaluation_ask(ev, &outcome.wanted));
 *   evaluation_close(&ev);
 *
 * Private to cmd.
 */
#ifndef CMD_EVALUATE_H
#define CMD_EVALUATE_H

#include "cmd/cmd.h"
#include "lookup/lookup.h"
#include "policy/policy.h"

struct evaluation {
	struct policy_source source; /* for the evaluator */
	struct arena *a;
	struct lookup *lookup;
	struct lookup_answer *answers; /* each question once */
	size_t count;
	bool validate;
	bool is_over; /* too many questions or too late: what is unknown has failed */
	int64_t end_us;
};

/* ERR as lookup_new. The arena and the configuration outlive it. */
bool evaluation_open(struct arena *a, const struct config *config,
		     struct evaluation **out, struct err *e) must_check;
/* NULL is fine; sets it NULL. Answers stay valid, in the arena. */
void evaluation_close(struct evaluation **ev);
/* Asks all at once; false: nothing was wanted, the evaluation is finished. At the
 * ceilings of time (20 s, RFC 7208 section 4.6.4) and questions the source says FAILED
 * for what it does not know. */
bool evaluation_ask(struct evaluation *ev, const struct policy_wanted *wanted);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One question to the servers of a cut, until one of them gives a usable answer. Who is
 * silent for longer than usual is not waited for: the next is asked beside him.
 */
#ifndef RESOLVER_ROUND_H
#define RESOLVER_ROUND_H

#include "resolver/cut.h"
#include "resolver/state.h"

struct round;

typedef bool round_usable_fn(void *arg, const struct resolver_reply *reply);
/* reply: NULL unless WALK_DONE. Else WALK_NO_ANSWER, WALK_SERVFAIL (answers, none
 * usable), WALK_LIMIT. */
typedef void round_done_fn(void *arg, enum walk_outcome outcome,
			   const struct resolver_reply *reply);

struct round_options {
	struct resolver *r;
	struct budget *b;
	struct arena *a;
	const struct cut *cut; /* borrowed for the call */
	struct question question;
	uint32_t depth;
	round_usable_fn *is_usable;
	round_done_fn *done;
	void *arg;
};
struct round *round_start(const struct round_options *o);
void round_cancel(struct round **round);

#endif

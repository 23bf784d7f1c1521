/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The perspectives asked for one look, and what they saw. */
#ifndef AUTHORITY_OTHERS_H
#define AUTHORITY_OTHERS_H

#include "authority/authority.h"
#include "probe/probe.h"

struct others;

/* Asks all of `remotes`, at least one. What they saw goes into memory that lives as long
 * as the arena, but is not of its limit: a perspective that lies at length starves
 * nobody. done(arg) comes once, when each has answered or is silent; never inside this
 * call. x must live until then. */
struct others *others_start(struct probe_remotes *remotes, struct arena *arena,
			    const struct expectation *x, void (*done)(void *arg),
			    void *arg);
/* Our own first, then theirs as configured; once done. */
void others_fill(const struct others *o, const struct observation *own,
		 struct authority_result *result);
/* Before done: the callback never comes. */
void others_free(struct others **o);

#endif

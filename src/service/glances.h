/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * glances: what is verified, all of it, and nothing of it missed, is not looked at each
 * time: its records are asked for once, each at one name server, and compared byte for
 * byte. RIGHT: nothing changed but the time, which is written with a thousand others.
 * UNCLEAR: a whole look is due now, taken up as any other (take.c).
 *
 *   store   -> the next thousand that are due, by one statement, in order of time
 *   probes  -> each is asked for; the pool makes batches of them
 *   store   <- what was answered, by one transaction, in order of ids
 *
 * Nothing of it is lost by being only in memory: until it is written an identity is as
 * due in the store as it was, and is glanced at again. One node leads.
 */
#ifndef SERVICE_GLANCES_H
#define SERVICE_GLANCES_H

#include "service/watch.h"

struct glances;

struct glances *glances_new(struct watch *w);
void glances_free(struct glances **g);
/* From now on. */
void glances_begin(struct glances *g);
/* No more are begun; those under way are forgotten, what was answered is written. */
void glances_end(struct glances *g);
/* Closes its timers; the loop must run on for a moment. */
void glances_close(struct glances *g);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what came in to what is kept of it: one reply becomes one answer. */
#ifndef PROBE_SEEN_H
#define PROBE_SEEN_H

#include "observation/observation.h"
#include "resolver/resolver.h"

/* Fills out (question and view are set already) from the reply; records borrow from its
 * message. `view` tells what the server may speak about: an authority of its zone only,
 * a resolver of everything. */
void seen_take(struct arena *a, const struct view *view,
	       const struct resolver_reply *reply, struct answer *out);

/* Where the CNAME chain in the answer leads out of what was answered; false if it does
 * not. */
bool seen_leaves(const struct answer *answer, const struct dns_name *zone,
		 struct dns_name *target_out) must_check;

/* The zone that a referral refers to; false if it is none. */
bool seen_referred_zone(const struct dns_message *m, const struct question *q,
			const struct dns_name *zone, struct dns_name *out) must_check;

/* Names that are nobody's in the public DNS, or a machine's in a private one. */
bool seen_may_follow(const struct dns_name *target) must_check;

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of the volleys of a resolver what its other files need; the rest is at the door. */
#ifndef RESOLVER_VOLLEY_H
#define RESOLVER_VOLLEY_H

#include "resolver/state.h"

struct volleys;
struct volleys *volleys_new(struct resolver *r);
/* Cancels all. */
void volleys_free(struct volleys **all);

/* As volley_start with a single question that servers above the zone are asked: for them
 * a referral is a proper answer. */
struct volley *volley_start_above(struct resolver *r, const struct volley_ask *ask,
				  volley_fn *answered, void *arg);

#endif

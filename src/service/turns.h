/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * turns: whose work is taken next when more is due than can be done. Deficit round robin
 * (Shreedhar and Varghese, 1995): who has due work stands in a ring; at each turn his
 * account is credited the same amount, and he takes work until it is spent. The currency
 * is packets: what a look sends. A look's cost is known only when it ends, so an account
 * may go below zero, and then its owner sits out until his turns have paid it.
 *
 * A look at dead servers takes more time than packets, so there are limits of what is
 * under way too: one tenant has at most half, and all that have had many turns in a row
 * (a crowd) at most three fourths. The rest is for whoever comes next.
 *
 *   turns_join     has due work              turns_next     whose turn it is
 *   turns_started  taken, cost estimated     turns_ended    what it really cost
 *   turns_leave    has none any more
 */
#ifndef SERVICE_TURNS_H
#define SERVICE_TURNS_H

#include "base/base.h"

struct turns;

/* Tenants beyond max find no place until others leave. `room`: looks under way, of all.
 */
struct turns *turns_new(size_t max, size_t room);
void turns_free(struct turns **t);

/* Joining twice changes nothing. */
void turns_join(struct turns *t, int64_t tenant_id);
/* What is left on the account is forfeited; a debt stays while looks are under way.
 */
void turns_leave(struct turns *t, int64_t tenant_id);
/* How many stand in the ring. */
size_t turns_count(const struct turns *t);
/* They all have had many turns in a row. */
bool turns_is_crowd(const struct turns *t);

/* Up to how many looks (at most `room`) whose turn it is may take; call turns_started
 * for each that he takes, turns_leave if there were fewer. False: nobody may. */
struct turn {
	int64_t tenant_id;
	size_t count;
};
bool turns_next(struct turns *t, size_t room, struct turn *out) must_check;

/* Charges what his looks cost of late, and returns that: hand it to turns_ended. */
int64_t turns_started(struct turns *t, int64_t tenant_id);
void turns_ended(struct turns *t, int64_t tenant_id, int64_t charged, int64_t cost);

#endif

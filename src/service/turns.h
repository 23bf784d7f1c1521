/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * turns: whose work is taken next when more is due than can be done. Deficit round robin
 * (Shreedhar and Varghese, 1995): who has due work stands in a ring; at each turn his
 * account is credited the same amount, and he takes work until it is spent. The currency
 * is packets: what a look sends. A look's cost is known only when it ends, so an account
 * may go below zero, and then its owner sits out until his turns have paid it.
 *
 * A deal goes round the ring until all places are given out, so that the database is
 * asked once for many tenants; who has less to do than he was dealt leaves the ring, and
 * the next deal gives his places to others.
 *
 * A look at dead servers takes more time than packets, so there are limits of what is
 * under way too: one tenant has at most half, and all that have had many turns in a row
 * (a crowd) at most three fourths. The rest is for whoever comes next.
 *
 * Beside all that a tenant may have a limit of packets a second, backlog or not (a token
 * bucket of one second). Who has used it up stays in the ring, and is dealt nothing until
 * his bucket has something in it again. What a look cost beyond its estimate is a debt,
 * and paid as well.
 *
 *   turns_join     has due work              turns_deal     who may take how many
 *   turns_started  taken, cost estimated     turns_dealt    who had less than that
 *   turns_leave    has none any more         turns_ended    what it really cost
 */
#ifndef SERVICE_TURNS_H
#define SERVICE_TURNS_H

#include "base/base.h"

struct turns;

struct turns_limits {
	size_t tenants;    /* who is beyond that finds no place until others leave */
	size_t room;       /* looks under way, of all */
	int64_t packets_s; /* a second and tenant; 0: no limit */
};
struct turns *turns_new(const struct turns_limits *limits);
void turns_free(struct turns **t);

/* What time it is; it never goes back. */
void turns_tick(struct turns *t, int64_t now_ms);
/* Joining twice changes nothing. */
void turns_join(struct turns *t, int64_t tenant_id);
/* What is left on the account is forfeited; a debt stays while looks are under way.
 */
void turns_leave(struct turns *t, int64_t tenant_id);
/* How many stand in the ring. */
size_t turns_count(const struct turns *t);
/* They all have had many turns in a row. */
bool turns_is_crowd(const struct turns *t);

struct turn {
	int64_t tenant_id;
	size_t count; /* looks that he may take */
	size_t got;   /* that he had, at most `count`: for turns_dealt */
};
/* Deals `room` looks to at most `max` tenants, each of them once in `out`; returns to how
 * many, 0: nobody may. turns_started for each look that is taken, then turns_dealt;
 * without it the next deal begins as if this one had not been. */
size_t turns_deal(struct turns *t, size_t room, struct turn *out, size_t max) must_check;
/* Whoever got less than he may leaves. */
void turns_dealt(struct turns *t, const struct turn *turns, size_t count);

/* After the last deal: in so many ms one who was dealt nothing for his limit may go on;
 * -1: nobody was. */
int64_t turns_wait_ms(const struct turns *t);
/* One look of his, outside of a deal. 0: he may begin it; else it is to wait so long, and
 * the next one that is asked about longer than that. */
int64_t turns_put_off_ms(struct turns *t, int64_t tenant_id);

/* What his looks cost of late. */
struct charge {
	int64_t credit;  /* 0: he did not take turns */
	int64_t packets; /* of his limit */
};
/* Charges that, and returns it: hand it to turns_ended. cost 0: unknown. */
struct charge turns_started(struct turns *t, int64_t tenant_id);
void turns_ended(struct turns *t, int64_t tenant_id, struct charge charged, int64_t cost);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * schedule: what to take from the store next, and when. It decides; watch.c does it, and
 * tells what came of it. No clock, no database.
 *
 * While everything due fits, the oldest is taken first, whoever owns it: one indexed
 * query. When as much comes back as was asked for, there is more due than that: then
 * tenants take turns (turns.h), many of them in one query. Who has due work is asked at
 * most so often that asking takes a twentieth of the time, and remembered; when nobody is
 * left in the ring, it is oldest first again.
 *
 * Three limits hold always: looks under way, and looks begun a second (a token bucket),
 * so that the backlog after an outage is worked off evenly, and the packets of a tenant
 * a second: what is over it is not dealt, and oldest first it is put off.
 *
 *   while (schedule_next(s, now_ms, &ask))
 *           ... do what it says; schedule_tenant for each tenant found,
 *               for each look schedule_put_off_ms, and schedule_started if it is
 *               begun; then schedule_answered
 *   schedule_ended for each look that is over
 *   wait schedule_wait_ms, or for an end of a look, or a wake
 */
#ifndef SERVICE_SCHEDULE_H
#define SERVICE_SCHEDULE_H

#include "service/turns.h"

struct schedule;

struct schedule_limits {
	size_t running;           /* looks under way */
	size_t starts_per_s;      /* looks begun */
	int64_t tenant_packets_s; /* sent for one tenant; 0: no limit */
};
struct schedule *schedule_new(const struct schedule_limits *limits);
void schedule_free(struct schedule **s);

enum ask_kind {
	ASK_OLDEST,  /* the oldest `count` that are due */
	ASK_TURNS,   /* the oldest of some tenants, so many of each */
	ASK_TENANTS, /* which tenants have due work, `count` tenants at most, after
			`after_id` */
};
struct ask {
	enum ask_kind kind;
	int64_t after_id;
	size_t count; /* of all turns, too */
	/* The schedule's, until the next ask: fill in what each got. */
	struct turn *turns;
	size_t turn_count;
};
/* False: nothing to ask now. */
bool schedule_next(struct schedule *s, int64_t now_ms, struct ask *out) must_check;
/* A tenant that has due work. */
void schedule_tenant(struct schedule *s, int64_t tenant_id);
/* A look of his is claimed. 0: it may begin; else it is to wait so long: his limit. */
int64_t schedule_put_off_ms(struct schedule *s, int64_t tenant_id);
/* A look of his begins; what is returned goes to schedule_ended with the packets it sent
 * (0: unknown). */
struct charge schedule_started(struct schedule *s, int64_t tenant_id);
void schedule_ended(struct schedule *s, int64_t tenant_id, struct charge charged,
		    int64_t cost);
/* `got` rows came, the last tenant asked about was last_id (ASK_TENANTS; 0: that was the
 * end of them); asking took so long. */
struct ask_answer {
	size_t got;
	int64_t last_id;
	int64_t now_ms;
	int64_t took_us;
};
void schedule_answered(struct schedule *s, const struct ask *ask,
		       const struct ask_answer *a);
/* Nothing can be taken earlier; -1: not before a look ends, a wake comes, or the next one
 * is due. */
int64_t schedule_wait_ms(const struct schedule *s, int64_t now_ms);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The step. Per aspect, one table of what a look does:
 *
 *                      right      wrong                         unknown      time alone
 *   NOT_STARTED        as PENDING after it has become PENDING   as PENDING   -
 *   PENDING            SUCCESS    FAILED once search_s is over  likewise     likewise
 *   SUCCESS            -          counted; lost when confirmed  -            -
 *   TEMPORARY_FAILURE  SUCCESS    FAILED once grace_s is over   -            -
 *   FAILED             -          -                             -            -
 *
 * So what was verified is only ever taken away by a look that positively found it wrong.
 */
#include "identity/schedule.h"

#include <assert.h>

enum {
	TICK_DELAY_S =
		30, /* a due look that could not be made is tried again after this */
	SES_POLL_FAILED_S = 3600,
	RETRY_LEAST_S = 10,
};

struct policy policy_default(void)
{
	return (struct policy){
		.search_s = 72 * 3600,
		.grace_s = 72 * 3600,
		.loss_looks = 3,
		.loss_spread_s = 3600,
		.loss_servers = 2,
		.suspend_s = 24 * 3600,
		.after_failed_s = 30 * 24 * 3600,
	};
}

static void add_event(struct step_result *r, enum identity_event_kind kind,
		      enum aspect aspect, enum status from, int64_t now_s)
{
	assert(r->event_count < IDENTITY_EVENTS_MAX);
	r->events[r->event_count++] = (struct identity_event){
		.kind = kind,
		.aspect = aspect,
		.from = from,
		.to = r->state.aspects[aspect].status,
		.at_s = now_s,
	};
}

/* The only place where a status changes: times and events follow from it. */
static void set_status(struct step_result *r, enum aspect aspect, enum status to,
		       int64_t now_s)
{
	struct aspect_state *a = &r->state.aspects[aspect];
	enum status from = a->status;
	if (from == to)
		return;
	a->status = to;
	a->misses = 0;
	a->missed_at = 0;
	a->lost_at = to == STATUS_TEMPORARY_FAILURE ? now_s : 0;
	if (to == STATUS_PENDING)
		a->started_at = now_s;
	add_event(r, EVENT_STATUS_CHANGED, aspect, from, now_s);
}

static void fail_if_over(struct step_result *r, enum aspect aspect, int64_t since,
			 int64_t limit_s, int64_t now_s)
{
	if (now_s - since >= limit_s)
		set_status(r, aspect, STATUS_FAILED, now_s);
}

/* A wrong look while SUCCESS: lost after enough of them, spread over time, each seen at
 * enough servers. One failed poll never takes mail away. */
static void count_miss(struct step_result *r, enum aspect aspect, const struct look *look,
		       const struct policy *p, int64_t now_s)
{
	struct aspect_state *a = &r->state.aspects[aspect];
	if (look->wrong_servers[aspect] < p->loss_servers &&
	    !look->wrong_everywhere[aspect])
		return;
	if (a->misses == 0)
		a->missed_at = now_s;
	if (a->misses < UINT32_MAX)
		a->misses++;
	if (a->misses >= p->loss_looks && now_s - a->missed_at >= p->loss_spread_s)
		set_status(r, aspect, STATUS_TEMPORARY_FAILURE, now_s);
}

static void apply_right(struct step_result *r, enum aspect aspect, int64_t now_s)
{
	struct aspect_state *a = &r->state.aspects[aspect];
	if (a->status == STATUS_FAILED)
		return;
	a->misses = 0;
	a->missed_at = 0;
	set_status(r, aspect, STATUS_SUCCESS, now_s);
}

static void apply_wrong(struct step_result *r, enum aspect aspect,
			const struct look *look, const struct policy *p, int64_t now_s)
{
	struct aspect_state *a = &r->state.aspects[aspect];
	switch (a->status) {
	case STATUS_NOT_STARTED:
	case STATUS_FAILED:
		return;
	case STATUS_PENDING:
		fail_if_over(r, aspect, a->started_at, p->search_s, now_s);
		return;
	case STATUS_SUCCESS:
		count_miss(r, aspect, look, p, now_s);
		return;
	case STATUS_TEMPORARY_FAILURE:
		fail_if_over(r, aspect, a->lost_at, p->grace_s, now_s);
		return;
	}
}

static void apply_time(struct step_result *r, enum aspect aspect, const struct policy *p,
		       int64_t now_s)
{
	struct aspect_state *a = &r->state.aspects[aspect];
	if (a->status == STATUS_PENDING)
		fail_if_over(r, aspect, a->started_at, p->search_s, now_s);
}

static void apply_look(struct step_result *r, enum aspect aspect, const struct look *look,
		       const struct policy *p, int64_t now_s)
{
	enum look_result result = look->results[aspect];
	if (result == LOOK_NONE)
		return;
	if (r->state.aspects[aspect].status == STATUS_NOT_STARTED)
		set_status(r, aspect, STATUS_PENDING, now_s);
	switch (result) {
	case LOOK_NONE:
		return;
	case LOOK_RIGHT:
		apply_right(r, aspect, now_s);
		return;
	case LOOK_WRONG:
		apply_wrong(r, aspect, look, p, now_s);
		return;
	case LOOK_UNKNOWN:
		apply_time(r, aspect, p, now_s);
		return;
	}
}

static bool look_is_unknown(const struct look *look)
{
	for (size_t i = 0; i < ASPECT_COUNT; i++) {
		if (look->results[i] == LOOK_UNKNOWN)
			return true;
	}
	return false;
}

static bool is_expected(const struct expectation *x, enum purpose purpose)
{
	for (size_t i = 0; i < x->count; i++) {
		if (x->records[i].purpose == purpose)
			return true;
	}
	return false;
}

struct step_result identity_begin(const struct expectation *x, int64_t now_s)
{
	static const enum purpose purposes[ASPECT_COUNT] = {
		[ASPECT_DKIM] = PURPOSE_DKIM,
		[ASPECT_MAIL_FROM] = PURPOSE_MAIL_FROM,
		[ASPECT_OWNERSHIP] = PURPOSE_OWNERSHIP,
	};
	struct step_result r = { 0 };
	for (size_t i = 0; i < ASPECT_COUNT; i++) {
		if (!is_expected(x, purposes[i]))
			continue;
		r.state.aspects[i].status = STATUS_PENDING;
		r.state.aspects[i].started_at = now_s;
	}
	r.state.created_at = now_s;
	r.state.next_look_at = now_s;
	add_event(&r, EVENT_CREATED, ASPECT_DKIM, STATUS_NOT_STARTED, now_s);
	return r;
}

/* What is kept of any look, whatever follows from it. */
static void note_look(struct identity_state *s, const struct look *look, int64_t now_s)
{
	s->last_looked_at = now_s;
	if (s->looks < UINT32_MAX)
		s->looks++;
	if (look->error != LOOK_ERROR_NONE)
		s->error = look->error;
	if (!look->has_soa)
		return;
	s->has_soa = true;
	s->soa_mname = look->soa_mname;
	s->soa_rname = look->soa_rname;
	s->soa_serial = look->soa_serial;
}

struct step_result identity_step(const struct identity_state *s, const struct look *look,
				 const struct policy *p, int64_t now_s, uint32_t jitter)
{
	struct step_result r = { .state = *s };
	note_look(&r.state, look, now_s);
	for (size_t i = 0; i < ASPECT_COUNT; i++)
		apply_look(&r, (enum aspect)i, look, p, now_s);
	if (look->results[ASPECT_DKIM] == LOOK_RIGHT)
		r.state.last_success_at = now_s;
	int64_t next = schedule_next(&r.state, p, now_s, jitter, look_is_unknown(look));
	/* A TTL in a cache runs out before the next look: be there, but never in a hurry.
	 */
	if (look->retry_at_s >= now_s + RETRY_LEAST_S && look->retry_at_s < next)
		next = look->retry_at_s;
	r.state.next_look_at = next;
	return r;
}

struct step_result identity_tick(const struct identity_state *s, const struct policy *p,
				 int64_t now_s)
{
	struct step_result r = { .state = *s };
	for (size_t i = 0; i < ASPECT_COUNT; i++)
		apply_time(&r, (enum aspect)i, p, now_s);
	if (schedule_next(&r.state, p, now_s, 0, true) == 0)
		r.state.next_look_at = 0;
	else if (r.state.next_look_at <= now_s)
		r.state.next_look_at = now_s + TICK_DELAY_S;
	return r;
}

struct step_result identity_resubmit(const struct identity_state *s, int64_t now_s)
{
	struct step_result r = { .state = *s };
	add_event(&r, EVENT_RESUBMITTED, ASPECT_DKIM, s->aspects[ASPECT_DKIM].status,
		  now_s);
	for (size_t i = 0; i < ASPECT_COUNT; i++) {
		struct aspect_state *a = &r.state.aspects[i];
		if (a->status == STATUS_FAILED)
			set_status(&r, (enum aspect)i, STATUS_PENDING, now_s);
		else if (a->status == STATUS_PENDING)
			a->started_at = now_s;
	}
	/* The event says where DKIM came to. */
	r.events[0].to = r.state.aspects[ASPECT_DKIM].status;
	r.state.looks = 0;
	r.state.next_look_at = now_s;
	return r;
}

struct step_result identity_adopt(const struct identity_state *s, const struct look *look,
				  enum status dkim, int64_t now_s)
{
	struct step_result r = { .state = *s };
	const struct policy p = policy_default();
	set_status(&r, ASPECT_DKIM, dkim, now_s);
	note_look(&r.state, look, now_s);
	if (dkim == STATUS_SUCCESS)
		r.state.last_success_at = now_s;
	int64_t next = schedule_next(&r.state, &p, now_s, 500, false);
	/* SES may be told to search again behind our back: go on asking it. */
	r.state.next_look_at = next > 0 ? next : now_s + SES_POLL_FAILED_S;
	return r;
}

bool identity_may_send(const struct identity_state *s)
{
	enum status dkim = s->aspects[ASPECT_DKIM].status;
	return dkim == STATUS_SUCCESS || dkim == STATUS_TEMPORARY_FAILURE;
}

enum status identity_status(const struct identity_state *s)
{
	enum status dkim = s->aspects[ASPECT_DKIM].status;
	return dkim != STATUS_NOT_STARTED ? dkim : s->aspects[ASPECT_OWNERSHIP].status;
}

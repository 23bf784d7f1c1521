/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The step. Per aspect, one table of what a whole look does; what a peek, a click or time
 * alone does to a status is: nothing.
 *
 *                      right        wrong                         unknown
 *   NOT_STARTED        SUCCESS      PENDING                       PENDING
 *   PENDING            SUCCESS      FAILED once search_s is over  FAILED after twice that
 *   SUCCESS            -            counted; lost when (2)        -
 *   TEMPORARY_FAILURE  SUCCESS      FAILED once grace_s (3)       -
 *   FAILED             SUCCESS (1)  -                             -
 *
 * (1) within after_failed_s, unless policy.strict_ses; which also makes the 72 h of a
 * search count whatever a look finds.
 * (2) it is the third (loss_looks) or later that misses it, loss_spread_s after the
 * first; suspend_s after it (or loss_spread_s, if that is longer) where this look is
 * wrong_alone.
 * (3) is over, suspend_s after the first miss; where this look is wrong_alone, suspend_s
 * later than grace_s.
 *
 * wrong_alone: fewer than loss_servers servers are wrong, but all that answered, while
 * others were silent. One server's word for a day is believed: else a second one that is
 * dead would keep a status for ever.
 *
 * So what was verified is only ever taken away by a look that positively found it wrong,
 * at enough servers, and not before the looks before it did so too.
 */
#include "identity/change.h"

#include <assert.h>

enum {
	SES_POLL_FAILED_S = 3600,
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
		.glances = true,
	};
}

/* --- changes --- */

struct step_result change_begin(const struct identity_state *s, int64_t now_s)
{
	struct step_result r = { .state = *s };

	schedule_mend(&r.state, now_s);
	return r;
}

void change_note(struct step_result *r, enum identity_event_kind kind, enum aspect aspect,
		 enum status from, int64_t now_s)
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

void change_status(struct step_result *r, enum aspect aspect, enum status to,
		   int64_t now_s)
{
	struct aspect_state *a = &r->state.aspects[aspect];
	enum status from = a->status;

	if (from == to)
		return;
	a->status = to;
	/* What was lost has been missed since before. */
	if (to != STATUS_TEMPORARY_FAILURE) {
		a->misses = 0;
		a->missed_at = 0;
	}
	a->lost_at = to == STATUS_TEMPORARY_FAILURE ? now_s : 0;
	a->failed_at = to == STATUS_FAILED ? now_s : 0;
	if (to == STATUS_PENDING || from == STATUS_NOT_STARTED)
		a->started_at = now_s;
	if (from == STATUS_PENDING && to == STATUS_FAILED &&
	    r->state.failures < UINT32_MAX)
		r->state.failures++;
	if (to == STATUS_SUCCESS)
		r->state.failures = 0;
	change_note(r, EVENT_STATUS_CHANGED, aspect, from, now_s);
}

/* --- a look --- */

/* What an aspect's part of a look is judged by. */
struct judging {
	const struct look *look;
	const struct policy *policy;
	int64_t now_s;
};

/* Enough servers show it. */
static bool is_plain(enum aspect aspect, const struct judging *j)
{
	return j->look->wrong_servers[aspect] >= j->policy->loss_servers ||
	       j->look->wrong_everywhere[aspect];
}

/* A wrong look counts where enough servers show it, or nobody that can be heard speaks
 * against it: one failed poll never takes mail away. */
static bool count_miss(struct aspect_state *a, enum aspect aspect,
		       const struct judging *j)
{
	if (!is_plain(aspect, j) && !j->look->wrong_alone[aspect])
		return false;
	if (a->misses == 0)
		a->missed_at = j->now_s;
	if (a->misses < UINT32_MAX)
		a->misses++;
	return true;
}

static bool is_over(int64_t since, int64_t limit_s, const struct judging *j)
{
	return j->now_s - since >= limit_s;
}

/* From the first miss to the look that takes SUCCESS away. */
static int64_t loss_wait(enum aspect aspect, const struct judging *j)
{
	const struct policy *p = j->policy;

	if (is_plain(aspect, j) || p->suspend_s < p->loss_spread_s)
		return p->loss_spread_s;
	return p->suspend_s;
}

/* From TEMPORARY_FAILURE to the look that ends it. */
static int64_t grace_wait(enum aspect aspect, const struct judging *j)
{
	return j->policy->grace_s + (is_plain(aspect, j) ? 0 : j->policy->suspend_s);
}

static void apply_right(struct step_result *r, enum aspect aspect,
			const struct judging *j)
{
	struct aspect_state *a = &r->state.aspects[aspect];

	if (a->status == STATUS_FAILED &&
	    (j->policy->strict_ses ||
	     is_over(a->failed_at, j->policy->after_failed_s, j)))
		return;
	a->misses = 0;
	a->missed_at = 0;
	change_status(r, aspect, STATUS_SUCCESS, j->now_s);
}

static void apply_wrong(struct step_result *r, enum aspect aspect,
			const struct judging *j)
{
	struct aspect_state *a = &r->state.aspects[aspect];
	const struct policy *p = j->policy;

	switch (a->status) {
	case STATUS_NOT_STARTED:
	case STATUS_FAILED:
		return;
	case STATUS_PENDING:
		if (is_over(a->started_at, p->search_s, j))
			change_status(r, aspect, STATUS_FAILED, j->now_s);
		return;
	case STATUS_SUCCESS:
		if (count_miss(a, aspect, j) && a->misses >= p->loss_looks &&
		    is_over(a->missed_at, loss_wait(aspect, j), j))
			change_status(r, aspect, STATUS_TEMPORARY_FAILURE, j->now_s);
		return;
	case STATUS_TEMPORARY_FAILURE:
		if (count_miss(a, aspect, j) &&
		    is_over(a->lost_at, grace_wait(aspect, j), j) &&
		    is_over(a->missed_at, p->suspend_s, j))
			change_status(r, aspect, STATUS_FAILED, j->now_s);
		return;
	}
}

/* Every search ends; but who could not be asked has had no chance yet. */
static void apply_unknown(struct step_result *r, enum aspect aspect,
			  const struct judging *j)
{
	const struct aspect_state *a = &r->state.aspects[aspect];
	int64_t limit_s = j->policy->search_s * (j->policy->strict_ses ? 1 : 2);

	if (a->status == STATUS_PENDING && is_over(a->started_at, limit_s, j))
		change_status(r, aspect, STATUS_FAILED, j->now_s);
}

static void apply_look(struct step_result *r, enum aspect aspect, const struct judging *j)
{
	enum look_result result = j->look->results[aspect];

	/* Expected all at once: its search begins with this look. */
	if (result != LOOK_NONE && result != LOOK_RIGHT &&
	    r->state.aspects[aspect].status == STATUS_NOT_STARTED)
		change_status(r, aspect, STATUS_PENDING, j->now_s);
	switch (result) {
	case LOOK_NONE:
		return;
	case LOOK_RIGHT:
		apply_right(r, aspect, j);
		return;
	case LOOK_WRONG:
		apply_wrong(r, aspect, j);
		return;
	case LOOK_UNKNOWN:
		apply_unknown(r, aspect, j);
		return;
	}
}

/* It could not ask about anything that it was to ask about. */
static bool look_is_unknown(const struct look *look)
{
	bool is_asked = false;

	for (size_t i = 0; i < ASPECT_COUNT; i++) {
		if (look->results[i] == LOOK_RIGHT || look->results[i] == LOOK_WRONG)
			return false;
		is_asked |= look->results[i] == LOOK_UNKNOWN;
	}
	return is_asked;
}

static void note_zone(struct identity_state *s, const struct look *look)
{
	if (look->name_servers.len && s->name_servers.len &&
	    !str_equal(look->name_servers, s->name_servers))
		s->previous_name_servers = s->name_servers;
	if (look->name_servers.len)
		s->name_servers = look->name_servers;
	if (!look->has_soa)
		return;
	s->has_soa = true;
	s->soa_mname = look->soa_mname;
	s->soa_rname = look->soa_rname;
	s->soa_serial = look->soa_serial;
}

/* What is kept of any whole look, whatever follows from it. */
static void note_look(struct identity_state *s, const struct look *look, int64_t now_s)
{
	s->last_looked_at = now_s;
	if (s->looks < UINT32_MAX)
		s->looks++;
	if (look->error != LOOK_ERROR_NONE)
		s->error = look->error;
	if (!look_is_unknown(look))
		s->unknowns = 0;
	else if (s->unknowns < UINT32_MAX)
		s->unknowns++;
	note_zone(s, look);
}

struct step_result identity_step(const struct identity_state *s, const struct look *look,
				 const struct policy *p, int64_t now_s, uint32_t jitter)
{
	struct step_result r = change_begin(s, now_s);
	const struct judging judging = { look, p, now_s };
	const struct schedule when = {
		.policy = p,
		.now_s = now_s,
		.jitter = jitter,
		.is_unknown = look_is_unknown(look),
		.is_changed = identity_is_changed(s, look),
		.ladder_s = s->why == LOOK_REASON_CHANGED
				    ? s->next_look_at - s->last_looked_at
				    : 0,
		.retry_at_s = look->retry_at_s,
	};

	note_look(&r.state, look, now_s);
	for (size_t i = 0; i < ASPECT_COUNT; i++)
		apply_look(&r, (enum aspect)i, &judging);
	if (look->results[ASPECT_DKIM] == LOOK_RIGHT)
		r.state.last_success_at = now_s;
	schedule_after_look(&r.state, &when);
	return r;
}

/* --- SES decides --- */

/* No record says what SES thinks. */
static struct policy policy_of_ses(void)
{
	struct policy p = policy_default();

	p.glances = false;
	return p;
}

/* SES may be told to search again behind our back: go on asking it. */
static void poll_on(struct identity_state *s, int64_t now_s)
{
	if (s->next_look_at > 0)
		return;
	s->next_look_at = now_s + SES_POLL_FAILED_S;
	s->full_look_at = s->next_look_at;
	s->why = LOOK_REASON_FAILED;
}

struct step_result identity_adopt(const struct identity_state *s, const struct look *look,
				  enum status dkim, int64_t now_s, uint32_t jitter)
{
	struct step_result r = change_begin(s, now_s);
	const struct policy p = policy_of_ses();
	const struct schedule when = { .policy = &p, .now_s = now_s, .jitter = jitter };

	change_status(&r, ASPECT_DKIM, dkim, now_s);
	note_look(&r.state, look, now_s);
	r.state.unknowns = 0;
	if (dkim == STATUS_SUCCESS)
		r.state.last_success_at = now_s;
	schedule_after_look(&r.state, &when);
	poll_on(&r.state, now_s);
	/* No zone says what SES thinks. */
	r.state.full_look_at = r.state.next_look_at;
	return r;
}

struct step_result identity_tick(const struct identity_state *s, int64_t now_s,
				 uint32_t jitter)
{
	struct step_result r = change_begin(s, now_s);
	const struct policy p = policy_of_ses();
	const struct schedule when = {
		.policy = &p, .now_s = now_s, .jitter = jitter, .is_unknown = true
	};

	if (r.state.unknowns < UINT32_MAX)
		r.state.unknowns++;
	schedule_after_look(&r.state, &when);
	poll_on(&r.state, now_s);
	return r;
}

/* --- what follows --- */

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

enum envelope identity_envelope(const struct identity_state *s, bool rejects)
{
	switch (s->aspects[ASPECT_MAIL_FROM].status) {
	case STATUS_NOT_STARTED:
		return ENVELOPE_OURS;
	case STATUS_SUCCESS:
		return ENVELOPE_CUSTOM;
	case STATUS_PENDING:
	case STATUS_FAILED:
	case STATUS_TEMPORARY_FAILURE:
		return rejects ? ENVELOPE_REFUSED : ENVELOPE_OURS;
	}
	return ENVELOPE_OURS;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is not a look: beginning, what people wish for, peeks, and putting off. None of
 * them says anything about the records. */
#include "identity/change.h"

enum {
	LATE_S = 10 * 60,           /* so late is what a busy service is */
	CATCH_UP_MAX_S = 12 * 3600, /* put off by so much at most */
	CATCH_UP_LEAST_S = 5 * 60,  /* not what is looked at more often than this */
	CATCH_UP_JITTER_S = 60,
	GLANCE_ROOM_S = 6 * 3600, /* they are so far apart */
	WATCH_EVERY_S = 12,
	WATCH_UNKNOWN_S = 60,
};

static void look_at(struct identity_state *s, int64_t at_s, enum look_reason why)
{
	s->next_look_at = at_s;
	s->full_look_at = at_s;
	s->glance = false;
	s->why = why;
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
	look_at(&r.state, now_s, LOOK_REASON_NEW);
	change_note(&r, EVENT_CREATED, ASPECT_DKIM, STATUS_NOT_STARTED, now_s);
	return r;
}

/* --- what people do --- */

static void search_again(struct step_result *r, enum aspect aspect, int64_t now_s)
{
	struct aspect_state *a = &r->state.aspects[aspect];

	if (a->status == STATUS_FAILED)
		change_status(r, aspect, STATUS_PENDING, now_s);
	else if (a->status == STATUS_PENDING)
		a->started_at = now_s;
}

struct step_result identity_resubmit(const struct identity_state *s, int64_t now_s)
{
	struct step_result r = change_begin(s, now_s);

	change_note(&r, EVENT_RESUBMITTED, ASPECT_DKIM, s->aspects[ASPECT_DKIM].status,
		    now_s);
	for (size_t i = 0; i < ASPECT_COUNT; i++)
		search_again(&r, (enum aspect)i, now_s);
	/* The event says where DKIM came to. */
	r.events[0].to = r.state.aspects[ASPECT_DKIM].status;
	r.state.looks = 0;
	look_at(&r.state, now_s, LOOK_REASON_RESUBMITTED);
	return r;
}

struct step_result identity_ask(const struct identity_state *s, int64_t now_s)
{
	struct step_result r = change_begin(s, now_s);

	look_at(&r.state, now_s, LOOK_REASON_ASKED);
	return r;
}

struct step_result identity_watch(const struct identity_state *s, const struct policy *p,
				  int64_t now_s)
{
	struct step_result r = change_begin(s, now_s);
	struct identity_state *to = &r.state;

	if (!schedule_is_searching(to, p, now_s))
		return r;
	to->watched_until = now_s + IDENTITY_WATCHED_S;
	/* What could not be asked will not answer for being stared at. */
	int64_t every = to->unknowns > 0 ? WATCH_UNKNOWN_S : WATCH_EVERY_S;
	int64_t at =
		to->last_looked_at + every > now_s ? to->last_looked_at + every : now_s;
	if (to->next_look_at > at || identity_wants_peek(to, to->next_look_at))
		look_at(to, at, LOOK_REASON_WATCHED);
	return r;
}

struct step_result identity_want(const struct identity_state *s, enum aspect aspect,
				 bool wanted, int64_t now_s)
{
	struct step_result r = change_begin(s, now_s);

	if (!wanted) {
		change_status(&r, aspect, STATUS_NOT_STARTED, now_s);
		r.state.aspects[aspect] = (struct aspect_state){ 0 };
		return r;
	}
	change_status(&r, aspect, STATUS_PENDING, now_s);
	r.state.aspects[aspect].started_at = now_s;
	look_at(&r.state, now_s, LOOK_REASON_RESUBMITTED);
	return r;
}

/* --- peeks --- */

bool identity_wants_peek(const struct identity_state *s, int64_t now_s)
{
	return s->has_soa && s->full_look_at > now_s &&
	       s->full_look_at <= now_s + IDENTITY_LOOK_MAX_S;
}

bool identity_is_changed(const struct identity_state *s, const struct look *seen)
{
	if (seen->has_soa && s->has_soa && seen->soa_serial != s->soa_serial)
		return true;
	return seen->name_servers.len && s->name_servers.len &&
	       !str_equal(seen->name_servers, s->name_servers);
}

struct step_result identity_peek(const struct identity_state *s, const struct look *seen,
				 const struct policy *p, int64_t now_s, uint32_t jitter)
{
	struct step_result r = change_begin(s, now_s);
	const struct schedule when = { .policy = p, .now_s = now_s, .jitter = jitter };

	bool is_over = schedule_gap(&r.state, p, now_s) == 0;
	if (seen->has_soa || is_over)
		schedule_after_peek(&r.state, &when);
	else if (s->next_look_at > 0)
		/* Who does not even say this is left alone until the whole look. */
		look_at(&r.state, s->full_look_at > now_s ? s->full_look_at : now_s,
			s->why);
	/* The reason stays: the whole look sees the change itself, and says so. */
	if (identity_is_changed(s, seen) && !is_over && s->next_look_at > 0)
		look_at(&r.state, now_s, s->why);
	return r;
}

/* --- many at once --- */

/* Somebody waits for it, or it is this late because it was put off already. */
static bool is_urgent(const struct identity_state *s)
{
	switch (s->why) {
	case LOOK_REASON_NEW:
	case LOOK_REASON_YOUNG:
	case LOOK_REASON_CONFIRM:
	case LOOK_REASON_CHANGED:
	case LOOK_REASON_ASKED:
	case LOOK_REASON_RESUBMITTED:
	case LOOK_REASON_WATCHED:
	case LOOK_REASON_CATCH_UP:
		return true;
	case LOOK_REASON_NONE:
	case LOOK_REASON_SEARCH:
	case LOOK_REASON_STEADY:
	case LOOK_REASON_LOST:
	case LOOK_REASON_FAILED:
	case LOOK_REASON_RETRY:
	case LOOK_REASON_TTL:
		return false;
	}
	return false;
}

/* Those that became due one after the other are looked at one after the other. */
static int64_t put_off(int64_t late, int64_t room, int64_t now_s, uint32_t jitter)
{
	return now_s + late % room + (int64_t)jitter * CATCH_UP_JITTER_S / 1000;
}

bool identity_catch_up(const struct identity_state *s, const struct policy *p,
		       int64_t now_s, uint32_t jitter, struct step_result *out)
{
	int64_t late = now_s - s->next_look_at;
	int64_t room = schedule_gap(s, p, now_s);

	if (room > CATCH_UP_MAX_S)
		room = CATCH_UP_MAX_S;
	if (s->next_look_at == 0 || late < LATE_S || room < CATCH_UP_LEAST_S ||
	    is_urgent(s))
		return false;
	*out = change_begin(s, now_s);
	look_at(&out->state, put_off(late, room, now_s, jitter), LOOK_REASON_CATCH_UP);
	if (identity_wants_peek(s, out->state.next_look_at))
		out->state.full_look_at = s->full_look_at;
	return true;
}

bool identity_glance_catch_up(int64_t due_at, enum look_reason why, int64_t now_s,
			      uint32_t jitter, int64_t *at_out)
{
	int64_t late = now_s - due_at;

	if (late < LATE_S || why == LOOK_REASON_CATCH_UP)
		return false;
	*at_out = put_off(late, GLANCE_ROOM_S, now_s, jitter);
	return true;
}

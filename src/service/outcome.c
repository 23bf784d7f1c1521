/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was seen becomes so: step and write. The row is read again inside the transaction,
 * so that what people did meanwhile (resubmit, check now, delete) is never written over.
 */
#include <stdlib.h>

#include "service/inside.h"

enum {
	GROUP_BYTES = 256 * 1024 * 1024,
};

struct policy service_policy(const struct config *config)
{
	struct policy p = policy_default();

	p.search_s = config_number(config, CONFIG_LIFECYCLE_SEARCH_S);
	p.grace_s = config_number(config, CONFIG_LIFECYCLE_GRACE_S);
	p.loss_spread_s = config_number(config, CONFIG_LIFECYCLE_CONFIRM_S);
	p.after_failed_s = config_number(config, CONFIG_LIFECYCLE_AFTER_FAILED_S);
	p.strict_ses = str_is(config_text(config, CONFIG_LIFECYCLE_MODE), "ses");
	/* No forwarder says what the name servers themselves say. */
	p.glances = config_number(config, CONFIG_SERVICE_GLANCES_PER_S) > 0 &&
		    !config_text(config, CONFIG_DNS_FORWARD).len;
	return p;
}

static struct step_result step(const struct service *v, const struct identity_row *row,
			       const struct look *look,
			       const struct authority_result *result)
{
	struct policy policy = service_policy(v->config);
	uint32_t jitter = crypto_random_below(1000);
	int64_t now_s = clock_now_s();

	if (!row->keys_elsewhere)
		return identity_step(&row->state, look, &policy, now_s, jitter);
	if (result->has_ses)
		return identity_adopt(&row->state, look, result->ses_status, now_s,
				      jitter);
	return identity_tick(&row->state, now_s, jitter);
}

/* --- a look --- */

/* Somebody asked for a look while this one was under way: it may have come too early. */
static void ask_again(const struct looked *looked, const struct identity_row *before,
		      struct identity_state *s)
{
	int64_t now_s = clock_now_s();
	bool was_due =
		before->state.next_look_at > 0 && before->state.next_look_at <= now_s;

	if (before->version == looked->row->version || !was_due)
		return;
	s->next_look_at = now_s;
	s->full_look_at = now_s;
	s->why = before->state.why;
}

/* Beside DKIM, what is expected may have been changed while the look was under way, or be
 * searched for anew: then it says nothing about that, and the perspectives were asked, or
 * not, for what was before. */
static void forget_changed(const struct looked *looked, const struct identity_row *before,
			   struct look *look)
{
	const struct identity_row *then = looked->row;
	const bool is_other[ASPECT_COUNT] = {
		[ASPECT_MAIL_FROM] =
			!str_equal(then->mail_from_domain, before->mail_from_domain),
		[ASPECT_OWNERSHIP] =
			!str_equal(then->ownership_token, before->ownership_token),
	};

	for (size_t i = 0; i < ASPECT_COUNT; i++) {
		bool is_new = i != ASPECT_DKIM && then->state.aspects[i].status !=
							  before->state.aspects[i].status;
		if (is_other[i] || is_new)
			look->results[i] = LOOK_NONE;
	}
}

/* What the row says of its last look. */
static void row_note(const struct looked *looked, const struct judged *judged,
		     struct identity_row *row)
{
	const struct observation *o = looked->result->observation;
	enum status dkim = row->state.aspects[ASPECT_DKIM].status;

	row->checked_at = o->at_s;
	row->verdict = judged->verdict;
	row->findings = judged->findings;
	row->cost = o->queries;
	/* As the registry had it when it was verified: another date later, another
	 * owner. */
	if (dkim == STATUS_SUCCESS && row->registered_at == 0 && o->has_registration &&
	    o->registration.outcome == REGISTRATION_FOUND)
		row->registered_at = o->registration.registered_at;
	if (!looked->result->has_ses)
		return;
	row->ses_status = looked->result->ses_status_text;
	row->ses_checked_at = looked->result->ses_checked_at;
}

/* History keeps what differs from the look before. */
static bool look_keep(struct store *s, const struct identity_row *before,
		      const struct judged *judged, const struct outcome *o, struct err *e)
{
	struct look_row look = {
		.identity_id = o->row.id,
		.at_s = o->row.checked_at,
		.why = before->state.why,
		.verdict = o->row.verdict,
		.cost = o->row.cost,
		.detail = judged->detail,
	};
	bool is_same = before->checked_at > 0 && before->verdict == o->row.verdict &&
		       str_equal(before->findings, o->row.findings) &&
		       o->step.event_count == 0 && !judged->is_disputed;

	return is_same || store_look_add(s, &look, e);
}

static bool row_write(struct store *s, struct arena *a, const struct judged *judged,
		      struct outcome *o, struct err *e)
{
	const struct report_row report = { o->row.checked_at, judged->text };

	return store_report_write(s, a, &o->row, &report, e) &&
	       store_identity_save(s, &o->row, NULL, 0, e);
}

static bool outcome_apply(const struct service *v, struct store *s, struct arena *a,
			  const struct identity_row *before, struct outcome *o,
			  struct err *e)
{
	const struct judged *judged = o->judged;
	const struct looked *looked = judged->looked;
	struct look look = judged->look;

	forget_changed(looked, before, &look);
	o->row = *before;
	o->step = step(v, before, &look, looked->result);
	ask_again(looked, before, &o->step.state);
	o->row.state = o->step.state;
	row_note(looked, judged, &o->row);
	if (!row_write(s, a, judged, o, e) || !look_keep(s, before, judged, o, e))
		return false;
	o->fate = OUTCOME_WRITTEN;
	return true;
}

/* --- several --- */

struct group {
	struct outcome *outcomes;
	size_t count;
	int64_t *ids; /* room for as many */
	struct identity_held_list held;
	size_t released; /* messages */
};

static int by_number(const void *a, const void *b)
{
	const int64_t *one = a, *two = b;

	return (*one > *two) - (*one < *two);
}

/* The identities of those that `is_in`, in order. */
typedef bool is_in_fn(const struct outcome *o);
static size_t group_ids(struct group *g, is_in_fn *is_in)
{
	size_t count = 0;

	for (size_t i = 0; i < g->count; i++)
		if (is_in(&g->outcomes[i]))
			g->ids[count++] = g->outcomes[i].judged->looked->identity_id;
	qsort(g->ids, count, sizeof(*g->ids), by_number);
	return count;
}

static bool is_any(const struct outcome *o unused_arg)
{
	return true;
}

static bool is_leased(const struct outcome *o)
{
	return o->fate == OUTCOME_WRITTEN && o->judged->looked->lease.fence;
}

/* Always when it may send: a message can only be held by an identity that may not. */
static bool is_sender(const struct outcome *o)
{
	return o->fate == OUTCOME_WRITTEN && identity_may_send(&o->row.state);
}

static bool group_apply(const struct service *v, struct store *s, struct arena *a,
			struct group *g, struct err *e)
{
	for (size_t i = 0; i < g->count; i++) {
		struct outcome *o = &g->outcomes[i];
		const struct looked *looked = o->judged->looked;
		const struct identity_held *held =
			identity_held_find(&g->held, looked->identity_id);
		if (!held)
			o->fate = OUTCOME_DELETED;
		else if (looked->lease.fence && looked->lease.fence != held->fence)
			o->fate = OUTCOME_TOO_LATE;
		else if (held->is_unreadable)
			o->fate = OUTCOME_UNREADABLE;
		else if (!outcome_apply(v, s, a, &held->row, o, e))
			return false;
	}
	return true;
}

static bool group_end_leases(struct store *s, struct group *g, struct err *e)
{
	size_t count = group_ids(g, is_leased);

	return !count || store_identity_leases_end(s, g->ids, count, e);
}

static bool group_release(struct store *s, struct group *g, struct err *e)
{
	size_t count = group_ids(g, is_sender);

	return !count ||
	       store_message_release_of(s, g->ids, count, clock_now_s(), &g->released, e);
}

static int by_tenant(const void *a, const void *b)
{
	const struct outcome *one = *(struct outcome *const *)a;
	const struct outcome *two = *(struct outcome *const *)b;

	return (one->row.tenant_id > two->row.tenant_id) -
	       (one->row.tenant_id < two->row.tenant_id);
}

static bool events_add(struct store *s, struct outcome *o, struct err *e)
{
	for (size_t i = 0; i < o->step.event_count; i++) {
		o->step.events[i].detail = o->judged->detail;
		if (!store_event_add(s, &o->row, &o->step.events[i], e))
			return false;
	}
	return true;
}

/* Events come last: they lock tenants, in the order of their ids (store.h). */
static bool group_add_events(struct store *s, struct arena *a, struct group *g,
			     struct err *e)
{
	struct outcome **told = arena_array(a, g->count, sizeof(struct outcome *));
	size_t count = 0;

	for (size_t i = 0; i < g->count; i++)
		if (g->outcomes[i].fate == OUTCOME_WRITTEN &&
		    g->outcomes[i].step.event_count)
			told[count++] = &g->outcomes[i];
	qsort(told, count, sizeof(*told), by_tenant);
	for (size_t i = 0; i < count; i++)
		if (!events_add(s, told[i], e))
			return false;
	return true;
}

/* --- after the transaction --- */

static void events_log(struct service *v, struct str domain, const struct step_result *r)
{
	for (size_t i = 0; i < r->event_count; i++) {
		const struct identity_event *event = &r->events[i];
		v->counters.events++;
		log_info("identity changed", LOG_STR("domain", domain),
			 LOG_TEXT("event", identity_event_name(event->kind)),
			 LOG_TEXT("aspect", aspect_name(event->aspect)),
			 LOG_TEXT("from", status_name(event->from)),
			 LOG_TEXT("to", status_name(event->to)));
	}
}

static void outcome_done(struct service *v, const struct outcome *o)
{
	const struct authority_result *result = o->judged->looked->result;

	if (o->fate != OUTCOME_WRITTEN)
		return;
	events_log(v, o->row.domain, &o->step);
	if (result->ses_error.len)
		log_warn("SES could not be asked", LOG_STR("domain", o->row.domain),
			 LOG_STR("error", result->ses_error));
	if (o->step.event_count)
		couriers_wake(v);
}

void outcome_count(struct service *v, const struct judged *judged)
{
	const struct observation *o = judged->looked->result->observation;

	v->counters.looks[judged->report.verdict]++;
	v->counters.look_ms_total += o->elapsed_ms;
	v->counters.queries += o->queries;
	tally_look(&v->tally, o, &judged->report);
}

static bool group_write(struct service *v, struct store *s, struct arena *a,
			struct group *g, struct err *e)
{
	size_t count = group_ids(g, is_any);

	return store_identity_hold(s, a, g->ids, count, &g->held, e) &&
	       group_apply(v, s, a, g, e) && group_end_leases(s, g, e) &&
	       group_release(s, g, e) && group_add_events(s, a, g, e) &&
	       store_commit(s, e);
}

bool outcomes_write(struct service *v, struct store *s, struct outcome *outcomes,
		    size_t count, struct err *e)
{
	auto_arena struct arena a;
	struct group g = { .outcomes = outcomes, .count = count };

	arena_init(&a, GROUP_BYTES);
	g.ids = arena_array(&a, count, sizeof(*g.ids));
	if (!store_begin(s, e))
		return false;
	if (!group_write(v, s, &a, &g, e)) {
		store_rollback(s);
		return false;
	}
	for (size_t i = 0; i < count; i++)
		outcome_done(v, &outcomes[i]);
	if (g.released)
		worker_wake(v->relay);
	return true;
}

/* --- a peek --- */

static bool peek_apply(const struct service *v, struct store *s, struct arena *a,
		       const struct peeked *peeked, bool *changed_out, struct err *e)
{
	struct policy policy = service_policy(v->config);
	struct look look = { .at_s = peeked->zone->at_s };
	struct identity_row row;

	look_see_zone(a, peeked->zone, &look);
	if (!store_identity_get(s, a, 0, peeked->identity_id, &row, e))
		return false;
	*changed_out = identity_is_changed(&row.state, &look) ||
		       !identity_wants_peek(&row.state, clock_now_s());
	/* The whole look follows under the same lease. */
	if (*changed_out)
		return true;
	row.state = identity_peek(&row.state, &look, &policy, clock_now_s(),
				  crypto_random_below(1000))
			    .state;
	row.cost = peeked->zone->queries;
	return store_lease_end(s, &peeked->lease, e) &&
	       store_identity_save(s, &row, NULL, 0, e);
}

bool outcome_peek(struct service *v, struct store *s, struct arena *a,
		  const struct peeked *peeked, bool *changed_out, struct err *e)
{
	struct err failed = { 0 };

	*changed_out = false;
	v->counters.queries += peeked->zone->queries;
	if (!store_begin(s, e))
		return false;
	if (peek_apply(v, s, a, peeked, changed_out, &failed) && store_commit(s, &failed))
		return true;
	store_rollback(s);
	if (failed.kind == ERR_NOT_FOUND)
		return true;
	*e = failed;
	return false;
}

/* --- no look at all --- */

bool outcome_is_late(const struct service *v, const struct identity_row *row)
{
	struct policy policy = service_policy(v->config);
	struct step_result r;

	return identity_catch_up(&row->state, &policy, clock_now_s(), 0, &r);
}

bool outcome_put_off(const struct service *v, struct store *s, struct identity_row *row,
		     struct err *e)
{
	struct policy policy = service_policy(v->config);
	struct step_result r;

	if (!identity_catch_up(&row->state, &policy, clock_now_s(),
			       crypto_random_below(1000), &r))
		return true;
	row->state = r.state;
	return store_identity_save(s, row, NULL, 0, e);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From what was seen to what is so: judge, step, write. The row is read again inside the
 * transaction, so that what people did meanwhile (resubmit, check now, delete) is never
 * written over.
 */
#include <jansson.h>

#include "diagnose/diagnose.h"
#include "service/inside.h"

enum {
	REPORT_MAX = 2 * 1024 * 1024, /* of JSON text kept, in all languages together */
};

static struct policy policy_of(const struct config *config)
{
	struct policy p = policy_default();

	p.search_s = config_number(config, CONFIG_LIFECYCLE_SEARCH_S);
	p.grace_s = config_number(config, CONFIG_LIFECYCLE_GRACE_S);
	return p;
}

/* What a look came to: the report that decides, and what is kept of it as text. */
struct judged {
	struct report report;
	struct str text;
};

/* The report in each language, {"en": {...}, "ja": {...}}: who reads it later chooses,
 * and has no observation to judge again. */
static void judge(struct arena *a, const struct looked *looked, struct judged *out)
{
	static const enum lang others[] = { LANG_JA };
	const struct observation *o = looked->result->observation;
	json_t *all = json_object();

	diagnose_judge(a, looked->x, o, LANG_EN, &out->report);
	json_object_set_new(all, lang_name(LANG_EN), report_to_json(&out->report));
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		struct report report;
		diagnose_judge(a, looked->x, o, others[i], &report);
		json_object_set_new(all, lang_name(others[i]), report_to_json(&report));
	}
	char *text = json_dumps(all, JSON_COMPACT);
	out->text = STR_EMPTY;
	if (text && strlen(text) <= REPORT_MAX)
		out->text = arena_str(a, str_from(text));
	xfree(text);
	json_decref(all);
}

static struct step_result step(const struct service *v, const struct identity_row *row,
			       const struct look *look,
			       const struct authority_result *result)
{
	struct policy policy = policy_of(v->config);
	int64_t now_s = clock_now_s();

	if (!row->keys_elsewhere)
		return identity_step(&row->state, look, &policy, now_s,
				     crypto_random_below(1000));
	if (result->has_ses)
		return identity_adopt(&row->state, look, result->ses_status, now_s,
				      crypto_random_below(1000));
	return identity_tick(&row->state, now_s, crypto_random_below(1000));
}

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

/* Inside the transaction. */
static bool outcome_apply(struct store *s, struct identity_row *row,
			  const struct step_result *r, size_t *released_out,
			  struct err *e)
{
	row->state = r->state;
	*released_out = 0;
	if (!store_identity_save(s, row, r->events, r->event_count, e))
		return false;
	/* Always when it may send: a message can only be held by an identity that may
	 * not. */
	return !identity_may_send(&row->state) ||
	       store_message_release(s, row->id, clock_now_s(), released_out, e);
}

static bool outcome_commit(struct service *v, struct store *s, struct arena *a,
			   const struct looked *looked, const struct judged *judged,
			   struct err *e)
{
	struct identity_row row;
	struct look look = { 0 };
	size_t released;

	if (!store_identity_get(s, a, 0, looked->identity_id, &row, e))
		return false;
	diagnose_look(&judged->report, &look);
	struct step_result r = step(v, &row, &look, looked->result);
	/* Somebody asked for a look while this one was under way: it may have come too
	 * early. */
	if (row.version != looked->version && row.state.next_look_at > 0 &&
	    row.state.next_look_at <= clock_now_s())
		r.state.next_look_at = clock_now_s();
	row.checked_at = looked->result->observation->at_s;
	row.verdict = judged->report.verdict;
	struct report_row report = { row.checked_at, judged->text };
	if (!store_report_write(s, a, &row, &report, e))
		return false;
	if (looked->result->has_ses) {
		row.ses_status = looked->result->ses_status_text;
		row.ses_checked_at = looked->result->ses_checked_at;
	}
	if (!outcome_apply(s, &row, &r, &released, e) || !store_commit(s, e))
		return false;
	events_log(v, row.domain, &r);
	if (looked->result->ses_error.len)
		log_warn("SES could not be asked", LOG_STR("domain", row.domain),
			 LOG_STR("error", looked->result->ses_error));
	if (released)
		worker_wake(v->relay);
	return true;
}

bool outcome_write(struct service *v, struct store *s, struct arena *a,
		   const struct looked *looked, struct err *e)
{
	const struct observation *o = looked->result->observation;
	struct err failed = { 0 };
	struct judged judged;

	judge(a, looked, &judged);
	v->counters.looks[judged.report.verdict]++;
	v->counters.look_ms_total += o->elapsed_ms;
	v->counters.queries += o->queries;
	tally_look(&v->tally, o, &judged.report);
	if (!store_begin(s, e))
		return false;
	if (outcome_commit(v, s, a, looked, &judged, &failed))
		return true;
	store_rollback(s);
	/* It was deleted meanwhile. */
	if (failed.kind == ERR_NOT_FOUND)
		return true;
	*e = failed;
	return false;
}

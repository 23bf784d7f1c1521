/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a report to what the step needs: right, wrong or unknown per aspect, and SES's
 * ErrorType (ses.md section 3.5). */
#include "diagnose/case.h"

static bool aspect_of(enum purpose p, enum aspect *out)
{
	switch (p) {
	case PURPOSE_DKIM:
		*out = ASPECT_DKIM;
		return true;
	case PURPOSE_MAIL_FROM:
		*out = ASPECT_MAIL_FROM;
		return true;
	case PURPOSE_OWNERSHIP:
		*out = ASPECT_OWNERSHIP;
		return true;
	case PURPOSE_SPF: /* SES does not look at it (ses.md section 4.3) */
	case PURPOSE_DMARC:
	case PURPOSE_OTHER:
		return false;
	}
	return false;
}

/* What signatures do not bear out takes nothing away: it may be somebody on the way who
 * says it. Nor does what is proven otherwise. */
static enum look_result result_of(const struct record_report *record)
{
	switch (record->state) {
	case RECORD_OK:
	case RECORD_WAITING:
	case RECORD_FOUND:
		return LOOK_RIGHT;
	case RECORD_MISSING:
	case RECORD_WRONG:
		return record->is_unproven || record->is_contradicted ? LOOK_UNKNOWN
								      : LOOK_WRONG;
	case RECORD_UNKNOWN:
	case RECORD_ABSENT:
		return LOOK_UNKNOWN;
	}
	return LOOK_UNKNOWN;
}

/* Wrong beats unknown beats right: all records of an aspect must be right. */
static enum look_result combine(enum look_result a, enum look_result b)
{
	if (a == LOOK_WRONG || b == LOOK_WRONG)
		return LOOK_WRONG;
	if (a == LOOK_UNKNOWN || b == LOOK_UNKNOWN)
		return LOOK_UNKNOWN;
	return LOOK_RIGHT;
}

/* Worst last: SERVICE_ERROR only when nothing else is known. */
static int error_rank(enum look_error e)
{
	static const int ranks[] = {
		[LOOK_ERROR_NONE] = 0,           [LOOK_ERROR_SERVICE_ERROR] = 1,
		[LOOK_ERROR_HOST_NOT_FOUND] = 2, [LOOK_ERROR_TYPE_NOT_FOUND] = 3,
		[LOOK_ERROR_INVALID_VALUE] = 4,  [LOOK_ERROR_DNS_SERVER_ERROR] = 5,
	};
	return ranks[e];
}

/* Our own limits stopped it, not the domain's servers. */
static bool is_own_trouble(const struct report *r, const struct record_report *record)
{
	for (size_t i = 0; i < record->view_count; i++) {
		enum ask_outcome outcome = record->views[i].outcome;
		if (outcome != ASK_LIMIT && outcome != ASK_FORBIDDEN)
			return false;
	}
	return record->view_count > 0 || r->observation->walk == WALK_LIMIT;
}

static enum look_error missing_error(const struct record_report *record)
{
	for (size_t i = 0; i < record->view_count; i++) {
		const struct record_view *v = &record->views[i];
		if (!v->matches && v->outcome == ASK_ANSWERED &&
		    v->rcode == DNS_RCODE_NOERROR)
			return LOOK_ERROR_TYPE_NOT_FOUND;
	}
	return LOOK_ERROR_HOST_NOT_FOUND;
}

/* Wrong: another value somewhere, or another type; where servers differ, what those lack
 * that lag. */
static enum look_error wrong_error(const struct record_report *record)
{
	for (size_t i = 0; i < record->view_count; i++) {
		if (!record->views[i].matches && record->views[i].value_count > 0)
			return LOOK_ERROR_INVALID_VALUE;
	}
	return missing_error(record);
}

static enum look_error error_of(const struct report *r,
				const struct record_report *record)
{
	switch (record->state) {
	case RECORD_OK:
	case RECORD_WAITING:
	case RECORD_FOUND:
	case RECORD_ABSENT:
		return LOOK_ERROR_NONE;
	case RECORD_MISSING:
		return missing_error(record);
	case RECORD_WRONG:
		return wrong_error(record);
	case RECORD_UNKNOWN:
		return is_own_trouble(r, record) ? LOOK_ERROR_SERVICE_ERROR
						 : LOOK_ERROR_DNS_SERVER_ERROR;
	}
	return LOOK_ERROR_NONE;
}

/* Who shows that it is wrong. */
static void add_wrong(const struct record_report *record, enum aspect aspect,
		      struct look *out)
{
	bool is_nowhere_right = record->servers_right == 0;

	if (record->servers_wrong > out->wrong_servers[aspect])
		out->wrong_servers[aspect] = (uint32_t)record->servers_wrong;
	out->wrong_everywhere[aspect] |= is_nowhere_right && record->servers_unheard == 0;
	out->wrong_alone[aspect] |= is_nowhere_right && record->servers_unheard > 0;
}

static void add_record(const struct report *r, const struct record_report *record,
		       struct look *out)
{
	enum aspect aspect;
	if (!record->expected->required || !aspect_of(record->expected->purpose, &aspect))
		return;
	enum look_result before = out->results[aspect];
	enum look_result now = result_of(record);
	out->results[aspect] = before == LOOK_NONE ? now : combine(before, now);
	if (now == LOOK_WRONG)
		add_wrong(record, aspect, out);
	enum look_error error = error_of(r, record);
	if (aspect == ASPECT_DKIM && error_rank(error) > error_rank(out->error))
		out->error = error;
}

/* A lame server, a broken chain of trust, a domain that is another's: the records may
 * look right, and still nobody is to be verified by them. */
static bool has_open_fault(const struct report *r)
{
	for (size_t i = 0; i < r->finding_count; i++) {
		struct str code = str_from(r->findings[i].code);
		/* The key works at the servers asked, but nothing leads to it. */
		if (str_is(code, "U402"))
			return true;
		if (r->findings[i].severity != SEVERITY_ERROR)
			continue;
		if (str_is(code, "U103") || str_is(code, "U106") ||
		    str_starts(code, STR("U95")))
			return true;
	}
	return false;
}

static void take_soa(const struct dns_soa *soa, struct look *out)
{
	out->has_soa = true;
	out->soa_mname = soa->mname;
	out->soa_rname = soa->rname;
	out->soa_serial = soa->serial;
}

/* Of the zone that answered: at its apex, else from a negative answer. */
static void find_soa(const struct observation *o, struct look *out)
{
	for (size_t i = 0; i < o->answer_count && !out->has_soa; i++) {
		const struct answer *answer = &o->answers[i];
		struct dns_soa soa;
		if (answer->question.type == DNS_TYPE_SOA && answer->records.count > 0 &&
		    dns_name_equal(&answer->question.name, &o->zone) &&
		    dns_record_soa(&answer->records.records[0], &soa))
			take_soa(&soa, out);
	}
	for (size_t i = 0; i < o->answer_count && !out->has_soa; i++) {
		if (o->answers[i].has_soa &&
		    o->views[o->answers[i].view].kind != VIEW_RESOLVER)
			take_soa(&o->answers[i].soa, out);
	}
}

void diagnose_look(const struct report *r, struct look *out)
{
	*out = (struct look){ .at_s = r->observation->at_s };
	for (size_t i = 0; i < r->record_count; i++)
		add_record(r, &r->records[i], out);
	if (has_open_fault(r)) {
		for (size_t i = 0; i < ASPECT_COUNT; i++) {
			if (out->results[i] == LOOK_RIGHT)
				out->results[i] = LOOK_UNKNOWN;
		}
		out->error = LOOK_ERROR_DNS_SERVER_ERROR;
	}
	find_soa(r->observation, out);
	if (r->verdict == VERDICT_ACTION_REQUIRED && r->one_cache)
		out->retry_at_s = r->next_at_s;
}

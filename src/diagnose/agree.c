/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When everybody will see what the authorities have:
 *
 *   1. a cache that was asked tells what is left of its memory: the TTL of the SOA in its
 *      negative answer, or of the old record; both count down. The latest of these is the
 *      earliest moment when all agree.
 *   2. a cache that was not asked may have looked just before the record was there. It
 *      forgets after min(SOA TTL, SOA MINIMUM) (RFC 2308 section 5), or after the TTL of
 *      what was there before: counted from when the authorities had it right, the worst
 *      case.
 *   3. before that, an operator may publish changes only every so often.
 */
#include "diagnose/agree.h"

/* min(SOA TTL, SOA MINIMUM) as the zone's own servers tell it; 0: not known. */
static uint32_t negative_ttl(const struct diagnosis *d)
{
	uint32_t longest = 0;
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		struct dns_soa soa = answer->soa;
		uint32_t ttl = answer->soa_ttl_s;
		if (d->o->views[answer->view].kind != VIEW_AUTHORITY ||
		    d->server_of[answer->view] == SIZE_MAX)
			continue;
		if (!answer->has_soa) {
			if (answer->question.type != DNS_TYPE_SOA ||
			    answer->records.count == 0 ||
			    !dns_record_soa(&answer->records.records[0], &soa))
				continue;
			ttl = answer->records.records[0].ttl_s;
		}
		if (soa.minimum_s < ttl)
			ttl = soa.minimum_s;
		if (ttl > longest)
			longest = ttl;
	}
	return longest;
}

/* Longest TTL of what the authorities answer to r's question now. */
static uint32_t published_ttl(const struct diagnosis *d, const struct record_report *r)
{
	uint32_t longest = 0;
	for (size_t i = 0; i < r->view_count; i++) {
		const struct record_view *v = &r->views[i];
		if (d->o->views[v->view].kind == VIEW_AUTHORITY && v->value_count > 0 &&
		    v->ttl_s > longest)
			longest = v->ttl_s;
	}
	return longest;
}

static bool is_code(const struct finding *f, const char *code)
{
	return strcmp(f->code, code) == 0;
}

/* How long somebody who was not asked may remember otherwise, at worst. */
static uint32_t worst_memory(const struct diagnosis *d, const struct report *r)
{
	uint32_t worst = 0;
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct finding *f = &r->findings[i];
		if (f->severity != SEVERITY_WAIT)
			continue;
		uint32_t ttl = is_code(f, "U901") ? negative_ttl(d) : 0;
		for (size_t j = 0; is_code(f, "U902") && j < r->record_count; j++) {
			uint32_t now = published_ttl(d, &r->records[j]);
			if (r->records[j].state == RECORD_WAITING && now > ttl)
				ttl = now;
		}
		if (ttl > worst)
			worst = ttl;
	}
	return worst;
}

static void set_waiting(const struct diagnosis *d, struct report *r)
{
	for (size_t i = 0; i < r->finding_count; i++) {
		if (r->findings[i].severity == SEVERITY_WAIT &&
		    r->findings[i].until_s > r->agree_earliest_s)
			r->agree_earliest_s = r->findings[i].until_s;
	}
	r->negative_ttl_s = negative_ttl(d);
	r->memory_s = worst_memory(d, r);
	report_set_since(r, d->o->at_s);
	r->right_since_s = 0; /* nobody knows: it was so when we looked */
}

/* After a change: until the operator has published it, and until caches have forgotten
 * what is there today. */
static void set_after_fix(const struct diagnosis *d, struct report *r)
{
	r->negative_ttl_s = negative_ttl(d);
	for (size_t i = 0; i < r->record_count; i++) {
		const struct record_report *record = &r->records[i];
		uint32_t ttl = 0;
		if (!record->expected->required)
			continue;
		if (record->state == RECORD_MISSING)
			ttl = r->negative_ttl_s;
		else if (record->state == RECORD_WRONG)
			ttl = published_ttl(d, record);
		if (ttl > r->memory_s)
			r->memory_s = ttl;
	}
	if (d->provider.provider && d->provider.confidence == PROVIDER_CERTAIN)
		r->publish_s = d->provider.provider->publish_s;
}

void agree_set(struct diagnosis *d, struct report *r)
{
	switch (r->verdict) {
	case VERDICT_WAITING:
		set_waiting(d, r);
		return;
	case VERDICT_ACTION_REQUIRED:
		set_after_fix(d, r);
		return;
	case VERDICT_OK:
	case VERDICT_UNDETERMINED:
		return;
	}
}

void report_set_since(struct report *r, int64_t since_s)
{
	r->right_since_s = since_s;
	if (r->verdict != VERDICT_WAITING)
		return;
	r->agree_latest_s = since_s + r->memory_s;
	if (r->agree_latest_s < r->agree_earliest_s)
		r->agree_latest_s = r->agree_earliest_s;
}

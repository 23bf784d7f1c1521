/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records that are not there at all: what U301 and the codes for single records share. */
#include "diagnose/missing.h"

#include "diagnose/places.h"

/* When the negative answer that a cache gave runs out: 0 if that is not known. */
static int64_t negative_until(const struct diagnosis *d, const struct record_case *r)
{
	int64_t until = 0;
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		if (d->o->views[answer->view].kind != VIEW_FORWARD || !answer->has_soa ||
		    answer->question.type != r->expected->type ||
		    !dns_name_equal(&answer->question.name, &r->expected->name))
			continue;
		/* RFC 2308 section 5. */
		uint32_t ttl = answer->soa_ttl_s < answer->soa.minimum_s
				       ? answer->soa_ttl_s
				       : answer->soa.minimum_s;
		until = d->o->at_s + ttl;
	}
	return until;
}

static const char *missing_sentence(struct diagnosis *d, const struct record_case *r)
{
	const char *zone = r->zone.len > 1 ? shown_name(d, &r->zone).data : "";
	const char *type = shown_type(d->a, r->expected->type).data;
	const char *name = shown_relative(d, r).data;
	const char *value = shown_expected(d->a, r->expected).data;
	bool has_value = r->expected->value.len > 0;
	if (zone[0] != '\0' && has_value)
		return arena_printf(d->a,
				    lang_text(d->lang,
					      "in the zone %s add a record of the "
					      "type %s, named %s, with the value "
					      "%s"),
				    zone, type, name, value);
	if (zone[0] != '\0')
		return arena_printf(d->a,
				    lang_text(d->lang,
					      "in the zone %s add a record of the type "
					      "%s, named %s, with the public key "
					      "(v=DKIM1; p=...)"),
				    zone, type, name);
	if (has_value)
		return arena_printf(d->a,
				    lang_text(d->lang, "add a record of the type %s, "
						       "named %s, with the value %s"),
				    type, name, value);
	return arena_printf(d->a,
			    lang_text(d->lang, "add a record of the type %s, named %s, "
					       "with the public key (v=DKIM1; p=...)"),
			    type, name);
}

static void explain_missing(struct diagnosis *d, struct finding *f, struct record_case *r)
{
	finding_evidence(d, f, &r->tally, SAID_ABSENT);
	struct str value = shown_expected(d->a, r->expected);
	struct fix *fix = finding_fix(d, f, "add", missing_sentence(d, r));
	fix->name = shown_relative(d, r);
	fix->value = value;
	fix->to = value;
	fix->exact = value.len > 0;
	int64_t until = negative_until(d, r);
	if (until > f->until_s)
		f->until_s = until;
}

static void add_cache_note(struct diagnosis *d, struct finding *f)
{
	auto_buf struct buf until;
	buf_init(&until, 64);
	if (f->until_s > 0)
		clock_write_rfc3339(&until, f->until_s);
	f->why = str_from(
		f->until_s > 0
			? arena_printf(
				  d->a,
				  lang_text(d->lang,
					    "only one cache was asked (dns.forward): a "
					    "record published a moment ago may be there "
					    "already; the cache remembers its absence "
					    "until %s"),
				  buf_cstr(&until))
			: lang_text(d->lang,
				    "only one cache was asked (dns.forward): a record "
				    "published a moment ago may be there already"));
}

static const char *other_sentence(struct diagnosis *d, const struct record_case *r,
				  const struct tally *found, unsigned bit)
{
	const char *at = shown_name(d, &found->question.name).data;
	const char *type = shown_type(d->a, r->expected->type).data;
	if (bit == SAID_OTHER)
		return arena_printf(
			d->a,
			lang_text(d->lang,
				  "at %s stands a %s record with another value: possibly "
				  "this one, saved under a wrong name, with an old or "
				  "mistyped value"),
			at, type);
	return arena_printf(d->a,
			    lang_text(d->lang,
				      "the name %s exists, though without a %s record: "
				      "possibly this one, saved under a wrong name and "
				      "with another type"),
			    at, type);
}

/* Something else stands where records end up by mistake: it is shown, and no more than
 * likely the record. */
static void add_other(struct diagnosis *d, struct finding *f, const struct record_case *r)
{
	struct tally found;
	unsigned bit;
	if (!places_find_other(d, r, &found, &bit))
		return;
	finding_evidence(d, f, &found, bit);
	if (f->why.len == 0)
		f->why = str_from(other_sentence(d, r, &found, bit));
}

/* What was asked and is not there: no more is claimed. */
static void add_search(struct diagnosis *d, struct finding *f)
{
	size_t searched = 0;
	for (size_t i = 0; i < d->record_count; i++) {
		const struct record_case *r = &d->records[i];
		if (finding_has(f, r) && f->why.len == 0)
			searched += places_searched(d, r);
	}
	if (searched > 0 && !d->forward)
		f->why = str_from(arena_printf(
			d->a,
			lang_text(d->lang,
				  "names under which records are saved by mistake "
				  "(%zu of them) were looked at too, without success"),
			searched));
}

/* Nothing of what has to be there is there: that is one cause, not one for each kind. */
static bool is_all_missing(const struct diagnosis *d)
{
	size_t missing = 0;
	bool has_key = false;
	for (size_t i = 0; i < d->record_count; i++) {
		const struct record_case *r = &d->records[i];
		if (!r->expected->required)
			continue;
		if (r->report->state != RECORD_MISSING || r->explained)
			return false;
		missing++;
		has_key |= r->expected->purpose == PURPOSE_DKIM;
	}
	return missing > 1 && has_key;
}

void missing_judge(struct diagnosis *d, const struct missing_rule *rule)
{
	struct finding *slots[2] = { NULL };
	bool is_all = is_all_missing(d);
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (r->explained || r->report->state != RECORD_MISSING || d->searching)
			continue;
		if (rule->fits && (is_all || !rule->fits(r)))
			continue;
		struct finding *f = finding_for(d, slots, r, rule->row->code,
						lang_text(d->lang, rule->row->title));
		explain_missing(d, f, r);
		add_other(d, f, r);
	}
	for (size_t i = 0; i < ARRAY_LEN(slots); i++) {
		if (!slots[i])
			continue;
		add_search(d, slots[i]);
		if (slots[i]->record_count > 1 && !rule->fits)
			slots[i]->title = str_from(arena_printf(
				d->a, lang_text(d->lang, "%zu records are missing"),
				slots[i]->record_count));
		if (d->forward)
			add_cache_note(d, slots[i]);
	}
}

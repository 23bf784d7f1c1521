/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What DMARC says of one message (RFC 9989 sections 4.10 and 5.3). */
#include "policy/wanted.h"

enum alignment {
	ALIGNED,
	APART,
	UNSURE, /* a question failed, or is still wanted */
};

struct evaluation {
	struct arena *a;
	const struct policy_source *source;
	const struct dmarc_query *query;
	struct dmarc_outcome *out;
	struct dmarc_walk walk; /* from the From domain upwards */
	bool is_unsure;         /* an identifier could not be judged */
};

static struct str shown(struct evaluation *v, const struct dns_name *name)
{
	return dns_name_text(v->a, name);
}

/* --- the policy that applies --- */

/* Section 4.10.1: np is for names that do not exist, which only NXDOMAIN says. */
static bool is_nonexistent(struct evaluation *v)
{
	const struct policy_source *source = v->source;

	if (!source->exists)
		return false;
	switch (source->exists(source->arg, &v->query->from)) {
	case POLICY_UNKNOWN:
		wanted_add(&v->out->wanted, &v->query->from, DNS_TYPE_A);
		return false;
	case POLICY_VOID:
		return true;
	case POLICY_FOUND:
		return false;
	case POLICY_FAILED:
		return false;
	}
	return false;
}

static void take_policy(struct evaluation *v, const struct dmarc_step *step)
{
	const struct dmarc_record *r = &step->record;
	bool is_below = !dns_name_equal(&step->domain, &v->query->from);

	v->out->policy_tag = "p";
	v->out->policy = DMARC_POLICY_NONE;
	/* Section 4.10.1: act as if p=none had been retrieved. */
	if (!r->has_p || r->has_bad_policy)
		return;
	v->out->policy = r->p;
	if (is_below && r->has_np && is_nonexistent(v)) {
		v->out->policy = r->np;
		v->out->policy_tag = "np";
	} else if (is_below && r->has_sp) {
		v->out->policy = r->sp;
		v->out->policy_tag = "sp";
	}
}

static void take_record(struct evaluation *v, const struct dmarc_step *step)
{
	struct dmarc_outcome *out = v->out;

	out->has_record = true;
	out->found_at = step->domain;
	out->record = step->text;
	out->strict_spf = step->record.strict_spf;
	out->strict_dkim = step->record.strict_dkim;
	out->testing = step->record.testing;
	take_policy(v, step);
}

/* --- alignment --- */

/* Section 4.10.2. Where the two are the same domain no walk is needed. */
static enum alignment align(struct evaluation *v, const struct dns_name *identifier,
			    bool is_strict, struct dns_name *organisation_out)
{
	if (dns_name_equal(identifier, &v->query->from))
		return ALIGNED;
	if (is_strict)
		return APART;
	struct dmarc_walk *walk = arena_alloc(v->a, sizeof(*walk));
	dmarc_walk(v->a, v->source, identifier, walk, &v->out->wanted);
	if (organisation_out)
		*organisation_out = walk->organisation;
	if (walk->organisation.len == 0 || v->walk.organisation.len == 0)
		return UNSURE;
	return dns_name_equal(&walk->organisation, &v->walk.organisation) ? ALIGNED
									  : APART;
}

static void align_all(struct evaluation *v)
{
	const struct dmarc_query *query = v->query;
	struct dmarc_outcome *out = v->out;

	if (query->spf.len > 0) {
		enum alignment spf =
			align(v, &query->spf, out->strict_spf, &out->spf_organisation);
		out->spf_aligned = spf == ALIGNED;
		v->is_unsure |= spf == UNSURE;
	}
	for (size_t i = 0; i < query->dkim_count && i < DMARC_DKIM_MAX; i++) {
		enum alignment dkim = align(v, &query->dkim[i], out->strict_dkim, NULL);
		out->dkim_each[i] = dkim == ALIGNED;
		out->dkim_aligned |= dkim == ALIGNED;
		v->is_unsure |= dkim == UNSURE;
	}
	out->passes = out->spf_aligned || out->dkim_aligned;
}

/* --- the end --- */

static const char *why_failed(struct evaluation *v)
{
	for (size_t i = 0; i < v->walk.count; i++) {
		const struct dmarc_step *step = &v->walk.steps[i];

		if (step->reply == POLICY_FAILED)
			return arena_printf(v->a, "_dmarc.%s could not be looked up",
					    shown(v, &step->domain).data);
	}
	return "a domain above could not be looked up";
}

static const char *why_none(struct evaluation *v)
{
	for (size_t i = 0; i < v->walk.count; i++) {
		const struct dmarc_step *step = &v->walk.steps[i];

		if (step->is_ambiguous)
			return arena_printf(v->a,
					    "%s has several DMARC records: none counts",
					    shown(v, &step->domain).data);
	}
	return "no DMARC record was found";
}

static const char *why_verdict(struct evaluation *v)
{
	const struct dmarc_outcome *out = v->out;
	const char *from = shown(v, &v->query->from).data;

	for (size_t i = 0; out->dkim_aligned && i < DMARC_DKIM_MAX; i++) {
		if (out->dkim_each[i])
			return arena_printf(v->a, "DKIM's %s is aligned with %s",
					    shown(v, &v->query->dkim[i]).data, from);
	}
	if (out->spf_aligned)
		return arena_printf(v->a, "SPF's %s is aligned with %s",
				    shown(v, &v->query->spf).data, from);
	if (v->query->spf.len == 0 && v->query->dkim_count == 0)
		return "neither SPF nor DKIM passed";
	return arena_printf(v->a, "nothing that passed is aligned with %s", from);
}

static void conclude(struct evaluation *v)
{
	struct dmarc_outcome *out = v->out;
	const struct dmarc_step *policy = v->walk.policy;
	const char *why;

	if (policy && !dmarc_record_applies(&policy->record)) {
		why = "the DMARC record has no valid policy and no address to report to";
		out->has_record = false;
		out->passes = false;
	} else if (!policy && v->walk.is_failed) {
		why = why_failed(v);
		out->is_temperror = true;
		out->passes = false;
	} else if (!policy) {
		why = why_none(v);
		out->passes = false;
	} else if (!out->passes && v->is_unsure) {
		why = why_failed(v);
		out->is_temperror = true;
	} else {
		why = why_verdict(v);
	}
	out->why = str_from(why);
}

void dmarc_evaluate(struct arena *a, const struct policy_source *source,
		    const struct dmarc_query *query, struct dmarc_outcome *out)
{
	struct evaluation v = {
		.a = a,
		.source = source,
		.query = query,
		.out = out,
	};

	*out = (struct dmarc_outcome){
		.policy_tag = "p",
		.record = STR_EMPTY,
		.why = STR_EMPTY,
	};
	dmarc_walk(a, source, &query->from, &v.walk, &out->wanted);
	out->organisation = v.walk.organisation;
	if (v.walk.policy)
		take_record(&v, v.walk.policy);
	align_all(&v);
	if (out->wanted.count == 0)
		conclude(&v);
}

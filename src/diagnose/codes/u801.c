/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U801: no DMARC record. */
#include "diagnose/dmarc.h"
#include "diagnose/missing.h"
#include "diagnose/spf.h"

static bool is_absent(const struct diagnosis *d, const struct record_case *r)
{
	return !d->searching && !r->explained && r->expected->purpose == PURPOSE_DMARC &&
	       r->report->state == RECORD_MISSING &&
	       dns_name_labels(&r->expected->name) > 1;
}

/* The record above that holds for the domain (RFC 9989 section 4.10); what could not be
 * told yet is wanted. */
static bool walk(const struct diagnosis *d, const struct record_case *r,
		 struct dmarc_walk *out, struct policy_wanted *wanted)
{
	const struct policy_source source = diagnosis_source(d);
	const struct dns_name domain = dns_name_parent(&r->expected->name, 1);
	*wanted = (struct policy_wanted){ .count = 0 };
	dmarc_walk(d->a, &source, &domain, out, wanted);
	return wanted->count == 0 && !out->is_failed && out->policy &&
	       dmarc_record_applies(&out->policy->record);
}

static size_t ask(const struct diagnosis *d, const struct record_case *r,
		  struct question out[MORE_MAX])
{
	struct dmarc_walk w;
	struct policy_wanted wanted;
	size_t count = 0;
	if (!is_absent(d, r))
		return 0;
	walk(d, r, &w, &wanted);
	while (count < wanted.count && count < MORE_MAX) {
		out[count] = wanted.questions[count];
		count++;
	}
	return count;
}

/* What the record above asks for is at least what was expected here. */
static bool is_enough(const struct diagnosis *d, const struct record_case *r,
		      const struct dmarc_record *above)
{
	struct dmarc_record wanted;
	enum dmarc_policy policy = above->has_sp ? above->sp : above->p;
	if (r->expected->value.len == 0)
		return true;
	if (!dmarc_record_parse(d->a, r->expected->value, &wanted) ||
	    wanted.rua.len > 0 || wanted.ruf.len > 0)
		return false;
	return above->has_p && !above->has_bad_policy && !above->testing && !above->psd &&
	       policy >= wanted.p && above->strict_spf == wanted.strict_spf &&
	       above->strict_dkim == wanted.strict_dkim;
}

static void judge_one(struct diagnosis *d, struct record_case *r)
{
	struct dmarc_walk w;
	struct policy_wanted wanted;
	if (!walk(d, r, &w, &wanted) || !is_enough(d, r, &w.policy->record))
		return;
	struct finding *f =
		finding_add(d, "U801", SEVERITY_NOTE,
			    lang_text(d->lang, "there is no DMARC record of its own"));
	finding_covers(d, f, r);
	finding_evidence(d, f, &r->tally, SAID_ABSENT);
	f->why = str_from(arena_printf(
		d->a,
		lang_text(d->lang, "the one of %s holds for it: nothing has to be done"),
		shown_name(d, &w.policy->domain).data));
	r->report->state = RECORD_OK;
}

/* The record above holds until there is one here. */
static void tell_above(struct diagnosis *d, const struct record_case *r)
{
	struct dmarc_walk w;
	struct policy_wanted wanted;
	if (r->report->state != RECORD_MISSING || !walk(d, r, &w, &wanted))
		return;
	for (size_t i = 0; i < d->finding_count; i++) {
		struct finding *f = d->findings[i];
		if (!finding_has(f, r) || strcmp(f->code, "U801") != 0)
			continue;
		f->why = str_from(arena_printf(
			d->a,
			lang_text(d->lang,
				  "the record of %s holds for it meanwhile, and asks "
				  "for less than is expected here"),
			shown_name(d, &w.policy->domain).data));
	}
}

static bool fits(const struct record_case *r)
{
	return r->expected->purpose == PURPOSE_DMARC;
}

static void judge(struct diagnosis *d)
{
	static const struct missing_rule rule = {
		.row = &rule_u801,
		.fits = fits,
	};
	for (size_t i = 0; i < d->record_count; i++)
		if (is_absent(d, &d->records[i]))
			judge_one(d, &d->records[i]);
	missing_judge(d, &rule);
	for (size_t i = 0; i < d->record_count && !d->searching; i++)
		if (fits(&d->records[i]))
			tell_above(d, &d->records[i]);
}

const struct rule rule_u801 = {
	.code = "U801",
	.title = LANG_MARK("the DMARC record is missing"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge,
	.more = ask,
	.meaning = LANG_MARK("There is no DMARC record for the domain, nor one above it "
			     "that would hold for it. Without one, large receivers trust "
			     "the mail less, and nobody is told what to do with mail "
			     "that misuses the domain."),
	.why = LANG_MARK("It was not published yet, or under another name: it "
			 "belongs at _dmarc in front of the domain."),
	.how = LANG_MARK("We asked for TXT at _dmarc in front of the domain; where "
			 "it is missing, also in front of each domain above it, as "
			 "receivers do since RFC 9989 (section 4.10, the tree walk)."),
	.fix = LANG_MARK("Add a TXT record named _dmarc with the value that is "
			 "given. v=DMARC1; p=none is enough to begin with: it asks "
			 "for nothing and harms nothing."),
	.check = "  kdig +noall +answer TXT _dmarc.customer.example",
	.see_also = "U301 U803",
};

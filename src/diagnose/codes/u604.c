/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U604: more than ten look-ups. */
#include "diagnose/spf.h"

static bool fits(const struct spf_walk *w)
{
	return w->reach == SPF_BROKEN && w->error.cause == SPF_CAUSE_LOOKUPS;
}

static const char *fix(struct diagnosis *d, const struct record_case *r,
		       const struct spf_view *v, struct fix *f)
{
	if (r->expected->value.len == 0)
		return arena_printf(
			d->a,
			lang_text(d->lang, "remove terms from the TXT record %s that "
					   "are no longer needed: include, a, mx, ptr, "
					   "exists and redirect count"),
			f->name.data);
	f->to = spf_value_with_wanted(d, r, v);
	f->value = f->to;
	return arena_printf(
		d->a,
		lang_text(d->lang,
			  "put the platform's term in front of the others in the TXT "
			  "record %s, and remove those that are no longer needed: %s"),
		f->name.data, f->to.data);
}

static void judge_lookups(struct diagnosis *d)
{
	static const struct spf_rule rule = {
		.row = &rule_u604,
		.fits = fits,
		.why = spf_error_text,
		.fix = fix,
		.note_title = LANG_MARK("the SPF record needs more than ten look-ups, "
					"behind the platform's term"),
	};
	spf_judge(d, &rule);
}

const struct rule rule_u604 = {
	.code = "U604",
	.title = LANG_MARK("the SPF record needs more than ten look-ups"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_lookups,
	.meaning = LANG_MARK(
		"To go through the record, a receiver has to ask the DNS more than ten "
		"times. At the eleventh it must stop with an error, and SPF passes for "
		"nobody that stands behind. As a note: the platform stands in front and "
		"passes, others do not."),
	.why = LANG_MARK(
		"Each include, a, mx, ptr, exists and redirect counts, and so do "
		"those in the records that are included. Services were added over "
		"the years and never taken out."),
	.how = LANG_MARK("We went through the record as a receiver does and counted (RFC "
			 "7208 section 4.6.4). ip4, ip6 and all cost nothing."),
	.fix = LANG_MARK(
		"Take out services that no longer send. Put the platform's term in "
		"front: what stands behind a term that matches is not looked up. Or let "
		"the platform send under a subdomain of its own, with its own record."),
	.check = LANG_MARK(
		"  unpend spf --ip <an address> --mail-from x@customer.example"),
	.see_also = "U603 U605",
};

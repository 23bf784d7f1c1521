/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U605: too many terms that find nothing. */
#include "diagnose/spf.h"

static bool fits(const struct spf_walk *w)
{
	return w->reach == SPF_BROKEN && w->error.cause == SPF_CAUSE_VOID_LOOKUPS;
}

static const char *fix(struct diagnosis *d, const struct record_case *r unused_arg,
		       const struct spf_view *v, struct fix *f)
{
	if (spf_error_is_inside(v))
		return spf_fix_inside(d, v, f);
	return arena_printf(d->a,
			    lang_text(d->lang,
				      "remove '%s', and others that lead to names which "
				      "are no longer there, from the TXT record %s"),
			    spf_shown(d, v->walk.error.term), f->name.data);
}

static void judge_voids(struct diagnosis *d)
{
	static const struct spf_rule rule = {
		.row = &rule_u605,
		.fits = fits,
		.why = spf_error_text,
		.fix = fix,
		.note_title = LANG_MARK("the SPF record asks for names that are not "
					"there, behind the platform's term"),
	};
	spf_judge(d, &rule);
}

const struct rule rule_u605 = {
	.code = "U605",
	.title = LANG_MARK("the SPF record asks for names that are not there"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_voids,
	.meaning =
		LANG_MARK("More than two terms of the record lead to names that have "
			  "no such records. Receivers stop there with an error, and SPF "
			  "passes for nobody that stands behind."),
	.why = LANG_MARK("Hosts were renamed or given up, and the a: and mx: terms that "
			 "name them were left in the record."),
	.how = LANG_MARK(
		"We asked for what the terms in front of the platform's would look up, "
		"and counted those that found nothing (RFC 7208 section 4.6.4)."),
	.fix = LANG_MARK("Remove the terms whose names are no longer there."),
	.check = "  kdig +short A old-host.customer.example",
	.see_also = "U604 U608",
};

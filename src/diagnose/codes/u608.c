/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U608: the SPF record leads to one that is not there. */
#include "diagnose/spf.h"

static bool fits(const struct spf_walk *w)
{
	return w->reach == SPF_BROKEN && (w->error.cause == SPF_CAUSE_TARGET_NONE ||
					  w->error.cause == SPF_CAUSE_TWO_RECORDS);
}

static const char *fix(struct diagnosis *d, const struct record_case *r unused_arg,
		       const struct spf_view *v, struct fix *f)
{
	if (spf_error_is_inside(v) && v->walk.error.cause == SPF_CAUSE_TARGET_NONE)
		return spf_fix_inside(d, v, f);
	return arena_printf(
		d->a,
		lang_text(d->lang, "remove '%s' from the TXT record %s, or correct it"),
		spf_shown(d, v->walk.error.term), f->name.data);
}

static void judge_dangling(struct diagnosis *d)
{
	static const struct spf_rule rule = {
		.row = &rule_u608,
		.fits = fits,
		.why = spf_error_text,
		.fix = fix,
		.note_title = LANG_MARK("the SPF record leads to a record that is not "
					"there, behind the platform's term"),
	};
	spf_judge(d, &rule);
}

const struct rule rule_u608 = {
	.code = "U608",
	.title = LANG_MARK("the SPF record leads to a record that is not there"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_dangling,
	.meaning = LANG_MARK(
		"An include or redirect names a domain that has no SPF record, or more "
		"than one. Receivers must take that for an error: SPF passes for nobody "
		"that stands behind it. If the domain does not exist any more, whoever "
		"registers it can let himself pass."),
	.why = LANG_MARK("A service was given up, moved its record, or the name was "
			 "mistyped."),
	.how = LANG_MARK("We asked for TXT at the name that the term leads to, at the "
			 "name servers of its own zone (RFC 7208 sections 5.2 and 6.1)."),
	.fix = LANG_MARK("Remove the term if the service is no longer used; else correct "
			 "the name after the service's own documentation."),
	.check = "  kdig +noall +answer TXT _spf.service.example",
	.see_also = "U603 U605",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U951: another customer of the service holds the domain. The service says so. */
#include "diagnose/rules.h"

static void judge_held(struct diagnosis *d)
{
	if (!d->x->held_elsewhere)
		return;
	struct finding *f = finding_add(
		d, "U951", SEVERITY_ERROR,
		arena_printf(d->a,
			     lang_text(d->lang,
				       "%s is held by another customer of the service"),
			     shown_name(d, &d->x->name).data));
	f->confidence = CONFIDENCE_CERTAIN;
	finding_fix(d, f, "claim",
		    lang_text(d->lang,
			      "publish the records that this service gave you: they "
			      "are yours alone, and nothing is taken from the other "
			      "customer; a service that lets only one have a domain "
			      "gives a claim token (TXT) instead"));
}

const struct rule rule_u951 = {
	.code = "U951",
	.title = LANG_MARK("the domain is held by another customer"),
	.remedy = LANG_MARK("error, claim the domain"),
	.judge = judge_held,
	.meaning =
		LANG_MARK("The records may be right, but another customer of the service "
			  "has verified the same domain. A verification never moves from "
			  "one to the other: each needs records of his own."),
	.why = LANG_MARK(
		"A colleague or an agency set it up before, under another account; the "
		"domain was bought from somebody who had used the service; or the name "
		"is "
		"misspelt."),
	.how = LANG_MARK("The service says so in what it expects (held_elsewhere)."),
	.fix = LANG_MARK(
		"Ask who in your company holds it. Otherwise publish the records that "
		"were given to you: they differ from the other customer's, and both can "
		"stand side by side. A service that lets only one have a domain gives a "
		"claim token instead: whoever can publish it owns the domain today."),
	.check = "  unpend check customer.example --expect FILE",
	.see_also = "U952 U954",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U202: the subdomain's label is missing in the record's name, or there twice. */
#include "diagnose/places.h"

static const char *why_missing(struct diagnosis *d, const struct record_case *r,
			       const struct place *place unused_arg)
{
	return arena_printf(
		d->a,
		lang_text(d->lang, "mail is sent from %s, so its records lie "
				   "below that name, not directly in the zone "
				   "%s"),
		shown_name(d, &d->x->name).data, shown_name(d, &r->zone).data);
}

static const char *why_twice(struct diagnosis *d, const struct record_case *r,
			     const struct place *place unused_arg)
{
	return arena_printf(d->a,
			    lang_text(d->lang, "the DNS panel adds the subdomain's name "
					       "by itself, or %s was typed in front of a "
					       "name that had it already"),
			    shown_relative(d, r).data);
}

static void judge_label(struct diagnosis *d)
{
	static const struct place_rule missing = {
		.code = "U202",
		.kinds = 1U << PLACE_UNLABELLED,
		.title = LANG_MARK("the subdomain is missing in the record's name"),
		.why = why_missing,
	};
	static const struct place_rule twice = {
		.code = "U202",
		.kinds = 1U << PLACE_REPEATED,
		.title = LANG_MARK("the subdomain stands twice in the record's name"),
		.why = why_twice,
	};
	places_judge(d, &missing);
	places_judge(d, &twice);
}

const struct rule rule_u202 = {
	.code = "U202",
	.title = LANG_MARK("the subdomain's label is missing or stands twice"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_label,
	.meaning = LANG_MARK(
		"The record exists, with the right value, but its name lacks the label "
		"of the subdomain that mail is sent from, or has it twice. Receivers ask "
		"for the name with the label once, and find nothing."),
	.why = LANG_MARK(
		"The name box of the panel wants the name relative to the zone. For a "
		"subdomain the label has to be typed too, and it is easily left out. "
		"Some panels add it by themselves; then it stands there twice."),
	.how = LANG_MARK(
		"The name servers have no record at the name that was expected, and they "
		"have the expected value at that name without the label, or with the "
		"label once more."),
	.fix = LANG_MARK("Change the name, and leave the value as it is. For mail from "
			 "shop.customer.example in the zone customer.example:\n"
			 "\n"
			 "  wrong   k1._domainkey\n"
			 "  wrong   k1._domainkey.shop.shop\n"
			 "  right   k1._domainkey.shop"),
	.check = "  kdig +noall +answer CNAME k1._domainkey.customer.example",
	.see_also = "U201 U204 U301",
};

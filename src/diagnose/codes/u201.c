/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U201: the zone's name stands twice in the record's name. */
#include "diagnose/places.h"

static const char *why_doubled(struct diagnosis *d, const struct record_case *r,
			       const struct place *place unused_arg)
{
	return arena_printf(
		d->a,
		lang_text(d->lang, "the DNS panel adds \".%s\" to whatever is typed in "
				   "the name box, and the whole name was typed"),
		shown_name(d, &r->zone).data);
}

static void judge_doubled(struct diagnosis *d)
{
	static const struct place_rule rule = {
		.code = "U201",
		.kinds = 1U << PLACE_DOUBLED,
		.title = LANG_MARK("the zone name was added twice"),
		.why = why_doubled,
	};
	places_judge(d, &rule);
}

const struct rule rule_u201 = {
	.code = "U201",
	.title = LANG_MARK("the zone name was added twice"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_doubled,
	.more = places_more,
	.meaning = LANG_MARK("The record exists, with the right value, but its name ends "
			     "in the zone's name twice. Receivers ask for the name with "
			     "the zone once, and find nothing."),
	.why = LANG_MARK(
		"Most DNS panels complete what is typed in the name box with the "
		"zone's name. Where the whole name is pasted into such a box, the "
		"zone stands there twice. Zone files do the same with a name that "
		"has no final dot."),
	.how = LANG_MARK(
		"The authoritative servers have no record at the name that was "
		"expected, and they have the expected value at that name with the "
		"zone appended once more."),
	.fix = LANG_MARK("Type only the part in front of the zone into the name box. For "
			 "the zone customer.example:\n"
			 "\n"
			 "  wrong   k1._domainkey.customer.example\n"
			 "  right   k1._domainkey\n"
			 "\n"
			 "The value was right; leave it as it is."),
	.check = "  kdig +noall +answer CNAME "
		 "k1._domainkey.customer.example.customer.example",
	.see_also = "U202 U301 U303",
};

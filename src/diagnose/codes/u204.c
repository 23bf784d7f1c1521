/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U204: the record stands at the domain's own name, or below www. */
#include "diagnose/places.h"

static const char *why_apex(struct diagnosis *d, const struct record_case *r,
			    const struct place *place unused_arg)
{
	return arena_printf(d->a,
			    lang_text(d->lang, "the name box was left empty or at @, or "
					       "the panel dropped what was typed; it has "
					       "to be %s"),
			    shown_relative(d, r).data);
}

static const char *why_www(struct diagnosis *d, const struct record_case *r,
			   const struct place *place unused_arg)
{
	return arena_printf(d->a,
			    lang_text(d->lang, "www is the name of the website; the "
					       "record's name has to be %s"),
			    shown_relative(d, r).data);
}

static void judge_elsewhere(struct diagnosis *d)
{
	static const struct place_rule apex = {
		.code = "U204",
		.kinds = 1U << PLACE_APEX,
		.title = LANG_MARK("the record stands at the domain's own name"),
		.why = why_apex,
	};
	static const struct place_rule www = {
		.code = "U204",
		.kinds = 1U << PLACE_WWW,
		.title = LANG_MARK("the record stands below www"),
		.why = why_www,
	};
	places_judge(d, &apex);
	places_judge(d, &www);
}

const struct rule rule_u204 = {
	.code = "U204",
	.title = LANG_MARK("the record stands at the domain's own name or below www"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_elsewhere,
	.meaning = LANG_MARK(
		"The value that is expected is there, but at the domain itself (the "
		"panel's @ or empty name) or below www, not at the name that receivers "
		"ask for."),
	.why = LANG_MARK(
		"The name box was left empty, or a page of the panel was used that is "
		"for the website only."),
	.how = LANG_MARK(
		"The name servers have no record at the name that was expected, and they "
		"have the expected value at the domain's own name or below www. SPF and "
		"DMARC texts can stand there for a reason of their own; then this is "
		"likely, not certain."),
	.fix = LANG_MARK(
		"Give the record the name that is shown. Remove the one in the wrong "
		"place, unless other mail needs it: an SPF record at the domain itself "
		"is for mail sent from there."),
	.check = "  kdig +noall +answer TXT customer.example\n"
		 "  kdig +noall +answer CNAME k1._domainkey.www.customer.example",
	.see_also = "U201 U202 U301",
};

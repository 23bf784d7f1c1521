/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U203: an underscore was lost in the record's name. */
#include "diagnose/places.h"

static const char *why_lost(struct diagnosis *d, const struct record_case *r,
			    const struct place *place unused_arg)
{
	return arena_printf(d->a,
			    lang_text(d->lang,
				      "the underscore belongs to the name: %s; "
				      "some DNS panels drop or refuse it, and it "
				      "is easily lost in copying"),
			    shown_relative(d, r).data);
}

static void judge_underscore(struct diagnosis *d)
{
	static const struct place_rule rule = {
		.code = "U203",
		.kinds = 1U << PLACE_UNDERSCORE,
		.title = LANG_MARK("the underscore is missing in the record's name"),
		.why = why_lost,
	};
	places_judge(d, &rule);
}

const struct rule rule_u203 = {
	.code = "U203",
	.title = LANG_MARK("the underscore is missing in the record's name"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_underscore,
	.meaning = LANG_MARK(
		"The record exists, with the right value, but the underscore of "
		"_domainkey or _dmarc is missing in its name, or the whole label is. "
		"Receivers ask for the name with the underscore."),
	.why = LANG_MARK(
		"The underscore was lost in copying, or the panel removed it because it "
		"takes it for an error: names of computers may not have one, names of "
		"records may (RFC 8552)."),
	.how = LANG_MARK(
		"The name servers have no record at the name that was expected, and they "
		"have the expected value at the same name without the underscore."),
	.fix = LANG_MARK(
		"Change the name so that the underscore stands in front of domainkey or "
		"dmarc. If the panel refuses it, ask its support: a DNS operator that "
		"cannot publish such names cannot be used for mail.\n"
		"\n"
		"  wrong   k1.domainkey\n"
		"  right   k1._domainkey"),
	.check = "  kdig +noall +answer CNAME k1.domainkey.customer.example",
	.see_also = "U201 U206 U301",
};

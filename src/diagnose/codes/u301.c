/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U301: nothing at all. */
#include "diagnose/missing.h"

static void judge_missing(struct diagnosis *d)
{
	static const struct missing_rule rule = {
		.row = &rule_u301,
	};
	missing_judge(d, &rule);
}

const struct rule rule_u301 = {
	.code = "U301",
	.title = LANG_MARK("the record is missing"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_missing,
	.meaning = LANG_MARK("The name servers of the domain say that there is no such "
			     "record. Names where records end up by "
			     "mistake are looked at too; the report says how many were."),
	.why = LANG_MARK(
		"It has not been published yet; it was typed into the panel of a "
		"DNS operator that the domain does not use; it was saved under "
		"another name; or the panel publishes changes only now and then."),
	.how = LANG_MARK("All authoritative servers that answered said NXDOMAIN (no such "
			 "name) or gave an empty answer (the name is there, the type is "
			 "not). Servers that could not be asked were not counted."),
	.fix = LANG_MARK(
		"Add the record in the panel of the operator whose name servers "
		"are shown. The name is given as most panels want it, without the "
		"zone; if the panel wants the whole name, give it with the zone "
		"once. Then save, and check that the panel lists the record."),
	.check = LANG_MARK("  kdig +norec +short CNAME k1._domainkey.customer.example "
			   "@<name server>"),
	.see_also = "U101 U201 U304",
};

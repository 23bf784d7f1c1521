/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U601: no SPF record, though other records are there. */
#include "diagnose/missing.h"

static bool is_spf(const struct record_case *r)
{
	return r->expected->purpose == PURPOSE_SPF;
}

static void judge_no_spf(struct diagnosis *d)
{
	static const struct missing_rule rule = {
		.row = &rule_u601,
		.fits = is_spf,
	};
	missing_judge(d, &rule);
}

const struct rule rule_u601 = {
	.code = "U601",
	.title = LANG_MARK("there is no SPF record"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_no_spf,
	.meaning = LANG_MARK(
		"No TXT record at the name begins with v=spf1. Receivers cannot tell "
		"which servers may send mail with this domain in the envelope, and SPF "
		"gives the result none."),
	.why = LANG_MARK(
		"The record was not published, or its text does not begin with v=spf1 "
		"exactly: quotes, a blank in front, or v=spf 1 make it another text."),
	.how = LANG_MARK(
		"All name servers that answered have no TXT record at the name "
		"that begins with v=spf1 and a blank. Other TXT records there do "
		"not count."),
	.fix = LANG_MARK("Add one TXT record with the value that is given. If other "
			 "services send for this name too, put their terms into the same "
			 "record."),
	.check = "  kdig +noall +answer TXT bounce.customer.example",
	.see_also = "U301 U602 U603",
};

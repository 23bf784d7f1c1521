/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U701: MAIL FROM has no MX. */
#include "diagnose/missing.h"

static bool fits(const struct record_case *r)
{
	return r->expected->purpose == PURPOSE_MAIL_FROM &&
	       r->expected->type == DNS_TYPE_MX;
}

static void judge(struct diagnosis *d)
{
	static const struct missing_rule rule = {
		.row = &rule_u701,
		.fits = fits,
	};
	missing_judge(d, &rule);
}

const struct rule rule_u701 = {
	.code = "U701",
	.title = LANG_MARK("the MX record of MAIL FROM is missing"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge,
	.meaning = LANG_MARK("MAIL FROM is the name that bounces (mail that could not be "
			     "delivered) go back to. It has no MX record, so they go "
			     "nowhere, and the platform does not use the name."),
	.why = LANG_MARK("Only the TXT record (SPF) was published; the panel keeps "
			 "MX records on a page of their own; or an A record was "
			 "added instead."),
	.how = LANG_MARK("We asked all name servers for MX at the name; those that "
			 "answered have none."),
	.fix = LANG_MARK("Add an MX record with the name and value that are given. "
			 "Panels have a box of its own for the number (priority): "
			 "put 10 there, and the host alone into the value box."),
	.check = "  kdig +noall +answer MX bounce.customer.example",
	.see_also = "U301 U702 U705",
};

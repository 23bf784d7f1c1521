/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U902: a resolver remembers an old value. */
#include "diagnose/cache.h"
#include "diagnose/rules.h"

static void judge_old(struct diagnosis *d)
{
	judge_resolvers(
		d, SAID_OTHER, "U902",
		lang_text(d->lang, "a public resolver still remembers an old value"));
}

const struct rule rule_u902 = {
	.code = "U902",
	.title = LANG_MARK("an old value is still cached"),
	.remedy = LANG_MARK("nothing to fix, only time"),
	.judge = judge_old,
	.meaning =
		LANG_MARK("The record is right at every name server. A public resolver "
			  "still has what stood there before."),
	.why = LANG_MARK("Resolvers keep a record for as long as its TTL says."),
	.how = LANG_MARK(
		"The time left is the TTL in the resolver's answer, which counts "
		"down."),
	.fix = LANG_MARK("Nothing. For the next change, lower the TTL a day before."),
	.check = LANG_MARK("  kdig CNAME k1._domainkey.customer.example @<resolver>"),
	.see_also = "U901 U302",
};

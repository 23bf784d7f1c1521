/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U901: a resolver remembers that there was nothing. */
#include "diagnose/cache.h"
#include "diagnose/rules.h"

static void judge_negative(struct diagnosis *d)
{
	judge_resolvers(d, SAID_ABSENT, "U901",
			lang_text(d->lang, "a public resolver still remembers that there "
					   "was no such record"));
}

const struct rule rule_u901 = {
	.code = "U901",
	.title = LANG_MARK("a negative answer is still cached"),
	.remedy = LANG_MARK("nothing to fix, only time"),
	.judge = judge_negative,
	.meaning = LANG_MARK("The record is published and right at every name server. A "
			     "public resolver asked for it before it was there, and "
			     "remembers that there was nothing."),
	.why = LANG_MARK(
		"Resolvers keep \"no such record\" for as long as the zone's SOA "
		"record allows (RFC 2308), often between five minutes and a day."),
	.how = LANG_MARK(
		"The time left stands in the resolver's own answer, in the TTL of "
		"the SOA record, which counts down."),
	.fix = LANG_MARK(
		"Nothing. Some resolvers have a page where a name can be purged."),
	.check = LANG_MARK("  kdig CNAME k1._domainkey.customer.example @<resolver>"),
	.see_also = "U902 U301",
};

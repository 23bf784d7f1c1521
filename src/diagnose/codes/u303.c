/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U303: the zone was appended to the target. */
#include "diagnose/rules.h"
#include "diagnose/target.h"

static bool is_appended(struct diagnosis *d, const struct target *t)
{
	struct dns_name long_name;
	if (t->r->zone.len > 1 && dns_name_join(&t->wanted, &t->r->zone, &long_name) &&
	    dns_name_equal(&long_name, &t->seen))
		return true;
	return dns_name_join(&t->wanted, &d->x->name, &long_name) &&
	       dns_name_equal(&long_name, &t->seen);
}

static const char *why_appended(struct diagnosis *d, const struct target *t)
{
	return arena_printf(
		d->a,
		lang_text(d->lang, "the DNS panel takes a value without a final dot for "
				   "a name in its own zone, and adds \".%s\" to it"),
		shown_name(d, &t->r->zone).data);
}

static void judge_appended(struct diagnosis *d)
{
	static const struct target_rule rule = {
		.code = "U303",
		.title = LANG_MARK("the zone name was appended to the target"),
		.is_it = is_appended,
		.why = why_appended,
	};
	target_judge(d, &rule);
}

const struct rule rule_u303 = {
	.code = "U303",
	.title = LANG_MARK("the zone name was appended to the target"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_appended,
	.meaning = LANG_MARK("The record stands at the right name, but what it points to "
			     "ends in the name of your own zone. The name that is meant "
			     "does not end so, and the one that is published does not "
			     "exist."),
	.why = LANG_MARK(
		"In zone files, and in the panels that are made like them, a name "
		"without a dot at its end belongs to the zone: the zone is "
		"appended. The dot was left out or not copied."),
	.how = LANG_MARK("The target that the name servers give is the expected one with "
			 "the zone behind it."),
	.fix = LANG_MARK(
		"Put a dot at the end of the value. Where the panel refuses a dot, "
		"save the value without it once more and look at what the panel "
		"shows then.\n"
		"\n"
		"  wrong   k1.keys.example.net\n"
		"  right   k1.keys.example.net."),
	.check = "  kdig +noall +answer CNAME k1._domainkey.customer.example",
	.see_also = "U201 U302",
};

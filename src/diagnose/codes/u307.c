/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U307: the target of an earlier set-up, or of another region or account. */
#include "diagnose/rules.h"
#include "diagnose/target.h"

enum {
	SLIP_MAX = 3, /* letters in which a token may differ by a slip */
};

/* TOKEN.dkim.amazonses.com, TOKEN.dkim.REGION.amazonses.com: DKIM targets of SES. */
static bool is_ses(const struct dns_name *name)
{
	struct dns_name zone = dns_name_parent(name, 1);
	struct dns_name ses;
	struct err ignored = { 0 };
	size_t labels = dns_name_labels(name);
	return dns_name_parse(STR("amazonses.com"), &ses, &ignored) &&
	       dns_name_within(name, &ses) && (labels == 4 || labels == 5) &&
	       str_equal_nocase(dns_name_first_label(&zone), STR("dkim"));
}

static bool is_same_token(const struct target *t)
{
	return str_equal_nocase(dns_name_first_label(&t->seen),
				dns_name_first_label(&t->wanted));
}

static bool is_region(struct diagnosis *d unused_arg, const struct target *t)
{
	return is_ses(&t->seen) && is_ses(&t->wanted) && is_same_token(t);
}

/* The same place for keys, and a key of its own: more than a slip of a letter. */
static bool is_former(struct diagnosis *d unused_arg, const struct target *t)
{
	struct dns_name seen_zone = dns_name_parent(&t->seen, 1);
	struct dns_name wanted_zone = dns_name_parent(&t->wanted, 1);
	if (t->r->expected->type != DNS_TYPE_CNAME || dns_name_labels(&wanted_zone) < 2)
		return false;
	if (is_ses(&t->seen) && !is_same_token(t))
		return !dns_name_equal(&seen_zone, &wanted_zone) ||
		       str_distance(dns_name_first_label(&t->seen),
				    dns_name_first_label(&t->wanted)) > SLIP_MAX;
	return dns_name_equal(&seen_zone, &wanted_zone) &&
	       str_distance(dns_name_first_label(&t->seen),
			    dns_name_first_label(&t->wanted)) > SLIP_MAX;
}

static const char *why_region(struct diagnosis *d, const struct target *t)
{
	struct dns_name zone = dns_name_parent(&t->wanted, 1);
	return arena_printf(d->a,
			    lang_text(d->lang, "the token is right; for this region of "
					       "Amazon SES the targets lie in %s"),
			    shown_name(d, &zone).data);
}

static const char *why_former(struct diagnosis *d, const struct target *t)
{
	return arena_printf(d->a,
			    lang_text(d->lang, "%s is a key of the same platform, but of "
					       "another set-up: an earlier one, another "
					       "account or another region"),
			    shown_name(d, &t->seen).data);
}

static void judge_former(struct diagnosis *d)
{
	static const struct target_rule region = {
		.code = "U307",
		.title = LANG_MARK("the target lies in the zone of another SES region"),
		.is_it = is_region,
		.why = why_region,
	};
	static const struct target_rule former = {
		.code = "U307",
		.title = LANG_MARK("the target belongs to another set-up"),
		.is_it = is_former,
		.why = why_former,
		.confidence = CONFIDENCE_LIKELY,
	};
	target_judge(d, &region);
	target_judge(d, &former);
}

const struct rule rule_u307 = {
	.code = "U307",
	.title = LANG_MARK("the target belongs to an earlier set-up, account or region"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_former,
	.meaning =
		LANG_MARK("The record points to a key of the right platform, but not to "
			  "the one that was handed out for this set-up."),
	.why = LANG_MARK(
		"The domain was set up once before, in another account or another "
		"region, or it was deleted and added again: each time the "
		"platform hands out new targets, and the old ones stayed in the "
		"DNS."),
	.how = LANG_MARK(
		"The target that was found lies where the platform keeps its keys, "
		"and has another token than the expected one. Amazon SES has the "
		"zone dkim.amazonses.com, and dkim.REGION.amazonses.com for its "
		"newer regions."),
	.fix = LANG_MARK("Set the value to the one that is given now. If the old set-up "
			 "still sends mail, keep its records: they have names of their "
			 "own."),
	.check = "  kdig +noall +answer CNAME k1._domainkey.customer.example",
	.see_also = "U302 U308",
};

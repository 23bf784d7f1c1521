/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U108: the registrar or the registry took the domain out of the DNS, or it ran out. */
#include "diagnose/rules.h"

#include "diagnose/registered.h"

static void judge_hold(struct diagnosis *d)
{
	struct dns_name organisation;
	const struct registration *r = domain_registration(d);
	if (!r || !organisation_name(d, &organisation))
		return;
	bool is_held = registration_is_held(r);
	if (!is_held && !registration_is_over(r, d->o->at_s))
		return;
	if (!domain_is_undelegated(d, &organisation) && !domain_is_dead(d))
		return;
	const char *name = shown_name(d, &organisation).data;
	struct finding *f = finding_add(
		d, "U108", SEVERITY_ERROR,
		arena_printf(d->a,
			     is_held ? lang_text(d->lang,
						 "%s was taken out of the DNS by its "
						 "registrar or registry (hold)")
				     : lang_text(d->lang,
						 "the registration of %s has expired"),
			     name));
	finding_absence(d, f);
	f->why = registration_words(d, r);
	finding_fix(d, f, "delegate",
		    is_held ? lang_text(d->lang,
					"this cannot be fixed in a DNS panel: at the "
					"registrar, have the hold removed (usually an "
					"unpaid renewal or an unconfirmed e-mail "
					"address), then see that its name servers are "
					"set")
			    : lang_text(d->lang,
					"this cannot be fixed in a DNS panel: renew the "
					"domain at the registrar, then see that its name "
					"servers are set"));
	finding_closes(d, f);
}

const struct rule rule_u108 = {
	.code = "U108",
	.title = LANG_MARK("the registration is on hold, or has expired"),
	.remedy = LANG_MARK("error, fix at the registrar"),
	.judge = judge_hold,
	.meaning = LANG_MARK("The domain is registered, but its registrar or registry "
			     "has taken it out "
			     "of the DNS. Nothing that is published for it can be seen."),
	.why = LANG_MARK(
		"A renewal was not paid; the owner did not answer the mail that confirms "
		"his e-mail address; or there is a dispute or an order of a court. "
		"\"client hold\" comes from the registrar, \"server hold\" from the "
		"registry; \"redemption period\" and \"pending delete\" are the last "
		"steps "
		"before the domain is anybody's."),
	.how = LANG_MARK(
		"The DNS has no working name servers for the domain, and the registry "
		"(RDAP) says why."),
	.fix = LANG_MARK(
		"Log in at the registrar (the company where the domain was bought), or "
		"call it. Only the registrar can lift it. Do it soon: a domain in "
		"\"redemption period\" is lost some weeks later."),
	.check = "  whois customer.example",
	.see_also = "U101 U102",
};

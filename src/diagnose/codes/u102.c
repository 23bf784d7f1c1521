/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U102: registered, but not delegated. Proved by the registry's own word (RDAP), or by
 * its name servers, who know the name and have no name servers for it. */
#include "diagnose/rules.h"

#include "diagnose/registered.h"

static void judge_undelegated(struct diagnosis *d)
{
	struct dns_name organisation;
	if (!domain_is_undelegated(d, &organisation))
		return;
	const struct registration *registration = domain_registration(d);
	const struct answer *denied = delegation_denied(d, &organisation);
	if (!registration && !denied)
		return;
	const char *name = shown_name(d, &organisation).data;
	struct finding *f = finding_add(
		d, "U102", SEVERITY_ERROR,
		arena_printf(
			d->a,
			lang_text(d->lang, "%s is registered, but has no name servers"),
			name));
	if (denied) {
		struct evidence *ev = finding_answer(d, f, denied);
		evidence_server(d, ev, shown_server(d->a, d->o, denied->view), "");
	} else {
		finding_absence(d, f);
	}
	if (registration)
		f->why = registration_words(d, registration);
	else
		f->confidence = CONFIDENCE_LIKELY;
	struct fix *fix = finding_fix(
		d, f, "delegate",
		arena_printf(d->a,
			     lang_text(d->lang,
				       "at the registrar, set the name servers of %s to "
				       "those of the DNS operator that holds its zone; "
				       "until then nothing in any DNS panel can be seen"),
			     name));
	fix->field = STR("ns");
	finding_closes(d, f);
}

static size_t more_undelegated(const struct diagnosis *d, struct question out[MORE_MAX])
{
	struct dns_name organisation;
	if (!domain_is_undelegated(d, &organisation) || d->o->walk == WALK_NXDOMAIN)
		return 0;
	out[0] = (struct question){ organisation, DNS_TYPE_NS };
	return 1;
}

const struct rule rule_u102 = {
	.code = "U102",
	.title = LANG_MARK("the domain is registered, but has no name servers"),
	.remedy = LANG_MARK("error, fix at the registrar"),
	.judge = judge_undelegated,
	.more_domain = more_undelegated,
	.meaning = LANG_MARK(
		"Somebody has registered the domain, but its registry sends nobody to "
		"its name servers: none are set. Whatever a DNS panel holds for it, "
		"nobody can see it."),
	.why = LANG_MARK(
		"The domain is new and its name servers were never set; they were "
		"removed "
		"during a move; or the registry refused them because they did not serve "
		"the zone yet."),
	.how = LANG_MARK("The registry's name servers have no name servers for the "
			 "domain. That it "
			 "is registered all the same was told by the registry itself "
			 "(RDAP), or by "
			 "its name servers, which know the name."),
	.fix = LANG_MARK(
		"Ask the DNS operator which name servers your zone has, and set these at "
		"the registrar (the company where the domain was bought). It takes from "
		"minutes to a day to be seen."),
	.check = LANG_MARK(
		"  kdig +norec NS customer.example @<a server of the zone above>\n"
		"  whois customer.example"),
	.see_also = "U101 U108 U103",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U101: the domain does not exist. */
#include "diagnose/rules.h"

#include "diagnose/registered.h"

/* The zone whose servers deny the name, and what is not known yet. */
static const char *absence_words(struct diagnosis *d, const struct dns_name *name)
{
	const struct observation *o = d->o;
	struct dns_name organisation;
	bool is_registrable = organisation_name(d, &organisation) &&
			      dns_name_equal(&organisation, name);
	if (is_registrable && o->has_registration &&
	    o->registration.outcome == REGISTRATION_NONE)
		return lang_text(d->lang, "the registry (RDAP) has no such domain: it is "
					  "not registered");
	if (o->walk != WALK_NXDOMAIN || o->delegation_count == 0)
		return "";
	const struct delegation *last = &o->delegations[o->delegation_count - 1];
	const char *zone = shown_name(d, &last->zone).data;
	if (is_registrable)
		return arena_printf(
			d->a,
			lang_text(d->lang,
				  "the name servers of %s say that there is no such "
				  "name: it is not registered, or it is, and has no "
				  "name servers (U102)"),
			zone);
	return arena_printf(
		d->a,
		lang_text(d->lang,
			  "the name servers of %s say that there is no such name"),
		zone);
}

static void judge_absent_domain(struct diagnosis *d)
{
	struct dns_name name;
	if (!domain_is_absent(d, &name))
		return;
	struct str text = shown_name(d, &name);
	struct finding *f = finding_add(
		d, "U101", SEVERITY_ERROR,
		arena_printf(d->a, lang_text(d->lang, "the domain %s does not exist"),
			     text.data));
	finding_absence(d, f);
	struct dns_name organisation;
	bool is_registered = organisation_name(d, &organisation) &&
			     dns_name_within(&name, &organisation) &&
			     !dns_name_equal(&name, &organisation);
	f->why = str_from(absence_words(d, &name));
	const char *sentence =
		is_registered
			? arena_printf(
				  d->a,
				  lang_text(d->lang,
					    "check the spelling of %s; if it is right, "
					    "publish its records in the zone above it"),
				  text.data)
			: arena_printf(
				  d->a,
				  lang_text(d->lang,
					    "check the spelling of %s; if it is right, "
					    "register it, or have the registrar bring it "
					    "back (an unpaid renewal takes a domain out "
					    "of the DNS)"),
				  text.data);
	finding_fix(d, f, "delegate", sentence);
	finding_closes(d, f);
}

const struct rule rule_u101 = {
	.code = "U101",
	.title = LANG_MARK("the domain does not exist"),
	.remedy = LANG_MARK("error, fix at the registrar"),
	.judge = judge_absent_domain,
	.meaning =
		LANG_MARK("The servers of the zone above the domain say that there is "
			  "no such name. Nothing that was published for it can be seen "
			  "by anybody, so no record was judged."),
	.why = LANG_MARK(
		"The name is misspelt; it was never registered; or its "
		"registration has ended. Some registries also take a domain out "
		"of the DNS while its owner's e-mail address is unconfirmed or a "
		"bill is unpaid."),
	.how = LANG_MARK(
		"We walked from the root downwards and asked the servers of each "
		"zone. One of them answered NXDOMAIN for the domain or for a name "
		"above it."),
	.fix = LANG_MARK(
		"Compare the name letter by letter with the one that was bought. "
		"Then ask the registrar whether the registration is in force, and "
		"set its name servers. For a subdomain, publish its records in "
		"the zone above it."),
	.check = LANG_MARK("  kdig +norec NS customer.example @<a server of the zone "
			   "above>\n"
			   "  whois customer.example"),
	.see_also = "U102 U108 U301",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U101: the domain does not exist. */
#include "diagnose/rules.h"

#include "mail/mail.h"

/* The part of the domain that somebody registers: "example.co.uk". */
static bool organisation_name(const struct diagnosis *d, struct dns_name *out)
{
	struct err ignored = { 0 };
	return dns_name_parse(mail_domain_organisational(d->x->domain), out, &ignored);
}

/* All that answered say NXDOMAIN to every question. */
static bool is_nothing_there(const struct diagnosis *d)
{
	size_t answered = 0;
	for (size_t i = 0; i < d->record_count; i++) {
		const struct tally *t = &d->records[i].tally;
		if ((t->all & SAID_ANSWERED & ~SAID_NO_NAME) != 0)
			return false;
		answered += t->answered;
	}
	return answered > 0;
}

/* The domain itself, when it is all that is asked about. */
static bool is_domain_absent(const struct diagnosis *d)
{
	bool is_absent = false;
	for (size_t i = 0; i < d->record_count; i++) {
		const struct record_case *r = &d->records[i];
		if (!dns_name_equal(&r->expected->name, &d->x->name))
			continue;
		if ((r->tally.all & SAID_ANSWERED) != SAID_NO_NAME)
			return false;
		is_absent = true;
	}
	return is_absent;
}

/* The name that does not exist, if a name at or above what is registered does not. Below
 * that, a missing name is just a record not yet published. */
static bool find_absent(const struct diagnosis *d, struct dns_name *out)
{
	const struct observation *o = d->o;
	struct dns_name organisation;
	if (!organisation_name(d, &organisation))
		return false;
	if (o->walk == WALK_NXDOMAIN &&
	    (d->searching || dns_name_within(&organisation, &o->stopped_at))) {
		*out = o->stopped_at;
		return o->stopped_at.len > 1;
	}
	bool is_above = d->has_zone && dns_name_within(&organisation, &d->zone) &&
			!dns_name_equal(&organisation, &d->zone);
	if (is_above && is_nothing_there(d)) {
		*out = organisation;
		return true;
	}
	*out = d->x->name;
	return d->searching && is_domain_absent(d);
}

static void judge_absent_domain(struct diagnosis *d)
{
	struct dns_name name;
	if (!find_absent(d, &name))
		return;
	struct str text = shown_name(d, &name);
	struct finding *f = finding_add(
		d, "U101", SEVERITY_ERROR,
		arena_printf(d->a, lang_text(d->lang, "the domain %s does not exist"),
			     text.data));
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (!d->searching)
			r->report->state = RECORD_MISSING;
		if (i == 0)
			finding_evidence(d, f, &r->tally, SAID_NO_NAME);
	}
	finding_covers_rest(d, f);
	struct dns_name organisation;
	bool is_registered = organisation_name(d, &organisation) &&
			     dns_name_within(&name, &organisation) &&
			     !dns_name_equal(&name, &organisation);
	if (d->o->walk == WALK_NXDOMAIN && d->o->delegation_count > 0) {
		const struct delegation *last =
			&d->o->delegations[d->o->delegation_count - 1];
		struct str zone = shown_name(d, &last->zone);
		f->why = str_from(arena_printf(
			d->a,
			lang_text(
				d->lang,
				"the name servers of %s say that there is no such name"),
			zone.data));
	}
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
	d->closed = true;
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
	.check = "  kdig +norec NS customer.example @<a server of the zone "
		 "above>\n"
		 "  whois customer.example",
	.see_also = "U103 U301",
};

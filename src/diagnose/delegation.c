/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U1: whether the domain exists, and whether its chain of trust holds. */
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
		arena_printf(d->a, "the domain %.*s does not exist", STR_ARG(text)));
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
			d->a, "the name servers of %.*s say that there is no such name",
			STR_ARG(zone)));
	}
	const char *sentence =
		is_registered
			? arena_printf(d->a,
				       "check the spelling of %.*s; if it is right, "
				       "publish its records in the zone above it",
				       STR_ARG(text))
			: arena_printf(
				  d->a,
				  "check the spelling of %.*s; if it is right, register "
				  "it, or have the registrar bring it back (an unpaid "
				  "renewal takes a domain out of the DNS)",
				  STR_ARG(text));
	finding_fix(d, f, "delegate", sentence);
	d->closed = true;
}

static void judge_bogus(struct diagnosis *d)
{
	struct finding *f = NULL;
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (!r->bogus)
			continue;
		if (!f)
			f = finding_add(d, "U106", SEVERITY_ERROR,
					"the DNSSEC signatures do not hold (bogus)");
		finding_evidence(d, f, &r->tally, SAID_ANSWERED | SAID_ERROR);
		/* What else is wrong with it is still to be said. */
		bool is_explained = r->explained;
		finding_covers(d, f, r);
		r->explained = is_explained;
		if (r->report->state == RECORD_OK || r->report->state == RECORD_FOUND) {
			r->report->state = RECORD_UNKNOWN;
			r->explained = true;
		}
	}
	if (!f)
		return;
	f->confidence = CONFIDENCE_LIKELY;
	for (size_t i = 0; i < d->o->validation_count; i++) {
		const struct validation *v = &d->o->validations[i];
		if (v->security != SECURITY_BOGUS || v->why.len == 0)
			continue;
		auto_buf struct buf b;
		buf_init(&b, 4096);
		buf_text(&b, "the validator says: ");
		escape_visible(&b, v->why, 400);
		f->why = arena_str(d->a, buf_view(&b));
		break;
	}
	finding_fix(d, f, "retry",
		    "have the DNS operator sign the zone again, or make the DS record at "
		    "the registrar fit the zone's keys; where DNSSEC is not wanted, "
		    "remove the DS record at the registrar");
}

/* The zone is signed, a validator was asked, and it could not tell: then who stands in
 * its way could be who answers. */
static void judge_unvalidated(struct diagnosis *d)
{
	struct finding *f = NULL;
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (!r->unvalidated || r->bogus ||
		    (r->report->state != RECORD_OK && r->report->state != RECORD_FOUND))
			continue;
		if (!f)
			f = finding_add(d, "U106", SEVERITY_UNSURE,
					"the DNSSEC signatures could not be checked");
		finding_covers(d, f, r);
		r->report->state = RECORD_UNKNOWN;
	}
	if (!f)
		return;
	f->why = STR("the zone is signed, and our validator got no answer that it could "
		     "check in time");
	finding_fix(d, f, "retry",
		    "check again; if it stays so, see that this machine "
		    "reaches the name servers over UDP and TCP");
}

static void judge_security(struct diagnosis *d)
{
	judge_bogus(d);
	judge_unvalidated(d);
}

static const struct rule rules[] = {
	{
		.code = "U101",
		.title = "the domain does not exist",
		.remedy = "error, fix at the registrar",
		.judge = judge_absent_domain,
		.meaning = "The servers of the zone above the domain say that there is "
			   "no such name. Nothing that was published for it can be seen "
			   "by anybody, so no record was judged.",
		.why = "The name is misspelt; it was never registered; or its "
		       "registration has ended. Some registries also take a domain out "
		       "of the DNS while its owner's e-mail address is unconfirmed or a "
		       "bill is unpaid.",
		.how = "We walked from the root downwards and asked the servers of each "
		       "zone. One of them answered NXDOMAIN for the domain or for a name "
		       "above it.",
		.fix = "Compare the name letter by letter with the one that was bought. "
		       "Then ask the registrar whether the registration is in force, and "
		       "set its name servers. For a subdomain, publish its records in "
		       "the zone above it.",
		.check = "  kdig +norec NS customer.example @<a server of the zone "
			 "above>\n"
			 "  whois customer.example",
		.see_also = "U103 lame name server, U301 record missing",
	},
	{
		.code = "U106",
		.title = "the DNSSEC signatures do not hold (bogus)",
		.remedy = "error, fix at the DNS operator or the registrar",
		.judge = judge_security,
		.meaning = "The zone says that it is signed, and the signatures are "
			   "wrong, missing or too old. Resolvers that validate answer "
			   "SERVFAIL instead of the record, so a good part of all "
			   "receivers cannot see it.",
		.why = "The zone moved to another operator while the old DS record "
		       "stayed at the registrar; signatures ran out because signing "
		       "stopped; or one server still has an old copy of the zone.",
		.how = "The authoritative servers gave an answer, and our own validator, "
		       "starting from the root's key, refused it.",
		.fix = "If the domain changed its DNS operator lately, replace the DS "
		       "record at the registrar by the new operator's, or remove it. "
		       "Otherwise have the operator sign the zone again. A wrong clock "
		       "on this machine can give the same picture.",
		.check = "  delv CNAME k1._domainkey.customer.example\n"
			 "  kdig DS customer.example",
		.see_also = "U905 servers answer with errors only",
	},
};

const struct rule *delegation_rules(size_t *count_out)
{
	*count_out = ARRAY_LEN(rules);
	return rules;
}

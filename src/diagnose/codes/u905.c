/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U905: servers answer with errors only, or to one question. */
#include "diagnose/rules.h"
#include "diagnose/servers.h"

static void judge_failing(struct diagnosis *d)
{
	if (d->o->walk == WALK_SERVFAIL && is_stopped_at_root(d)) {
		report_stopped_at_root(d, "U905", STANDING_FAILING);
		return;
	}
	size_t failing = servers_count(d, STANDING_FAILING);
	bool from_walk =
		d->o->walk == WALK_SERVFAIL && servers_count(d, STANDING_LAME) == 0;
	bool none_else =
		servers_count(d, STANDING_GOOD) + servers_count(d, STANDING_LAME) == 0;
	if (!from_walk && (failing == 0 || !none_else))
		return;
	struct str zone = d->o->walk == WALK_SERVFAIL && d->o->stopped_at.len > 0
				  ? shown_name(d, &d->o->stopped_at)
				  : zone_text(d);
	const char *title =
		d->forward
			? lang_text(
				  d->lang,
				  "the resolver that was asked answers with errors only")
			: arena_printf(d->a,
				       lang_text(d->lang, "the name servers of %s answer "
							  "with errors only"),
				       zone.data);
	struct finding *f = finding_add(d, "U905", SEVERITY_UNSURE, title);
	finding_sample(d, f, STANDING_FAILING);
	records_set_unknown(d);
	finding_covers_rest(d, f);
	const char *sentence =
		d->forward
			? lang_text(d->lang, "ask without dns.forward where possible: a "
					     "resolver that validates answers SERVFAIL "
					     "when the domain's DNSSEC is broken")
			: lang_text(d->lang, "tell the operator of the name servers: "
					     "SERVFAIL everywhere means that the zone "
					     "cannot be loaded, or has expired");
	finding_fix(d, f, "retry", sentence);
	d->closed = true;
}

static void judge_errors(struct diagnosis *d)
{
	struct finding *f = NULL;
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (!record_is_open(d, r) || !(r->tally.all & SAID_ERROR))
			continue;
		if (!f)
			f = finding_add(d, "U905", SEVERITY_UNSURE,
					lang_text(d->lang, "the name servers answer with "
							   "an error to this question"));
		finding_evidence(d, f, &r->tally, SAID_ERROR);
		finding_covers(d, f, r);
	}
	if (f)
		finding_fix(
			d, f, "retry",
			lang_text(d->lang,
				  "ask again in some minutes; if it stays, tell the "
				  "operator of the name servers which question fails"));
}

const struct rule rule_u905 = {
	.code = "U905",
	.title = LANG_MARK("the servers answer with errors only (SERVFAIL)"),
	.remedy = LANG_MARK("could not tell, ask again"),
	.judge = judge_failing,
	.judge_rest = judge_errors,
	.meaning =
		LANG_MARK("The servers answer, but only to say that they failed. A "
			  "failure is not an absence: what the zone holds is not known."),
	.why = LANG_MARK(
		"The operator's servers could not load or refresh the zone (a "
		"syntax error, an expired copy), their database is down, or, "
		"where a resolver was asked, the domain's DNSSEC signatures do "
		"not hold. Where the report says that this machine cannot ask the "
		"DNS directly, not even the root servers gave a usable answer: a "
		"firewall or a middlebox of this network answers in their place."),
	.how = LANG_MARK("Every answer had the response code SERVFAIL (RFC 1035 section "
			 "4.1.1) or another error."),
	.fix = LANG_MARK(
		"Ask again in a few minutes. If it stays, tell the operator of "
		"the name servers; they see the reason in their logs. If this "
		"machine cannot ask the DNS directly, give a resolver that may be "
		"asked (--dns.forward IP), or let UDP and TCP port 53 out."),
	.check = LANG_MARK("  kdig +norec SOA customer.example @<name server>"),
	.see_also = "U103 U106 U904",
};

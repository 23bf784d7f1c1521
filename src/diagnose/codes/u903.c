/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U903: right at the authorities, and a public resolver cannot tell. It never decides. */
#include "diagnose/rules.h"

static bool is_failure(const struct diagnosis *d, const struct record_case *r,
		       const struct answer *answer)
{
	return d->o->views[answer->view].kind == VIEW_RESOLVER &&
	       answer->question.type == r->expected->type &&
	       dns_name_equal(&answer->question.name, &r->expected->name) &&
	       answer->outcome == ASK_ANSWERED && answer->rcode != DNS_RCODE_NOERROR &&
	       answer->rcode != DNS_RCODE_NXDOMAIN;
}

static void judge_disagreeing(struct diagnosis *d)
{
	struct finding *f = NULL;
	for (size_t i = 0; i < d->record_count; i++) {
		const struct record_case *r = &d->records[i];
		if (r->report->state != RECORD_OK && r->report->state != RECORD_WAITING)
			continue;
		for (size_t j = 0; j < d->o->answer_count; j++) {
			const struct answer *answer = &d->o->answers[j];
			if (!is_failure(d, r, answer))
				continue;
			if (!f)
				f = finding_add(
					d, "U903", SEVERITY_NOTE,
					lang_text(d->lang,
						  "a public resolver answers with an "
						  "error, though the name servers have "
						  "the record"));
			evidence_server(d, finding_answer(d, f, answer),
					shown_server(d->a, d->o, answer->view), "");
		}
	}
	if (f)
		finding_fix(d, f, "retry",
			    lang_text(d->lang,
				      "look again in some minutes; if it stays, see "
				      "whether the domain's DNSSEC holds and whether all "
				      "its name servers can be reached from outside"));
}

const struct rule rule_u903 = {
	.code = "U903",
	.title = LANG_MARK("public resolvers disagree"),
	.remedy = LANG_MARK("a note; look again"),
	.judge_rest = judge_disagreeing,
	.meaning = LANG_MARK("The domain's name servers have the record as it should be, "
			     "and one of the "
			     "public resolvers answers with an error instead. Receivers "
			     "that use it may "
			     "not see the record."),
	.why = LANG_MARK(
		"It remembers a failure of some seconds ago; it cannot reach one of the "
		"name servers; or its validation of DNSSEC fails where ours does not."),
	.how = LANG_MARK(
		"The public resolvers of dns.resolvers were asked after the name servers "
		"had given the right record. Public resolvers never decide."),
	.fix = LANG_MARK("Usually nothing: failures are remembered for half a minute. If "
			 "it lasts, tell the DNS operator."),
	.check = LANG_MARK("  kdig CNAME k1._domainkey.customer.example @<resolver>"),
	.see_also = "U901 U902 U106",
};

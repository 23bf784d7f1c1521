/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U908: the resolver that was asked answers for names that cannot exist. */
#include "diagnose/rules.h"

/* RFC 6761 section 6.4: nothing under .invalid exists, and every resolver knows. */
static const char nowhere[] = "unpend-does-this-name-exist.invalid";

static bool nowhere_name(struct dns_name *out)
{
	struct err ignored = { 0 };
	return dns_name_parse(STR("unpend-does-this-name-exist.invalid"), out, &ignored);
}

/* An answer with an address for the name; NULL: none. */
static const struct answer *made_up(const struct diagnosis *d)
{
	struct dns_name name;
	if (!nowhere_name(&name))
		return NULL;
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		if (answer->outcome == ASK_ANSWERED &&
		    answer->rcode == DNS_RCODE_NOERROR && answer->records.count > 0 &&
		    d->o->views[answer->view].kind == VIEW_FORWARD &&
		    dns_name_equal(&answer->question.name, &name))
			return answer;
	}
	return NULL;
}

static void judge_rewritten(struct diagnosis *d)
{
	const struct answer *answer = made_up(d);
	if (!answer)
		return;
	struct finding *f =
		finding_add(d, "U908", SEVERITY_UNSURE,
			    lang_text(d->lang, "the resolver that was asked makes up "
					       "answers"));
	f->confidence = CONFIDENCE_CERTAIN;
	evidence_server(d, finding_answer(d, f, answer),
			shown_server(d->a, d->o, answer->view), "");
	f->why = str_from(arena_printf(
		d->a,
		lang_text(d->lang, "%s cannot exist, and it gave an address for it; what "
				   "it says of missing names is not to be believed"),
		nowhere));
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (r->report->state == RECORD_OK)
			continue;
		r->report->state = RECORD_UNKNOWN;
		if (!d->searching)
			finding_covers(d, f, r);
		r->explained = true;
	}
	finding_fix(d, f, "retry",
		    lang_text(d->lang,
			      "ask without dns.forward where possible, or give another "
			      "resolver; many providers of internet access let one "
			      "switch such \"help\" off"));
}

static size_t more_rewritten(const struct diagnosis *d, struct question out[MORE_MAX])
{
	bool is_needed = false;
	for (size_t i = 0; i < d->record_count; i++)
		is_needed |= d->records[i].report->state != RECORD_OK;
	if (!d->forward || !is_needed || !nowhere_name(&out[0].name))
		return 0;
	out[0].type = DNS_TYPE_A;
	return 1;
}

const struct rule rule_u908 = {
	.code = "U908",
	.title = LANG_MARK("the resolver that was asked makes up answers"),
	.remedy = LANG_MARK("could not tell, ask another resolver"),
	.judge = judge_rewritten,
	.more_domain = more_rewritten,
	.meaning = LANG_MARK(
		"The resolver of this network gives an address for names that do not "
		"exist, so that people with a typing error see its search page. What it "
		"says of a record that is missing tells nothing."),
	.why = LANG_MARK(
		"Some providers of internet access, hotels and company networks do this. "
		"Not the domain is at fault."),
	.how = LANG_MARK("We asked it for a name under .invalid, which cannot exist (RFC "
			 "6761), and "
			 "it gave an address. This is asked only where its word decides "
			 "(dns.forward)."),
	.fix = LANG_MARK("Leave dns.forward empty, so that the domain's own name servers "
			 "are asked; "
			 "or name a resolver that does not do this."),
	.check = LANG_MARK("  kdig A unpend-does-this-name-exist.invalid @<resolver>"),
	.see_also = "U904 U903",
};

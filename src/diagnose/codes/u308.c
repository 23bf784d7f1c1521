/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U308: the expected target has no key behind it. */
#include "diagnose/chain.h"
#include "diagnose/rules.h"

static bool has_no_key(const struct diagnosis *d, const struct record_case *r,
		       struct chain *chain_out)
{
	if (r->report->state != RECORD_OK || r->explained ||
	    r->expected->purpose != PURPOSE_DKIM || r->expected->type != DNS_TYPE_CNAME)
		return false;
	chain_follow(d, &r->expected->name, DNS_TYPE_TXT, chain_out);
	return chain_out->links > 0 &&
	       (chain_out->end == CHAIN_NO_NAME || chain_out->end == CHAIN_NO_TYPE);
}

static void explain_gone(struct diagnosis *d, struct finding *f,
			 const struct chain *chain)
{
	/* One server of the platform may lag behind the others. */
	if (!chain_answer(d, chain, DNS_TYPE_TXT, chain->answer))
		f->confidence = CONFIDENCE_LIKELY;
	struct evidence *ev = finding_answer(d, f, chain->answer);
	evidence_server(d, ev, shown_server(d->a, d->o, chain->answer->view), "");
	if (f->why.len == 0)
		f->why = str_from(arena_printf(
			d->a,
			lang_text(d->lang, "your record is right: it leads to %s, as "
					   "asked for; the key that belongs there is the "
					   "platform's to publish"),
			shown_name(d, &chain->names[chain->links]).data));
}

static void judge_gone(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		struct chain chain;
		if (d->searching || !has_no_key(d, r, &chain))
			continue;
		struct finding *f = finding_for(
			d, slots, r, "U308",
			chain.end == CHAIN_NO_NAME
				? lang_text(d->lang, "the target does not exist")
				: lang_text(d->lang, "there is no key at the target"));
		explain_gone(d, f, &chain);
	}
	for (size_t i = 0; i < ARRAY_LEN(slots); i++) {
		if (slots[i])
			finding_fix(
				d, slots[i], "retry",
				lang_text(d->lang,
					  "compare the target with the platform's page "
					  "once more; if it is the same, tell the "
					  "platform that it has no key there"));
	}
}

const struct rule rule_u308 = {
	.code = "U308",
	.title = LANG_MARK("the target does not exist, or has no key"),
	.remedy = LANG_MARK("error, fix at the platform"),
	.judge = judge_gone,
	.meaning = LANG_MARK(
		"The record is as it was asked for, but the name that it points "
		"to does not exist, or holds no key. Receivers follow it and "
		"find nothing, so no signature can be checked."),
	.why = LANG_MARK(
		"The platform has not published the key yet, or has removed it, for "
		"instance because the set-up was deleted there; or the list of "
		"records that was checked is an old one."),
	.how = LANG_MARK(
		"We followed the alias to the name servers of the target's zone and "
		"asked them for the key (TXT). They said that there is none."),
	.fix = LANG_MARK("Nothing is wrong in your zone. Compare the target with the "
			 "platform's page as it is now, and ask the platform if they "
			 "agree."),
	.check = "  kdig +noall +answer TXT k1._domainkey.customer.example",
	.see_also = "U302 U307",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U306: the alias leads in a circle, or over too many others. */
#include "diagnose/chain.h"
#include "diagnose/rules.h"

/* What is looked for at the end of the aliases. */
static uint16_t end_type(const struct record_case *r)
{
	return r->expected->type == DNS_TYPE_CNAME ? DNS_TYPE_TXT : r->expected->type;
}

/* One answer may hold only some of the links: on from the last one. */
static size_t ask_on(const struct diagnosis *d, const struct record_case *r,
		     struct question out[MORE_MAX])
{
	struct chain chain;
	const struct dns_name *name = &r->expected->name;
	if (d->searching || d->forward || r->tally.answered == 0 ||
	    !observation_asked(d->o, name, end_type(r)))
		return 0;
	chain_follow(d, name, end_type(r), &chain);
	if (chain.end != CHAIN_OPEN || chain.links == 0)
		return 0;
	out[0] = (struct question){ chain.names[chain.links], end_type(r) };
	return 1;
}

static bool is_endless(const struct diagnosis *d, const struct record_case *r,
		       struct chain *out)
{
	if (r->explained || d->searching || r->tally.answered == 0)
		return false;
	chain_follow(d, &r->expected->name, end_type(r), out);
	return out->end == CHAIN_LOOP || out->end == CHAIN_LONG;
}

static void explain_endless(struct diagnosis *d, struct finding *f, struct record_case *r,
			    const struct chain *chain)
{
	struct str value = shown_expected(d->a, r->expected);
	finding_evidence(d, f, &r->tally, SAID_ANSWERED);
	if (f->why.len == 0)
		f->why = chain_text(d, chain);
	if (r->report->state == RECORD_OK || r->report->state == RECORD_MISSING)
		r->report->state = RECORD_WRONG;
	struct fix *fix = finding_fix(
		d, f, "set_value",
		value.len > 0
			? arena_printf(d->a,
				       lang_text(d->lang, "have %s lead straight to %s"),
				       shown_relative(d, r).data, value.data)
			: arena_printf(d->a,
				       lang_text(d->lang,
						 "replace the alias at %s by the "
						 "record itself"),
				       shown_relative(d, r).data));
	fix->field = STR("value");
	fix->name = shown_relative(d, r);
	fix->value = value;
	fix->to = value;
	fix->exact = r->expected->type == DNS_TYPE_CNAME;
}

static void judge_endless(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		struct chain chain;
		if (!is_endless(d, r, &chain))
			continue;
		struct finding *f = finding_for(
			d, slots, r, "U306",
			chain.end == CHAIN_LOOP
				? lang_text(d->lang, "the alias leads in a circle")
				: lang_text(d->lang,
					    "the alias leads over too many others"));
		explain_endless(d, f, r, &chain);
	}
}

const struct rule rule_u306 = {
	.code = "U306",
	.title = LANG_MARK("the chain of aliases is too long, or a circle"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_endless,
	.more = ask_on,
	.meaning =
		LANG_MARK("The record is an alias to a name that is an alias too, and so "
			  "on: in a circle, or over more names than receivers "
			  "follow."),
	.why = LANG_MARK("A name was pointed to itself or to one that points back; or "
			 "several services were put in front of each other over the "
			 "years."),
	.how = LANG_MARK(
		"We followed the aliases from name to name. More than eight, or one "
		"that was there before, is the end: resolvers give up too."),
	.fix = LANG_MARK("Have the name point straight to the target that is given."),
	.check = "  kdig +noall +answer TXT k1._domainkey.customer.example",
	.see_also = "U302 U305",
};

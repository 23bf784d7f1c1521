/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U901, U902: the authorities are right, and a public resolver remembers otherwise. */
#include "diagnose/rules.h"

/* What a resolver remembers of r: bits, and until when. */
static unsigned remembered(struct diagnosis *d, const struct record_case *r,
			   const struct answer *answer, int64_t *until_out)
{
	unsigned said = answer_said(d, r->expected, &r->expected->name, answer);
	uint32_t ttl = 0;
	if ((said & SAID_ABSENT) && answer->has_soa)
		ttl = answer->soa_ttl_s; /* RFC 2308 section 5: a cache counts it down */
	for (size_t i = 0; (said & SAID_OTHER) && i < answer->records.count; i++) {
		if (answer->records.records[i].ttl_s > ttl)
			ttl = answer->records.records[i].ttl_s;
	}
	*until_out = ttl > 0 ? d->o->at_s + ttl : 0;
	return said;
}

static void note_resolver(struct diagnosis *d, struct finding *f, struct record_case *r,
			  const struct answer *answer, int64_t until)
{
	struct evidence *ev = finding_answer(d, f, answer);
	evidence_server(d, ev, shown_server(d->a, d->o, answer->view), "");
	if (until > f->until_s)
		f->until_s = until;
	if (!finding_has(f, r))
		finding_covers(d, f, r);
}

static void judge_resolvers(struct diagnosis *d, unsigned bits, const char *code,
			    const char *title)
{
	struct finding *f = NULL;
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (r->report->state != RECORD_OK)
			continue;
		for (size_t j = 0; j < d->o->answer_count; j++) {
			const struct answer *answer = &d->o->answers[j];
			int64_t until;
			if (d->o->views[answer->view].kind != VIEW_RESOLVER ||
			    answer->question.type != r->expected->type ||
			    !dns_name_equal(&answer->question.name, &r->expected->name) ||
			    !(remembered(d, r, answer, &until) & bits))
				continue;
			if (!f)
				f = finding_add(d, code, SEVERITY_WAIT, title);
			note_resolver(d, f, r, answer, until);
		}
	}
}

static void judge_negative(struct diagnosis *d)
{
	judge_resolvers(
		d, SAID_ABSENT, "U901",
		"a public resolver still remembers that there was no such record");
}

static void judge_old(struct diagnosis *d)
{
	judge_resolvers(d, SAID_OTHER, "U902",
			"a public resolver still remembers an old value");
}

static const struct rule rules[] = {
	{
		.code = "U901",
		.title = "a negative answer is still cached",
		.remedy = "nothing to fix, only time",
		.judge = judge_negative,
		.meaning = "The record is published and right at every name server. A "
			   "public resolver asked for it before it was there, and "
			   "remembers that there was nothing.",
		.why = "Resolvers keep \"no such record\" for as long as the zone's SOA "
		       "record allows (RFC 2308), often between five minutes and a day.",
		.how = "The time left stands in the resolver's own answer, in the TTL of "
		       "the SOA record, which counts down.",
		.fix = "Nothing. Some resolvers have a page where a name can be purged.",
		.check = "  kdig CNAME k1._domainkey.customer.example @<resolver>",
		.see_also = "U902 old value cached, U301 record missing",
	},
	{
		.code = "U902",
		.title = "an old value is still cached",
		.remedy = "nothing to fix, only time",
		.judge = judge_old,
		.meaning = "The record is right at every name server. A public resolver "
			   "still has what stood there before.",
		.why = "Resolvers keep a record for as long as its TTL says.",
		.how = "The time left is the TTL in the resolver's answer, which counts "
		       "down.",
		.fix = "Nothing. For the next change, lower the TTL a day before.",
		.check = "  kdig CNAME k1._domainkey.customer.example @<resolver>",
		.see_also = "U901 negative answer cached, U302 different value",
	},
};

const struct rule *cache_rules(size_t *count_out)
{
	*count_out = ARRAY_LEN(rules);
	return rules;
}

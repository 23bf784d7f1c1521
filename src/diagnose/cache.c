/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the public resolvers remember, where the authorities are right. */
#include "diagnose/cache.h"

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
	ev->until_s = until;
	if (until > f->until_s)
		f->until_s = until;
	if (!finding_has(f, r))
		finding_covers(d, f, r);
}

void judge_resolvers(struct diagnosis *d, unsigned bits, const char *code,
		     const char *title)
{
	struct finding *f = NULL;
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		/* A record above holds (U801): its own absence is right. */
		if (r->report->state != RECORD_OK || r->tally.right == 0)
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U905, U906 (and U302 where an alias hides it) for single records and single servers:
 * what could not be asked. */
#include "diagnose/rules.h"

/* A record that no finding has explained and that could not be judged. */
static bool is_open(const struct diagnosis *d, const struct record_case *r)
{
	return !r->explained && r->report->state == RECORD_UNKNOWN &&
	       (r->expected->required || d->searching);
}

static void judge_errors(struct diagnosis *d)
{
	struct finding *f = NULL;
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (!is_open(d, r) || !(r->tally.all & SAID_ERROR))
			continue;
		if (!f)
			f = finding_add(
				d, "U905", SEVERITY_UNSURE,
				"the name servers answer with an error to this question");
		finding_evidence(d, f, &r->tally, SAID_ERROR);
		finding_covers(d, f, r);
	}
	if (f)
		finding_fix(d, f, "retry",
			    "ask again in some minutes; if it stays, tell the operator "
			    "of the name servers which question fails");
}

/* An alias stands where another record is expected; its target lies elsewhere and was not
 * asked. Receivers follow it, so nothing can be said against it. */
static void judge_aliases(struct diagnosis *d)
{
	struct finding *f = NULL;
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (!is_open(d, r) || !(r->tally.all & SAID_ALIAS))
			continue;
		if (!f)
			f = finding_add(d, "U302", SEVERITY_UNSURE,
					"an alias stands in its place; where it leads "
					"was not seen");
		finding_evidence(d, f, &r->tally, SAID_ALIAS);
		finding_covers(d, f, r);
	}
	if (f) {
		f->confidence = CONFIDENCE_POSSIBLE;
		finding_fix(d, f, "retry",
			    "look up the record with a resolver, or publish it directly "
			    "instead of by an alias");
	}
}

static void judge_unheard(struct diagnosis *d)
{
	struct finding *f = NULL;
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (!is_open(d, r))
			continue;
		if (!f)
			f = finding_add(d, "U906", SEVERITY_UNSURE,
					"too few name servers answer to be sure");
		if (!finding_evidence(d, f, &r->tally, SAID_SILENT))
			finding_evidence(d, f, &r->tally, SAID_REFERRAL | SAID_ANSWERED);
		finding_covers(d, f, r);
	}
	if (f)
		finding_fix(d, f, "retry",
			    "ask again in some minutes; if it stays, tell the operator "
			    "of the name servers");
}

static bool is_dead(const struct server *s)
{
	return s->standing == STANDING_SILENT && s->was_asked;
}

/* A server that gave nothing while the others did their work. */
static void note_dead_servers(struct diagnosis *d)
{
	struct finding *f = NULL;
	struct evidence *ev = NULL;
	for (size_t i = 0; i < d->o->answer_count && !f; i++) {
		const struct answer *answer = &d->o->answers[i];
		size_t server = d->server_of[answer->view];
		if (server == SIZE_MAX || !is_dead(&d->servers[server]) ||
		    answer->outcome == ASK_LIMIT)
			continue;
		f = finding_add(d, "U906", SEVERITY_NOTE,
				"a name server does not answer");
		ev = finding_answer(d, f, answer);
	}
	if (!f)
		return;
	for (size_t i = 0; i < d->server_count; i++) {
		if (is_dead(&d->servers[i]))
			evidence_server(d, ev, d->servers[i].text, "");
	}
	if (ev->servers > 1)
		f->title = str_from(arena_printf(d->a, "%zu name servers do not answer",
						 ev->servers));
	f->why = STR("the others do, so mail is not held up; lookups are slower");
	finding_fix(d, f, "retry", "tell the DNS operator, if it lasts");
}

static void judge_transport(struct diagnosis *d)
{
	judge_errors(d);
	judge_aliases(d);
	judge_unheard(d);
	note_dead_servers(d);
}

static const struct rule rules[] = {
	{
		.code = "U906",
		.title = "a name server does not answer",
		.remedy = "a note where others answer, else could not tell",
		.judge = judge_transport,
		.meaning = "At least one of the domain's name servers gave no answer in "
			   "time. Where the others agree, the record counts as right all "
			   "the same.",
		.why = "The server is down, its address is out of date, a firewall drops "
		       "the queries, or there is trouble on the way to it.",
		.how = "Each address was asked several times, over UDP and where needed "
		       "over TCP, and nothing that could be believed came back. Silence "
		       "is never taken for \"no such record\".",
		.fix = "If it lasts, tell the DNS operator, or remove the server from "
		       "the list at the registrar.",
		.check = "  kdig +norec SOA customer.example @<the server named>",
		.see_also = "U103 lame name server, U904 no server answers",
	},
};

const struct rule *transport_rules(size_t *count_out)
{
	*count_out = ARRAY_LEN(rules);
	return rules;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U906: a server does not answer. */
#include "diagnose/rules.h"

static void judge_unheard(struct diagnosis *d)
{
	struct finding *f = NULL;
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (!record_is_open(d, r))
			continue;
		if (!f)
			f = finding_add(
				d, "U906", SEVERITY_UNSURE,
				lang_text(d->lang,
					  "too few name servers answer to be sure"));
		if (!finding_evidence(d, f, &r->tally, SAID_SILENT))
			finding_evidence(d, f, &r->tally, SAID_REFERRAL | SAID_ANSWERED);
		finding_covers(d, f, r);
	}
	if (f)
		finding_fix(d, f, "retry",
			    lang_text(d->lang, "ask again in some minutes; if it stays, "
					       "tell the operator of the name servers"));
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
				lang_text(d->lang, "a name server does not answer"));
		ev = finding_answer(d, f, answer);
	}
	if (!f)
		return;
	for (size_t i = 0; i < d->server_count; i++) {
		if (is_dead(&d->servers[i]))
			evidence_server(d, ev, d->servers[i].text, "");
	}
	if (ev->servers > 1)
		f->title = str_from(arena_printf(
			d->a, lang_text(d->lang, "%zu name servers do not answer"),
			ev->servers));
	f->why = str_from(lang_text(
		d->lang, "the others do, so mail is not held up; lookups are slower"));
	finding_fix(d, f, "retry",
		    lang_text(d->lang, "tell the DNS operator, if it lasts"));
}

static void judge_transport(struct diagnosis *d)
{
	judge_unheard(d);
	note_dead_servers(d);
}

const struct rule rule_u906 = {
	.code = "U906",
	.title = LANG_MARK("a name server does not answer"),
	.remedy = LANG_MARK("a note where others answer, else could not tell"),
	.judge_rest = judge_transport,
	.meaning =
		LANG_MARK("At least one of the domain's name servers gave no answer in "
			  "time. Where the others agree, the record counts as right all "
			  "the same."),
	.why = LANG_MARK(
		"The server is down, its address is out of date, a firewall drops "
		"the queries, or there is trouble on the way to it."),
	.how = LANG_MARK(
		"Each address was asked several times, over UDP and where needed "
		"over TCP, and nothing that could be believed came back. Silence "
		"is never taken for \"no such record\"."),
	.fix = LANG_MARK("If it lasts, tell the DNS operator, or remove the server from "
			 "the list at the registrar."),
	.check = LANG_MARK("  kdig +norec SOA customer.example @<the server named>"),
	.see_also = "U103 U904",
};

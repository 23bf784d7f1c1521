/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U907: the answer is too long for UDP, and the server does not talk TCP. */
#include "diagnose/rules.h"

static bool is_about(const struct answer *answer, const struct record_case *r)
{
	return answer->question.type == r->expected->type &&
	       dns_name_equal(&answer->question.name, &r->expected->name);
}

/* The first answer that TCP would have been needed for; NULL: none. */
static const struct answer *without_tcp(const struct diagnosis *d,
					const struct record_case *r)
{
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		if (answer->outcome == ASK_NO_TCP && is_about(answer, r) &&
		    d->server_of[answer->view] != SIZE_MAX)
			return answer;
	}
	return NULL;
}

/* Somebody gave an answer over TCP: then this network lets TCP out. */
static bool has_tcp(const struct diagnosis *d)
{
	for (size_t i = 0; i < d->o->answer_count; i++) {
		if (d->o->answers[i].outcome == ASK_ANSWERED && d->o->answers[i].over_tcp)
			return true;
	}
	return false;
}

/* Where other servers gave the answer, it is a note. */
static enum severity severity_of(const struct diagnosis *d, const struct record_case *r)
{
	if (r->report->state != RECORD_UNKNOWN)
		return SEVERITY_NOTE;
	return has_tcp(d) && (r->expected->required || d->searching) ? SEVERITY_ERROR
								     : SEVERITY_UNSURE;
}

static void add_servers(struct diagnosis *d, struct evidence *ev,
			const struct record_case *r)
{
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		size_t server = d->server_of[answer->view];
		if (answer->outcome == ASK_NO_TCP && is_about(answer, r) &&
		    server != SIZE_MAX)
			evidence_server(d, ev, d->servers[server].text, "");
	}
}

static void explain_no_tcp(struct diagnosis *d, struct finding *f)
{
	if (f->severity == SEVERITY_ERROR)
		f->why = str_from(lang_text(
			d->lang, "other servers answer over TCP from here, so this "
				 "network is not in the way; a part of all receivers "
				 "cannot read the record either"));
	else if (f->severity == SEVERITY_UNSURE)
		f->why = str_from(lang_text(
			d->lang, "this network may not let TCP port 53 out, so it is not "
				 "known whether others can read the record"));
	finding_fix(d, f, f->severity == SEVERITY_UNSURE ? "retry" : "delegate",
		    lang_text(d->lang, "tell the operator of the name servers that they "
				       "must answer over TCP (RFC 7766), or make the "
				       "record shorter"));
}

static void judge_no_tcp(struct diagnosis *d)
{
	struct finding *by_severity[SEVERITY_NOTE + 1] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		const struct answer *answer = without_tcp(d, r);
		if (!answer || r->explained)
			continue;
		enum severity severity = severity_of(d, r);
		struct finding **f = &by_severity[severity];
		if (!*f)
			*f = finding_add(d, "U907", severity,
					 lang_text(d->lang,
						   "the answer is too long for UDP, and "
						   "the name server refuses TCP"));
		add_servers(d, finding_answer(d, *f, answer), r);
		if (severity != SEVERITY_NOTE)
			finding_covers(d, *f, r);
	}
	for (size_t i = 0; i < ARRAY_LEN(by_severity); i++) {
		if (by_severity[i])
			explain_no_tcp(d, by_severity[i]);
	}
}

const struct rule rule_u907 = {
	.code = "U907",
	.title = LANG_MARK("a name server refuses TCP after a truncated answer"),
	.remedy = LANG_MARK("error at the DNS operator, or could not tell"),
	.judge = judge_no_tcp,
	.meaning = LANG_MARK(
		"The answer does not fit into one UDP packet. The server says so (TC, "
		"\"truncated\"), and then does not answer over TCP, so the answer cannot "
		"be read."),
	.why = LANG_MARK(
		"A firewall in front of the server lets only UDP port 53 in, or the "
		"network that asks lets only UDP out. Long TXT records (several keys, "
		"many "
		"old verification texts at one name) bring it to light."),
	.how = LANG_MARK(
		"The question was asked over UDP with room for 1232 octets; the answer "
		"came back truncated; the same question over TCP got no answer."),
	.fix = LANG_MARK(
		"The operator has to open TCP port 53 (RFC 7766 demands it). Until then, "
		"remove what is not needed at that name, or use a CNAME in place of a "
		"long "
		"TXT record."),
	.check = LANG_MARK("  kdig +tcp +norec TXT customer.example @<name server>"),
	.see_also = "U904 U906",
};

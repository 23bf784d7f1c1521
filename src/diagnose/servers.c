/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U1 and U9: whether the servers answer at all, serve the zone, and say the same. */
#include "diagnose/rules.h"

static struct str zone_text(struct diagnosis *d)
{
	return shown_name(d, d->has_zone ? &d->zone : &d->x->name);
}

static size_t count_standing(const struct diagnosis *d, enum standing standing)
{
	size_t n = 0;
	for (size_t i = 0; i < d->server_count; i++)
		n += d->servers[i].standing == standing;
	return n;
}

static void set_all_unknown(struct diagnosis *d)
{
	for (size_t i = 0; i < d->record_count; i++)
		d->records[i].report->state = RECORD_UNKNOWN;
}

/* The reason why most could not be asked, where the evidence does not say it all. */
static const char *silence_reason(const struct diagnosis *d)
{
	static const char *const words[] = {
		[ASK_ANSWERED] = "",
		[ASK_TIMEOUT] = "",
		[ASK_UNREACHABLE] = "",
		[ASK_MALFORMED] = "what came back was not DNS",
		[ASK_FORBIDDEN] = ("their addresses are not public ones, and asking "
				   "those is not allowed here (dns.allow_addresses)"),
		[ASK_NO_ADDRESS] = "their names have no address",
		[ASK_NO_TCP] = "the answer was too long for UDP, and TCP did not work",
		[ASK_LIMIT] = "the check had used up its time or its number of questions",
	};
	size_t counts[ASK_LIMIT + 1] = { 0 };
	enum ask_outcome most = ASK_ANSWERED;
	for (size_t i = 0; i < d->o->answer_count; i++) {
		const struct answer *answer = &d->o->answers[i];
		if (d->server_of[answer->view] != SIZE_MAX)
			counts[answer->outcome]++;
	}
	for (size_t i = ASK_TIMEOUT; i <= ASK_LIMIT; i++) {
		if (counts[i] > 0 && (most == ASK_ANSWERED || counts[i] > counts[most]))
			most = (enum ask_outcome)i;
	}
	return words[most];
}

/* One evidence per record would repeat itself: the first answer stands for all. */
static void add_sample(struct diagnosis *d, struct finding *f, enum standing standing)
{
	struct evidence *ev = NULL;
	for (size_t i = 0; i < d->o->answer_count && !ev; i++) {
		const struct answer *answer = &d->o->answers[i];
		if (d->server_of[answer->view] != SIZE_MAX)
			ev = finding_answer(d, f, answer);
	}
	for (size_t i = 0; ev && i < d->server_count; i++) {
		if (d->servers[i].standing == standing)
			evidence_server(d, ev, d->servers[i].text, "");
	}
}

/* Not even a root server was of use: that is this machine's network, not the domain. */
static bool is_stopped_at_root(const struct diagnosis *d)
{
	return (d->o->walk == WALK_NO_ANSWER || d->o->walk == WALK_SERVFAIL) &&
	       d->o->stopped_at.len == 1;
}

static void report_stopped_at_root(struct diagnosis *d, const char *code,
				   enum standing standing)
{
	struct finding *f = finding_add(d, code, SEVERITY_UNSURE,
					"this machine cannot ask the DNS directly");
	add_sample(d, f, standing);
	f->why = STR("no root server gave a usable answer, so a firewall or a middlebox "
		     "of this network answers or drops in their place");
	set_all_unknown(d);
	finding_covers_rest(d, f);
	finding_fix(d, f, "retry",
		    "give a resolver that may be asked: --dns.forward IP (the report "
		    "then is one cache's view), or let UDP and TCP port 53 out");
	d->closed = true;
}

static bool is_all_silent(const struct diagnosis *d)
{
	if (d->o->walk == WALK_NO_ANSWER || d->o->walk == WALK_LIMIT)
		return true;
	if (d->o->walk == WALK_NXDOMAIN || d->o->walk == WALK_SERVFAIL)
		return false;
	return count_standing(d, STANDING_SILENT) == d->server_count;
}

static void judge_silence(struct diagnosis *d)
{
	if (!is_all_silent(d))
		return;
	if (is_stopped_at_root(d)) {
		report_stopped_at_root(d, "U904", STANDING_SILENT);
		return;
	}
	struct str zone = d->o->walk == WALK_NO_ANSWER && d->o->stopped_at.len > 0
				  ? shown_name(d, &d->o->stopped_at)
				  : zone_text(d);
	const char *title = d->forward
				    ? "the resolver that was asked does not answer"
				    : arena_printf(d->a, "no name server of %.*s answers",
						   STR_ARG(zone));
	if (d->o->walk == WALK_LIMIT)
		title = "the check ended before the name servers were found";
	struct finding *f = finding_add(d, "U904", SEVERITY_UNSURE, title);
	f->why = str_from(silence_reason(d));
	add_sample(d, f, STANDING_SILENT);
	set_all_unknown(d);
	finding_covers_rest(d, f);
	const char *sentence =
		d->forward ? "see that the resolver of dns.forward runs and can be "
			     "reached from here"
			   : arena_printf(
				     d->a,
				     "see that this machine may ask name servers (UDP "
				     "and TCP port 53, or set dns.forward); if it may, "
				     "the servers of %.*s are down: tell their operator",
				     STR_ARG(zone));
	finding_fix(d, f, "retry", sentence);
	d->closed = true;
}

static void judge_failing(struct diagnosis *d)
{
	if (d->o->walk == WALK_SERVFAIL && is_stopped_at_root(d)) {
		report_stopped_at_root(d, "U905", STANDING_FAILING);
		return;
	}
	size_t failing = count_standing(d, STANDING_FAILING);
	bool from_walk =
		d->o->walk == WALK_SERVFAIL && count_standing(d, STANDING_LAME) == 0;
	bool none_else =
		count_standing(d, STANDING_GOOD) + count_standing(d, STANDING_LAME) == 0;
	if (!from_walk && (failing == 0 || !none_else))
		return;
	struct str zone = d->o->walk == WALK_SERVFAIL && d->o->stopped_at.len > 0
				  ? shown_name(d, &d->o->stopped_at)
				  : zone_text(d);
	const char *title =
		d->forward
			? "the resolver that was asked answers with errors only"
			: arena_printf(d->a,
				       "the name servers of %.*s answer with errors only",
				       STR_ARG(zone));
	struct finding *f = finding_add(d, "U905", SEVERITY_UNSURE, title);
	add_sample(d, f, STANDING_FAILING);
	set_all_unknown(d);
	finding_covers_rest(d, f);
	const char *sentence =
		d->forward
			? "ask without dns.forward where possible: a resolver that "
			  "validates answers SERVFAIL when the domain's DNSSEC is broken"
			: "tell the operator of the name servers: SERVFAIL everywhere "
			  "means that the zone cannot be loaded, or has expired";
	finding_fix(d, f, "retry", sentence);
	d->closed = true;
}

static void add_lame_server(struct diagnosis *d, struct finding *f,
			    const struct server *s)
{
	struct evidence *ev = finding_answer(d, f, &d->o->answers[s->lame_answer]);
	evidence_server(d, ev, s->text, "");
	struct str zone = shown_name(d, &s->zone);
	struct fix *fix = finding_fix(
		d, f, "delegate",
		arena_printf(
			d->a,
			"at the registrar (or in the zone above) remove %.*s from the "
			"name servers of %.*s, or have its operator serve the zone",
			STR_ARG(s->text), STR_ARG(zone)));
	fix->field = STR("ns");
	fix->from = s->text;
}

static void judge_lame(struct diagnosis *d)
{
	size_t lame = count_standing(d, STANDING_LAME);
	if (lame == 0)
		return;
	struct str zone = zone_text(d);
	struct finding *f = finding_add(
		d, "U103", SEVERITY_ERROR,
		arena_printf(
			d->a,
			"%zu of %zu name servers of %.*s %s not serve the zone (lame)",
			lame, d->server_count, STR_ARG(zone), lame == 1 ? "does" : "do"));
	for (size_t i = 0; i < d->server_count; i++) {
		if (d->servers[i].standing == STANDING_LAME)
			add_lame_server(d, f, &d->servers[i]);
	}
	f->why = STR("resolvers that happen to ask such a server see no records; and "
		     "where a DNS operator has no such zone, a stranger may be able to "
		     "create it there");
	if (count_standing(d, STANDING_GOOD) > 0)
		return;
	set_all_unknown(d);
	finding_covers_rest(d, f);
	d->closed = true;
}

static bool is_divided(const struct record_case *r)
{
	const struct tally *t = &r->tally;
	return t->right > 0 && t->right < t->answered;
}

/* "ns1.operator.example (serial 10) has 6 of 6 right, ns2.operator.example (serial 9) 0
 * of 6" */
static struct str divided_words(struct diagnosis *d, const struct finding *f)
{
	auto_buf struct buf b;
	buf_init(&b, 64 * 1024);
	for (size_t i = 0; i < d->server_count; i++) {
		size_t right = 0;
		size_t answered = 0;
		for (size_t j = 0; j < d->record_count; j++) {
			const struct record_case *r = &d->records[j];
			unsigned said = r->tally.said[i] & SAID_ANSWERED;
			if (!finding_has(f, r) || said == 0)
				continue;
			right += said == SAID_RIGHT;
			answered++;
		}
		if (answered == 0)
			continue;
		buf_printf(&b, "%s%.*s", b.len > 0 ? ", " : "",
			   STR_ARG(d->servers[i].text));
		if (d->servers[i].has_serial)
			buf_printf(&b, " (serial %u)", d->servers[i].serial);
		buf_printf(&b, " has %zu of %zu right", right, answered);
	}
	buf_text(&b, "; which one a receiver asks is chance");
	return arena_str(d->a, buf_view(&b));
}

static void judge_divided(struct diagnosis *d)
{
	const unsigned behind = SAID_OTHER | SAID_ABSENT | SAID_ALIAS;
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (r->explained || !is_divided(r))
			continue;
		struct finding *f =
			finding_for(d, slots, r, "U104", "the name servers disagree");
		finding_evidence(d, f, &r->tally, SAID_RIGHT);
		finding_evidence(d, f, &r->tally, behind);
	}
	for (size_t i = 0; i < ARRAY_LEN(slots); i++) {
		if (!slots[i])
			continue;
		slots[i]->why = divided_words(d, slots[i]);
		finding_fix(
			d, slots[i], "retry",
			"if the change was made in the last minutes, give the servers "
			"that lag time to copy the zone; if they still differ after an "
			"hour, tell the DNS operator which servers lag");
	}
}

static const struct rule rules[] = {
	{
		.code = "U904",
		.title = "no name server answers",
		.remedy = "could not tell, ask again",
		.judge = judge_silence,
		.meaning = "Not one of the domain's name servers gave an answer. That "
			   "says nothing about the records: they may be right, and they "
			   "may be missing.",
		.why = "This machine may not send DNS queries to the internet (many "
		       "company networks close port 53); the servers are down or under "
		       "attack; or the delegation names servers that have no address.",
		.how = "Each address of each server was asked several times over UDP, "
		       "and over TCP where needed, until the time of the check was over.",
		.fix = "Try from another network. If port 53 is closed here, give the "
		       "resolver that may be asked (--dns.forward IP; the report then is "
		       "one cache's view), or let UDP and TCP port 53 out. If others "
		       "cannot "
		       "reach the servers either, only their operator can help.",
		.check = "  kdig +norec SOA customer.example @<name server>\n"
			 "  kdig +tcp +norec SOA customer.example @<name server>",
		.see_also = "U905 servers answer with errors only, U906 a server does "
			    "not answer",
	},
	{
		.code = "U905",
		.title = "the servers answer with errors only (SERVFAIL)",
		.remedy = "could not tell, ask again",
		.judge = judge_failing,
		.meaning = "The servers answer, but only to say that they failed. A "
			   "failure is not an absence: what the zone holds is not known.",
		.why = "The operator's servers could not load or refresh the zone (a "
		       "syntax error, an expired copy), their database is down, or, "
		       "where a resolver was asked, the domain's DNSSEC signatures do "
		       "not hold. Where the report says that this machine cannot ask the "
		       "DNS directly, not even the root servers gave a usable answer: a "
		       "firewall or a middlebox of this network answers in their place.",
		.how = "Every answer had the response code SERVFAIL (RFC 1035 section "
		       "4.1.1) or another error.",
		.fix = "Ask again in a few minutes. If it stays, tell the operator of "
		       "the name servers; they see the reason in their logs. If this "
		       "machine cannot ask the DNS directly, give a resolver that may be "
		       "asked (--dns.forward IP), or let UDP and TCP port 53 out.",
		.check = "  kdig +norec SOA customer.example @<name server>",
		.see_also = "U103 lame name server, U106 DNSSEC broken, U904 no server "
			    "answers",
	},
	{
		.code = "U103",
		.title = "a name server does not serve the zone (lame)",
		.remedy = "error, fix at the registrar or the DNS operator",
		.judge = judge_lame,
		.meaning = "The zone above names a server for the domain, but that "
			   "server refuses, fails, or answers without authority. Whoever "
			   "asks it gets nothing.",
		.why = "The domain moved to another DNS operator and the old name "
		       "servers stayed at the registrar; the zone was deleted at one "
		       "operator; or a new secondary server was never set up.",
		.how = "We asked each server directly. This one answered REFUSED or "
		       "SERVFAIL, without the AA flag, or sent us upwards.",
		.fix = "At the registrar, list exactly the name servers that the DNS "
		       "operator gives for the domain, no others. Do it soon: at "
		       "operators where anybody can create a zone, a stranger could "
		       "create yours there and answer for you. That is why the domain is "
		       "not verified while this lasts.",
		.check = "  kdig +norec SOA customer.example @<the server named>",
		.see_also = "U104 servers disagree, U905 servers answer with errors only",
	},
	{
		.code = "U104",
		.title = "the name servers disagree",
		.remedy = "error, or only a moment's delay",
		.judge = judge_divided,
		.meaning = "Some of the domain's name servers have the record as it "
			   "should be, others do not. Receivers see the one or the other "
			   "by chance.",
		.why = "A change travels from the first server to the others; usually "
		       "that takes seconds, sometimes as long as the SOA's refresh time. "
		       "If it lasts, copying the zone fails, or two operators each have "
		       "a zone of their own.",
		.how = "Each server was asked directly, without any cache. The serial "
		       "number in brackets is the version of the zone that the server "
		       "has.",
		.fix = "Wait some minutes after a change. If the servers that lag keep "
		       "their serial number, the DNS operator has to repair the copying. "
		       "If the domain uses two operators, publish the record at both.",
		.check = "  kdig +norec +short CNAME k1._domainkey.customer.example "
			 "@<each server>\n"
			 "  kdig +norec +short SOA customer.example @<each server>",
		.see_also = "U103 lame name server, U301 record missing",
	},
};

const struct rule *servers_rules(size_t *count_out)
{
	*count_out = ARRAY_LEN(rules);
	return rules;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U904: no server answers. */
#include "diagnose/rules.h"
#include "diagnose/servers.h"

/* The reason why most could not be asked, where the evidence does not say it all. */
static const char *silence_reason(const struct diagnosis *d)
{
	static const char *const words[] = {
		[ASK_ANSWERED] = "",
		[ASK_TIMEOUT] = "",
		[ASK_UNREACHABLE] = "",
		[ASK_MALFORMED] = LANG_MARK("what came back was not DNS"),
		[ASK_FORBIDDEN] =
			LANG_MARK("their addresses are not public ones, and asking those "
				  "is not allowed here (dns.allow_addresses)"),
		[ASK_NO_ADDRESS] = LANG_MARK("their names have no address"),
		[ASK_NO_TCP] = LANG_MARK(
			"the answer was too long for UDP, and TCP did not work"),
		[ASK_LIMIT] = LANG_MARK(
			"the check had used up its time or its number of questions"),
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
	return words[most][0] ? lang_text(d->lang, words[most]) : "";
}

static bool is_all_silent(const struct diagnosis *d)
{
	if (d->o->walk == WALK_NO_ANSWER || d->o->walk == WALK_LIMIT)
		return true;
	if (d->o->walk == WALK_NXDOMAIN || d->o->walk == WALK_SERVFAIL)
		return false;
	return servers_count(d, STANDING_SILENT) == d->server_count;
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
	const char *title =
		d->forward
			? lang_text(d->lang,
				    "the resolver that was asked does not answer")
			: arena_printf(d->a,
				       lang_text(d->lang, "no name server of %s answers"),
				       zone.data);
	if (d->o->walk == WALK_LIMIT)
		title = lang_text(d->lang,
				  "the check ended before the name servers were found");
	struct finding *f = finding_add(d, "U904", SEVERITY_UNSURE, title);
	f->why = str_from(silence_reason(d));
	finding_sample(d, f, STANDING_SILENT);
	records_set_unknown(d);
	finding_covers_rest(d, f);
	const char *sentence =
		d->forward
			? lang_text(d->lang, "see that the resolver of dns.forward runs "
					     "and can be reached from here")
			: arena_printf(d->a,
				       lang_text(d->lang,
						 "check that this machine may ask name "
						 "servers (UDP and TCP port 53, or set "
						 "dns.forward); if it may, the servers "
						 "of %s are down: tell their operator"),
				       zone.data);
	finding_fix(d, f, "retry", sentence);
	d->closed = true;
}

const struct rule rule_u904 = {
	.code = "U904",
	.title = LANG_MARK("no name server answers"),
	.remedy = LANG_MARK("could not tell, ask again"),
	.judge = judge_silence,
	.meaning =
		LANG_MARK("Not one of the domain's name servers gave an answer. That "
			  "says nothing about the records: they may be right, and they "
			  "may be missing."),
	.why = LANG_MARK("This machine may not send DNS queries to the internet (many "
			 "company networks close port 53); the servers are down or under "
			 "attack; or the delegation names servers that have no address."),
	.how = LANG_MARK(
		"Each address of each server was asked several times over UDP, "
		"and over TCP where needed, until the time of the check was over."),
	.fix = LANG_MARK(
		"Try from another network. If port 53 is closed here, give the "
		"resolver that may be asked (--dns.forward IP; the report then is "
		"one cache's view), or let UDP and TCP port 53 out. If others "
		"cannot "
		"reach the servers either, only their operator can help."),
	.check = LANG_MARK("  kdig +norec SOA customer.example @<name server>\n"
			   "  kdig +tcp +norec SOA customer.example @<name server>"),
	.see_also = "U905 U906",
};

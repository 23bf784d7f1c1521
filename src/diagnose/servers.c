/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the codes about servers share. */
#include "diagnose/servers.h"

struct str zone_text(struct diagnosis *d)
{
	return shown_name(d, d->has_zone ? &d->zone : &d->x->name);
}

size_t servers_count(const struct diagnosis *d, enum standing standing)
{
	size_t n = 0;
	for (size_t i = 0; i < d->server_count; i++)
		n += d->servers[i].standing == standing;
	return n;
}

void records_set_unknown(struct diagnosis *d)
{
	for (size_t i = 0; i < d->record_count; i++)
		d->records[i].report->state = RECORD_UNKNOWN;
}

/* One evidence per record would repeat itself: the first answer stands for all. */
void finding_sample(struct diagnosis *d, struct finding *f, enum standing standing)
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
bool is_stopped_at_root(const struct diagnosis *d)
{
	return (d->o->walk == WALK_NO_ANSWER || d->o->walk == WALK_SERVFAIL) &&
	       d->o->stopped_at.len == 1;
}

void report_stopped_at_root(struct diagnosis *d, const char *code, enum standing standing)
{
	struct finding *f = finding_add(
		d, code, SEVERITY_UNSURE,
		lang_text(d->lang, "this machine cannot ask the DNS directly"));
	finding_sample(d, f, standing);
	f->why = str_from(lang_text(
		d->lang, "no root server gave a usable answer, so a firewall or a "
			 "middlebox of this network answers or drops in their place"));
	records_set_unknown(d);
	finding_covers_rest(d, f);
	finding_fix(
		d, f, "retry",
		lang_text(
			d->lang,
			"give a resolver that may be asked: --dns.forward IP (the report "
			"then is one cache's view), or let UDP and TCP port 53 out"));
	d->closed = true;
}

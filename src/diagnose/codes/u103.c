/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U103: a name server does not serve the zone. */
#include "diagnose/rules.h"
#include "diagnose/servers.h"

static void add_lame_server(struct diagnosis *d, struct finding *f,
			    const struct server *s, bool is_all)
{
	struct evidence *ev = finding_answer(d, f, &d->o->answers[s->lame_answer]);
	evidence_server(d, ev, s->text, "");
	if (is_all)
		return;
	struct str zone = shown_name(d, &s->zone);
	struct fix *fix = finding_fix(
		d, f, "delegate",
		arena_printf(d->a,
			     lang_text(d->lang, "at the registrar (or in the zone above) "
						"remove %s from the name servers of %s, "
						"or have its operator serve the zone"),
			     s->text.data, zone.data));
	fix->field = STR("ns");
	fix->from = s->text;
}

/* Not one server is left to be kept: the list itself is wrong. */
static void add_new_list(struct diagnosis *d, struct finding *f)
{
	struct fix *fix = finding_fix(
		d, f, "delegate",
		arena_printf(d->a,
			     lang_text(d->lang, "at the registrar (or in the zone above) "
						"set the name servers of %s to those of "
						"the DNS operator where you add records; "
						"or have the operator of the present "
						"ones set the zone up"),
			     zone_text(d).data));
	fix->field = STR("ns");
}

static const char *danger_words(struct diagnosis *d)
{
	const struct provider *p = d->provider.provider;
	if (!p || !p->takeover_prone || d->provider.confidence == PROVIDER_MIXED)
		return lang_text(d->lang,
				 "resolvers that happen to ask such a server see no "
				 "records; and where a DNS operator has no such zone, "
				 "a stranger may be able to create it there");
	return arena_printf(
		d->a,
		lang_text(d->lang, "danger: at %s whoever has an account may be able to "
				   "create this zone and take the domain's mail over; "
				   "nothing is verified while this lasts"),
		arena_text(d->a, provider_name(p, d->lang)));
}

static void judge_lame(struct diagnosis *d)
{
	size_t lame = servers_count(d, STANDING_LAME);
	if (lame == 0)
		return;
	struct str zone = zone_text(d);
	bool is_all = lame == d->server_count;
	struct finding *f = finding_add(
		d, "U103", SEVERITY_ERROR,
		is_all ? arena_printf(d->a,
				      lang_text(d->lang,
						"no name server of %s serves the "
						"zone (lame)"),
				      zone.data)
		       : arena_printf(
				 d->a,
				 lame == 1
					 ? lang_text(d->lang,
						     "%zu of %zu name servers of %s does "
						     "not serve the zone (lame)")
					 : lang_text(
						   d->lang,
						   "%zu of %zu name servers of %s do not "
						   "serve the zone (lame)"),
				 lame, d->server_count, zone.data));
	for (size_t i = 0; i < d->server_count; i++) {
		if (d->servers[i].standing == STANDING_LAME)
			add_lame_server(d, f, &d->servers[i], is_all);
	}
	if (is_all)
		add_new_list(d, f);
	f->why = str_from(danger_words(d));
	if (servers_count(d, STANDING_GOOD) > 0)
		return;
	records_set_unknown(d);
	finding_covers_rest(d, f);
	d->closed = true;
}

const struct rule rule_u103 = {
	.code = "U103",
	.title = LANG_MARK("a name server does not serve the zone (lame)"),
	.remedy = LANG_MARK("error, fix at the registrar or the DNS operator"),
	.judge = judge_lame,
	.meaning =
		LANG_MARK("The zone above names a server for the domain, but that "
			  "server refuses, fails, or answers without authority. Whoever "
			  "asks it gets nothing."),
	.why = LANG_MARK("The domain moved to another DNS operator and the old name "
			 "servers stayed at the registrar; the zone was deleted at one "
			 "operator; or a new secondary server was never set up."),
	.how = LANG_MARK("We asked each server directly. This one answered REFUSED or "
			 "SERVFAIL, without the AA flag, or sent us upwards."),
	.fix = LANG_MARK(
		"At the registrar, list exactly the name servers that the DNS "
		"operator gives for the domain, no others. Do it soon: at "
		"operators where anybody can create a zone, a stranger could "
		"create yours there and answer for you. That is why the domain is "
		"not verified while this lasts."),
	.check = LANG_MARK("  kdig +norec SOA customer.example @<the server named>"),
	.see_also = "U104 U905",
};

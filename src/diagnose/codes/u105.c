/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U105: the records are in a panel that nobody is sent to. Where that cannot be seen from
 * outside (a name below a zone cut is hidden by it), a note says what may be. */
#include "diagnose/rules.h"

#include "diagnose/elsewhere.h"
#include "diagnose/registered.h"
#include "diagnose/servers.h"

/* The servers that the zone above names. */
static struct str named_servers(struct diagnosis *d)
{
	struct dns_name *names = arena_array(d->a, d->server_count + 1, sizeof(*names));
	size_t count = 0;
	for (size_t i = 0; i < d->server_count; i++) {
		const struct server *s = &d->servers[i];
		if (d->has_zone && dns_name_equal(&s->zone, &d->zone) &&
		    !server_is_stranger(d, i))
			names[count++] = s->name;
	}
	return shown_names(d, names, count);
}

static void explain_elsewhere(struct diagnosis *d, struct finding *f, const char *there)
{
	const char *zone = zone_text(d).data;
	const char *here = named_servers(d).data;
	f->why = str_from(arena_printf(
		d->a,
		lang_text(d->lang, "%s has the records, but nobody is sent there: the "
				   "name servers of %s are %s"),
		there, zone, here));
	struct fix *fix = finding_fix(
		d, f, "add",
		arena_printf(
			d->a,
			lang_text(d->lang,
				  "publish the records where the name servers of %s are "
				  "(%s); or, if the domain is meant to move, set its "
				  "name servers at the registrar to those of %s"),
			zone, here, there));
	fix->to = str_from(here);
	fix->from = str_from(there);
}

static void judge_wrong_panel(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	struct str there[2] = { STR_EMPTY, STR_EMPTY };
	for (size_t i = 0; i < d->record_count && !d->forward; i++) {
		struct record_case *r = &d->records[i];
		if (r->explained || d->searching || r->report->state == RECORD_OK)
			continue;
		const struct answer *found = found_elsewhere(d, r);
		if (!found)
			continue;
		struct finding *f = finding_for(
			d, slots, r, "U105",
			lang_text(d->lang, "the records are at name servers that the "
					   "domain is not delegated to (wrong panel)"));
		struct str server = shown_server(d->a, d->o, found->view);
		finding_evidence(d, f, &r->tally, SAID_ABSENT | SAID_OTHER | SAID_ALIAS);
		evidence_server(d, finding_answer(d, f, found), server, "");
		if (there[f == slots[1]].len == 0)
			there[f == slots[1]] = server;
	}
	for (size_t i = 0; i < ARRAY_LEN(slots); i++) {
		if (slots[i])
			explain_elsewhere(d, slots[i], there[i].data);
	}
}

/* Nothing better was found to explain its absence. */
static bool is_just_missing(const struct diagnosis *d, const struct record_case *r)
{
	for (size_t i = 0; i < d->finding_count; i++) {
		if (strcmp(d->findings[i]->code, "U301") == 0 &&
		    finding_has(d->findings[i], r))
			return true;
	}
	return false;
}

/* Records typed into the zone above are hidden by the cut: nobody can see them. */
static void note_cut(struct diagnosis *d)
{
	struct dns_name organisation;
	struct finding *f = NULL;
	if (d->forward || !d->has_zone || !organisation_name(d, &organisation) ||
	    !dns_name_within(&d->zone, &organisation) ||
	    dns_name_equal(&d->zone, &organisation))
		return;
	for (size_t i = 0; i < d->record_count && !f; i++) {
		const struct record_case *r = &d->records[i];
		if (!r->expected->required || !is_just_missing(d, r) ||
		    !dns_name_equal(&r->zone, &d->zone))
			continue;
		f = finding_add(
			d, "U105", SEVERITY_NOTE,
			arena_printf(d->a,
				     lang_text(d->lang,
					       "%s is a zone of its own; records typed "
					       "into the zone of %s are not seen"),
				     shown_name(d, &d->zone).data,
				     shown_name(d, &organisation).data));
	}
	if (!f)
		return;
	f->confidence = CONFIDENCE_POSSIBLE;
	finding_fix(d, f, "add",
		    arena_printf(d->a,
				 lang_text(d->lang,
					   "if that is where they were typed, publish "
					   "them at the name servers of %s instead: %s"),
				 shown_name(d, &d->zone).data, named_servers(d).data));
}

const struct rule rule_u105 = {
	.code = "U105",
	.title = LANG_MARK("the records are where nobody is sent to (wrong panel)"),
	.remedy = LANG_MARK("error, fix in the other DNS panel, or at the registrar"),
	.judge = judge_wrong_panel,
	.judge_rest = note_cut,
	.meaning = LANG_MARK(
		"The records exist, but at name servers that the domain is not delegated "
		"to. Everybody asks others, and finds nothing."),
	.why = LANG_MARK(
		"The domain was bought at one company and its DNS is at another: both "
		"have "
		"a panel, and only one counts. Or it moved, and the old panel still "
		"works. "
		"Or a subdomain was given away to other name servers, and its records "
		"were typed into the zone of the whole domain."),
	.how = LANG_MARK(
		"Servers that only the zone itself names, and those that the domain had "
		"before, were asked for the records directly."),
	.fix = LANG_MARK(
		"Publish the records in the panel of the operator whose name servers the "
		"registrar lists for the domain. If the move is not finished, finish it: "
		"set the new name servers at the registrar, after all records of the "
		"domain are there."),
	.check = LANG_MARK(
		"  kdig NS customer.example\n"
		"  kdig +norec CNAME k1._domainkey.customer.example @<each server>"),
	.see_also = "U109 U104 U301",
};

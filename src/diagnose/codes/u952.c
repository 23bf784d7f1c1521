/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U952: the token that proves who owns the domain is not there. */
#include "diagnose/rules.h"

static void explain_token(struct diagnosis *d, struct finding *f, struct record_case *r)
{
	const char *zone = r->zone.len > 1 ? shown_name(d, &r->zone).data
					   : shown_name(d, &d->x->name).data;
	struct str value = shown_expected(d->a, r->expected);
	finding_evidence(d, f, &r->tally, SAID_ABSENT | SAID_OTHER);
	struct fix *fix = finding_fix(
		d, f, "add",
		arena_printf(
			d->a,
			lang_text(d->lang,
				  "in the zone %s add a record of the type %s, named "
				  "%s, with the value %s; other TXT records of that "
				  "name stay as they are"),
			zone, shown_type(d->a, r->expected->type).data,
			shown_relative(d, r).data, value.data));
	fix->name = shown_relative(d, r);
	fix->value = value;
	fix->to = value;
	fix->exact = value.len > 0;
}

static void judge_token(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		bool is_gone = record_is_absent(d, r) ||
			       (record_is_other(r) && r->tally.right == 0);
		if (r->explained || r->expected->purpose != PURPOSE_OWNERSHIP || !is_gone)
			continue;
		struct finding *f = finding_for(
			d, slots, r, "U952",
			lang_text(d->lang,
				  "the token that proves ownership is not published"));
		explain_token(d, f, r);
	}
}

const struct rule rule_u952 = {
	.code = "U952",
	.title = LANG_MARK("the token that proves ownership is not published"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_token,
	.meaning = LANG_MARK(
		"The service asks for a text in the domain's DNS that only its owner can "
		"put there. It is not there, so nobody can tell that the domain is "
		"yours."),
	.why = LANG_MARK(
		"It was not added yet; the value of another domain or of an older "
		"attempt "
		"was taken; or an existing TXT record was kept and the new one was not "
		"added beside it."),
	.how = LANG_MARK(
		"All name servers of the domain were asked for TXT records at the name; "
		"none of them is the token."),
	.fix = LANG_MARK("Add the TXT record exactly as given. A name may have several "
			 "TXT records: "
			 "do not change those that are there."),
	.check = LANG_MARK("  kdig TXT customer.example @<name server>"),
	.see_also = "U951 U301",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U607: the SPF record lets everybody pass. */
#include "diagnose/spf.h"

/* "+all" of the record itself, or of one that it leads to, is what is come by. */
static bool lets_everybody_pass(struct diagnosis *d, const struct spf_view *v)
{
	struct policy_source source = diagnosis_source(d);
	struct spf_walk w;
	spf_walk(d->a, &source, v->domain, v->text, STR_EMPTY, &w);
	return w.reach == SPF_REACHED && w.all_pass;
}

static void judge_all_pass(struct diagnosis *d)
{
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		struct spf_view v;
		if (r->explained || !spf_look(d, d->a, r, &v) ||
		    v.walk.reach != SPF_REACHED || !lets_everybody_pass(d, &v))
			continue;
		struct finding *f = finding_add(
			d, "U607", SEVERITY_NOTE,
			lang_text(d->lang, "the SPF record lets everybody pass"));
		f->records =
			case_grow(d->a, f->records, f->record_count, sizeof(*f->records));
		f->records[f->record_count++] = r->expected;
		finding_evidence(d, f, &r->tally, SAID_RIGHT);
		f->why = str_from(lang_text(
			d->lang,
			"'all' without a sign, or with +, is a pass: anybody may "
			"send with this domain in the envelope"));
		struct fix *fix = finding_fix(
			d, f, "set_value",
			arena_printf(d->a,
				     lang_text(d->lang, "end the TXT record %s with ~all "
							"or -all"),
				     shown_relative(d, r).data));
		fix->field = STR("value");
		fix->name = shown_relative(d, r);
	}
}

const struct rule rule_u607 = {
	.code = "U607",
	.title = LANG_MARK("the SPF record lets everybody pass"),
	.remedy = LANG_MARK("note: it works, and protects nobody"),
	.judge = judge_all_pass,
	.meaning = LANG_MARK(
		"The record ends with all or +all. The platform's mail passes, and so "
		"does mail of anybody who forges this domain. Some receivers take such a "
		"record for a sign of spam."),
	.why = LANG_MARK("It was put there to make a problem go away, or the sign in "
			 "front of all was lost."),
	.how = LANG_MARK(
		"We went through the record as a receiver does for a client that "
		"none of its terms names; it passes."),
	.fix = LANG_MARK("Name those who send, and end the record with ~all (others are "
			 "suspect) or -all (others are refused)."),
	.check = "  unpend spf --ip 192.0.2.1 --mail-from x@customer.example",
	.see_also = "U603",
};

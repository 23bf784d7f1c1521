/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U803: a DMARC record that receivers cannot read. */
#include "diagnose/dmarc.h"

static const char *tell_why(struct diagnosis *d, const struct dmarc_view *v)
{
	if (v->is_meant)
		return lang_text(
			d->lang,
			"receivers pass over it: it has to begin with v=DMARC1 in "
			"capitals, with a semicolon behind it");
	if (v->record.has_bad_policy)
		return lang_text(d->lang,
				 "a policy (p, sp, np) is one of none, quarantine "
				 "and reject; another word counts as none, or makes "
				 "the whole record void");
	return lang_text(d->lang, "it has no policy: p=none, p=quarantine or p=reject");
}

/* Missing, for receivers; or there, with a policy that is none. */
static bool is_malformed(const struct record_case *r, const struct dmarc_view *v)
{
	if (v->is_meant)
		return r->report->state == RECORD_MISSING ||
		       r->report->state == RECORD_WRONG;
	return record_is_other(r) && v->count == 1 &&
	       (v->record.has_bad_policy || !v->record.has_p);
}

static void judge(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		struct dmarc_view v;
		if (r->explained || !dmarc_look(d, r, &v) || !is_malformed(r, &v))
			continue;
		struct finding *f =
			finding_for(d, slots, r, "U803",
				    lang_text(d->lang, "the DMARC record is malformed"));
		f->why = str_from(tell_why(d, &v));
		if (v.is_meant) {
			finding_answer(d, f, v.answer);
			r->report->state = RECORD_WRONG;
		}
		finding_set_value(d, f, r);
	}
}

const struct rule rule_u803 = {
	.code = "U803",
	.title = LANG_MARK("the DMARC record is malformed"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge,
	.meaning = LANG_MARK("There is a record that is meant to be a DMARC record, and "
			     "receivers cannot use it: it does not begin with exactly "
			     "v=DMARC1 and a semicolon, or its policy (p=) is not one of "
			     "none, quarantine and reject."),
	.why = LANG_MARK("It was typed by hand: a semicolon became a comma or was "
			 "left out, capitals became small letters, or a word was "
			 "misspelt."),
	.how = LANG_MARK("We read the text as RFC 9989 sections 4.7 and 4.8 say. "
			 "v=DMARC1 comes first, in capitals; tags are separated by "
			 "semicolons and written name=value."),
	.fix = LANG_MARK("Copy the value that is given over the old one. A right "
			 "record looks like this:\n"
			 "\n"
			 "  v=DMARC1; p=none; rua=mailto:dmarc@customer.example"),
	.check = "  kdig +noall +answer TXT _dmarc.customer.example",
	.see_also = "U801 U802 U806",
};

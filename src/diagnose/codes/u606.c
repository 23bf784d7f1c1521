/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U606: the SPF record is not well-formed. */
#include "diagnose/spf.h"

static bool fits(const struct spf_walk *w)
{
	return w->reach == SPF_BROKEN && w->error.cause == SPF_CAUSE_SYNTAX;
}

static const char *fix(struct diagnosis *d, const struct record_case *r,
		       const struct spf_view *v, struct fix *f)
{
	const char *term = spf_shown(d, v->walk.error.term);
	if (spf_error_is_inside(v))
		return spf_fix_inside(d, v, f);
	struct str meant = spf_term_meant(d->a, v->walk.error.term);
	if (meant.len > 0) {
		f->to = spf_value_with_meant(d, v, meant);
		f->value = f->to;
		return arena_printf(d->a,
				    lang_text(d->lang,
					      "write '%s' for '%s': set the value of the "
					      "TXT record %s to: %s"),
				    spf_shown(d, meant), term, f->name.data, f->to.data);
	}
	if (r->expected->value.len == 0)
		return arena_printf(
			d->a,
			lang_text(d->lang, "correct '%s' in the TXT record %s, or remove "
					   "it"),
			term, f->name.data);
	return arena_printf(
		d->a,
		lang_text(d->lang, "correct '%s' in the TXT record %s, or remove it; "
				   "if nobody else sends for this name, the whole value "
				   "is: %s"),
		term, f->name.data, shown_expected(d->a, r->expected).data);
}

static void judge_syntax(struct diagnosis *d)
{
	static const struct spf_rule rule = {
		.row = &rule_u606,
		.fits = fits,
		.why = spf_error_text,
		.fix = fix,
		.note_title = LANG_MARK("the SPF record leads to one that is not "
					"well-formed, behind the platform's term"),
	};
	spf_judge(d, &rule);
}

const struct rule rule_u606 = {
	.code = "U606",
	.title = LANG_MARK("the SPF record is not well-formed"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_syntax,
	.meaning = LANG_MARK(
		"A term of the record does not follow the rules. One such term anywhere "
		"in the record, even behind all, makes the whole record an error: SPF "
		"passes for nobody."),
	.why = LANG_MARK(
		"A letter was lost or doubled in typing; ipv4: was written for ip4:, or "
		"redirect: for redirect=; an address stands behind a: or include:, or a "
		"name behind ip4:; commas or semicolons stand between the terms; quotes "
		"or blanks of a word processor were pasted."),
	.how = LANG_MARK("We read the record by the grammar of RFC 7208 section 12. The "
			 "first term that does not follow it is shown."),
	.fix = LANG_MARK("Correct the term that is shown. Terms are separated by single "
			 "blanks, and by nothing else."),
	.check = "  kdig +noall +answer TXT bounce.customer.example\n"
		 "  unpend lint --type spf 'v=spf1 ...'",
	.see_also = "U602 U603",
};

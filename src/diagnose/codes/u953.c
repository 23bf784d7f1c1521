/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U953: a public suffix belongs to nobody. */
#include "diagnose/rules.h"

#include "diagnose/registered.h"
#include "mail/mail.h"

static void judge_suffix(struct diagnosis *d)
{
	if (!mail_domain_is_suffix(d->x->domain))
		return;
	const char *name = shown_name(d, &d->x->name).data;
	struct finding *f = finding_add(
		d, "U953", SEVERITY_ERROR,
		arena_printf(d->a,
			     lang_text(d->lang,
				       "%s is a public suffix, not a domain that "
				       "somebody registers"),
			     name));
	f->confidence = CONFIDENCE_CERTAIN;
	finding_fix(d, f, "rename",
		    arena_printf(d->a,
				 lang_text(d->lang, "give the domain that is yours, such "
						    "as customer.%s"),
				 name));
	for (size_t i = 0; i < d->record_count && !d->searching; i++)
		d->records[i].report->state = RECORD_UNKNOWN;
	finding_covers_rest(d, f);
	d->closed = true;
}

const struct rule rule_u953 = {
	.code = "U953",
	.title = LANG_MARK("the domain is a public suffix"),
	.remedy = LANG_MARK("error, give another domain"),
	.judge = judge_suffix,
	.meaning = LANG_MARK(
		"Below this name anybody may register domains, as below .com or .co.jp. "
		"Nobody can own it, so nobody can have it verified."),
	.why = LANG_MARK("The first part of the domain was left out."),
	.how = LANG_MARK("The name stands in the ICANN part of the public suffix list."),
	.fix = LANG_MARK("Give the whole domain, with the part in front."),
	.check = "  unpend suffix customer.example",
	.see_also = "U101",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U705: a null MX. */
#include "diagnose/mx.h"

static void judge(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		struct mx_view v;
		if (r->explained || !mx_look(d, r, &v) || !v.has_null)
			continue;
		struct finding *f = finding_for(
			d, slots, r, "U705",
			lang_text(d->lang, "a null MX says that no mail is taken"));
		finding_set_value(d, f, r);
	}
}

const struct rule rule_u705 = {
	.code = "U705",
	.title = LANG_MARK("a null MX says that no mail is taken"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge,
	.meaning = LANG_MARK("The MX record has a dot in place of a host. That is a null "
			     "MX (RFC 7505): it tells everybody that this name takes no "
			     "mail at all, not even bounces."),
	.why = LANG_MARK("It was added to keep unwanted mail away, or a panel offers "
			 "it as the setting for domains without mail."),
	.how = LANG_MARK("We asked for MX at the name and found one whose host is "
			 "the root (a single dot)."),
	.fix = LANG_MARK("Remove the null MX and have the one MX record that is "
			 "given. A null MX may never stand beside another one."),
	.check = "  kdig +noall +answer MX bounce.customer.example",
	.see_also = "U701 U702",
};

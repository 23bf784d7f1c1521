/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U807: p=none. */
#include "diagnose/dmarc.h"

static void judge(struct diagnosis *d)
{
	for (size_t i = 0; i < d->record_count; i++) {
		const struct record_case *r = &d->records[i];
		struct dmarc_view v;
		if ((r->report->state != RECORD_OK && r->report->state != RECORD_FOUND) ||
		    !dmarc_look(d, r, &v) || v.count != 1 ||
		    (v.record.has_p && v.record.p != DMARC_POLICY_NONE))
			continue;
		dmarc_add_note(
			d, r, "U807", lang_text(d->lang, "the DMARC policy is none"),
			arena_printf(
				d->a,
				lang_text(
					d->lang,
					"when all your own mail passes, set p=quarantine "
					"and later p=reject in the TXT record named "
					"%s"),
				shown_relative(d, r).data));
	}
}

const struct rule rule_u807 = {
	.code = "U807",
	.title = LANG_MARK("the DMARC policy is none"),
	.remedy = LANG_MARK("note, change when you like"),
	.judge = judge,
	.meaning = LANG_MARK("The DMARC record asks receivers for nothing: mail that "
			     "misuses the domain is delivered as before. That is a good "
			     "beginning, and enough to send."),
	.why = LANG_MARK("p=none is what one begins with, while reports show which "
			 "mail is sent in the name of the domain."),
	.how = LANG_MARK("We read the policy (p=) of the record."),
	.fix = LANG_MARK("When the reports show that all your own mail passes, go on to "
			 "p=quarantine and then to p=reject."),
	.check = "  kdig +noall +answer TXT _dmarc.customer.example",
	.see_also = "U801 U805",
};

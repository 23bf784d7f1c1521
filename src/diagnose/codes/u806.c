/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U806: tags that are gone. */
#include "diagnose/dmarc.h"

static void judge(struct diagnosis *d)
{
	for (size_t i = 0; i < d->record_count; i++) {
		const struct record_case *r = &d->records[i];
		struct dmarc_view v;
		if ((r->report->state != RECORD_OK && r->report->state != RECORD_FOUND) ||
		    !dmarc_look(d, r, &v) || v.count != 1 || v.record.removed.len == 0)
			continue;
		const char *tag = arena_text(d->a, v.record.removed);
		dmarc_add_note(
			d, r, "U806",
			lang_text(d->lang, "the DMARC record has a tag that is gone"),
			arena_printf(d->a,
				     lang_text(d->lang,
					       "take the tag %s out of the TXT record "
					       "named %s: receivers pass over it since "
					       "RFC 9989"),
				     tag, shown_relative(d, r).data));
	}
}

const struct rule rule_u806 = {
	.code = "U806",
	.title = LANG_MARK("the DMARC record has a tag that is gone"),
	.remedy = LANG_MARK("note, change when you like"),
	.judge = judge,
	.meaning =
		LANG_MARK("The record has a tag that RFC 9989 took away (pct, rf or "
			  "ri). Receivers pass over it; the rest of the record holds."),
	.why = LANG_MARK("The record was written by the older standard (RFC 7489), "
			 "or by a tool that follows it."),
	.how = LANG_MARK("We read the tags of the record."),
	.fix = LANG_MARK("Take the tag out. In place of pct=0 write t=y: it asks "
			 "receivers to treat the policy as a test."),
	.check = "  kdig +noall +answer TXT _dmarc.customer.example",
	.see_also = "U803 U807",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U703: other MX records beside the one. */
#include "diagnose/rules.h"

static void judge_two_mx(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (r->explained || r->expected->purpose != PURPOSE_MAIL_FROM ||
		    r->expected->type != DNS_TYPE_MX || !record_is_other(r) ||
		    record_count_there(d, r) < 2)
			continue;
		struct finding *f = finding_for(
			d, slots, r, "U703",
			lang_text(d->lang,
				  "there is more than one MX at the MAIL FROM name"));
		finding_evidence(d, f, &r->tally, SAID_OTHER);
		struct str value = shown_expected(d->a, r->expected);
		struct fix *fix = finding_fix(
			d, f, "remove",
			arena_printf(d->a,
				     lang_text(d->lang,
					       "at %s keep only the MX record with the "
					       "value %s; if the others are needed, "
					       "choose another MAIL FROM name"),
				     shown_relative(d, r).data, value.data));
		fix->to = value;
	}
}

const struct rule rule_u703 = {
	.code = "U703",
	.title = LANG_MARK("there is more than one MX at the MAIL FROM name"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_two_mx,
	.meaning =
		LANG_MARK("The name that takes bounces may have exactly one MX record, "
			  "the platform's. With a second one bounces can go astray, and "
			  "Amazon SES refuses the set-up."),
	.why = LANG_MARK("A name was chosen that receives mail already, or an old MX "
			 "stayed."),
	.how = LANG_MARK("We asked for MX at the name and got more than one record."),
	.fix = LANG_MARK("Remove the other MX records. If mail is received at this name, "
			 "choose another name for MAIL FROM, such as "
			 "bounce.customer.example."),
	.check = "  kdig +noall +answer MX bounce.customer.example",
	.see_also = "U302",
};

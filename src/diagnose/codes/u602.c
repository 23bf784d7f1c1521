/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U602: two SPF records. */
#include "diagnose/spf.h"

static const char *merge_sentence(struct diagnosis *d, const struct fix *fix)
{
	if (fix->to.len == 0)
		return arena_printf(
			d->a,
			lang_text(d->lang,
				  "keep one TXT record that begins with v=spf1 at %s, "
				  "with the terms of all of them, and remove the others"),
			fix->name.data);
	return arena_printf(
		d->a,
		lang_text(d->lang,
			  "keep one TXT record that begins with v=spf1 at %s, and "
			  "remove the others; its value, with the terms of all of "
			  "them: %s"),
		fix->name.data, fix->to.data);
}

static void judge_two_spf(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (r->explained || r->expected->purpose != PURPOSE_SPF ||
		    !record_is_other(r) || record_count_there(d, r) < 2)
			continue;
		struct finding *f = finding_for(
			d, slots, r, "U602",
			lang_text(d->lang, "there is more than one SPF record"));
		finding_evidence(d, f, &r->tally, SAID_OTHER);
		f->why = str_from(lang_text(d->lang,
					    "receivers take two SPF records for an error "
					    "and use neither (RFC 7208 section 4.5)"));
		struct fix *fix = finding_fix(d, f, "set_value", "");
		fix->field = STR("value");
		fix->name = shown_relative(d, r);
		fix->to = spf_value_merged(d, r);
		fix->value = fix->to;
		fix->sentence = str_from(merge_sentence(d, fix));
	}
}

const struct rule rule_u602 = {
	.code = "U602",
	.title = LANG_MARK("there is more than one SPF record"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_two_spf,
	.meaning = LANG_MARK("Two or more TXT records at the name begin with v=spf1. "
			     "Receivers must treat that as an error, and SPF passes for "
			     "nobody."),
	.why = LANG_MARK("Each service that was set up asked for an SPF record, and each "
			 "was added as a record of its own."),
	.how = LANG_MARK(
		"We asked for TXT at the name and counted the records that begin "
		"with v=spf1. Several strings inside one record count as one."),
	.fix = LANG_MARK(
		"Put all terms into one record: one v=spf1 in front, then every "
		"include: and ip4: and the like, and one ~all or -all at the end. "
		"Remove the others."),
	.check = "  kdig +noall +answer TXT customer.example",
	.see_also = "U302",
};

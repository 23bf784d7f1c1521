/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U207: the record stands under another selector, or has another one's value. */
#include "diagnose/places.h"

static const char *why_selector(struct diagnosis *d, const struct record_case *r,
				const struct place *place unused_arg)
{
	return arena_printf(d->a,
			    lang_text(d->lang,
				      "the part in front of _domainkey names the "
				      "key; receivers are told to look at %s"),
			    shown_name(d, &r->expected->name).data);
}

/* The record whose value stands at r's name. */
static const struct record_case *find_owner(struct diagnosis *d,
					    const struct record_case *r)
{
	for (size_t i = 0; i < d->record_count; i++) {
		const struct record_case *other = &d->records[i];
		struct tally t;
		if (other == r || other->expected->value.len == 0 ||
		    other->expected->type != r->expected->type ||
		    other->expected->purpose != PURPOSE_DKIM ||
		    dns_name_equal(&other->expected->name, &r->expected->name))
			continue;
		tally_question(d, other->expected, &r->expected->name, &t);
		if (t.answered > 0 && t.right == t.answered)
			return other;
	}
	return NULL;
}

static void explain_swapped(struct diagnosis *d, struct finding *f, struct record_case *r,
			    const struct record_case *owner)
{
	finding_set_value(d, f, r);
	if (f->why.len == 0)
		f->why = str_from(arena_printf(
			d->a,
			lang_text(d->lang, "what stands at %s is the value of the record "
					   "named %s"),
			shown_relative(d, r).data, shown_relative(d, owner).data));
}

static void judge_swapped(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (r->explained || !record_is_other(r) || r->expected->value.len == 0 ||
		    r->expected->purpose != PURPOSE_DKIM)
			continue;
		const struct record_case *owner = find_owner(d, r);
		if (!owner)
			continue;
		struct finding *f = finding_for(
			d, slots, r, "U207",
			lang_text(d->lang, "the record has the value of another one"));
		explain_swapped(d, f, r, owner);
	}
}

static void judge_selector(struct diagnosis *d)
{
	static const struct place_rule rule = {
		.code = "U207",
		.kinds = 1U << PLACE_SELECTOR,
		.title = LANG_MARK("the key stands under another selector"),
		.why = why_selector,
	};
	judge_swapped(d);
	places_judge(d, &rule);
}

const struct rule rule_u207 = {
	.code = "U207",
	.title = LANG_MARK("published under another selector, or values changed places"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_selector,
	.meaning = LANG_MARK(
		"The right value is in the zone, but under the name of another DKIM "
		"record: another selector (the part in front of _domainkey), or the name "
		"that another of the expected records has."),
	.why = LANG_MARK(
		"The name box was filled with a selector that is usual elsewhere, such "
		"as default or mail; or of several records that look alike two values "
		"changed places."),
	.how = LANG_MARK(
		"The name servers have the expected value at one of the usual selectors, "
		"or the value of one expected record at the name of another. Selectors "
		"cannot be listed; only the usual ones were tried."),
	.fix = LANG_MARK(
		"Copy name and value of each record from one line of the list, one "
		"record after the other."),
	.check = "  kdig +noall +answer TXT default._domainkey.customer.example",
	.see_also = "U301 U302 U307",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U201: the zone's name stands twice in the record's name. */
#include "diagnose/rules.h"

/* NAME.ZONE.ZONE; false if that is no name. */
static bool doubled_name(const struct record_case *r, struct dns_name *out)
{
	return r->zone.len > 1 && dns_name_join(&r->expected->name, &r->zone, out);
}

static size_t ask_doubled(const struct diagnosis *d, const struct record_case *r,
			  struct question out[MORE_MAX])
{
	out[0].type = r->expected->type;
	return record_is_absent(d, r) && doubled_name(r, &out[0].name);
}

static void explain_doubled(struct diagnosis *d, struct finding *f, struct record_case *r,
			    const struct tally *found)
{
	struct str from = shown_name(d, &r->expected->name);
	struct str to = shown_relative(d, r);
	struct str zone = shown_name(d, &r->zone);
	finding_evidence(d, f, &r->tally, SAID_ABSENT);
	finding_evidence(d, f, found, SAID_RIGHT);
	f->why = str_from(arena_printf(
		d->a,
		lang_text(d->lang, "the DNS panel adds \".%s\" to whatever is typed in "
				   "the name box, and the whole name was typed"),
		zone.data));
	struct fix *fix = finding_fix(
		d, f, "rename",
		arena_printf(d->a,
			     lang_text(d->lang, "change the name box of this %s record "
						"to %s (leave the value as it is)"),
			     shown_type(d->a, r->expected->type).data, to.data));
	fix->field = STR("name");
	fix->name = to;
	fix->from = from;
	fix->to = to;
	fix->exact = true;
}

static void judge_doubled(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		struct dns_name name;
		struct tally found;
		if (r->explained || r->report->state != RECORD_MISSING || d->searching ||
		    !doubled_name(r, &name))
			continue;
		tally_question(d, r->expected, &name, &found);
		if (found.right == 0)
			continue;
		struct finding *f =
			finding_for(d, slots, r, "U201",
				    lang_text(d->lang, "the zone name was added twice"));
		explain_doubled(d, f, r, &found);
	}
}

const struct rule rule_u201 = {
	.code = "U201",
	.title = LANG_MARK("the zone name was added twice"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_doubled,
	.more = ask_doubled,
	.meaning = LANG_MARK("The record exists, with the right value, but its name ends "
			     "in the zone's name twice. Receivers ask for the name with "
			     "the zone once, and find nothing."),
	.why = LANG_MARK(
		"Most DNS panels complete what is typed in the name box with the "
		"zone's name. Where the whole name is pasted into such a box, the "
		"zone stands there twice. Zone files do the same with a name that "
		"has no final dot."),
	.how = LANG_MARK(
		"The authoritative servers have no record at the name that was "
		"expected, and they have the expected value at that name with the "
		"zone appended once more."),
	.fix = LANG_MARK("Type only the part in front of the zone into the name box. For "
			 "the zone customer.example:\n"
			 "\n"
			 "  wrong   k1._domainkey.customer.example\n"
			 "  right   k1._domainkey\n"
			 "\n"
			 "The value was right; leave it as it is."),
	.check = "  kdig +noall +answer CNAME "
		 "k1._domainkey.customer.example.customer.example",
	.see_also = "U301 U302",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U302: a record of the right type that says something else. */
#include "diagnose/rules.h"

#include "diagnose/chain.h"
#include "diagnose/target.h"

enum {
	SLIP_MAX = 3 /* letters */
};

static const char *other_title(const struct record_case *r)
{
	if (r->expected->type == DNS_TYPE_CNAME)
		return LANG_MARK("the record points to a different target");
	if (r->expected->type == DNS_TYPE_MX)
		return LANG_MARK("the MX record names a different host");
	if (r->expected->purpose == PURPOSE_DKIM)
		return LANG_MARK("the record does not hold the expected key");
	return LANG_MARK("the record has a different value");
}

/* A slip of a few letters, or a target that nobody has. */
static void add_hint(struct diagnosis *d, struct finding *f, const struct record_case *r)
{
	struct target t;
	struct chain chain;
	if (f->why.len > 0 || !target_find(d, r, &t))
		return;
	unsigned distance =
		str_distance(shown_name(d, &t.seen), shown_name(d, &t.wanted));
	if (distance <= SLIP_MAX) {
		f->why = str_from(arena_printf(
			d->a,
			lang_text(d->lang, "%s differs from the expected %s in few "
					   "letters: probably a slip in typing"),
			shown_name(d, &t.seen).data, shown_name(d, &t.wanted).data));
		return;
	}
	chain_follow(d, &r->expected->name, DNS_TYPE_TXT, &chain);
	if (chain.links > 1 || (chain.links == 1 && chain.end == CHAIN_NO_NAME))
		f->why = str_from(arena_printf(
			d->a,
			chain.end == CHAIN_NO_NAME
				? lang_text(d->lang, "it leads to a name that does not "
						     "exist: %s")
				: lang_text(d->lang, "it leads on: %s"),
			chain_text(d, &chain).data));
}

/* Targets, hosts, keys and texts each have a title of their own, so a finding of their
 * own. */
static void judge_other(struct diagnosis *d)
{
	for (size_t i = 0; i < d->record_count; i++) {
		struct finding *slots[2] = { NULL };
		if (d->records[i].explained || !record_is_other(&d->records[i]))
			continue;
		const char *title = other_title(&d->records[i]);
		for (size_t j = i; j < d->record_count; j++) {
			struct record_case *r = &d->records[j];
			if (r->explained || !record_is_other(r) ||
			    strcmp(other_title(r), title) != 0)
				continue;
			struct finding *f = finding_for(d, slots, r, "U302",
							lang_text(d->lang, title));
			finding_set_value(d, f, r);
			add_hint(d, f, r);
		}
	}
}

/* An alias stands where another record is expected; its target lies elsewhere and was not
 * asked. Receivers follow it, so nothing can be said against it. */
static void judge_aliases(struct diagnosis *d)
{
	struct finding *f = NULL;
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (!record_is_open(d, r) || !(r->tally.all & SAID_ALIAS))
			continue;
		if (!f)
			f = finding_add(d, "U302", SEVERITY_UNSURE,
					lang_text(d->lang,
						  "an alias stands in its place; where "
						  "it leads was not seen"));
		finding_evidence(d, f, &r->tally, SAID_ALIAS);
		finding_covers(d, f, r);
	}
	if (f) {
		f->confidence = CONFIDENCE_POSSIBLE;
		finding_fix(d, f, "retry",
			    lang_text(d->lang,
				      "look up the record with a resolver, or "
				      "publish it directly instead of by an alias"));
	}
}

const struct rule rule_u302 = {
	.code = "U302",
	.title = LANG_MARK("the record has a different target or value"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_other,
	.judge_rest = judge_aliases,
	.meaning = LANG_MARK("There is a record of the right type at the right name, but "
			     "it says something else than it should."),
	.why = LANG_MARK("It is left from an earlier set-up (another account, another "
			 "region, another platform); a character was lost in copying; or "
			 "two records changed places."),
	.how = LANG_MARK(
		"We compared by meaning: names without regard to capitals and the "
		"final dot, keys by their bytes, texts joined as receivers join "
		"them. What is shown was really different. Where an alias (CNAME) "
		"stands in place of another type, receivers follow it; what it "
		"leads to was not judged here."),
	.fix = LANG_MARK("Set the value to the one that is given, by copying it whole. "
			 "Leave the name as it is."),
	.check = LANG_MARK("  kdig +norec +short CNAME k1._domainkey.customer.example "
			   "@<name server>"),
	.see_also = "U104 U304",
};

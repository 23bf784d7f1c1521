/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U603: the SPF record does not let the platform's hosts pass. */
#include "diagnose/chain.h"
#include "diagnose/spf.h"

enum {
	SCRATCH_MAX = 64 << 20
};

/* The end of the aliases that are known: asking for a name that has been asked is in
 * vain. */
static size_t add_question(const struct diagnosis *d, const struct question *q,
			   struct question *out, size_t count)
{
	struct chain chain;
	chain_follow(d, &q->name, q->type, &chain);
	if (chain.end != CHAIN_OPEN || count == MORE_MAX)
		return count;
	out[count++] = (struct question){ chain.names[chain.links], q->type };
	return count;
}

/* What the walk through the record would have to know, for all of U603 to U608. */
static size_t ask_includes(const struct diagnosis *d, const struct record_case *r,
			   struct question out[MORE_MAX])
{
	auto_arena struct arena scratch;
	arena_init(&scratch, SCRATCH_MAX);
	struct spf_view v;
	size_t count = 0;
	if (!spf_look(d, &scratch, r, &v))
		return 0;
	for (size_t i = 0; i < v.walk.wanted.count; i++)
		count = add_question(d, &v.walk.wanted.questions[i], out, count);
	return count;
}

static bool fits(const struct spf_walk *w)
{
	return w->reach == SPF_UNREACHED || w->reach == SPF_BEHIND_ALL ||
	       w->reach == SPF_NOT_PASS;
}

static const char *why(struct diagnosis *d, const struct spf_view *v)
{
	const char *missing = spf_shown(d, v->walk.missing);
	if (v->walk.reach == SPF_BEHIND_ALL)
		return arena_printf(d->a,
				    lang_text(d->lang,
					      "'%s' stands behind 'all', and receivers "
					      "stop reading at 'all' (RFC 7208 section "
					      "5.1)"),
				    spf_shown(d, v->walk.term));
	if (v->walk.reach == SPF_NOT_PASS)
		return arena_printf(d->a,
				    lang_text(d->lang,
					      "'%s' has a sign in front that says "
					      "something else than pass"),
				    spf_shown(d, v->walk.term));
	if (v->walk.error.result == SPF_PERMERROR)
		return arena_printf(
			d->a,
			lang_text(d->lang, "'%s' is not in the record, and '%s', which "
					   "is, leads to %s, which has no SPF record"),
			missing, spf_shown(d, v->walk.error.term),
			spf_shown(d, v->walk.error.target));
	return arena_printf(d->a,
			    lang_text(d->lang,
				      "receivers that go through the record, and through "
				      "what it includes, never come across '%s'"),
			    missing);
}

static const char *fix(struct diagnosis *d, const struct record_case *r,
		       const struct spf_view *v, struct fix *f)
{
	f->to = spf_value_with_wanted(d, r, v);
	f->value = f->to;
	f->exact = true;
	return arena_printf(
		d->a, lang_text(d->lang, "set the value of the TXT record %s to: %s"),
		f->name.data, f->to.data);
}

static void judge_missing_term(struct diagnosis *d)
{
	static const struct spf_rule rule = {
		.row = &rule_u603,
		.fits = fits,
		.why = why,
		.fix = fix,
	};
	spf_judge(d, &rule);
}

/* It hangs on a record of somebody else's that could not be asked for. */
static void judge_open(struct diagnosis *d)
{
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		struct spf_view v;
		if (!record_is_open(d, r) || !(r->tally.all & SAID_ALIAS) ||
		    !spf_look(d, d->a, r, &v) || v.walk.reach != SPF_OPEN)
			continue;
		struct finding *f = finding_add(
			d, "U603", SEVERITY_UNSURE,
			lang_text(d->lang, "whether the SPF record includes the platform "
					   "could not be told"));
		finding_evidence(d, f, &r->tally, SAID_ALIAS);
		finding_covers(d, f, r);
		f->why = str_from(
			v.walk.failed.len > 0
				? arena_printf(d->a,
					       lang_text(d->lang,
							 "the DNS gave no usable answer "
							 "about %s, which it leads to"),
					       spf_shown(d, v.walk.failed))
				: lang_text(d->lang,
					    "it leads to records that depend on the "
					    "client, or that were not asked for"));
		finding_fix(d, f, "retry",
			    lang_text(d->lang, "check again later; or put the "
					       "platform's term in front of the others"));
	}
}

const struct rule rule_u603 = {
	.code = "U603",
	.title = LANG_MARK("the SPF record does not include the platform"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_missing_term,
	.judge_rest = judge_open,
	.more = ask_includes,
	.meaning = LANG_MARK("There is an SPF record, and mail that the platform sends "
			     "does not pass by it."),
	.why = LANG_MARK(
		"The record was made for another service and was left as it was; the "
		"term was added behind all, where nobody reads on; or it has a sign in "
		"front (-, ~ or ?) that says something else than pass."),
	.how = LANG_MARK(
		"We went through the record as a receiver does (RFC 7208): term by term, "
		"through include and redirect, until the platform's term. It counts "
		"wherever it is met, and so do all the addresses that it stands for."),
	.fix = LANG_MARK("Keep the one SPF record, and add the platform's term to it, in "
			 "front of the others. Do not add a second record."),
	.check = LANG_MARK(
		"  kdig +noall +answer TXT bounce.customer.example\n"
		"  unpend spf --ip <an address> --mail-from x@bounce.customer.example"),
	.see_also = "U601 U602 U604",
};

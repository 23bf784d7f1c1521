/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U106: the chain of trust does not hold. */
#include "diagnose/rules.h"

static bool has_words(struct str text, struct str words)
{
	for (size_t i = 0; i < text.len; i++)
		if (str_starts(str_sub(text, i, SIZE_MAX), words))
			return true;
	return false;
}

/* Not even the first link holds, the key that we were given: no zone can help that. */
static bool is_at_anchor(const struct diagnosis *d)
{
	size_t bogus = 0;
	for (size_t i = 0; i < d->o->validation_count; i++) {
		const struct validation *v = &d->o->validations[i];
		if (v->security != SECURITY_BOGUS)
			continue;
		if (!has_words(v->why, STR("for trust anchor")))
			return false;
		bogus++;
	}
	return bogus > 0;
}

static struct finding *add_bogus(struct diagnosis *d)
{
	if (is_at_anchor(d))
		return finding_add(
			d, "U106", SEVERITY_UNSURE,
			lang_text(d->lang,
				  "this machine cannot check DNSSEC signatures"));
	return finding_add(
		d, "U106", SEVERITY_ERROR,
		lang_text(d->lang, "the DNSSEC signatures do not hold (bogus)"));
}

static const char *bogus_remedy(const struct diagnosis *d)
{
	if (is_at_anchor(d))
		return lang_text(d->lang,
				 "see that the clock of this machine is right, and that "
				 "dns.trust_anchor holds the root's present key");
	return lang_text(d->lang,
			 "have the DNS operator sign the zone again, or make the DS "
			 "record at the registrar fit the zone's keys; where DNSSEC "
			 "is not wanted, remove the DS record at the registrar");
}

/* It is there, or it is denied: with the signatures all else is in doubt. */
static bool is_all_that_is_said(const struct diagnosis *d, const struct record_case *r)
{
	return r->report->state == RECORD_OK || r->report->state == RECORD_FOUND ||
	       record_is_denied(r) || d->o->walk == WALK_NXDOMAIN;
}

static void judge_bogus(struct diagnosis *d)
{
	struct finding *f = NULL;
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (!r->bogus)
			continue;
		if (!f)
			f = add_bogus(d);
		finding_evidence(d, f, &r->tally, SAID_ANSWERED | SAID_ERROR);
		/* What else is wrong with it is still to be said. */
		bool is_all = is_all_that_is_said(d, r);
		bool is_explained = r->explained || is_all;
		finding_covers(d, f, r);
		r->explained = is_explained;
		if (is_all)
			r->report->state = RECORD_UNKNOWN;
	}
	if (!f)
		return;
	f->confidence = CONFIDENCE_LIKELY;
	for (size_t i = 0; i < d->o->validation_count; i++) {
		const struct validation *v = &d->o->validations[i];
		if (v->security != SECURITY_BOGUS || v->why.len == 0)
			continue;
		auto_buf struct buf b;
		buf_init(&b, 4096);
		escape_visible(&b, v->why, 400);
		f->why = str_from(
			arena_printf(d->a, lang_text(d->lang, "the validator says: %s"),
				     buf_cstr(&b)));
		break;
	}
	finding_fix(d, f, "retry", bogus_remedy(d));
}

/* The zone is signed, a validator was asked, and it could not tell: then who stands in
 * its way could be who answers. */
static void judge_unvalidated(struct diagnosis *d)
{
	struct finding *f = NULL;
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		if (!r->unvalidated || !is_all_that_is_said(d, r))
			continue;
		if (!f)
			f = finding_add(
				d, "U106", SEVERITY_UNSURE,
				lang_text(d->lang,
					  "the DNSSEC signatures could not be checked"));
		if (record_is_denied(r))
			finding_evidence(d, f, &r->tally, SAID_ABSENT);
		finding_covers(d, f, r);
		r->report->state = RECORD_UNKNOWN;
	}
	if (!f)
		return;
	f->why = str_from(lang_text(
		d->lang, "whether the zone is signed, and by whom, is not known: our "
			 "validator got no answer in time that it could check"));
	finding_fix(d, f, "retry",
		    lang_text(d->lang,
			      "check again; if it stays so, see that this machine "
			      "reaches the name servers over UDP and TCP"));
}

static void judge_security(struct diagnosis *d)
{
	judge_bogus(d);
	judge_unvalidated(d);
}

const struct rule rule_u106 = {
	.code = "U106",
	.title = LANG_MARK("the DNSSEC signatures do not hold (bogus)"),
	.remedy = LANG_MARK("error, fix at the DNS operator or the registrar"),
	.judge = judge_security,
	.meaning = LANG_MARK("The zone says that it is signed, and the signatures are "
			     "wrong, missing or too old. Resolvers that validate answer "
			     "SERVFAIL instead of the record, so a good part of all "
			     "receivers cannot see it."),
	.why = LANG_MARK("The zone moved to another operator while the old DS record "
			 "stayed at the registrar; signatures ran out because signing "
			 "stopped; or one server still has an old copy of the zone."),
	.how = LANG_MARK(
		"The authoritative servers gave an answer, and our own validator, "
		"starting from the root's key, refused it."),
	.fix = LANG_MARK("If the domain changed its DNS operator lately, replace the DS "
			 "record at the registrar by the new operator's, or remove it. "
			 "Otherwise have the operator sign the zone again. A wrong clock "
			 "on this machine can give the same picture."),
	.check = "  delv CNAME k1._domainkey.customer.example\n"
		 "  kdig DS customer.example",
	.see_also = "U905",
};

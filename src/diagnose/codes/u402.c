/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U402: the operator follows the CNAME itself and answers with what it found. */
#include "diagnose/instead.h"

static const char *flattened_sentence(struct diagnosis *d, const struct record_case *r,
				      const struct instead *instead, bool is_first)
{
	const char *name = shown_relative(d, r).data;
	const char *value = shown_expected(d->a, r->expected).data;
	if (!is_first)
		return arena_printf(
			d->a, lang_text(d->lang, "the same for %s, with the value %s"),
			name, value);
	if (instead->kind == INSTEAD_EMPTY)
		return arena_printf(
			d->a,
			lang_text(d->lang,
				  "look whether the panel has a CNAME record named %s "
				  "with the value %s: if so, switch off flattening for "
				  "it; if not, add it"),
			name, value);
	return arena_printf(d->a,
			    lang_text(d->lang,
				      "switch off flattening (a kind ALIAS or ANAME) for "
				      "the record %s, so that it is a plain CNAME with "
				      "the value %s"),
			    name, value);
}

static const char *flattened_title(struct diagnosis *d, const struct instead *instead)
{
	return instead->kind == INSTEAD_EMPTY
		       ? lang_text(d->lang, "the name is there and empty: the CNAME may "
					    "be flattened")
		       : lang_text(d->lang, "the CNAME is flattened: its name answers "
					    "with the addresses of its target");
}

static void explain_flattened(struct diagnosis *d, struct finding *f,
			      struct record_case *r, const struct instead *instead)
{
	if (instead->confidence > f->confidence)
		f->confidence = instead->confidence;
	f->why = str_from(lang_text(
		d->lang, "the operator follows the CNAME itself and gives the addresses "
			 "that it found; a target that has a key and no addresses then "
			 "looks empty, and receivers find no key"));
	instead_add_evidence(d, f, r);
	r->report->state = instead->kind == INSTEAD_EMPTY ? RECORD_MISSING : RECORD_WRONG;
	struct fix *fix = finding_fix(
		d, f, "set", flattened_sentence(d, r, instead, f->fix_count == 0));
	fix->field = STR("flatten");
	fix->name = shown_relative(d, r);
	fix->value = shown_expected(d->a, r->expected);
	fix->from = STR("true");
	fix->to = STR("false");
	fix->exact = instead->kind == INSTEAD_FLATTENED;
}

/* Receivers find the key: nothing to be ashamed of, until it changes. */
static void explain_key(struct diagnosis *d, struct finding **note, struct record_case *r)
{
	if (!*note)
		*note = finding_add(d, "U402", SEVERITY_NOTE,
				    lang_text(d->lang,
					      "it works, but not by a CNAME: the "
					      "key itself is at this name"));
	struct finding *f = *note;
	finding_covers(d, f, r);
	f->why = str_from(lang_text(
		d->lang, "receivers find the right key, so mail passes; when the "
			 "platform changes the key, this copy stays behind and mail "
			 "fails"));
	instead_add_evidence(d, f, r);
	r->report->state = RECORD_OK;
	const char *value = shown_expected(d->a, r->expected).data;
	struct fix *fix = finding_fix(
		d, f, "set_type",
		arena_printf(d->a,
			     lang_text(d->lang,
				       "when it suits you, put a CNAME record named %s "
				       "with the value %s in its place"),
			     shown_relative(d, r).data, value));
	fix->name = shown_relative(d, r);
	fix->value = str_from(value);
	fix->from = STR("TXT");
	fix->to = STR("CNAME");
}

static void judge_flattened(struct diagnosis *d)
{
	struct finding *flattened[2] = { NULL };
	struct finding *empty[2] = { NULL };
	struct finding *note = NULL;
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		struct instead instead;
		if (r->explained)
			continue;
		instead_find(d, r, &instead);
		if (instead.kind == INSTEAD_KEY) {
			explain_key(d, &note, r);
			continue;
		}
		if (instead.kind != INSTEAD_FLATTENED && instead.kind != INSTEAD_EMPTY)
			continue;
		struct finding *f =
			finding_for(d, instead.kind == INSTEAD_EMPTY ? empty : flattened,
				    r, "U402", flattened_title(d, &instead));
		explain_flattened(d, f, r, &instead);
	}
}

const struct rule rule_u402 = {
	.code = "U402",
	.title = LANG_MARK("the CNAME is flattened"),
	.remedy = LANG_MARK("error, fix in the DNS panel; a note where the key is found "
			    "all the same"),
	.judge = judge_flattened,
	.more = instead_more,
	.meaning = LANG_MARK(
		"The operator of the DNS does not answer with the CNAME that was "
		"typed. It follows the alias itself and answers with what it found "
		"at the target. Where that is a key, mail works until the key "
		"changes; where it is an address, or nothing, it does not."),
	.why = LANG_MARK(
		"\"Flatten all CNAMEs\" is switched on (Cloudflare), or the record "
		"is of a kind called ALIAS or ANAME. Flattening is meant for "
		"web sites at the top of a domain."),
	.how = LANG_MARK(
		"Asked for a CNAME, the name servers have none at this name. It is "
		"certain where the addresses at the name are those of the "
		"target, and possible where the name is there with no address "
		"and no text and the operator is one that flattens: the target "
		"has no address, so a flattened answer is empty. A name beside "
		"it, which nobody has made, tells this from a wildcard."),
	.fix = LANG_MARK(
		"Make it a plain CNAME: switch off flattening for this record (at "
		"Cloudflare: DNS > Settings > CNAME flattening), or remove the "
		"ALIAS record and add a CNAME. Where only the key's text is "
		"published, put the CNAME in its place when it suits you."),
	.check = LANG_MARK("  kdig +noall +answer CNAME k1._domainkey.customer.example\n"
			   "  kdig +noall +answer TXT k1._domainkey.customer.example"),
	.see_also = "U401 U403 U304",
};

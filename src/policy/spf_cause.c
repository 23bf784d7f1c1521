/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why an evaluation of SPF ended as it did, for people. */
#include "policy/spf.h"

enum {
	SHOWN_MAX = 200,
	SHOWN_ROOM = 2048,
};

struct shown {
	struct buf domain;
	struct buf term;
	struct buf target;
	struct buf inner_domain;
	struct buf inner_term;
};

static void shown_init(struct buf *b, struct str foreign)
{
	buf_init(b, SHOWN_ROOM);
	escape_visible(b, foreign, SHOWN_MAX);
}

static void write_match(struct buf *out, const struct shown *s, enum lang lang)
{
	if (str_equal(buf_view(&s->inner_domain), buf_view(&s->domain)))
		buf_printf(out, lang_text(lang, "'%s' in the record of %s matches"),
			   buf_cstr(&s->term), buf_cstr(&s->domain));
	else
		buf_printf(out,
			   lang_text(lang, "'%s' in the record of %s matches: there '%s' "
					   "in the record of %s does"),
			   buf_cstr(&s->term), buf_cstr(&s->domain),
			   buf_cstr(&s->inner_term), buf_cstr(&s->inner_domain));
}

/* A limit that a term of the record passes. */
static void write_limit(struct buf *out, enum spf_cause cause, const struct shown *s,
			enum lang lang)
{
	const char *domain = buf_cstr(&s->domain);
	const char *term = buf_cstr(&s->term);

	if (cause == SPF_CAUSE_LOOKUPS)
		buf_printf(out,
			   lang_text(lang,
				     "the record of %s needs more than ten look-ups "
				     "in the DNS: '%s' would be the eleventh"),
			   domain, term);
	else if (cause == SPF_CAUSE_VOID_LOOKUPS)
		buf_printf(out,
			   lang_text(lang,
				     "the record of %s asks for more than two names "
				     "that are not there: '%s' is the third"),
			   domain, term);
	else
		buf_printf(out,
			   lang_text(lang, "the record of %s leads to more than ten mail "
					   "servers with '%s'"),
			   domain, term);
}

static void write_cause(struct buf *out, const struct spf_outcome *o,
			const struct shown *s, enum lang lang)
{
	const char *domain = buf_cstr(&s->domain);
	const char *term = buf_cstr(&s->term);
	const char *target = buf_cstr(&s->target);

	switch (o->cause) {
	case SPF_CAUSE_MATCH:
		write_match(out, s, lang);
		return;
	case SPF_CAUSE_NO_MATCH:
		buf_printf(out, lang_text(lang, "no term of the record of %s matches"),
			   domain);
		return;
	case SPF_CAUSE_NO_DOMAIN:
		buf_printf(out,
			   lang_text(lang, "'%s' is not a domain that can be looked up"),
			   domain);
		return;
	case SPF_CAUSE_NO_RECORD:
		buf_printf(out, lang_text(lang, "%s has no SPF record"), domain);
		return;
	case SPF_CAUSE_TWO_RECORDS:
		buf_printf(out, lang_text(lang, "%s has more than one SPF record"),
			   domain);
		return;
	case SPF_CAUSE_SYNTAX:
		buf_printf(out, lang_text(lang, "the record of %s is wrong at '%s': %s"),
			   domain, term, lang_text(lang, spf_fault_text(o->fault)));
		return;
	case SPF_CAUSE_TARGET_NONE:
		buf_printf(out,
			   lang_text(lang, "'%s' in the record of %s leads to %s, which "
					   "has no SPF record"),
			   term, domain, target);
		return;
	case SPF_CAUSE_LOOKUPS:
	case SPF_CAUSE_VOID_LOOKUPS:
	case SPF_CAUSE_MX_HOSTS:
		write_limit(out, o->cause, s, lang);
		return;
	case SPF_CAUSE_DNS:
		buf_printf(out, lang_text(lang, "the DNS gave no usable answer about %s"),
			   target);
		return;
	}
}

void spf_cause_write(struct buf *out, const struct spf_outcome *o, enum lang lang)
{
	struct shown s;

	shown_init(&s.domain, o->domain);
	shown_init(&s.term, o->term);
	shown_init(&s.target, o->target);
	shown_init(&s.inner_domain, o->inner_domain);
	shown_init(&s.inner_term, o->inner_term);
	write_cause(out, o, &s, lang);
	buf_done(&s.domain);
	buf_done(&s.term);
	buf_done(&s.target);
	buf_done(&s.inner_domain);
	buf_done(&s.inner_term);
}

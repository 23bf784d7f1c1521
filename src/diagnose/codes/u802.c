/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U802: several DMARC records. */
#include "diagnose/dmarc.h"

enum {
	SHOWN_MAX = 512, /* characters of a record */
};

static struct str visible(struct diagnosis *d, struct str foreign)
{
	auto_buf struct buf b;
	buf_init(&b, 16 * 1024);
	escape_visible(&b, foreign, SHOWN_MAX);
	return arena_str(d->a, buf_view(&b));
}

static const char *remedy(struct diagnosis *d, const struct record_case *r,
			  const struct dmarc_view *v)
{
	const char *name = shown_relative(d, r).data;
	/* It says what is wanted, and more. */
	if (v->has_reporting && str_starts(v->reporting, r->expected->value))
		return arena_printf(
			d->a,
			lang_text(d->lang,
				  "keep this one at %s, as it alone says where reports "
				  "go (rua), and delete the others that begin with "
				  "v=DMARC1: %s"),
			name, visible(d, v->reporting).data);
	if (r->expected->value.len > 0)
		return arena_printf(
			d->a,
			lang_text(d->lang,
				  "keep one of them at %s, the one that the platform "
				  "asks for (%s), put the report addresses (rua) of all "
				  "of them into it with commas between, and delete the "
				  "others"),
			name, shown_expected(d->a, r->expected).data);
	return arena_printf(
		d->a,
		lang_text(d->lang,
			  "keep one TXT record that begins with v=DMARC1 at %s, with the "
			  "report addresses of all of them, and remove the others"),
		name);
}

static void judge(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		struct dmarc_view v;
		if (r->explained || !record_is_other(r) || !dmarc_look(d, r, &v) ||
		    v.count < 2)
			continue;
		struct finding *f = finding_for(
			d, slots, r, "U802",
			lang_text(d->lang, "there is more than one DMARC record"));
		finding_evidence(d, f, &r->tally, SAID_OTHER);
		f->why = str_from(lang_text(
			d->lang, "receivers use none of several DMARC records (RFC 9989 "
				 "section 4.10)"));
		struct fix *fix = finding_fix(d, f, "set_value", remedy(d, r, &v));
		fix->name = shown_relative(d, r);
		fix->value = shown_expected(d->a, r->expected);
	}
}

const struct rule rule_u802 = {
	.code = "U802",
	.title = LANG_MARK("there is more than one DMARC record"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge,
	.meaning = LANG_MARK("Two or more TXT records at _dmarc begin with v=DMARC1. "
			     "Receivers must then use none of them (RFC 9989 section "
			     "4.10), as if there were no DMARC."),
	.why = LANG_MARK("Each service that was set up asked for a DMARC record, and "
			 "each was added as a record of its own."),
	.how = LANG_MARK("We asked for TXT at the name and counted the records that "
			 "begin with v=DMARC1. Several strings inside one record "
			 "count as one."),
	.fix = LANG_MARK("Keep one record. Report addresses of several services go "
			 "into one rua tag with commas between them: "
			 "rua=mailto:a@one.example,mailto:b@two.example"),
	.check = "  kdig +noall +answer TXT _dmarc.customer.example",
	.see_also = "U801 U803",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U954: the domain was registered anew since it was verified: it may have another
 * owner. */
#include "diagnose/rules.h"

#include "diagnose/registered.h"

enum {
	SLACK_S = 2 * 86400, /* registries tell the day, in zones of their own */
};

static void judge_owner(struct diagnosis *d)
{
	const struct registration *r = domain_registration(d);
	if (d->x->registered_at == 0 || !r || r->registered_at == 0 ||
	    r->registered_at - SLACK_S <= d->x->registered_at)
		return;
	struct dns_name organisation = r->domain;
	auto_buf struct buf then;
	buf_init(&then, 64);
	clock_write_rfc3339(&then, d->x->registered_at);
	struct finding *f = finding_add(
		d, "U954", SEVERITY_ERROR,
		arena_printf(d->a,
			     lang_text(d->lang, "%s was registered anew: it may have "
						"another owner"),
			     shown_name(d, &organisation).data));
	f->why = str_from(arena_printf(
		d->a, lang_text(d->lang, "%s; when it was verified, it was %.10s"),
		registration_words(d, r).data, buf_cstr(&then)));
	finding_fix(d, f, "claim",
		    lang_text(d->lang,
			      "the proof of the former owner does not count any more: "
			      "claim the domain with a new token, and make new DKIM "
			      "records"));
}

const struct rule rule_u954 = {
	.code = "U954",
	.title = LANG_MARK("the domain changed hands"),
	.remedy = LANG_MARK("error, verify anew"),
	.judge = judge_owner,
	.meaning = LANG_MARK(
		"The domain was registered after it had been verified here. Somebody let "
		"it run out, and somebody, perhaps another, registered it again."),
	.why = LANG_MARK(
		"A registration ended and was not renewed in time. Records that were "
		"left "
		"in the DNS, or were copied, prove nothing of the owner of today."),
	.how = LANG_MARK(
		"The registry (RDAP) tells when the domain was registered; the service "
		"knows when it was at verification (registered_at)."),
	.fix = LANG_MARK("Whoever owns the domain today has to prove it, with a new "
			 "token and new records."),
	.check = "  whois customer.example",
	.see_also = "U951 U952 U108",
};

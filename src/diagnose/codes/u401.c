/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U401: Cloudflare answers in place of the record. */
#include "diagnose/instead.h"

/* The way to the switch, once; then the records that it is for. */
static const char *proxied_sentence(struct diagnosis *d, const struct record_case *r,
				    bool is_first)
{
	const struct provider *p = provider_find(STR("cloudflare"));
	struct str way = d->lang == LANG_JA ? p->switch_ja : p->switch_en;
	const char *name = shown_relative(d, r).data;
	if (!is_first)
		return arena_printf(d->a, lang_text(d->lang, "the same for %s"), name);
	return arena_printf(d->a, lang_text(d->lang, "for the record %s: %.*s"), name,
			    STR_ARG(way));
}

static void judge_proxied(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	struct instead instead;
	struct record_case *r;
	size_t at = 0;
	while ((r = instead_next(d, INSTEAD_PROXIED, &at, &instead)) != NULL) {
		struct finding *f = finding_for(
			d, slots, r, "U401",
			lang_text(d->lang, "the record is proxied by Cloudflare (orange "
					   "cloud)"));
		if (instead.confidence > f->confidence)
			f->confidence = instead.confidence;
		f->why = str_from(lang_text(
			d->lang, "a proxied CNAME is answered with Cloudflare's own "
				 "addresses, so nobody can follow it to the key"));
		instead_add_evidence(d, f, r);
		r->report->state = RECORD_WRONG;
		struct fix *fix = finding_fix(d, f, "set",
					      proxied_sentence(d, r, f->fix_count == 0));
		fix->field = STR("proxied");
		fix->name = shown_relative(d, r);
		fix->from = STR("true");
		fix->to = STR("false");
		fix->exact = f->confidence == CONFIDENCE_CERTAIN;
	}
}

const struct rule rule_u401 = {
	.code = "U401",
	.title = LANG_MARK("the record is proxied by Cloudflare"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_proxied,
	.more = instead_more,
	.meaning =
		LANG_MARK("The record is there, but its proxy is switched on (the orange "
			  "cloud). Cloudflare then answers with addresses of its own "
			  "and hides where the record leads."),
	.why = LANG_MARK(
		"Cloudflare switches its proxy on by itself for new CNAME records. "
		"That is right for a web site and wrong for mail: a receiver "
		"that looks for the key has to be led to it by the CNAME."),
	.how = LANG_MARK(
		"Asked for a CNAME, the name servers have none at this name. Asked "
		"for addresses, they give some that lie in the networks that "
		"Cloudflare publishes as its own. It is certain where the name "
		"servers are Cloudflare's too."),
	.fix = LANG_MARK("In Cloudflare's dashboard open DNS > Records, edit the record, "
			 "set \"Proxy status\" to \"DNS only\" (grey cloud), and save. "
			 "Leave its name and target as they are."),
	.check = LANG_MARK("  kdig +noall +answer CNAME k1._domainkey.customer.example\n"
			   "  kdig +noall +answer A k1._domainkey.customer.example"),
	.see_also = "U402 U403 U301",
};

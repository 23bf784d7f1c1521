/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U403: the addresses of a proxy in place of the record. */
#include "diagnose/instead.h"

static void explain_proxy(struct diagnosis *d, struct finding *f, struct record_case *r,
			  const struct instead *instead)
{
	f->confidence = instead->confidence;
	f->why = str_from(arena_printf(
		d->a,
		lang_text(
			d->lang,
			"the addresses are in networks of %.*s, which serves web sites: "
			"nobody is led from there to the key"),
		STR_ARG(instead->proxy)));
	instead_add_evidence(d, f, r);
	r->report->state = RECORD_WRONG;
	const char *value = shown_expected(d->a, r->expected).data;
	struct fix *fix = finding_fix(
		d, f, "set_type",
		arena_printf(
			d->a,
			lang_text(d->lang,
				  "take the name %s out of what %.*s serves, remove "
				  "its A and AAAA records, and add a CNAME record of "
				  "this name with the value %s"),
			shown_relative(d, r).data, STR_ARG(instead->proxy), value));
	fix->field = STR("type");
	fix->name = shown_relative(d, r);
	fix->value = str_from(value);
	fix->from = STR("A");
	fix->to = STR("CNAME");
}

static void judge_proxy(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	struct instead instead;
	struct record_case *r;
	size_t at = 0;
	while ((r = instead_next(d, INSTEAD_PROXY, &at, &instead)) != NULL) {
		struct finding *f = finding_for(
			d, slots, r, "U403",
			arena_printf(d->a,
				     lang_text(d->lang,
					       "addresses of %.*s stand in place of the "
					       "CNAME"),
				     STR_ARG(instead.proxy)));
		explain_proxy(d, f, r, &instead);
	}
}

const struct rule rule_u403 = {
	.code = "U403",
	.title = LANG_MARK("addresses of a proxy stand in place of the CNAME"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_proxy,
	.more = instead_more,
	.meaning =
		LANG_MARK("The name answers with addresses of a service that stands in "
			  "front of web sites (content delivery, filter). The CNAME "
			  "that should lead to the key is not there."),
	.why = LANG_MARK("All names of the domain were put behind the service, or the "
			 "record was made as one of the web site."),
	.how = LANG_MARK(
		"Asked for a CNAME, the name servers have none at this name. The "
		"addresses they have lie in networks of the service. Such lists "
		"change, so this is likely and not certain."),
	.fix = LANG_MARK(
		"Take the name out of the service, remove its A and AAAA records, "
		"and add the CNAME with the value that is given. It must not be "
		"proxied."),
	.check = LANG_MARK("  kdig +noall +answer CNAME k1._domainkey.customer.example\n"
			   "  kdig +noall +answer A k1._domainkey.customer.example"),
	.see_also = "U401 U402 U301",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U702: the MX names another host. */
#include "diagnose/mx.h"

static const char *tell_why(struct diagnosis *d, const struct mx_view *v)
{
	switch (v->seen.fault) {
	case MX_OTHER_REGION:
		return arena_printf(
			d->a,
			lang_text(d->lang,
				  "it is the host of Amazon SES in the region %s, and "
				  "this identity is in another region"),
			arena_text(d->a, v->seen.region));
	case MX_RECEIVING:
		return lang_text(d->lang,
				 "it is the host that receives mail for Amazon SES "
				 "(inbound-smtp), not the one that takes bounces "
				 "(feedback-smtp)");
	case MX_RIGHT:
	case MX_NULL:
	case MX_SEVERAL:
	case MX_OTHER_HOST:
	case MX_MALFORMED:
		return NULL;
	}
	return NULL;
}

static bool fits(const struct mx_view *v)
{
	return v->seen.fault == MX_OTHER_HOST || v->seen.fault == MX_OTHER_REGION ||
	       v->seen.fault == MX_RECEIVING;
}

static void judge(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		struct mx_view v;
		if (r->explained || !mx_look(d, r, &v) || !fits(&v))
			continue;
		struct finding *f = finding_for(
			d, slots, r, "U702",
			lang_text(d->lang, "the MX record names another host"));
		const char *why = tell_why(d, &v);
		if (why && f->why.len == 0)
			f->why = str_from(why);
		finding_set_value(d, f, r);
	}
}

const struct rule rule_u702 = {
	.code = "U702",
	.title = LANG_MARK("the MX record names another host"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge,
	.meaning = LANG_MARK("The MX record of MAIL FROM names a host that is not the "
			     "platform's, so bounces (mail that could not be delivered) "
			     "go elsewhere, and the platform does not use the name."),
	.why = LANG_MARK("The host of your own mail was typed; the host of another "
			 "region of Amazon SES was copied; or the host that receives "
			 "mail (inbound-smtp) was taken for the one that takes "
			 "bounces (feedback-smtp)."),
	.how = LANG_MARK("We asked for MX at the name and compared the host without "
			 "regard to capitals and the final dot."),
	.fix = LANG_MARK("Set the value to the host that is given. If the name is "
			 "needed for other mail, choose another name for MAIL FROM, "
			 "such as bounce.customer.example."),
	.check = "  kdig +noall +answer MX bounce.customer.example",
	.see_also = "U302 U701 U703 U704",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U704: the MX leads to an alias. */
#include "diagnose/mx.h"

/* Whether the host that stands there is an alias. */
static size_t ask(const struct diagnosis *d, const struct record_case *r,
		  struct question out[MORE_MAX])
{
	struct mx_view v;
	if (r->explained || !mx_look(d, r, &v) || v.seen.host.len <= 1)
		return 0;
	out[0] = (struct question){ v.seen.host, DNS_TYPE_CNAME };
	return 1;
}

static void judge(struct diagnosis *d)
{
	struct finding *slots[2] = { NULL };
	for (size_t i = 0; i < d->record_count; i++) {
		struct record_case *r = &d->records[i];
		struct mx_view v;
		if (r->explained || !mx_look(d, r, &v) || v.alias_to.len == 0)
			continue;
		struct finding *f = finding_for(
			d, slots, r, "U704",
			lang_text(d->lang, "the MX record leads to an alias"));
		f->why = str_from(arena_printf(
			d->a, lang_text(d->lang, "%s is an alias (CNAME) of %s"),
			shown_name(d, &v.seen.host).data,
			shown_name(d, &v.alias_to).data));
		finding_set_value(d, f, r);
	}
}

const struct rule rule_u704 = {
	.code = "U704",
	.title = LANG_MARK("the MX record leads to an alias"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge,
	.more = ask,
	.meaning = LANG_MARK("The MX record names a host that is itself only an alias (a "
			     "CNAME record). That is not allowed (RFC 2181 section "
			     "10.3): some senders follow it, others do not, and the "
			     "platform does not find its own host there."),
	.why = LANG_MARK("A name of one's own was put in between, to be able to "
			 "change the host later; or a name was chosen that happens "
			 "to be an alias, such as www."),
	.how = LANG_MARK("We asked for MX at the name, and for a CNAME at the host "
			 "that it names: there is one."),
	.fix = LANG_MARK("Put the platform's host itself into the MX record, as it "
			 "is given."),
	.check = "  kdig +noall +answer MX bounce.customer.example\n"
		 "  kdig +noall +answer CNAME mx.customer.example",
	.see_also = "U702",
};

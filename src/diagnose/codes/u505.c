/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U505: the key was taken back. */
#include "diagnose/key.h"

static const char *why(struct diagnosis *d, const struct key_view *v)
{
	if (v->is_behind)
		return arena_printf(
			d->a,
			lang_text(d->lang,
				  "p= is empty at %s, which belongs to the platform: it "
				  "took this key back itself, on purpose, often for a "
				  "newer one; only the platform can publish a key there"),
			shown_name(d, &v->at).data);
	return lang_text(d->lang,
			 "p= is empty: somebody took the key back on purpose, or the "
			 "value was pasted without the key; if it was on purpose, ask "
			 "the platform for its new key (often under a new name) and "
			 "do not put the old one back");
}

static void judge(struct diagnosis *d)
{
	static const struct key_rule rule = {
		.trouble = KEY_REVOKED,
		.row = &rule_u505,
		.why = why,
	};
	key_judge(d, &rule);
}

const struct rule rule_u505 = {
	.code = "U505",
	.title = LANG_MARK("the key is revoked"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge,
	.meaning = LANG_MARK("The record says p= with nothing behind it. That is how an "
			     "owner says that the key must no longer be used: receivers "
			     "refuse everything that is signed with it."),
	.why = LANG_MARK("The key was taken out of use, or the value was pasted "
			 "without its second half."),
	.how = LANG_MARK("We asked for TXT at the name of the key, joined the strings "
			 "of each record as receivers do (RFC 6376 section 3.6.2.2), "
			 "and read the key to the last byte."),
	.fix = LANG_MARK("Put the current key into the record. If the platform holds "
			 "the key (a CNAME leads to it), nothing in your DNS is wrong: "
			 "ask the platform to publish its key again."),
	.check = "  kdig +noall +answer TXT s1._domainkey.customer.example",
	.see_also = "U501 U508",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U501: the key ends too early. */
#include "diagnose/key.h"

static const char *tell_why(struct diagnosis *d, const struct key_view *v)
{
	if (v->missing == 0)
		return NULL;
	return arena_printf(d->a,
			    lang_text(d->lang,
				      "about %zu characters are missing at the end; "
				      "many panels cut at 255 characters"),
			    v->missing);
}

static void judge(struct diagnosis *d)
{
	static const struct key_rule rule = {
		.trouble = KEY_CUT,
		.row = &rule_u501,
		.why = tell_why,
	};
	key_judge(d, &rule);
}

const struct rule rule_u501 = {
	.code = "U501",
	.title = LANG_MARK("the key was cut off"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge,
	.meaning =
		LANG_MARK("The record holds the beginning of a DKIM key, and the end is "
			  "missing. Signatures cannot be verified with it."),
	.why = LANG_MARK("The value box of the DNS panel takes only 255 characters and "
			 "drops the rest without a word; or the end was not selected "
			 "when the key was copied."),
	.how = LANG_MARK("We asked for TXT at the name of the key, joined the strings "
			 "of each record as receivers do (RFC 6376 section 3.6.2.2), "
			 "and read the key to the last byte. A key says how long it "
			 "is; this one ends before that."),
	.fix = LANG_MARK("Paste the whole value again. If the panel takes no more than "
			 "255 characters in one box, write the value as several "
			 "strings in one record, each in quotes: \"first part\" \"second "
			 "part\". If it cannot do that either, ask for a CNAME record "
			 "to the key, or for a key of 1024 bits."),
	.check = "  kdig +noall +answer TXT s1._domainkey.customer.example",
	.see_also = "U502 U510",
};

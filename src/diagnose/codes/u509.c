/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U509: several keys under one selector. */
#include "diagnose/key.h"

static void judge(struct diagnosis *d)
{
	static const struct key_rule rule = {
		.trouble = KEY_SEVERAL,
		.row = &rule_u509,
		.remedy = key_tell_one_left,
		.action = "remove",
	};
	key_judge(d, &rule);
}

const struct rule rule_u509 = {
	.code = "U509",
	.title = LANG_MARK("there are several keys at one name"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge,
	.meaning =
		LANG_MARK("Two or more DKIM key records stand at one name. Which one a "
			  "receiver takes is left open (RFC 6376 section 3.6.2.2), so "
			  "mail passes at some and fails at others."),
	.why = LANG_MARK("A new key was added and the old one was not removed; or two "
			 "services were given the same selector."),
	.how = LANG_MARK("We asked for TXT at the name and found more than one record "
			 "that is a DKIM key."),
	.fix = LANG_MARK("Keep the one key that is in use and remove the other "
			 "records. Each key needs a selector (the label in front of "
			 "_domainkey) of its own."),
	.check = "  kdig +noall +answer TXT s1._domainkey.customer.example",
	.see_also = "U502 U508",
};

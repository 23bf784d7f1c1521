/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U503: quotes or backslashes belong to the value. */
#include "diagnose/key.h"

static void judge(struct diagnosis *d)
{
	static const struct key_rule rule = {
		.trouble = KEY_QUOTED,
		.row = &rule_u503,
		.why = key_tell_position,
	};
	key_judge(d, &rule);
}

const struct rule rule_u503 = {
	.code = "U503",
	.title = LANG_MARK("quotes or backslashes are part of the key"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge,
	.meaning =
		LANG_MARK("The value has quotation marks or backslashes in it that "
			  "receivers take for a part of the key. They belong to the way "
			  "zone files are written, not to the value."),
	.why = LANG_MARK("The value was copied out of a zone file or a guide together "
			 "with its quotes, into a panel that adds quotes by itself."),
	.how = LANG_MARK("We asked for TXT at the name of the key, joined the strings "
			 "of each record as receivers do (RFC 6376 section 3.6.2.2), "
			 "and read the key to the last byte. Without the quotes and "
			 "backslashes it is the right key."),
	.fix = LANG_MARK("Edit the value: take away every quotation mark and every "
			 "backslash. It begins with v=DKIM1 (or p=) and ends with the "
			 "last character of the key."),
	.check = "  kdig +noall +answer TXT s1._domainkey.customer.example",
	.see_also = "U504 U510",
};

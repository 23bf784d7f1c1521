/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U510: p= was damaged. */
#include "diagnose/key.h"

static const char *tell_why(struct diagnosis *d, const struct key_view *v)
{
	if (v->is_case)
		return lang_text(d->lang,
				 "capitals became small letters, or the other way; "
				 "in a key each of them counts");
	return key_tell_position(d, v);
}

static void judge(struct diagnosis *d)
{
	static const struct key_rule rule = {
		.trouble = KEY_DAMAGED,
		.row = &rule_u510,
		.why = tell_why,
	};
	key_judge(d, &rule);
}

const struct rule rule_u510 = {
	.code = "U510",
	.title = LANG_MARK("the key is damaged"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge,
	.meaning = LANG_MARK("The record is meant as a DKIM key, and the key in p= was "
			     "damaged: a character is wrong, missing or too much, or "
			     "capitals were made small. Not one signature verifies with "
			     "it."),
	.why = LANG_MARK("A character was lost in copying or typing; a panel or a form "
			 "made all letters small; or the lines -----BEGIN PUBLIC "
			 "KEY----- were pasted with it."),
	.how = LANG_MARK("We asked for TXT at the name of the key, joined the strings "
			 "of each record as receivers do (RFC 6376 section 3.6.2.2), "
			 "and read the key to the last byte. What p= holds must be "
			 "base64, must be a key, and where the right key is known must "
			 "be that."),
	.fix = LANG_MARK("Do not repair it by hand: copy the value again from where it "
			 "was made, whole, and paste it over the old one. Capitals and "
			 "small letters matter."),
	.check = "  kdig +noall +answer TXT s1._domainkey.customer.example",
	.see_also = "U501 U503 U508",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U508: a usable key that is not the expected one. */
#include "diagnose/key.h"

/* What is shown of the two is cut, and the beginnings are the same. */
static const char *tell_why(struct diagnosis *d, const struct key_view *v)
{
	(void)v;
	return lang_text(d->lang,
			 "it is a whole key, but not the expected one (keys of one kind "
			 "begin alike, and differ further on)");
}

static void judge(struct diagnosis *d)
{
	static const struct key_rule rule = {
		.trouble = KEY_OTHER,
		.row = &rule_u508,
		.why = tell_why,
	};
	key_judge(d, &rule);
}

const struct rule rule_u508 = {
	.code = "U508",
	.title = LANG_MARK("another key is published"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge,
	.meaning =
		LANG_MARK("There is a well-formed DKIM key at the name, and it is not "
			  "the one that is expected. Signatures made with the expected "
			  "key will not verify."),
	.why = LANG_MARK("It is left from an earlier set-up, from another account or "
			 "platform that uses the same selector; or the key was changed "
			 "and the DNS was not."),
	.how = LANG_MARK("We asked for TXT at the name of the key, joined the strings "
			 "of each record as receivers do (RFC 6376 section 3.6.2.2), "
			 "and read the key to the last byte. Keys are compared by "
			 "their bytes, not by the way they are written."),
	.fix = LANG_MARK("Set the value to the key that is given. If another service "
			 "still signs with the old key, one of the two needs a "
			 "selector (the label in front of _domainkey) of its own."),
	.check = "  kdig +noall +answer TXT s1._domainkey.customer.example",
	.see_also = "U509 U510",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U511: v=, k=, h= or s= exclude mail of today. */
#include "diagnose/key.h"

/* The parser's words name the tag. */
static const char *tell_why(struct diagnosis *d, const struct key_view *v)
{
	return arena_printf(d->a, lang_text(d->lang, "what is wrong: %s"), v->why.data);
}

static void judge(struct diagnosis *d)
{
	static const struct key_rule rule = {
		.trouble = KEY_MISUSED,
		.row = &rule_u511,
		.why = tell_why,
	};
	key_judge(d, &rule);
}

const struct rule rule_u511 = {
	.code = "U511",
	.title = LANG_MARK("a tag of the key excludes mail"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge,
	.meaning =
		LANG_MARK("The record may hold the right key, and one of its tags says "
			  "that it is not to be used: k= names another kind of key, h= "
			  "allows only old hash functions, s= names another service, or "
			  "v= is not DKIM1."),
	.why = LANG_MARK("The tags were written by hand, or taken from an example for "
			 "something else."),
	.how = LANG_MARK("We asked for TXT at the name of the key, joined the strings "
			 "of each record as receivers do (RFC 6376 section 3.6.2.2), "
			 "and read the key to the last byte."),
	.fix = LANG_MARK("Use the value that is given as it is. Only p= is needed; "
			 "v=DKIM1 comes first if it is there, k=rsa and s=email and "
			 "h=sha256 may be left out."),
	.check = "  kdig +noall +answer TXT s1._domainkey.customer.example",
	.see_also = "U508 U510",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U507: t=y asks receivers to treat signatures as tests. */
#include "diagnose/key.h"

static bool is_testing(const struct key_view *v)
{
	return v->is_testing;
}

static const char *tell_note(struct diagnosis *d, const char *name)
{
	return arena_printf(d->a,
			    lang_text(d->lang, "when signing works, take t=y out of the "
					       "value of the TXT record named %s"),
			    name);
}

static void judge(struct diagnosis *d)
{
	static const struct key_note note = {
		.code = "U507",
		.title = LANG_MARK("the key is marked as a test"),
		.fits = is_testing,
		.remedy = tell_note,
	};
	key_add_note(d, &note);
}

const struct rule rule_u507 = {
	.code = "U507",
	.title = LANG_MARK("the key is marked as a test"),
	.remedy = LANG_MARK("note, change when you like"),
	.judge = judge,
	.meaning = LANG_MARK("The tag t=y says that the owner is testing DKIM. Receivers "
			     "may treat mail that is signed with this key as if it were "
			     "not signed."),
	.why = LANG_MARK("The mark was put there when DKIM was set up, and forgotten."),
	.how = LANG_MARK("We asked for TXT at the name of the key, joined the strings "
			 "of each record as receivers do (RFC 6376 section 3.6.2.2), "
			 "and read the key to the last byte."),
	.fix = LANG_MARK("When signing works, take t=y out of the value. t=s, if it is "
			 "there, may stay."),
	.check = "  kdig +noall +answer TXT s1._domainkey.customer.example",
	.see_also = "U511",
};

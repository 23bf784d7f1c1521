/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U506: an RSA key that is too short. */
#include "diagnose/key.h"

static const char *tell_why(struct diagnosis *d, const struct key_view *v)
{
	return arena_printf(d->a,
			    lang_text(d->lang,
				      "the key has %u bits; receivers refuse keys "
				      "of less than 1024 bits"),
			    v->bits);
}

static const char *tell_remedy(struct diagnosis *d, const struct record_case *r,
			       const struct key_view *v unused_arg)
{
	return arena_printf(d->a,
			    lang_text(d->lang,
				      "make an RSA key of 2048 bits and put its "
				      "public part into the TXT record named %s"),
			    shown_relative(d, r).data);
}

static bool is_weak(const struct key_view *v)
{
	return v->is_weak && !v->is_behind;
}

static const char *tell_note(struct diagnosis *d, const char *name)
{
	return arena_printf(d->a,
			    lang_text(d->lang,
				      "the key at %s works; when it is changed the "
				      "next time, make one of 2048 bits"),
			    name);
}

static const struct key_note note = {
	.code = "U506",
	.title = LANG_MARK("the RSA key is shorter than 2048 bits"),
	.fits = is_weak,
	.remedy = tell_note,
};

static void judge(struct diagnosis *d)
{
	static const struct key_rule rule = {
		.trouble = KEY_WEAK,
		.row = &rule_u506,
		.why = tell_why,
		.remedy = tell_remedy,
		.action = "set_value",
	};
	key_judge(d, &rule);
	key_add_note(d, &note);
}

const struct rule rule_u506 = {
	.code = "U506",
	.title = LANG_MARK("the RSA key is too short"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge,
	.meaning = LANG_MARK("Receivers must not accept signatures by RSA keys of less "
			     "than 1024 bits (RFC 8301 section 3.2). From 1024 bits on "
			     "they may; 2048 bits are the advice of today."),
	.why = LANG_MARK("The key was made long ago, or with a tool that still makes "
			 "short keys."),
	.how = LANG_MARK("We asked for TXT at the name of the key, joined the strings "
			 "of each record as receivers do (RFC 6376 section 3.6.2.2), "
			 "and read the key to the last byte. Its length is that of the "
			 "modulus in it."),
	.fix = LANG_MARK("Make a new key of 2048 bits, publish it under a new "
			 "selector, sign with it, and take the old one away a week "
			 "later. With Amazon SES: choose RSA_2048_BIT as the length of "
			 "the next signing key."),
	.check = "  kdig +noall +answer TXT s1._domainkey.customer.example",
	.see_also = "U505 U508",
};

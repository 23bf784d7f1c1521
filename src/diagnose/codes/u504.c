/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U504: typographic quotes and odd blanks. */
#include "diagnose/key.h"

/* The parser's words say where. */
static const char *tell_why(struct diagnosis *d, const struct key_view *v)
{
	if (v->position == 0)
		return NULL;
	return arena_printf(d->a,
			    lang_text(d->lang,
				      "it begins to be wrong at character %zu of "
				      "the value"),
			    v->position);
}

static bool has_breaks(const struct key_view *v)
{
	return v->has_breaks;
}

static const char *tell_note(struct diagnosis *d, const char *name)
{
	return arena_printf(d->a,
			    lang_text(d->lang,
				      "write the value of the TXT record named %s "
				      "without line breaks"),
			    name);
}

static const struct key_note note = {
	.code = "U504",
	.title = LANG_MARK("line breaks are part of the key"),
	.fits = has_breaks,
	.remedy = tell_note,
};

static void judge(struct diagnosis *d)
{
	static const struct key_rule rule = {
		.trouble = KEY_SPACED,
		.row = &rule_u504,
		.why = tell_why,
	};
	key_judge(d, &rule);
	key_add_note(d, &note);
}

const struct rule rule_u504 = {
	.code = "U504",
	.title = LANG_MARK("odd quotes or blanks are part of the key"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge,
	.meaning =
		LANG_MARK("The value has characters in it that look like plain quotes, "
			  "blanks or semicolons and are not: typographic quotes, "
			  "no-break spaces, full-width or invisible characters. "
			  "Receivers cannot read the key."),
	.why = LANG_MARK("The value went through a word processor, a chat or a web "
			 "page, which replaced plain characters by prettier ones."),
	.how = LANG_MARK("We asked for TXT at the name of the key, joined the strings "
			 "of each record as receivers do (RFC 6376 section 3.6.2.2), "
			 "and read the key to the last byte. With those characters "
			 "made plain it is the right key."),
	.fix = LANG_MARK("Copy the value again from where it was made, through nothing "
			 "but a plain text editor, and paste it over the old one."),
	.check = "  kdig +noall +answer TXT s1._domainkey.customer.example",
	.see_also = "U503 U510",
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U502: the pieces of one key are records of their own. */
#include "diagnose/key.h"

/* One record, and the others away. */
static const char *tell_remedy(struct diagnosis *d, const struct record_case *r,
			       const struct key_view *v)
{
	const char *value = shown_expected(d->a, r->expected).data;
	const char *name = shown_relative(d, r).data;
	if (value[0] == '\0')
		return arena_printf(d->a,
				    lang_text(d->lang,
					      "in place of the %zu TXT records named "
					      "%s have one that holds the whole "
					      "public key, and remove the others"),
				    v->count, name);
	return arena_printf(d->a,
			    lang_text(d->lang,
				      "remove the %zu TXT records named %s, and add "
				      "one with the whole value: %s"),
			    v->count, name, value);
}

static void judge(struct diagnosis *d)
{
	static const struct key_rule rule = {
		.trouble = KEY_SPLIT,
		.row = &rule_u502,
		.remedy = tell_remedy,
		.action = "remove",
	};
	key_judge(d, &rule);
}

const struct rule rule_u502 = {
	.code = "U502",
	.title = LANG_MARK("the key is split over several TXT records"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge,
	.meaning = LANG_MARK("The pieces of one DKIM key stand in TXT records of their "
			     "own. Receivers read each record by itself and never join "
			     "them, so none of them is a key."),
	.why = LANG_MARK("The value is longer than the 255 characters that one string "
			 "can have, and each string was entered as a new record "
			 "instead of as a further string of the same record."),
	.how = LANG_MARK("We asked for TXT at the name, put the records one behind "
			 "another, and got the whole key."),
	.fix = LANG_MARK(
		"Remove all of these records and add one with the whole "
		"value. Where the panel asks for strings, write them into the "
		"one value box, each in quotes: \"first part\" \"second part\"."),
	.check = "  kdig +noall +answer TXT s1._domainkey.customer.example",
	.see_also = "U501 U509",
};

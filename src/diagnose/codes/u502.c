/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U502: the pieces of one key are records of their own. */
#include "diagnose/key.h"

static void judge(struct diagnosis *d)
{
	static const struct key_rule rule = {
		.trouble = KEY_SPLIT,
		.row = &rule_u502,
		.remedy = key_tell_one_left,
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

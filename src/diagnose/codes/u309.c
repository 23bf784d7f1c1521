/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U309: the target was typed with something around it. */
#include "diagnose/rules.h"
#include "diagnose/target.h"

static bool has_extra(struct diagnosis *d unused_arg, const struct target *t)
{
	static const char around[] = " \t/:,;?#\"'()<>[]=";
	auto_arena struct arena scratch;
	arena_init(&scratch, 64 * 1024);
	struct str typed = target_typed(&scratch, &t->seen);
	struct str wanted = target_typed(&scratch, &t->wanted);
	struct cursor c = cursor_over(typed);
	while (cursor_left(&c) > 0) {
		struct str word = cursor_until(&c, around);
		bool is_whole = word.len == typed.len;
		if (word.len > 0 && word.data[word.len - 1] == '.')
			word.len--;
		if (!is_whole && str_equal_nocase(word, wanted))
			return true;
		cursor_while(&c, around);
	}
	return false;
}

static const char *why_extra(struct diagnosis *d, const struct target *t unused_arg)
{
	return lang_text(d->lang,
			 "the value is a bare name: no https://, no slash, no "
			 "blank, no comma, no port, no record type belongs to it");
}

static void judge_extra(struct diagnosis *d)
{
	static const struct target_rule rule = {
		.code = "U309",
		.title = LANG_MARK("the target has something around it that is no name"),
		.is_it = has_extra,
		.why = why_extra,
	};
	target_judge(d, &rule);
}

const struct rule rule_u309 = {
	.code = "U309",
	.title = LANG_MARK("the target has other text around it"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_extra,
	.meaning =
		LANG_MARK("The right target is there, but as a part of something longer: "
			  "a web address, a blank or comma behind it, or the word CNAME "
			  "in front. The whole of it is taken for the name, and that "
			  "name does not exist."),
	.why = LANG_MARK(
		"The value was copied together with what stood around it, or typed "
		"as one types an address into a browser."),
	.how = LANG_MARK(
		"The target that the name servers give holds the expected one, and "
		"characters around it that no name of a mail platform has."),
	.fix = LANG_MARK("Delete the value box and type or copy the target alone.\n"
			 "\n"
			 "  wrong   https://k1.keys.example.net/\n"
			 "  right   k1.keys.example.net"),
	.check = "  kdig +noall +answer CNAME k1._domainkey.customer.example",
	.see_also = "U302 U303",
};

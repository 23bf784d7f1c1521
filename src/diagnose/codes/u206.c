/* SPDX-License-Identifier: GPL-3.0-or-later */
/* U206: characters that look like the right ones, in the name or in the value. */
#include "diagnose/lookalike.h"
#include "diagnose/places.h"
#include "diagnose/target.h"

static struct str typed(struct diagnosis *d, const struct dns_name *name)
{
	auto_arena struct arena scratch;
	auto_buf struct buf b;
	arena_init(&scratch, 64 * 1024);
	buf_init(&b, 4 * 1024);
	escape_visible(&b, target_typed(&scratch, name), 0);
	return arena_str(d->a, buf_view(&b));
}

static bool find_wrong(struct diagnosis *d, const struct dns_name *seen,
		       const struct dns_name *wanted, struct lookalike *out)
{
	auto_arena struct arena scratch;
	arena_init(&scratch, 64 * 1024);
	return lookalike_find(d->a, target_typed(&scratch, seen),
			      target_typed(&scratch, wanted), out);
}

static const char *why_name(struct diagnosis *d, const struct record_case *r,
			    const struct place *place)
{
	struct lookalike c;
	if (find_wrong(d, &place->name, &r->expected->name, &c))
		return arena_printf(
			d->a,
			lang_text(d->lang,
				  "the name that was typed, %s, has a character "
				  "that only looks like the right one: character "
				  "%zu is %s (U+%04X), where %s (U+%04X) belongs"),
			typed(d, &place->name).data, c.position, c.seen_text.data,
			(unsigned)c.seen, c.wanted_text.data, (unsigned)c.wanted);
	return arena_printf(d->a,
			    lang_text(d->lang, "the name that was typed has a character "
					       "that only looks like the one in %s, such "
					       "as a full-width underscore, or 0 for o"),
			    shown_relative(d, r).data);
}

static bool looks_alike(struct diagnosis *d unused_arg, const struct target *t)
{
	auto_arena struct arena scratch;
	arena_init(&scratch, 256 * 1024);
	struct str seen = target_typed(&scratch, &t->seen);
	struct str wanted = target_typed(&scratch, &t->wanted);
	return !dns_name_equal(&t->seen, &t->wanted) &&
	       str_equal(lookalike_skeleton(&scratch, seen),
			 lookalike_skeleton(&scratch, wanted));
}

static const char *why_value(struct diagnosis *d, const struct target *t)
{
	struct lookalike c;
	if (find_wrong(d, &t->seen, &t->wanted, &c))
		return arena_printf(
			d->a,
			lang_text(d->lang, "%s only looks like %s: character %zu is %s "
					   "(U+%04X), where %s (U+%04X) belongs"),
			typed(d, &t->seen).data, shown_name(d, &t->wanted).data,
			c.position, c.seen_text.data, (unsigned)c.seen,
			c.wanted_text.data, (unsigned)c.wanted);
	return arena_printf(d->a,
			    lang_text(d->lang, "%s only looks like %s: at least one "
					       "character is another one (full-width, "
					       "Cyrillic, 0 for o, 1 for l)"),
			    shown_name(d, &t->seen).data, shown_name(d, &t->wanted).data);
}

static void judge_lookalike(struct diagnosis *d)
{
	static const struct place_rule name = {
		.code = "U206",
		.kinds = 1U << PLACE_LOOKALIKE,
		.title = LANG_MARK("a look-alike character stands in the record's name"),
		.why = why_name,
	};
	static const struct target_rule value = {
		.code = "U206",
		.title = LANG_MARK("a look-alike character stands in the target"),
		.is_it = looks_alike,
		.why = why_value,
	};
	places_judge(d, &name);
	target_judge(d, &value);
}

const struct rule rule_u206 = {
	.code = "U206",
	.title = LANG_MARK("a full-width or look-alike character"),
	.remedy = LANG_MARK("error, fix in the DNS panel"),
	.judge = judge_lookalike,
	.meaning = LANG_MARK(
		"To the eye the record is right, but a character in its name or "
		"value is another one than it seems: a full-width letter or "
		"underscore, a Cyrillic letter, the digit 0 for the letter o, "
		"1 for l."),
	.why = LANG_MARK(
		"The text was typed with an input method for Japanese, Chinese or "
		"Russian switched on, or typed from print instead of copied."),
	.how = LANG_MARK(
		"The expected value was found at a name with such a character, or "
		"the target that was found becomes the expected one when each character "
		"is replaced by the one that it looks like."),
	.fix = LANG_MARK("Delete the box and copy name and value from here or from the "
			 "platform's page. If you type it, switch the input method to "
			 "plain letters (half-width alphanumeric) first."),
	.check = "  kdig +noall +answer CNAME k1._domainkey.customer.example",
	.see_also = "U203 U302",
};

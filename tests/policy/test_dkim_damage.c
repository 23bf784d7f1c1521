/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happens to DKIM keys on their way into the DNS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keys.h"
#include "policy/policy.h"

#define GOOD "v=DKIM1; k=rsa; p=" RSA_2048

static const char *const damages[] = {
	[DKIM_INTACT] = "intact",   [DKIM_TRUNCATED] = "truncated",
	[DKIM_SPLIT] = "split",     [DKIM_QUOTED] = "quoted",
	[DKIM_SPACED] = "spaced",   [DKIM_REVOKED] = "revoked",
	[DKIM_DIFFERENT] = "other", [DKIM_GARBLED] = "garbled",
	[DKIM_MISUSED] = "misused", [DKIM_FOREIGN] = "foreign",
};

struct damage_case {
	const char *name;
	const char *seen;
	const char *expected;
	enum dkim_damage damage;
};

static void check_damage(const struct damage_case *c)
{
	auto_arena struct arena a;
	struct dkim_seen out;

	arena_init(&a, 1 << 20);
	policy_dkim_damage(&a, str_from(c->seen), str_from(c->expected), &out);
	if (out.damage != c->damage)
		fail_msg("%s: %s, not %s (%.*s)", c->name, damages[out.damage],
			 damages[c->damage], STR_ARG(out.why));
}

static void each_damage_is_told(void **state unused_arg)
{
	static const struct damage_case cases[] = {
		{ "whole", GOOD, GOOD, DKIM_INTACT },
		{ "whole, written otherwise", "p=" RSA_2048_BARE, GOOD, DKIM_INTACT },
		{ "any key will do", GOOD, "", DKIM_INTACT },
		{ "revoked", "v=DKIM1; p=", GOOD, DKIM_REVOKED },
		{ "another key", "p=" RSA_1024, GOOD, DKIM_DIFFERENT },
		{ "quoted whole", "\"" GOOD "\"", GOOD, DKIM_QUOTED },
		{ "quoted in the middle", "v=DKIM1; k=rsa; \" \"p=" RSA_2048, GOOD,
		  DKIM_QUOTED },
		{ "escaped semicolons", "v=DKIM1\\; k=rsa\\; p=" RSA_2048, GOOD,
		  DKIM_QUOTED },
		{ "escaped, any key", "v=DKIM1\\; k=rsa\\; p=" RSA_2048, "",
		  DKIM_QUOTED },
		{ "smart quotes", "\xe2\x80\x9c" GOOD "\xe2\x80\x9d", GOOD, DKIM_SPACED },
		{ "no-break space", "v=DKIM1;\xc2\xa0k=rsa;\xc2\xa0p=" RSA_2048, GOOD,
		  DKIM_SPACED },
		{ "full-width semicolon",
		  "v=DKIM1\xef\xbc\x9bk=rsa\xef\xbc\x9bp=" RSA_2048, GOOD, DKIM_SPACED },
		{ "zero-width space", "v=DKIM1; k=rsa; p=\xe2\x80\x8b" RSA_2048, GOOD,
		  DKIM_SPACED },
		{ "a letter that is none", "v=DKIM1; k=rsa; p=M*" RSA_2048, GOOD,
		  DKIM_GARBLED },
		{ "wrong kind", "v=DKIM1; k=ed25519; h=sha1; p=" RSA_2048, GOOD,
		  DKIM_MISUSED },
		{ "only sha1", "v=DKIM1; h=sha1; p=" RSA_2048, GOOD, DKIM_MISUSED },
		{ "not for mail", "v=DKIM1; s=other; p=" RSA_2048, GOOD, DKIM_MISUSED },
		{ "version in lower case", "v=dkim1; p=" RSA_2048, GOOD, DKIM_MISUSED },
		{ "SPF", "v=spf1 -all", GOOD, DKIM_MISUSED },
		{ "a token", "amazonses-verification", GOOD, DKIM_FOREIGN },
		{ "nothing", "", GOOD, DKIM_FOREIGN },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_damage(&cases[i]);
}

/* Whatever the length that a panel cuts at. */
static void a_cut_is_told_at_each_length(void **state unused_arg)
{
	const struct str whole = STR(GOOD);

	for (size_t len = STR("v=DKIM1; k=rsa; p=").len + 1; len < whole.len; len++) {
		auto_arena struct arena a;
		struct dkim_seen known;
		struct dkim_seen unknown;

		arena_init(&a, 1 << 20);
		policy_dkim_damage(&a, str_sub(whole, 0, len), whole, &known);
		policy_dkim_damage(&a, str_sub(whole, 0, len), STR_EMPTY, &unknown);
		if (known.damage != DKIM_TRUNCATED || known.missing != whole.len - len)
			fail_msg("%zu: %s, %zu missing", len, damages[known.damage],
				 known.missing);
		if (unknown.damage != DKIM_TRUNCATED)
			fail_msg("%zu, not knowing the key: %s", len,
				 damages[unknown.damage]);
	}
}

/* One letter of the key changed, lost or added: never intact, never another's key. */
static void a_letter_changed_is_damage(void **state unused_arg)
{
	const struct str whole = STR(GOOD);

	for (size_t at = STR("v=DKIM1; k=rsa; p=").len; at < whole.len; at++) {
		for (int how = 0; how < 3; how++) {
			auto_arena struct arena a;
			auto_buf struct buf b;
			struct dkim_seen out;

			arena_init(&a, 1 << 20);
			buf_init(&b, 4096);
			buf_str(&b, str_sub(whole, 0, at));
			if (how != 1)
				buf_byte(&b, whole.data[at] == 'x' ? 'y' : 'x');
			buf_str(&b, str_sub(whole, at + (how != 2), whole.len));
			policy_dkim_damage(&a, buf_view(&b), whole, &out);
			if (out.damage != DKIM_GARBLED && out.damage != DKIM_TRUNCATED)
				fail_msg("letter %zu, way %d: %s", at, how,
					 damages[out.damage]);
		}
	}
}

static void letters_of_another_case_are_damage(void **state unused_arg)
{
	auto_arena struct arena a;
	auto_buf struct buf b;
	struct dkim_seen out;
	const struct str key = STR(RSA_2048);

	arena_init(&a, 1 << 20);
	buf_init(&b, 4096);
	buf_text(&b, "v=DKIM1; k=rsa; p=");
	for (size_t i = 0; i < key.len; i++)
		buf_byte(&b, (uint8_t)ascii_lower(key.data[i]));
	policy_dkim_damage(&a, buf_view(&b), STR(GOOD), &out);
	assert_int_equal(out.damage, DKIM_GARBLED);
}

static void pieces_in_records_of_their_own_are_found(void **state unused_arg)
{
	static const struct {
		const char *name;
		size_t count;
		struct {
			size_t from;
			size_t len;
		} pieces[4];
		bool is_split;
	} cases[] = {
		{ "two", 2, { { 0, 255 }, { 255, 999 } }, true },
		{ "two, the end first", 2, { { 255, 999 }, { 0, 255 } }, true },
		{ "three", 3, { { 200, 100 }, { 0, 200 }, { 300, 999 } }, true },
		{ "one is missing", 2, { { 0, 200 }, { 300, 999 } }, false },
		{ "whole, and a piece", 2, { { 0, 999 }, { 255, 999 } }, false },
		{ "the tags and the key", 2, { { 0, 15 }, { 15, 999 } }, true },
		{ "one", 1, { { 0, 255 } }, false },
	};
	const struct str whole = STR(GOOD);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		struct str texts[4];

		arena_init(&a, 1 << 20);
		for (size_t j = 0; j < cases[i].count; j++)
			texts[j] = str_sub(whole, cases[i].pieces[j].from,
					   cases[i].pieces[j].len);
		if (policy_dkim_is_split(&a, texts, cases[i].count, whole) !=
			    cases[i].is_split ||
		    policy_dkim_is_split(&a, texts, cases[i].count, STR_EMPTY) !=
			    cases[i].is_split)
			fail_msg("%s", cases[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_damage_is_told),
		cmocka_unit_test(a_cut_is_told_at_each_length),
		cmocka_unit_test(a_letter_changed_is_damage),
		cmocka_unit_test(letters_of_another_case_are_damage),
		cmocka_unit_test(pieces_in_records_of_their_own_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

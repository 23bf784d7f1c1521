/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One look out of many: who may be missing, and what a quarrel means. */
#include "chance.h"

enum {
	VOICES_MAX = 8,
};

/* 'r' right, 'w' wrong, 'u' could not ask, '-' silent. */
static enum look_result result_of(char c)
{
	return c == 'r' ? LOOK_RIGHT : c == 'w' ? LOOK_WRONG : LOOK_UNKNOWN;
}

static enum look_result ask(char own, const char *others, enum quorum_rule rule)
{
	struct quorum_voice voices[VOICES_MAX] = { 0 };
	const struct quorum q = { rule, voices, strlen(others) };
	struct look look = { .at_s = T0, .retry_at_s = 5, .has_soa = true };

	for (size_t i = 0; i < q.count; i++) {
		voices[i].is_silent = others[i] == '-';
		/* What a silent one has in its memory must not matter. */
		voices[i].look.results[ASPECT_DKIM] =
			voices[i].is_silent ? LOOK_RIGHT : result_of(others[i]);
	}
	look.results[ASPECT_DKIM] = result_of(own);
	look.wrong_servers[ASPECT_DKIM] = 3;
	struct look got = quorum_look(&look, &q);
	assert_int_equal(got.wrong_servers[ASPECT_DKIM], 3);
	assert_int_equal(got.retry_at_s, 5);
	assert_int_equal(got.results[ASPECT_MAIL_FROM], LOOK_NONE);
	return got.results[ASPECT_DKIM];
}

/* CA/Browser Forum BR 3.2.2.9. */
static void the_table_of_mpic_holds(void **state unused_arg)
{
	static const struct {
		char own;
		const char *others;
		char mpic;
		char all;
	} cases[] = {
		/* Nobody else is asked. */
		{ 'r', "", 'r', 'r' },
		{ 'w', "", 'w', 'w' },
		{ 'u', "", 'u', 'u' },
		/* Fewer than two: all must agree. */
		{ 'r', "r", 'r', 'r' },
		{ 'r', "w", 'u', 'u' },
		{ 'r', "-", 'u', 'u' },
		/* Two to five: one may not. */
		{ 'r', "rr", 'r', 'r' },
		{ 'r', "rw", 'r', 'u' },
		{ 'r', "r-", 'r', 'u' },
		{ 'r', "ww", 'u', 'u' },
		{ 'r', "w-", 'u', 'u' },
		{ 'r', "rrrrw", 'r', 'u' },
		{ 'r', "rrrww", 'u', 'u' },
		{ 'r', "rrr-u", 'u', 'u' },
		/* Six and more: two may not. */
		{ 'r', "rrrrww", 'r', 'u' },
		{ 'r', "rrrr-u", 'r', 'u' },
		{ 'r', "rrrwww", 'u', 'u' },
		{ 'r', "rrrrrr", 'r', 'r' },
		/* Ours must be right itself, whatever others see. */
		{ 'w', "rrrrrr", 'u', 'u' },
		{ 'u', "rrrrrr", 'u', 'u' },
		{ 'u', "wwwwww", 'u', 'u' },
		/* A loss needs that nobody sees it right. */
		{ 'w', "wwwwwr", 'u', 'u' },
		{ 'w', "r", 'u', 'u' },
		{ 'w', "wwww", 'w', 'w' },
		{ 'w', "w--u", 'w', 'w' },
		{ 'w', "----", 'w', 'w' },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (ask(cases[i].own, cases[i].others, QUORUM_MPIC) !=
			    result_of(cases[i].mpic) ||
		    ask(cases[i].own, cases[i].others, QUORUM_ALL) !=
			    result_of(cases[i].all))
			fail_msg("own %c, others %s", cases[i].own, cases[i].others);
	}
}

/* Of all that up to seven others may say: none makes right of what we do not see right
 * ourselves, none makes wrong of what we do not see wrong, and one more that agrees never
 * makes it worse. */
static void no_choir_outvotes_our_own_eyes(void **state unused_arg)
{
	static const char words[] = "rwu-";
	static const char owns[] = "rwu";

	for (uint32_t i = 0; i < 4 << (2 * 7); i++) {
		char others[VOICES_MAX] = { 0 };
		char more[VOICES_MAX] = { 0 };
		size_t count = i % 7;
		for (size_t j = 0; j < count; j++)
			others[j] = words[i >> (2 * j + 2) & 3];
		memcpy(more, others, sizeof(more));
		for (const char *own = owns; *own; own++) {
			enum look_result got = ask(*own, others, QUORUM_MPIC);
			if (got != LOOK_UNKNOWN)
				assert_int_equal(got, result_of(*own));
			more[count] = 'r';
			if (*own == 'r' && got == LOOK_RIGHT)
				assert_int_equal(ask('r', more, QUORUM_MPIC), LOOK_RIGHT);
			if (*own == 'w')
				assert_int_equal(ask('w', more, QUORUM_MPIC),
						 LOOK_UNKNOWN);
		}
	}
}

static void others_are_asked_where_a_status_could_change(void **state unused_arg)
{
	static const struct {
		enum status status;
		bool right, wrong;
	} cases[] = {
		{ STATUS_NOT_STARTED, true, false },      { STATUS_PENDING, true, false },
		{ STATUS_SUCCESS, false, true },          { STATUS_FAILED, true, false },
		{ STATUS_TEMPORARY_FAILURE, true, true },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct identity_state s = { 0 };
		struct look look = { 0 };
		s.aspects[ASPECT_MAIL_FROM].status = cases[i].status;
		assert_false(quorum_is_wanted(&s, &look));
		look.results[ASPECT_MAIL_FROM] = LOOK_UNKNOWN;
		assert_false(quorum_is_wanted(&s, &look));
		look.results[ASPECT_MAIL_FROM] = LOOK_RIGHT;
		assert_int_equal(quorum_is_wanted(&s, &look), cases[i].right);
		look.results[ASPECT_MAIL_FROM] = LOOK_WRONG;
		assert_int_equal(quorum_is_wanted(&s, &look), cases[i].wrong);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_of_mpic_holds),
		cmocka_unit_test(no_choir_outvotes_our_own_eyes),
		cmocka_unit_test(others_are_asked_where_a_status_could_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

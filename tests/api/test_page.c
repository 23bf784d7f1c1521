/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page token is good for its list and its tenant, and for nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/page.h"

static const uint8_t key[CRYPTO_SHA256_LEN] = { 1, 2, 3 };
static const uint8_t other_key[CRYPTO_SHA256_LEN] = { 1, 2, 4 };
static const struct page_seal seal = { key, "ses", 7 };

static bool parse(struct arena *a, const struct page_seal *s, struct str token,
		  struct str *after)
{
	struct err e = { 0 };
	bool ok = page_token_parse(a, s, token, after, &e);
	assert_int_equal(e.kind, ok ? ERR_NONE : ERR_USAGE);
	return ok;
}

static void what_was_written_is_read_back(void **state unused_arg)
{
	struct arena a;
	struct str after;
	auto_buf struct buf token;
	buf_init(&token, 4096);
	arena_init(&a, 64 * 1024);
	page_token_write(&token, &seal, STR("customer.example"));
	assert_true(parse(&a, &seal, buf_view(&token), &after));
	assert_true(str_is(after, "customer.example"));
	arena_done(&a);
}

static void others_cannot_use_it(void **state unused_arg)
{
	const struct page_seal others[] = { { key, "ses", 8 },
					    { key, "native", 7 },
					    { other_key, "ses", 7 } };
	struct arena a;
	struct str after;
	auto_buf struct buf token;
	buf_init(&token, 4096);
	arena_init(&a, 64 * 1024);
	page_token_write(&token, &seal, STR("customer.example"));
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_false(parse(&a, &others[i], buf_view(&token), &after));
	arena_done(&a);
}

static void no_digit_of_it_can_be_changed(void **state unused_arg)
{
	struct arena a;
	struct str after;
	auto_buf struct buf token;
	buf_init(&token, 4096);
	arena_init(&a, 64 * 1024);
	page_token_write(&token, &seal, STR("a.example"));
	for (size_t i = 0; i < token.len; i++) {
		char right = token.data[i];
		token.data[i] = right == '0' ? '1' : '0';
		assert_false(parse(&a, &seal, buf_view(&token), &after));
		token.data[i] = right;
	}
	assert_false(
		parse(&a, &seal, str_sub(buf_view(&token), 0, token.len - 2), &after));
	arena_done(&a);
}

static void what_is_no_token_is_refused(void **state unused_arg)
{
	static const char *const texts[] = { "",
					     "x",
					     "zz",
					     "00",
					     "00000000000000000000000000000000",
					     "0000000000000000000000000000000061" };
	struct arena a;
	struct str after;
	auto_buf struct buf large;
	buf_init(&large, 64 * 1024);
	buf_fill(&large, 'a', 20000);
	arena_init(&a, 64 * 1024);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_false(parse(&a, &seal, str_from(texts[i]), &after));
	assert_false(parse(&a, &seal, buf_view(&large), &after));
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read_back),
		cmocka_unit_test(others_cannot_use_it),
		cmocka_unit_test(no_digit_of_it_can_be_changed),
		cmocka_unit_test(what_is_no_token_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hash of tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

static const struct hash_secret secret = { { 0x0706050403020100, 0x0f0e0d0c0b0a0908 } };

static void each_octet_and_the_length_count(unused_arg void **state)
{
	char bytes[40];
	uint64_t seen[2 * sizeof(bytes)];
	size_t count = 0;

	memset(bytes, 0, sizeof(bytes));
	for (size_t len = 0; len < sizeof(bytes); len++) {
		seen[count++] = hash_bytes(&secret, str_of(bytes, len));
		if (len == 0)
			continue;
		bytes[len - 1] = 1;
		seen[count++] = hash_bytes(&secret, str_of(bytes, len));
		bytes[len - 1] = 0;
	}
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			assert_true(seen[i] != seen[k]);
}

static void the_secret_counts(unused_arg void **state)
{
	struct hash_secret one;
	struct hash_secret two;

	hash_secret_init(&one);
	hash_secret_init(&two);
	assert_true(hash_bytes(&one, STR("acme")) != hash_bytes(&two, STR("acme")));
	assert_true(hash_bytes(&one, STR("acme")) == hash_bytes(&one, STR("acme")));
}

/* Slots of a table fill evenly, also with names that differ in one digit. */
static void names_are_spread(unused_arg void **state)
{
	enum {
		SLOTS = 64,
		NAMES = 6400
	};
	unsigned slots[SLOTS] = { 0 };
	auto_buf struct buf b;

	buf_init(&b, 64);
	for (unsigned i = 0; i < NAMES; i++) {
		buf_clear(&b);
		buf_printf(&b, "d%07u.test", i);
		slots[hash_bytes(&secret, buf_view(&b)) % SLOTS]++;
	}
	for (size_t i = 0; i < SLOTS; i++)
		assert_in_range(slots[i], 50, 160);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_octet_and_the_length_count),
		cmocka_unit_test(the_secret_counts),
		cmocka_unit_test(names_are_spread),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

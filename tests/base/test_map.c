/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The map against a plain array that does the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

#define KEYS 500

static struct str key_of(struct buf *b, size_t n)
{
	buf_clear(b);
	buf_printf(b, "key-%zu", n);
	return buf_view(b);
}

static void what_was_put_is_found_until_removed(void **state)
{
	struct map *m = map_new(10);
	int one = 1;
	int two = 2;

	(void)state;
	assert_null(map_find(m, STR("a")));
	assert_true(map_put(m, STR("a"), &one));
	assert_true(map_put(m, STR_EMPTY, &two));
	assert_ptr_equal(map_find(m, STR("a")), &one);
	assert_ptr_equal(map_find(m, STR_EMPTY), &two);
	assert_null(map_find(m, STR("a\0")));
	assert_true(map_put(m, STR("a"), &two));
	assert_ptr_equal(map_find(m, STR("a")), &two);
	assert_int_equal(map_count(m), 2);
	assert_ptr_equal(map_remove(m, STR("a")), &two);
	assert_null(map_remove(m, STR("a")));
	assert_int_equal(map_count(m), 1);
	map_free(&m);
	assert_null(m);
	map_free(&m);
}

static void a_full_map_refuses_new_keys_only(void **state)
{
	struct map *m = map_new(2);
	int value = 1;
	int other = 2;

	(void)state;
	assert_true(map_put(m, STR("a"), &value));
	assert_true(map_put(m, STR("b"), &value));
	assert_false(map_put(m, STR("c"), &value));
	assert_true(map_put(m, STR("b"), &other));
	assert_ptr_equal(map_find(m, STR("b")), &other);
	map_remove(m, STR("a"));
	assert_true(map_put(m, STR("c"), &value));
	map_free(&m);
}

static void assert_same(const struct map *m, int *const *model)
{
	auto_buf struct buf b;
	size_t there = 0;

	buf_init(&b, 100);
	for (size_t i = 0; i < KEYS; i++) {
		assert_ptr_equal(map_find(m, key_of(&b, i)), model[i]);
		there += model[i] != NULL;
	}
	assert_int_equal(map_count(m), there);
}

static void many_changes_end_as_in_a_plain_array(void **state)
{
	static int values[KEYS];
	int *model[KEYS] = { NULL };
	struct map *m = map_new(KEYS);
	auto_buf struct buf b;
	uint32_t n = 1;

	(void)state;
	buf_init(&b, 100);
	for (size_t step = 0; step < 40000; step++) {
		n = n * 1664525 + 1013904223; /* the same numbers each time */
		size_t i = (n >> 8) % KEYS;
		/* Whole stretches of mostly adding, then of mostly removing. */
		if (((n >> 20) % 4 == 0) == (step / 2000 % 2 == 0)) {
			assert_ptr_equal(map_remove(m, key_of(&b, i)), model[i]);
			model[i] = NULL;
		} else {
			assert_true(map_put(m, key_of(&b, i), &values[i]));
			model[i] = &values[i];
		}
		if (step % 1000 == 0)
			assert_same(m, model);
	}
	assert_same(m, model);
	map_free(&m);
}

static void a_walk_meets_each_entry_once(void **state)
{
	int seen[KEYS] = { 0 };
	struct map *m = map_new(KEYS);
	auto_buf struct buf b;
	struct str key;
	void *value;
	size_t at = 0;

	(void)state;
	buf_init(&b, 100);
	for (size_t i = 0; i < KEYS; i++)
		assert_true(map_put(m, key_of(&b, i), &seen[i]));
	while (map_next(m, &at, &key, &value)) {
		int *times = value;
		assert_true(str_equal(key, key_of(&b, (size_t)(times - seen))));
		++*times;
	}
	for (size_t i = 0; i < KEYS; i++)
		assert_int_equal(seen[i], 1);
	map_free(&m);
}

static void two_maps_put_keys_in_different_places(void **state)
{
	struct map *maps[2] = { map_new(64), map_new(64) };
	int value = 1;
	int differences = 0;
	size_t at[2] = { 0 };
	auto_buf struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (size_t i = 0; i < 64; i++) {
		assert_true(map_put(maps[0], key_of(&b, i), &value));
		assert_true(map_put(maps[1], key_of(&b, i), &value));
	}
	for (size_t i = 0; i < 64; i++) {
		struct str keys[2];
		void *found;
		assert_true(map_next(maps[0], &at[0], &keys[0], &found));
		assert_true(map_next(maps[1], &at[1], &keys[1], &found));
		differences += !str_equal(keys[0], keys[1]);
	}
	assert_true(differences > 0);
	map_free(&maps[0]);
	map_free(&maps[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_is_found_until_removed),
		cmocka_unit_test(a_full_map_refuses_new_keys_only),
		cmocka_unit_test(many_changes_end_as_in_a_plain_array),
		cmocka_unit_test(a_walk_meets_each_entry_once),
		cmocka_unit_test(two_maps_put_keys_in_different_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

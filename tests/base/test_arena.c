/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory for one piece of work: zeroed, aligned, limited, cleaned up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <malloc.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"

static void memory_is_zeroed_aligned_and_apart(void **state)
{
	auto_arena struct arena a;
	unsigned char *before = NULL;
	size_t before_size = 0;

	(void)state;
	arena_init(&a, 10 * 1024 * 1024);
	for (size_t size = 0; size < 20000; size += 37) {
		unsigned char *p = arena_alloc(&a, size);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xaa, size);
		/* Writing here has not touched the one before. */
		for (size_t i = 0; i < before_size; i++)
			assert_int_equal(before[i], 0xaa);
		assert_true(p != before);
		before = p;
		before_size = size;
	}
}

static void the_limit_holds_and_is_remembered(void **state)
{
	auto_arena struct arena a;

	(void)state;
	arena_init(&a, 1000);
	assert_non_null(arena_try(&a, 900));
	assert_false(a.failed);
	assert_null(arena_try(&a, 200));
	assert_true(a.failed);
	assert_non_null(arena_try(&a, 16));
	assert_null(arena_try(&a, SIZE_MAX));
	assert_null(arena_try(&a, SIZE_MAX - 8));
	assert_true(a.used <= a.limit);
}

static void a_limit_without_end_does_not_wrap(void **state)
{
	auto_arena struct arena a;

	(void)state;
	arena_init(&a, SIZE_MAX);
	assert_null(arena_try(&a, SIZE_MAX));
	assert_null(arena_try(&a, SIZE_MAX - 15));
	assert_non_null(arena_try(&a, 100000));
}

static void texts_are_copied_and_terminated(void **state)
{
	auto_arena struct arena a;

	(void)state;
	arena_init(&a, 100000);
	struct str copy = arena_str(&a, STR("a\0b"));
	assert_int_equal(copy.len, 3);
	assert_memory_equal(copy.data, "a\0b", 4);
	assert_string_equal(arena_text(&a, str_of(NULL, 0)), "");
	char *text = arena_printf(&a, "%s-%d-%05000d", "x", 7, 1);
	assert_int_equal(strlen(text), 5004);
	assert_memory_equal(text, "x-7-0000", 8);
}

struct trace {
	char text[8];
	size_t len;
};

struct noted {
	struct trace *trace;
	char letter;
};

static void note(void *thing)
{
	struct noted *n = thing;

	n->trace->text[n->trace->len++] = n->letter;
}

static void cleanups_run_once_and_newest_first(void **state)
{
	struct trace trace = { 0 };
	struct noted one = { &trace, '1' };
	struct noted two = { &trace, '2' };
	struct arena a;

	(void)state;
	arena_init(&a, 10000);
	arena_on_done(&a, note, &one);
	arena_on_done(&a, note, &two);
	arena_reset(&a);
	assert_string_equal(trace.text, "21");
	arena_on_done(&a, note, &one);
	arena_done(&a);
	arena_done(&a);
	assert_string_equal(trace.text, "211");
}

static void a_reset_arena_is_as_new(void **state)
{
	static const size_t sizes[] = { 10, 5000, 2000000 };
	auto_arena struct arena a;

	(void)state;
	arena_init(&a, 3000000);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		memset(arena_alloc(&a, sizes[i]), 0xff, sizes[i]);
		assert_null(arena_try(&a, 3000000));
		arena_reset(&a);
		assert_int_equal(a.used, 0);
		assert_false(a.failed);
		const unsigned char *p = arena_array(&a, 10, 4);
		for (size_t j = 0; j < 40; j++)
			assert_int_equal(p[j], 0);
		arena_reset(&a);
	}
}

/* A page that nobody was given is a page that the kernel need not find. */
static void what_was_not_handed_out_was_not_touched(void **state)
{
	auto_arena struct arena a;

	(void)state;
	mallopt(M_PERTURB, 0x55); /* what malloc gives is not zero */
	arena_init(&a, 10000);
	const unsigned char *p = arena_alloc(&a, 1000);
	mallopt(M_PERTURB, 0);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(p[i], 0);
	/* A sanitizer does not let us look. */
	for (size_t i = 1024; i < 3000 && !IS_SANITIZED; i++)
		assert_int_not_equal(p[i], 0);
}

static void what_is_kept_for_later_is_no_bigger_than_told(void **state)
{
	enum {
		KEPT = 64 << 10
	};
	auto_arena struct arena a;

	(void)state;
	arena_init(&a, 8 << 20);
	arena_alloc(&a, 10);
	arena_reset_to(&a, 100);
	assert_int_equal(arena_held(&a), 0);
	for (size_t size = 16; size < 1 << 20; size *= 2) {
		for (size_t had = 0; had < size; had += 16)
			memset(arena_alloc(&a, 16), 0xff, 16);
		assert_in_range(arena_held(&a), size, 4 * size + 4096);
		arena_reset_to(&a, KEPT);
		assert_in_range(arena_held(&a), 4096, KEPT);
		const char *p = arena_alloc(&a, 1000);
		for (size_t i = 0; i < 1000; i++)
			assert_int_equal(p[i], 0);
	}
	/* A wish of its own size is not kept, what was taken before it may be. */
	arena_reset_to(&a, KEPT);
	size_t before = arena_held(&a);
	arena_alloc(&a, 2 << 20);
	arena_reset_to(&a, KEPT);
	assert_int_equal(arena_held(&a), before);
}

static void ask_more_than_the_limit(void)
{
	struct arena a;

	arena_init(&a, 100);
	arena_alloc(&a, 101);
}

static void ask_more_than_there_are_addresses(void)
{
	struct arena a;

	arena_init(&a, SIZE_MAX);
	arena_array(&a, SIZE_MAX / 2, 3);
}

static void allocating_past_the_limit_ends_the_process(void **state)
{
	static void (*const wishes[])(void) = { ask_more_than_the_limit,
						ask_more_than_there_are_addresses };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wishes); i++) {
		int status = 0;
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			close(STDERR_FILENO);
			signal(SIGABRT, SIG_DFL);
			wishes[i]();
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
		cmocka_unit_test(the_limit_holds_and_is_remembered),
		cmocka_unit_test(a_limit_without_end_does_not_wrap),
		cmocka_unit_test(allocating_past_the_limit_ends_the_process),
		cmocka_unit_test(texts_are_copied_and_terminated),
		cmocka_unit_test(cleanups_run_once_and_newest_first),
		cmocka_unit_test(a_reset_arena_is_as_new),
		cmocka_unit_test(what_was_not_handed_out_was_not_touched),
		cmocka_unit_test(what_is_kept_for_later_is_no_bigger_than_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

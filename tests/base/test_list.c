/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists: order, removal, and removal inside a loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

struct letter {
	char c;
	struct list hook;
};

static void assert_spells(const struct list *head, const char *word)
{
	auto_buf struct buf b;

	buf_init(&b, 100);
	list_each (at, head) {
		buf_byte(&b, (uint8_t)LIST_THING(at, struct letter, hook)->c);
	}
	assert_string_equal(buf_cstr(&b), word);
}

static void things_stay_in_order_and_can_leave(void **state)
{
	struct letter a = { .c = 'a' };
	struct letter b = { .c = 'b' };
	struct letter c = { .c = 'c' };
	struct list head;

	(void)state;
	list_init(&head);
	assert_true(list_is_empty(&head));
	assert_null(list_first(&head));
	list_add(&head, &a.hook);
	list_add(&head, &b.hook);
	list_add(&head, &c.hook);
	assert_spells(&head, "abc");
	assert_ptr_equal(list_first(&head), &a.hook);
	list_remove(&b.hook);
	list_remove(&b.hook);
	assert_spells(&head, "ac");
	list_add(&head, &b.hook);
	assert_spells(&head, "acb");
}

static void the_current_thing_may_leave_inside_the_loop(void **state)
{
	struct letter letters[] = {
		{ .c = 'a' }, { .c = 'b' }, { .c = 'c' }, { .c = 'd' }
	};
	struct list head;

	(void)state;
	list_init(&head);
	for (size_t i = 0; i < ARRAY_LEN(letters); i++)
		list_add(&head, &letters[i].hook);
	list_each_safe (at, &head) {
		if (LIST_THING(at, struct letter, hook)->c != 'c')
			list_remove(at);
	}
	assert_spells(&head, "c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(things_stay_in_order_and_can_leave),
		cmocka_unit_test(the_current_thing_may_leave_inside_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

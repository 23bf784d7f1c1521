/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many deadlines over one timer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolver/deadline.h"

enum {
	COUNT = 500
};

struct item {
	struct deadline deadline;
	struct order *order;
	int64_t wanted_us;
	bool was_due;
};

struct order {
	struct deadlines *all;
	struct item items[COUNT];
	int64_t last_us;
	size_t due;
};

static void on_due(struct deadline *d)
{
	struct item *item = LIST_THING(d, struct item, deadline);

	assert_false(item->was_due);
	assert_true(clock_mono_us() >= item->wanted_us);
	assert_true(item->wanted_us >= item->order->last_us);
	item->was_due = true;
	item->order->last_us = item->wanted_us;
	item->order->due++;
}

static void they_come_in_order_and_not_too_soon(unused_arg void **state)
{
	static struct order order;
	uv_loop_t loop;
	int64_t now_us = clock_mono_us();

	uv_loop_init(&loop);
	order.all = deadlines_new(&loop);
	for (size_t i = 0; i < COUNT; i++) {
		struct item *item = &order.items[i];
		item->order = &order;
		item->deadline.due = on_due;
		item->wanted_us = now_us + (int64_t)(i * 7919 % COUNT) * 20;
		deadline_set(order.all, &item->deadline, item->wanted_us);
	}
	/* Every fifth is taken back, every seventh moved. */
	for (size_t i = 0; i < COUNT; i += 5)
		deadline_clear(order.all, &order.items[i].deadline);
	for (size_t i = 0; i < COUNT; i += 7) {
		order.items[i].wanted_us += 3000;
		if (order.items[i].deadline.place)
			deadline_set(order.all, &order.items[i].deadline,
				     order.items[i].wanted_us);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(order.due, COUNT - COUNT / 5);
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(order.items[i].was_due, i % 5 != 0);
	deadlines_free(&order.all);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_come_in_order_and_not_too_soon),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

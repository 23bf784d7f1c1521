/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many deadlines over one timer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

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

/* A socket that became readable while the loop stood still. */
struct held_up {
	struct deadlines *all;
	struct deadline late;
	uv_poll_t poll;
	bool was_read;
	bool was_due;
	bool was_read_first;
};

static void on_readable(uv_poll_t *poll, unused_arg int status, unused_arg int events)
{
	struct held_up *h = poll->data;

	h->was_read = true;
	uv_poll_stop(poll);
}

static void on_late(struct deadline *d)
{
	struct held_up *h = LIST_THING(d, struct held_up, late);

	h->was_due = true;
	h->was_read_first = h->was_read;
}

static void what_has_arrived_is_read_before_anybody_waited_in_vain(
	unused_arg void **state)
{
	struct held_up h = { .late.due = on_late };
	uv_loop_t loop;
	int fds[2];

	uv_loop_init(&loop);
	assert_int_equal(pipe(fds), 0);
	h.all = deadlines_new(&loop);
	uv_poll_init(&loop, &h.poll, fds[0]);
	h.poll.data = &h;
	uv_poll_start(&h.poll, UV_READABLE, on_readable);
	assert_int_equal(write(fds[1], "!", 1), 1);
	/* Long past, as if this process had not run since. */
	deadline_set(h.all, &h.late, clock_mono_us() - 1000000);
	while (!h.was_due)
		uv_run(&loop, UV_RUN_ONCE);
	assert_true(h.was_read_first);
	uv_close((uv_handle_t *)&h.poll, NULL);
	deadlines_free(&h.all);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_come_in_order_and_not_too_soon),
		cmocka_unit_test(what_has_arrived_is_read_before_anybody_waited_in_vain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

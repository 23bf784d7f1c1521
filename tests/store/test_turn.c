/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns at writing: one at a time, in order of coming, and nobody waits for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "store/turn.h"

enum {
	WRITERS = 8,
	TURNS = 500,
	LONG_MS = 60 * 1000,
};

static struct turn *open_turn(uint64_t inode)
{
	struct err e = { 0 };
	struct turn *t = NULL;

	assert_true(turn_open(1, inode, &t, &e));
	return t;
}

struct crowd {
	struct turn *turn;
	atomic_int inside;
	int turns;
	bool was_alone;
};

static void *write_often(void *arg)
{
	struct crowd *c = arg;
	struct err e = { 0 };

	for (int i = 0; i < TURNS; i++) {
		if (!turn_take(c->turn, LONG_MS, &e))
			return NULL;
		if (atomic_fetch_add(&c->inside, 1) != 0)
			c->was_alone = false;
		c->turns++; /* no lock: the turn is one */
		atomic_fetch_sub(&c->inside, 1);
		turn_give(c->turn);
	}
	return NULL;
}

static void one_writes_at_a_time(void **state)
{
	struct crowd c = { .turn = open_turn(1), .was_alone = true };
	pthread_t threads[WRITERS];

	(void)state;
	for (size_t i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_often, &c), 0);
	for (size_t i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	assert_true(c.was_alone);
	assert_int_equal(c.turns, WRITERS * TURNS);
	turn_close(&c.turn);
}

struct greedy {
	struct turn *turn;
	atomic_bool has_come;
	atomic_bool was_served;
};

static void *come_second(void *arg)
{
	struct greedy *g = arg;
	struct err e = { 0 };

	atomic_store(&g->has_come, true);
	if (!turn_take(g->turn, LONG_MS, &e))
		return NULL;
	atomic_store(&g->was_served, true);
	turn_give(g->turn);
	return NULL;
}

/* Whoever gives his turn back and wants it again at once does not get it before those who
 * have waited: without a queue he nearly always would. */
static void whoever_waits_comes_before_whoever_comes_again(void **state)
{
	struct greedy g = { .turn = open_turn(2) };
	struct err e = { 0 };
	pthread_t second;
	int again = 0;

	(void)state;
	assert_true(turn_take(g.turn, LONG_MS, &e));
	assert_int_equal(pthread_create(&second, NULL, come_second, &g), 0);
	while (!atomic_load(&g.has_come))
		sched_yield();
	/* He is in the queue a few instructions after he has come. */
	for (; !atomic_load(&g.was_served); again++) {
		turn_give(g.turn);
		assert_true(turn_take(g.turn, LONG_MS, &e));
		sched_yield();
	}
	turn_give(g.turn);
	pthread_join(second, NULL);
	assert_true(again > 0);
	turn_close(&g.turn);
}

static void nobody_waits_for_ever(void **state)
{
	struct turn *t = open_turn(3);
	struct err e = { 0 };

	(void)state;
	assert_true(turn_take(t, 1, &e));
	assert_false(turn_take(t, 1, &e));
	assert_int_equal(e.kind, ERR_UNAVAILABLE);
	/* And whoever gave up is not called any more. */
	turn_give(t);
	assert_true(turn_take(t, 1, &e));
	turn_give(t);
	turn_close(&t);
}

static void each_file_has_turns_of_its_own(void **state)
{
	struct turn *one = open_turn(4);
	struct turn *same = open_turn(4);
	struct turn *other = open_turn(5);
	struct err e = { 0 };

	(void)state;
	assert_ptr_equal(one, same);
	assert_true(turn_take(one, 1, &e));
	assert_true(turn_take(other, 1, &e));
	assert_false(turn_take(same, 1, &e));
	turn_give(one);
	turn_give(other);
	turn_close(&one);
	turn_close(&same);
	turn_close(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_writes_at_a_time),
		cmocka_unit_test(whoever_waits_comes_before_whoever_comes_again),
		cmocka_unit_test(nobody_waits_for_ever),
		cmocka_unit_test(each_file_has_turns_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

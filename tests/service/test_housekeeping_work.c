/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The housekeeping's step: what the configuration keeps no longer goes. */
#include "bench.h"
#include "service/inside.h"

static void message_put(struct bench *b, enum message_state state, const char *id,
			int64_t created_at)
{
	struct str you = STR("you@there.example");
	struct message_row m = { .message_id = str_from(id),
				 .tenant_id = b->caller.tenant_id,
				 .identity_id = 1,
				 .state = state,
				 .recipients = &you,
				 .recipient_count = 1,
				 .created_at = created_at };
	struct err e = { 0 };

	must_be_done(store_message_add(b->store, &m, 0, &e));
}

static uint64_t sent_count(struct bench *b)
{
	struct store_counts counts;
	struct err e = { 0 };

	must_be_done(store_counts_read(b->store, 0, &counts, &e));
	return counts.messages[MESSAGE_SENT];
}

static void what_is_older_than_the_options_say_goes(void **state)
{
	struct bench *b = *state;
	struct service v = { .config = b->config, .node = 1 };
	int64_t now_s = clock_now_s();

	message_put(b, MESSAGE_SENT, "month", now_s - 31 * 86400);
	message_put(b, MESSAGE_SENT, "week", now_s - 7 * 86400);
	message_put(b, MESSAGE_QUEUED, "waiting", now_s - 31 * 86400);
	bench_set(b, "retention.messages_s", "0");
	(void)housekeeping_step(&v, b->store);
	assert_int_equal(sent_count(b), 2);
	bench_set(b, "retention.messages_s", "2592000");
	(void)housekeeping_step(&v, b->store);
	assert_int_equal(sent_count(b), 1);
	bench_set(b, "retention.messages_s", "86400");
	(void)housekeeping_step(&v, b->store);
	assert_int_equal(sent_count(b), 0);
}

static void much_that_is_old_goes_in_several_steps(void **state)
{
	struct bench *b = *state;
	struct service v = { .config = b->config, .node = 1 };
	int64_t wait_ms = 0, last_ms = 0;
	unsigned steps = 0;

	for (int i = 0; i < 450; i++)
		message_put(b, MESSAGE_SENT, arena_printf(&b->arena, "m%d", i), 1000);
	for (; sent_count(b) && steps < 10; steps++) {
		last_ms = wait_ms;
		wait_ms = housekeeping_step(&v, b->store);
	}
	assert_int_equal(steps, 3);
	/* Sooner while there is more. */
	assert_true(last_ms < wait_ms);
}

/* The clock was far ahead, and much was planned meanwhile: no matter of hours. */
static void what_was_planned_far_ahead_comes_back_in_several_steps(void **state)
{
	struct bench *b = *state;
	struct service v = { .config = b->config, .node = 1 };
	int64_t far_s = clock_now_s() + 366 * 86400;
	struct message_row m = { .tenant_id = b->caller.tenant_id,
				 .identity_id = 1,
				 .state = MESSAGE_QUEUED,
				 .created_at = clock_now_s(),
				 .next_try_at = far_s };
	struct err e = { 0 };

	must_be_done(store_begin(b->store, &e));
	for (int i = 0; i < 600; i++) {
		m.message_id = str_from(arena_printf(&b->arena, "m%d", i));
		must_be_done(store_message_add(b->store, &m, 0, &e));
	}
	must_be_done(store_commit(b->store, &e));
	int64_t first_ms = housekeeping_step(&v, b->store);
	int64_t last_ms = housekeeping_step(&v, b->store);
	assert_true(first_ms < last_ms);
	assert_int_equal(housekeeping_step(&v, b->store), last_ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		at_bench(what_is_older_than_the_options_say_goes),
		at_bench(much_that_is_old_goes_in_several_steps),
		at_bench(what_was_planned_far_ahead_comes_back_in_several_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

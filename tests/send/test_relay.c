/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When the relay does not answer: put off, and when. (Delivery is told end to end.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "send/send.h"

#define must_be_done(call)                                 \
	do {                                               \
		if (!(call))                               \
			fail_msg("%s: %s", #call, e.text); \
	} while (0)

struct bench {
	char folder[64];
	struct arena arena;
	struct config *config;
	struct store *store;
	struct message_row message;
};

static int bench_make(void **state)
{
	struct bench *b = xalloc(1, sizeof(*b));
	struct err e = { 0 };
	struct str *you;
	bool found;

	memcpy(b->folder, "/tmp/unpend-relay-XXXXXX", 25);
	assert_non_null(mkdtemp(b->folder));
	arena_init(&b->arena, 64 * 1024 * 1024);
	b->config = config_new();
	/* The port of tcpmux: nobody listens there. */
	must_be_done(config_set(b->config, STR("relay.url"), STR("smtp://127.0.0.1:1"),
				"test", &e));
	const char *url = arena_printf(&b->arena, "sqlite:%s/db", b->folder);
	must_be_done(store_open(str_from(url), &b->store, &e));
	you = arena_alloc(&b->arena, sizeof(*you));
	*you = STR("you@there.example");
	b->message =
		(struct message_row){ .message_id = STR("one"),
				      .tenant_id = 1,
				      .identity_id = 1,
				      .state = MESSAGE_QUEUED,
				      .sender = STR("me@acme.example"),
				      .recipients = you,
				      .recipient_count = 1,
				      .content = STR("From: me@acme.example\r\n\r\n"),
				      .next_try_at = 1000 };
	must_be_done(store_message_add(b->store, &b->message, 0, &e));
	must_be_done(store_message_next(b->store, &b->arena,
					&(struct lease_term){ 1, 1000, 1300 },
					&b->message, &found, &e));
	assert_true(found);
	*state = b;
	return 0;
}

static int bench_remove(void **state)
{
	static const char *const names[] = { "db", "db-wal", "db-shm" };
	struct bench *b = *state;

	store_close(&b->store);
	config_free(&b->config);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)unlink(arena_printf(&b->arena, "%s/%s", b->folder, names[i]));
	assert_int_equal(rmdir(b->folder), 0);
	arena_done(&b->arena);
	xfree(b);
	return 0;
}

static bool relay_at(struct bench *b, int64_t now_s, struct err *e)
{
	const struct send_relay_options options = { .config = b->config, .now_s = now_s };

	return send_relay(b->store, &b->message, &options, e);
}

static void a_relay_that_is_away_is_tried_for_five_days(void **state)
{
	static const int64_t minutes[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	struct bench *b = *state;
	struct err e = { 0 };
	int64_t now = 1000;

	for (uint32_t tries = 1; b->message.state == MESSAGE_QUEUED; tries++) {
		must_be_done(relay_at(b, now, &e));
		assert_int_equal(b->message.tries, tries);
		int64_t delay = b->message.next_try_at - now;
		assert_int_equal(
			delay,
			60 * (tries <= ARRAY_LEN(minutes) ? minutes[tries - 1] : 60));
		if (b->message.state == MESSAGE_QUEUED)
			now = b->message.next_try_at;
	}
	assert_int_equal(b->message.state, MESSAGE_FAILED);
	int64_t hours = (now - 1000) / 3600;
	assert_true(hours >= 5 * 24 - 2 && hours <= 5 * 24 + 2);
}

static void the_reason_is_kept_with_the_message(void **state)
{
	struct bench *b = *state;
	struct err e = { 0 };
	struct message_row row;
	bool found;

	must_be_done(relay_at(b, 1000, &e));
	must_be_done(store_message_next(b->store, &b->arena,
					&(struct lease_term){ 1, 2000, 2300 }, &row,
					&found, &e));
	assert_true(found && row.last_reply.len > 0);
	assert_int_equal(row.tries, 1);
}

static void a_message_that_failed_meanwhile_is_a_conflict(void **state)
{
	struct bench *b = *state;
	struct err e = { 0 };
	struct message_row gone = b->message;

	gone.state = MESSAGE_FAILED;
	must_be_done(store_message_save(b->store, &gone, &e));
	assert_false(relay_at(b, 1000, &e));
	assert_int_equal(e.kind, ERR_CONFLICT);
}

#define at_bench(test) cmocka_unit_test_setup_teardown(test, bench_make, bench_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		at_bench(a_relay_that_is_away_is_tried_for_five_days),
		at_bench(the_reason_is_kept_with_the_message),
		at_bench(a_message_that_failed_meanwhile_is_a_conflict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

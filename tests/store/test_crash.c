/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A child writes and says what was acknowledged through a pipe; it is killed with SIGKILL
 * at some moment in between; the database must hold all that was acknowledged, and each
 * transaction whole or not at all.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"

enum {
	ROUNDS = 36,
};

/* Per step one transaction: a new identity, a message of it, and the event. */
static bool step_write(struct place *p, struct store *s, uint32_t n)
{
	struct err e = { 0 };
	const char *text = arena_printf(&p->arena, "%u.example", n);
	struct identity_row row = identity_make(p, p->tenant, text, text);

	if (!store_begin(s, &e) || !store_identity_add(s, &row, &e))
		return false;
	struct message_row message = message_make(p, row.id, MESSAGE_HELD, text);
	return store_message_add(s, &message, 0, &e) && store_commit(s, &e);
}

static void child_run(struct place *p, int acknowledge, uint32_t from)
{
	struct store *s = place_connect(p);

	for (uint32_t n = from; step_write(p, s, n); n++) {
		arena_reset(&p->arena);
		if (write(acknowledge, &n, sizeof(n)) != sizeof(n))
			break;
	}
	_exit(1);
}

/* Lets a child write until `steps` were acknowledged, kills it, and gives the last one of
 * which it knew. */
static uint32_t child_kill(struct place *p, uint32_t from, uint32_t steps)
{
	int ends[2];
	uint32_t last = from - 1, n;
	int status;

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (!child)
		child_run(p, ends[1], from);
	close(ends[1]);
	for (uint32_t i = 0; i < steps && read(ends[0], &n, sizeof(n)) == sizeof(n); i++)
		last = n;
	kill(child, SIGKILL);
	while (read(ends[0], &n, sizeof(n)) == sizeof(n))
		last = n;
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return last;
}

/* How many identities there are; each must have its message and event. */
static uint32_t steps_found(struct place *p)
{
	struct err e = { 0 };
	struct store_counts counts;
	struct event_list events;

	must_be_done(store_counts_read(p->store, 0, &counts, &e));
	assert_int_equal(counts.identities[STATUS_PENDING],
			 counts.messages[MESSAGE_HELD]);
	must_be_done(store_event_list(
		p->store, &p->arena,
		&(struct event_page){ .tenant_id = p->tenant, .limit = 100000 }, &events,
		&e));
	assert_int_equal(events.count, counts.identities[STATUS_PENDING]);
	return (uint32_t)events.count;
}

static void a_killed_writer_loses_nothing_that_it_acknowledged(void **state)
{
	struct place *p = *state;
	uint32_t from = 1;

	/* A fork may not carry an open connection over. */
	store_close(&p->store);
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint32_t last = child_kill(p, from, round % 7);
		p->store = place_connect(p);
		uint32_t found = steps_found(p);
		/* One more may be committed than could be said. */
		if (found != last && found != last + 1)
			fail_msg("round %u: %u acknowledged, %u found", round, last,
				 found);
		store_close(&p->store);
		arena_reset(&p->arena);
		from = found + 1;
	}
	assert_true(from > ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_killed_writer_loses_nothing_that_it_acknowledged, place_make,
			place_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

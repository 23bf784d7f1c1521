/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is claimed and not begun. */
#include "looks.h"
#include "service/watch.h"

/* A loop thread's own without its loop, probes and network. */
static struct watch *watch_make(struct bench *b, int64_t packets_s)
{
	struct watch *w = arena_alloc(&b->arena, sizeof(*w));

	w->service = service_make(b);
	w->service->node = 1;
	w->store = b->store;
	w->schedule = schedule_new(&(struct schedule_limits){ 100, 100, packets_s });
	return w;
}

static void watch_done(struct watch *w)
{
	assert_int_equal(w->task_count, 0);
	schedule_free(&w->schedule);
	worker_stop(&w->service->relay, 0);
}

/* His looks have cost that. */
static void spend(struct watch *w, int64_t tenant_id, int64_t packets)
{
	struct ask ask;

	/* Tells the time. */
	assert_true(schedule_next(w->schedule, watch_now_ms(), &ask));
	struct charge charged = schedule_started(w->schedule, tenant_id);
	schedule_ended(w->schedule, tenant_id, charged, packets);
}

static bool is_free_of_leases(struct bench *b, int64_t id)
{
	const struct lease_term term = { 7, clock_now_s(), clock_now_s() + 60 };
	struct lease lease = { LEASE_IDENTITY, id, 0 };
	struct err e = { 0 };
	bool taken;

	must_be_done(store_lease_take(b->store, &lease, &term, &taken, &e));
	return taken;
}

static void a_look_over_its_tenants_limit_is_put_off_and_nothing_else(void **state)
{
	struct bench *b = *state;
	struct watch *w = watch_make(b, 100);
	struct identity_row rows[3];
	struct err e = { 0 };

	/* So long ago that nobody waits for their keys any more. */
	b->caller.now_s = clock_now_s() - 100;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		rows[i] = bench_create(b, arena_printf(&b->arena, "customer%zu.com", i));
		rows[i].state.next_look_at = clock_now_s() - 5;
		must_be_done(store_identity_save(b->store, &rows[i], NULL, 0, &e));
	}
	spend(w, b->caller.tenant_id, 1100);
	must_be_done(watch_take(w, &e));
	assert_int_equal(w->service->counters.looks_put_off, ARRAY_LEN(rows));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct identity_row now = bench_see(b, rows[i].id);
		/* Ten seconds of debt, from a bucket of one. */
		assert_in_range(now.state.next_look_at, clock_now_s() + 5,
				clock_now_s() + 60);
		assert_int_equal(now.state.why, rows[i].state.why);
		assert_int_equal(now.state.looks, rows[i].state.looks);
		assert_int_equal(now.state.aspects[ASPECT_DKIM].status, STATUS_PENDING);
		assert_true(is_free_of_leases(b, now.id));
	}
	/* Not due any more: nothing spins. */
	must_be_done(watch_take(w, &e));
	assert_int_equal(w->service->counters.looks_put_off, ARRAY_LEN(rows));
	watch_done(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		at_bench(a_look_over_its_tenants_limit_is_put_off_and_nothing_else),
	};

	log_open(LOG_LEVEL_ERROR, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

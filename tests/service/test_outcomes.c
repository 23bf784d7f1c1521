/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many looks in one transaction. */
#include <sqlite3.h>

#include "looks.h"

enum {
	GROUP = 6,
};

/* Judged, and leased under `fence`. */
struct one {
	struct identity_row row;
	struct observation o;
	struct expectation x;
	struct authority_result result;
	struct looked looked;
	struct judged judged;
};

static void one_judge(struct bench *b, struct service *v, const char *domain,
		      const char *said, struct one *one)
{
	const struct lease_term term = { 1, clock_now_s(), clock_now_s() + 60 };
	struct lease lease = { LEASE_IDENTITY, 0, 0 };
	bool taken;
	struct err e = { 0 };

	one->row = pending(b, domain);
	lease.thing_id = one->row.id;
	must_be_done(store_lease_take(b->store, &lease, &term, &taken, &e));
	assert_true(taken);
	one->o = observe(b, &one->row, said);
	one->result = (struct authority_result){ .observation = &one->o };
	must_be_done(
		service_identity_expect(&b->arena, b->config, &one->row, &one->x, &e));
	one->looked = (struct looked){ .identity_id = one->row.id,
				       .row = &one->row,
				       .x = &one->x,
				       .result = &one->result,
				       .lease = lease };
	outcome_judge(v, &b->arena, &one->looked, &one->judged);
}

static void group_make(struct bench *b, struct service *v, struct one *all,
		       struct outcome *outcomes)
{
	int64_t tenants[] = { b->other, b->caller.tenant_id };

	/* Not in the order of their tenants. */
	for (size_t i = 0; i < GROUP; i++) {
		b->caller.tenant_id = tenants[i % 2];
		one_judge(b, v, arena_printf(&b->arena, "customer%zu.com", i),
			  i == 5 ? "nx" : "right", &all[i]);
		outcomes[i] = (struct outcome){ .judged = &all[i].judged };
	}
	b->caller.tenant_id = tenants[1];
}

/* One is deleted meanwhile, one taken over: in nobody else's way. */
static void many_looks_are_written_together_each_to_its_own_end(void **state)
{
	static const enum outcome_fate fates[GROUP] = {
		OUTCOME_WRITTEN, OUTCOME_DELETED,  OUTCOME_WRITTEN,
		OUTCOME_WRITTEN, OUTCOME_TOO_LATE, OUTCOME_WRITTEN
	};
	struct bench *b = *state;
	struct service *v = service_make(b);
	struct one *all = arena_array(&b->arena, GROUP, sizeof(*all));
	struct outcome outcomes[GROUP];
	struct lease left;
	bool taken;
	struct err e = { 0 };

	group_make(b, v, all, outcomes);
	hold(b, all[3].row.id, "one");
	must_be_done(store_identity_delete(b->store, all[1].row.tenant_id, all[1].row.id,
					   1, &e));
	must_be_done(store_lease_end(b->store, &all[4].looked.lease, &e));
	left = (struct lease){ LEASE_IDENTITY, all[4].row.id, 0 };
	must_be_done(store_lease_take(b->store, &left, &(struct lease_term){ 2, 1, 99 },
				      &taken, &e));
	must_be_done(outcomes_write(v, b->store, outcomes, GROUP, &e));
	for (size_t i = 0; i < GROUP; i++) {
		const struct lease *lease = &all[i].looked.lease;
		assert_int_equal(outcomes[i].fate, fates[i]);
		if (fates[i] != OUTCOME_WRITTEN)
			continue;
		assert_int_equal(dkim_of(b, all[i].row.id),
				 i == 5 ? STATUS_PENDING : STATUS_SUCCESS);
		must_fail(store_lease_end(b->store, lease, &e), ERR_CONFLICT);
	}
	assert_int_equal(dkim_of(b, all[4].row.id), STATUS_PENDING);
	e = (struct err){ 0 };
	must_be_done(store_lease_end(b->store, &left, &e));
	assert_int_equal(counts(b).messages[MESSAGE_QUEUED], 1);
	worker_stop(&v->relay, 0);
}

static void many_looks_are_written_whole_or_not_at_all(void **state)
{
	struct bench *b = *state;
	struct service *v = service_make(b);
	struct one *all = arena_array(&b->arena, GROUP, sizeof(*all));
	struct outcome outcomes[GROUP];
	struct err e = { 0 };
	sqlite3 *db;

	group_make(b, v, all, outcomes);
	const char *path = arena_printf(&b->arena, "%s/db", b->folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "CREATE TRIGGER no BEFORE INSERT ON event "
				      "WHEN NEW.domain = 'customer4.com' BEGIN "
				      "SELECT RAISE(ABORT, 'disk is gone'); END",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	assert_false(outcomes_write(v, b->store, outcomes, GROUP, &e));
	e = (struct err){ 0 };
	for (size_t i = 0; i < GROUP; i++) {
		assert_int_equal(bench_see(b, all[i].row.id).version, 1);
		must_be_done(store_lease_end(b->store, &all[i].looked.lease, &e));
	}
	worker_stop(&v->relay, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		at_bench(many_looks_are_written_together_each_to_its_own_end),
		at_bench(many_looks_are_written_whole_or_not_at_all),
	};

	log_open(LOG_LEVEL_ERROR, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What only PostgreSQL has: connections that are lost, several writers. */
#include "ear.h"

static struct store *connect_as(struct place *p, const char *name)
{
	const char *url = arena_printf(&p->arena, "%s&application_name=%s", p->url, name);
	struct store *s = NULL;
	struct err e = { 0 };

	must_be_done(store_open(str_from(url), &s, &e));
	return s;
}

static void a_transaction_whose_connection_is_cut_leaves_nothing(void **state)
{
	struct place *p = *state;
	struct store *s = connect_as(p, "victim");
	struct identity_row row = identity_make(p, p->tenant, "acme.example", "t");
	struct err e = { 0 };

	must_be_done(store_begin(s, &e));
	must_be_done(store_identity_add(s, &row, &e));
	place_cut("victim");
	must_fail(store_sender_add(s, row.id, STR("a@acme.example"), 1, &e),
		  ERR_UNAVAILABLE);
	/* It does not go on outside the transaction, on another connection. */
	must_fail(store_sender_add(s, row.id, STR("a@acme.example"), 1, &e),
		  ERR_UNAVAILABLE);
	must_fail(store_commit(s, &e), ERR_UNAVAILABLE);
	store_rollback(s);
	must_fail(store_identity_find(s, &p->arena, p->tenant, row.domain, &row, &e),
		  ERR_NOT_FOUND);
	row = identity_make(p, p->tenant, "acme.example", "t");
	e = (struct err){ 0 };
	must_be_done(store_identity_add(s, &row, &e));
	store_close(&s);
}

static void a_commit_after_a_failure_is_none(void **state)
{
	struct place *p = *state;
	struct identity_row row = identity_make(p, p->tenant, "acme.example", "t");
	struct key_row key = { .private_sealed = STR("a"), .public_der = STR("b") };
	struct err e = { 0 };

	must_be_done(store_key_add(p->store, &key, &e));
	must_be_done(store_begin(p->store, &e));
	must_be_done(store_identity_add(p->store, &row, &e));
	must_fail(store_key_add(p->store, &key, &e), ERR_EXISTS);
	must_fail(store_commit(p->store, &e), ERR_UNAVAILABLE);
	store_rollback(p->store);
	must_fail(
		store_identity_find(p->store, &p->arena, p->tenant, row.domain, &row, &e),
		ERR_NOT_FOUND);
}

static void a_listener_whose_connection_is_cut_wakes_all_and_hears_on(void **state)
{
	struct ear ear = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 };
	struct place *p = *state;
	struct store_listener *l = NULL;
	struct err e = { 0 };
	const char *url = arena_printf(&p->arena, "%s&application_name=listener", p->url);

	must_be_done(store_listen(str_from(url), woken, &ear, &l, &e));
	place_cut("listener");
	hear(&ear, STORE_WAKE_ALL);
	must_be_done(store_notify(p->store, STORE_WAKE_KEY, &e));
	hear(&ear, STORE_WAKE_KEY);
	store_listen_end(&l);
}

/* --- two that wait for each other --- */

struct crossing {
	struct store *store;
	struct identity_row first, second;
	bool done;
	enum err_kind why;
};

static void *crossing_end(void *arg)
{
	struct crossing *c = arg;
	struct err e = { 0 };

	c->done = store_identity_save(c->store, &c->second, NULL, 0, &e);
	c->why = e.kind;
	if (c->done)
		c->done = store_commit(c->store, &e);
	else
		store_rollback(c->store);
	return NULL;
}

static void of_two_in_a_deadlock_one_is_told_to_try_again(void **state)
{
	struct place *p = *state;
	struct identity_row a =
		identity_see(p, identity_put(p, p->tenant, "a.example", "a"));
	struct identity_row b =
		identity_see(p, identity_put(p, p->tenant, "b.example", "b"));
	struct crossing two[] = {
		{ .store = p->store, .first = a, .second = b },
		{ .store = place_connect(p), .first = b, .second = a }
	};
	pthread_t threads[ARRAY_LEN(two)];
	struct err e = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(two); i++) {
		must_be_done(store_begin(two[i].store, &e));
		must_be_done(
			store_identity_save(two[i].store, &two[i].first, NULL, 0, &e));
	}
	for (size_t i = 0; i < ARRAY_LEN(two); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, crossing_end, &two[i]),
				 0);
	for (size_t i = 0; i < ARRAY_LEN(two); i++)
		pthread_join(threads[i], NULL);
	assert_true(two[0].done != two[1].done);
	assert_int_equal(two[two[0].done].why, ERR_UNAVAILABLE);
	store_close(&two[1].store);
}

/* --- keys of the pool --- */

struct binding {
	struct store *store;
	int64_t id;
	struct str selector;
	bool bound, done;
};

static void *binding_run(void *arg)
{
	struct binding *b = arg;
	struct err e = { 0 };

	b->done = store_key_bind(b->store, b->id, b->selector, &b->bound, &e);
	return NULL;
}

static void two_nodes_never_take_the_same_key(void **state)
{
	struct place *p = *state;
	struct binding two[] = {
		{ .store = p->store, .selector = STR("t0") },
		{ .store = place_connect(p), .selector = STR("t1") },
	};
	int64_t id = identity_put(p, p->tenant, "acme.example", "t");
	struct err e = { 0 };
	pthread_t thread;
	struct key_row keys[2];

	keys_put(p->store, "k", 2);
	two[0].id = two[1].id = id;
	/* One has begun and not committed while the other does all of it. */
	must_be_done(store_begin(p->store, &e));
	(void)binding_run(&two[0]);
	assert_int_equal(pthread_create(&thread, NULL, binding_run, &two[1]), 0);
	pthread_join(thread, NULL);
	must_be_done(store_commit(p->store, &e));
	for (size_t i = 0; i < ARRAY_LEN(two); i++) {
		assert_true(two[i].done && two[i].bound);
		must_be_done(store_key_find(p->store, &p->arena, id, two[i].selector,
					    &keys[i], &e));
	}
	assert_true(keys[0].id != keys[1].id);
	store_close(&two[1].store);
}

/* --- held while it is verified --- */

struct holding {
	struct store *store;
	struct message_row row;
	struct err e;
	bool done;
};

static void *holding_add(void *arg)
{
	struct holding *h = arg;

	h->done = store_message_add(h->store, &h->row, 0, &h->e);
	return NULL;
}

/* Until the connection of that name waits for a lock. */
static void await_holder(struct place *p)
{
	place_sql(p, "DO $$ BEGIN FOR i IN 1..1000 LOOP "
		     "IF EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name "
		     "= 'holder' AND wait_event_type = 'Lock') THEN RETURN; END IF; "
		     "PERFORM pg_sleep(0.01), pg_stat_clear_snapshot(); END LOOP; "
		     "RAISE 'nobody waits'; END $$");
}

static void mail_that_comes_while_its_identity_is_verified_is_not_held(void **state)
{
	struct place *p = *state;
	struct identity_row row =
		identity_see(p, identity_put(p, p->tenant, "acme.example", "t"));
	struct holding h = { .store = connect_as(p, "holder"),
			     .row = message_make(p, row.id, MESSAGE_HELD, "one") };
	struct err e = { 0 };
	pthread_t thread;
	size_t released, held;

	must_be_done(store_begin(p->store, &e));
	row.state.aspects[ASPECT_DKIM].status = STATUS_SUCCESS;
	must_be_done(store_identity_save(p->store, &row, NULL, 0, &e));
	must_be_done(store_message_release_of(p->store, &row.id, 1, 1, &released, &e));
	assert_int_equal(pthread_create(&thread, NULL, holding_add, &h), 0);
	await_holder(p);
	must_be_done(store_commit(p->store, &e));
	pthread_join(thread, NULL);
	assert_true(h.done);
	assert_int_equal(h.row.state, MESSAGE_QUEUED);
	must_be_done(store_message_held(p->store, row.id, &held, &e));
	assert_int_equal(held, 0);
	store_close(&h.store);
}

/* --- leased to another while the row was waited for --- */

struct looking {
	struct store *store;
	int64_t id;
	struct arena arena;
	struct identity_held_list held;
	struct err e;
	bool done;
};

static void *looking_hold(void *arg)
{
	struct looking *l = arg;

	l->done = store_begin(l->store, &l->e) &&
		  store_identity_hold(l->store, &l->arena, &l->id, 1, &l->held, &l->e) &&
		  store_commit(l->store, &l->e);
	return NULL;
}

static void whoever_waited_for_a_row_sees_who_has_it_by_now(void **state)
{
	struct place *p = *state;
	struct lease old = { LEASE_IDENTITY,
			     identity_put(p, p->tenant, "acme.example", "t"), 0 };
	const struct lease_term term = { 1, 1000, 1060 };
	const struct due_claim claim = { .term = { 2, 2000, 2060 }, .limit = 10 };
	struct looking l = { .store = connect_as(p, "holder"), .id = old.thing_id };
	struct lease_list taken;
	struct err e = { 0 };
	pthread_t thread;
	bool is_taken;

	arena_init(&l.arena, 1 << 20);
	must_be_done(store_lease_take(p->store, &old, &term, &is_taken, &e));
	/* Its time is over: another node takes it while the first one begins to write. */
	must_be_done(store_begin(p->store, &e));
	must_be_done(store_identity_claim(p->store, &p->arena, &claim, &taken, &e));
	assert_int_equal(taken.count, 1);
	assert_int_equal(pthread_create(&thread, NULL, looking_hold, &l), 0);
	await_holder(p);
	must_be_done(store_commit(p->store, &e));
	pthread_join(thread, NULL);
	assert_true(l.done);
	assert_int_equal(l.held.count, 1);
	assert_int_equal(l.held.rows[0].fence, taken.rows[0].fence);
	store_close(&l.store);
	arena_done(&l.arena);
}

/* --- the schema --- */

static void a_schema_of_a_later_version_is_refused(void **state)
{
	struct place *p = *state;
	struct store *s = NULL;
	struct err e = { 0 };

	place_sql(p, "UPDATE meta SET value = 1000 WHERE name = 'schema'");
	must_fail(store_open(str_from(p->url), &s, &e), ERR_USAGE);
	assert_null(s);
}

static void a_database_without_a_connection_left_is_unavailable(void **state)
{
	struct place *p = *state;
	struct store *s = NULL;
	struct err e = { 0 };

	must_fail(store_open(str_from(arena_printf(&p->arena, "%s&user=nobody_here",
						   p->url)),
			     &s, &e),
		  ERR_UNAVAILABLE);
	assert_null(s);
}

#define on_postgres(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_postgres(a_transaction_whose_connection_is_cut_leaves_nothing),
		on_postgres(a_commit_after_a_failure_is_none),
		on_postgres(a_listener_whose_connection_is_cut_wakes_all_and_hears_on),
		on_postgres(of_two_in_a_deadlock_one_is_told_to_try_again),
		on_postgres(two_nodes_never_take_the_same_key),
		on_postgres(mail_that_comes_while_its_identity_is_verified_is_not_held),
		on_postgres(whoever_waited_for_a_row_sees_who_has_it_by_now),
		on_postgres(a_schema_of_a_later_version_is_refused),
		on_postgres(a_database_without_a_connection_left_is_unavailable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

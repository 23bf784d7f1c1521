/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections and transactions, whichever the engine is. */
#include <pthread.h>
#include <unistd.h>

#include "fixture.h"

static void *open_and_close(void *arg)
{
	struct err e = { 0 };
	struct store *s = NULL;

	if (!store_open(str_from(arg), &s, &e))
		return NULL;
	store_close(&s);
	return arg;
}

static void many_can_open_a_new_store_at_once(void **state)
{
	struct place *p = *state;
	pthread_t openers[16];

	for (int round = 0; round < (place_is_postgres() ? 3 : 10); round++) {
		const char *name = arena_printf(&p->arena, "new_%d", round);
		const char *url = place_url(p, name);
		for (size_t i = 0; i < ARRAY_LEN(openers); i++)
			assert_int_equal(pthread_create(&openers[i], NULL, open_and_close,
							(void *)(uintptr_t)url),
					 0);
		for (size_t i = 0; i < ARRAY_LEN(openers); i++) {
			void *opened;
			assert_int_equal(pthread_join(openers[i], &opened), 0);
			assert_ptr_equal(opened, url);
		}
		store_remove(p, url);
	}
}

static void what_is_no_url_of_a_store_is_refused(void **state)
{
	static const char *const urls[] = { "",
					    "sqlite:",
					    "sqlite",
					    "/var/lib/x.db",
					    "mysql://x/y",
					    "postgresql://",
					    "postgresql:///x?no_such_word=1" };
	struct err e = { 0 };
	struct store *s = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(urls); i++)
		must_fail(store_open(str_from(urls[i]), &s, &e), ERR_USAGE);
	assert_null(s);
}

static void a_database_that_is_away_is_no_usage_error(void **state)
{
	struct err e = { 0 };
	struct store *s = NULL;

	(void)state;
	must_fail(store_open(STR("postgresql:///x?host=/nonexistent&password=secret"), &s,
			     &e),
		  ERR_UNAVAILABLE);
	assert_null(strstr(e.text, "secret"));
}

static void a_text_with_a_nul_is_refused(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int64_t id = identity_put(p, p->tenant, "acme.example", "t");

	must_fail(store_sender_add(p->store, id, str_of("a\0b", 3), 1, &e), ERR_USAGE);
	/* What is no text may hold any byte. */
	struct key_row key = { .private_sealed = str_of("\0\0", 2),
			       .public_der = str_of("\0\xff", 2) };
	must_be_done(store_key_add(p->store, &key, &e));
}

static void a_rollback_undoes_everything_since_begin(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct identity_row row;

	must_be_done(store_begin(p->store, &e));
	int64_t id = identity_put(p, p->tenant, "acme.example", "t");
	message_put(p, id, MESSAGE_HELD, "one");
	store_rollback(p->store);
	must_fail(store_identity_get(p->store, &p->arena, 0, id, &row, &e),
		  ERR_NOT_FOUND);
	/* Harmless when nothing is open. */
	store_rollback(p->store);
	identity_put(p, p->tenant, "acme.example", "t");
}

static void a_refused_part_leaves_the_rest_of_the_transaction(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct identity_row row = identity_make(p, p->tenant, "b.example", "b");

	must_be_done(store_begin(p->store, &e));
	int64_t id = identity_put(p, p->tenant, "a.example", "a");
	row.tokens[2] = STR("a0");
	must_fail(store_identity_add(p->store, &row, &e), ERR_CONFLICT);
	must_be_done(store_commit(p->store, &e));
	assert_true(str_is(identity_see(p, id).domain, "a.example"));
	must_fail(
		store_identity_find(p->store, &p->arena, p->tenant, row.domain, &row, &e),
		ERR_NOT_FOUND);
}

static void another_connection_sees_nothing_before_the_commit(void **state)
{
	struct place *p = *state;
	struct store *second = place_connect(p);
	struct err e = { 0 };
	struct identity_row row;

	must_be_done(store_begin(p->store, &e));
	int64_t id = identity_put(p, p->tenant, "acme.example", "t");
	must_fail(store_identity_get(second, &p->arena, 0, id, &row, &e), ERR_NOT_FOUND);
	must_be_done(store_commit(p->store, &e));
	must_be_done(store_identity_get(second, &p->arena, 0, id, &row, &e));
	store_close(&second);
}

static void a_store_is_ready_for_all_who_ask(void **state)
{
	struct place *p = *state;
	struct store *second = place_connect(p);
	struct err e = { 0 };

	must_be_done(store_is_ready(p->store, &e));
	must_be_done(store_is_ready(second, &e));
	store_close(&second);
}

/* --- two threads at once --- */

struct writer {
	struct store_pool *pool;
	int64_t id;
	unsigned done;
};

static void *writer_run(void *arg)
{
	struct writer *w = arg;

	while (w->done < 50) {
		auto_arena struct arena a;
		arena_init(&a, 1024 * 1024);
		struct store *s = store_pool_take(w->pool);
		struct identity_row row;
		struct err e = { 0 };
		bool read = store_identity_get(s, &a, 0, w->id, &row, &e);
		row.state.looks++;
		if (read && store_identity_save(s, &row, NULL, 0, &e))
			w->done++;
		store_pool_give(w->pool, s);
		if (e.kind != ERR_NONE && e.kind != ERR_CONFLICT)
			break;
	}
	return NULL;
}

static void writers_at_once_lose_no_step(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct writer writers[4];
	pthread_t threads[4];
	struct store_pool *pool;
	int64_t id = identity_put(p, p->tenant, "acme.example", "t");

	/* Fewer connections than threads: take waits. */
	must_be_done(store_pool_new(str_from(p->url), 3, &pool, &e));
	for (size_t i = 0; i < ARRAY_LEN(writers); i++) {
		writers[i] = (struct writer){ pool, id, 0 };
		assert_int_equal(
			pthread_create(&threads[i], NULL, writer_run, &writers[i]), 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(writers); i++)
		pthread_join(threads[i], NULL);
	store_pool_free(&pool);
	assert_int_equal(identity_see(p, id).state.looks, 4 * 50);
}

#define in_place(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_place(many_can_open_a_new_store_at_once),
		cmocka_unit_test(what_is_no_url_of_a_store_is_refused),
		cmocka_unit_test(a_database_that_is_away_is_no_usage_error),
		in_place(a_text_with_a_nul_is_refused),
		in_place(a_rollback_undoes_everything_since_begin),
		in_place(a_refused_part_leaves_the_rest_of_the_transaction),
		in_place(another_connection_sees_nothing_before_the_commit),
		in_place(a_store_is_ready_for_all_who_ask),
		in_place(writers_at_once_lose_no_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections and transactions. */
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"

static void only_sqlite_paths_are_stores(void **state)
{
	static const char *const urls[] = { "", "sqlite:", "postgres://x/y",
					    "/var/lib/x.db", "sqlite" };
	struct err e = { 0 };
	struct store *s = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(urls); i++)
		must_fail(store_open(str_from(urls[i]), &s, &e), ERR_USAGE);
	must_fail(store_open(STR("sqlite:/nonexistent/unpend.db"), &s, &e),
		  ERR_NOT_FOUND);
	assert_null(s);
}

static void the_database_is_readable_by_its_owner_only(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	struct place *p = *state;
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		assert_int_equal(stat(arena_printf(&p->arena, "%s/unpend.db%s", p->folder,
						   ends[i]),
				      &st),
				 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

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

	for (int round = 0; round < 10; round++) {
		char *url =
			arena_printf(&p->arena, "sqlite:%s/new-%d.db", p->folder, round);
		for (size_t i = 0; i < ARRAY_LEN(openers); i++)
			assert_int_equal(
				pthread_create(&openers[i], NULL, open_and_close, url),
				0);
		for (size_t i = 0; i < ARRAY_LEN(openers); i++) {
			void *opened;
			assert_int_equal(pthread_join(openers[i], &opened), 0);
			assert_ptr_equal(opened, url);
		}
		store_remove(p, url);
	}
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

static void a_store_is_ready_and_asking_changes_nothing(void **state)
{
	struct place *p = *state;
	struct store *second = place_connect(p);
	struct err e = { 0 };

	must_be_done(store_is_ready(p->store, &e));
	must_be_done(store_is_ready(second, &e));
	store_close(&second);
}

static void what_is_not_a_database_is_said_to_be_none(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct store *s = NULL;
	const char *path = arena_printf(&p->arena, "%s/none.db", p->folder);

	must_be_done(file_create(path,
				 STR("this is certainly no database, it is only text, "
				     "and it is longer than a header would be, or so "
				     "it seems to whoever reads it"),
				 0600, &e));
	must_fail(
		store_open(str_from(arena_printf(&p->arena, "sqlite:%s", path)), &s, &e),
		ERR_UNAVAILABLE);
	assert_int_equal(unlink(path), 0);
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
		cmocka_unit_test(only_sqlite_paths_are_stores),
		in_place(the_database_is_readable_by_its_owner_only),
		in_place(a_rollback_undoes_everything_since_begin),
		in_place(a_refused_part_leaves_the_rest_of_the_transaction),
		in_place(another_connection_sees_nothing_before_the_commit),
		in_place(what_is_not_a_database_is_said_to_be_none),
		in_place(a_store_is_ready_and_asking_changes_nothing),
		in_place(writers_at_once_lose_no_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backups: of a store in use, back into either engine, and what is refused. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "fixture.h"

/* A store with something in every table that a backup takes from these tests. */
static int64_t fill(struct place *p)
{
	struct err e = { 0 };
	int64_t id = identity_put(p, p->tenant, "acme.example", "t");
	struct identity_row row = identity_see(p, id);
	bool bound;

	identity_put(p, p->other, "gone.example", "g");
	keys_put(p->store, "k", 2);
	must_be_done(store_key_bind(p->store, id, STR("t0"), &bound, &e));
	message_put(p, id, MESSAGE_HELD, "one");
	must_be_done(
		store_sender_add(p->store, id, STR("n\xc3\xa9ws@acme.example"), 1, &e));
	must_be_done(store_report_write(
		p->store, &p->arena, &row,
		&(struct report_row){ 7, STR("{\"en\":\"\\u0000\"}") }, &e));
	must_be_done(store_identity_save(p->store, &row, NULL, 0, &e));
	for (int i = 0; i < 3; i++) {
		struct look_row look = { .identity_id = id,
					 .at_s = i,
					 .detail = STR("{}") };
		must_be_done(store_look_add(p->store, &look, &e));
	}
	return id;
}

static const char *file_of(struct place *p, const char *name)
{
	return arena_printf(&p->arena, "%s/%s", p->folder, name);
}

static void backup_to(struct place *p, struct store *s, const char *path)
{
	struct backup_counts counts;
	struct err e = { 0 };
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	must_be_done(store_backup(s, fd, 12345, &counts, &e));
	assert_int_equal(counts.made_at, 12345);
	(void)p;
}

static bool restore_from(struct store *s, const char *path, struct err *e)
{
	struct backup_counts counts;
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return s ? store_restore(s, fd, &counts, e) : store_backup_check(fd, &counts, e);
}

static struct str text_of(struct place *p, const char *path)
{
	struct buf *b = arena_alloc(&p->arena, sizeof(*b));
	struct err e = { 0 };

	buf_init(b, 64 * 1024 * 1024);
	must_be_done(file_read(path, b, &e));
	struct str text = arena_str(&p->arena, buf_view(b));
	buf_done(b);
	return text;
}

/* Without the line that has the moment's fence, and the last that depends on it. */
static struct str rows_of(struct str text)
{
	size_t from = str_find_byte(text, '\n') + 1;
	size_t end = text.len - 1;

	while (end > from && text.data[end - 1] != '\n')
		end--;
	return str_sub(text, from, end - from);
}

/* --- there and back --- */

static void check_there_and_back(struct place *p, const char *url)
{
	struct err e = { 0 };
	struct store *s = NULL;
	struct store_problem problems[STORE_PROBLEMS_MAX];
	size_t count;

	fill(p);
	backup_to(p, p->store, file_of(p, "first"));
	must_be_done(store_open(str_from(url), &s, &e));
	must_be_done(restore_from(s, file_of(p, "first"), &e));
	must_be_done(store_verify(s, problems, &count, &e));
	assert_int_equal(count, 0);
	backup_to(p, s, file_of(p, "second"));
	struct str first = rows_of(text_of(p, file_of(p, "first")));
	struct str second = rows_of(text_of(p, file_of(p, "second")));
	assert_true(first.len > 1000);
	assert_true(str_equal(first, second));
	/* A number that was given there is not given here. */
	int64_t fences[2];
	must_be_done(store_lease_fence(p->store, &fences[0], &e));
	must_be_done(store_lease_fence(s, &fences[1], &e));
	assert_true(fences[1] >= fences[0]);
	struct identity_row row = identity_make(p, p->tenant, "next.example", "n");
	must_be_done(store_identity_add(s, &row, &e));
	assert_int_equal(row.id, 3);
	must_fail(restore_from(s, file_of(p, "first"), &e), ERR_EXISTS);
	store_close(&s);
	assert_int_equal(unlink(file_of(p, "first")) + unlink(file_of(p, "second")), 0);
}

static void a_backup_put_back_is_the_same_store(void **state)
{
	struct place *p = *state;
	const char *url = place_url(p, "other");

	check_there_and_back(p, url);
	store_remove(p, url);
}

static void a_backup_goes_into_the_other_engine(void **state)
{
	struct place *p = *state;
	const char *url = arena_printf(&p->arena, "sqlite:%s/other.db", p->folder);

	check_there_and_back(p, url);
	store_remove(p, url);
}

static void a_backup_of_the_other_engine_comes_here(void **state)
{
	struct place *p = *state;
	const char *url = arena_printf(&p->arena, "sqlite:%s/source.db", p->folder);
	struct err e = { 0 };
	struct store *here = p->store;
	const char *empty = place_url(p, "empty");

	must_be_done(store_open(str_from(url), &p->store, &e));
	assert_int_equal(tenant_make(p->store, "acme"), p->tenant);
	assert_int_equal(tenant_make(p->store, "rival"), p->other);
	check_there_and_back(p, empty);
	store_close(&p->store);
	store_remove(p, url);
	store_remove(p, empty);
	p->store = here;
}

/* --- of a store in use --- */

struct busy {
	struct place place; /* its arena is the thread's */
	_Atomic bool stop;
	_Atomic unsigned added;
};

static void *busy_run(void *arg)
{
	struct busy *b = arg;
	struct store *s = NULL;
	struct err e = { 0 };

	if (!store_open(str_from(b->place.url), &s, &e))
		return NULL;
	for (unsigned i = 0; !b->stop; i++) {
		const char *name = arena_printf(&b->place.arena, "busy%u.example", i);
		struct identity_row row =
			identity_make(&b->place, b->place.tenant, name, name);
		if (store_identity_add(s, &row, &e))
			b->added++;
		arena_reset(&b->place.arena);
	}
	store_close(&s);
	return NULL;
}

static void a_backup_while_others_write_is_of_one_moment(void **state)
{
	struct place *p = *state;
	struct busy busy = { .place = *p };
	struct store_problem problems[STORE_PROBLEMS_MAX];
	struct err e = { 0 };
	pthread_t thread;
	size_t count;

	arena_init(&busy.place.arena, 1024 * 1024);
	assert_int_equal(pthread_create(&thread, NULL, busy_run, &busy), 0);
	for (int i = 0; i < 5; i++) {
		const char *url = place_url(p, arena_printf(&p->arena, "copy_%d", i));
		struct store *s = NULL;
		unsigned before = busy.added;
		while (busy.added < before + 5)
			sched_yield();
		backup_to(p, p->store, file_of(p, "busy"));
		must_be_done(store_open(str_from(url), &s, &e));
		must_be_done(restore_from(s, file_of(p, "busy"), &e));
		/* Each identity with its tokens, its wanted keys and its event. */
		must_be_done(store_verify(s, problems, &count, &e));
		assert_int_equal(count, 0);
		store_close(&s);
		store_remove(p, url);
	}
	busy.stop = true;
	pthread_join(thread, NULL);
	arena_done(&busy.place.arena);
	assert_int_equal(unlink(file_of(p, "busy")), 0);
}

/* --- what is refused --- */

static void a_backup_that_was_changed_or_cut_short_is_refused(void **state)
{
	static const struct {
		const char *name, *from, *to;
	} cases[] = {
		{ "another value", "acme.example", "evil.example" },
		{ "another kind of value", "[1,\"acme\"", "[\"1\",\"acme\"" },
		{ "another table", "{\"table\": \"sender\"", "{\"table\": \"sendex\"" },
		{ "another column", "\"access_key_id\"", "\"access_key_ie\"" },
		{ "another version", "\"schema\": 2", "\"schema\": 3" },
		{ "no backup", "\"unpend_backup\": 1", "\"unpend_backup\": 2" },
		{ "no JSON", "[1,", "[1;" },
		{ "no end", "{\"end\":", "{\"eno\":" },
	};
	struct place *p = *state;
	struct err e = { 0 };

	fill(p);
	backup_to(p, p->store, file_of(p, "good"));
	struct str text = text_of(p, file_of(p, "good"));
	must_be_done(restore_from(NULL, file_of(p, "good"), &e));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str changed = arena_str(&p->arena, text);
		char *at = memmem(changed.data, changed.len, cases[i].from,
				  strlen(cases[i].from));
		assert_non_null(at);
		memcpy(at, cases[i].to, strlen(cases[i].to));
		must_be_done(file_replace(file_of(p, "bad"), changed, 0600, &e));
		if (restore_from(NULL, file_of(p, "bad"), &e) || e.kind != ERR_USAGE)
			fail_msg("%s: %s", cases[i].name, e.text);
		e = (struct err){ 0 };
	}
	for (size_t cut = 1; cut < text.len; cut += text.len / 50) {
		must_be_done(file_replace(file_of(p, "bad"),
					  str_sub(text, 0, text.len - cut), 0600, &e));
		must_fail(restore_from(NULL, file_of(p, "bad"), &e), ERR_USAGE);
		e = (struct err){ 0 };
	}
	assert_int_equal(unlink(file_of(p, "good")) + unlink(file_of(p, "bad")), 0);
}

static void a_refused_backup_leaves_the_store_empty(void **state)
{
	struct place *p = *state;
	const char *url = place_url(p, "other");
	struct store *s = NULL;
	struct err e = { 0 };

	fill(p);
	backup_to(p, p->store, file_of(p, "good"));
	struct str text = text_of(p, file_of(p, "good"));
	must_be_done(file_replace(file_of(p, "bad"), str_sub(text, 0, text.len - 9), 0600,
				  &e));
	must_be_done(store_open(str_from(url), &s, &e));
	must_fail(restore_from(s, file_of(p, "bad"), &e), ERR_USAGE);
	e = (struct err){ 0 };
	must_be_done(restore_from(s, file_of(p, "good"), &e));
	store_close(&s);
	store_remove(p, url);
	assert_int_equal(unlink(file_of(p, "good")) + unlink(file_of(p, "bad")), 0);
}

#define in_place(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_place(a_backup_put_back_is_the_same_store),
		in_place(a_backup_goes_into_the_other_engine),
		in_place(a_backup_of_the_other_engine_comes_here),
		in_place(a_backup_while_others_write_is_of_one_moment),
		in_place(a_backup_that_was_changed_or_cut_short_is_refused),
		in_place(a_refused_backup_leaves_the_store_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

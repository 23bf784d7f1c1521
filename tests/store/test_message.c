/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages: accepted, held, released in order, relayed. */
#include "fixture.h"

/* The next message that is due, or NULL. */
static struct message_row *next(struct place *p, int64_t now)
{
	struct message_row *row = arena_alloc(&p->arena, sizeof(*row));
	struct err e = { 0 };
	const struct lease_term term = { 1, now, now }; /* over at once */
	bool found;

	must_be_done(store_message_next(p->store, &p->arena, &term, row, &found, &e));
	return found ? row : NULL;
}

static const char *next_id(struct place *p, int64_t now)
{
	struct message_row *row = next(p, now);

	return row ? row->message_id.data : "none";
}

static void save(struct place *p, struct message_row *row, enum message_state state,
		 uint32_t tries, int64_t next_try_at)
{
	struct err e = { 0 };

	row->state = state;
	row->tries = tries;
	row->next_try_at = next_try_at;
	row->last_reply = STR("450 later");
	must_be_done(store_message_save(p->store, row, &e));
}

static void a_message_comes_back_as_it_was_given(void **state)
{
	struct place *p = *state;
	int64_t id = identity_put(p, p->tenant, "acme.example", "t");
	struct message_row made = message_make(p, id, MESSAGE_QUEUED, "one");
	struct err e = { 0 };

	made.content = str_of("a\0b\xff\r\n", 6);
	must_be_done(store_message_add(p->store, &made, 0, &e));
	struct message_row *row = next(p, 1000);
	assert_non_null(row);
	assert_int_equal(row->id, made.id);
	assert_true(str_is(row->message_id, "one"));
	assert_true(str_equal(row->sender, made.sender));
	assert_true(str_equal(row->content, made.content));
	assert_int_equal(row->recipient_count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_true(str_equal(row->recipients[i], made.recipients[i]));
	assert_int_equal(row->created_at, 1000);
}

static void held_mail_waits_and_leaves_in_order(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int64_t id = identity_put(p, p->tenant, "acme.example", "t");
	int64_t other = identity_put(p, p->tenant, "b.example", "b");
	size_t released, held;

	message_put(p, id, MESSAGE_HELD, "first");
	message_put(p, other, MESSAGE_HELD, "elsewhere");
	message_put(p, id, MESSAGE_HELD, "second");
	assert_null(next(p, 9000));
	must_be_done(store_message_held(p->store, id, &held, &e));
	assert_int_equal(held, 2);
	must_be_done(store_message_release_of(p->store, &id, 1, 5000, &released, &e));
	assert_int_equal(released, 2);
	must_be_done(store_message_held(p->store, id, &held, &e));
	assert_int_equal(held, 0);
	message_put(p, id, MESSAGE_QUEUED, "third");
	static const char *const order[] = { "first", "second", "third", "none" };
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		struct message_row *row = next(p, 9000);
		assert_string_equal(row ? row->message_id.data : "none", order[i]);
		if (row)
			save(p, row, MESSAGE_SENT, 1, 0);
	}
}

static void one_that_is_put_off_holds_its_identity_but_no_other(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int64_t id = identity_put(p, p->tenant, "acme.example", "t");
	int64_t other = identity_put(p, p->tenant, "b.example", "b");
	int64_t due;

	message_put(p, id, MESSAGE_QUEUED, "first");
	message_put(p, id, MESSAGE_QUEUED, "second");
	message_put(p, other, MESSAGE_QUEUED, "elsewhere");
	save(p, next(p, 1000), MESSAGE_QUEUED, 1, 1060);
	assert_string_equal(next_id(p, 1000), "elsewhere");
	save(p, next(p, 1000), MESSAGE_SENT, 1, 0);
	assert_string_equal(next_id(p, 1059), "none");
	must_be_done(store_message_next_due(p->store, 1000, &due, &e));
	assert_int_equal(due, 1060);
	assert_string_equal(next_id(p, 1060), "first");
	/* The third time it is put off, it stands aside. */
	save(p, next(p, 1060), MESSAGE_QUEUED, 3, 5000);
	assert_string_equal(next_id(p, 1060), "second");
}

/* Nor in pages that are free now. */
static void file_has_not(struct place *p, const char *text)
{
	auto_buf struct buf file;
	struct err e = { 0 };

	store_close(&p->store); /* the last connection folds the WAL in */
	buf_init(&file, 64 * 1024 * 1024);
	must_be_done(file_read(p->url + strlen("sqlite:"), &file, &e));
	assert_null(memmem(file.data, file.len, text, strlen(text)));
}

static void what_is_sent_or_failed_keeps_no_content(void **state)
{
	static const enum message_state ends[] = { MESSAGE_SENT, MESSAGE_FAILED };
	struct place *p = *state;
	struct err e = { 0 };
	int64_t id = identity_put(p, p->tenant, "acme.example", "t");

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct message_row row =
			message_make(p, id, MESSAGE_QUEUED, i ? "two" : "one");
		row.content = STR("\r\n\r\nneedle in the stack\r\n");
		must_be_done(store_message_add(p->store, &row, 0, &e));
		save(p, next(p, 9000), ends[i], 1, 0);
		must_fail(store_message_save(p->store, &row, &e), ERR_CONFLICT);
	}
	if (place_is_postgres())
		place_sql(p, "DO $$ BEGIN IF EXISTS (SELECT 1 FROM message WHERE content "
			     "<> '') THEN RAISE 'it is there still'; END IF; END $$");
	else
		file_has_not(p, "needle");
}

static void a_tenant_holds_only_so_many(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int64_t id = identity_put(p, p->tenant, "acme.example", "t");
	struct message_row row = message_make(p, id, MESSAGE_HELD, "three");

	message_put(p, id, MESSAGE_HELD, "one");
	message_put(p, id, MESSAGE_HELD, "two");
	must_fail(store_message_add(p->store, &row, 2, &e), ERR_LIMIT);
	must_be_done(store_message_add(p->store, &row, 3, &e));
	row.tenant_id = p->other;
	row.message_id = STR("four");
	must_be_done(store_message_add(p->store, &row, 1, &e));
	row.tenant_id = p->tenant;
	row.state = MESSAGE_QUEUED;
	row.message_id = STR("five");
	must_be_done(store_message_add(p->store, &row, 1, &e));
}

#define in_place(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_place(a_message_comes_back_as_it_was_given),
		in_place(held_mail_waits_and_leaves_in_order),
		in_place(one_that_is_put_off_holds_its_identity_but_no_other),
		in_place(what_is_sent_or_failed_keeps_no_content),
		in_place(a_tenant_holds_only_so_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identities whose next look is a glance: which are due, and what glances write. */
#include "fixture.h"

enum {
	WEEK_S = 7 * 86400,
};

/* Verified, and due for a glance at `at`. */
static int64_t glanced_put(struct place *p, const char *domain, int64_t at)
{
	struct err e = { 0 };
	struct identity_row row =
		identity_see(p, identity_put(p, p->tenant, domain, domain));

	row.state.aspects[ASPECT_DKIM].status = STATUS_SUCCESS;
	row.state.next_look_at = at;
	row.state.full_look_at = at + WEEK_S;
	row.state.glance = true;
	row.state.unclear = 3;
	must_be_done(store_identity_save(p->store, &row, NULL, 0, &e));
	return row.id;
}

static struct glance_list due(struct place *p, const struct glance_page *page)
{
	struct glance_list list;
	struct err e = { 0 };

	must_be_done(store_glance_due(p->store, &p->arena, page, &list, &e));
	return list;
}

static size_t write_one(struct place *p, const struct glance_outcome *o)
{
	size_t written = 99;
	struct err e = { 0 };

	must_be_done(store_glances_write(p->store, o, 1, &written, &e));
	return written;
}

static void what_is_due_comes_in_order_of_time_page_by_page(void **state)
{
	struct place *p = *state;
	int64_t third = glanced_put(p, "c.example", 2002);
	int64_t first = glanced_put(p, "a.example", 2000);
	int64_t second = glanced_put(p, "b.example", 2000);
	int64_t later = glanced_put(p, "d.example", 3001);
	int64_t next = 0;
	struct err e = { 0 };

	struct glance_list list = due(p, &(struct glance_page){ 3000, 0, 0, 2 });
	assert_int_equal(list.count, 2);
	assert_int_equal(list.rows[0].id, first);
	assert_int_equal(list.rows[1].id, second);
	assert_true(str_is(list.rows[0].domain, "a.example"));
	assert_true(str_is(list.rows[0].tokens[2], "a.example2"));
	assert_true(str_is(list.rows[0].key_zone, "dkim.mailer.example"));
	assert_int_equal(list.rows[0].state.next_look_at, 2000);
	assert_int_equal(list.rows[0].state.full_look_at, 2000 + WEEK_S);
	list = due(p, &(struct glance_page){ 3000, 2000, second, 2 });
	assert_int_equal(list.count, 1);
	assert_int_equal(list.rows[0].id, third);
	must_be_done(store_glance_next_due(p->store, 2002, third, &next, &e));
	assert_int_equal(next, 3001);
	must_be_done(store_glance_next_due(p->store, 3001, later, &next, &e));
	assert_int_equal(next, 0);
}

/* Whole looks and glances are due in indexes of their own. */
static void nobody_claims_for_a_look_what_is_to_be_glanced_at(void **state)
{
	struct place *p = *state;
	int64_t glanced = glanced_put(p, "a.example", 2000);
	int64_t looked = identity_put(p, p->tenant, "b.example", "b");
	const struct due_claim claim = { { 7, 3000, 3060 }, .limit = 10 };
	struct store_counts counts;
	struct lease_list list;
	struct err e = { 0 };

	must_be_done(store_identity_claim(p->store, &p->arena, &claim, &list, &e));
	assert_int_equal(list.count, 1);
	assert_int_equal(list.rows[0].thing_id, looked);
	struct glance_list glances = due(p, &(struct glance_page){ 3000, 0, 0, 10 });
	assert_int_equal(glances.count, 1);
	assert_int_equal(glances.rows[0].id, glanced);
	must_be_done(store_counts_read(p->store, 3000, &counts, &e));
	assert_int_equal(counts.due, 2);
}

static void a_glance_that_was_right_moves_times_and_nothing_else(void **state)
{
	struct place *p = *state;
	int64_t id = glanced_put(p, "a.example", 2000);
	struct identity_row before = identity_see(p, id);

	assert_int_equal(
		write_one(p, &(struct glance_outcome){ GLANCE_WAS_RIGHT, id, 2000, 2500,
						       9000, true, LOOK_REASON_STEADY }),
		1);
	struct identity_row after = identity_see(p, id);
	assert_int_equal(after.state.next_look_at, 9000);
	assert_int_equal(after.state.last_looked_at, 2500);
	assert_int_equal(after.state.last_success_at, 2500);
	assert_true(after.state.glance);
	assert_int_equal(after.state.unclear, 0);
	assert_int_equal(after.state.full_look_at, before.state.full_look_at);
	assert_int_equal(after.state.looks, before.state.looks);
	/* Nobody who has read the row before fails to write it for this. */
	assert_int_equal(after.version, before.version);
	assert_memory_equal(after.state.aspects, before.state.aspects,
			    sizeof(before.state.aspects));
}

static void after_the_last_glance_the_whole_look_is_due_as_any_other(void **state)
{
	struct place *p = *state;
	int64_t id = glanced_put(p, "a.example", 2000), full = 2000 + WEEK_S;
	const struct due_claim claim = { { 7, full, full + 60 }, .limit = 10 };
	struct lease_list list;
	struct err e = { 0 };

	assert_int_equal(
		write_one(p, &(struct glance_outcome){ GLANCE_WAS_RIGHT, id, 2000, 2500,
						       full, false, LOOK_REASON_STEADY }),
		1);
	assert_int_equal(due(p, &(struct glance_page){ full, 0, 0, 10 }).count, 0);
	must_be_done(store_identity_claim(p->store, &p->arena, &claim, &list, &e));
	assert_int_equal(list.count, 1);
}

static void a_glance_that_was_unclear_makes_a_whole_look_due(void **state)
{
	struct place *p = *state;
	int64_t id = glanced_put(p, "a.example", 2000);
	struct identity_row before = identity_see(p, id);

	assert_int_equal(
		write_one(p, &(struct glance_outcome){ GLANCE_WAS_UNCLEAR, id, 2000, 2500,
						       0, false, 0 }),
		1);
	struct identity_row after = identity_see(p, id);
	assert_int_equal(after.state.next_look_at, 2500);
	assert_int_equal(after.state.full_look_at, 2500);
	assert_false(after.state.glance);
	assert_int_equal(after.state.unclear, 4);
	assert_int_equal(after.state.last_looked_at, before.state.last_looked_at);
	assert_int_equal(after.version, before.version + 1);
}

static void a_glance_that_is_put_off_was_not_made(void **state)
{
	struct place *p = *state;
	int64_t id = glanced_put(p, "a.example", 2000);
	struct identity_row before = identity_see(p, id);

	assert_int_equal(write_one(p, &(struct glance_outcome){ GLANCE_PUT_OFF, id, 2000,
								2500, 9000, true,
								LOOK_REASON_CATCH_UP }),
			 1);
	struct identity_row after = identity_see(p, id);
	assert_int_equal(after.state.next_look_at, 9000);
	assert_int_equal(after.state.why, LOOK_REASON_CATCH_UP);
	assert_true(after.state.glance);
	assert_int_equal(after.state.unclear, 3);
	assert_int_equal(after.state.last_looked_at, before.state.last_looked_at);
}

/* Somebody asked for a look, another node was faster, or it was deleted. */
static void what_is_due_otherwise_meanwhile_is_left_alone(void **state)
{
	struct place *p = *state;
	int64_t id = glanced_put(p, "a.example", 2000);
	struct glance_outcome right = { GLANCE_WAS_RIGHT,  id, 2000, 2500, 9000, true,
					LOOK_REASON_STEADY };
	struct glance_outcome unclear = {
		GLANCE_WAS_UNCLEAR, id, 2000, 2600, 0, false, 0
	};
	struct err e = { 0 };

	assert_int_equal(write_one(p, &right), 1);
	assert_int_equal(write_one(p, &right), 0);
	assert_int_equal(write_one(p, &unclear), 0);
	struct identity_row row = identity_see(p, id);
	row.state = identity_ask(&row.state, 9000).state;
	must_be_done(store_identity_save(p->store, &row, NULL, 0, &e));
	right.due_at = 9000;
	right.next_at = 20000;
	assert_int_equal(write_one(p, &right), 0);
	assert_int_equal(identity_see(p, id).state.next_look_at, 9000);
	must_be_done(store_identity_delete(p->store, p->tenant, id, 9000, &e));
	assert_int_equal(write_one(p, &right), 0);
}

static void many_are_written_whole_or_not_at_all(void **state)
{
	struct place *p = *state;
	struct glance_outcome outcomes[] = {
		{ GLANCE_WAS_RIGHT, glanced_put(p, "a.example", 2000), 2000, 2500, 9000,
		  true, LOOK_REASON_STEADY },
		{ GLANCE_PUT_OFF, glanced_put(p, "b.example", 2000), 2000, 2500, 9000,
		  true, LOOK_REASON_CATCH_UP },
		{ GLANCE_WAS_UNCLEAR, glanced_put(p, "c.example", 2000), 2000, 2500, 0,
		  false, 0 },
	};
	size_t written;
	struct err e = { 0 };

	must_be_done(store_begin(p->store, &e));
	must_be_done(store_glances_write(p->store, outcomes, ARRAY_LEN(outcomes),
					 &written, &e));
	assert_int_equal(written, 3);
	store_rollback(p->store);
	assert_int_equal(due(p, &(struct glance_page){ 2000, 0, 0, 10 }).count, 3);
	must_be_done(store_glances_write(p->store, outcomes, ARRAY_LEN(outcomes),
					 &written, &e));
	assert_int_equal(due(p, &(struct glance_page){ 2600, 0, 0, 10 }).count, 0);
}

static void glances_planned_by_a_clock_far_ahead_come_back_over_a_day(void **state)
{
	enum {
		COUNT = 240,
		HOURS = 24,
	};
	struct place *p = *state;
	int64_t soon = glanced_put(p, "b.example", 2000 + 3600);
	unsigned in_hour[HOURS] = { 0 };
	int64_t ids[COUNT];
	size_t removed;
	struct err e = { 0 };

	for (size_t i = 0; i < COUNT; i++)
		ids[i] = glanced_put(p, arena_printf(&p->arena, "a%zu.example", i),
				     2000 + 30 * WEEK_S);
	must_be_done(store_prune(p->store, 2000, COUNT, &removed, &e));
	assert_int_equal(removed, COUNT);
	for (size_t i = 0; i < COUNT; i++) {
		int64_t at = identity_see(p, ids[i]).state.next_look_at;
		assert_in_range(at, 2000, 2000 + HOURS * 3600 - 1);
		in_hour[(at - 2000) / 3600]++;
	}
	for (size_t i = 0; i < HOURS; i++)
		assert_in_range(in_hour[i], COUNT / HOURS / 2, COUNT / HOURS * 2);
	assert_int_equal(identity_see(p, soon).state.next_look_at, 2000 + 3600);
}

#define in_place(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_place(what_is_due_comes_in_order_of_time_page_by_page),
		in_place(nobody_claims_for_a_look_what_is_to_be_glanced_at),
		in_place(a_glance_that_was_right_moves_times_and_nothing_else),
		in_place(after_the_last_glance_the_whole_look_is_due_as_any_other),
		in_place(a_glance_that_was_unclear_makes_a_whole_look_due),
		in_place(a_glance_that_is_put_off_was_not_made),
		in_place(what_is_due_otherwise_meanwhile_is_left_alone),
		in_place(many_are_written_whole_or_not_at_all),
		in_place(glances_planned_by_a_clock_far_ahead_come_back_over_a_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

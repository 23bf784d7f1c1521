/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pool of keys, binding, and what the key zone is told. */
#include "fixture.h"

static void selectors_without_a_key_are_listed_until_they_have_one(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int64_t id = identity_put(p, p->tenant, "acme.example", "t");
	struct key_row *rows;
	size_t count;
	bool bound;

	must_be_done(store_key_missing(p->store, &p->arena, 10, &rows, &count, &e));
	assert_int_equal(count, 3);
	assert_int_equal(rows[0].identity_id, id);
	must_be_done(store_key_bind(p->store, id, STR("t1"), &bound, &e));
	assert_false(bound);
	keys_put(p->store, "k", 2);
	must_be_done(store_key_bind(p->store, id, STR("t1"), &bound, &e));
	assert_true(bound);
	must_be_done(store_key_missing(p->store, &p->arena, 10, &rows, &count, &e));
	assert_int_equal(count, 2);
	assert_true(str_is(rows[0].selector, "t0") && str_is(rows[1].selector, "t2"));
	must_be_done(store_key_pool_size(p->store, &count, &e));
	assert_int_equal(count, 1);
}

static void a_selector_gets_one_key_and_the_rest_stay_in_the_pool(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int64_t id = identity_put(p, p->tenant, "acme.example", "t");
	size_t count;
	bool bound;

	keys_put(p->store, "k", 3);
	for (int i = 0; i < 3; i++)
		must_be_done(store_key_bind(p->store, id, STR("t0"), &bound, &e));
	must_be_done(store_key_pool_size(p->store, &count, &e));
	assert_int_equal(count, 2);
}

static void keys_held_elsewhere_are_not_wanted(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct identity_row row = identity_make(p, p->tenant, "acme.example", "t");
	struct key_row *rows;
	size_t count;

	row.keys_elsewhere = true;
	must_be_done(store_identity_add(p->store, &row, &e));
	must_be_done(store_key_missing(p->store, &p->arena, 10, &rows, &count, &e));
	assert_int_equal(count, 0);
}

static void a_deleted_identity_wants_no_keys(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int64_t id = identity_put(p, p->tenant, "acme.example", "t");
	struct key_row *rows;
	size_t count;
	bool bound;

	keys_put(p->store, "k", 1);
	must_be_done(store_identity_delete(p->store, p->tenant, id, 5, &e));
	must_be_done(store_key_missing(p->store, &p->arena, 10, &rows, &count, &e));
	assert_int_equal(count, 0);
	must_be_done(store_key_bind(p->store, id, STR("t0"), &bound, &e));
	must_be_done(store_key_pool_size(p->store, &count, &e));
	assert_int_equal(count, 1);
}

struct seen {
	unsigned rows, revoked;
	bool has_private;
};

static void see(void *arg, const struct key_row *row)
{
	struct seen *seen = arg;

	seen->rows++;
	seen->revoked += row->revoked_at != 0;
	seen->has_private = seen->has_private || row->private_sealed.len;
}

static void the_zone_has_bound_and_revoked_keys_but_not_the_pool(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct seen seen = { 0 };
	bool bound;
	int64_t gone = identity_put(p, p->tenant, "gone.example", "g");
	int64_t here = identity_put(p, p->tenant, "here.example", "h");

	keys_put(p->store, "k", 3);
	must_be_done(store_key_bind(p->store, gone, STR("g0"), &bound, &e));
	must_be_done(store_key_bind(p->store, here, STR("h0"), &bound, &e));
	must_be_done(store_identity_delete(p->store, p->tenant, gone, 5, &e));
	must_be_done(store_key_each(p->store, see, &seen, &e));
	assert_int_equal(seen.rows, 2);
	assert_int_equal(seen.revoked, 1);
	assert_false(seen.has_private);
}

static void only_keys_of_the_published_generation_count_as_published(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int64_t id = identity_put(p, p->tenant, "acme.example", "t");
	int64_t generation, published, later;
	struct key_row key;
	bool bound;

	keys_put(p->store, "k", 2);
	must_be_done(store_key_generation(p->store, &generation, &published, &e));
	assert_true(published < generation);
	must_be_done(store_key_bind(p->store, id, STR("t0"), &bound, &e));
	must_be_done(store_key_generation(p->store, &later, &published, &e));
	assert_true(later > generation);
	/* Bound while the zone of the generation before was being written. */
	must_be_done(store_key_bind(p->store, id, STR("t1"), &bound, &e));
	must_be_done(store_key_published(p->store, later, 777, &e));
	must_be_done(store_key_find(p->store, &p->arena, id, STR("t0"), &key, &e));
	assert_int_equal(key.published_at, 777);
	must_be_done(store_key_find(p->store, &p->arena, id, STR("t1"), &key, &e));
	assert_int_equal(key.published_at, 0);
	must_be_done(store_key_generation(p->store, &generation, &published, &e));
	assert_int_equal(published, later);
	assert_int_equal(generation, later + 1);
}

static void the_serial_grows_even_when_the_clock_does_not(void **state)
{
	static const struct {
		int64_t now;
		uint32_t serial;
	} cases[] = { { 5000, 5000 }, { 5000, 5001 }, { 4000, 5002 }, { 9000, 9000 } };
	struct place *p = *state;
	struct err e = { 0 };
	uint32_t serial;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		must_be_done(store_key_serial_take(p->store, cases[i].now, &serial, &e));
		assert_int_equal(serial, cases[i].serial);
	}
}

#define in_place(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_place(selectors_without_a_key_are_listed_until_they_have_one),
		in_place(a_selector_gets_one_key_and_the_rest_stay_in_the_pool),
		in_place(keys_held_elsewhere_are_not_wanted),
		in_place(a_deleted_identity_wants_no_keys),
		in_place(the_zone_has_bound_and_revoked_keys_but_not_the_pool),
		in_place(only_keys_of_the_published_generation_count_as_published),
		in_place(the_serial_grows_even_when_the_clock_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

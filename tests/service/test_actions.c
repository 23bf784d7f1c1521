/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people and APIs may do to identities. */
#include "bench.h"

static void an_address_or_a_domain_makes_an_identity(void **state)
{
	static const struct {
		const char *name, *sender;
		const char *domain; /* NULL: refused */
	} cases[] = {
		{ "a domain", "customer.example", "customer.example" },
		{ "an address", "news@shop.customer.com", "shop.customer.com" },
		{ "blanks around", "  spaced.com ", "spaced.com" },
		{ "upper case, final dot", "UPPER.Com.", "upper.com" },
		{ "an international domain",
		  "b\xc3\xbc"
		  "cher.com",
		  "xn--bcher-kva.com" },
		{ "a public suffix", "co.uk", NULL },
		{ "an address at a public suffix", "a@co.uk", NULL },
		{ "one label", "customer", NULL },
		{ "nothing", "", NULL },
		{ "an IP address", "192.0.2.1", NULL },
		{ "a URL", "https://customer.com/", NULL },
		{ "a name too", "Me <me@named.com>", "named.com" },
		{ "free mail", "me@gmail.com", NULL },
		{ "two addresses", "a@customer.com, b@customer.com", NULL },
		{ "a special name", "printer.local", NULL },
		{ "control characters", "customer.com\r\nX: y", NULL },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct identity_row row = { 0 };
		struct err e = { 0 };
		bool created = false;
		bool done = service_identity_create(&b->caller, &b->arena,
						    str_from(cases[i].sender), &row,
						    &created, &e);
		if (done != (cases[i].domain != NULL) ||
		    (done && (!created || !str_is(row.domain, cases[i].domain))) ||
		    (!done && e.kind != ERR_USAGE))
			fail_msg("%s: %s", cases[i].name, e.text);
	}
}

static void a_new_identity_is_pending_and_due_at_once(void **state)
{
	struct bench *b = *state;
	struct identity_row row = bench_see(b, bench_create(b, "customer.com").id);

	assert_int_equal(row.state.aspects[ASPECT_DKIM].status, STATUS_PENDING);
	assert_int_equal(row.state.next_look_at, 100000);
	assert_int_equal(row.state.created_at, 100000);
	assert_true(str_is(row.key_zone, "dkim.mailer.example"));
	assert_false(identity_may_send(&row.state));
}

static void a_second_address_joins_the_identity(void **state)
{
	struct bench *b = *state;
	struct err e = { 0 };
	struct identity_row first = bench_create(b, "news@customer.com"), second;
	struct str *addresses;
	size_t count;
	bool created = true;

	must_be_done(service_identity_create(&b->caller, &b->arena,
					     STR("billing@customer.com"), &second,
					     &created, &e));
	assert_false(created);
	assert_int_equal(second.id, first.id);
	assert_true(str_equal(second.tokens[0], first.tokens[0]));
	must_be_done(
		store_sender_list(b->store, &b->arena, first.id, &addresses, &count, &e));
	assert_int_equal(count, 2);
}

static void two_tenants_get_different_tokens_for_one_domain(void **state)
{
	struct bench *b = *state;
	struct identity_row mine = bench_create(b, "customer.com");

	b->caller.tenant_id = b->other;
	struct identity_row theirs = bench_create(b, "customer.com");
	for (size_t i = 0; i < EXPECT_DKIM_TOKENS; i++)
		for (size_t j = 0; j < EXPECT_DKIM_TOKENS; j++)
			assert_false(str_equal(mine.tokens[i], theirs.tokens[j]));
}

static void adding_again_after_deletion_never_repeats_a_token(void **state)
{
	struct bench *b = *state;
	struct map *seen = map_new(1000);
	struct err e = { 0 };

	for (int round = 0; round < 100; round++) {
		struct identity_row row = bench_create(b, "customer.com");
		for (size_t i = 0; i < EXPECT_DKIM_TOKENS; i++) {
			assert_null(map_find(seen, row.tokens[i]));
			assert_true(map_put(seen, row.tokens[i], b));
		}
		must_be_done(service_identity_delete(&b->caller, &b->arena, row.id, &e));
	}
	assert_int_equal(map_count(seen), 300);
	map_free(&seen);
}

static void the_records_are_three_names_into_the_key_zone(void **state)
{
	struct bench *b = *state;
	struct identity_row row = bench_create(b, "customer.com");
	struct expectation x;
	struct err e = { 0 };
	size_t required = 0;

	must_be_done(service_identity_expect(&b->arena, b->config, &row, &x, &e));
	for (size_t i = 0; i < x.count; i++) {
		if (x.records[i].purpose == PURPOSE_DMARC)
			assert_false(x.records[i].required);
		if (!x.records[i].required)
			continue;
		struct str token = row.tokens[required++];
		const char *value = arena_printf(&b->arena, "%.*s.dkim.mailer.example",
						 STR_ARG(token));
		assert_int_equal(x.records[i].purpose, PURPOSE_DKIM);
		assert_true(str_is(x.records[i].value, value));
	}
	assert_int_equal(required, 3);
}

static void keys_of_the_pool_are_bound_in_the_same_transaction(void **state)
{
	struct bench *b = *state;
	struct err e = { 0 };
	struct key_row *rows;
	size_t count;

	for (int i = 0; i < 2; i++) {
		struct key_row key = { .private_sealed = STR("sealed"),
				       .public_der = str_from(
					       arena_printf(&b->arena, "key %d", i)) };
		must_be_done(store_key_add(b->store, &key, &e));
	}
	bench_create(b, "customer.com");
	must_be_done(store_key_missing(b->store, &b->arena, 10, &rows, &count, &e));
	assert_int_equal(count, 1);
	must_be_done(store_key_pool_size(b->store, &count, &e));
	assert_int_equal(count, 0);
}

static void nobody_touches_what_belongs_to_another_tenant(void **state)
{
	struct bench *b = *state;
	struct identity_row row = bench_create(b, "customer.com");
	struct err e = { 0 };

	b->caller.tenant_id = b->other;
	must_fail(service_identity_check(&b->caller, &b->arena, row.id, &e),
		  ERR_NOT_FOUND);
	must_fail(service_identity_resubmit(&b->caller, &b->arena, row.id, &row, &e),
		  ERR_NOT_FOUND);
	must_fail(service_identity_delete(&b->caller, &b->arena, row.id, &e),
		  ERR_NOT_FOUND);
	assert_int_equal(bench_see(b, row.id).version, 1);
}

static void a_look_can_be_asked_for_once_in_five_seconds(void **state)
{
	static const struct {
		const char *name;
		int64_t looked_at;
		bool refused;
	} cases[] = {
		{ "never looked", 0, false },
		{ "just now", 100000, true },
		{ "4 s ago", 99996, true },
		{ "5 s ago", 99995, false },
		{ "the clock went back", 100001, false },
	};
	struct bench *b = *state;
	struct err e = { 0 };
	struct identity_row row = bench_create(b, "customer.com");

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		row = bench_see(b, row.id);
		row.state.last_looked_at = cases[i].looked_at;
		row.state.next_look_at = 200000;
		must_be_done(store_identity_save(b->store, &row, NULL, 0, &e));
		e = (struct err){ 0 };
		bool done = service_identity_check(&b->caller, &b->arena, row.id, &e);
		int64_t next = bench_see(b, row.id).state.next_look_at;
		if (done == cases[i].refused || (!done && e.kind != ERR_LIMIT) ||
		    next != (done ? 100000 : 200000))
			fail_msg("%s: %s", cases[i].name, e.text);
	}
}

static void resubmitting_a_failed_one_searches_again_with_the_same_tokens(void **state)
{
	struct bench *b = *state;
	struct err e = { 0 };
	struct identity_row row = bench_create(b, "customer.com"), again;

	row.state.aspects[ASPECT_DKIM].status = STATUS_FAILED;
	row.state.next_look_at = 0;
	must_be_done(store_identity_save(b->store, &row, NULL, 0, &e));
	b->caller.now_s = 500000;
	must_be_done(
		service_identity_resubmit(&b->caller, &b->arena, row.id, &again, &e));
	again = bench_see(b, row.id);
	assert_int_equal(again.state.aspects[ASPECT_DKIM].status, STATUS_PENDING);
	assert_int_equal(again.state.aspects[ASPECT_DKIM].started_at, 500000);
	assert_int_equal(again.state.next_look_at, 500000);
	assert_true(str_equal(again.tokens[2], row.tokens[2]));
	struct event_list events;
	struct event_page page = { b->caller.tenant_id, row.id, 10, 0 };
	must_be_done(store_event_list(b->store, &b->arena, &page, &events, &e));
	bool told = false;
	for (size_t i = 0; i < events.count; i++)
		told = told || str_is(events.rows[i].kind,
				      identity_event_name(EVENT_RESUBMITTED));
	assert_true(told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		at_bench(an_address_or_a_domain_makes_an_identity),
		at_bench(a_new_identity_is_pending_and_due_at_once),
		at_bench(a_second_address_joins_the_identity),
		at_bench(two_tenants_get_different_tokens_for_one_domain),
		at_bench(adding_again_after_deletion_never_repeats_a_token),
		at_bench(the_records_are_three_names_into_the_key_zone),
		at_bench(keys_of_the_pool_are_bound_in_the_same_transaction),
		at_bench(nobody_touches_what_belongs_to_another_tenant),
		at_bench(a_look_can_be_asked_for_once_in_five_seconds),
		at_bench(resubmitting_a_failed_one_searches_again_with_the_same_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

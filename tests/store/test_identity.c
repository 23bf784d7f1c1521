/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identities, their tokens, senders and events. */
#include "fixture.h"

static const struct identity_event verified = { .kind = EVENT_STATUS_CHANGED,
						.aspect = ASPECT_DKIM,
						.from = STATUS_PENDING,
						.to = STATUS_SUCCESS,
						.at_s = 2000 };

static void check_aspects(const struct identity_state *state)
{
	for (unsigned i = 0; i < ASPECT_COUNT; i++) {
		const struct aspect_state *aspect = &state->aspects[i];
		assert_int_equal(aspect->status, i + 2);
		assert_int_equal(aspect->started_at, 10 + i);
		assert_int_equal(aspect->lost_at, 20 + i);
		assert_int_equal(aspect->missed_at, 30 + i);
		assert_int_equal(aspect->misses, 40 + i);
		assert_int_equal(aspect->failed_at, 50 + i);
	}
}

static void what_is_saved_is_read_back_to_the_field(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct identity_row row =
		identity_see(p, identity_put(p, p->tenant, "acme.example", "t"));

	assert_int_equal(row.version, 1);
	for (unsigned i = 0; i < ASPECT_COUNT; i++)
		row.state.aspects[i] = (struct aspect_state){
			(enum status)(i + 2), 10 + i, 20 + i, 30 + i, 40 + i, 50 + i
		};
	row.state.last_looked_at = 51;
	row.state.last_success_at = 52;
	row.state.next_look_at = 53;
	row.state.looks = 4000000000;
	row.state.error = LOOK_ERROR_INVALID_VALUE;
	row.state.has_soa = true;
	must_be_done(dns_name_parse(STR("ns1.acme.example"), &row.state.soa_mname, &e));
	must_be_done(dns_name_parse(STR("host\\.master.acme.example"),
				    &row.state.soa_rname, &e));
	row.state.soa_serial = 4294967295;
	row.ses_status = STR("SUCCESS");
	row.ses_checked_at = 61;
	row.checked_at = 62;
	row.mail_from_domain = STR("bounce.acme.example");
	row.mail_from_reject = true;
	row.ownership_token = STR("unpend-1");
	row.registered_at = 63;
	row.verdict = 3;
	row.findings = STR("U301 U201");
	row.cost = 64;
	row.report_hash = STR("hash");
	row.state.why = LOOK_REASON_STEADY;
	row.state.full_look_at = 65;
	row.state.failures = 66;
	row.state.unknowns = 67;
	row.state.watched_until = 68;
	row.state.name_servers = STR("ns1.acme.example ns2.acme.example");
	row.state.previous_name_servers = STR("ns.before.example");
	must_be_done(store_identity_save(p->store, &row, &verified, 1, &e));
	assert_int_equal(row.version, 2);

	struct identity_row seen = identity_see(p, row.id);
	assert_int_equal(seen.version, 2);
	assert_int_equal(seen.tenant_id, p->tenant);
	assert_true(str_is(seen.domain, "acme.example"));
	assert_true(str_is(seen.tokens[0], "t0") && str_is(seen.tokens[2], "t2"));
	assert_true(str_is(seen.key_zone, "dkim.mailer.example"));
	check_aspects(&seen.state);
	assert_int_equal(seen.state.created_at, 1000);
	assert_int_equal(seen.state.last_looked_at, 51);
	assert_int_equal(seen.state.last_success_at, 52);
	assert_int_equal(seen.state.next_look_at, 53);
	assert_int_equal(seen.state.looks, 4000000000);
	assert_int_equal(seen.state.error, LOOK_ERROR_INVALID_VALUE);
	assert_true(seen.state.has_soa);
	assert_true(dns_name_equal(&seen.state.soa_mname, &row.state.soa_mname));
	assert_true(dns_name_equal(&seen.state.soa_rname, &row.state.soa_rname));
	assert_int_equal(seen.state.soa_serial, 4294967295);
	assert_true(str_is(seen.ses_status, "SUCCESS"));
	assert_int_equal(seen.ses_checked_at, 61);
	assert_int_equal(seen.checked_at, 62);
	assert_int_equal(seen.state.why, LOOK_REASON_STEADY);
	assert_int_equal(seen.state.full_look_at, 65);
	assert_int_equal(seen.state.failures, 66);
	assert_int_equal(seen.state.unknowns, 67);
	assert_int_equal(seen.state.watched_until, 68);
	assert_true(str_equal(seen.state.name_servers, row.state.name_servers));
	assert_true(str_is(seen.state.previous_name_servers, "ns.before.example"));
	assert_true(str_is(seen.mail_from_domain, "bounce.acme.example"));
	assert_true(seen.mail_from_reject);
	assert_true(str_is(seen.ownership_token, "unpend-1"));
	assert_int_equal(seen.registered_at, 63);
	assert_int_equal(seen.verdict, 3);
	assert_true(str_is(seen.findings, "U301 U201"));
	assert_int_equal(seen.cost, 64);
	assert_true(str_is(seen.report_hash, "hash"));
}

static void a_stale_version_writes_neither_state_nor_events(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct identity_row first =
		identity_see(p, identity_put(p, p->tenant, "acme.example", "t"));
	struct identity_row second = first;
	struct event_list events;

	first.state.looks = 1;
	second.state.looks = 2;
	must_be_done(store_identity_save(p->store, &first, &verified, 1, &e));
	must_fail(store_identity_save(p->store, &second, &verified, 1, &e), ERR_CONFLICT);
	assert_int_equal(second.version, 1);
	assert_int_equal(identity_see(p, first.id).state.looks, 1);
	must_be_done(store_event_list(p->store, &p->arena,
				      &(struct event_page){ p->tenant, first.id, 10, 0 },
				      &events, &e));
	assert_int_equal(events.count, 2);
	assert_true(str_is(events.rows[0].kind, "identity.verified"));
	assert_true(str_is(events.rows[0].aspect, aspect_name(ASPECT_DKIM)));
	assert_true(str_is(events.rows[0].from, "PENDING") &&
		    str_is(events.rows[0].to, "SUCCESS"));
	assert_true(str_is(events.rows[1].kind, identity_event_name(EVENT_CREATED)));
}

static void one_tenant_has_a_domain_once_two_may_each_have_it(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct identity_row again = identity_make(p, p->tenant, "acme.example", "u");

	identity_put(p, p->tenant, "acme.example", "t");
	must_fail(store_identity_add(p->store, &again, &e), ERR_EXISTS);
	again.tenant_id = p->other;
	must_be_done(store_identity_add(p->store, &again, &e));
}

static void a_token_is_never_given_twice(void **state)
{
	static const struct {
		const char *name;
		const char *domain;
		bool other_tenant, deleted_before, elsewhere;
		bool taken;
	} cases[] = {
		{ "another domain of the tenant", "b.example", false, false, false,
		  false },
		{ "another tenant", "a.example", true, false, false, false },
		{ "the same again after deletion", "a.example", false, true, false,
		  false },
		{ "SES gives its own again", "a.example", false, true, true, true },
		{ "SES gives them to another tenant", "a.example", true, true, true,
		  false },
		{ "SES gives them to another domain", "b.example", false, true, true,
		  false },
	};
	struct place *p = *state;
	struct err e = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *seed = arena_printf(&p->arena, "case%zu", i);
		const char *first = arena_printf(&p->arena, "%zu.a.example", i);
		struct identity_row row = identity_make(p, p->tenant, first, seed);
		row.keys_elsewhere = cases[i].elsewhere;
		must_be_done(store_identity_add(p->store, &row, &e));
		if (cases[i].deleted_before)
			must_be_done(store_identity_delete(p->store, p->tenant, row.id, 5,
							   &e));
		int64_t tenant = cases[i].other_tenant ? p->other : p->tenant;
		row = identity_make(p, tenant,
				    arena_printf(&p->arena, "%zu.%s", i, cases[i].domain),
				    seed);
		row.keys_elsewhere = cases[i].elsewhere;
		e = (struct err){ 0 };
		bool taken = store_identity_add(p->store, &row, &e);
		if (taken != cases[i].taken || (!taken && e.kind != ERR_CONFLICT))
			fail_msg("%s: %s", cases[i].name, e.text);
		e = (struct err){ 0 };
		if (!taken &&
		    store_identity_find(p->store, &p->arena, tenant, row.domain, &row,
					&e) &&
		    !row.id)
			fail_msg("%s: half an identity stayed", cases[i].name);
	}
}

static void refused_tokens_leave_nothing_behind(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct identity_row row = identity_make(p, p->tenant, "new.example", "n");

	identity_put(p, p->tenant, "acme.example", "t");
	row.tokens[2] = STR("t1");
	must_fail(store_identity_add(p->store, &row, &e), ERR_CONFLICT);
	must_fail(store_identity_find(p->store, &p->arena, p->tenant, STR("new.example"),
				      &row, &e),
		  ERR_NOT_FOUND);
	/* The good tokens of the refused one are as if never used. */
	identity_put(p, p->tenant, "new.example", "n");
}

static void nobody_sees_what_belongs_to_another_tenant(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int64_t id = identity_put(p, p->tenant, "acme.example", "t");
	struct identity_row row;
	struct identity_list list;
	struct event_list events;

	must_fail(store_identity_get(p->store, &p->arena, p->other, id, &row, &e),
		  ERR_NOT_FOUND);
	must_fail(store_identity_find(p->store, &p->arena, p->other, STR("acme.example"),
				      &row, &e),
		  ERR_NOT_FOUND);
	must_fail(store_identity_cover(p->store, &p->arena, p->other, STR("acme.example"),
				       &row, &e),
		  ERR_NOT_FOUND);
	must_fail(store_identity_delete(p->store, p->other, id, 5, &e), ERR_NOT_FOUND);
	e = (struct err){ 0 };
	must_be_done(store_identity_list(
		p->store, &p->arena, &(struct identity_page){ p->other, STR_EMPTY, 10 },
		&list, &e));
	assert_int_equal(list.count, 0);
	must_be_done(store_event_list(p->store, &p->arena,
				      &(struct event_page){ p->other, id, 10, 0 },
				      &events, &e));
	assert_int_equal(events.count, 0);
}

static void lists_go_on_behind_the_last_domain(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct identity_list list;

	identity_put(p, p->tenant, "c.example", "c");
	identity_put(p, p->tenant, "a.example", "a");
	identity_put(p, p->tenant, "b.example", "b");
	must_be_done(store_identity_list(
		p->store, &p->arena, &(struct identity_page){ p->tenant, STR_EMPTY, 2 },
		&list, &e));
	assert_int_equal(list.count, 2);
	assert_true(str_is(list.rows[0].domain, "a.example") &&
		    str_is(list.rows[1].domain, "b.example"));
	must_be_done(store_identity_list(
		p->store, &p->arena,
		&(struct identity_page){ p->tenant, list.rows[1].domain, 2 }, &list, &e));
	assert_int_equal(list.count, 1);
	assert_true(str_is(list.rows[0].domain, "c.example"));
}

static void the_nearest_identity_covers(void **state)
{
	static const struct {
		const char *name, *domain, *covers;
	} cases[] = {
		{ "itself", "acme.example", "acme.example" },
		{ "a subdomain", "a.b.acme.example", "acme.example" },
		{ "the deeper one wins", "x.shop.acme.example", "shop.acme.example" },
		{ "not a suffix of text", "notacme.example", NULL },
		{ "not the parent", "example", NULL },
		{ "nothing", "", NULL },
	};
	struct place *p = *state;
	struct identity_row row;

	identity_put(p, p->tenant, "acme.example", "t");
	identity_put(p, p->tenant, "shop.acme.example", "u");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { 0 };
		bool found = store_identity_cover(p->store, &p->arena, p->tenant,
						  str_from(cases[i].domain), &row, &e);
		if (found != (cases[i].covers != NULL) ||
		    (found && !str_is(row.domain, cases[i].covers)))
			fail_msg("%s", cases[i].name);
	}
}

static void deleting_fails_its_mail_and_revokes_its_keys(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int64_t id = identity_put(p, p->tenant, "acme.example", "t");
	struct store_counts counts;
	struct key_row key;
	struct event_list events;
	bool bound;

	keys_put(p->store, "k", 1);
	must_be_done(store_key_bind(p->store, id, STR("t0"), &bound, &e));
	message_put(p, id, MESSAGE_HELD, "one");
	message_put(p, id, MESSAGE_QUEUED, "two");
	must_be_done(store_sender_add(p->store, id, STR("news@acme.example"), 1, &e));
	must_be_done(store_identity_delete(p->store, p->tenant, id, 5000, &e));
	must_be_done(store_counts_read(p->store, 0, &counts, &e));
	assert_int_equal(counts.messages[MESSAGE_FAILED], 2);
	assert_int_equal(counts.messages[MESSAGE_HELD] + counts.messages[MESSAGE_QUEUED],
			 0);
	must_be_done(store_key_find(p->store, &p->arena, id, STR("t0"), &key, &e));
	assert_int_equal(key.revoked_at, 5000);
	assert_int_equal(key.private_sealed.len, 0);
	must_be_done(store_event_list(p->store, &p->arena,
				      &(struct event_page){ p->tenant, 0, 1, 0 }, &events,
				      &e));
	assert_true(str_is(events.rows[0].kind, identity_event_name(EVENT_DELETED)));
	must_fail(store_identity_delete(p->store, p->tenant, id, 1, &e), ERR_NOT_FOUND);
}

static void a_sender_added_twice_stands_once(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int64_t id = identity_put(p, p->tenant, "acme.example", "t");
	struct str *addresses;
	size_t count;

	must_be_done(store_sender_add(p->store, id, STR("news@acme.example"), 1, &e));
	must_be_done(store_sender_add(p->store, id, STR("a@acme.example"), 1, &e));
	must_be_done(store_sender_add(p->store, id, STR("news@acme.example"), 2, &e));
	must_be_done(store_sender_list(p->store, &p->arena, id, &addresses, &count, &e));
	assert_int_equal(count, 2);
	assert_true(str_is(addresses[0], "a@acme.example"));
	assert_true(str_is(addresses[1], "news@acme.example"));
}

static void a_rival_is_another_tenant_that_is_verified(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct identity_row row =
		identity_see(p, identity_put(p, p->other, "acme.example", "t"));
	bool has;

	must_be_done(store_identity_has_rival(p->store, p->tenant, row.domain, &has, &e));
	assert_false(has);
	row.state.aspects[ASPECT_DKIM].status = STATUS_SUCCESS;
	must_be_done(store_identity_save(p->store, &row, NULL, 0, &e));
	must_be_done(store_identity_has_rival(p->store, p->tenant, row.domain, &has, &e));
	assert_true(has);
	must_be_done(store_identity_has_rival(p->store, p->other, row.domain, &has, &e));
	assert_false(has);
	/* It still may send. */
	row.state.aspects[ASPECT_DKIM].status = STATUS_TEMPORARY_FAILURE;
	must_be_done(store_identity_save(p->store, &row, NULL, 0, &e));
	must_be_done(store_identity_has_rival(p->store, p->tenant, row.domain, &has, &e));
	assert_true(has);
	row.state.aspects[ASPECT_DKIM].status = STATUS_FAILED;
	must_be_done(store_identity_save(p->store, &row, NULL, 0, &e));
	must_be_done(store_identity_has_rival(p->store, p->tenant, row.domain, &has, &e));
	assert_false(has);
}

#define TEN_TIMES(text) text text text text text text text text text text
#define LONG_TEXT       TEN_TIMES(TEN_TIMES("a text of twenty ..."))

static void a_row_too_large_for_the_arena_is_an_error_not_an_end(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct identity_row row =
		identity_see(p, identity_put(p, p->tenant, "acme.example", "t"));
	auto_arena struct arena small;

	arena_init(&small, 1000);
	row.findings = STR(LONG_TEXT);
	must_be_done(store_identity_save(p->store, &row, NULL, 0, &e));
	must_fail(store_identity_get(p->store, &small, 0, row.id, &row, &e), ERR_LIMIT);
}

#define in_place(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_place(what_is_saved_is_read_back_to_the_field),
		in_place(a_stale_version_writes_neither_state_nor_events),
		in_place(one_tenant_has_a_domain_once_two_may_each_have_it),
		in_place(a_token_is_never_given_twice),
		in_place(refused_tokens_leave_nothing_behind),
		in_place(nobody_sees_what_belongs_to_another_tenant),
		in_place(lists_go_on_behind_the_last_domain),
		in_place(the_nearest_identity_covers),
		in_place(deleting_fails_its_mail_and_revokes_its_keys),
		in_place(a_sender_added_twice_stands_once),
		in_place(a_rival_is_another_tenant_that_is_verified),
		in_place(a_row_too_large_for_the_arena_is_an_error_not_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

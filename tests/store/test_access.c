/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tenants, tokens, links and kept answers. */
#include "fixture.h"

static struct api_token_row token_put(struct place *p, int64_t tenant, const char *hash)
{
	struct api_token_row row = { .tenant_id = tenant,
				     .name = STR("one"),
				     .token_hash = str_from(hash),
				     .scopes = 5,
				     .created_at = 1000,
				     .expires_at = 9000 };
	struct err e = { 0 };
	must_be_done(store_api_token_add(p->store, &row, &e));
	return row;
}

static struct api_token_row token_see(struct place *p, const char *hash)
{
	struct api_token_row row;
	struct err e = { 0 };
	must_be_done(
		store_api_token_by_hash(p->store, &p->arena, str_from(hash), &row, &e));
	return row;
}

static void a_token_is_found_by_its_hash(void **state)
{
	struct place *p = *state;
	struct api_token_row made = token_put(p, p->tenant, "h1");
	struct api_token_row row = token_see(p, "h1");
	struct err e = { 0 };
	assert_int_equal(row.id, made.id);
	assert_int_equal(row.tenant_id, p->tenant);
	assert_true(str_is(row.name, "one"));
	assert_int_equal(row.scopes, 5);
	assert_int_equal(row.expires_at, 9000);
	assert_int_equal(row.last_used_at + row.revoked_at, 0);
	must_fail(store_api_token_by_hash(p->store, &p->arena, STR("h2"), &row, &e),
		  ERR_NOT_FOUND);
}

static void a_token_is_revoked_by_its_tenant_and_once(void **state)
{
	struct place *p = *state;
	struct api_token_row made = token_put(p, p->tenant, "h1");
	struct err e = { 0 };
	must_fail(store_api_token_revoke(p->store, p->other, made.id, 2000, &e),
		  ERR_NOT_FOUND);
	assert_int_equal(token_see(p, "h1").revoked_at, 0);
	must_be_done(store_api_token_revoke(p->store, p->tenant, made.id, 2000, &e));
	must_be_done(store_api_token_revoke(p->store, p->tenant, made.id, 3000, &e));
	assert_int_equal(token_see(p, "h1").revoked_at, 2000);
}

static bool is_good(struct place *p, int64_t id, int64_t now_s)
{
	struct err e = { 0 };
	bool good;
	must_be_done(store_api_token_is_good(p->store, id, now_s, &good, &e));
	return good;
}

static void a_token_is_good_until_it_ends_or_its_tenant_is_suspended(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int64_t one = token_put(p, p->tenant, "h1").id;
	int64_t two = token_put(p, p->tenant, "h2").id;
	struct tenant_row tenant;
	assert_true(is_good(p, one, 8999));
	assert_false(is_good(p, one, 9000));
	assert_false(is_good(p, two + 1, 2000));
	must_be_done(store_api_token_revoke(p->store, p->tenant, one, 2000, &e));
	assert_false(is_good(p, one, 2000));
	assert_true(is_good(p, two, 2000));
	must_be_done(store_tenant_get(p->store, &p->arena, p->tenant, &tenant, &e));
	tenant.suspended_at = 2000;
	must_be_done(store_tenant_save(p->store, &tenant, &e));
	assert_false(is_good(p, two, 2000));
}

static void the_hour_of_use_is_noted(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	token_put(p, p->tenant, "h1");
	struct api_token_row row = token_see(p, "h1");
	must_be_done(store_api_token_used(p->store, &row, 7300, &e));
	assert_int_equal(token_see(p, "h1").last_used_at, 7200);
	must_be_done(store_api_token_used(p->store, &row, 3700, &e));
	assert_int_equal(token_see(p, "h1").last_used_at, 7200);
}

static void a_tenant_lists_its_own_tokens(void **state)
{
	struct place *p = *state;
	struct api_token_list list;
	struct err e = { 0 };
	token_put(p, p->tenant, "h1");
	token_put(p, p->other, "h2");
	token_put(p, p->tenant, "h3");
	token_put(p, 0, "h4");
	must_be_done(store_api_token_list(p->store, &p->arena, p->tenant, &list, &e));
	assert_int_equal(list.count, 2);
	assert_true(str_is(list.rows[0].token_hash, "h1"));
	assert_true(str_is(list.rows[1].token_hash, "h3"));
}

static void tokens_have_a_ceiling(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	for (int i = 0; i < API_TOKENS_MAX; i++)
		token_put(p, p->tenant, arena_printf(&p->arena, "h%d", i));
	struct api_token_row more = { .tenant_id = p->tenant, .token_hash = STR("more") };
	must_fail(store_api_token_add(p->store, &more, &e), ERR_LIMIT);
	token_put(p, p->other, "other");
}

/* --- tenants --- */

static struct tenant_row tenant_see(struct place *p, int64_t id)
{
	struct tenant_row row;
	struct err e = { 0 };
	must_be_done(store_tenant_get(p->store, &p->arena, id, &row, &e));
	return row;
}

static void a_tenant_is_changed_as_it_was_read(void **state)
{
	struct place *p = *state;
	struct tenant_row row = tenant_see(p, p->tenant);
	struct tenant_row late = row;
	struct err e = { 0 };
	row.suspended_at = 2000;
	must_be_done(store_tenant_save(p->store, &row, &e));
	assert_int_equal(tenant_see(p, p->tenant).suspended_at, 2000);
	assert_int_equal(tenant_see(p, p->tenant).version, row.version);
	must_fail(store_tenant_save(p->store, &late, &e), ERR_CONFLICT);
	assert_int_equal(tenant_see(p, p->other).suspended_at, 0);
}

static void a_name_is_taken_once(void **state)
{
	struct place *p = *state;
	struct tenant_row row = { .name = STR("acme"), .access_key_id = STR("new") };
	struct err e = { 0 };
	int64_t id;
	must_fail(store_tenant_add(p->store, &row, &id, &e), ERR_EXISTS);
	must_be_done(store_tenant_by_name(p->store, &p->arena, STR("acme"), &row, &e));
	assert_int_equal(row.id, p->tenant);
}

static void tenants_are_listed_behind_one(void **state)
{
	struct place *p = *state;
	struct tenant_list list;
	struct err e = { 0 };
	must_be_done(store_tenant_list(p->store, &p->arena, 0, 10, &list, &e));
	assert_int_equal(list.count, 2);
	must_be_done(store_tenant_list(p->store, &p->arena, 0, 1, &list, &e));
	assert_int_equal(list.count, 1);
	must_be_done(
		store_tenant_list(p->store, &p->arena, list.rows[0].id, 10, &list, &e));
	assert_int_equal(list.count, 1);
	assert_int_equal(list.rows[0].id, p->other);
}

static void a_tenant_goes_with_all_that_it_has(void **state)
{
	struct place *p = *state;
	struct api_token_row token;
	struct tenant_row row;
	struct err e = { 0 };
	int64_t identity = identity_put(p, p->tenant, "acme.example", "a");
	token_put(p, p->tenant, "h1");
	token_put(p, p->other, "h2");
	must_fail(store_tenant_delete(p->store, p->tenant, &e), ERR_CONFLICT);
	token_see(p, "h1");
	must_be_done(store_identity_delete(p->store, p->tenant, identity, 2000, &e));
	must_be_done(store_tenant_delete(p->store, p->tenant, &e));
	must_fail(store_tenant_get(p->store, &p->arena, p->tenant, &row, &e),
		  ERR_NOT_FOUND);
	must_fail(store_api_token_by_hash(p->store, &p->arena, STR("h1"), &token, &e),
		  ERR_NOT_FOUND);
	token_see(p, "h2");
	must_fail(store_tenant_delete(p->store, p->tenant, &e), ERR_NOT_FOUND);
	assert_true(tenant_make(p->store, "acme") > p->other);
}

/* --- links --- */

static struct share_row share_put(struct place *p, int64_t identity, const char *hash,
				  int64_t created_at)
{
	struct share_row row = { .tenant_id = p->tenant,
				 .identity_id = identity,
				 .token_hash = str_from(hash),
				 .created_at = created_at,
				 .expires_at = created_at + 100 };
	struct err e = { 0 };
	must_be_done(store_share_add(p->store, &row, &e));
	return row;
}

static size_t shares_count(struct place *p, int64_t identity)
{
	struct share_list list;
	struct err e = { 0 };
	must_be_done(store_share_list(p->store, &p->arena, identity, &list, &e));
	return list.count;
}

static void a_link_is_its_identitys_and_goes_with_it(void **state)
{
	struct place *p = *state;
	struct share_row row;
	struct err e = { 0 };
	int64_t one = identity_put(p, p->tenant, "one.example", "a");
	int64_t two = identity_put(p, p->tenant, "two.example", "b");
	struct share_row made = share_put(p, one, "s1", 1000);
	must_be_done(store_share_by_hash(p->store, &p->arena, STR("s1"), &row, &e));
	assert_int_equal(row.identity_id, one);
	assert_int_equal(shares_count(p, two), 0);
	must_fail(store_share_delete(p->store, two, made.id, &e), ERR_NOT_FOUND);
	must_be_done(store_share_delete(p->store, one, made.id, &e));
	share_put(p, one, "s2", 1000);
	must_be_done(store_identity_delete(p->store, p->tenant, one, 2000, &e));
	must_fail(store_share_by_hash(p->store, &p->arena, STR("s2"), &row, &e),
		  ERR_NOT_FOUND);
}

static void links_have_a_ceiling_and_ended_ones_make_room(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int64_t one = identity_put(p, p->tenant, "one.example", "a");
	for (int i = 0; i < SHARES_MAX; i++)
		share_put(p, one, arena_printf(&p->arena, "s%d", i), 1000);
	struct share_row more = { .identity_id = one,
				  .token_hash = STR("more"),
				  .created_at = 1050,
				  .expires_at = 2000 };
	must_fail(store_share_add(p->store, &more, &e), ERR_LIMIT);
	share_put(p, one, "later", 1100);
	assert_int_equal(shares_count(p, one), 1);
}

/* --- kept answers --- */

/* Inside a transaction. */
static struct answer_row ask(struct place *p, const char *hash, int64_t now_s,
			     bool *taken_out)
{
	struct answer_row row = { .tenant_id = p->tenant,
				  .name = STR("key"),
				  .request_hash = str_from(hash),
				  .created_at = now_s };
	struct err e = { 0 };
	must_be_done(store_begin(p->store, &e));
	must_be_done(store_answer_begin(p->store, &p->arena, &row, taken_out, &e));
	return row;
}

static void end(struct place *p, struct answer_row *row, const char *body)
{
	struct err e = { 0 };
	row->status = 201;
	row->body = str_from(body);
	must_be_done(store_answer_end(p->store, row, &e));
	must_be_done(store_commit(p->store, &e));
}

static bool is_kept(struct place *p, int64_t now_s)
{
	struct answer_row row = { .tenant_id = p->tenant,
				  .name = STR("key"),
				  .created_at = now_s };
	struct err e = { 0 };
	bool found;
	must_be_done(store_answer_find(p->store, &p->arena, &row, &found, &e));
	assert_true(!found || row.status == 201);
	return found;
}

static void the_first_to_ask_takes_it(void **state)
{
	struct place *p = *state;
	bool taken;
	struct answer_row first = ask(p, "h", 1000, &taken);
	assert_true(taken);
	end(p, &first, "body");
	assert_true(is_kept(p, 1001));
	struct answer_row second = ask(p, "other", 1002, &taken);
	store_rollback(p->store);
	assert_false(taken);
	assert_true(str_is(second.request_hash, "h"));
	assert_int_equal(second.status, 201);
	assert_true(str_is(second.body, "body"));
}

static void what_nobody_ended_was_never_asked(void **state)
{
	struct place *p = *state;
	bool taken;
	ask(p, "h", 1000, &taken);
	assert_true(taken);
	store_rollback(p->store);
	assert_false(is_kept(p, 1000));
	ask(p, "other", 1000, &taken);
	store_rollback(p->store);
	assert_true(taken);
}

static void an_answer_is_kept_for_a_day(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	size_t count;
	bool taken;
	struct answer_row row = ask(p, "h", 1000, &taken);
	end(p, &row, "body");
	assert_true(is_kept(p, 1000 + ANSWER_KEPT_S - 1));
	must_be_done(store_prune(p->store, 1000 + ANSWER_KEPT_S - 1, 10, &count, &e));
	assert_int_equal(count, 0);
	/* Too old, though housekeeping was not there yet. */
	assert_false(is_kept(p, 1000 + ANSWER_KEPT_S));
	ask(p, "h", 1000 + ANSWER_KEPT_S, &taken);
	store_rollback(p->store);
	assert_true(taken);
	must_be_done(store_prune(p->store, 1000 + ANSWER_KEPT_S, 10, &count, &e));
	assert_int_equal(count, 1);
	assert_false(is_kept(p, 1000));
}

/* What a deed begins and ends by itself is part of the transaction around it. */
static void a_deed_and_its_answer_are_there_together(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct api_token_row token = { .tenant_id = p->tenant,
				       .name = STR("t"),
				       .token_hash = STR("deed"),
				       .scopes = 1 };
	struct api_token_row found;
	bool taken;
	struct answer_row row = ask(p, "h", 1000, &taken);
	must_be_done(store_api_token_add(p->store, &token, &e));
	assert_true(store_has_transaction(p->store));
	store_rollback(p->store);
	assert_false(store_has_transaction(p->store));
	must_fail(store_api_token_by_hash(p->store, &p->arena, STR("deed"), &found, &e),
		  ERR_NOT_FOUND);
	row = ask(p, "h", 1000, &taken);
	assert_true(taken);
	must_be_done(store_api_token_add(p->store, &token, &e));
	end(p, &row, "body");
	must_be_done(
		store_api_token_by_hash(p->store, &p->arena, STR("deed"), &found, &e));
	assert_true(is_kept(p, 1000));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define at_place(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)
		at_place(a_token_is_found_by_its_hash),
		at_place(a_token_is_revoked_by_its_tenant_and_once),
		at_place(a_token_is_good_until_it_ends_or_its_tenant_is_suspended),
		at_place(the_hour_of_use_is_noted),
		at_place(a_tenant_lists_its_own_tokens),
		at_place(tokens_have_a_ceiling),
		at_place(a_tenant_is_changed_as_it_was_read),
		at_place(a_name_is_taken_once),
		at_place(tenants_are_listed_behind_one),
		at_place(a_tenant_goes_with_all_that_it_has),
		at_place(a_link_is_its_identitys_and_goes_with_it),
		at_place(links_have_a_ceiling_and_ended_ones_make_room),
		at_place(the_first_to_ask_takes_it),
		at_place(what_nobody_ended_was_never_asked),
		at_place(an_answer_is_kept_for_a_day),
		at_place(a_deed_and_its_answer_are_there_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

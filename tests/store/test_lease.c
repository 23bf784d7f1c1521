/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who works on what: claims of several nodes, and what a lost one may still write. */
#include <pthread.h>

#include "fixture.h"

enum {
	NODE = 11,
	OTHER = 22,
};

/* Identities that are due at `now`, leased to `node` for a minute. */
static struct lease_list claim(struct place *p, struct store *s, int64_t node,
			       int64_t now)
{
	const struct due_claim wanted = { { node, now, now + 60 }, .limit = 10 };
	struct lease_list list;
	struct err e = { 0 };

	must_be_done(store_identity_claim(s, &p->arena, &wanted, &list, &e));
	return list;
}

static void the_oldest_are_claimed_first_and_only_what_is_due(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct identity_row late =
		identity_see(p, identity_put(p, p->tenant, "late.example", "l"));
	struct identity_row never =
		identity_see(p, identity_put(p, p->tenant, "no.example", "n"));
	int64_t soon = identity_put(p, p->tenant, "soon.example", "s");
	int64_t at;

	late.state.next_look_at = 3000;
	must_be_done(store_identity_save(p->store, &late, NULL, 0, &e));
	never.state.next_look_at = 0;
	must_be_done(store_identity_save(p->store, &never, NULL, 0, &e));
	struct lease_list list = claim(p, p->store, NODE, 2999);
	assert_int_equal(list.count, 1);
	assert_int_equal(list.rows[0].thing_id, soon);
	list = claim(p, p->store, NODE, 3100);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.rows[0].thing_id, soon);
	assert_int_equal(list.rows[1].thing_id, late.id);
	must_be_done(store_identity_next_due(p->store, 0, &at, &e));
	assert_int_equal(at, 1000);
	must_be_done(store_identity_next_due(p->store, 1000, &at, &e));
	assert_int_equal(at, 3000);
	must_be_done(store_identity_next_due(p->store, 3000, &at, &e));
	assert_int_equal(at, 0);
}

static void a_young_one_waits_for_its_keys_to_be_published(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int64_t id = identity_put(p, p->tenant, "acme.example", "t"); /* of 1000 */
	static const char *const selectors[] = { "t0", "t1", "t2" };
	int64_t generation, published;
	bool bound;

	assert_int_equal(claim(p, p->store, NODE, 1059).count, 0);
	struct lease_list list = claim(p, p->store, NODE, 1060);
	assert_int_equal(list.count, 1);
	must_be_done(store_lease_end(p->store, &list.rows[0], &e));
	keys_put(p->store, "k", 3);
	for (size_t i = 0; i < ARRAY_LEN(selectors); i++)
		must_be_done(
			store_key_bind(p->store, id, str_from(selectors[i]), &bound, &e));
	assert_int_equal(claim(p, p->store, NODE, 1001).count, 0);
	must_be_done(store_key_generation(p->store, &generation, &published, &e));
	must_be_done(store_key_published(p->store, generation, 1001, &e));
	assert_int_equal(claim(p, p->store, NODE, 1001).count, 1);
}

static void what_one_has_nobody_else_gets_until_it_is_over(void **state)
{
	struct place *p = *state;
	struct store *other = place_connect(p);
	struct err e = { 0 };

	identity_put(p, p->tenant, "a.example", "a");
	identity_put(p, p->other, "b.example", "b");
	struct lease_list first = claim(p, p->store, NODE, 2000);
	assert_int_equal(first.count, 2);
	assert_int_equal(claim(p, other, OTHER, 2000).count, 0);
	assert_int_equal(claim(p, p->store, NODE, 2059).count, 0);
	must_be_done(store_lease_end(p->store, &first.rows[0], &e));
	struct lease_list second = claim(p, other, OTHER, 2059);
	assert_int_equal(second.count, 1);
	assert_int_equal(second.rows[0].thing_id, first.rows[0].thing_id);
	store_close(&other);
}

static void whoever_slept_past_his_lease_can_end_nothing(void **state)
{
	struct place *p = *state;
	struct store *other = place_connect(p);
	struct err e = { 0 };

	identity_put(p, p->tenant, "a.example", "a");
	struct lease slow = claim(p, p->store, NODE, 2000).rows[0];
	struct lease quick = claim(p, other, OTHER, 2060).rows[0];
	assert_int_equal(quick.thing_id, slow.thing_id);
	assert_true(quick.fence > slow.fence);
	must_fail(store_lease_end(p->store, &slow, &e), ERR_CONFLICT);
	must_fail(store_lease_renew(p->store, &slow, 9000, &e), ERR_CONFLICT);
	must_be_done(store_lease_renew(other, &quick, 2200, &e));
	assert_int_equal(claim(p, p->store, NODE, 2199).count, 0);
	must_be_done(store_lease_end(other, &quick, &e));
	must_fail(store_lease_end(other, &quick, &e), ERR_CONFLICT);
	store_close(&other);
}

static void whose_turn_it_is_gets_his_own_and_no_more_than_he_may(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct lease_list list;
	struct due_tenants due;
	struct due_page page = { 2000, 0, 10 };
	int64_t third = tenant_make(p->store, "third");
	struct due_turn turns[] = { { third, 3, 0 },
				    { p->other, 1, 0 },
				    { p->tenant, 2, 0 } };
	const struct due_claim wanted = {
		{ NODE, 2000, 2060 }, .limit = 6, .turns = turns, .turn_count = 3
	};

	for (int i = 0; i < 3; i++) {
		char domain[] = "0.example";
		domain[0] = (char)('0' + i);
		identity_put(p, i < 2 ? p->other : p->tenant, domain, domain);
	}
	must_be_done(store_tenant_due(p->store, &p->arena, &page, &due, &e));
	assert_int_equal(due.count, 2);
	assert_int_equal(due.last_id, 0);
	must_be_done(store_identity_claim(p->store, &p->arena, &wanted, &list, &e));
	assert_int_equal(list.count, 2);
	assert_int_equal(turns[0].got, 0);
	assert_int_equal(turns[1].got, 1);
	assert_int_equal(turns[2].got, 1);
	page = (struct due_page){ 999, 0, 10 };
	must_be_done(store_tenant_due(p->store, &p->arena, &page, &due, &e));
	assert_int_equal(due.count, 0);
	page = (struct due_page){ 2000, 0, 1 };
	must_be_done(store_tenant_due(p->store, &p->arena, &page, &due, &e));
	assert_int_equal(due.count, 1);
	assert_int_equal(due.last_id, due.ids[0]);
}

static void several_are_held_at_once_with_their_fences(void **state)
{
	struct place *p = *state;
	int64_t first = identity_put(p, p->tenant, "a.example", "a");
	struct lease_list list = claim(p, p->store, NODE, 2000);
	int64_t second = identity_put(p, p->other, "b.example", "b");
	int64_t ids[] = { second, first + 1000, first };
	struct identity_held_list held;
	struct err e = { 0 };

	must_be_done(store_begin(p->store, &e));
	must_be_done(store_identity_hold(p->store, &p->arena, ids, 3, &held, &e));
	assert_int_equal(held.count, 2);
	assert_int_equal(held.rows[0].row.id, first);
	assert_int_equal(held.rows[0].fence, list.rows[0].fence);
	assert_null(identity_held_find(&held, first + 1000));
	assert_int_equal(identity_held_find(&held, second)->fence, 0);
	assert_true(str_is(identity_held_find(&held, second)->row.domain, "b.example"));
	must_be_done(store_identity_leases_end(p->store, &first, 1, &e));
	must_be_done(store_commit(p->store, &e));
	must_fail(store_lease_end(p->store, &list.rows[0], &e), ERR_CONFLICT);
}

static void a_role_has_one_holder(void **state)
{
	struct place *p = *state;
	struct store *other = place_connect(p);
	const struct lease_term mine = { NODE, 1000, 1060 };
	struct lease_term theirs = { OTHER, 1059, 1200 };
	struct lease l = { LEASE_ROLE, LEASE_ROLE_KEYS, 0 }, m = l, h = l;
	struct err e = { 0 };
	bool taken;

	must_be_done(store_lease_take(p->store, &l, &mine, &taken, &e));
	assert_true(taken);
	must_be_done(store_lease_take(other, &m, &theirs, &taken, &e));
	assert_false(taken);
	assert_int_equal(m.fence, 0);
	h.thing_id = LEASE_ROLE_HOUSEKEEPING;
	must_be_done(store_lease_take(other, &h, &theirs, &taken, &e));
	assert_true(taken);
	theirs.now_s = 1060;
	must_be_done(store_lease_take(other, &m, &theirs, &taken, &e));
	assert_true(taken && m.fence > l.fence);
	must_fail(store_lease_renew(p->store, &l, 2000, &e), ERR_CONFLICT);
	store_close(&other);
}

static void a_node_that_is_gone_leaves_nothing_leased(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct node_row row = { NODE, STR("mars"), 1000, 1000 };
	struct node_list nodes;

	identity_put(p, p->tenant, "a.example", "a");
	must_be_done(store_node_add(p->store, &row, &e));
	row = (struct node_row){ OTHER, STR("venus"), 1000, 1000 };
	must_be_done(store_node_add(p->store, &row, &e));
	must_be_done(store_node_seen(p->store, NODE, 1010, &e));
	assert_int_equal(claim(p, p->store, NODE, 2000).count, 1);
	must_be_done(store_node_remove(p->store, NODE, &e));
	must_fail(store_node_seen(p->store, NODE, 1020, &e), ERR_NOT_FOUND);
	assert_int_equal(claim(p, p->store, OTHER, 2000).count, 1);
	/* The next process of the same name takes its place at once. */
	row = (struct node_row){ 33, STR("venus"), 2000, 2000 };
	must_be_done(store_node_add(p->store, &row, &e));
	assert_int_equal(claim(p, p->store, 33, 2000).count, 1);
	must_be_done(store_node_list(p->store, &p->arena, 10, &nodes, &e));
	assert_int_equal(nodes.count, 1);
	assert_int_equal(nodes.rows[0].id, 33);
	must_be_done(store_lease_clear(p->store, &e));
	assert_int_equal(claim(p, p->store, 33, 2000).count, 1);
}

static void two_nodes_relay_different_messages_and_each_once(void **state)
{
	struct place *p = *state;
	struct store *other = place_connect(p);
	struct err e = { 0 };
	struct message_row mine, theirs, none;
	bool found;
	int64_t a = identity_put(p, p->tenant, "a.example", "a");
	int64_t b = identity_put(p, p->tenant, "b.example", "b");
	const struct lease_term term = { NODE, 2000, 2060 };
	const struct lease_term late = { OTHER, 2060, 2120 };

	message_put(p, a, MESSAGE_QUEUED, "a1");
	message_put(p, a, MESSAGE_QUEUED, "a2");
	message_put(p, b, MESSAGE_QUEUED, "b1");
	must_be_done(store_message_next(p->store, &p->arena, &term, &mine, &found, &e));
	assert_true(found && str_is(mine.message_id, "a1"));
	must_be_done(store_message_next(other, &p->arena, &term, &theirs, &found, &e));
	assert_true(found && str_is(theirs.message_id, "b1"));
	must_be_done(store_message_next(other, &p->arena, &term, &none, &found, &e));
	assert_false(found);
	must_be_done(store_message_next(other, &p->arena, &late, &theirs, &found, &e));
	assert_true(found && str_is(theirs.message_id, "a1"));
	mine.state = MESSAGE_SENT;
	must_fail(store_message_save(p->store, &mine, &e), ERR_CONFLICT);
	e = (struct err){ 0 };
	theirs.state = MESSAGE_SENT;
	must_be_done(store_message_save(other, &theirs, &e));
	store_close(&other);
}

static void housekeeping_forgets_old_leases_and_brings_far_looks_back(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	size_t removed = 0;
	struct identity_row far =
		identity_see(p, identity_put(p, p->tenant, "far.example", "f"));

	assert_int_equal(claim(p, p->store, NODE, 2000).count, 1);
	must_be_done(store_prune(p->store, 2061, 10, &removed, &e));
	assert_int_equal(removed, 0);
	far.state.next_look_at = 9000 + IDENTITY_LOOK_MAX_S + 1;
	must_be_done(store_identity_save(p->store, &far, NULL, 0, &e));
	must_be_done(store_prune(p->store, 9000, 10, &removed, &e));
	assert_int_equal(removed, 2);
	assert_int_equal(identity_see(p, far.id).state.next_look_at, 9000);
	assert_int_equal(claim(p, p->store, OTHER, 9000).count, 1);
}

/* Planned for `at` by a clock that was wrong. */
static int64_t far_put(struct place *p, const char *domain, enum look_reason why,
		       int64_t at)
{
	struct err e = { 0 };
	struct identity_row row =
		identity_see(p, identity_put(p, p->tenant, domain, domain));

	row.state.why = why;
	row.state.next_look_at = at;
	must_be_done(store_identity_save(p->store, &row, NULL, 0, &e));
	return row.id;
}

static void of_far_looks_those_that_somebody_waits_for_come_back_first(void **state)
{
	enum {
		NOW = 9000,
		FAR = NOW + 30 * 86400,
		DAY = 86400,
	};
	struct place *p = *state;
	int64_t steady = far_put(p, "a.example", LOOK_REASON_STEADY, FAR + 20 * 3600);
	int64_t failed = far_put(p, "b.example", LOOK_REASON_FAILED, FAR + 6 * 3600);
	int64_t searched = far_put(p, "c.example", LOOK_REASON_SEARCH, FAR + 3600);
	int64_t lost = far_put(p, "d.example", LOOK_REASON_LOST, FAR + 600);
	size_t moved;
	struct err e = { 0 };

	must_be_done(store_prune(p->store, NOW, 2, &moved, &e));
	assert_int_equal(moved, 2);
	assert_int_equal(identity_see(p, searched).state.next_look_at, NOW);
	assert_int_equal(identity_see(p, lost).state.next_look_at, NOW);
	assert_int_equal(identity_see(p, steady).state.next_look_at, FAR + 20 * 3600);
	must_be_done(store_prune(p->store, NOW, 2, &moved, &e));
	assert_int_equal(moved, 2);
	assert_in_range(identity_see(p, steady).state.next_look_at, NOW + 1,
			NOW + DAY - 1);
	assert_in_range(identity_see(p, failed).state.next_look_at, NOW + 1,
			NOW + DAY - 1);
}

/* The clock was set a year ahead for a moment, and what failed then waits a year. */
static void mail_and_deliveries_planned_by_a_clock_far_ahead_come_back(void **state)
{
	struct place *p = *state;
	struct webhook_row webhook = { .tenant_id = p->tenant,
				       .url = STR("https://hooks.shop.com/"),
				       .secret_sealed = STR("sealed"),
				       .created_at = 1000 };
	const int64_t year_s = 366 * 86400;
	const struct lease_term term = { NODE, 2000, 2060 };
	const struct delivery_claim wanted = { { NODE, 2000, 2060 }, 2 };
	struct message_row message;
	struct delivery_row delivery;
	struct identity_event event = { .kind = EVENT_RESUBMITTED, .at_s = year_s };
	struct err e = { 0 };
	size_t removed = 0;
	bool found;

	int64_t id = identity_put(p, p->tenant, "shop.example", "s");
	struct identity_row row = identity_see(p, id);
	must_be_done(store_webhook_add(p->store, &webhook, &e));
	must_be_done(store_event_add(p->store, &row, &event, &e));
	message_put(p, id, MESSAGE_QUEUED, "one");
	must_be_done(
		store_message_next(p->store, &p->arena, &term, &message, &found, &e));
	assert_true(found);
	message.next_try_at = year_s;
	must_be_done(store_message_save(p->store, &message, &e));
	must_be_done(store_prune(p->store, 2000, 10, &removed, &e));
	must_be_done(
		store_message_next(p->store, &p->arena, &term, &message, &found, &e));
	assert_true(found);
	must_be_done(store_delivery_claim(p->store, &p->arena, &wanted, &delivery, &found,
					  &e));
	assert_true(found);
}

/* --- several nodes at once --- */

enum {
	NODES = 3,
	CROWD = 3000,
	BATCH = 40,
};

struct racer {
	pthread_t thread;
	struct store *store;
	int64_t node;
	int64_t *times; /* by identity: how often it was done */
	int64_t first_id;
	size_t done;
	struct err e;
	bool failed;
};

/* What looks' outcomes do: the leases end, and the identities are due later. */
static bool finish(struct racer *r, struct arena *a, const struct lease_list *list)
{
	struct identity_row row;

	if (!store_begin(r->store, &r->e))
		return false;
	for (size_t i = 0; i < list->count; i++) {
		const struct lease *l = &list->rows[i];
		if (!store_lease_end(r->store, l, &r->e) ||
		    !store_identity_get(r->store, a, 0, l->thing_id, &row, &r->e))
			return false;
		row.state.next_look_at = 9000;
		if (!store_identity_save(r->store, &row, NULL, 0, &r->e))
			return false;
	}
	return store_commit(r->store, &r->e);
}

static bool race_on(struct racer *r, struct arena *a, bool *more_out)
{
	const struct due_claim claim = { { r->node, 2000, 2060 }, .limit = BATCH };
	struct lease_list list;

	if (!store_identity_claim(r->store, a, &claim, &list, &r->e) ||
	    !finish(r, a, &list))
		return false;
	/* They share the array: what two did would be seen. */
	for (size_t i = 0; i < list.count; i++)
		__atomic_fetch_add(&r->times[list.rows[i].thing_id - r->first_id], 1,
				   __ATOMIC_RELAXED);
	r->done += list.count;
	*more_out = list.count > 0;
	return true;
}

static void *race(void *arg)
{
	struct racer *r = arg;
	bool more = true;

	while (more && !r->failed) {
		auto_arena struct arena a;
		arena_init(&a, 16 * 1024 * 1024);
		r->failed = !race_on(r, &a, &more);
	}
	return NULL;
}

static int64_t crowd_make(struct place *p)
{
	struct err e = { 0 };
	int64_t first = 0;

	must_be_done(store_begin(p->store, &e));
	for (int i = 0; i < CROWD; i++) {
		const char *seed = arena_printf(&p->arena, "n%d-", i);
		const char *domain = arena_printf(&p->arena, "n%d.example", i);
		int64_t id = identity_put(p, p->tenant, domain, seed);
		first = first ? first : id;
	}
	must_be_done(store_commit(p->store, &e));
	return first;
}

static void three_nodes_share_thousands_and_none_is_done_twice(void **state)
{
	struct place *p = *state;
	struct racer racers[NODES] = { 0 };
	int64_t first = crowd_make(p);
	int64_t *times = arena_array(&p->arena, CROWD, sizeof(*times));
	size_t total = 0;

	for (size_t i = 0; i < NODES; i++) {
		racers[i].store = place_connect(p);
		racers[i].node = (int64_t)i + 1;
		racers[i].times = times;
		racers[i].first_id = first;
	}
	for (size_t i = 0; i < NODES; i++)
		assert_int_equal(
			pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
	for (size_t i = 0; i < NODES; i++) {
		pthread_join(racers[i].thread, NULL);
		if (racers[i].failed)
			fail_msg("node %zu: %s", i + 1, racers[i].e.text);
		total += racers[i].done;
		store_close(&racers[i].store);
	}
	assert_int_equal(total, CROWD);
	for (size_t i = 0; i < CROWD; i++)
		assert_int_equal(times[i], 1);
	assert_int_equal(claim(p, p->store, NODE, 2000).count, 0);
}

#define in_place(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_place(the_oldest_are_claimed_first_and_only_what_is_due),
		in_place(a_young_one_waits_for_its_keys_to_be_published),
		in_place(what_one_has_nobody_else_gets_until_it_is_over),
		in_place(whoever_slept_past_his_lease_can_end_nothing),
		in_place(whose_turn_it_is_gets_his_own_and_no_more_than_he_may),
		in_place(several_are_held_at_once_with_their_fences),
		in_place(a_role_has_one_holder),
		in_place(a_node_that_is_gone_leaves_nothing_leased),
		in_place(two_nodes_relay_different_messages_and_each_once),
		in_place(housekeeping_forgets_old_leases_and_brings_far_looks_back),
		in_place(of_far_looks_those_that_somebody_waits_for_come_back_first),
		in_place(mail_and_deliveries_planned_by_a_clock_far_ahead_come_back),
		in_place(three_nodes_share_thousands_and_none_is_done_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

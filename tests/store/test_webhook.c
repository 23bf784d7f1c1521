/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events in order, and deliveries that are neither lost nor out of turn. */
#include "fixture.h"

#include <pthread.h>

enum {
	NODE = 7,
	LEASE_S = 60,
};

static int64_t webhook_put(struct place *p, int64_t tenant, const char *kinds)
{
	struct webhook_row row = { .tenant_id = tenant,
				   .url = STR("https://hooks.shop.com/"),
				   .kinds = str_from(kinds),
				   .secret_sealed = STR("sealed"),
				   .created_at = 1000 };
	struct err e = { 0 };

	must_be_done(store_webhook_add(p->store, &row, &e));
	return row.id;
}

static struct webhook_row webhook_see(struct place *p, int64_t id)
{
	struct webhook_row row;
	struct err e = { 0 };

	must_be_done(store_webhook_get(p->store, &p->arena, 0, id, &row, &e));
	return row;
}

static void change(struct place *p, int64_t identity, enum status from, enum status to,
		   int64_t at_s)
{
	struct identity_row row = identity_see(p, identity);
	struct identity_event event = { .kind = EVENT_STATUS_CHANGED,
					.aspect = ASPECT_DKIM,
					.from = from,
					.to = to,
					.at_s = at_s,
					.detail = STR("{\"perspectives\":[]}") };
	struct err e = { 0 };

	must_be_done(store_event_add(p->store, &row, &event, &e));
}

static bool claim(struct place *p, int64_t now_s, struct delivery_row *out)
{
	struct delivery_claim c = { { NODE, now_s, now_s + LEASE_S }, 2 };
	struct err e = { 0 };
	bool found = false;

	must_be_done(store_delivery_claim(p->store, &p->arena, &c, out, &found, &e));
	return found;
}

static void end(struct place *p, struct delivery_row *row, bool is_taken, int64_t now_s)
{
	struct delivery_outcome o = { .row = row, .at_s = now_s, .is_taken = is_taken };
	struct err e = { 0 };

	row->state = is_taken ? DELIVERY_DONE : DELIVERY_WAITING;
	row->tries++;
	row->last_reply = STR("");
	row->last_status = is_taken ? 200 : 500;
	row->next_try_at = now_s + 5;
	must_be_done(store_delivery_save(p->store, &p->arena, &o, &e));
}

static void a_tenants_events_are_numbered_without_gaps(void **state)
{
	struct place *p = *state;
	struct event_after after = { .tenant_id = p->tenant, .limit = 10 };
	struct event_list list;
	struct err e = { 0 };
	int64_t one = identity_put(p, p->tenant, "one.example", "a");
	int64_t two = identity_put(p, p->tenant, "two.example", "b");

	identity_put(p, p->other, "three.example", "c");
	change(p, one, STATUS_PENDING, STATUS_SUCCESS, 2000);
	change(p, two, STATUS_PENDING, STATUS_SUCCESS, 2001);
	must_be_done(store_event_after(p->store, &p->arena, &after, &list, &e));
	assert_int_equal(list.count, 4);
	for (size_t i = 0; i < list.count; i++)
		assert_int_equal(list.rows[i].seq, i + 1);
	assert_true(str_is(list.rows[2].kind, "identity.verified"));
	assert_true(str_is(list.rows[2].from, "PENDING"));
	assert_true(str_is(list.rows[2].domain, "one.example"));
	assert_true(str_is(list.rows[2].detail, "{\"perspectives\":[]}"));
	assert_true(str_starts(list.rows[2].uid, STR("evt_")));
	after.seq = 3;
	after.identity_id = one;
	must_be_done(store_event_after(p->store, &p->arena, &after, &list, &e));
	assert_int_equal(list.count, 0);
}

static void an_event_that_is_rolled_back_leaves_no_gap(void **state)
{
	struct place *p = *state;
	struct event_head *heads;
	size_t count;
	struct err e = { 0 };
	int64_t one = identity_put(p, p->tenant, "one.example", "a");
	int64_t hook = webhook_put(p, p->tenant, "");
	struct delivery_row d;

	must_be_done(store_begin(p->store, &e));
	change(p, one, STATUS_PENDING, STATUS_SUCCESS, 2000);
	store_rollback(p->store);
	assert_false(claim(p, 3000, &d));
	change(p, one, STATUS_PENDING, STATUS_SUCCESS, 2000);
	must_be_done(store_event_heads(p->store, &p->arena, &heads, &count, &e));
	assert_int_equal(count, 1);
	assert_int_equal(heads[0].seq, 2);
	assert_true(claim(p, 3000, &d));
	assert_int_equal(d.webhook_id, hook);
}

static void a_moment_gives_the_number_before_it(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int64_t seq;
	int64_t one = identity_put(p, p->tenant, "one.example", "a");

	change(p, one, STATUS_PENDING, STATUS_SUCCESS, 2000);
	change(p, one, STATUS_SUCCESS, STATUS_TEMPORARY_FAILURE, 3000);
	must_be_done(store_event_before(p->store, p->tenant, 2001, &seq, &e));
	assert_int_equal(seq, 2);
	must_be_done(store_event_before(p->store, p->tenant, 0, &seq, &e));
	assert_int_equal(seq, 0);
	must_be_done(store_event_before(p->store, p->tenant, 9000, &seq, &e));
	assert_int_equal(seq, 3);
}

static void each_change_has_a_kind_of_the_list(void **state unused_arg)
{
	static const enum status all[] = { STATUS_NOT_STARTED, STATUS_PENDING,
					   STATUS_SUCCESS, STATUS_FAILED,
					   STATUS_TEMPORARY_FAILURE };

	for (size_t aspect = 0; aspect < ASPECT_COUNT; aspect++)
		for (size_t i = 0; i < ARRAY_LEN(all) * ARRAY_LEN(all); i++) {
			struct identity_event event = {
				.kind = EVENT_STATUS_CHANGED,
				.aspect = (enum aspect)aspect,
				.from = all[i / ARRAY_LEN(all)],
				.to = all[i % ARRAY_LEN(all)],
			};
			assert_string_not_equal(store_event_kind(&event),
						"identity.status_changed");
		}
}

static void a_webhook_gets_the_kinds_it_asked_for(void **state)
{
	struct place *p = *state;
	struct delivery_row d;
	struct err e = { 0 };
	struct delivery_counts counts;
	int64_t one = identity_put(p, p->tenant, "one.example", "a");
	int64_t hook = webhook_put(p, p->tenant, "identity.degraded identity.verified");

	webhook_put(p, p->tenant, "mail_from.verified");
	webhook_put(p, p->other, "");
	change(p, one, STATUS_PENDING, STATUS_SUCCESS, 2000);
	must_be_done(store_delivery_counts(p->store, &counts, &e));
	assert_int_equal(counts.waiting, 1);
	assert_int_equal(counts.oldest_at, 2000);
	assert_true(claim(p, 2000, &d));
	assert_int_equal(d.webhook_id, hook);
	assert_true(str_is(d.event.kind, "identity.verified"));
}

static void one_identitys_deliveries_go_in_order(void **state)
{
	struct place *p = *state;
	struct delivery_row first;
	struct delivery_row second;
	int64_t one = identity_put(p, p->tenant, "one.example", "a");
	int64_t two = identity_put(p, p->tenant, "two.example", "b");

	webhook_put(p, p->tenant, "");
	change(p, one, STATUS_PENDING, STATUS_SUCCESS, 2000);
	change(p, one, STATUS_SUCCESS, STATUS_TEMPORARY_FAILURE, 2001);
	change(p, two, STATUS_PENDING, STATUS_SUCCESS, 2002);
	assert_true(claim(p, 3000, &first));
	assert_int_equal(first.identity_id, one);
	assert_true(claim(p, 3000, &second));
	assert_int_equal(second.identity_id, two);
	end(p, &second, true, 3001);
	/* The first was not taken: what is behind it waits with it. */
	end(p, &first, false, 3001);
	assert_false(claim(p, 3002, &second));
	assert_true(claim(p, 3006, &second));
	assert_int_equal(second.id, first.id);
	assert_true(str_equal(second.event.uid, first.event.uid));
	end(p, &second, true, 3006);
	assert_true(claim(p, 3007, &second));
	assert_true(str_is(second.event.kind, "identity.degraded"));
}

/* As where numbers of rows are given to connections in bundles. */
static void row_numbers_turn_round(struct place *p)
{
	place_sql(p, "UPDATE delivery SET id = 9000 - id, event_id = 9000 - event_id");
	place_sql(p, "UPDATE event SET id = 9000 - id");
}

static void order_comes_from_the_events_numbers_alone(void **state)
{
	static const char *const kinds[] = { "identity.created", "identity.verified",
					     "identity.degraded", "identity.reverified" };
	struct place *p = *state;
	struct err e = { 0 };
	int64_t hook = webhook_put(p, p->tenant, "");
	int64_t one = identity_put(p, p->tenant, "one.example", "a");
	struct event_page page = { p->tenant, one, 2, 0 };
	struct delivery_page sent = { hook, 0, 2 };
	struct delivery_list deliveries;
	struct event_list events;
	struct delivery_row d;

	change(p, one, STATUS_PENDING, STATUS_SUCCESS, 2000);
	change(p, one, STATUS_SUCCESS, STATUS_TEMPORARY_FAILURE, 2000);
	change(p, one, STATUS_TEMPORARY_FAILURE, STATUS_SUCCESS, 2000);
	row_numbers_turn_round(p);
	for (size_t i = ARRAY_LEN(kinds); i > 0; i -= 2) {
		must_be_done(store_event_list(p->store, &p->arena, &page, &events, &e));
		must_be_done(
			store_delivery_list(p->store, &p->arena, &sent, &deliveries, &e));
		for (size_t j = 0; j < 2; j++) {
			assert_string_equal(events.rows[j].kind.data, kinds[i - j - 1]);
			assert_string_equal(deliveries.rows[j].event.kind.data,
					    kinds[i - j - 1]);
		}
		page.before = events.rows[1].seq;
		sent.before = deliveries.rows[1].event.seq;
	}
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		assert_true(claim(p, 3000, &d));
		assert_string_equal(d.event.kind.data, kinds[i]);
		end(p, &d, true, 3000);
	}
}

static void one_webhook_has_few_under_way(void **state)
{
	struct place *p = *state;
	struct delivery_row d[4];
	int64_t hook;
	int64_t other;

	hook = webhook_put(p, p->tenant, "");
	for (int i = 0; i < 4; i++)
		identity_put(p, p->tenant, arena_printf(&p->arena, "%d.example", i),
			     arena_printf(&p->arena, "s%d", i));
	other = webhook_put(p, p->other, "");
	identity_put(p, p->other, "other.example", "o");
	assert_true(claim(p, 3000, &d[0]));
	assert_true(claim(p, 3000, &d[1]));
	assert_int_equal(d[0].webhook_id, hook);
	assert_int_equal(d[1].webhook_id, hook);
	assert_true(claim(p, 3000, &d[2]));
	assert_int_equal(d[2].webhook_id, other);
	assert_false(claim(p, 3000, &d[3]));
	/* While it fails, one at a time. */
	end(p, &d[0], false, 3001);
	assert_false(claim(p, 3001, &d[3]));
	end(p, &d[1], true, 3002);
	assert_true(claim(p, 3002, &d[0]));
	assert_true(claim(p, 3002, &d[1]));
	assert_int_equal(webhook_see(p, hook).failing_since, 0);
}

enum {
	THREADS = 4,
	IDENTITIES = 12,
	CHANGES = 3,
	EVENTS = IDENTITIES * (CHANGES + 1),
};

struct crowd {
	struct place *place;
	pthread_mutex_t lock;
	int64_t last[EVENTS * 4]; /* by identity: the number of the event ended last */
	size_t ended;
	size_t out_of_order;
};

/* A node: claims and ends, as long as something waits. */
static void *node_run(void *arg)
{
	struct crowd *c = arg;
	struct store *s = place_connect(c->place);
	struct err e = { 0 };
	struct arena a;

	arena_init(&a, 16 * 1024 * 1024);
	for (bool is_over = false; !is_over;) {
		const struct delivery_claim claim = { { NODE, 9000, 9060 }, THREADS };
		struct delivery_row row;
		bool found = false;
		arena_reset(&a);
		assert_true(store_delivery_claim(s, &a, &claim, &row, &found, &e));
		struct delivery_outcome o = { .row = &row,
					      .at_s = 9000,
					      .is_taken = true };
		if (found) {
			row.state = DELIVERY_DONE;
			pthread_mutex_lock(&c->lock);
			c->out_of_order += c->last[row.identity_id] >= row.event.seq;
			c->last[row.identity_id] = row.event.seq;
			c->ended++;
			pthread_mutex_unlock(&c->lock);
			assert_true(store_delivery_save(s, &a, &o, &e));
		}
		pthread_mutex_lock(&c->lock);
		is_over = c->ended >= EVENTS;
		pthread_mutex_unlock(&c->lock);
	}
	arena_done(&a);
	store_close(&s);
	return NULL;
}

static void several_nodes_deliver_each_event_once_and_in_order(void **state)
{
	struct place *p = *state;
	struct crowd c = { .place = p };
	pthread_t threads[THREADS];

	pthread_mutex_init(&c.lock, NULL);
	webhook_put(p, p->tenant, "");
	for (int i = 0; i < IDENTITIES; i++) {
		int64_t id = identity_put(p, p->tenant,
					  arena_printf(&p->arena, "n%d.example", i),
					  arena_printf(&p->arena, "n%d", i));
		for (int j = 0; j < CHANGES; j++)
			change(p, id, STATUS_PENDING, STATUS_SUCCESS, 2000 + j);
	}
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, node_run, &c), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(c.ended, EVENTS);
	assert_int_equal(c.out_of_order, 0);
	pthread_mutex_destroy(&c.lock);
}

static void who_lost_the_lease_writes_nothing(void **state)
{
	struct place *p = *state;
	struct delivery_row mine;
	struct delivery_row theirs;
	struct err e = { 0 };
	struct delivery_outcome o = { .row = &mine, .at_s = 4000, .is_taken = true };

	webhook_put(p, p->tenant, "");
	identity_put(p, p->tenant, "one.example", "a");
	assert_true(claim(p, 3000, &mine));
	assert_true(claim(p, 3000 + LEASE_S, &theirs));
	assert_int_equal(theirs.id, mine.id);
	assert_true(str_equal(theirs.event.uid, mine.event.uid));
	mine.state = DELIVERY_DONE;
	must_fail(store_delivery_save(p->store, &p->arena, &o, &e), ERR_CONFLICT);
	e = (struct err){ 0 };
	end(p, &theirs, false, 3100);
	assert_true(claim(p, 3200, &theirs));
	assert_int_equal(theirs.tries, 1);
}

static void a_disabled_webhook_is_told_of_elsewhere_and_gives_up(void **state)
{
	struct place *p = *state;
	struct delivery_row d;
	struct err e = { 0 };
	struct delivery_outcome o = { .row = &d, .at_s = 3000, .disable_why = "gone" };
	int64_t hook = webhook_put(p, p->tenant, "identity.created");
	int64_t other = webhook_put(p, p->tenant, "webhook.disabled");
	struct delivery_page page = { hook, 0, 10 };
	struct delivery_list list;

	identity_put(p, p->tenant, "one.example", "a");
	identity_put(p, p->tenant, "two.example", "b");
	assert_true(claim(p, 2000, &d));
	d.last_status = 410;
	d.state = DELIVERY_GIVEN_UP;
	d.last_reply = STR("");
	must_be_done(store_delivery_save(p->store, &p->arena, &o, &e));
	assert_true(str_is(webhook_see(p, hook).disabled_why, "gone"));
	must_be_done(store_delivery_list(p->store, &p->arena, &page, &list, &e));
	assert_int_equal(list.count, 2);
	assert_int_equal(list.rows[0].state, DELIVERY_GIVEN_UP);
	assert_int_equal(list.rows[1].state, DELIVERY_GIVEN_UP);
	assert_true(claim(p, 4000, &d));
	assert_int_equal(d.webhook_id, other);
	assert_true(str_is(d.event.kind, "webhook.disabled"));
	assert_false(claim(p, 4000, &d));
}

static void replay_gives_what_was_missed_in_order(void **state)
{
	struct place *p = *state;
	struct delivery_row d;
	struct err e = { 0 };
	size_t count;
	int64_t one = identity_put(p, p->tenant, "one.example", "a");
	int64_t hook = webhook_put(p, p->tenant, "");
	struct str uids[2];

	change(p, one, STATUS_PENDING, STATUS_SUCCESS, 2000);
	assert_true(claim(p, 2000, &d));
	uids[1] = d.event.uid;
	end(p, &d, true, 2001);
	must_be_done(store_delivery_replay_since(p->store, hook, 0, 5000, &count, &e));
	/* The creation came before the webhook was there. */
	assert_int_equal(count, 2);
	assert_true(claim(p, 5000, &d));
	uids[0] = d.event.uid;
	assert_true(str_is(d.event.kind, "identity.created"));
	end(p, &d, true, 5000);
	assert_true(claim(p, 5000, &d));
	assert_true(str_equal(d.event.uid, uids[1]));
	end(p, &d, true, 5000);
	assert_false(claim(p, 6000, &d));
	must_be_done(store_delivery_replay(p->store, hook, d.id, 6000, &e));
	assert_true(claim(p, 6000, &d));
	assert_true(str_equal(d.event.uid, uids[1]));
	must_fail(store_delivery_replay(p->store, hook + 1, d.id, 6000, &e),
		  ERR_NOT_FOUND);
}

static void a_held_webhook_gets_nothing_before(void **state)
{
	struct place *p = *state;
	struct delivery_row d;
	struct err e = { 0 };
	struct delivery_outcome o = { .row = &d, .at_s = 2000, .hold_until = 2300 };

	webhook_put(p, p->tenant, "");
	identity_put(p, p->tenant, "one.example", "a");
	identity_put(p, p->tenant, "two.example", "b");
	assert_true(claim(p, 2000, &d));
	d.last_reply = STR("");
	d.next_try_at = 2300;
	must_be_done(store_delivery_save(p->store, &p->arena, &o, &e));
	assert_false(claim(p, 2299, &d));
	assert_true(claim(p, 2300, &d));
}

static void suspend(struct place *p, int64_t at_s)
{
	struct tenant_row tenant;
	struct err e = { 0 };

	must_be_done(store_tenant_get(p->store, &p->arena, p->tenant, &tenant, &e));
	tenant.suspended_at = at_s;
	must_be_done(store_tenant_save(p->store, &tenant, &e));
}

static void what_waits_for_a_suspended_tenant_stays_until_he_is_resumed(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int64_t one = identity_put(p, p->tenant, "one.example", "a");
	int64_t hook = webhook_put(p, p->tenant, "");
	int64_t due;
	struct delivery_row d;

	change(p, one, STATUS_PENDING, STATUS_SUCCESS, 2000);
	suspend(p, 2001);
	assert_false(claim(p, 3000, &d));
	must_be_done(store_delivery_next_due(p->store, &due, &e));
	assert_int_equal(due, 0);
	suspend(p, 0);
	must_be_done(store_delivery_next_due(p->store, &due, &e));
	assert_int_equal(due, 2000);
	assert_true(claim(p, 3000, &d));
	assert_int_equal(d.webhook_id, hook);
}

static void other_tenants_webhooks_are_not_there(void **state)
{
	struct place *p = *state;
	struct webhook_row row;
	struct webhook_list list;
	struct err e = { 0 };
	int64_t hook = webhook_put(p, p->tenant, "");

	must_fail(store_webhook_get(p->store, &p->arena, p->other, hook, &row, &e),
		  ERR_NOT_FOUND);
	must_fail(store_webhook_delete(p->store, p->other, hook, &e), ERR_NOT_FOUND);
	e = (struct err){ 0 };
	must_be_done(store_webhook_list(p->store, &p->arena, p->other, &list, &e));
	assert_int_equal(list.count, 0);
}

static void saving_what_was_changed_meanwhile_is_a_conflict(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct webhook_row row = webhook_see(p, webhook_put(p, p->tenant, ""));
	struct webhook_row stale = row;

	row.kinds = STR("identity.verified");
	must_be_done(store_webhook_save(p->store, &row, &e));
	must_fail(store_webhook_save(p->store, &stale, &e), ERR_CONFLICT);
	assert_true(str_is(webhook_see(p, row.id).kinds, "identity.verified"));
}

static void a_tenant_has_a_limited_number_of_webhooks(void **state)
{
	struct place *p = *state;
	struct webhook_row row = { .tenant_id = p->tenant, .url = STR("https://x.com/") };
	struct err e = { 0 };

	for (int i = 0; i < WEBHOOKS_MAX; i++)
		webhook_put(p, p->tenant, "");
	must_fail(store_webhook_add(p->store, &row, &e), ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define test(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)
		test(a_tenants_events_are_numbered_without_gaps),
		test(an_event_that_is_rolled_back_leaves_no_gap),
		test(a_moment_gives_the_number_before_it),
		test(each_change_has_a_kind_of_the_list),
		test(a_webhook_gets_the_kinds_it_asked_for),
		test(one_identitys_deliveries_go_in_order),
		test(order_comes_from_the_events_numbers_alone),
		test(one_webhook_has_few_under_way),
		test(who_lost_the_lease_writes_nothing),
		test(several_nodes_deliver_each_event_once_and_in_order),
		test(a_disabled_webhook_is_told_of_elsewhere_and_gives_up),
		test(replay_gives_what_was_missed_in_order),
		test(a_held_webhook_gets_nothing_before),
		test(what_waits_for_a_suspended_tenant_stays_until_he_is_resumed),
		test(other_tenants_webhooks_are_not_there),
		test(saving_what_was_changed_meanwhile_is_a_conflict),
		test(a_tenant_has_a_limited_number_of_webhooks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

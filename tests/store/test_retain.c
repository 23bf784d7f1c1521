/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is old goes, and nothing that somebody still waits for or counts on. */
#include "fixture.h"

#include "store/backup.h"

enum {
	KEPT_S = 1000,
	NODE = 7,
};

static size_t retain(struct place *p, int64_t now_s, size_t limit)
{
	struct retention r = { KEPT_S, KEPT_S, KEPT_S, limit, 0 };
	struct err e = { 0 };
	size_t removed = 0;

	must_be_done(store_retain(p->store, &r, now_s, &removed, &e));
	return removed;
}

static void must_verify(struct place *p)
{
	struct store_problem problems[STORE_PROBLEMS_MAX];
	struct err e = { 0 };
	size_t count;

	must_be_done(store_verify(p->store, problems, &count, &e));
	if (count)
		fail_msg("%s", problems[0].text);
}

/* One more event of the identity. */
static void happen(struct place *p, int64_t identity, int64_t at_s)
{
	struct identity_row row = identity_see(p, identity);
	struct identity_event event = { .kind = EVENT_STATUS_CHANGED,
					.aspect = ASPECT_DKIM,
					.from = STATUS_PENDING,
					.to = STATUS_SUCCESS,
					.at_s = at_s,
					.detail = STR_EMPTY };
	struct err e = { 0 };

	must_be_done(store_event_add(p->store, &row, &event, &e));
}

static int64_t webhook_put(struct place *p)
{
	struct webhook_row row = { .tenant_id = p->tenant,
				   .url = STR("https://hooks.shop.com/"),
				   .secret_sealed = STR("sealed"),
				   .kinds = STR_EMPTY,
				   .created_at = 1000 };
	struct err e = { 0 };

	must_be_done(store_webhook_add(p->store, &row, &e));
	return row.id;
}

/* The next delivery is taken by its endpoint. */
static struct delivery_row deliver(struct place *p, int64_t now_s)
{
	struct delivery_claim c = { { NODE, now_s, now_s + 60 }, 2 };
	struct delivery_row row;
	struct delivery_outcome o = { .row = &row, .at_s = now_s, .is_taken = true };
	struct err e = { 0 };
	bool found = false;

	must_be_done(store_delivery_claim(p->store, &p->arena, &c, &row, &found, &e));
	assert_true(found);
	row.state = DELIVERY_DONE;
	row.done_at = now_s;
	must_be_done(store_delivery_save(p->store, &p->arena, &o, &e));
	return row;
}

static size_t delivery_count(struct place *p, int64_t webhook)
{
	struct delivery_page page = { webhook, 0, 100 };
	struct delivery_list list;
	struct err e = { 0 };

	must_be_done(store_delivery_list(p->store, &p->arena, &page, &list, &e));
	return list.count;
}

/* What a reader who has seen `seq` gets: the number of the next one, and how many. */
static size_t events_after(struct place *p, int64_t tenant, int64_t seq,
			   int64_t *next_out)
{
	struct event_after after = { .tenant_id = tenant, .seq = seq, .limit = 100 };
	struct event_list list;
	struct err e = { 0 };

	must_be_done(store_event_after(p->store, &p->arena, &after, &list, &e));
	for (size_t i = 1; i < list.count; i++)
		assert_int_equal(list.rows[i].seq, list.rows[i - 1].seq + 1);
	*next_out = list.count ? list.rows[0].seq : 0;
	return list.count;
}

static int64_t events_first(struct place *p)
{
	int64_t first;

	(void)events_after(p, p->tenant, 0, &first);
	return first;
}

static void old_events_go_and_a_reader_goes_on_with_the_oldest(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int64_t next, seq;
	int64_t one = identity_put(p, p->tenant, "one.example", "a"); /* at 1000 */

	happen(p, one, 2000);
	happen(p, one, 3000);
	happen(p, one, 4000);
	assert_int_equal(retain(p, 2000, 10), 0);
	assert_int_equal(retain(p, 3000 + KEPT_S, 10), 2);
	assert_int_equal(events_after(p, p->tenant, 1, &next), 2);
	assert_int_equal(next, 3);
	must_be_done(store_event_before(p->store, p->tenant, 0, &seq, &e));
	assert_int_equal(seq, 2);
	must_verify(p);
	/* Numbers go on where they were. */
	happen(p, one, 9000);
	assert_int_equal(events_after(p, p->tenant, 4, &next), 1);
	assert_int_equal(next, 5);
	must_verify(p);
}

static void the_last_event_stays_however_old(void **state)
{
	struct place *p = *state;
	int64_t next;

	identity_put(p, p->tenant, "one.example", "a");
	identity_put(p, p->tenant, "two.example", "b");
	identity_put(p, p->other, "three.example", "c");
	assert_int_equal(retain(p, 900000, 10), 1);
	assert_int_equal(retain(p, 900000, 10), 0);
	assert_int_equal(events_after(p, p->tenant, 0, &next), 1);
	assert_int_equal(next, 2);
	assert_int_equal(events_after(p, p->other, 0, &next), 1);
	must_verify(p);
}

static void what_a_webhook_has_yet_to_get_stays_with_all_behind_it(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int64_t hook = webhook_put(p);
	int64_t one = identity_put(p, p->tenant, "one.example", "a");

	for (int64_t at_s = 1001; at_s < 1004; at_s++)
		happen(p, one, at_s);
	assert_int_equal(retain(p, 900000, 10), 0);
	(void)deliver(p, 5000);
	struct delivery_row second = deliver(p, 5000);
	assert_int_equal(second.event.seq, 2);
	/* Once more: from here on all must stay again. */
	must_be_done(store_delivery_replay(p->store, hook, second.id, 6000, &e));
	assert_int_equal(retain(p, 900000, 10), 1);
	assert_int_equal(events_first(p), 2);
	assert_int_equal(delivery_count(p, hook), 3);
	must_verify(p);
	for (int i = 0; i < 3; i++)
		(void)deliver(p, 900000);
	assert_int_equal(retain(p, 900000, 10), 2);
	assert_int_equal(events_first(p), 4);
	assert_int_equal(delivery_count(p, hook), 1);
	must_verify(p);
	must_fail(store_delivery_replay(p->store, hook, second.id, 900000, &e),
		  ERR_NOT_FOUND);
}

/* Else a number would be missing between two that are there. */
static void an_old_event_behind_a_younger_one_stays(void **state)
{
	struct place *p = *state;
	int64_t one = identity_put(p, p->tenant, "one.example", "a");

	happen(p, one, 8000);
	happen(p, one, 1500);
	happen(p, one, 8001);
	assert_int_equal(retain(p, 5000, 10), 1);
	assert_int_equal(retain(p, 5000, 10), 0);
	assert_int_equal(events_first(p), 2);
	must_verify(p);
}

static void a_step_is_small_and_the_next_goes_on(void **state)
{
	struct place *p = *state;
	struct retention r = { .events_s = KEPT_S, .limit = 4 };
	struct err e = { 0 };
	size_t removed = 0, sum = 0, steps = 0;
	int64_t one = identity_put(p, p->tenant, "one.example", "a");
	int64_t two = identity_put(p, p->other, "two.example", "b");

	for (int i = 0; i < 9; i++) {
		happen(p, one, 1000);
		happen(p, two, 1000);
	}
	do {
		must_be_done(store_retain(p->store, &r, 9000, &removed, &e));
		assert_true(removed < 2 * r.limit);
		sum += removed;
		must_verify(p);
	} while (removed >= r.limit && ++steps < 100);
	/* All but each one's last. */
	assert_int_equal(sum, 18);
	assert_true(steps >= 3);
}

static void ended_messages_go_and_waiting_ones_stay(void **state)
{
	struct place *p = *state;
	struct store_counts counts;
	struct err e = { 0 };
	int64_t id = identity_put(p, p->tenant, "one.example", "a");

	message_put(p, id, MESSAGE_HELD, "held");
	message_put(p, id, MESSAGE_QUEUED, "queued");
	message_put(p, id, MESSAGE_SENT, "sent");
	message_put(p, id, MESSAGE_FAILED, "failed");
	assert_int_equal(retain(p, 1000 + KEPT_S, 10), 0);
	assert_int_equal(retain(p, 1001 + KEPT_S, 1), 1);
	assert_int_equal(retain(p, 1001 + KEPT_S, 1), 1);
	assert_int_equal(retain(p, 900000, 10), 0);
	must_be_done(store_counts_read(p->store, 1000, &counts, &e));
	assert_int_equal(counts.messages[MESSAGE_HELD], 1);
	assert_int_equal(counts.messages[MESSAGE_QUEUED], 1);
	assert_int_equal(counts.messages[MESSAGE_SENT], 0);
	assert_int_equal(counts.messages[MESSAGE_FAILED], 0);
}

static void see(void *arg, const struct key_row *row)
{
	size_t *revoked = arg;

	*revoked += row->revoked_at != 0;
}

static void a_revoked_key_leaves_the_zone_but_its_name_is_never_given_again(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int64_t generation, later, published;
	size_t revoked = 0;
	bool bound;
	int64_t gone = identity_put(p, p->tenant, "gone.example", "g");
	int64_t here = identity_put(p, p->tenant, "here.example", "h");

	keys_put(p->store, "k", 2);
	must_be_done(store_key_bind(p->store, gone, STR("g0"), &bound, &e));
	must_be_done(store_key_bind(p->store, here, STR("h0"), &bound, &e));
	must_be_done(store_identity_delete(p->store, p->tenant, gone, 5000, &e));
	must_be_done(store_key_generation(p->store, &generation, &published, &e));
	struct retention r = { .revoked_keys_s = KEPT_S, .limit = 10 };
	size_t removed = 0;
	must_be_done(store_retain(p->store, &r, 5000 + KEPT_S, &removed, &e));
	assert_int_equal(removed, 0);
	must_be_done(store_key_generation(p->store, &later, &published, &e));
	assert_int_equal(later, generation);
	must_be_done(store_retain(p->store, &r, 5001 + KEPT_S, &removed, &e));
	assert_int_equal(removed, 1);
	must_be_done(store_key_each(p->store, see, &revoked, &e));
	assert_int_equal(revoked, 0);
	/* The zone has to be written anew. */
	must_be_done(store_key_generation(p->store, &later, &published, &e));
	assert_int_equal(later, generation + 1);
	struct identity_row again = identity_make(p, p->other, "gone.example", "g");
	must_fail(store_identity_add(p->store, &again, &e), ERR_CONFLICT);
	must_verify(p);
}

static void nothing_goes_where_all_is_kept_for_ever(void **state)
{
	struct place *p = *state;
	struct retention r = { .limit = 10 };
	struct err e = { 0 };
	size_t removed = 1;
	int64_t id = identity_put(p, p->tenant, "one.example", "a");

	happen(p, id, 1001);
	message_put(p, id, MESSAGE_SENT, "sent");
	must_be_done(store_retain(p->store, &r, INT64_MAX, &removed, &e));
	assert_int_equal(removed, 0);
}

#define in_place(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_place(old_events_go_and_a_reader_goes_on_with_the_oldest),
		in_place(the_last_event_stays_however_old),
		in_place(what_a_webhook_has_yet_to_get_stays_with_all_behind_it),
		in_place(an_old_event_behind_a_younger_one_stays),
		in_place(a_step_is_small_and_the_next_goes_on),
		in_place(ended_messages_go_and_waiting_ones_stay),
		in_place(a_revoked_key_leaves_the_zone_but_its_name_is_never_given_again),
		in_place(nothing_goes_where_all_is_kept_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose turn it is, and how a crowd of dead domains is kept from delaying the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "service/schedule.h"

/* --- turns --- */

static struct turns *turns_of(size_t tenants, size_t room)
{
	return turns_new(&(struct turns_limits){ tenants, room, 0 });
}

/* Gives out `total` looks of `costs[tenant]` packets each; they all end at once. */
static void deal(struct turns *t, const int64_t *costs, size_t total, size_t *got)
{
	struct turn turns[10];

	while (total) {
		size_t count = turns_deal(t, total, turns, ARRAY_LEN(turns));
		assert_true(count > 0);
		for (size_t i = 0; i < count; i++) {
			int64_t tenant = turns[i].tenant_id;
			for (; turns[i].got < turns[i].count; turns[i].got++, total--) {
				struct charge charged = turns_started(t, tenant);
				turns_ended(t, tenant, charged, costs[tenant]);
				got[tenant]++;
			}
		}
		turns_dealt(t, turns, count);
	}
}

/* Begins as many as may be, of whoever has his turn; none ends. */
static void begin_all(struct turns *t, size_t room, size_t *under_way)
{
	struct turn turns[10];
	size_t count;

	while ((count = turns_deal(t, room, turns, ARRAY_LEN(turns))) > 0) {
		for (size_t i = 0; i < count; i++)
			for (; turns[i].got < turns[i].count; turns[i].got++) {
				(void)turns_started(t, turns[i].tenant_id);
				under_way[turns[i].tenant_id]++;
			}
		turns_dealt(t, turns, count);
	}
}

/* The one whose turn it is. */
static int64_t next_of(struct turns *t, size_t room)
{
	struct turn turn = { 0 };

	assert_int_equal(turns_deal(t, room, &turn, 1), 1);
	return turn.tenant_id;
}

static void turns_share_by_packets_and_not_by_looks(void **state unused_arg)
{
	static const int64_t costs[] = { 0, 40, 80, 320 };
	struct turns *t = turns_of(10, 100);
	size_t got[4] = { 0 };

	for (int64_t tenant = 1; tenant <= 3; tenant++)
		turns_join(t, tenant);
	deal(t, costs, 10000, got);
	/* 8 : 4 : 1, within a tenth. */
	for (size_t i = 1; i < 3; i++) {
		int64_t packets = (int64_t)got[i] * costs[i];
		int64_t last = (int64_t)got[3] * costs[3];
		assert_in_range(packets * 10, last * 9, last * 11);
	}
	turns_free(&t);
}

/* Domains whose servers are dead cost few packets, but each look takes a start. */
static void who_has_cheap_looks_gets_no_more_of_them(void **state unused_arg)
{
	static const int64_t costs[] = { 0, 4, 32 };
	struct turns *t = turns_of(10, 100);
	size_t got[3] = { 0 };

	turns_join(t, 1);
	turns_join(t, 2);
	deal(t, costs, 1000, got);
	assert_in_range(got[1], 490, 510);
	turns_free(&t);
}

static void who_has_nothing_due_saves_nothing_up(void **state unused_arg)
{
	static const int64_t costs[] = { 0, 32, 32 };
	struct turns *t = turns_of(10, 100);
	size_t got[3] = { 0 };

	turns_join(t, 1);
	turns_join(t, 2);
	for (int i = 0; i < 100; i++) {
		if (next_of(t, 1) == 1)
			turns_leave(t, 1);
		turns_join(t, 1);
		deal(t, costs, 1, got);
	}
	got[1] = got[2] = 0;
	deal(t, costs, 40, got);
	assert_in_range(got[1], 18, 22);
	turns_free(&t);
}

static void nobody_has_more_than_half_under_way(void **state unused_arg)
{
	struct turns *t = turns_of(10, 100);
	size_t under_way[8] = { 0 };

	turns_join(t, 7);
	begin_all(t, 100, under_way);
	assert_int_equal(under_way[7], 50);
	turns_join(t, 8);
	assert_int_equal(next_of(t, 50), 8);
	turns_free(&t);
}

static void a_crowd_leaves_a_fourth_to_whoever_comes(void **state unused_arg)
{
	struct turns *t = turns_of(10, 400);
	static const int64_t costs[] = { 0, 64, 64, 64, 64 };
	size_t got[5] = { 0 };
	size_t under_way[5] = { 0 };

	for (int64_t tenant = 1; tenant <= 4; tenant++)
		turns_join(t, tenant);
	/* They have had their turns for long, then nothing ends any more. */
	deal(t, costs, 1000, got);
	assert_true(turns_is_crowd(t));
	begin_all(t, 400, under_way);
	assert_int_equal(under_way[1] + under_way[2] + under_way[3] + under_way[4], 300);
	turns_join(t, 9);
	assert_false(turns_is_crowd(t));
	assert_int_equal(next_of(t, 100), 9);
	turns_free(&t);
}

static void tenants_beyond_the_ceiling_wait_outside(void **state unused_arg)
{
	struct turns *t = turns_of(2, 100);

	for (int64_t tenant = 1; tenant <= 3; tenant++)
		turns_join(t, tenant);
	assert_int_equal(turns_count(t), 2);
	struct charge none = turns_started(t, 3);
	assert_int_equal(none.credit, 0);
	turns_ended(t, 3, none, 30);
	turns_leave(t, 1);
	turns_join(t, 3);
	assert_int_equal(turns_count(t), 2);
	assert_int_equal(next_of(t, 1), 2);
	turns_free(&t);
}

/* A database is asked once for all of them, not once for each. */
static void all_places_are_dealt_at_once(void **state unused_arg)
{
	struct turns *t = turns_of(10, 1000);
	struct turn turns[10];

	for (int64_t tenant = 1; tenant <= 4; tenant++)
		turns_join(t, tenant);
	assert_int_equal(turns_deal(t, 100, turns, ARRAY_LEN(turns)), 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(turns[i].count, 25);
	/* Three had one thing to do each: their places are free for who has more. */
	for (size_t i = 0; i < 4; i++)
		turns[i].got = i == 3 ? turns[i].count : 1;
	turns_dealt(t, turns, 4);
	assert_int_equal(turns_count(t), 1);
	assert_int_equal(turns_deal(t, 72, turns, ARRAY_LEN(turns)), 1);
	assert_int_equal(turns[0].count, 72);
	turns_free(&t);
}

static void a_deal_that_came_to_nothing_leaves_nothing_behind(void **state unused_arg)
{
	struct turns *t = turns_of(10, 100);
	struct turn turns[10];

	turns_join(t, 1);
	turns_join(t, 2);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(turns_deal(t, 10, turns, ARRAY_LEN(turns)), 2);
		assert_int_equal(turns[0].count, 5);
		assert_int_equal(turns[1].count, 5);
	}
	assert_int_equal(turns_deal(t, 100, turns, 1), 1);
	assert_int_equal(turns[0].count, 1);
	turns_free(&t);
}

/* --- the limit of a tenant --- */

static struct turns *limited(size_t tenants)
{
	return turns_new(&(struct turns_limits){ tenants, 1000, 100 });
}

/* One look that costs so much. */
static void spend(struct turns *t, int64_t tenant, int64_t cost)
{
	turns_ended(t, tenant, turns_started(t, tenant), cost);
}

static void who_is_over_his_limit_is_dealt_nothing_until_he_has_paid(
	void **state unused_arg)
{
	struct turns *t = limited(10);
	struct turn turns[10];

	turns_tick(t, 5000);
	turns_join(t, 1);
	assert_int_equal(turns_deal(t, 1, turns, 1), 1);
	spend(t, 1, 150);
	turns[0].got = 1;
	turns_dealt(t, turns, 1);
	assert_int_equal(turns_deal(t, 100, turns, 10), 0);
	assert_in_range(turns_wait_ms(t), 500, 501);
	/* Nobody else waits for that. */
	turns_join(t, 2);
	assert_int_equal(turns_deal(t, 1, turns, 10), 1);
	assert_int_equal(turns[0].tenant_id, 2);
	turns_tick(t, 5500);
	turns_leave(t, 2);
	assert_int_equal(turns_deal(t, 100, turns, 10), 0);
	turns_tick(t, 5501);
	/* With a tenth of a packet in the bucket: one look. */
	assert_int_equal(turns_deal(t, 100, turns, 10), 1);
	assert_int_equal(turns[0].tenant_id, 1);
	assert_int_equal(turns[0].count, 1);
	turns_free(&t);
}

static void one_deal_is_no_more_than_the_limit(void **state unused_arg)
{
	struct turns *t = limited(10);
	struct turn turns[10];

	turns_join(t, 1);
	/* 100 packets, a look is taken for 32 as yet. */
	assert_int_equal(turns_deal(t, 100, turns, 10), 1);
	assert_int_equal(turns[0].count, 4);
	for (; turns[0].got < turns[0].count; turns[0].got++) {
		assert_int_equal(turns_put_off_ms(t, 1), 0);
		(void)turns_started(t, 1);
	}
	assert_in_range(turns_put_off_ms(t, 1), 1000, 60000);
	turns_free(&t);
}

static void a_debt_is_not_forgotten_with_the_turns(void **state unused_arg)
{
	struct turns *t = limited(1);

	turns_tick(t, 5000);
	turns_join(t, 1);
	spend(t, 1, 4000);
	turns_leave(t, 1);
	turns_tick(t, 30000);
	/* Paid after 39 seconds: what is put off comes one after the other, within a
	 * minute. */
	int64_t first_ms = turns_put_off_ms(t, 1);
	assert_in_range(first_ms, 14000, 14001);
	int64_t second_ms = turns_put_off_ms(t, 1);
	assert_in_range(second_ms, first_ms + 320, 60000);
	for (int i = 0; i < 1000; i++)
		assert_in_range(turns_put_off_ms(t, 1), second_ms, 60000);
	turns_tick(t, 44002);
	assert_int_equal(turns_put_off_ms(t, 1), 0);
	/* Who has work goes before what somebody owes. */
	turns_join(t, 2);
	assert_int_equal(turns_count(t), 1);
	turns_free(&t);
}

static void what_is_not_known_to_cost_costs_the_estimate(void **state unused_arg)
{
	struct turns *t = limited(10);

	for (int i = 0; i < 4; i++) {
		assert_int_equal(turns_put_off_ms(t, 1), 0);
		spend(t, 1, 0);
	}
	assert_in_range(turns_put_off_ms(t, 1), 1000, 60000);
	turns_free(&t);
}

static void without_a_limit_nobody_is_put_off(void **state unused_arg)
{
	struct turns *t = turns_of(10, 100);
	struct turn turns[10];

	turns_join(t, 1);
	for (int i = 0; i < 1000; i++) {
		spend(t, 1, 4096);
		assert_int_equal(turns_put_off_ms(t, 1), 0);
	}
	assert_int_equal(turns_deal(t, 100, turns, 10), 1);
	assert_int_equal(turns_wait_ms(t), -1);
	turns_free(&t);
}

/* --- a schedule in virtual time, with queues instead of a database --- */

enum {
	TENANTS = 50,
	HOSTILE = TENANTS + 1,
	TICK_MS = 20,
	SLOTS = 512,
	RATE = 300,
	NEVER = 1 << 30,
	LAGS_MAX = 200000,
	LATER_MAX = 400, /* seconds */
};

struct scene {
	const char *name;
	int seconds;
	int burst_every_s; /* the normal tenants' looks become due at once so often */
	int burst_each;    /* so many of each tenant */
	bool hostile;      /* a million that are due from the beginning */
	int dead_ms;       /* a look of them takes so long */
	int64_t dead_cost;
	int64_t limit;    /* packets of a tenant a second */
	int hostile_each; /* not a million: so many more each second */
};

struct running {
	int64_t tenant;
	struct charge charged;
	int ends_ms;
};

struct sim {
	const struct scene *scene;
	struct schedule *schedule;
	int now_ms;
	int waiting[HOSTILE + 1]; /* looks due and not begun */
	int since_ms[HOSTILE + 1];
	int later[LATER_MAX]; /* of the hostile one, put off to this second */
	size_t put_off;
	struct running running[SLOTS];
	size_t running_count;
	int *lags;
	size_t lag_count;
	size_t begun_of_hostile;
	size_t scans;
};

static void sim_begin(struct sim *m, int64_t tenant)
{
	const struct scene *c = m->scene;
	int takes_ms = tenant == HOSTILE ? c->dead_ms : 200;

	assert_true(m->running_count < SLOTS);
	m->waiting[tenant]--;
	m->running[m->running_count++] =
		(struct running){ tenant, schedule_started(m->schedule, tenant),
				  m->now_ms + takes_ms };
	if (tenant == HOSTILE)
		m->begun_of_hostile++;
	else
		m->lags[m->lag_count++] = m->now_ms - m->since_ms[tenant];
}

/* Over the limit: as take.c does it. */
static bool sim_puts_off(struct sim *m, int64_t tenant)
{
	int64_t wait_ms = schedule_put_off_ms(m->schedule, tenant);

	if (!wait_ms)
		return false;
	assert_int_equal(tenant, HOSTILE);
	assert_in_range(wait_ms, 1000, 60000);
	m->waiting[tenant]--;
	m->later[(m->now_ms + wait_ms + 999) / 1000]++;
	m->put_off++;
	return true;
}

static size_t sim_take(struct sim *m, int64_t tenant, size_t count)
{
	size_t got = 0;

	for (; got < count && m->waiting[tenant] > 0; got++) {
		assert_int_equal(schedule_put_off_ms(m->schedule, tenant), 0);
		sim_begin(m, tenant);
	}
	return got;
}

static size_t sim_take_oldest(struct sim *m, size_t count)
{
	size_t got = 0;

	for (; got < count; got++) {
		int64_t oldest = 0;
		for (int64_t t = 1; t <= HOSTILE; t++)
			if (m->waiting[t] &&
			    (!oldest || m->since_ms[t] < m->since_ms[oldest]))
				oldest = t;
		if (!oldest)
			break;
		if (!sim_puts_off(m, oldest))
			sim_begin(m, oldest);
	}
	return got;
}

static size_t sim_find_tenants(struct sim *m)
{
	size_t got = 0;

	m->scans++;
	for (int64_t t = 1; t <= HOSTILE; t++) {
		if (!m->waiting[t])
			continue;
		schedule_tenant(m->schedule, t);
		got++;
	}
	return got;
}

static void sim_ask(struct sim *m)
{
	struct ask ask;

	while (schedule_next(m->schedule, m->now_ms, &ask)) {
		struct ask_answer answer = { .now_ms = m->now_ms, .took_us = 300 };
		switch (ask.kind) {
		case ASK_OLDEST:
			answer.got = sim_take_oldest(m, ask.count);
			break;
		case ASK_TURNS:
			for (size_t i = 0; i < ask.turn_count; i++) {
				struct turn *turn = &ask.turns[i];
				turn->got = sim_take(m, turn->tenant_id, turn->count);
				answer.got += turn->got;
			}
			break;
		case ASK_TENANTS:
			answer.got = sim_find_tenants(m);
			break;
		}
		schedule_answered(m->schedule, &ask, &answer);
	}
}

static void sim_end_looks(struct sim *m)
{
	for (size_t i = m->running_count; i-- > 0;) {
		struct running r = m->running[i];
		if (r.ends_ms > m->now_ms)
			continue;
		m->running[i] = m->running[--m->running_count];
		schedule_ended(m->schedule, r.tenant, r.charged,
			       r.tenant == HOSTILE ? m->scene->dead_cost : 30);
	}
}

static void sim_hostile_become_due(struct sim *m)
{
	int more = m->later[m->now_ms / 1000];

	if (m->now_ms % 1000)
		return;
	if (m->scene->hostile)
		more += m->scene->hostile_each;
	if (!m->waiting[HOSTILE])
		m->since_ms[HOSTILE] = m->now_ms;
	m->waiting[HOSTILE] += more;
}

static void sim_become_due(struct sim *m)
{
	sim_hostile_become_due(m);
	if (m->now_ms % (m->scene->burst_every_s * 1000))
		return;
	for (int t = 1; t <= TENANTS; t++) {
		if (!m->waiting[t])
			m->since_ms[t] = m->now_ms;
		m->waiting[t] += m->scene->burst_each;
	}
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

struct figures {
	int p50_ms, p99_ms;
	size_t begun, begun_of_hostile, put_off;
};

static struct figures sim_run(const struct scene *scene)
{
	const struct schedule_limits limits = { SLOTS, RATE, scene->limit };
	struct sim m = { .scene = scene, .schedule = schedule_new(&limits) };

	m.lags = xalloc(LAGS_MAX, sizeof(*m.lags));
	m.waiting[HOSTILE] = scene->hostile && !scene->hostile_each ? NEVER : 0;
	for (; m.now_ms < scene->seconds * 1000; m.now_ms += TICK_MS) {
		sim_become_due(&m);
		sim_end_looks(&m);
		sim_ask(&m);
	}
	qsort(m.lags, m.lag_count, sizeof(*m.lags), compare);
	struct figures f = { m.lags[m.lag_count / 2], m.lags[m.lag_count * 99 / 100],
			     m.lag_count, m.begun_of_hostile, m.put_off };
	xfree(m.lags);
	schedule_free(&m.schedule);
	return f;
}

/* Lags of the others with and without a tenant who has a million dead domains. */
static void a_million_dead_domains_delay_the_others_by_less_than_a_fifth(
	void **state unused_arg)
{
	static const struct scene scenes[] = {
		{ "steady, silent servers", 120, 1, 4, true, 8000, 120, 0, 0 },
		{ "steady, quick refusals", 120, 1, 4, true, 50, 12, 0, 0 },
		{ "in bursts, silent servers", 200, 20, 60, true, 8000, 120, 0, 0 },
		{ "in bursts, quick refusals", 200, 20, 60, true, 50, 12, 0, 0 },
		{ "in bursts, costly looks", 200, 20, 60, true, 200, 300, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(scenes); i++) {
		struct scene alone = scenes[i];
		alone.hostile = false;
		struct figures without = sim_run(&alone), with = sim_run(&scenes[i]);
		print_message("# %s: p50 %d -> %d ms, p99 %d -> %d ms, %zu looks, %zu "
			      "of the hostile one\n",
			      scenes[i].name, without.p50_ms, with.p50_ms, without.p99_ms,
			      with.p99_ms, with.begun, with.begun_of_hostile);
		/* Due times are whole seconds: a tick or two are nothing. */
		assert_in_range(with.p99_ms, 0, without.p99_ms * 6 / 5 + 3 * TICK_MS);
		assert_int_equal(with.begun, without.begun);
	}
}

/* With a backlog (a million) and without (a few more a second than the limit allows). */
static void a_tenant_sends_no_more_than_the_limit_and_delays_nobody(
	void **state unused_arg)
{
	static const struct scene scenes[] = {
		{ "a million", 120, 1, 4, true, 50, 60, 1000, 0 },
		{ "a million, slow", 120, 1, 4, true, 8000, 60, 1000, 0 },
		{ "a few", 120, 1, 4, true, 50, 60, 1000, 20 },
		{ "some", 120, 1, 4, true, 50, 60, 1000, 60 },
	};

	for (size_t i = 0; i < ARRAY_LEN(scenes); i++) {
		struct scene alone = scenes[i], open = scenes[i];
		alone.hostile = false;
		open.limit = 0;
		struct figures without = sim_run(&alone), with = sim_run(&scenes[i]);
		size_t most = 1000 * 120 + 1000 + 60;
		size_t packets = with.begun_of_hostile * 60;
		struct figures unlimited = sim_run(&open);
		print_message("# %s: %zu packets of %zu (without a limit %zu), %zu put "
			      "off, p99 %d -> %d ms\n",
			      scenes[i].name, packets, most,
			      unlimited.begun_of_hostile * 60, with.put_off,
			      without.p99_ms, with.p99_ms);
		assert_in_range(packets, most * 9 / 10, most);
		assert_in_range(with.p99_ms, 0, without.p99_ms * 6 / 5 + 3 * TICK_MS);
		assert_int_equal(with.begun, without.begun);
		assert_int_equal(unlimited.put_off, 0);
		assert_true(unlimited.begun_of_hostile > with.begun_of_hostile);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(turns_share_by_packets_and_not_by_looks),
		cmocka_unit_test(who_has_cheap_looks_gets_no_more_of_them),
		cmocka_unit_test(who_has_nothing_due_saves_nothing_up),
		cmocka_unit_test(nobody_has_more_than_half_under_way),
		cmocka_unit_test(a_crowd_leaves_a_fourth_to_whoever_comes),
		cmocka_unit_test(tenants_beyond_the_ceiling_wait_outside),
		cmocka_unit_test(all_places_are_dealt_at_once),
		cmocka_unit_test(a_deal_that_came_to_nothing_leaves_nothing_behind),
		cmocka_unit_test(
			a_million_dead_domains_delay_the_others_by_less_than_a_fifth),
		cmocka_unit_test(
			who_is_over_his_limit_is_dealt_nothing_until_he_has_paid),
		cmocka_unit_test(one_deal_is_no_more_than_the_limit),
		cmocka_unit_test(a_debt_is_not_forgotten_with_the_turns),
		cmocka_unit_test(what_is_not_known_to_cost_costs_the_estimate),
		cmocka_unit_test(without_a_limit_nobody_is_put_off),
		cmocka_unit_test(a_tenant_sends_no_more_than_the_limit_and_delays_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

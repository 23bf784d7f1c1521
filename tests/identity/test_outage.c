/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Thousands of identities in virtual time: a day without DNS, a day without the service,
 * a clock that jumps. Nothing may change by it, and nothing may come at once afterwards.
 */
#include "chance.h"

enum {
	POPULATION = SHARE > 1 ? 4000 : 12000,
	STEP_S = 20, /* what is due is taken this often */
	LOOK_PACKETS = 12,
	PEEK_PACKETS = 2,
	GLANCE_PACKETS = 3,
};

/* What the world is like. */
struct world {
	int64_t now;
	int64_t offset; /* of the service's clock */
	bool is_dark;   /* nothing can be asked */
	bool is_halted; /* the service does not run */
	uint64_t seed;
	struct policy policy;
};

struct person {
	struct identity_state state;
	enum look_result truth; /* what a look would find */
};

static struct person people[POPULATION];

/* Packets in each minute of a span. */
struct tally {
	size_t minutes;
	size_t packets;
	size_t busiest;
	size_t changes; /* of any status */
};

static struct look look_at(const struct world *w, const struct person *p)
{
	struct look look = { .at_s = w->now, .has_soa = !w->is_dark, .soa_serial = 1 };

	look.results[ASPECT_DKIM] = w->is_dark ? LOOK_UNKNOWN : p->truth;
	look.wrong_servers[ASPECT_DKIM] = 2;
	return look;
}

/* As service/glances.c does it. */
static size_t person_glance(struct world *w, struct person *p)
{
	struct identity_state *s = &p->state;
	int64_t now = w->now + w->offset;
	uint32_t jitter = below(&w->seed, 1000);
	bool is_late = identity_glance_catch_up(s->next_look_at, s->why, now, jitter,
						&s->next_look_at);

	if (!is_late && (w->is_dark || p->truth != LOOK_RIGHT)) {
		s->unclear++;
		s->full_look_at = now;
		s->next_look_at = now;
		s->glance = false;
		return GLANCE_PACKETS;
	}
	s->why = is_late ? LOOK_REASON_CATCH_UP : LOOK_REASON_STEADY;
	if (!is_late || s->full_look_at <= now)
		s->glance = identity_glance_next(s->full_look_at, now, jitter,
						 &s->next_look_at);
	return is_late ? 0 : GLANCE_PACKETS;
}

/* As the service does it: put off, glance, peek, or look. Gives the packets. */
static size_t person_take(struct world *w, struct person *p, size_t *changes)
{
	int64_t now = w->now + w->offset;
	uint32_t jitter = below(&w->seed, 1000);
	enum status before = p->state.aspects[ASPECT_DKIM].status;
	struct look look = look_at(w, p);
	struct step_result r;

	if (p->state.glance)
		return person_glance(w, p);
	if (identity_catch_up(&p->state, &w->policy, now, jitter, &r)) {
		p->state = r.state;
		return 0;
	}
	bool is_peek = identity_wants_peek(&p->state, now);
	r = is_peek ? identity_peek(&p->state, &look, &w->policy, now, jitter)
		    : identity_step(&p->state, &look, &w->policy, now, jitter);
	p->state = r.state;
	*changes += p->state.aspects[ASPECT_DKIM].status != before;
	return is_peek ? PEEK_PACKETS : LOOK_PACKETS;
}

static bool is_due(const struct world *w, const struct person *p)
{
	int64_t now = w->now + w->offset;
	int64_t next = p->state.next_look_at;

	return next > 0 && (next <= now || next > now + IDENTITY_LOOK_MAX_S);
}

static struct tally pass(struct world *w, int64_t span_s)
{
	struct tally t = { 0 };
	int64_t end = w->now + span_s;

	while (w->now < end) {
		size_t packets = 0;
		for (int64_t i = 0; i < MINUTE; i += STEP_S, w->now += STEP_S) {
			for (size_t j = 0; j < POPULATION && !w->is_halted; j++)
				if (is_due(w, &people[j]))
					packets += person_take(w, &people[j], &t.changes);
		}
		t.minutes++;
		t.packets += packets;
		if (packets > t.busiest)
			t.busiest = packets;
	}
	return t;
}

/* Verified ones, searches of some hours' age, and failed ones; none of them young. */
static void settle(struct world *w)
{
	*w = (struct world){ .now = T0, .seed = 7, .policy = policy_default() };
	for (size_t i = 0; i < POPULATION; i++) {
		struct identity_state *s = &people[i].state;
		struct aspect_state *a = &s->aspects[ASPECT_DKIM];
		*s = (struct identity_state){ .has_soa = true, .soa_serial = 1 };
		s->last_looked_at = T0 - HOUR;
		s->next_look_at = T0 + below(&w->seed, i % 10 ? DAY / 3 : HOUR);
		s->full_look_at = s->next_look_at;
		people[i].truth = i % 10 ? LOOK_RIGHT : LOOK_WRONG;
		a->status = i % 10 ? STATUS_SUCCESS : STATUS_FAILED;
		if (i % 20 == 0)
			a->status = STATUS_PENDING;
		a->started_at = T0 - 7 * HOUR;
		a->failed_at = a->status == STATUS_FAILED ? T0 - 4 * DAY : 0;
	}
	pass(w, 18 * HOUR);
}

/* At most so many times as much as usual, in all and in the busiest minute. */
static void assert_calm(const struct tally *usual, const struct tally *after,
			size_t times)
{
	double mean = (double)usual->packets / (double)usual->minutes;

	print_message(
		"# usually %.1f a minute, %zu in the busiest; afterwards %.1f, %zu\n",
		mean, usual->busiest, (double)after->packets / (double)after->minutes,
		after->busiest);
	assert_true(after->busiest <= times * usual->busiest);
	assert_true(after->packets * usual->minutes <=
		    times * usual->packets * after->minutes);
}

static void a_day_without_dns_changes_nothing_and_ends_calmly(void **state unused_arg)
{
	struct world w;

	settle(&w);
	struct tally usual = pass(&w, 6 * HOUR);
	w.is_dark = true;
	struct tally dark = pass(&w, DAY);
	assert_int_equal(dark.changes, 0);
	/* Each glance in vain calls for one whole look, with four times the packets. */
	assert_calm(&usual, &dark, 3);
	w.is_dark = false;
	struct tally after = pass(&w, 6 * HOUR);
	assert_int_equal(after.changes, 0);
	assert_calm(&usual, &after, 2);
	struct tally first = pass(&w, 15 * MINUTE);
	assert_true(first.packets > 0);
	for (size_t i = 0; i < POPULATION; i++)
		assert_true(people[i].state.unknowns <= 8);
}

static void a_day_of_standstill_changes_nothing_and_ends_calmly(void **state unused_arg)
{
	struct world w;

	settle(&w);
	struct tally usual = pass(&w, 6 * HOUR);
	w.is_halted = true;
	pass(&w, DAY);
	w.is_halted = false;
	struct tally after = pass(&w, 13 * HOUR);
	assert_int_equal(after.changes, 0);
	assert_calm(&usual, &after, 2);
	/* All were looked at in that time. */
	for (size_t i = 0; i < POPULATION; i++)
		assert_true(people[i].state.next_look_at > w.now - MINUTE);
}

/* --- clocks --- */

static size_t count_status(enum status s)
{
	size_t n = 0;

	for (size_t i = 0; i < POPULATION; i++)
		n += people[i].state.aspects[ASPECT_DKIM].status == s;
	return n;
}

/* Half of the verified are lost by now, and a good part of their grace is over; the
 * searches have a day to go. */
static void lose_some(struct world *w)
{
	settle(w);
	for (size_t i = 1; i < POPULATION; i += 2) {
		struct aspect_state *a = &people[i].state.aspects[ASPECT_DKIM];
		a->status = STATUS_TEMPORARY_FAILURE;
		a->lost_at = w->now - 40 * HOUR;
		a->missed_at = w->now - 42 * HOUR;
		a->misses = 3;
		people[i].truth = LOOK_WRONG;
		people[i].state.next_look_at = w->now + below(&w->seed, HOUR);
		people[i].state.full_look_at = people[i].state.next_look_at;
	}
}

static void a_clock_that_jumps_expires_nobody(void **state unused_arg)
{
	const int64_t jumps[] = { HOUR,         -HOUR,         DAY,   -DAY,
				  3650LL * DAY, -3650LL * DAY, 1 - T0 };
	for (size_t i = 0; i < ARRAY_LEN(jumps); i++) {
		struct world w;
		lose_some(&w);
		size_t lost = count_status(STATUS_TEMPORARY_FAILURE);
		w.offset = jumps[i];
		struct tally there = pass(&w, 4 * HOUR);
		w.offset = 0;
		struct tally back = pass(&w, 4 * HOUR);
		if (there.changes + back.changes > 0)
			fail_msg("jump by %lld: %zu and %zu changes", (long long)jumps[i],
				 there.changes, back.changes);
		assert_int_equal(count_status(STATUS_TEMPORARY_FAILURE), lost);
	}
}

/* And yet the grace ends, at its time. */
static void after_a_jump_the_grace_still_ends(void **state unused_arg)
{
	struct world w;

	lose_some(&w);
	w.offset = 3650LL * DAY;
	pass(&w, HOUR);
	w.offset = 0;
	pass(&w, 28 * HOUR);
	assert_int_equal(count_status(STATUS_FAILED), POPULATION / 10 - POPULATION / 20);
	/* Who was not looked at under the wrong clock, only put off, may begin anew. */
	pass(&w, 8 * HOUR);
	assert_true(count_status(STATUS_TEMPORARY_FAILURE) < POPULATION / 50);
	pass(&w, 72 * HOUR);
	assert_int_equal(count_status(STATUS_TEMPORARY_FAILURE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_without_dns_changes_nothing_and_ends_calmly),
		cmocka_unit_test(a_day_of_standstill_changes_nothing_and_ends_calmly),
		cmocka_unit_test(a_clock_that_jumps_expires_nobody),
		cmocka_unit_test(after_a_jump_the_grace_still_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is remembered of servers: cookies, patience, standing; and how much each may be
 * sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolver/peer.h"

enum {
	WINDOW_MAX = 40,
};

static struct address address_of(const char *text)
{
	struct address a;

	assert_true(address_parse(str_from(text), 53, &a));
	return a;
}

struct setup {
	uv_loop_t loop;
	struct entropy entropy;
	struct deadlines *deadlines;
	struct peers *all;
	int64_t now_us; /* so far ahead that what waits does so for the whole test */
};

static void set_up(struct setup *s, size_t max)
{
	*s = (struct setup){ .entropy = { .left = 0 } };
	uv_loop_init(&s->loop);
	s->now_us = clock_mono_us() + 60000000;
	s->deadlines = deadlines_new(&s->loop);
	s->all = peers_new(&(struct peers_options){ .max = max,
						    .window_max = WINDOW_MAX,
						    .entropy = &s->entropy,
						    .deadlines = s->deadlines });
}

static void tear_down(struct setup *s)
{
	peers_free(&s->all);
	deadlines_free(&s->deadlines);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&s->loop), 0);
}

struct cookie {
	size_t len;
	uint8_t bytes[DNS_COOKIE_MAX];
};

static struct cookie reply_with(const struct peer *p, size_t len, uint8_t first)
{
	struct cookie c = { .len = len };

	memcpy(c.bytes, p->cookie, DNS_COOKIE_CLIENT);
	c.bytes[0] ^= first;
	for (size_t i = DNS_COOKIE_CLIENT; i < len; i++)
		c.bytes[i] = (uint8_t)i;
	return c;
}

static struct str octets(const struct cookie *c)
{
	return str_of(c->bytes, c->len);
}

static void each_server_gets_a_cookie_of_its_own(unused_arg void **state)
{
	struct setup s;
	struct address a = address_of("192.0.2.1");
	struct address b = address_of("192.0.2.2");
	struct address other_port = address_of("192.0.2.1@54");
	uint8_t first[DNS_COOKIE_CLIENT];

	set_up(&s, 8);
	memcpy(first, peer_get(s.all, &a)->cookie, sizeof(first));
	assert_memory_equal(first, peer_get(s.all, &a)->cookie, sizeof(first));
	assert_memory_not_equal(first, peer_get(s.all, &b)->cookie, sizeof(first));
	assert_memory_not_equal(first, peer_get(s.all, &other_port)->cookie,
				sizeof(first));
	tear_down(&s);
}

struct cookie_case {
	const char *name;
	bool knows_server; /* it has sent a cookie before */
	size_t len;
	uint8_t changed; /* of our own part */
	enum cookie_match match;
};

static const struct cookie_case cookie_cases[] = {
	{ "no cookies spoken", false, 0, 0, COOKIE_FITS },
	{ "the first one", false, 16, 0, COOKIE_FITS },
	{ "only ours, echoed", false, 8, 0, COOKIE_FITS },
	{ "not ours", false, 16, 1, COOKIE_FOREIGN },
	{ "the next one", true, 24, 0, COOKIE_FITS },
	{ "none from one that sends them", true, 0, 0, COOKIE_MISSING },
	{ "not ours from one that sends them", true, 16, 0x80, COOKIE_FOREIGN },
	{ "too short", false, 7, 0, COOKIE_FOREIGN },
};

static void a_cookie_that_is_not_ours_does_not_fit(unused_arg void **state)
{
	struct address a = address_of("192.0.2.1");

	for (size_t i = 0; i < ARRAY_LEN(cookie_cases); i++) {
		const struct cookie_case *t = &cookie_cases[i];
		struct setup s;
		set_up(&s, 8);
		struct peer *p = peer_get(s.all, &a);
		struct cookie before = reply_with(p, 16, 0);
		struct cookie now = reply_with(p, t->len, t->changed);
		if (t->knows_server)
			cookie_learn(p, octets(&before));
		if (cookie_match(p, octets(&now)) != t->match)
			fail_msg("%s", t->name);
		tear_down(&s);
	}
}

static void the_servers_part_is_kept_and_forgotten(unused_arg void **state)
{
	struct setup s;
	struct address a = address_of("192.0.2.1");

	set_up(&s, 8);
	struct peer *p = peer_get(s.all, &a);
	struct cookie whole = reply_with(p, 40, 0);
	struct cookie half = reply_with(p, 12, 0);
	/* RFC 7873 section 4: at least 8 octets of the server's */
	cookie_learn(p, octets(&half));
	assert_int_equal(p->cookie_len, DNS_COOKIE_CLIENT);
	cookie_learn(p, octets(&whole));
	assert_int_equal(p->cookie_len, 40);
	assert_memory_equal(p->cookie, whole.bytes, 40);
	cookie_forget(p);
	assert_int_equal(p->cookie_len, DNS_COOKIE_CLIENT);
	assert_memory_equal(p->cookie, whole.bytes, DNS_COOKIE_CLIENT);
	tear_down(&s);
}

static void patience_is_twice_the_usual_time(unused_arg void **state)
{
	struct peer p = { .rtt_us = 0 };

	assert_int_equal(peer_patience_us(&p), 400000);
	peer_measured(&p, 100000);
	assert_int_equal(peer_patience_us(&p), 200000);
	peer_measured(&p, 180000);
	assert_int_equal(p.rtt_us, 110000);
	p.rtt_var_us = 0;
	p.rtt_us = 100;
	assert_int_equal(peer_patience_us(&p), 30000);
	p.rtt_us = 3000000;
	assert_int_equal(peer_patience_us(&p), 1000000);
	/* Longer where answers come now sooner and now later. */
	p = (struct peer){ .rtt_us = 0 };
	for (int i = 0; i < 64; i++)
		peer_measured(&p, i % 2 ? 40000 : 120000);
	assert_in_range(peer_patience_us(&p), 200000, 300000);
}

static void their_number_is_bounded(unused_arg void **state)
{
	struct setup s;
	struct address a = address_of("192.0.2.1");
	struct address b = address_of("192.0.2.2");
	struct address c = address_of("192.0.2.3");

	set_up(&s, 2);
	peer_get(s.all, &a);
	peer_get(s.all, &b);
	peer_get(s.all, &a);
	peer_get(s.all, &c);
	assert_non_null(peer_find(s.all, &a));
	assert_null(peer_find(s.all, &b));
	assert_non_null(peer_find(s.all, &c));
	tear_down(&s);
}

/* Turns */

enum {
	TURNS = 80,
};

static void ignore(unused_arg struct peer_turn *t)
{
}

/* How many of so many pass at once. */
static unsigned admit_many(struct setup *s, const char *address, struct peer_turn *turns,
			   size_t count)
{
	struct address a = address_of(address);
	unsigned passed = 0;

	for (size_t i = 0; i < count; i++) {
		turns[i].admitted = ignore;
		passed += peer_admit(peer_get(s->all, &a), &turns[i], s->now_us);
	}
	return passed;
}

static unsigned count_in_flight(const struct peer_turn *turns, size_t count)
{
	unsigned found = 0;

	for (size_t i = 0; i < count; i++)
		found += turns[i].is_in_flight;
	return found;
}

static void end_all(struct peer_turn *turns, size_t count)
{
	for (size_t i = count; i-- > 0;)
		peer_turn_end(&turns[i]);
}

static void an_unknown_address_gets_a_few_at_first(unused_arg void **state)
{
	struct setup s;
	struct peer_turn turns[TURNS] = { 0 };

	set_up(&s, 8);
	assert_int_equal(admit_many(&s, "192.0.2.1", turns, 40), PEER_AT_ONCE);
	assert_int_equal(admit_many(&s, "192.0.2.2", turns + 40, 1), 1);
	end_all(turns, TURNS);
	tear_down(&s);
}

static void each_answer_lets_one_more_be_under_way(unused_arg void **state)
{
	struct setup s;
	struct peer_turn turns[TURNS] = { 0 };

	set_up(&s, 8);
	admit_many(&s, "192.0.2.1", turns, TURNS);
	for (size_t i = 0; i < 5; i++) {
		peer_answered(&turns[i], true);
		peer_turn_end(&turns[i]);
	}
	assert_int_equal(count_in_flight(turns, TURNS), PEER_WINDOW_LEAST + 5);
	for (size_t i = 5; i < 35; i++) {
		peer_answered(&turns[i], true);
		peer_turn_end(&turns[i]);
	}
	assert_int_equal(count_in_flight(turns, TURNS), WINDOW_MAX);
	end_all(turns, TURNS);
	tear_down(&s);
}

static void who_only_refuses_stays_a_bystander(unused_arg void **state)
{
	struct setup s;
	struct peer_turn turns[TURNS] = { 0 };

	set_up(&s, 8);
	admit_many(&s, "192.0.2.1", turns, TURNS);
	for (size_t i = 0; i < PEER_AT_ONCE; i++) {
		peer_answered(&turns[i], false);
		peer_turn_end(&turns[i]);
	}
	assert_int_equal(count_in_flight(turns, TURNS), 0);
	end_all(turns, TURNS);
	tear_down(&s);
}

static void who_falls_silent_loses_his_standing(unused_arg void **state)
{
	struct setup s;
	struct peer_turn turns[TURNS] = { 0 };
	struct address a = address_of("192.0.2.1");

	set_up(&s, 8);
	admit_many(&s, "192.0.2.1", turns, 1);
	peer_answered(&turns[0], true);
	assert_true(peer_is_good(peer_find(s.all, &a)));
	peer_failed(&turns[0]);
	peer_failed(&turns[0]);
	peer_failed(&turns[0]);
	assert_true(peer_is_good(peer_find(s.all, &a)));
	peer_get(s.all, &a)->failed_us = 0; /* long ago */
	peer_failed(&turns[0]);
	assert_false(peer_is_good(peer_find(s.all, &a)));
	end_all(turns, 1);
	tear_down(&s);
}

static void who_refuses_what_is_not_his_keeps_his_standing(unused_arg void **state)
{
	struct setup s;
	struct peer_turn turn = { 0 };
	struct address a = address_of("192.0.2.1");

	set_up(&s, 8);
	admit_many(&s, "192.0.2.1", &turn, 1);
	peer_answered(&turn, true);
	for (int i = 0; i < 1000; i++)
		peer_answered(&turn, false);
	assert_true(peer_is_good(peer_find(s.all, &a)));
	/* Until he is nobody's any more; and one more answer makes it good. */
	peer_get(s.all, &a)->proper_us -= 60000000;
	for (int i = 0; i < 1000; i++)
		peer_answered(&turn, false);
	assert_false(peer_is_good(peer_find(s.all, &a)));
	peer_answered(&turn, true);
	assert_true(peer_is_good(peer_find(s.all, &a)));
	end_all(&turn, 1);
	tear_down(&s);
}

static void a_network_gets_a_trickle_however_many_addresses_it_has(
	unused_arg void **state)
{
	struct setup s;
	struct peer_turn turns[TURNS] = { 0 };
	unsigned passed = 0;

	set_up(&s, 2 * TURNS);
	for (uint8_t i = 0; i < TURNS; i++) {
		struct address a = address_of("198.51.100.0");
		a.bytes[3] = i;
		turns[i].admitted = ignore;
		passed += peer_admit(peer_get(s.all, &a), &turns[i], s.now_us);
	}
	assert_int_equal(passed, PEER_NETWORK_AT_ONCE);
	end_all(turns, TURNS);
	tear_down(&s);
}

static void forgetting_an_address_does_not_forget_what_it_was_sent(
	unused_arg void **state)
{
	struct setup s;
	struct peer_turn turns[TURNS] = { 0 };
	struct address victim = address_of("192.0.2.1");

	set_up(&s, 2);
	admit_many(&s, "192.0.2.1", turns, PEER_AT_ONCE);
	end_all(turns, PEER_AT_ONCE);
	for (uint8_t i = 2; i < 200; i++) {
		struct address a = address_of("198.51.100.0");
		a.bytes[2] = i;
		peer_get(s.all, &a);
	}
	assert_null(peer_find(s.all, &victim));
	assert_int_equal(admit_many(&s, "192.0.2.1", turns, 1), 0);
	end_all(turns, TURNS);
	tear_down(&s);
}

static void a_zone_cannot_spread_over_many_networks(unused_arg void **state)
{
	struct setup s;
	static struct peer_turn turns[2 * PEER_ZONE_AT_ONCE];
	struct err e;
	struct dns_name zone;
	unsigned passed = 0;

	assert_true(dns_name_parse(STR("evil.test"), &zone, &e));
	set_up(&s, ARRAY_LEN(turns));
	for (size_t i = 0; i < ARRAY_LEN(turns); i++) {
		struct address a = address_of("20.0.0.1");
		a.bytes[1] = (uint8_t)i;
		turns[i] = (struct peer_turn){ .admitted = ignore, .zone = &zone };
		passed += peer_admit(peer_get(s.all, &a), &turns[i], s.now_us);
	}
	assert_int_equal(passed, PEER_ZONE_AT_ONCE);
	end_all(turns, ARRAY_LEN(turns));
	tear_down(&s);
}

static void what_the_operator_names_is_no_bystander(unused_arg void **state)
{
	struct setup s;
	struct peer_turn turns[TURNS] = { 0 };

	set_up(&s, 8);
	for (size_t i = 0; i < TURNS; i++)
		turns[i].is_trusted = true;
	assert_int_equal(admit_many(&s, "192.0.2.1", turns, TURNS), WINDOW_MAX);
	end_all(turns, TURNS);
	tear_down(&s);
}

static void a_check_that_was_answered_does_not_wait_for_others(unused_arg void **state)
{
	struct setup s;
	struct peer_turn turns[TURNS] = { 0 };
	struct address a = address_of("192.0.2.1");
	int mine;
	int others;

	set_up(&s, 8);
	for (size_t i = 0; i < TURNS; i++)
		turns[i].asker = i % 10 == 9 ? &mine : &others;
	admit_many(&s, "192.0.2.1", turns, 40);
	for (size_t i = 0; i < 9; i++) {
		peer_get(s.all, &a)->failed_us = 0; /* long ago */
		peer_failed(&turns[i]);
	}
	peer_answered(&turns[9], true);
	end_all(turns, 10);
	for (size_t i = 10; i < 40; i++)
		assert_int_equal(turns[i].is_in_flight, i % 10 == 9);
	end_all(turns, 40);
	tear_down(&s);
}

static void entropy_is_spread_and_given_once(unused_arg void **state)
{
	struct entropy pool = { .left = 0 };
	unsigned seen[10] = { 0 };

	for (int i = 0; i < 10000; i++)
		seen[entropy_below(&pool, 10)]++;
	for (size_t i = 0; i < 10; i++)
		assert_in_range(seen[i], 800, 1200);
	size_t left = pool.left;
	entropy_u16(&pool);
	assert_int_equal(pool.bytes[left - 1], 0);
	assert_int_equal(pool.bytes[left - 2], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_server_gets_a_cookie_of_its_own),
		cmocka_unit_test(a_cookie_that_is_not_ours_does_not_fit),
		cmocka_unit_test(the_servers_part_is_kept_and_forgotten),
		cmocka_unit_test(patience_is_twice_the_usual_time),
		cmocka_unit_test(their_number_is_bounded),
		cmocka_unit_test(an_unknown_address_gets_a_few_at_first),
		cmocka_unit_test(each_answer_lets_one_more_be_under_way),
		cmocka_unit_test(who_only_refuses_stays_a_bystander),
		cmocka_unit_test(who_falls_silent_loses_his_standing),
		cmocka_unit_test(who_refuses_what_is_not_his_keeps_his_standing),
		cmocka_unit_test(a_network_gets_a_trickle_however_many_addresses_it_has),
		cmocka_unit_test(forgetting_an_address_does_not_forget_what_it_was_sent),
		cmocka_unit_test(a_zone_cannot_spread_over_many_networks),
		cmocka_unit_test(what_the_operator_names_is_no_bystander),
		cmocka_unit_test(a_check_that_was_answered_does_not_wait_for_others),
		cmocka_unit_test(entropy_is_spread_and_given_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

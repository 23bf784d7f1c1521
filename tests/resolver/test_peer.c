/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is remembered of servers: cookies, patience. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolver/peer.h"

static struct address address_of(const char *text)
{
	struct address a;

	assert_true(address_parse(str_from(text), 53, &a));
	return a;
}

static struct dns_message reply_with(const struct peer *p, size_t len, uint8_t first)
{
	struct dns_message m = { .cookie_len = (uint8_t)len };

	memcpy(m.cookie, p->cookie, DNS_COOKIE_CLIENT);
	m.cookie[0] ^= first;
	for (size_t i = DNS_COOKIE_CLIENT; i < len; i++)
		m.cookie[i] = (uint8_t)i;
	return m;
}

static void each_server_gets_a_cookie_of_its_own(unused_arg void **state)
{
	struct entropy entropy = { .left = 0 };
	struct peers *all = peers_new(8, &entropy);
	struct address a = address_of("192.0.2.1");
	struct address b = address_of("192.0.2.2");
	struct address other_port = address_of("192.0.2.1@54");
	uint8_t first[DNS_COOKIE_CLIENT];

	memcpy(first, peer_get(all, &a)->cookie, sizeof(first));
	assert_memory_equal(first, peer_get(all, &a)->cookie, sizeof(first));
	assert_memory_not_equal(first, peer_get(all, &b)->cookie, sizeof(first));
	assert_memory_not_equal(first, peer_get(all, &other_port)->cookie, sizeof(first));
	peers_free(&all);
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
	struct entropy entropy = { .left = 0 };
	struct address a = address_of("192.0.2.1");

	for (size_t i = 0; i < ARRAY_LEN(cookie_cases); i++) {
		const struct cookie_case *t = &cookie_cases[i];
		struct peers *all = peers_new(8, &entropy);
		struct peer *p = peer_get(all, &a);
		struct dns_message before = reply_with(p, 16, 0);
		struct dns_message m = reply_with(p, t->len, t->changed);
		if (t->knows_server)
			cookie_learn(p, &before);
		if (cookie_match(p, &m) != t->match)
			fail_msg("%s", t->name);
		peers_free(&all);
	}
}

static void the_servers_part_is_kept_and_forgotten(unused_arg void **state)
{
	struct entropy entropy = { .left = 0 };
	struct peers *all = peers_new(8, &entropy);
	struct address a = address_of("192.0.2.1");
	struct peer *p = peer_get(all, &a);
	struct dns_message whole = reply_with(p, 40, 0);
	struct dns_message half = reply_with(p, 12, 0);

	cookie_learn(p,
		     &half); /* RFC 7873 section 4: at least 8 octets of the server's */
	assert_int_equal(p->cookie_len, DNS_COOKIE_CLIENT);
	cookie_learn(p, &whole);
	assert_int_equal(p->cookie_len, 40);
	assert_memory_equal(p->cookie, whole.cookie, 40);
	cookie_forget(p);
	assert_int_equal(p->cookie_len, DNS_COOKIE_CLIENT);
	assert_memory_equal(p->cookie, whole.cookie, DNS_COOKIE_CLIENT);
	peers_free(&all);
}

static void patience_is_twice_the_usual_time(unused_arg void **state)
{
	struct peer p = { .rtt_us = 0 };

	assert_int_equal(peer_patience_us(&p), 400000);
	peer_measured(&p, 100000);
	assert_int_equal(peer_patience_us(&p), 200000);
	peer_measured(&p, 180000);
	assert_int_equal(p.rtt_us, 110000);
	p.rtt_us = 100;
	assert_int_equal(peer_patience_us(&p), 30000);
	p.rtt_us = 3000000;
	assert_int_equal(peer_patience_us(&p), 1000000);
}

static void their_number_is_bounded(unused_arg void **state)
{
	struct entropy entropy = { .left = 0 };
	struct peers *all = peers_new(2, &entropy);
	struct address a = address_of("192.0.2.1");
	struct address b = address_of("192.0.2.2");
	struct address c = address_of("192.0.2.3");

	peer_get(all, &a);
	peer_get(all, &b);
	peer_get(all, &a);
	peer_get(all, &c);
	assert_non_null(peer_find(all, &a));
	assert_null(peer_find(all, &b));
	assert_non_null(peer_find(all, &c));
	peers_free(&all);
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
		cmocka_unit_test(entropy_is_spread_and_given_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

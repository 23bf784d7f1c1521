/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is remembered of delegations and addresses, and for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolver/cache.h"

enum {
	SECOND_US = 1000000
};

static struct dns_name name_of(const char *text)
{
	struct err e = { 0 };
	struct dns_name n;

	if (!dns_name_parse(str_from(text), &n, &e))
		fail_msg("%s", e.text);
	return n;
}

static struct cut cut_of(const char *zone, const char *parent, uint32_t ttl_s)
{
	struct cut c = { .zone = name_of(zone),
			 .parent = name_of(parent),
			 .ttl_s = ttl_s };

	c.server_count = 2;
	c.servers[0].name = name_of("ns1.host.test");
	c.servers[0].v4 =
		(struct address){ .family = 4, .bytes = { 192, 0, 2, 1 }, .port = 53 };
	c.servers[0].v6 = (struct address){ .family = 6,
					    .bytes = { 0x20, 1, 0xd, 0xb8 },
					    .port = 53 };
	c.servers[1].name = name_of("ns2.host.test");
	return c;
}

static void a_cut_comes_back_whole(unused_arg void **state)
{
	auto_arena struct arena a;
	struct cache *cache = cache_new(8, 8);
	struct cut put = cut_of("Acme.test", "test", 100);
	struct dns_name asked = name_of("aCME.test");

	arena_init(&a, 1 << 20);
	put.signed_here = true;
	cache_cut_put(cache, &put, 0);
	struct cut *got = cache_cut_find(cache, &a, &asked, 0);
	assert_non_null(got);
	assert_true(dns_name_equal(&got->zone, &put.zone));
	assert_true(dns_name_equal(&got->parent, &put.parent));
	assert_true(got->signed_here);
	assert_true(got->from_cache);
	assert_int_equal(got->server_count, 2);
	assert_true(address_equal(&got->servers[0].v4, &put.servers[0].v4));
	assert_true(address_equal(&got->servers[0].v6, &put.servers[0].v6));
	assert_true(dns_name_equal(&got->servers[1].name, &put.servers[1].name));
	assert_false(cut_server_has_address(&got->servers[1]));
	cache_free(&cache);
}

struct ttl_case {
	const char *name;
	const char *zone;
	const char *parent;
	uint32_t ttl_s;
	int64_t still_s; /* known then, and no longer a second later */
};

static const struct ttl_case ttl_cases[] = {
	{ "its own time", "acme.test", "test", 100, 99 },
	{ "a ceiling", "acme.test", "test", 172800, CACHE_CUT_TTL_MAX_S - 1 },
	{ "a higher one right below the root", "test", ".", 172800,
	  CACHE_TOP_TTL_MAX_S - 1 },
	{ "no time at all", "acme.test", "test", 0, -1 },
	{ "the largest number", "acme.test", "test", UINT32_MAX,
	  CACHE_CUT_TTL_MAX_S - 1 },
};

static void a_cut_is_forgotten_in_time(unused_arg void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(ttl_cases); i++) {
		const struct ttl_case *t = &ttl_cases[i];
		auto_arena struct arena a;
		struct cache *cache = cache_new(8, 8);
		struct cut put = cut_of(t->zone, t->parent, t->ttl_s);
		arena_init(&a, 1 << 20);
		cache_cut_put(cache, &put, 0);
		if (t->still_s >= 0 &&
		    !cache_cut_find(cache, &a, &put.zone, t->still_s * SECOND_US))
			fail_msg("%s: forgotten too soon", t->name);
		if (cache_cut_find(cache, &a, &put.zone, (t->still_s + 1) * SECOND_US))
			fail_msg("%s: remembered too long", t->name);
		cache_free(&cache);
	}
}

static void the_one_not_used_for_longest_makes_room(unused_arg void **state)
{
	static const char *const zones[] = { "a.test", "b.test", "c.test" };
	auto_arena struct arena a;
	struct cache *cache = cache_new(2, 2);
	struct cut put[3];

	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < 2; i++) {
		put[i] = cut_of(zones[i], "test", 100);
		cache_cut_put(cache, &put[i], 0);
	}
	assert_non_null(cache_cut_find(cache, &a, &put[0].zone, 0));
	put[2] = cut_of(zones[2], "test", 100);
	cache_cut_put(cache, &put[2], 0);
	assert_int_equal(cache_cut_count(cache), 2);
	assert_non_null(cache_cut_find(cache, &a, &put[0].zone, 0));
	assert_null(cache_cut_find(cache, &a, &put[1].zone, 0));
	assert_non_null(cache_cut_find(cache, &a, &put[2].zone, 0));
	cache_free(&cache);
}

static void forgetting_takes_what_is_below_along(unused_arg void **state)
{
	static const char *const zones[] = { "test", "acme.test", "x.acme.test",
					     "cme.test" };
	static const bool stays[] = { true, false, false, true };
	auto_arena struct arena a;
	struct cache *cache = cache_new(8, 8);
	struct dns_name gone = name_of("acme.test");
	struct cut_server inside = { .name = name_of("ns.acme.test") };

	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
		struct cut put = cut_of(zones[i], ".", 100);
		cache_cut_put(cache, &put, 0);
	}
	inside.v4 = (struct address){ .family = 4, .port = 53 };
	cache_address_put(cache, &inside, 100, 0);
	cache_forget(cache, &gone);
	for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
		struct dns_name zone = name_of(zones[i]);
		if ((cache_cut_find(cache, &a, &zone, 0) != NULL) != stays[i])
			fail_msg("%s", zones[i]);
	}
	assert_false(cache_address_find(cache, &inside, 0));
	cache_free(&cache);
}

static void addresses_are_remembered_apart(unused_arg void **state)
{
	struct cache *cache = cache_new(8, 8);
	struct cut_server put = { .name = name_of("ns.test") };
	struct cut_server got = { .name = name_of("NS.test") };

	put.v6 = (struct address){ .family = 6, .bytes = { 1 }, .port = 53 };
	cache_address_put(cache, &put, 10, 0);
	assert_true(cache_address_find(cache, &got, 9 * SECOND_US));
	assert_true(address_equal(&got.v6, &put.v6));
	assert_int_equal(got.v4.family, 0);
	assert_false(cache_address_find(cache, &got, 10 * SECOND_US));
	cache_free(&cache);
}

static void what_lies_inside_a_zone_is_remembered_for_that_zone(unused_arg void **state)
{
	struct cache *cache = cache_new(8, 8);
	struct dns_name name = name_of("mail.acme.test");
	struct dns_name zone = name_of("acme.test");
	struct dns_name other = name_of("test");
	int64_t end_us = (int64_t)CACHE_INSIDE_TTL_S * SECOND_US;

	cache_inside_put(cache, &name, &zone, 0);
	assert_true(cache_is_inside(cache, &name, &zone, end_us - 1));
	assert_false(cache_is_inside(cache, &name, &other, 0));
	assert_false(cache_is_inside(cache, &zone, &other, 0));
	cache_forget(cache, &zone);
	assert_false(cache_is_inside(cache, &name, &zone, 0));
	cache_inside_put(cache, &name, &zone, 0);
	assert_false(cache_is_inside(cache, &name, &zone, end_us));
	cache_free(&cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_comes_back_whole),
		cmocka_unit_test(a_cut_is_forgotten_in_time),
		cmocka_unit_test(the_one_not_used_for_longest_makes_room),
		cmocka_unit_test(forgetting_takes_what_is_below_along),
		cmocka_unit_test(addresses_are_remembered_apart),
		cmocka_unit_test(what_lies_inside_a_zone_is_remembered_for_that_zone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

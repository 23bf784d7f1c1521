/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is remembered of delegations and addresses, and for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/allocator_interface.h>
#endif
#include <malloc.h>

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
	struct cache *cache = cache_new(1 << 20);
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
		struct cache *cache = cache_new(1 << 20);
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

static struct cut numbered(size_t n, const char *hoster)
{
	struct cut c = { .parent = name_of("test"), .ttl_s = 300, .server_count = 2 };
	auto_buf struct buf text;

	buf_init(&text, 256);
	buf_printf(&text, "customer-%zu.test", n);
	c.zone = name_of(buf_cstr(&text));
	for (size_t i = 0; i < c.server_count; i++) {
		buf_clear(&text);
		buf_printf(&text, "ns%zu.%s%zu.%s", i + 1, hoster, n, "host.test");
		c.servers[i].name = name_of(buf_cstr(&text));
	}
	return c;
}

static void what_is_used_stays_when_room_is_made(unused_arg void **state)
{
	enum {
		PUT = 20000
	};
	auto_arena struct arena a;
	struct cache *cache = cache_new(1 << 20);
	struct cut top = cut_of("test", ".", 3600);

	arena_init(&a, 1 << 20);
	cache_cut_put(cache, &top, 0);
	for (size_t i = 0; i < PUT; i++) {
		struct cut put = numbered(i, "h");
		cache_cut_put(cache, &put, 0);
		arena_reset(&a);
		assert_non_null(cache_cut_find(cache, &a, &put.zone, 0));
		assert_non_null(cache_cut_find(cache, &a, &top.zone, 0));
	}
	struct cut first = numbered(0, "h");
	assert_null(cache_cut_find(cache, &a, &first.zone, 0));
	assert_in_range(cache_cut_count(cache), 4000, PUT / 2);
	cache_free(&cache);
}

/* The octets that malloc has given out. */
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
static size_t memory(void)
{
	return __sanitizer_get_current_allocated_bytes();
}
#else
static size_t memory(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}
#endif

/* Half at a hoster of their own, half with servers in the zone itself and their glue. */
static void a_delegation_takes_at_most_160_octets(unused_arg void **state)
{
	enum {
		DELEGATIONS = 100000,
		OCTETS_MAX = 160
	};
	size_t before = memory();
	struct cache *cache = cache_new(64 << 20);

	for (size_t i = 0; i < DELEGATIONS; i++) {
		struct cut put = numbered(i, i % 2 ? "hoster-" : "");
		for (size_t k = 0; k < put.server_count && i % 2 == 0; k++) {
			struct cut_server *s = &put.servers[k];
			struct dns_name label = name_of(k ? "ns2" : "ns1");
			assert_true(dns_name_join(&label, &put.zone, &s->name));
			s->v4 = (struct address){ .family = 4, .port = 53 };
			s->v6 = (struct address){ .family = 6, .port = 53 };
		}
		cache_cut_put(cache, &put, 0);
	}
	assert_int_equal(cache_cut_count(cache), DELEGATIONS);
	size_t each = (memory() - before) / DELEGATIONS;
	if (each > OCTETS_MAX)
		fail_msg("%zu octets a delegation", each);
	print_message("# %zu octets a delegation\n", each);
	cache_free(&cache);
}

static void memory_ends_at_the_ceiling(unused_arg void **state)
{
	size_t before = memory();
	size_t most = 0;
	struct cache *cache = cache_new(CACHE_OCTETS_MAX);

	for (size_t i = 0; i < 400000; i++) {
		struct cut put = numbered(i, "hoster-");
		cache_cut_put(cache, &put, 0);
		if (i % 1000 == 0 && memory() - before > most)
			most = memory() - before;
	}
	assert_in_range(most, CACHE_OCTETS_MAX / 2, CACHE_OCTETS_MAX + (128 << 10));
	assert_in_range(cache_cut_count(cache), 30000, 200000);
	cache_free(&cache);
	assert_in_range(memory() - before, 0, 4096);
}

/* Every way in which names share their tails. */
static void names_come_back_to_the_octet(unused_arg void **state)
{
	static const char *const names[] = { ".",
					     "test",
					     "acme.test",
					     "ns.acme.test",
					     "a.b.acme.test",
					     "b.acme.test",
					     "ns1.host.example",
					     "ns2.host.example",
					     "host.example",
					     "ns1.host.example.org",
					     "acme.tes",
					     "xacme.test" };
	auto_arena struct arena a;
	struct cache *cache = cache_new(1 << 20);
	struct cut put = { .zone = name_of("acme.test"), .parent = name_of("test") };

	arena_init(&a, 1 << 20);
	put.ttl_s = 60;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		put.servers[put.server_count++].name = name_of(names[i]);
	cache_cut_put(cache, &put, 0);
	const struct cut *got = cache_cut_find(cache, &a, &put.zone, 0);
	assert_int_equal(got->server_count, ARRAY_LEN(names));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!dns_name_equal(&got->servers[i].name, &put.servers[i].name))
			fail_msg("%s", names[i]);
	cache_free(&cache);
}

static void the_largest_cut_comes_back(unused_arg void **state)
{
	auto_arena struct arena a;
	struct cache *cache = cache_new(1 << 20);
	struct cut put = { .zone = name_of("acme.test"), .parent = name_of("test") };

	arena_init(&a, 1 << 20);
	put.ttl_s = 60;
	put.server_count = RESOLVER_SERVERS_MAX;
	for (size_t i = 0; i < put.server_count; i++) {
		struct cut_server *s = &put.servers[i];
		char text[252];
		memset(text, 'a' + (int)i, sizeof(text));
		for (size_t k = 50; k < sizeof(text) - 1; k += 50)
			text[k] = '.';
		text[sizeof(text) - 1] = 0;
		s->name = name_of(text);
		s->v4 = (struct address){ .family = 4, .bytes = { 1 }, .port = 53 };
		s->v6 = (struct address){ .family = 6, .bytes = { 2 }, .port = 53 };
	}
	cache_cut_put(cache, &put, 0);
	const struct cut *got = cache_cut_find(cache, &a, &put.zone, 0);
	for (size_t i = 0; i < put.server_count; i++) {
		assert_true(dns_name_equal(&got->servers[i].name, &put.servers[i].name));
		assert_true(address_equal(&got->servers[i].v6, &put.servers[i].v6));
	}
	cache_free(&cache);
}

static void no_time_to_live_takes_the_old_one_away(unused_arg void **state)
{
	auto_arena struct arena a;
	struct cache *cache = cache_new(1 << 20);
	struct cut put = cut_of("acme.test", "test", 100);

	arena_init(&a, 1 << 20);
	cache_cut_put(cache, &put, 0);
	put.ttl_s = 0;
	cache_cut_put(cache, &put, 0);
	assert_null(cache_cut_find(cache, &a, &put.zone, 0));
	assert_int_equal(cache_cut_count(cache), 0);
	cache_free(&cache);
}

static void forgetting_takes_what_is_below_along(unused_arg void **state)
{
	static const char *const zones[] = { "test", "acme.test", "x.acme.test",
					     "cme.test" };
	static const bool stays[] = { true, false, false, true };
	auto_arena struct arena a;
	struct cache *cache = cache_new(1 << 20);
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
	struct cache *cache = cache_new(1 << 20);
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

static struct cut_server server_of(struct dns_name name, uint8_t last)
{
	struct cut_server s = { .name = name };

	s.v4 = (struct address){ .family = 4, .bytes = { 192, 0, 2, last }, .port = 53 };
	return s;
}

static struct dns_name name_alike(uint8_t i)
{
	auto_buf struct buf name;

	buf_init(&name, 64);
	buf_printf(&name, "name-server.number-%03d.hosting.test", i);
	return name_of(buf_cstr(&name));
}

static void expect_address(struct cache *cache, struct dns_name name, int64_t now_us,
			   uint8_t last)
{
	struct cut_server got = { .name = name };

	/* Twice: the second time it was found just before. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(cache_address_find(cache, &got, now_us), last > 0);
		assert_int_equal(got.v4.bytes[3], last);
		got.v4 = (struct address){ 0 };
	}
}

static void what_was_found_just_before_is_not_found_for_longer(unused_arg void **state)
{
	struct cache *cache = cache_new(1 << 20);
	struct cut_server one = server_of(name_of("ns1.hoster.test"), 1);
	struct cut_server other = server_of(name_of("ns1.hoster.test"), 2);
	struct dns_name zone = name_of("hoster.test");

	cache_address_put(cache, &one, 10, 0);
	expect_address(cache, name_of("ns1.hoster.test"), 9 * SECOND_US, 1);
	expect_address(cache, name_of("NS1.hoster.test"), 9 * SECOND_US, 1);
	expect_address(cache, name_of("ns2.hoster.test"), 9 * SECOND_US, 0);
	expect_address(cache, name_of("ns1.hoster.test"), 10 * SECOND_US, 0);
	cache_address_put(cache, &one, 10, 0);
	expect_address(cache, name_of("ns1.hoster.test"), 0, 1);
	cache_address_put(cache, &other, 10, 0);
	expect_address(cache, name_of("ns1.hoster.test"), 0, 2);
	cache_forget(cache, &zone);
	expect_address(cache, name_of("ns1.hoster.test"), 0, 0);
	cache_free(&cache);
}

/* More than are looked at before the shelf, many of them in one place. */
static void servers_with_names_alike_are_told_apart(unused_arg void **state)
{
	enum {
		SERVERS = 250,
	};
	struct cache *cache = cache_new(1 << 20);

	for (uint8_t i = 1; i < SERVERS; i++) {
		struct cut_server s = server_of(name_alike(i), i);
		cache_address_put(cache, &s, 10, 0);
	}
	for (uint8_t i = 1; i < SERVERS; i++) {
		expect_address(cache, name_alike(i), 0, i);
	}
	cache_free(&cache);
}

static void what_lies_inside_a_zone_is_remembered_for_that_zone(unused_arg void **state)
{
	struct cache *cache = cache_new(1 << 20);
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
		cmocka_unit_test(what_is_used_stays_when_room_is_made),
		cmocka_unit_test(a_delegation_takes_at_most_160_octets),
		cmocka_unit_test(memory_ends_at_the_ceiling),
		cmocka_unit_test(names_come_back_to_the_octet),
		cmocka_unit_test(the_largest_cut_comes_back),
		cmocka_unit_test(no_time_to_live_takes_the_old_one_away),
		cmocka_unit_test(forgetting_takes_what_is_below_along),
		cmocka_unit_test(addresses_are_remembered_apart),
		cmocka_unit_test(what_was_found_just_before_is_not_found_for_longer),
		cmocka_unit_test(servers_with_names_alike_are_told_apart),
		cmocka_unit_test(what_lies_inside_a_zone_is_remembered_for_that_zone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

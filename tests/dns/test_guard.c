/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which addresses may be talked to: the registries' special-purpose ones may not. */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/dns.h"

static struct address address_of(const char *text)
{
	struct address a;

	assert_true(address_parse(str_from(text), 53, &a));
	return a;
}

static void init(struct guard *g, const char *const *allowed)
{
	struct str items[GUARD_ALLOWED_MAX] = { { 0 } };
	size_t count = 0;
	struct err e = { 0 };

	for (; allowed && allowed[count]; count++)
		items[count] = str_from(allowed[count]);
	assert_true(guard_init(g, "dns.allow_addresses", items, count, &e));
}

struct guard_case {
	const char *name;
	const char *address;
	bool allowed;
};

static const struct guard_case cases[] = {
	{ "a public address", "8.8.8.8", true },
	{ "a public IPv6 address", "2606:4700:4700::1111", true },
	{ "this network", "0.0.0.0", false },
	{ "end of this network", "0.255.255.255", false },
	{ "behind this network", "1.0.0.0", true },
	{ "private 10/8", "10.1.2.3", false },
	{ "before 10/8", "9.255.255.255", true },
	{ "behind 10/8", "11.0.0.0", true },
	{ "shared 100.64/10", "100.64.0.1", false },
	{ "end of 100.64/10", "100.127.255.255", false },
	{ "behind 100.64/10", "100.128.0.0", true },
	{ "loopback", "127.0.0.1", false },
	{ "loopback elsewhere", "127.53.0.53", false },
	{ "link local", "169.254.1.1", false },
	{ "cloud metadata", "169.254.169.254", false },
	{ "private 172.16/12", "172.16.0.1", false },
	{ "end of 172.16/12", "172.31.255.255", false },
	{ "behind 172.16/12", "172.32.0.0", true },
	{ "protocol assignments", "192.0.0.8", false },
	{ "documentation 1", "192.0.2.1", false },
	{ "documentation 2", "198.51.100.1", false },
	{ "documentation 3", "203.0.113.1", false },
	{ "6to4 relays", "192.88.99.1", false },
	{ "private 192.168/16", "192.168.0.1", false },
	{ "benchmarks", "198.19.255.255", false },
	{ "behind benchmarks", "198.20.0.0", true },
	{ "multicast", "224.0.0.1", false },
	{ "reserved", "240.0.0.1", false },
	{ "broadcast", "255.255.255.255", false },
	{ "unspecified", "::", false },
	{ "IPv6 loopback", "::1", false },
	{ "IPv4-compatible", "::8.8.8.8", false },
	{ "IPv4-mapped private", "::ffff:10.0.0.1", false },
	{ "IPv4-mapped public", "::ffff:8.8.8.8", false },
	{ "NAT64 of a private one", "64:ff9b::10.0.0.1", false },
	{ "NAT64 of a public one", "64:ff9b::8.8.8.8", false },
	{ "local NAT64", "64:ff9b:1::a00:1", false },
	{ "discard", "100::1", false },
	{ "Teredo", "2001::1", false },
	{ "ORCHID", "2001:20::1", false },
	{ "behind the assignments", "2001:200::1", true },
	{ "IPv6 documentation", "2001:db8::1", false },
	{ "6to4", "2002:a00:1::1", false },
	{ "new documentation", "3fff:1::1", false },
	{ "segment routing", "5f00::1", false },
	{ "unique local", "fd00:ec2::254", false },
	{ "unique local, lower half", "fc00::1", false },
	{ "site local", "fec0::1", false },
	{ "IPv6 link local", "fe80::1", false },
	{ "IPv6 multicast", "ff02::1", false },
};

static void special_addresses_are_refused(unused_arg void **state)
{
	struct guard g;

	init(&g, NULL);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct address a = address_of(cases[i].address);
		if (guard_allows(&g, &a) != cases[i].allowed)
			fail_msg("%s: %s", cases[i].name, cases[i].address);
	}
}

static void an_unset_address_is_refused(unused_arg void **state)
{
	struct guard g;
	struct address unset = { 0 };

	init(&g, NULL);
	assert_false(guard_allows(&g, &unset));
}

static void the_operator_may_allow_a_network(unused_arg void **state)
{
	static const char *const allowed[] = { "192.0.2.0/24", "10.5.0.0/16", "fd00::1",
					       NULL };
	struct guard g;
	struct address inside[] = { address_of("192.0.2.77"), address_of("10.5.255.255"),
				    address_of("fd00::1") };
	struct address outside[] = { address_of("10.6.0.0"), address_of("198.51.100.1"),
				     address_of("fd00::2") };

	init(&g, allowed);
	for (size_t i = 0; i < 3; i++) {
		assert_true(guard_allows(&g, &inside[i]));
		assert_false(guard_allows(&g, &outside[i]));
	}
}

/* Allowing the wrapping alone must not open what is inside. */
static void an_embedded_address_is_looked_at_too(unused_arg void **state)
{
	static const char *const wrapping[] = { "64:ff9b::/96", "::ffff:0:0/96",
						"2002::/16", NULL };
	static const char *const both[] = { "64:ff9b::/96", "10.0.0.0/8", NULL };
	struct guard g;
	struct address private = address_of("64:ff9b::10.0.0.1");
	struct address public = address_of("64:ff9b::8.8.8.8");
	struct address mapped = address_of("::ffff:127.0.0.1");
	struct address tunnel = address_of("2002:7f00:1::1");

	init(&g, wrapping);
	assert_false(guard_allows(&g, &private));
	assert_true(guard_allows(&g, &public));
	assert_false(guard_allows(&g, &mapped));
	assert_false(guard_allows(&g, &tunnel));
	init(&g, both);
	assert_true(guard_allows(&g, &private));
}

static void own_addresses_are_refused_unless_allowed(unused_arg void **state)
{
	static const char *const allowed[] = { "8.8.8.8", NULL };
	struct guard g;
	struct address own = address_of("8.8.8.8");

	init(&g, NULL);
	g.own[g.own_count++] = own;
	assert_false(guard_allows(&g, &own));
	init(&g, allowed);
	g.own[g.own_count++] = own;
	assert_true(guard_allows(&g, &own));
}

/* As the C library finds them, which asks for more and takes longer. */
static void interfaces_are_found(unused_arg void **state)
{
	struct guard g;
	struct ifaddrs *all;
	size_t count = 0;

	init(&g, NULL);
	guard_add_interfaces(&g);
	assert_int_equal(getifaddrs(&all), 0);
	for (const struct ifaddrs *at = all; at; at = at->ifa_next) {
		char text[INET6_ADDRSTRLEN];
		const void *sa = at->ifa_addr;
		int family = at->ifa_addr ? at->ifa_addr->sa_family : AF_UNSPEC;
		const void *bytes =
			family == AF_INET
				? (const void *)&((const struct sockaddr_in *)sa)
					  ->sin_addr
				: &((const struct sockaddr_in6 *)sa)->sin6_addr;
		if (family != AF_INET && family != AF_INET6)
			continue;
		assert_non_null(inet_ntop(family, bytes, text, sizeof(text)));
		struct address own = address_of(text);
		bool found = false;
		for (size_t i = 0; i < g.own_count; i++)
			found = found || address_equal(&g.own[i], &own);
		assert_true(found);
		count++;
	}
	freeifaddrs(all);
	assert_int_equal(g.own_count, count);
}

struct parse_case {
	const char *text;
	bool ok;
};

static const struct parse_case parse_cases[] = {
	{ "192.0.2.0/24", true },
	{ "192.0.2.1/32", true },
	{ "192.0.2.1", true },
	{ "0.0.0.0/0", true },
	{ "2001:db8::/32", true },
	{ "::/0", true },
	{ "192.0.2.1/24", false },
	{ "192.0.2.0/33", false },
	{ "192.0.2.0/", false },
	{ "192.0.2.0/2x", false },
	{ "/24", false },
	{ "", false },
	{ "2001:db8::1/64", false },
	{ "::/129", false },
	{ "192.0.2.0/24/1", false },
	{ "192.0.2.0@5/24", false },
};

static void networks_have_no_bits_behind_the_prefix(unused_arg void **state)
{
	struct network n;

	for (size_t i = 0; i < ARRAY_LEN(parse_cases); i++)
		if (network_parse(str_from(parse_cases[i].text), &n) != parse_cases[i].ok)
			fail_msg("'%s'", parse_cases[i].text);
}

static void a_wrong_network_is_named(unused_arg void **state)
{
	struct str items[] = { STR("192.0.2.0/24"), STR("mars") };
	struct guard g;
	struct err e = { 0 };

	assert_false(guard_init(&g, "dns.allow_addresses", items, 2, &e));
	assert_int_equal(e.kind, ERR_USAGE);
	assert_non_null(strstr(e.text, "'mars'"));
}

struct refused_list {
	const struct guard *guard;
	struct network networks[512];
	size_t count;
};

static void keep(void *arg, const struct network *n)
{
	struct refused_list *list = arg;

	assert_true(list->count < ARRAY_LEN(list->networks));
	list->networks[list->count++] = *n;
}

/* What is handed to libunbound refuses the same as the guard does. */
static void refused_networks_leave_out_the_allowed(unused_arg void **state)
{
	static const char *const allowed[] = { "10.5.0.0/16", "2001:db8:7::/48", "::1",
					       NULL };
	static const char *const looked_at[] = { "10.5.1.1",     "10.4.255.255",
						 "10.6.0.0",     "2001:db8:7::9",
						 "2001:db8:8::", "::1",
						 "::2",          "127.0.0.1",
						 "8.8.8.8" };
	struct guard g;
	struct refused_list list = { .guard = &g };

	init(&g, allowed);
	guard_each_refused(&g, keep, &list);
	for (size_t i = 0; i < ARRAY_LEN(looked_at); i++) {
		struct address a = address_of(looked_at[i]);
		bool is_refused = false;
		for (size_t k = 0; k < list.count; k++)
			is_refused = is_refused || network_holds(&list.networks[k], &a);
		if (is_refused == guard_allows(&g, &a))
			fail_msg("%s", looked_at[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(special_addresses_are_refused),
		cmocka_unit_test(an_unset_address_is_refused),
		cmocka_unit_test(the_operator_may_allow_a_network),
		cmocka_unit_test(an_embedded_address_is_looked_at_too),
		cmocka_unit_test(own_addresses_are_refused_unless_allowed),
		cmocka_unit_test(interfaces_are_found),
		cmocka_unit_test(networks_have_no_bits_behind_the_prefix),
		cmocka_unit_test(a_wrong_network_is_named),
		cmocka_unit_test(refused_networks_leave_out_the_allowed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

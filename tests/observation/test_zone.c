/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A zone's apex out of a whole look, and what counts as a change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "observation/observation.h"

static struct dns_name name_of(const char *text)
{
	struct dns_name name;
	struct err e = { 0 };

	if (!dns_name_parse(str_from(text), &name, &e))
		fail_msg("%s", e.text);
	return name;
}

static struct dns_record record_of(struct arena *a, const char *owner, uint16_t type,
				   const char *text)
{
	struct dns_record r = { .owner = name_of(owner), .type = type };
	struct err e = { 0 };

	if (!dns_rdata_parse(a, type, str_from(text), &r.rdata, &e))
		fail_msg("%s", e.text);
	return r;
}

struct seen_case {
	const char *name;
	enum walk_outcome walk;
	enum ask_outcome first;
	bool first_has_authority;
	bool is_seen;
	uint32_t serial;
};

static const struct seen_case seen_cases[] = {
	{ "the first server in order", WALK_DONE, ASK_ANSWERED, true, true, 1 },
	{ "the first is silent", WALK_DONE, ASK_TIMEOUT, true, true, 2 },
	{ "the first has no authority", WALK_DONE, ASK_ANSWERED, false, true, 2 },
	{ "the zone was not reached", WALK_SERVFAIL, ASK_ANSWERED, true, false, 0 },
};

static void a_whole_look_tells_the_same_facts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(seen_cases); i++) {
		const struct seen_case *t = &seen_cases[i];
		auto_arena struct arena a;
		arena_init(&a, 1 << 20);
		struct dns_record soas[] = {
			record_of(&a, "a.example", DNS_TYPE_SOA,
				  "N.a.example. h.a.example. 1 2 3 4 5"),
			record_of(&a, "a.example", DNS_TYPE_SOA,
				  "n.a.example. h.a.example. 2 2 3 4 5"),
		};
		struct dns_record ns[] = {
			record_of(&a, "a.example", DNS_TYPE_NS, "Two.example."),
			record_of(&a, "a.example", DNS_TYPE_NS, "one.example."),
			record_of(&a, "a.example", DNS_TYPE_NS, "two.example."),
		};
		struct view views[] = { { .kind = VIEW_AUTHORITY },
					{ .kind = VIEW_AUTHORITY } };
		struct question soa = { name_of("a.example"), DNS_TYPE_SOA };
		struct question servers = { name_of("a.example"), DNS_TYPE_NS };
		struct answer answers[] = {
			{ .question = soa,
			  .outcome = t->first,
			  .authoritative = t->first_has_authority,
			  .records = { .records = &soas[0], .count = 1 } },
			{ .question = soa,
			  .view = 1,
			  .authoritative = true,
			  .records = { .records = &soas[1], .count = 1 } },
			{ .question = servers,
			  .view = 1,
			  .authoritative = true,
			  .records = { .records = ns, .count = 3 } },
		};
		struct observation o = { .domain = name_of("www.a.example"),
					 .zone = name_of("a.example"),
					 .walk = t->walk,
					 .views = views,
					 .view_count = 2,
					 .answers = answers,
					 .answer_count = 3 };
		struct zone_seen z;
		zone_seen_of(&a, &o, &z);
		if (z.is_seen != t->is_seen || z.serial != t->serial)
			fail_msg("%s: %d, serial %u", t->name, z.is_seen, z.serial);
		if (!z.is_seen)
			continue;
		struct dns_name one = name_of("one.example");
		struct dns_name two = name_of("two.example");
		assert_int_equal(z.name_server_count, 2);
		assert_true(dns_name_equal(&z.name_servers[0], &one));
		assert_memory_equal(z.name_servers[1].wire, two.wire, two.len);
	}
}

static void the_registry_s_word_is_kept_without_an_answer(void **state)
{
	auto_arena struct arena a;
	struct zone_seen z;
	struct observation o = { .domain = name_of("a.example"),
				 .walk = WALK_NXDOMAIN,
				 .has_registration = true,
				 .registration = { .outcome = REGISTRATION_FOUND,
						   .registered_at = 77 } };

	(void)state;
	arena_init(&a, 1 << 20);
	zone_seen_of(&a, &o, &z);
	assert_false(z.is_seen);
	assert_int_equal(z.registered_at, 77);
}

static struct zone_seen zone_of(const char *zone, uint32_t serial, struct dns_name *ns,
				size_t count)
{
	return (struct zone_seen){ .is_seen = true,
				   .domain = name_of("a.example"),
				   .zone = name_of(zone),
				   .serial = serial,
				   .mname = name_of("n.example"),
				   .rname = name_of("h.example"),
				   .name_servers = ns,
				   .name_server_count = count };
}

static void json_gives_back_what_it_was_given(void **state)
{
	struct dns_name ns[] = { name_of("x.example"), name_of("y.example") };
	struct zone_seen z = zone_of("a.example", 4294967295, ns, 2);
	json_t *json = zone_seen_to_json(&z);
	struct zone_seen back;
	struct err e = { 0 };
	auto_arena struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	if (!zone_seen_from_json(&a, json, &back, &e))
		fail_msg("%s", e.text);
	assert_true(back.is_seen);
	assert_int_equal(back.serial, z.serial);
	assert_true(dns_name_equal(&back.zone, &z.zone));
	assert_true(dns_name_equal(&back.mname, &z.mname));
	assert_int_equal(back.name_server_count, 2);
	assert_true(dns_name_equal(&back.name_servers[1], &ns[1]));
	json_object_del(json, "zone");
	assert_false(zone_seen_from_json(&a, json, &back, &e));
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_look_tells_the_same_facts),
		cmocka_unit_test(the_registry_s_word_is_kept_without_an_answer),
		cmocka_unit_test(json_gives_back_what_it_was_given),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

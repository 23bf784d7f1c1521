/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which cuts and which glue are believed of an answer: bailiwick. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolver/cut.h"

static struct dns_name name_of(const char *text)
{
	struct err e = { 0 };
	struct dns_name n;

	if (!dns_name_parse(str_from(text), &n, &e))
		fail_msg("%s", e.text);
	return n;
}

enum {
	RECORDS_MAX = 32
};

/* "owner TYPE rdata, owner TYPE rdata": a section. */
static struct dns_section section_of(struct arena *a, const char *text)
{
	struct dns_record *records = arena_array(a, RECORDS_MAX, sizeof(*records));
	struct dns_section s = { .records = records };
	struct str rest = str_from(text);
	struct str line;
	struct err e = { 0 };

	while (text[0] && str_split(&rest, ',', &line)) {
		struct str words = str_trim(line);
		struct str owner, type;
		struct dns_record *r = &records[s.count++];
		assert_true(str_split(&words, ' ', &owner));
		assert_true(str_split(&words, ' ', &type));
		assert_true(dns_name_parse(owner, &r->owner, &e));
		assert_true(dns_type_parse(type, &r->type));
		assert_true(dns_rdata_parse(a, r->type, words, &r->rdata, &e));
		r->ttl_s = 300;
	}
	return s;
}

struct cut_case {
	const char *name;
	const char *zone; /* of the server asked */
	const char *about;
	bool authoritative;
	const char *answer;
	const char *authority;
	const char *additional;
	const char *cut;   /* NULL: none */
	const char *glued; /* names that get an address, blank between */
};

static const struct cut_case cases[] = {
	{ "a referral with glue", "com", "acme.com", false, "",
	  "acme.com NS ns1.acme.com, acme.com NS ns2.acme.com",
	  "ns1.acme.com A 192.0.2.1, ns2.acme.com A 192.0.2.2", "acme.com",
	  "ns1.acme.com ns2.acme.com" },
	{ "glue out of bailiwick is ignored", "com", "acme.com", false, "",
	  "acme.com NS ns1.acme.com, acme.com NS ns.evil.net",
	  "ns1.acme.com A 192.0.2.1, ns.evil.net A 192.0.2.66", "acme.com",
	  "ns1.acme.com" },
	{ "glue of names that are no servers is ignored", "com", "acme.com", false, "",
	  "acme.com NS ns1.acme.com", "www.bank.com A 192.0.2.66", "acme.com", "" },
	{ "a referral upwards", "acme.com", "x.acme.com", false, "", "com NS a.gtld.net",
	  "", NULL, "" },
	{ "a referral to itself", "acme.com", "x.acme.com", false, "",
	  "acme.com NS ns.acme.com", "", NULL, "" },
	{ "a referral sideways", "com", "acme.com", false, "", "bank.com NS ns.evil.com",
	  "", NULL, "" },
	{ "a referral below the name", "com", "acme.com", false, "",
	  "x.acme.com NS ns.evil.com", "", NULL, "" },
	{ "a referral out of the zone", "com", "acme.com", false, "",
	  "acme.net NS ns.evil.com", "", NULL, "" },
	{ "two labels at once", "jp", "acme.co.jp", false, "",
	  "acme.co.jp NS ns.acme.co.jp", "", "acme.co.jp", "" },
	{ "half the way", "com", "a.b.acme.com", false, "", "acme.com NS ns.acme.com", "",
	  "acme.com", "" },
	{ "parent and child on one server", "com", "acme.com", true,
	  "acme.com NS ns.acme.com", "", "ns.acme.com A 192.0.2.1", "acme.com",
	  "ns.acme.com" },
	{ "the same without authority", "com", "acme.com", false,
	  "acme.com NS ns.acme.com", "", "ns.acme.com A 192.0.2.1", NULL, "" },
	{ "an alias is no cut", "com", "acme.com", true, "acme.com CNAME other.com", "",
	  "", NULL, "" },
	{ "nothing", "com", "acme.com", true, "", "com SOA a. b. 1 2 3 4 5", "", NULL,
	  "" },
};

static bool is_among(const char *names, const struct dns_name *name)
{
	struct str rest = str_from(names);
	struct str one;

	while (names[0] && str_split(&rest, ' ', &one)) {
		struct err e = { 0 };
		struct dns_name n;
		if (dns_name_parse(one, &n, &e) && dns_name_equal(&n, name))
			return true;
	}
	return false;
}

static void check_glue(const struct cut_case *t, const struct cut *c)
{
	for (size_t i = 0; i < c->server_count; i++)
		if (cut_server_has_address(&c->servers[i]) !=
		    is_among(t->glued, &c->servers[i].name))
			fail_msg("%s: glue of server %zu", t->name, i);
}

static void only_cuts_on_the_way_are_believed(unused_arg void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct cut_case *t = &cases[i];
		auto_arena struct arena a;
		struct cut *c = NULL;
		arena_init(&a, 1 << 20);
		struct dns_name zone = name_of(t->zone);
		struct dns_name about = name_of(t->about);
		struct dns_message m = { .authoritative = t->authoritative };
		m.answer = section_of(&a, t->answer);
		m.authority = section_of(&a, t->authority);
		m.additional = section_of(&a, t->additional);
		bool found = cut_read(&a, &m, &zone, &about, &c) == REFERRAL_CUT;
		if (found != (t->cut != NULL))
			fail_msg("%s", t->name);
		if (!found)
			continue;
		struct dns_name expected = name_of(t->cut);
		if (!dns_name_equal(&c->zone, &expected))
			fail_msg("%s: another zone", t->name);
		check_glue(t, c);
	}
}

static void servers_beyond_the_limit_are_left_out(unused_arg void **state)
{
	auto_arena struct arena a;
	auto_buf struct buf text;
	struct dns_name zone = name_of("com");
	struct dns_name about = name_of("acme.com");
	struct cut *c;

	arena_init(&a, 1 << 20);
	buf_init(&text, 4096);
	for (int i = 0; i < 20; i++)
		buf_printf(&text, "%sacme.com NS n%d.acme.com", i ? ", " : "", i);
	struct dns_message m = { .authority = section_of(&a, buf_cstr(&text)) };
	assert_int_equal(cut_read(&a, &m, &zone, &about, &c), REFERRAL_CUT);
	assert_int_equal(c->server_count, RESOLVER_SERVERS_MAX);
}

static void errors_hold_no_cut(unused_arg void **state)
{
	auto_arena struct arena a;
	struct dns_name zone = name_of("com");
	struct dns_name about = name_of("acme.com");
	struct cut *c;

	arena_init(&a, 1 << 20);
	struct dns_message m = { .rcode = DNS_RCODE_SERVFAIL,
				 .authority = section_of(&a, "acme.com NS ns.acme.com") };
	assert_int_equal(cut_read(&a, &m, &zone, &about, &c), REFERRAL_NONE);
}

static void a_ds_beside_the_ns_says_signed(unused_arg void **state)
{
	auto_arena struct arena a;
	struct dns_name zone = name_of("com");
	struct dns_name about = name_of("acme.com");
	struct cut *c;

	arena_init(&a, 1 << 20);
	struct dns_message m = { .authority = section_of(
					 &a, "acme.com NS ns.acme.com, "
					     "acme.com TYPE43 \\# 5 0001080100") };
	assert_int_equal(cut_read(&a, &m, &zone, &about, &c), REFERRAL_CUT);
	assert_true(c->signed_here);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_cuts_on_the_way_are_believed),
		cmocka_unit_test(servers_beyond_the_limit_are_left_out),
		cmocka_unit_test(errors_hold_no_cut),
		cmocka_unit_test(a_ds_beside_the_ns_says_signed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

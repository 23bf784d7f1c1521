/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is kept of a reply: only what its server may speak about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/seen.h"

enum {
	RECORDS_MAX = 128
};

static struct dns_name name_of(const char *text)
{
	struct err e = { 0 };
	struct dns_name n;

	if (!dns_name_parse(str_from(text), &n, &e))
		fail_msg("%s", e.text);
	return n;
}

/* "owner TYPE rdata; owner TYPE rdata": a section. */
static struct dns_section section_of(struct arena *a, const char *text)
{
	struct dns_record *records = arena_array(a, RECORDS_MAX, sizeof(*records));
	struct dns_section s = { .records = records };
	struct str rest = str_from(text);
	struct str line;
	struct err e = { 0 };

	while (text[0] && str_split(&rest, ';', &line)) {
		struct str words = str_trim(line);
		struct str owner, type;
		struct dns_record *r = &records[s.count++];
		assert_true(str_split(&words, ' ', &owner));
		assert_true(str_split(&words, ' ', &type));
		assert_true(dns_name_parse(owner, &r->owner, &e));
		assert_true(dns_type_parse(type, &r->type));
		assert_true(dns_rdata_parse(a, r->type, words, &r->rdata, &e));
	}
	return s;
}

static void write_section(struct buf *out, const struct dns_section *s)
{
	for (size_t i = 0; i < s->count; i++) {
		buf_text(out, i ? "; " : "");
		dns_name_write(out, &s->records[i].owner);
		buf_byte(out, ' ');
		dns_type_write(out, s->records[i].type);
		buf_byte(out, ' ');
		dns_rdata_write(out, s->records[i].type, s->records[i].rdata);
	}
}

static struct view view_of(enum view_kind kind, const char *zone)
{
	return (struct view){ .kind = kind, .zone = name_of(zone) };
}

struct kept_case {
	const char *name;
	enum view_kind kind;
	uint16_t type;
	const char *answer;
	const char *kept;
};

/* Asked about k.acme.test of the zone acme.test. */
static const struct kept_case kept_cases[] = {
	{ "the record", VIEW_AUTHORITY, DNS_TYPE_TXT, "k.acme.test TXT \"x\"",
	  "k.acme.test TXT \"x\"" },
	{ "letters of our own question", VIEW_AUTHORITY, DNS_TYPE_MX,
	  "K.aCMe.TesT MX 10 Mx.AcME.test", "k.acme.test MX 10 mx.acme.test." },
	{ "the letters of a text stay", VIEW_AUTHORITY, DNS_TYPE_TXT,
	  "k.acme.test TXT \"AbC\"", "k.acme.test TXT \"AbC\"" },
	{ "in one order", VIEW_AUTHORITY, DNS_TYPE_TXT,
	  "k.acme.test TXT \"b\"; k.acme.test TXT \"a\"",
	  "k.acme.test TXT \"a\"; k.acme.test TXT \"b\"" },
	{ "other names are left out", VIEW_AUTHORITY, DNS_TYPE_TXT,
	  "k.acme.test TXT \"x\"; w.acme.test TXT \"y\"", "k.acme.test TXT \"x\"" },
	{ "other types are left out", VIEW_AUTHORITY, DNS_TYPE_TXT,
	  "k.acme.test TXT \"x\"; k.acme.test A 192.0.2.1", "k.acme.test TXT \"x\"" },
	{ "an alias inside the zone", VIEW_AUTHORITY, DNS_TYPE_TXT,
	  "k.acme.test CNAME w.acme.test; w.acme.test TXT \"x\"",
	  "k.acme.test CNAME w.acme.test.; w.acme.test TXT \"x\"" },
	{ "what lies behind an alias out of the zone", VIEW_AUTHORITY, DNS_TYPE_TXT,
	  "k.acme.test CNAME k.bank.test; k.bank.test TXT \"forged\"",
	  "k.acme.test CNAME k.bank.test." },
	{ "a resolver may speak of all", VIEW_RESOLVER, DNS_TYPE_TXT,
	  "k.acme.test CNAME k.bank.test; k.bank.test TXT \"x\"",
	  "k.acme.test CNAME k.bank.test.; k.bank.test TXT \"x\"" },
	{ "an alias that was asked for", VIEW_AUTHORITY, DNS_TYPE_CNAME,
	  "k.acme.test CNAME w.acme.test; w.acme.test CNAME v.acme.test",
	  "k.acme.test CNAME w.acme.test." },
	{ "signatures are left out", VIEW_AUTHORITY, DNS_TYPE_TXT,
	  "k.acme.test TXT \"x\"; k.acme.test TYPE46 \\# 1 00", "k.acme.test TXT \"x\"" },
};

static void only_what_the_server_may_speak_about_is_kept(unused_arg void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(kept_cases); i++) {
		const struct kept_case *t = &kept_cases[i];
		auto_arena struct arena a;
		auto_buf struct buf text;
		arena_init(&a, 1 << 20);
		buf_init(&text, 4096);
		struct view view = view_of(t->kind, "acme.test");
		struct dns_message m = { .authoritative = true };
		m.answer = section_of(&a, t->answer);
		struct resolver_reply reply = { .outcome = ASK_ANSWERED, .message = &m };
		struct answer answer = { .question = { .name = name_of("k.acme.test"),
						       .type = t->type } };
		seen_take(&a, &view, &reply, &answer);
		write_section(&text, &answer.records);
		if (strcmp(buf_cstr(&text), t->kept) != 0)
			fail_msg("%s: %s", t->name, buf_cstr(&text));
	}
}

static void a_ring_of_aliases_ends(unused_arg void **state)
{
	auto_arena struct arena a;
	arena_init(&a, 1 << 20);
	struct view view = view_of(VIEW_AUTHORITY, "acme.test");
	struct dns_message m = { .authoritative = true };
	m.answer = section_of(
		&a, "k.acme.test CNAME w.acme.test; w.acme.test CNAME k.acme.test");
	struct resolver_reply reply = { .outcome = ASK_ANSWERED, .message = &m };
	struct answer answer = { .question = { .name = name_of("k.acme.test"),
					       .type = DNS_TYPE_TXT } };

	seen_take(&a, &view, &reply, &answer);
	assert_int_equal(answer.records.count, RESOLVER_CNAME_MAX + 1);
}

static void large_sets_are_cut(unused_arg void **state)
{
	auto_arena struct arena a;
	auto_buf struct buf text;
	arena_init(&a, 1 << 20);
	buf_init(&text, 1 << 16);
	for (int i = 0; i < 100; i++)
		buf_printf(&text, "%sk.acme.test TXT \"%d\"", i ? ";" : "", i);
	struct view view = view_of(VIEW_AUTHORITY, "acme.test");
	struct dns_message m = { .answer = section_of(&a, buf_cstr(&text)) };
	struct resolver_reply reply = { .outcome = ASK_ANSWERED, .message = &m };
	struct answer answer = { .question = { .name = name_of("k.acme.test"),
					       .type = DNS_TYPE_TXT } };

	seen_take(&a, &view, &reply, &answer);
	assert_int_equal(answer.records.count, RESOLVER_RRSET_MAX);
}

static void the_soa_of_a_denial_is_kept(unused_arg void **state)
{
	auto_arena struct arena a;
	arena_init(&a, 1 << 20);
	struct view view = view_of(VIEW_AUTHORITY, "acme.test");
	struct dns_message m = { .authoritative = true, .rcode = DNS_RCODE_NXDOMAIN };
	m.authority =
		section_of(&a, "aCmE.test SOA nS.aCmE.test. host.acme.test. 7 1 2 3 60");
	struct resolver_reply reply = { .outcome = ASK_ANSWERED, .message = &m };
	struct answer answer = { .question = { .name = name_of("k.acme.test"),
					       .type = DNS_TYPE_TXT } };

	seen_take(&a, &view, &reply, &answer);
	assert_int_equal(answer.rcode, DNS_RCODE_NXDOMAIN);
	assert_true(answer.has_soa);
	assert_int_equal(answer.soa.serial, 7);
	assert_int_equal(answer.soa.minimum_s, 60);
	assert_memory_equal(answer.soa.mname.wire, "\2ns\4acme\4test", 14);
}

static void no_answer_is_an_outcome_and_nothing_else(unused_arg void **state)
{
	auto_arena struct arena a;
	arena_init(&a, 1 << 20);
	struct view view = view_of(VIEW_AUTHORITY, "acme.test");
	struct resolver_reply reply = { .outcome = ASK_TIMEOUT };
	struct answer answer = { .outcome = ASK_ANSWERED };

	seen_take(&a, &view, &reply, &answer);
	assert_int_equal(answer.outcome, ASK_TIMEOUT);
	assert_int_equal(answer.records.count, 0);
}

struct referral_case {
	const char *name;
	bool authoritative;
	const char *answer;
	const char *authority;
	const char *zone; /* NULL: none */
};

static const struct referral_case referral_cases[] = {
	{ "to a zone below", false, "", "_domainkey.acme.test NS ns.acme.test",
	  "_domainkey.acme.test" },
	{ "to itself", false, "", "acme.test NS ns.acme.test", NULL },
	{ "upwards", false, "", "test NS ns.test", NULL },
	{ "sideways", false, "", "other.acme.test NS ns.test", NULL },
	{ "with authority it is none", true, "", "_domainkey.acme.test NS ns.acme.test",
	  NULL },
	{ "with an answer it is none", false, "k._domainkey.acme.test TXT \"x\"",
	  "_domainkey.acme.test NS ns.acme.test", NULL },
};

static void a_referral_leads_down_and_towards_the_name(unused_arg void **state)
{
	struct question q = { .name = name_of("k._domainkey.acme.test"),
			      .type = DNS_TYPE_TXT };
	struct dns_name zone = name_of("acme.test");

	for (size_t i = 0; i < ARRAY_LEN(referral_cases); i++) {
		const struct referral_case *t = &referral_cases[i];
		auto_arena struct arena a;
		struct dns_name below;
		arena_init(&a, 1 << 20);
		struct dns_message m = { .authoritative = t->authoritative };
		m.answer = section_of(&a, t->answer);
		m.authority = section_of(&a, t->authority);
		bool found = seen_referred_zone(&m, &q, &zone, &below);
		if (found != (t->zone != NULL))
			fail_msg("%s", t->name);
		struct dns_name expected = name_of(t->zone ? t->zone : ".");
		if (found && !dns_name_equal(&below, &expected))
			fail_msg("%s: to another zone", t->name);
	}
}

struct follow_case {
	const char *target;
	bool ok;
};

static const struct follow_case follow_cases[] = {
	{ "dkim.vendor.net", true },
	{ "vendor.net", true },
	{ "net", false },
	{ ".", false },
	{ "a.localhost", false },
	{ "printer.local", false },
	{ "x.corp.internal", false },
	{ "x.onion", false },
	{ "x.home.arpa", false },
	{ "x.corp", false },
	{ "internal.com", true },
	{ "local.vendor.net", true },
};

static void private_names_are_not_followed(unused_arg void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(follow_cases); i++) {
		struct dns_name target = name_of(follow_cases[i].target);
		if (seen_may_follow(&target) != follow_cases[i].ok)
			fail_msg("%s", follow_cases[i].target);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_the_server_may_speak_about_is_kept),
		cmocka_unit_test(a_ring_of_aliases_ends),
		cmocka_unit_test(large_sets_are_cut),
		cmocka_unit_test(the_soa_of_a_denial_is_kept),
		cmocka_unit_test(no_answer_is_an_outcome_and_nothing_else),
		cmocka_unit_test(a_referral_leads_down_and_towards_the_name),
		cmocka_unit_test(private_names_are_not_followed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

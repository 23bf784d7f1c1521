/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages: what is written, what is read, what is refused, what belongs to what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/dns.h"

/* QUESTION is a.Example CNAME IN; "Example" stands at octet 14. */
#define HEADER(flags, qd, an, ns, ar) "\x12\x34" flags "\0" qd "\0" an "\0" ns "\0" ar
#define QUESTION                      "\1a\7Example\0\0\5\0\1"
#define HEADER_LEN_AND_QUESTION       (12 + 15)
#define A_RECORD                      "\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\1"
#define OPT_EMPTY                     "\0\0\x29\4\xd0\0\0\0\0\0\0"

struct fixture {
	struct arena arena;
	struct dns_message m;
};

static int set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){ 0 };
	arena_init(&f.arena, 1 << 20);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	arena_done(&f->arena);
	return 0;
}

static struct dns_name name_of(const char *text)
{
	struct dns_name name;
	struct err e = { 0 };

	if (!dns_name_parse(str_from(text), &name, &e))
		fail_msg("%s", e.text);
	return name;
}

static void assert_rdata(const struct dns_record *r, const char *text)
{
	auto_buf struct buf out;

	buf_init(&out, 4096);
	dns_rdata_write(&out, r->type, r->rdata);
	assert_string_equal(buf_cstr(&out), text);
}

static void assert_name(const struct dns_name *name, const char *text)
{
	auto_buf struct buf out;

	buf_init(&out, 4096);
	dns_name_write(&out, name);
	assert_string_equal(buf_cstr(&out), text);
}

static void a_query_has_rd_cd_do_and_a_cookie(void **state)
{
	static const struct str expected = {
		"\x12\x34\x01\x10\0\1\0\0\0\0\0\1\1a\7Example\0\0\x10\0\1"
		"\0\0\x29\4\xd0\0\0\x80\0\0\x0c\0\x0a\0\x08"
		"cookie!?",
		12 + 15 + 11 + 12
	};
	struct dns_query q = { .id = 0x1234,
			       .name = name_of("a.Example"),
			       .type = DNS_TYPE_TXT,
			       .recursion = true,
			       .checking_disabled = true,
			       .edns = true,
			       .cookie_len = 8,
			       .cookie = { 'c', 'o', 'o', 'k', 'i', 'e', '!', '?' } };
	auto_buf struct buf out;

	(void)state;
	buf_init(&out, 600);
	dns_query_write(&out, &q);
	assert_true(str_equal(buf_view(&out), expected));
}

static void a_plain_query_has_no_flags_and_no_opt(void **state)
{
	struct dns_query q = { .id = 0x1234, .name = name_of("a.Example"), .type = 5 };
	auto_buf struct buf out;

	(void)state;
	buf_init(&out, 600);
	dns_query_write(&out, &q);
	assert_true(str_equal(buf_view(&out),
			      STR(HEADER("\0\0", "\1", "\0", "\0", "\0") QUESTION)));
}

static void flags_and_question_are_read(void **state)
{
	struct fixture *f = *state;
	struct dns_message *m = &f->m;

	assert_true(dns_message_parse(
		&f->arena, STR(HEADER("\x84\xa3", "\1", "\0", "\0", "\0") QUESTION), m));
	assert_int_equal(m->id, 0x1234);
	assert_int_equal(m->opcode, 0);
	assert_int_equal(m->rcode, DNS_RCODE_NXDOMAIN);
	assert_true(m->is_response && m->authoritative && m->recursion_available);
	assert_true(m->authenticated && m->has_question);
	assert_false(m->truncated || m->has_edns || m->has_ede);
	assert_name(&m->question_name, "a.Example");
	assert_int_equal(m->question_type, DNS_TYPE_CNAME);
	assert_true(dns_message_parse(
		&f->arena, STR(HEADER("\x2a\0", "\1", "\0", "\0", "\0") QUESTION), m));
	assert_true(m->truncated);
	assert_false(m->is_response || m->authoritative || m->authenticated);
	assert_int_equal(m->opcode, 5);
}

static void compressed_names_come_out_whole_and_with_their_case(void **state)
{
	struct fixture *f = *state;
	struct str wire = STR(HEADER("\x84\0", "\1", "\3", "\1", "\0") QUESTION
			      "\xc0\x0c\0\5\0\1\0\0\0\1\0\5\2Xy\xc0\x0e"
			      "\xc0\x27\0\17\0\1\0\0\0\2\0\4\0\12\xc0\x0c"
			      "\xc0\x27\0\x10\0\1\0\0\0\3\0\3\2hi"
			      "\xc0\x0e\0\6\0\1\0\0\0\4\0\x18\xc0\x27\xc0\x0c"
			      "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5");

	assert_true(dns_message_parse(&f->arena, wire, &f->m));
	assert_int_equal(f->m.answer.count, 3);
	assert_int_equal(f->m.authority.count, 1);
	assert_int_equal(f->m.additional.count, 0);
	const struct dns_record *answer = f->m.answer.records;
	assert_name(&answer[0].owner, "a.Example");
	assert_int_equal(answer[0].ttl_s, 1);
	assert_rdata(&answer[0], "Xy.Example.");
	assert_name(&answer[1].owner, "Xy.Example");
	assert_rdata(&answer[1], "10 a.Example.");
	assert_rdata(&answer[2], "\"hi\"");
	assert_rdata(&f->m.authority.records[0], "Xy.Example. a.Example. 1 2 3 4 5");
}

/* RFC 1035 section 4.1.4: F.ISI.ARPA, FOO.F.ISI.ARPA, ARPA and the root. */
static void the_example_of_rfc_1035_is_read(void **state)
{
	struct fixture *f = *state;
	struct str wire = STR(HEADER("\x80\0", "\1", "\3", "\0",
				     "\0") "\1F\3ISI\4ARPA\0\0\1\0\1"
					   "\3FOO\xc0\x0c\0\1\0\1\0\0\0\0\0\4\1\1\1\1"
					   "\xc0\x12\0\1\0\1\0\0\0\0\0\4\2\2\2\2"
					   "\0\0\1\0\1\0\0\0\0\0\4\3\3\3\3");

	assert_true(dns_message_parse(&f->arena, wire, &f->m));
	assert_name(&f->m.question_name, "F.ISI.ARPA");
	assert_name(&f->m.answer.records[0].owner, "FOO.F.ISI.ARPA");
	assert_name(&f->m.answer.records[1].owner, "ARPA");
	assert_name(&f->m.answer.records[2].owner, ".");
}

static void opt_gives_rcode_cookie_and_extended_error(void **state)
{
	struct fixture *f = *state;
	struct str wire = STR(HEADER("\x80\7", "\1", "\0", "\0", "\2") QUESTION A_RECORD
			      "\0\0\x29\4\xd0\1\0\0\0\0\x20\0\x0a\0\x10"
			      "0123456789abcdef"
			      "\0\x0f\0\x08\0\x16\x01late\xff");
	struct dns_message *m = &f->m;

	/* the text of the extended error is six octets behind its code */
	assert_true(dns_message_parse(&f->arena, wire, m));
	assert_true(m->has_edns && m->has_ede);
	assert_int_equal(m->rcode, DNS_RCODE_BADCOOKIE);
	assert_int_equal(m->cookie_len, 16);
	assert_memory_equal(m->cookie, "0123456789abcdef", 16);
	assert_int_equal(m->ede_code, 22);
	assert_true(str_equal(m->ede_text, STR("\1late\xff")));
	assert_int_equal(m->additional.count, 1);
}

static void cookies_of_wrong_length_are_none(void **state)
{
	struct fixture *f = *state;
	static const uint8_t lengths[] = { 0, 7, 9, 15, 41 };

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		auto_buf struct buf wire;
		buf_init(&wire, 600);
		buf_str(&wire, STR(HEADER("\x80\0", "\1", "\0", "\0", "\1") QUESTION));
		buf_str(&wire, STR("\0\0\x29\4\xd0\0\0\0\0\0"));
		buf_byte(&wire, (uint8_t)(lengths[i] + 4));
		buf_str(&wire, STR("\0\x0a\0"));
		buf_byte(&wire, lengths[i]);
		buf_fill(&wire, 'c', lengths[i]);
		assert_true(dns_message_parse(&f->arena, buf_view(&wire), &f->m));
		assert_int_equal(f->m.cookie_len, 0);
	}
}

struct refusal {
	const char *name;
	struct str wire;
	bool accepted; /* a neighbour that is well-formed */
};

#define WIRE(literal)                        \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static const struct refusal refusals[] = {
	{ "empty", WIRE(""), false },
	{ "eleven octets", WIRE("\x12\x34\x80\0\0\0\0\0\0\0\0"), false },
	{ "header alone", WIRE(HEADER("\x80\5", "\0", "\0", "\0", "\0")), true },
	{ "question is missing", WIRE(HEADER("\x80\0", "\1", "\0", "\0", "\0")), false },
	{ "two questions",
	  WIRE(HEADER("\x80\0", "\2", "\0", "\0", "\0") QUESTION QUESTION), false },
	{ "question of class CH",
	  WIRE(HEADER("\x80\0", "\1", "\0", "\0", "\0") "\1a\0\0\5\0\3"), false },
	{ "question without class",
	  WIRE(HEADER("\x80\0", "\1", "\0", "\0", "\0") "\1a\0\0\5"), false },
	{ "question compressed",
	  WIRE(HEADER("\x80\0", "\1", "\0", "\0", "\0") "\xc0\4\0\5\0\1"), false },
	{ "one answer", WIRE(HEADER("\x80\0", "\1", "\1", "\0", "\0") QUESTION A_RECORD),
	  true },
	{ "octets behind the end",
	  WIRE(HEADER("\x80\0", "\1", "\1", "\0", "\0") QUESTION A_RECORD "junk"), true },
	{ "fewer answers than said",
	  WIRE(HEADER("\x80\0", "\1", "\2", "\0", "\0") QUESTION A_RECORD), false },
	{ "cut answer",
	  WIRE(HEADER("\x80\0", "\1", "\1", "\0", "\0") QUESTION
	       "\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2"),
	  false },
	{ "A of five octets",
	  WIRE(HEADER("\x80\0", "\1", "\1", "\0", "\0") QUESTION
	       "\xc0\x0c\0\1\0\1\0\0\1\x2c\0\5\xc0\0\2\1\1"),
	  false },
	{ "MX longer than its name",
	  WIRE(HEADER("\x80\0", "\1", "\1", "\0", "\0") QUESTION
	       "\xc0\x0c\0\17\0\1\0\0\1\x2c\0\6\0\1\1m\0\0"),
	  false },
	{ "octets behind a compressed name",
	  WIRE(HEADER("\x80\0", "\1", "\1", "\0", "\0") QUESTION
	       "\xc0\x0c\0\17\0\1\0\0\1\x2c\0\5\0\1\xc0\x0c\0"),
	  false },
	{ "rdata that grows shorter: a pointer to a root",
	  WIRE(HEADER("\x80\0", "\1", "\1", "\0", "\0") QUESTION
	       "\xc0\x0c\0\17\0\1\0\0\1\x2c\0\4\0\1\xc0\x16"),
	  true },
	{ "NAPTR",
	  WIRE(HEADER("\x80\0", "\1", "\1", "\0", "\0") QUESTION
	       "\xc0\x0c\0\43\0\1\0\0\1\x2c\0\x9\0\1\0\2\1u\0\0\0"),
	  true },
	{ "A of class CH",
	  WIRE(HEADER("\x80\0", "\1", "\1", "\0", "\0") QUESTION
	       "\xc0\x0c\0\1\0\3\0\0\1\x2c\0\1x"),
	  true },
	{ "OPT with a payload of one octet",
	  WIRE(HEADER("\x80\0", "\1", "\0", "\0", "\1") QUESTION
	       "\0\0\x29\0\1\0\0\0\0\0\0"),
	  true },
	{ "pointer to itself",
	  WIRE(HEADER("\x80\0", "\1", "\1", "\0", "\0") QUESTION
	       "\xc0\x1b\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\1"),
	  false },
	{ "pointer forward",
	  WIRE(HEADER("\x80\0", "\1", "\1", "\0", "\0") QUESTION
	       "\xc0\x27\0\1\0\1\0\0\1\x2c\0\4\0\0\2\1"),
	  false },
	{ "two pointers in a ring",
	  WIRE(HEADER("\x80\0", "\1", "\1", "\0", "\0") QUESTION
	       "\1x\xc0\x1b\0\1\0\1\0\0\1\x2c\0\4\0\0\2\1"),
	  false },
	{ "513 records", WIRE("\x12\x34\x80\0\0\0\2\1\0\0\0\0"), false },
	{ "OPT", WIRE(HEADER("\x80\0", "\1", "\0", "\0", "\1") QUESTION OPT_EMPTY),
	  true },
	{ "two OPT",
	  WIRE(HEADER("\x80\0", "\1", "\0", "\0", "\2") QUESTION OPT_EMPTY OPT_EMPTY),
	  false },
	{ "OPT among the answers",
	  WIRE(HEADER("\x80\0", "\1", "\1", "\0", "\0") QUESTION OPT_EMPTY), false },
	{ "OPT of another owner",
	  WIRE(HEADER("\x80\0", "\1", "\0", "\0", "\1") QUESTION
	       "\1a\0\0\x29\4\xd0\0\0\0\0\0\0"),
	  false },
	{ "broken option",
	  WIRE(HEADER("\x80\0", "\1", "\0", "\0", "\1") QUESTION
	       "\0\0\x29\4\xd0\0\0\0\0\0\5\0\x0a\0\2x"),
	  false },
};

static void malformed_messages_are_refused(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		if (dns_message_parse(&f->arena, refusals[i].wire, &f->m) !=
		    refusals[i].accepted)
			fail_msg("%s", refusals[i].name);
}

static void records_of_other_classes_are_left_out(void **state)
{
	struct fixture *f = *state;
	struct str wire = STR(HEADER("\x80\0", "\1", "\2", "\0", "\0") QUESTION
			      "\xc0\x0c\0\x10\0\3\0\0\0\1\0\3\2ch" A_RECORD);

	assert_true(dns_message_parse(&f->arena, wire, &f->m));
	assert_int_equal(f->m.answer.count, 1);
	assert_rdata(&f->m.answer.records[0], "192.0.2.1");
}

/* RFC 2181 section 8 */
static void a_ttl_with_the_high_bit_is_zero(void **state)
{
	struct fixture *f = *state;
	struct str wire = STR(HEADER("\x80\0", "\1", "\2", "\0", "\0") QUESTION
			      "\xc0\x0c\0\1\0\1\x80\0\0\0\0\4\1\1\1\1"
			      "\xc0\x0c\0\1\0\1\x7f\xff\xff\xff\0\4\1\1\1\1");

	assert_true(dns_message_parse(&f->arena, wire, &f->m));
	assert_int_equal(f->m.answer.records[0].ttl_s, 0);
	assert_int_equal(f->m.answer.records[1].ttl_s, INT32_MAX);
}

static void a_truncated_message_may_be_cut_anywhere_behind_the_question(void **state)
{
	struct fixture *f = *state;
	struct str wire = STR(HEADER("\x82\0", "\1", "\2", "\0", "\1")
				      QUESTION A_RECORD A_RECORD OPT_EMPTY);

	for (size_t len = 0; len <= wire.len; len++) {
		struct str cut = str_sub(wire, 0, len);
		bool ok = dns_message_parse(&f->arena, cut, &f->m);
		assert_int_equal(ok, len >= HEADER_LEN_AND_QUESTION);
		if (!ok)
			continue;
		assert_int_equal(f->m.answer.count, len >= 27 + 32 ? 2 : len >= 27 + 16);
		assert_int_equal(f->m.has_edns, len == wire.len);
	}
}

static void what_is_not_truncated_is_refused_when_cut_anywhere(void **state)
{
	struct fixture *f = *state;
	struct str wire = STR(HEADER("\x80\0", "\1", "\2", "\0", "\1")
				      QUESTION A_RECORD A_RECORD OPT_EMPTY);

	for (size_t len = 0; len < wire.len; len++)
		assert_false(dns_message_parse(&f->arena, str_sub(wire, 0, len), &f->m));
	assert_true(dns_message_parse(&f->arena, wire, &f->m));
}

static void a_message_that_passes_the_arena_is_refused(void **state)
{
	struct fixture *f = *state;
	struct str wire = STR(HEADER("\x80\0", "\1", "\1", "\0", "\0") QUESTION A_RECORD);

	/* The record, its owner and its rdata are three pieces. */
	for (size_t limit = 0; limit <= sizeof(struct dns_record) + 16; limit += 4) {
		auto_arena struct arena small;
		arena_init(&small, limit);
		assert_false(dns_message_parse(&small, wire, &f->m));
	}
	assert_true(dns_message_parse(&f->arena, wire, &f->m));
}

static void the_wire_may_go_after_parsing(void **state)
{
	struct fixture *f = *state;
	struct str wire = STR(HEADER("\x80\0", "\1", "\1", "\0", "\1") QUESTION A_RECORD
			      "\0\0\x29\4\xd0\0\0\0\0\0\x8\0\x0f\0\4\0\x16ok");
	auto_buf struct buf copy;

	buf_init(&copy, 600);
	buf_str(&copy, wire);
	assert_true(dns_message_parse(&f->arena, buf_view(&copy), &f->m));
	memset(copy.data, 0xee, copy.len);
	assert_rdata(&f->m.answer.records[0], "192.0.2.1");
	assert_true(str_is(f->m.ede_text, "ok"));
}

struct match_case {
	const char *name;
	struct str wire;
	bool exact;
	bool nocase;
};

static const struct match_case match_cases[] = {
	{ "the answer", WIRE(HEADER("\x80\0", "\1", "\0", "\0", "\0") QUESTION), true,
	  true },
	{ "a query", WIRE(HEADER("\0\0", "\1", "\0", "\0", "\0") QUESTION), false,
	  false },
	{ "another id", WIRE("\x12\x35\x80\0\0\1\0\0\0\0\0\0" QUESTION), false, false },
	{ "another opcode", WIRE(HEADER("\x90\0", "\1", "\0", "\0", "\0") QUESTION),
	  false, false },
	{ "another type",
	  WIRE(HEADER("\x80\0", "\1", "\0", "\0", "\0") "\1a\7Example\0\0\1\0\1"), false,
	  false },
	{ "another name",
	  WIRE(HEADER("\x80\0", "\1", "\0", "\0", "\0") "\1b\7Example\0\0\5\0\1"), false,
	  false },
	{ "another case",
	  WIRE(HEADER("\x80\0", "\1", "\0", "\0", "\0") "\1a\7example\0\0\5\0\1"), false,
	  true },
	{ "NOERROR without question", WIRE(HEADER("\x80\0", "\0", "\0", "\0", "\0")),
	  false, false },
	{ "NXDOMAIN without question", WIRE(HEADER("\x80\3", "\0", "\0", "\0", "\0")),
	  false, false },
	{ "FORMERR without question", WIRE(HEADER("\x80\1", "\0", "\0", "\0", "\0")),
	  true, true },
	{ "SERVFAIL without question", WIRE(HEADER("\x80\2", "\0", "\0", "\0", "\0")),
	  true, true },
	{ "NOTIMP without question", WIRE(HEADER("\x80\4", "\0", "\0", "\0", "\0")), true,
	  true },
	{ "REFUSED without question", WIRE(HEADER("\x80\5", "\0", "\0", "\0", "\0")),
	  true, true },
};

static void an_answer_belongs_to_its_question_only(void **state)
{
	struct fixture *f = *state;
	struct dns_query q = { .id = 0x1234, .name = name_of("a.Example"), .type = 5 };

	for (size_t i = 0; i < ARRAY_LEN(match_cases); i++) {
		const struct match_case *t = &match_cases[i];
		if (!dns_message_parse(&f->arena, t->wire, &f->m))
			fail_msg("%s: malformed", t->name);
		if (dns_message_matches(&f->m, &q) != t->exact ||
		    dns_message_matches_nocase(&f->m, &q) != t->nocase)
			fail_msg("%s", t->name);
	}
}

static void our_own_query_is_read_as_we_wrote_it(void **state)
{
	struct fixture *f = *state;
	struct dns_query q = { .id = 7,
			       .name = name_of("x.Example"),
			       .type = DNS_TYPE_MX,
			       .edns = true,
			       .cookie_len = 8 };
	auto_buf struct buf out;

	buf_init(&out, 600);
	dns_query_write(&out, &q);
	assert_true(dns_message_parse(&f->arena, buf_view(&out), &f->m));
	assert_false(f->m.is_response);
	assert_true(f->m.has_edns);
	assert_int_equal(f->m.cookie_len, 8);
	assert_int_equal(f->m.question_type, DNS_TYPE_MX);
	assert_name(&f->m.question_name, "x.Example");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_query_has_rd_cd_do_and_a_cookie),
		TEST(a_plain_query_has_no_flags_and_no_opt),
		TEST(flags_and_question_are_read),
		TEST(compressed_names_come_out_whole_and_with_their_case),
		TEST(the_example_of_rfc_1035_is_read),
		TEST(opt_gives_rcode_cookie_and_extended_error),
		TEST(cookies_of_wrong_length_are_none),
		TEST(malformed_messages_are_refused),
		TEST(records_of_other_classes_are_left_out),
		TEST(a_ttl_with_the_high_bit_is_zero),
		TEST(a_truncated_message_may_be_cut_anywhere_behind_the_question),
		TEST(what_is_not_truncated_is_refused_when_cut_anywhere),
		TEST(a_message_that_passes_the_arena_is_refused),
		TEST(the_wire_may_go_after_parsing),
		TEST(an_answer_belongs_to_its_question_only),
		TEST(our_own_query_is_read_as_we_wrote_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions written and answers held against them, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolver/wire.h"

enum {
	ID = 0x1234,
	ANSWER_MAX = 1024,
};

#define NAME        "a1b2._domainkey.Acme-0Z@[`{.test"
#define COOKIE_TEXT "cookie!!"
#define COOKIE      STR(COOKIE_TEXT)

static struct dns_name name_of(const char *text)
{
	struct err e = { 0 };
	struct dns_name n;

	if (!dns_name_parse(str_from(text), &n, &e))
		fail_msg("%s", e.text);
	return n;
}

static void write_with(uint8_t *to, const char *name, struct str cookie, uint8_t coins,
		       struct wire_query *out)
{
	struct dns_name n = name_of(name);
	uint8_t all[WIRE_COINS];

	memset(all, coins, sizeof(all));
	*out = (struct wire_query){ .id = ID, .type = DNS_TYPE_TXT, .bytes = to };
	wire_query_write(out, &n, cookie, all);
}

/* What dns_query_write makes of the same. */
static void expect_same_as_codec(const char *name, struct str cookie)
{
	uint8_t ours[DNS_NAME_MAX + WIRE_AROUND_NAME];
	struct wire_query q;
	struct dns_query codec = { .id = ID, .type = DNS_TYPE_TXT };
	auto_buf struct buf theirs;
	struct dns_name n = name_of(name);

	buf_init(&theirs, 512);
	codec.name = dns_name_lower(&n);
	codec.edns = cookie.data;
	codec.cookie_len = (uint8_t)cookie.len;
	memcpy(codec.cookie, cookie.data ? cookie.data : "", cookie.len);
	dns_query_write(&theirs, &codec);
	write_with(ours, name, cookie, 0, &q);
	assert_int_equal(q.len, theirs.len);
	assert_int_equal(q.question_len, n.len + 4);
	assert_int_equal(q.has_edns, cookie.data != NULL);
	assert_memory_equal(q.bytes, theirs.data, theirs.len);
}

static void a_question_is_what_the_codec_writes(unused_arg void **state)
{
	char longest[256] = "";

	for (size_t i = 0; i < 253; i++)
		longest[i] = i % 50 == 49 ? '.' : 'X';
	expect_same_as_codec(NAME, STR("cookie!!"));
	expect_same_as_codec(NAME, (struct str){ 0 });
	expect_same_as_codec(".", STR("0123456789abcdef"));
	expect_same_as_codec(longest, STR("0123456789012345678901234567890123456789"));
}

static void letters_and_nothing_else_are_mixed(unused_arg void **state)
{
	uint8_t upper[DNS_NAME_MAX + WIRE_AROUND_NAME];
	uint8_t lower[DNS_NAME_MAX + WIRE_AROUND_NAME];
	struct wire_query q;

	for (int octet = '!'; octet < 127; octet++) {
		char name[] = "abcdefghij.k";
		name[octet % 10] = (char)octet;
		if (octet == '.' || octet == '\\')
			continue;
		write_with(upper, name, COOKIE, 0xff, &q);
		write_with(lower, name, COOKIE, 0, &q);
		size_t at = WIRE_HEADER + 1 + octet % 10;
		assert_int_equal(upper[at], (uint8_t)ascii_upper((char)octet));
		assert_int_equal(lower[at], (uint8_t)ascii_lower((char)octet));
		/* The second label, behind its octet of length. */
		assert_int_equal(upper[WIRE_HEADER + 12], 'K');
		assert_int_equal(lower[WIRE_HEADER + 12], 'k');
	}
}

static void each_coin_decides_one_letter(unused_arg void **state)
{
	struct dns_name n = name_of("abcdefghijklmnopqrstuvwxyzabcdefgh");
	size_t mixed[256] = { 0 };

	for (size_t coin = 0; coin < 40; coin++) {
		uint8_t coins[WIRE_COINS] = { 0 };
		uint8_t to[DNS_NAME_MAX + WIRE_AROUND_NAME];
		struct wire_query q = { .id = ID, .type = DNS_TYPE_A, .bytes = to };
		size_t count = 0;
		coins[coin / 8] = (uint8_t)(1 << coin % 8);
		wire_query_write(&q, &n, COOKIE, coins);
		for (size_t i = 1; i < n.len; i++) {
			bool is_upper =
				to[WIRE_HEADER + i] >= 'A' && to[WIRE_HEADER + i] <= 'Z';
			count += is_upper;
			mixed[i] += is_upper;
		}
		/* At most one: it may fall on no letter (a length, behind the end). */
		assert_true(count <= 1);
	}
	for (size_t i = 1; i + 1 < n.len; i++)
		assert_int_equal(mixed[i], 1);
}

/* An answer as octets: header, question as asked, then `records`. */
struct fit_case {
	const char *name;
	const char *flags;  /* two octets */
	const char *counts; /* eight */
	struct str records;
	const char *question; /* NULL: as asked */
	bool ignores_case;
	enum wire_fit fit;
	const char *cookie;
};

#define A_RECORD "\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc6\x33\x64\x01"
#define OPT                                            \
	"\0\0\x29\x04\xd0\0\0\x80\0\0\x0c\0\x0a\0\x08" \
	"cookie!!"
#define ONE_ANSWER    "\0\x01\0\x01\0\0\0\0"
#define QUESTION_ONLY "\0\x01\0\0\0\0\0\0"
#define WITH_OPT      "\0\x01\0\x01\0\0\0\x01"
#define RIGHT         "\x84\0"

#define BYTES(literal)                       \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static const struct fit_case fit_cases[] = {
	{ "an answer", RIGHT, ONE_ANSWER, BYTES(A_RECORD), NULL, false, WIRE_FITS, "" },
	{ "an answer with a cookie", RIGHT, WITH_OPT, BYTES(A_RECORD OPT), NULL, false,
	  WIRE_FITS, COOKIE_TEXT },
	{ "no records", RIGHT, QUESTION_ONLY, BYTES(""), NULL, false, WIRE_FITS, "" },
	{ "octets behind the last record", RIGHT, ONE_ANSWER, BYTES(A_RECORD "more"),
	  NULL, false, WIRE_FITS, "" },
	{ "a name in full", RIGHT, ONE_ANSWER,
	  BYTES("\1a\4test\0\0\x01\0\x01\0\0\0\x3c\0\0"), NULL, false, WIRE_FITS, "" },
	{ "an error with the question", "\x80\x05", QUESTION_ONLY, BYTES(""), NULL, false,
	  WIRE_FITS, "" },
	{ "an error without a question", "\x80\x01", "\0\0\0\0\0\0\0\0", BYTES(""), "",
	  false, WIRE_OF_NO_USE, "" },
	{ "truncated", "\x86\0", QUESTION_ONLY, BYTES(""), NULL, false, WIRE_OF_NO_USE,
	  "" },
	{ "a question", "\0\0", QUESTION_ONLY, BYTES(""), NULL, false, WIRE_CAME_CLOSE,
	  "" },
	{ "another opcode", "\xa4\0", QUESTION_ONLY, BYTES(""), NULL, false,
	  WIRE_CAME_CLOSE, "" },
	{ "no question and no error", "\x84\0", "\0\0\0\0\0\0\0\0", BYTES(""), "", false,
	  WIRE_CAME_CLOSE, "" },
	{ "two questions", RIGHT, "\0\x02\0\0\0\0\0\0", BYTES(""), NULL, false,
	  WIRE_CAME_CLOSE, "" },
	{ "another name", RIGHT, QUESTION_ONLY, BYTES(""), "a.Tess", false,
	  WIRE_CAME_CLOSE, "" },
	{ "other letters", RIGHT, QUESTION_ONLY, BYTES(""), "a.tesT", false,
	  WIRE_CAME_CLOSE, "" },
	{ "other letters, where that is usual", RIGHT, QUESTION_ONLY, BYTES(""), "a.tesT",
	  true, WIRE_FITS, "" },
	{ "another name, where letters are lost", RIGHT, QUESTION_ONLY, BYTES(""),
	  "a.tess", true, WIRE_CAME_CLOSE, "" },
	{ "a record less than counted", RIGHT, "\0\x01\0\x02\0\0\0\0", BYTES(A_RECORD),
	  NULL, false, WIRE_CAME_CLOSE, "" },
	{ "a record cut off", RIGHT, ONE_ANSWER,
	  BYTES("\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc6\x33\x64"), NULL, false,
	  WIRE_CAME_CLOSE, "" },
	{ "a reserved kind of label", RIGHT, ONE_ANSWER,
	  BYTES("\x40\0\0\x01\0\x01\0\0\0\x3c\0\0"), NULL, false, WIRE_CAME_CLOSE, "" },
	{ "two OPT", RIGHT, "\0\x01\0\0\0\0\0\x02", BYTES(OPT OPT), NULL, false,
	  WIRE_CAME_CLOSE, COOKIE_TEXT },
	{ "an option cut off", RIGHT, "\0\x01\0\0\0\0\0\x01",
	  BYTES("\0\0\x29\x04\xd0\0\0\x80\0\0\x05\0\x0a\0\x08"
		"c"),
	  NULL, false, WIRE_CAME_CLOSE, "" },
};

static void add_question(struct buf *b, const struct fit_case *t,
			 const struct wire_query *q)
{
	struct dns_name n;

	if (!t->question) {
		buf_add(b, q->bytes + WIRE_HEADER, q->question_len);
		return;
	}
	if (t->question[0] == '\0')
		return;
	n = name_of(t->question);
	buf_add(b, n.wire, n.len);
	buf_u16(b, DNS_TYPE_TXT);
	buf_u16(b, 1);
}

static void only_what_answers_the_question_fits(unused_arg void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(fit_cases); i++) {
		const struct fit_case *t = &fit_cases[i];
		uint8_t to[DNS_NAME_MAX + WIRE_AROUND_NAME];
		struct wire_query q;
		struct str cookie;
		auto_buf struct buf packet;
		buf_init(&packet, ANSWER_MAX);
		write_with(to, "a.test", COOKIE, 0, &q);
		to[WIRE_HEADER + 3] = 'T'; /* as mixed */
		buf_u16(&packet, ID);
		buf_add(&packet, t->flags, 2);
		buf_add(&packet, t->counts, 8);
		add_question(&packet, t, &q);
		buf_str(&packet, t->records);
		enum wire_fit fit =
			wire_answer_fit(buf_view(&packet), &q, t->ignores_case, &cookie);
		if (fit != t->fit || !str_is(cookie, t->cookie))
			fail_msg("%s: %d", t->name, fit);
	}
}

static void an_answer_cut_anywhere_does_not_fit(unused_arg void **state)
{
	uint8_t to[DNS_NAME_MAX + WIRE_AROUND_NAME];
	struct wire_query q;
	struct str cookie;
	auto_buf struct buf packet;

	buf_init(&packet, ANSWER_MAX);
	write_with(to, "a.test", COOKIE, 0, &q);
	buf_u16(&packet, ID);
	buf_str(&packet, STR(RIGHT WITH_OPT));
	buf_add(&packet, q.bytes + WIRE_HEADER, q.question_len);
	buf_str(&packet, STR(A_RECORD OPT));
	for (size_t len = 0; len < packet.len; len++)
		assert_int_equal(
			wire_answer_fit(str_of(packet.data, len), &q, false, &cookie),
			WIRE_CAME_CLOSE);
	assert_int_equal(wire_answer_fit(buf_view(&packet), &q, false, &cookie),
			 WIRE_FITS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_is_what_the_codec_writes),
		cmocka_unit_test(letters_and_nothing_else_are_mixed),
		cmocka_unit_test(each_coin_decides_one_letter),
		cmocka_unit_test(only_what_answers_the_question_fits),
		cmocka_unit_test(an_answer_cut_anywhere_does_not_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

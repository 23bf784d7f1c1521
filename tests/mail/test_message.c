/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages cut into fields and body, and those that two readers could read
 * differently. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/mail.h"

static void a_message_is_cut_into_fields_and_body(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 65536);
	struct err e = { 0 };
	struct mail_message m;

	assert_true(
		mail_message_parse(&a,
				   STR("Received: one\r\nreceived:two\r\n"
				       "Subject: a\r\n\tfolded\r\n line\r\nTo:\r\n\r\n"
				       "Body: x\r\n\r\n.\r\n"),
				   &m, &e));
	assert_int_equal(m.header_count, 4);
	assert_true(str_is(m.body, "Body: x\r\n\r\n.\r\n"));
	assert_true(str_is(mail_message_find(&m, "RECEIVED", 0)->value, " one"));
	assert_true(str_is(mail_message_find(&m, "Received", 1)->value, "two"));
	assert_null(mail_message_find(&m, "Received", 2));
	assert_null(mail_message_find(&m, "Body", 0));
	const struct mail_header *subject = mail_message_find(&m, "subject", 0);
	assert_true(str_is(subject->name, "Subject"));
	assert_true(str_is(subject->value, " a\r\n\tfolded\r\n line"));
	assert_true(str_is(subject->field, "Subject: a\r\n\tfolded\r\n line\r\n"));
	assert_true(str_is(mail_message_find(&m, "to", 0)->value, ""));
}

static void bodies_may_be_missing_or_unended(void **state unused_arg)
{
	static const struct {
		const char *text;
		size_t headers;
		const char *body;
	} cases[] = {
		{ "A: b\r\n\r\n", 1, "" },     { "A: b\r\n", 1, "" },
		{ "\r\nbody", 0, "body" },     { "", 0, "" },
		{ "A: b\r\n\r\nx", 1, "x" },   { "A: b\r\n\r\n\r\n", 1, "\r\n" },
		{ "A:\r\n b\r\n\r\n", 1, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 65536);
		struct err e = { 0 };
		struct mail_message m;

		if (!mail_message_parse(&a, str_from(cases[i].text), &m, &e))
			fail_msg("%zu: %s", i, e.text);
		assert_int_equal(m.header_count, cases[i].headers);
		assert_true(str_is(m.body, cases[i].body));
	}
}

static void ambiguous_messages_are_refused(void **state unused_arg)
{
	const struct {
		const char *name;
		struct str text;
		const char *why;
	} cases[] = {
		{ "bare LF", STR("A: b\n\r\n"), "stands alone, at byte 4" },
		{ "bare CR", STR("A: b\r\r\n"), "stands alone, at byte 4" },
		{ "CR at the end", STR("A: b\r\n\r\nx\r"), "stands alone, at byte 9" },
		{ "LF in front", STR("\nA: b\r\n"), "stands alone, at byte 0" },
		{ "smuggled end", STR("A: b\r\n\r\nx\n.\r\nMAIL"), "stands alone" },
		{ "NUL", STR("A: b\r\n\r\n\0"), "at byte 8" },
		{ "no colon", STR("A: b\r\nnothing\r\n\r\n"), "header field 2 is not" },
		{ "no name", STR(": b\r\n\r\n"), "header field 1 is not" },
		{ "blank before the colon", STR("From : b\r\n\r\n"),
		  "header field 1 is not" },
		{ "mailbox line", STR("From a@b Mon\r\nA: b\r\n\r\n"),
		  "header field 1 is not" },
		{ "8-bit name", STR("Fr\xc3\xb6m: b\r\n\r\n"), "header field 1 is not" },
		{ "fold in front", STR(" A: b\r\n\r\n"), "header field 1 is not" },
		{ "line of blanks", STR("A: b\r\n \r\nFrom: x\r\n\r\n"),
		  "line of blanks" },
		{ "unended header", STR("A: b"), "does not end in CRLF" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena struct arena a;
		arena_init(&a, 65536);
		struct err e = { 0 };
		struct mail_message m;

		if (mail_message_parse(&a, cases[i].text, &m, &e))
			fail_msg("%s was taken", cases[i].name);
		assert_int_equal(e.kind, ERR_USAGE);
		if (!strstr(e.text, cases[i].why))
			fail_msg("%s: %s", cases[i].name, e.text);
	}
}

static void a_thousand_fields_and_ten_mebibytes_are_the_end(void **state unused_arg)
{
	auto_arena struct arena a;
	arena_init(&a, 1024 * 1024);
	struct err e = { 0 };
	struct mail_message m;
	auto_buf struct buf text;

	buf_init(&text, 11 * 1024 * 1024);
	for (int i = 0; i < 1000; i++)
		buf_text(&text, "A: b\r\n");
	assert_true(mail_message_parse(&a, buf_view(&text), &m, &e));
	assert_int_equal(m.header_count, 1000);
	buf_text(&text, "A: b\r\n");
	assert_false(mail_message_parse(&a, buf_view(&text), &m, &e));
	assert_int_equal(e.kind, ERR_LIMIT);

	buf_clear(&text);
	buf_text(&text, "A: b\r\n\r\n");
	buf_fill(&text, 'x', 10 * 1024 * 1024 - text.len);
	assert_true(mail_message_parse(&a, buf_view(&text), &m, &e));
	buf_byte(&text, 'x');
	assert_false(mail_message_parse(&a, buf_view(&text), &m, &e));
	assert_int_equal(e.kind, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_cut_into_fields_and_body),
		cmocka_unit_test(bodies_may_be_missing_or_unended),
		cmocka_unit_test(ambiguous_messages_are_refused),
		cmocka_unit_test(a_thousand_fields_and_ten_mebibytes_are_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

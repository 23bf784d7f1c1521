/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one event looks like on standard error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"

/* Standard error goes to a pipe while a test logs. A line has 24 bytes of time in front,
 * or behind `{"ts":"`. */
struct caught {
	int ends[2];
	int saved;
	struct buf text;
};

static int catch_start(void **state)
{
	struct caught *c = xalloc(1, sizeof(*c));

	buf_init(&c->text, 65536);
	assert_int_equal(pipe(c->ends), 0);
	c->saved = dup(STDERR_FILENO);
	assert_int_equal(dup2(c->ends[1], STDERR_FILENO), STDERR_FILENO);
	*state = c;
	return 0;
}

/* Puts standard error back, and gives what was written to the pipe. */
static struct str caught_text(struct caught *c)
{
	if (c->saved < 0)
		return buf_view(&c->text);
	dup2(c->saved, STDERR_FILENO);
	close(c->saved);
	c->saved = -1;
	close(c->ends[1]);
	while (buf_room(&c->text, 8192)) {
		ssize_t got = read(c->ends[0], c->text.data + c->text.len, 8192);
		if (got <= 0)
			break;
		buf_wrote(&c->text, (size_t)got);
	}
	close(c->ends[0]);
	return buf_view(&c->text);
}

static int catch_end(void **state)
{
	struct caught *c = *state;

	caught_text(c);
	buf_done(&c->text);
	xfree(c);
	return 0;
}

static void assert_time(struct str moment)
{
	int64_t at_s;

	assert_int_equal(moment.len, strlen("2026-11-21T05:12:09.123Z"));
	assert_true(clock_parse(moment, &at_s));
	assert_true(at_s <= clock_now_s() && at_s > clock_now_s() - 60);
}

static void json_has_time_level_message_and_fields(void **state)
{
	struct caught *c = *state;

	log_open(LOG_LEVEL_INFO, 1);
	log_info("looked", LOG_TEXT("domain", "a\"b\n.example"), LOG_INT("looks", -3),
		 LOG_STR("raw", STR("\0\xff")));
	struct str line = caught_text(c);
	assert_true(str_starts(line, STR("{\"ts\":\"")));
	assert_time(str_sub(line, 7, 24));
	struct str rest = str_sub(line, 31, SIZE_MAX);
	assert_string_equal(rest.data, "\",\"level\":\"info\",\"msg\":\"looked\","
				       "\"domain\":\"a\\\"b\\u000a.example\","
				       "\"looks\":-3,\"raw\":\"\\u0000\\ufffd\"}\n");
}

static void words_for_people_cannot_be_forged(void **state)
{
	struct caught *c = *state;

	log_open(LOG_LEVEL_INFO, 0);
	log_warn("refused", LOG_TEXT("domain", "a.example"), LOG_INT("n", 7),
		 LOG_TEXT("text", "x\" level=\"e\x1b\n"), LOG_TEXT("none", ""));
	struct str line = caught_text(c);
	assert_time(str_sub(line, 0, 24));
	assert_string_equal(line.data + 24, " warn  refused domain=a.example n=7 "
					    "text=\"x\\\" level=\\\"e\\x1b\\x0a\" "
					    "none=\"\"\n");
}

static void what_is_below_the_level_is_not_written(void **state)
{
	struct caught *c = *state;

	log_open(LOG_LEVEL_WARN, 0);
	log_debug("no");
	log_info("no");
	log_error("yes");
	struct str text = caught_text(c);
	assert_int_equal(str_find_byte(text, '\n') + 1, text.len);
	assert_true(str_ends(text, STR(" error yes\n")));
}

static void without_a_terminal_it_is_json(void **state)
{
	struct caught *c = *state;

	log_open(LOG_LEVEL_INFO, -1);
	log_info("x");
	assert_true(str_starts(caught_text(c), STR("{\"ts\":")));
}

static void assert_cut_line(struct caught *c, int as_json, const char *end)
{
	auto_buf struct buf big;

	buf_init(&big, 10000);
	buf_fill(&big, '\x01', 9000);
	struct str v = buf_view(&big);
	log_open(LOG_LEVEL_INFO, as_json);
	log_info("big", LOG_STR("a", v), LOG_STR("b", v), LOG_STR("c", v),
		 LOG_INT("d", 5));
	struct str line = caught_text(c);
	assert_true(line.len <= 4096);
	assert_int_equal(str_find_byte(line, '\n') + 1, line.len);
	assert_true(str_ends(line, str_from(end)));
}

static void a_huge_field_cannot_break_the_json(void **state)
{
	assert_cut_line(*state, 1, "...\",\"d\":5,\"cut\":true}\n");
}

static void a_huge_field_cannot_break_the_words(void **state)
{
	assert_cut_line(*state, 0, " (8488 more)\" d=5 cut=true\n");
}

#define caught_test(test) cmocka_unit_test_setup_teardown(test, catch_start, catch_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		caught_test(json_has_time_level_message_and_fields),
		caught_test(words_for_people_cannot_be_forged),
		caught_test(what_is_below_the_level_is_not_written),
		caught_test(without_a_terminal_it_is_json),
		caught_test(a_huge_field_cannot_break_the_json),
		caught_test(a_huge_field_cannot_break_the_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

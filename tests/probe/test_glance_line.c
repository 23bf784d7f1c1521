/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of our compact form, read in one pass; and batches of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>

#include "glances.h"
#include "mail/mail.h"
#include "probe/glance_frame.h"
#include "probe/glance_input.h"

enum {
	MUTATIONS = 30000,
};

static bool read_line(struct glance_texts *texts, struct str line)
{
	struct glance g;

	return glance_read(texts, line, &g);
}

static void our_own_line_is_read_at_once(unused_arg void **state)
{
	struct glance_subject s;
	struct glance g;
	glance_subject_init(&s);
	assert_true(glance_read(s.texts, str_from(glances_line), &g));
	assert_true(glances_equal(&g, &s.g));
	glance_subject_done(&s);
}

static void what_is_written_is_what_jansson_would_write(unused_arg void **state)
{
	struct glance_subject s;
	auto_buf struct buf line;
	glance_subject_init(&s);
	buf_init(&line, 1 << 16);
	glance_write(&line, &s.x);
	json_t *json = expectation_to_json(&s.x);
	auto_free char *text = json_dumps(json, JSON_COMPACT);
	assert_string_equal(buf_cstr(&line), text);
	assert_string_equal(buf_cstr(&line), glances_line);
	json_decref(json);
	glance_subject_done(&s);
}

/* One record at whose place a word is put. */
static const char *line_with(struct arena *a, const char *domain, const char *record)
{
	return arena_printf(a, "{\"domain\":\"%s\",\"records\":[%s]}", domain, record);
}

#define CNAME(name, value)                                          \
	"{\"purpose\":\"dkim\",\"type\":\"CNAME\",\"name\":\"" name \
	"\",\"value\":\"" value "\",\"required\":true}"

struct line_case {
	const char *name;
	const char *domain;
	const char *record;
	bool is_read;
};

static const struct line_case line_cases[] = {
	{ "a plain one", "shop.com", CNAME("k.shop.com", "k.mailer.net"), true },
	{ "blanks as Python writes them", "shop.com",
	  "{\"purpose\": \"dkim\", \"type\": \"CNAME\", \"name\": \"k.shop.com\", "
	  "\"value\": \"k.mailer.net\", \"required\": true}",
	  true },
	{ "without the last member", "shop.com",
	  "{\"purpose\":\"dkim\",\"type\":\"CNAME\",\"name\":\"k.shop.com\",\"value\":"
	  "\"k.mailer.net\"}",
	  true },
	{ "MX without priority", "shop.com",
	  "{\"purpose\":\"mail_from\",\"type\":\"MX\",\"name\":\"b.shop.com\",\"value\":"
	  "\"f.mailer.net\"}",
	  true },
	{ "a priority that is no number of JSON's", "shop.com",
	  "{\"purpose\":\"mail_from\",\"type\":\"MX\",\"name\":\"b.shop.com\",\"value\":"
	  "\"f.mailer.net\",\"priority\":010}",
	  false },
	{ "a priority out of range", "shop.com",
	  "{\"purpose\":\"mail_from\",\"type\":\"MX\",\"name\":\"b.shop.com\",\"value\":"
	  "\"f.mailer.net\",\"priority\":65536}",
	  false },
	{ "a priority where none belongs", "shop.com",
	  "{\"purpose\":\"dkim\",\"type\":\"CNAME\",\"name\":\"k.shop.com\",\"value\":"
	  "\"k.mailer.net\",\"priority\":10}",
	  false },
	{ "a public suffix", "co.uk", CNAME("k.co.uk", "k.mailer.net"), false },
	{ "a single label", "com", CNAME("k.com", "k.mailer.net"), false },
	{ "a special name", "shop.local", CNAME("k.shop.local", "k.mailer.net"), false },
	{ "an address", "192.0.2.1", CNAME("k.192.0.2.1", "k.mailer.net"), false },
	{ "an A-label", "xn--bcher-kva.com", CNAME("k.xn--bcher-kva.com", "k.mailer.net"),
	  false },
	{ "capitals", "Shop.com", CNAME("k.Shop.com", "k.mailer.net"), false },
	{ "a hyphen in front", "-shop.com", CNAME("k.-shop.com", "k.mailer.net"), false },
	{ "two dots", "shop..com", CNAME("k.shop..com", "k.mailer.net"), false },
	{ "a name elsewhere", "shop.com", CNAME("k.shap.com", "k.mailer.net"), false },
	{ "a name at the end of another", "shop.com",
	  CNAME("k.eshop.com", "k.mailer.net"), false },
	{ "a target with a final dot", "shop.com", CNAME("k.shop.com", "k.mailer.net."),
	  false },
	{ "the same place twice", "shop.com",
	  CNAME("k.shop.com", "k.mailer.net") "," CNAME("k.shop.com", "l.mailer.net"),
	  false },
	{ "an escape", "shop.com", CNAME("k.shop.com", "k.mailer.n\\u0065t"), false },
	{ "a type of another kind", "shop.com",
	  "{\"purpose\":\"other\",\"type\":\"A\",\"name\":\"k.shop.com\",\"value\":"
	  "\"192.0.2.1\"}",
	  false },
	{ "a purpose that is none", "shop.com",
	  "{\"purpose\":\"spam\",\"type\":\"TXT\",\"name\":\"k.shop.com\",\"value\":"
	  "\"x\"}",
	  false },
	{ "a value that is missing", "shop.com",
	  "{\"purpose\":\"dkim\",\"type\":\"TXT\",\"name\":\"k.shop.com\",\"value\":"
	  "\"\"}",
	  false },
	{ "no record", "shop.com", "", false },
};

static void what_is_not_plain_is_left_to_the_full_reader(unused_arg void **state)
{
	struct glance_texts *texts = glance_texts_new();
	auto_arena struct arena a;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < ARRAY_LEN(line_cases); i++) {
		const struct line_case *c = &line_cases[i];
		struct str line = str_from(line_with(&a, c->domain, c->record));
		if (read_line(texts, line) != c->is_read)
			fail_msg("%s", c->name);
		if (!glances_agree(texts, line))
			fail_msg("the full reader: %s", c->name);
	}
	glance_texts_free(&texts);
}

/* Where the public suffix list is not asked, it would say the same. */
static void no_suffix_stands_below_the_registries_that_are_known(unused_arg void **state)
{
	static const char *const tops[] = { "com", "net", "org", "dev", "app", "info" };
	static const char *const labels[] = { "co",  "com", "net", "org", "ac", "gov",
					      "edu", "uk",  "us",  "eu",  "jp", "de",
					      "br",  "cn",  "web", "or",  "ne", "gr" };
	auto_arena struct arena a;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < ARRAY_LEN(tops) * ARRAY_LEN(labels); i++) {
		const char *domain =
			arena_printf(&a, "%s.%s", labels[i % ARRAY_LEN(labels)],
				     tops[i / ARRAY_LEN(labels)]);
		assert_false(mail_domain_is_suffix(str_from(domain)));
	}
}

static void every_shorter_line_is_left_to_the_full_reader(unused_arg void **state)
{
	struct glance_texts *texts = glance_texts_new();
	struct str whole = str_from(glances_line);
	for (size_t len = 0; len < whole.len; len++)
		assert_false(read_line(texts, str_sub(whole, 0, len)));
	assert_true(read_line(texts, whole));
	glance_texts_free(&texts);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* A byte of the line becomes another of its bytes, or one of a few that matter. */
static void mutate(struct buf *line, uint32_t *seed)
{
	static const char bytes[] = "\\\"{}[],:. -_0A\x80";
	unsigned changes = 1 + next_random(seed) % 2;

	while (changes-- > 0) {
		size_t at = next_random(seed) % line->len;
		size_t from = next_random(seed) % line->len;
		line->data[at] = next_random(seed) % 2
					 ? line->data[from]
					 : bytes[next_random(seed) % sizeof(bytes)];
	}
}

static void both_readers_agree(unused_arg void **state)
{
	struct glance_texts *texts = glance_texts_new();
	uint32_t seed = 7;
	size_t taken = 0;
	for (size_t i = 0; i < MUTATIONS; i++) {
		auto_buf struct buf line;
		buf_init(&line, 1 << 16);
		buf_text(&line, glances_line);
		mutate(&line, &seed);
		taken += read_line(texts, buf_view(&line));
		if (!glances_agree(texts, buf_view(&line)))
			fail_msg("%s", buf_cstr(&line));
	}
	assert_true(taken > MUTATIONS / 20);
	assert_true(taken < MUTATIONS);
	glance_texts_free(&texts);
}

struct input_case {
	const char *line;
	const char *domain; /* of the expectation; NULL: refused */
	const char *shown;  /* what the line calls itself */
	size_t records;
};

static const struct input_case input_cases[] = {
	{ "shop.example", "shop.example", "shop.example", 0 },
	{ "  Shop.Example. \r", "shop.example", "Shop.Example.", 0 },
	{ "{\"domain\":\"shop.example\"}", "shop.example", "shop.example", 0 },
	{ "{\"domain\":\"shop.example\",\"records\":[]}", "shop.example", "shop.example",
	  0 },
	{ "{\"EmailIdentity\":\"shop.example\",\"IdentityType\":\"DOMAIN\","
	  "\"DkimAttributes\":"
	  "{\"Tokens\":[\"a\",\"b\",\"c\"]}}",
	  "shop.example", "shop.example", 3 },
	{ "{\"IdentityName\":\"shop.example\",\"DkimAttributes\":{\"Tokens\":[\"a\"]}}",
	  "shop.example", "shop.example", 1 },
	{ "{\"IdentityType\":\"DOMAIN\",\"DkimAttributes\":{\"Tokens\":[\"a\"]}}", NULL,
	  "", 0 },
	{ "{\"domain\":\"shop.example\",\"surprise\":1}", NULL, "shop.example", 0 },
	{ "{\"domain\":7}", NULL, "", 0 },
	{ "{\"domain\":\"shop.example\"", NULL, "", 0 },
	{ "[1]", NULL, "[1]", 0 },
	{ "not a domain", NULL, "not a domain", 0 },
};

static void a_line_has_several_forms(unused_arg void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(input_cases); i++) {
		const struct input_case *c = &input_cases[i];
		struct expectation x;
		struct err e = { 0 };
		struct str shown;
		auto_arena struct arena a;
		arena_init(&a, 1 << 20);
		bool ok = glance_input_read(&a, str_from(c->line), STR("eu-west-1"), &x,
					    &shown, &e);
		if (ok != (c->domain != NULL) || !str_is(shown, c->shown))
			fail_msg("%s: %d '%.*s' %s", c->line, ok, STR_ARG(shown), e.text);
		if (!ok && (e.kind != ERR_USAGE || e.text[0] == '\0'))
			fail_msg("%s: '%s'", c->line, e.text);
		if (ok && (!str_is(x.domain, c->domain) || x.count != c->records))
			fail_msg("%s: '%.*s' %zu", c->line, STR_ARG(x.domain), x.count);
	}
}

static void batches_come_off_as_they_were_put_on(unused_arg void **state)
{
	auto_buf struct buf frame;
	struct line_asked asked;
	struct line_answer answer;
	buf_init(&frame, 1 << 16);
	line_frame_begin(&frame, LINES_ASKED);
	line_asked_write(&frame, &(struct line_asked){ 7, LINE_LOOK, STR("a line") });
	line_asked_write(&frame, &(struct line_asked){ 8, LINE_GLANCE, STR_EMPTY });
	line_frame_end(&frame);
	struct cursor c = cursor_over(buf_view(&frame));
	assert_int_equal(cursor_u32(&c), frame.len - 4);
	assert_int_equal(cursor_u8(&c), LINES_ASKED);
	assert_true(line_asked_read(&c, &asked));
	assert_int_equal(asked.number, 7);
	assert_int_equal(asked.kind, LINE_LOOK);
	assert_true(str_is(asked.text, "a line"));
	assert_true(line_asked_read(&c, &asked));
	assert_int_equal(asked.text.len, 0);
	assert_true(cursor_at_end(&c));
	assert_false(line_asked_read(&c, &asked));

	buf_clear(&frame);
	line_answers_begin(&frame);
	line_answers_end(&frame, 70000);
	c = cursor_over(buf_view(&frame));
	assert_int_equal(cursor_u32(&c), 5);
	assert_int_equal(cursor_u8(&c), LINES_ANSWERED);
	assert_int_equal(cursor_u32(&c), 70000);

	buf_clear(&frame);
	line_answer_write(&frame, &(struct line_answer){ 9, LINE_BAD, 60, STR("why") });
	for (size_t len = 0; len < frame.len; len++) {
		c = cursor_over(str_sub(buf_view(&frame), 0, len));
		assert_false(line_answer_read(&c, &answer));
	}
	c = cursor_over(buf_view(&frame));
	assert_true(line_answer_read(&c, &answer));
	assert_int_equal(answer.word, LINE_BAD);
	assert_int_equal(answer.packets, 60);
	frame.data[4] = LINE_WORD_COUNT;
	c = cursor_over(buf_view(&frame));
	assert_false(line_answer_read(&c, &answer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_own_line_is_read_at_once),
		cmocka_unit_test(what_is_written_is_what_jansson_would_write),
		cmocka_unit_test(what_is_not_plain_is_left_to_the_full_reader),
		cmocka_unit_test(no_suffix_stands_below_the_registries_that_are_known),
		cmocka_unit_test(every_shorter_line_is_left_to_the_full_reader),
		cmocka_unit_test(both_readers_agree),
		cmocka_unit_test(a_line_has_several_forms),
		cmocka_unit_test(batches_come_off_as_they_were_put_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files and the environment: which value wins, and where an error says it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/config.h"

/* Reads `content` as the file 'unpend.conf' of a directory of its own. */
static bool read_text(struct config *c, struct str content, struct err *e)
{
	char directory[] = "/tmp/unpend-config-XXXXXX";
	struct err ours = { 0 };

	assert_non_null(mkdtemp(directory));
	assert_int_equal(chdir(directory), 0);
	assert_true(file_create("unpend.conf", content, 0600, &ours));
	bool read = config_read_file(c, "unpend.conf", e);
	assert_int_equal(unlink("unpend.conf"), 0);
	assert_int_equal(rmdir(directory), 0);
	return read;
}

static void a_file_sets_values(void **state unused_arg)
{
	static const char text[] = "# comment\n"
				   "; another\n"
				   "[dns]\r\n"
				   "root_hints = /etc/hints   ; behind it\n"
				   "resolvers = 192.0.2.1\n"
				   "\t192.0.2.2,\n"
				   "  192.0.2.3\n"
				   "[store]\n"
				   "url=sqlite:/tmp/x=y.db";
	struct config *c = config_new();
	struct err e = { 0 };
	size_t count;

	if (!read_text(c, str_from(text), &e))
		fail_msg("%s", e.text);
	assert_string_equal(config_cstr(c, CONFIG_DNS_ROOT_HINTS), "/etc/hints");
	config_list(c, CONFIG_DNS_RESOLVERS, &count);
	assert_int_equal(count, 3);
	assert_string_equal(config_cstr(c, CONFIG_STORE_URL), "sqlite:/tmp/x=y.db");
	config_free(&c);
}

static void errors_name_file_and_line(void **state unused_arg)
{
	const struct {
		struct str text;
		const char *want;
	} cases[] = {
		{ STR("[dns]\n\nroot_hint = x\n"),
		  "'unpend.conf' line 3: unknown key "
		  "'dns.root_hint'; nearest is 'dns.root_hints'" },
		{ STR("probes = 3\n"),
		  "'unpend.conf' line 1: unknown key 'probes'; nearest is 'dns.probes'" },
		{ STR("[dns]\nprobes = many\n"),
		  "'unpend.conf' line 2: 'dns.probes' must be a "
		  "number from 0 to 64, not 'many'" },
		{ STR("[dns]\nprobes = 1\nprobes = 2\n"),
		  "'unpend.conf' line 3: 'dns.probes' was given in line 2 already" },
		{ STR("[dns]\nforward = 192.0.2.1\n  192.0.2.2\n"),
		  "'unpend.conf' line 3: 'dns.forward' is one line; this one begins with "
		  "a "
		  "blank" },
		{ STR("[dns\nprobes = 1\n"),
		  "'unpend.conf' line 1: neither '[section]' nor 'key = value'" },
		{ STR("[dns]\nprobes\n"),
		  "'unpend.conf' line 2: neither '[section]' nor 'key = value'" },
		{ STR("[dns]\nprobes = 1\0002\n"),
		  "'unpend.conf' line 2: the line is too long, or not text" },
		{ STR("[dns]\nwhat\nprobes = many\n"),
		  "'unpend.conf' line 2: neither '[section]' nor 'key = value'" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct config *c = config_new();
		struct err e = { 0 };

		assert_false(read_text(c, cases[i].text, &e));
		assert_string_equal(e.text, cases[i].want);
		assert_int_equal(e.kind, ERR_USAGE);
		config_free(&c);
	}
}

static void a_line_longer_than_4096_bytes_is_refused(void **state unused_arg)
{
	struct config *c = config_new();
	struct err e = { 0 };
	auto_buf struct buf text;

	buf_init(&text, 65536);
	buf_text(&text, "[keys]\nreload = ");
	buf_fill(&text, 'x', 3000);
	assert_true(read_text(c, buf_view(&text), &e));
	assert_int_equal(config_text(c, CONFIG_KEYS_RELOAD).len, 3000);
	buf_fill(&text, 'x', 2000);
	assert_false(read_text(c, buf_view(&text), &e));
	assert_string_equal(e.text,
			    "'unpend.conf' line 2: the line is too long, or not text");
	config_free(&c);
}

static void a_missing_file_is_an_error(void **state unused_arg)
{
	struct config *c = config_new();
	struct err e = { 0 };

	assert_false(config_read_file(c, "/nonexistent/unpend.conf", &e));
	assert_non_null(strstr(e.text, "/nonexistent/unpend.conf"));
	config_free(&c);
}

static void the_environment_wins_over_the_file(void **state unused_arg)
{
	char probes[] = "UNPEND_DNS_PROBES=5";
	char file[] = "UNPEND_AUTHORITY_SECRET_ACCESS_KEY_FILE=/k";
	char other[] = "UNPEND_SHARED_DATA=/x";
	char *environment[] = { probes, other, file, NULL };
	struct config *c = config_new();
	struct err e = { 0 };

	assert_true(read_text(c, STR("[dns]\nprobes = 3\n"), &e));
	assert_true(config_read_environment(c, environment, &e));
	assert_int_equal(config_number(c, CONFIG_DNS_PROBES), 5);
	assert_string_equal(config_cstr(c, CONFIG_AUTHORITY_SECRET_ACCESS_KEY_FILE),
			    "/k");
	config_free(&c);
}

static void a_misspelt_variable_is_an_error(void **state unused_arg)
{
	char probes[] = "UNPEND_DNS_PROBE=5";
	char *environment[] = { probes, NULL };
	struct config *c = config_new();
	struct err e = { 0 };

	assert_false(config_read_environment(c, environment, &e));
	assert_string_equal(e.text,
			    "environment variable 'UNPEND_DNS_PROBE': unknown key "
			    "'dns.probe'; nearest is 'dns.probes'");
	config_free(&c);
}

/* The printed defaults with their comment signs taken off are a file that changes
 * nothing. */
static void the_printed_defaults_read_back(void **state unused_arg)
{
	auto_buf struct buf text;
	auto_buf struct buf active;
	struct config *c = config_new();
	struct err e = { 0 };
	struct str line;

	buf_init(&text, 65536);
	buf_init(&active, 65536);
	config_write_defaults(&text);
	struct str rest = buf_view(&text);
	while (str_split(&rest, '\n', &line)) {
		bool is_value =
			str_starts(line, STR("#")) && !str_starts(line, STR("# "));

		buf_str(&active, str_sub(line, is_value, line.len));
		buf_byte(&active, '\n');
		assert_true(line.len <= 90);
	}
	assert_true(read_text(c, buf_view(&text), &e));
	assert_false(config_is_set(c, CONFIG_LOG_FORMAT));
	if (!read_text(c, buf_view(&active), &e))
		fail_msg("%s", e.text);
	struct config *fresh = config_new();
	for (enum config_key key = 0; key < CONFIG_KEY_COUNT; key++) {
		assert_true(config_is_set(c, key));
		assert_string_equal(config_cstr(c, key), config_cstr(fresh, key));
	}
	config_free(&c);
	config_free(&fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_sets_values),
		cmocka_unit_test(errors_name_file_and_line),
		cmocka_unit_test(a_line_longer_than_4096_bytes_is_refused),
		cmocka_unit_test(a_missing_file_is_an_error),
		cmocka_unit_test(the_environment_wins_over_the_file),
		cmocka_unit_test(a_misspelt_variable_is_an_error),
		cmocka_unit_test(the_printed_defaults_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

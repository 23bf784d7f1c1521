/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON as it is printed: what the library would print, octet for octet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "cmd/report.h"

static const char *const texts[] = {
	"{}",
	"[]",
	"null",
	"true",
	"[false]",
	"\"text\"",
	"[[], {}, [{}], [[[1]]]]",
	"{\"b\": 1, \"a\": {\"z\": [], \"y\": [true, null]}, \"\": \"\"}",
	"[0, -1, 9223372036854775807, -9223372036854775808]",
	"[0.5, 1e300, -3.25, 100.0]",
	"[\"~ !#$%&'()*+,-./[]^`{|}\", \"\\\"\", \"\\\\\", \"\\/\"]",
	"[\"\\b\\f\\n\\r\\t\", \"\\u0001\\u001f\\u007f\", \"a\\u0000b\"]",
	"[\"\\u00fc\", \"\\u3042\\u3044\", \"\\ud83d\\ude00 and more\"]",
	"{\"\\u00fc\": 1, \"a\\\"b\": 2, \"line\\n\": {\"deep\": \"\\u2028\"}}",
};

static void each_value_is_written_as_the_library_writes_it(void **state)
{
	const size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		json_t *json = json_loads(texts[i], flags, NULL);
		auto_buf struct buf written;
		auto_buf struct buf wanted;
		buf_init(&written, 4096);
		buf_init(&wanted, 4096);
		assert_non_null(json);
		auto_free char *text = json_dumps(
			json, JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_ENCODE_ANY);
		buf_printf(&wanted, "%s\n", text);
		json_write(&written, json);
		assert_string_equal(buf_cstr(&written), buf_cstr(&wanted));
		assert_false(written.failed);
	}
}

static void what_does_not_fit_is_told(void **state)
{
	auto_buf struct buf written;

	(void)state;
	buf_init(&written, 20);
	json_write(&written, json_pack("{s:s}", "key", "a text that is too long"));
	assert_true(written.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_value_is_written_as_the_library_writes_it),
		cmocka_unit_test(what_does_not_fit_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

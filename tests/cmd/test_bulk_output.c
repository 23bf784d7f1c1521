/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of `unpend bulk` to somebody who reads slowly, or nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "cmd/bulk.h"

enum {
	LONG = 1 << 20,
	MANY = 100, /* of them: more than is kept */
};

struct reader {
	uv_loop_t loop;
	struct bulk_output output;
	int ends[2];
	struct buf got;
};

static int set_up(void **state)
{
	struct reader *r = xalloc(1, sizeof(*r));

	uv_loop_init(&r->loop);
	buf_init(&r->got, MANY * (LONG + 64u));
	if (pipe(r->ends) != 0)
		return -1;
	bulk_output_init(&r->output, &r->loop, r->ends[1], LANG_EN);
	*state = r;
	return 0;
}

static int tear_down(void **state)
{
	struct reader *r = *state;

	bulk_output_done(&r->output);
	uv_run(&r->loop, UV_RUN_DEFAULT);
	uv_loop_close(&r->loop);
	close(r->ends[0]);
	close(r->ends[1]);
	buf_done(&r->got);
	xfree(r);
	return 0;
}

/* All that is pending, read at last. */
static void read_all(struct reader *r)
{
	while (bulk_output_left(&r->output) > 0 || r->got.len < r->output.all_written) {
		bulk_output_flush(&r->output);
		ssize_t n = read(r->ends[0], buf_room(&r->got, LONG), LONG);
		assert_true(n > 0);
		buf_wrote(&r->got, (size_t)n);
		uv_run(&r->loop, UV_RUN_NOWAIT);
	}
}

static void a_line_begins_with_its_number(void **state)
{
	struct reader *r = *state;

	bulk_output_line(&r->output, 1, STR("\"domain\":\"a.example\"}"));
	bulk_output_line(&r->output, UINT64_MAX, STR("\"domain\":null}"));
	read_all(r);
	assert_string_equal(buf_cstr(&r->got),
			    "{\"line\":1,\"domain\":\"a.example\"}\n"
			    "{\"line\":18446744073709551615,\"domain\":null}\n");
	assert_int_equal(r->output.all_written, r->got.len);
	assert_false(r->output.has_failed);
}

static void more_than_is_kept_fails_and_what_was_kept_is_written(void **state)
{
	struct reader *r = *state;
	struct str long_line = str_of(xalloc(LONG, 1), LONG);
	size_t kept = 0;

	for (uint64_t i = 1; i <= MANY; i++) {
		bulk_output_line(&r->output, i, long_line);
		kept += !r->output.has_failed;
	}
	assert_true(r->output.has_failed);
	assert_int_equal(r->output.error.kind, ERR_LIMIT);
	assert_non_null(strstr(r->output.error.text, "read too slowly"));
	assert_true(kept > 60 && kept < MANY);
	/* Once one is lost, none follows, however short: nothing has a hole. */
	bulk_output_line(&r->output, MANY + 1, STR("\"domain\":null}"));
	read_all(r);
	assert_int_equal(r->got.len, kept * (LONG + strlen("{\"line\":1,\n")) +
					     (kept - 9) /* numbers of two digits */);
	assert_true(r->output.has_failed);
	xfree((void *)(uintptr_t)long_line.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_line_begins_with_its_number, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			more_than_is_kept_fails_and_what_was_kept_is_written, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

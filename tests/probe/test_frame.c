/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames over a stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/frame.h"

static void add_frame(struct buf *b, const char *text)
{
	buf_u32(b, (uint32_t)strlen(text));
	buf_text(b, text);
}

static void frames_come_off_one_by_one(unused_arg void **state)
{
	auto_buf struct buf in;
	json_t *frame;

	buf_init(&in, 1 << 16);
	add_frame(&in, "{\"job\":1}");
	add_frame(&in, "{\"job\":2}");
	for (int i = 1; i <= 2; i++) {
		assert_int_equal(frame_take(&in, &frame), FRAME_WHOLE);
		assert_int_equal(json_integer_value(json_object_get(frame, "job")), i);
		json_decref(frame);
	}
	assert_int_equal(in.len, 0);
	assert_int_equal(frame_take(&in, &frame), FRAME_PARTIAL);
}

static void a_frame_is_waited_for_to_its_last_octet(unused_arg void **state)
{
	auto_buf struct buf whole;
	auto_buf struct buf in;
	json_t *frame;

	buf_init(&whole, 1 << 16);
	buf_init(&in, 1 << 16);
	add_frame(&whole, "{\"job\":1}");
	for (size_t i = 0; i + 1 < whole.len; i++) {
		buf_add(&in, whole.data + i, 1);
		assert_int_equal(frame_take(&in, &frame), FRAME_PARTIAL);
	}
	buf_add(&in, whole.data + whole.len - 1, 1);
	assert_int_equal(frame_take(&in, &frame), FRAME_WHOLE);
	json_decref(frame);
}

static void what_is_no_object_is_broken(unused_arg void **state)
{
	static const char *const texts[] = { "", "[]", "1", "{", "{}x", "\"a\"" };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		auto_buf struct buf in;
		json_t *frame;
		buf_init(&in, 1 << 16);
		add_frame(&in, texts[i]);
		if (frame_take(&in, &frame) != FRAME_BROKEN)
			fail_msg("'%s'", texts[i]);
	}
}

static void a_length_beyond_the_limit_is_broken_at_once(unused_arg void **state)
{
	auto_buf struct buf in;
	json_t *frame;

	buf_init(&in, 16);
	buf_u32(&in, FRAME_MAX + 1);
	assert_int_equal(frame_take(&in, &frame), FRAME_BROKEN);
}

static void what_is_sent_is_what_is_taken(unused_arg void **state)
{
	auto_buf struct buf in;
	uv_loop_t loop;
	uv_pipe_t pipe;
	int ends[2];
	json_t *frame;
	json_t *sent = json_pack("{s:i,s:s}", "job", 7, "text", "\xc3\xa4\n");

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	uv_loop_init(&loop);
	uv_pipe_init(&loop, &pipe, 0);
	assert_int_equal(uv_pipe_open(&pipe, ends[0]), 0);
	frame_send((uv_stream_t *)&pipe, sent);
	uv_close((uv_handle_t *)&pipe, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	buf_init(&in, 1 << 16);
	ssize_t n = read(ends[1], buf_room(&in, 4096), 4096);
	assert_true(n > 0);
	buf_wrote(&in, (size_t)n);
	close(ends[1]);
	assert_int_equal(frame_take(&in, &frame), FRAME_WHOLE);
	assert_true(json_equal(frame, sent));
	json_decref(frame);
	json_decref(sent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_off_one_by_one),
		cmocka_unit_test(a_frame_is_waited_for_to_its_last_octet),
		cmocka_unit_test(what_is_no_object_is_broken),
		cmocka_unit_test(a_length_beyond_the_limit_is_broken_at_once),
		cmocka_unit_test(what_is_sent_is_what_is_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

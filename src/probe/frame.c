/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/frame.h"

#include <jansson.h>

struct outgoing {
	uv_write_t write;
	struct buf data;
};

static void on_written(uv_write_t *write, unused_arg int status)
{
	struct outgoing *o = write->data;

	buf_done(&o->data);
	xfree(o);
}

static int add_text(const char *text, size_t len, void *out)
{
	buf_add(out, text, len);
	return 0;
}

void frame_send(uv_stream_t *stream, const struct json_t *json)
{
	struct outgoing *o = xalloc(1, sizeof(*o));

	buf_init(&o->data, FRAME_MAX + 4);
	buf_u32(&o->data, 0);
	json_dump_callback(json, add_text, &o->data, JSON_COMPACT);
	size_t len = o->data.len - 4;
	for (size_t i = 0; i < 4; i++)
		o->data.data[i] = (char)(len >> (24 - 8 * i) & 0xff);
	uv_buf_t whole = uv_buf_init(o->data.data, (unsigned)o->data.len);
	o->write.data = o;
	if (uv_write(&o->write, stream, &whole, 1, on_written) != 0)
		on_written(&o->write, 0);
}

enum frame_state frame_take(struct buf *in, struct json_t **json_out)
{
	struct cursor c = cursor_over(buf_view(in));
	uint32_t len = cursor_u32(&c);

	if (!cursor_ok(&c))
		return FRAME_PARTIAL;
	if (len > FRAME_MAX)
		return FRAME_BROKEN;
	struct str text = cursor_bytes(&c, len);
	if (!cursor_ok(&c))
		return FRAME_PARTIAL;
	json_t *json = json_loadb(text.data, text.len, JSON_ALLOW_NUL, NULL);
	buf_consume(in, 4 + (size_t)len);
	if (!json_is_object(json)) {
		json_decref(json);
		return FRAME_BROKEN;
	}
	*json_out = json;
	return FRAME_WHOLE;
}

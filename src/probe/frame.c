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

void frame_write(struct buf *out, const struct json_t *json)
{
	size_t at = out->len;

	buf_u32(out, 0);
	json_dump_callback(json, add_text, out, JSON_COMPACT);
	if (out->failed)
		return;
	size_t len = out->len - at - 4;
	for (size_t i = 0; i < 4; i++)
		out->data[at + i] = (char)(len >> (24 - 8 * i) & 0xff);
}

static void send_outgoing(uv_stream_t *stream, struct outgoing *o)
{
	uv_buf_t whole = uv_buf_init(o->data.data, (unsigned)o->data.len);

	o->write.data = o;
	if (uv_write(&o->write, stream, &whole, 1, on_written) != 0)
		on_written(&o->write, 0);
}

void frame_send(uv_stream_t *stream, const struct json_t *json)
{
	struct outgoing *o = xalloc(1, sizeof(*o));

	buf_init(&o->data, FRAME_MAX + 4);
	frame_write(&o->data, json);
	send_outgoing(stream, o);
}

/* What the stream takes at once needs no memory of its own. */
void frame_send_raw(uv_stream_t *stream, struct buf *data)
{
	uv_buf_t whole = uv_buf_init(data->data, (unsigned)data->len);
	int n = uv_try_write(stream, &whole, 1);
	size_t written = n > 0 ? (size_t)n : 0;

	if (written < data->len) {
		struct outgoing *o = xalloc(1, sizeof(*o));
		buf_init(&o->data, FRAME_MAX + 4);
		buf_add(&o->data, data->data + written, data->len - written);
		send_outgoing(stream, o);
	}
	buf_clear(data);
}

enum frame_state frame_take(struct buf *in, struct json_t **json_out)
{
	return frame_take_short(in, FRAME_MAX, json_out);
}

enum frame_state frame_peek(const struct buf *in, size_t text_max, struct str *text_out)
{
	struct cursor c = cursor_over(buf_view(in));
	uint32_t len = cursor_u32(&c);

	if (!cursor_ok(&c))
		return FRAME_PARTIAL;
	if (len > text_max)
		return FRAME_BROKEN;
	*text_out = cursor_bytes(&c, len);
	return cursor_ok(&c) ? FRAME_WHOLE : FRAME_PARTIAL;
}

void frame_drop(struct buf *in, struct str text)
{
	buf_consume(in, 4 + text.len);
}

struct json_t *frame_json(struct str text)
{
	json_t *json = json_loadb(text.data, text.len, JSON_ALLOW_NUL, NULL);

	if (json_is_object(json))
		return json;
	json_decref(json);
	return NULL;
}

enum frame_state frame_take_short(struct buf *in, size_t text_max,
				  struct json_t **json_out)
{
	struct str text;
	enum frame_state state = frame_peek(in, text_max, &text);

	if (state != FRAME_WHOLE)
		return state;
	json_t *json = frame_json(text);
	frame_drop(in, text);
	if (!json)
		return FRAME_BROKEN;
	*json_out = json;
	return FRAME_WHOLE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON in frames on a stream: 4 octets of length in network order, then the text. */
#ifndef PROBE_FRAME_H
#define PROBE_FRAME_H

#include <uv.h>

#include "base/base.h"

struct json_t;

enum {
	FRAME_MAX = 16 << 20
}; /* octets of one text */

/* Appends the frame. */
void frame_write(struct buf *out, const struct json_t *json);
/* Queues it on the stream, which must be open. */
void frame_send(uv_stream_t *stream, const struct json_t *json);

enum frame_state {
	FRAME_WHOLE,
	FRAME_PARTIAL,
	FRAME_BROKEN, /* too long, or no JSON object */
};
/* Takes the first frame off `in`; *json_out is a new reference. */
enum frame_state frame_take(struct buf *in, struct json_t **json_out);
/* The same from a stranger: texts of at most so many octets. */
enum frame_state frame_take_short(struct buf *in, size_t text_max,
				  struct json_t **json_out);

/* The text of the first frame, of any octets; borrowed until frame_drop, which takes that
 * frame off. */
enum frame_state frame_peek(const struct buf *in, size_t text_max, struct str *text_out);
void frame_drop(struct buf *in, struct str text);
/* What a text says; NULL: no JSON object. A new reference. */
struct json_t *frame_json(struct str text);
/* Sends a whole frame on the stream, or queues what it does not take now; data is empty
 * then, and keeps its memory. */
void frame_send_raw(uv_stream_t *stream, struct buf *data);

#endif

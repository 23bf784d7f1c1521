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

#endif

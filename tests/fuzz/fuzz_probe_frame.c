/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a stream of frames: each frame shortens it, and what is taken is an
 * object. */
#include <jansson.h>
#include <stdlib.h>

#include "probe/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_buf struct buf in;
	enum frame_state state;

	buf_init(&in, FRAME_MAX);
	buf_add(&in, data, size);
	do {
		size_t before = in.len;
		json_t *frame;
		state = frame_take(&in, &frame);
		if (state == FRAME_PARTIAL && in.len != before)
			abort();
		if (state != FRAME_WHOLE)
			continue;
		if (in.len >= before || !json_is_object(frame))
			abort();
		json_decref(frame);
	} while (state == FRAME_WHOLE);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a client may send to a perspective, frame by frame; what asks for something is
 * written and read again to the same. */
#include <jansson.h>
#include <stdlib.h>

#include "probe/frame.h"
#include "probe/job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask_again(struct arena *a, const struct job_request *r)
{
	struct probe_job job = { .expectation = r->is_peek ? NULL : &r->expectation,
				 .domain = r->domain };
	json_t *frame = json_object();
	struct job_request back;
	struct err e = { 0 };

	job_write(&job, r->number, frame);
	if (!job_read(a, frame, &back, &e) || back.number != r->number ||
	    back.is_peek != r->is_peek || !dns_name_equal(&back.domain, &r->domain))
		abort();
	json_decref(frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_buf struct buf in;
	json_t *frame;

	buf_init(&in, size + 1);
	buf_add(&in, data, size);
	while (frame_take_short(&in, 256 << 10, &frame) == FRAME_WHOLE) {
		auto_arena struct arena a;
		struct job_request request;
		struct err e = { 0 };
		arena_init(&a, 24 << 20);
		if (job_read(&a, frame, &request, &e) && !request.is_cancel)
			ask_again(&a, &request);
		json_decref(frame);
	}
	return 0;
}

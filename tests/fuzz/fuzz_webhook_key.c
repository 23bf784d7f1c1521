/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A key in text, and what Retry-After says: never more than was given or before now. */
#include <assert.h>

#include "webhook/webhook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	auto_buf struct buf out;
	buf_init(&out, 1024);
	if (size <= 64 * 1024 && webhook_key_parse(&out, str_of(data, size), &e))
		assert(out.len >= 24 && out.len <= 64 && out.len < size);
	assert(webhook_retry_after_parse(str_of(data, size), 1000) >= -1);
	return 0;
}

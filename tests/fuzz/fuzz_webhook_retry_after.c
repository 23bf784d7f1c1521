/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Retry-After says: never before now. */
#include <assert.h>

#include "webhook/webhook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	assert(webhook_retry_after_parse(str_of(data, size), 1000) >= -1);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A query string: a parameter's value is never longer than the query. */
#include <assert.h>

#include "http/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct http_request r = { .query = str_of(data, size), .arena = &a };
	struct str value = STR_EMPTY;
	arena_init(&a, 16 * 1024 * 1024);
	if (size <= 64 * 1024 && http_query_find(&r, "limit", &value))
		assert(value.len < size);
	arena_done(&a);
	return 0;
}

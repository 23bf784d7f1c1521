/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Method, blank, path: a row, or methods that exist, or nothing. */
#include <assert.h>

#include "api/native.h"
#include "api/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = str_of(data, size);
	size_t blank = str_find_byte(in, ' ');
	struct route_match match;
	int64_t id;
	struct arena a;
	arena_init(&a, 1024 * 1024);
	const struct route *r = route_find(&a, str_sub(in, 0, blank),
					   str_sub(in, blank + 1, in.len), &match);
	assert(!r || match.allow.len == 0);
	for (size_t i = 0; i < match.parameter_count; i++) {
		assert(match.parameters[i].len > 0 && match.parameters[i].len <= in.len);
		if (native_id_parse(match.parameters[i], "idn_", &id))
			assert(id >= 0);
	}
	arena_done(&a);
	return 0;
}

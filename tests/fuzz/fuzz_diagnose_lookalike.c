/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a name that somebody typed: the skeleton is short, and the same each
 * time. */
#include <stdlib.h>

#include "diagnose/lookalike.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	struct str text = str_of(data, size);

	arena_init(&a, 1 << 20);
	struct str one = lookalike_skeleton(&a, text);
	struct str two = lookalike_skeleton(&a, text);
	if (!str_equal(one, two) || one.len > 16 * 1024)
		abort();
	return 0;
}

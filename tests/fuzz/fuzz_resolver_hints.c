/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a root hints file. */
#include <stdlib.h>

#include "resolver/hints.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	struct cut *root;
	struct err e = { 0 };

	arena_init(&a, 1 << 20);
	if (!hints_parse(&a, str_of(data, size), &root, &e)) {
		if (e.kind != ERR_USAGE || !e.text[0])
			abort();
		return 0;
	}
	if (root->server_count > RESOLVER_SERVERS_MAX || !cut_has_address(root))
		abort();
	return 0;
}

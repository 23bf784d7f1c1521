/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A DKIM key record of any bytes. */
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	arena_init(&a, 1024 * 1024);
	struct err e = { 0 };
	struct policy_dkim_key key;

	if (policy_dkim_key_parse(&a, str_of(data, size), &key, &e) ==
	    (e.kind != ERR_NONE))
		__builtin_trap();
	return 0;
}

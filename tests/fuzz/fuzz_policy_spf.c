/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPF records of any bytes: each covers itself. */
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	arena_init(&a, 1024 * 1024);
	struct policy_spf spf;
	struct policy_spf none = { 0 };

	if (!policy_spf_parse(&a, str_of(data, size), &spf))
		return 0;
	if (!policy_spf_covers(&spf, &none))
		__builtin_trap();
	(void)policy_spf_covers(&spf, &spf);
	return 0;
}

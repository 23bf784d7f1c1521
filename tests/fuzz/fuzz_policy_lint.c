/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lint of a text of any bytes: as what it looks like, and as each kind. */
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 16 * 1024)
		return 0;
	for (enum lint_kind kind = LINT_UNKNOWN; kind <= LINT_MX; kind++) {
		auto_arena struct arena a;
		arena_init(&a, 64 * 1024 * 1024);
		struct lint l;

		policy_lint(&a, str_of(size ? data : (const uint8_t *)"", size), kind,
			    LANG_EN, &l);
		for (size_t i = 0; i < l.count; i++)
			if (l.problems[i].at > l.text.len ||
			    l.problems[i].len > l.text.len - l.problems[i].at)
				__builtin_trap();
	}
	return 0;
}

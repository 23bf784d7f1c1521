/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happened to a key's text, of any bytes; lines are records of one name. */
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	arena_init(&a, 64 * 1024 * 1024);
	struct str rest = str_of(size ? data : (const uint8_t *)"", size);
	struct str texts[4];
	struct dkim_seen seen;
	size_t count = 0;

	if (size > 16 * 1024)
		return 0;
	while (count < ARRAY_LEN(texts) && str_split(&rest, '\n', &texts[count]))
		count++;
	policy_dkim_damage(&a, texts[0], count > 1 ? texts[1] : STR_EMPTY, &seen);
	if (seen.at > texts[0].len)
		__builtin_trap();
	(void)policy_dkim_is_split(&a, texts, count, texts[0]);
	return 0;
}

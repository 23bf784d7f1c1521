/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as an answer of SES: refused, or three tokens that are labels, and a zone. */
#include "authority/ses.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	struct ses_identity identity;
	struct err e = { 0 };

	arena_init(&a, 16 * 1024 * 1024);
	if (!ses_identity_parse(&a, str_of(data, size), STR("us-east-1"), &identity, &e))
		return 0;
	for (size_t i = 0; i < EXPECT_DKIM_TOKENS; i++)
		if (!identity.tokens[i].len || identity.tokens[i].len > 63)
			__builtin_trap();
	if (!identity.zone.len)
		__builtin_trap();
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DMARC records and report addresses of any bytes. */
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	arena_init(&a, 1024 * 1024);
	struct str text = str_of(size ? data : (const uint8_t *)"", size);
	struct dmarc_record record;
	struct dmarc_address address;
	struct err e = { 0 };

	if (size > 64 * 1024)
		return 0;
	if (dmarc_record_parse(&a, text, &record) && !dmarc_record_is_meant(text))
		__builtin_trap();
	if (dmarc_address_parse(text, &address, &e) != (e.kind == ERR_NONE))
		__builtin_trap();
	return 0;
}

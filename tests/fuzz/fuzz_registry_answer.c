/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as an RDAP answer: refused, or small texts about the domain asked for. */
#include "registry/registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	struct dns_name asked;
	struct registration r;
	struct err e = { 0 };

	arena_init(&a, 16 * 1024 * 1024);
	if (!dns_name_parse(STR("held.example"), &asked, &e))
		__builtin_trap();
	if (!registry_answer_parse(&a, str_of(data, size), &asked, &r, &e))
		return 0;
	if (r.outcome != REGISTRATION_FOUND || r.status_count > 32 ||
	    r.registrar.len > 200 || !dns_name_equal(&r.domain, &asked))
		__builtin_trap();
	for (size_t i = 0; i < r.status_count; i++)
		if (r.statuses[i].len == 0 || r.statuses[i].len > 64)
			__builtin_trap();
	return 0;
}

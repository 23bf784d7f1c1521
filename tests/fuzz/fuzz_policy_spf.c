/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPF records of any bytes: what is well-formed stays so term by term. */
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	arena_init(&a, 16 * 1024 * 1024);
	struct str txt = str_of(data, size);
	struct spf_record r;
	enum spf_fault fault;
	struct str wrong;

	if (size > 64 * 1024 || !spf_is_record(txt))
		return 0;
	if (!spf_record_parse(&a, txt, &r, &fault, &wrong)) {
		if (fault == SPF_FAULT_NONE || spf_fault_text(fault)[0] == '\0')
			__builtin_trap();
		return 0;
	}
	for (size_t i = 0; i < r.count; i++) {
		struct spf_record one;
		struct str term = str_from(
			arena_printf(&a, "v=spf1 %.*s", STR_ARG(r.terms[i].text)));

		if (!spf_record_parse(&a, term, &one, &fault, &wrong) || one.count != 1)
			__builtin_trap();
	}
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Public suffixes of a domain of any bytes. */
#include "mail/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	arena_init(&a, 1024 * 1024);
	struct mail_suffix s;
	struct err e = { 0 };

	if (!mail_suffix_parse(&a, str_of(size ? data : (const uint8_t *)"", size), &s,
			       &e))
		return 0;
	if (!str_ends(s.domain, s.suffix) || !str_ends(s.domain, s.registrable))
		__builtin_trap();
	(void)mail_domain_unicode(&a, s.domain);
	return 0;
}

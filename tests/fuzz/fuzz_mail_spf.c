/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPF records of any bytes: each covers itself. */
#include "mail/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	arena_init(&a, 1024 * 1024);
	struct mail_spf spf;
	struct mail_spf none = { 0 };

	if (!mail_spf_parse(&a, str_of(data, size), &spf))
		return 0;
	if (!mail_spf_covers(&spf, &none))
		__builtin_trap();
	(void)mail_spf_covers(&spf, &spf);
	return 0;
}

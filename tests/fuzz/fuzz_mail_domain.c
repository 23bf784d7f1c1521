/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A domain as typed: what is taken is small, and stays as it is when typed again. */
#include "mail/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	arena_init(&a, 1024 * 1024);
	struct err e = { 0 };
	struct dns_name name;
	struct dns_name again;
	struct str text;
	struct str same;

	if (!mail_domain_parse(&a, str_of(data, size), false, &text, &name, &e))
		return 0;
	if (!mail_domain_parse(&a, text, false, &same, &again, &e) ||
	    !str_equal(text, same) || !dns_name_equal(&name, &again) || text.len > 253)
		__builtin_trap();
	if (!str_ends(text, mail_domain_organisational(text)))
		__builtin_trap();
	if (mail_domain_is_suffix(text) &&
	    !str_equal(text, mail_domain_organisational(text)))
		__builtin_trap();
	return 0;
}

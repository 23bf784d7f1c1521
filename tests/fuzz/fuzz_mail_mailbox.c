/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A From value: what is taken can be written as one address and is that when read. */
#include "mail/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_clean(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (c < 32 || c == 127)
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	arena_init(&a, 1024 * 1024);
	struct err e = { 0 };
	struct mail_address one;
	struct mail_address two;
	struct str display;

	if (!mail_mailbox_parse(&a, str_of(data, size), &display, &one, &e))
		return 0;
	char *spec =
		arena_printf(&a, "%.*s@%.*s", STR_ARG(one.local), STR_ARG(one.domain));
	if (!is_clean(display) || !is_clean(one.local) ||
	    !mail_address_parse(&a, str_from(spec), &two, &e) ||
	    !str_equal(one.local, two.local) || !str_equal(one.domain, two.domain))
		__builtin_trap();
	return 0;
}

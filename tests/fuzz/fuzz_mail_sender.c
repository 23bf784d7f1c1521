/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sender as typed: what is taken stays as it is when typed again, what is not has a
 * code. */
#include "mail/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	arena_init(&a, 4 * 1024 * 1024);
	const struct str allow[] = { STR("example"), STR("jp") };
	const struct mail_sender_rules rules = { .allow = allow, .allow_count = 2 };
	struct mail_sender sender;
	struct mail_sender again;
	struct err e = { 0 };

	if (!mail_sender_parse(&a, str_of(data, size), &rules, &sender, &e)) {
		if (e.kind != ERR_USAGE || !e.code || !*e.text)
			__builtin_trap();
		return 0;
	}
	struct str plain = sender.address.len ? sender.address : sender.domain;
	if (!mail_sender_parse(&a, plain, &rules, &again, &e) ||
	    !str_equal(sender.domain, again.domain) ||
	    !str_equal(sender.address, again.address) ||
	    !str_ends(sender.domain, sender.organisational))
		__builtin_trap();
	(void)mail_domain_caution(&a, sender.domain, LANG_EN);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a raw message: what comes out has CRLF only, one From, no Bcc, and is read
 * again. */
#include "send/compose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void composed_check(struct arena *a, const struct composed *c)
{
	struct mail_message m;
	struct err e = { 0 };

	if (!mail_message_parse(a, c->content, &m, &e) ||
	    !mail_message_find(&m, "From", 0) || mail_message_find(&m, "From", 1) ||
	    mail_message_find(&m, "Bcc", 0) || !mail_message_find(&m, "Date", 0) ||
	    !mail_message_find(&m, "Message-ID", 0) || !c->claim_count ||
	    !c->recipient_count)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct send_request request = { .raw = str_of(data, size), .now_ms = 1 };
	auto_arena struct arena a;
	struct composed composed;
	struct err e = { 0 };

	arena_init(&a, 64 * 1024 * 1024);
	if (compose(&a, &request, STR("id"), &composed, &e))
		composed_check(&a, &composed);
	return 0;
}

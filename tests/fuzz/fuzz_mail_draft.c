/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A draft of five foreign texts: refused, or a message with exactly the fields asked
 * for. */
#include "mail/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	arena_init(&a, 1024 * 1024);
	struct str rest = str_of(data, size);
	struct str parts[5] = { { "", 0 }, { "", 0 }, { "", 0 }, { "", 0 }, { "", 0 } };
	struct err e = { 0 };
	struct mail_message m;
	auto_buf struct buf out;

	buf_init(&out, 1024 * 1024);
	for (size_t i = 0; i < ARRAY_LEN(parts) && str_split(&rest, '|', &parts[i]); i++)
		;
	const struct mail_field further = { STR("X-Further"), parts[3] };
	const struct mail_draft d = { .from = parts[0],
				      .to = &parts[1],
				      .to_count = 1,
				      .subject = parts[2],
				      .headers = &further,
				      .header_count = 1,
				      .text = parts[4],
				      .html = str_sub(parts[4], 3, parts[4].len) };
	if (!mail_draft_write(&out, &d, &e))
		return 0;
	if (!mail_message_parse(&a, buf_view(&out), &m, &e) || m.header_count < 7 ||
	    m.header_count > 8 || mail_message_find(&m, "Bcc", 0) ||
	    mail_message_find(&m, "From", 1) || !mail_message_find(&m, "X-Further", 0))
		__builtin_trap();
	return 0;
}

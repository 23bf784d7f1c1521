/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message of any bytes, signed: message and signature together parse again. */
#include "mail/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct crypto_rsa *key;

static void sign_and_parse(struct arena *a, const struct mail_message *m,
			   struct str bytes)
{
	const struct mail_dkim_signer signer = { STR("b.example"), STR("s"), key, 1 };
	struct err e = { 0 };
	struct mail_message again;
	auto_buf struct buf signed_message;

	buf_init(&signed_message, 1024 * 1024);
	mail_dkim_sign(&signed_message, m, &signer);
	buf_str(&signed_message, bytes);
	if (signed_message.failed ||
	    !mail_message_parse(a, buf_view(&signed_message), &again, &e) ||
	    again.header_count != m->header_count + 1 || !str_equal(again.body, m->body))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	arena_init(&a, 1024 * 1024);
	struct err e = { 0 };
	struct mail_message m;

	if (!key)
		key = crypto_rsa_new(2048);
	if (mail_message_parse(&a, str_of(data, size), &m, &e) && m.header_count < 1000)
		sign_and_parse(&a, &m, str_of(data, size));
	return 0;
}

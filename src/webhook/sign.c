/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys in text, and signatures over "ID.TIMESTAMP.BODY" (Standard Webhooks 1.0.0). */
#include "webhook/webhook.h"

void webhook_key_write(struct buf *out, const char *prefix, struct str bytes)
{
	buf_text(out, prefix);
	base64_write(out, bytes);
}

static void sign_with_secret(struct buf *out, struct str secret, struct str signed_text)
{
	uint8_t mac[CRYPTO_SHA256_LEN];

	crypto_hmac_sha256(secret, signed_text, mac);
	buf_text(out, out->len ? " v1," : "v1,");
	base64_write(out, str_of(mac, sizeof(mac)));
}

static void sign_with_key(struct buf *out, struct str seed, struct str signed_text)
{
	uint8_t signature[CRYPTO_ED25519_SIGNATURE_LEN];

	crypto_ed25519_sign((const uint8_t *)seed.data, signed_text, signature);
	buf_text(out, out->len ? " v1a," : "v1a,");
	base64_write(out, str_of(signature, sizeof(signature)));
}

void webhook_sign(struct buf *out, const struct webhook_signers *signers, struct str id,
		  int64_t at_s, struct str body)
{
	auto_buf struct buf text;

	buf_init(&text, 2 * WEBHOOK_PAYLOAD_MAX);
	buf_printf(&text, "%.*s.%lld.", STR_ARG(id), (long long)at_s);
	buf_str(&text, body);
	for (size_t i = 0; i < signers->secret_count; i++)
		sign_with_secret(out, signers->secrets[i], buf_view(&text));
	if (signers->seed.len == CRYPTO_ED25519_LEN)
		sign_with_key(out, signers->seed, buf_view(&text));
}

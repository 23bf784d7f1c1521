/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an identity gets when it begins, and what the authority is told of it later. */
#include "authority/authority.h"
#include "authority/ses.h"
#include "crypto/crypto.h"

enum {
	TOKEN_BYTES = 20, /* 160 bits: 32 characters of base32 */
	CALL_BYTES = 8 * 1024 * 1024,
};

static bool is_ses(const struct config *config)
{
	return str_is(config_text(config, CONFIG_AUTHORITY_KIND), "ses");
}

struct str authority_token_make(struct arena *a)
{
	uint8_t random[TOKEN_BYTES];
	auto_buf struct buf token;

	buf_init(&token, 64);
	crypto_random(random, sizeof(random));
	base32_write(&token, str_of(random, sizeof(random)));
	return arena_str(a, buf_view(&token));
}

static bool ses_grant(struct arena *a, const struct config *config, struct str domain,
		      struct authority_grant *out, struct err *e)
{
	struct ses_identity identity;

	if (!ses_create(a, config, domain, &identity, e) &&
	    (e->kind != ERR_EXISTS || !ses_get(a, config, domain, &identity, e)))
		return false;
	for (size_t i = 0; i < EXPECT_DKIM_TOKENS; i++)
		out->tokens[i] = identity.tokens[i];
	out->key_zone = identity.zone;
	out->keys_are_ours = false;
	return true;
}

bool authority_grant(struct arena *a, const struct config *config, struct str domain,
		     struct authority_grant *out, struct err *e)
{
	if (is_ses(config))
		return ses_grant(a, config, domain, out, e);
	/* Names in the key zone; the store sees that nobody had them. */
	for (size_t i = 0; i < EXPECT_DKIM_TOKENS; i++)
		out->tokens[i] = authority_token_make(a);
	out->key_zone = config_text(config, CONFIG_KEYS_ZONE);
	out->keys_are_ours = true;
	return true;
}

bool authority_resubmit(const struct config *config, struct str domain, struct err *e)
{
	auto_arena struct arena a;

	arena_init(&a, CALL_BYTES);
	return !is_ses(config) || ses_resubmit(&a, config, domain, e);
}

bool authority_revoke(const struct config *config, struct str domain, struct err *e)
{
	struct err refused = { 0 };
	auto_arena struct arena a;

	arena_init(&a, CALL_BYTES);
	if (!is_ses(config) || ses_delete(&a, config, domain, &refused) ||
	    refused.kind == ERR_NOT_FOUND)
		return true;
	*e = refused;
	return false;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bearer tokens (RFC 6750) and AWS signatures. */
#include "api/auth.h"

#include "api/problem.h"
#include "api/ses_error.h"
#include "api/sigv4.h"

static bool refuse_bearer(struct call *c, const char *why)
{
	http_response_header(c->response, "WWW-Authenticate", STR("Bearer"));
	problem_answer_status(c, 401, "unauthorized", str_from(lang_text(c->lang, why)));
	return false;
}

bool auth_bearer(struct call *c)
{
	static const char scheme[] = "Bearer ";
	uint8_t hash[CRYPTO_SHA256_LEN];
	struct err e = { 0 };
	struct str header = http_header_find(c->request, "authorization");
	if (!header.data)
		return refuse_bearer(c, LANG_MARK("the header 'Authorization: Bearer "
						  "TOKEN' is missing"));
	/* RFC 9110 section 11.1: the scheme's case does not matter. */
	struct str given = str_sub(header, 0, sizeof(scheme) - 1);
	if (!str_equal_nocase(given, str_from(scheme)))
		return refuse_bearer(
			c, LANG_MARK("the Authorization header is not 'Bearer TOKEN'"));
	service_token_hash(str_trim(str_sub(header, given.len, header.len)), hash);
	if (store_tenant_by_token_hash(c->store, c->arena, str_of(hash, sizeof(hash)),
				       &c->tenant, &e))
		return true;
	if (e.kind == ERR_NOT_FOUND)
		return refuse_bearer(c, LANG_MARK("the token is not known here"));
	problem_answer(c, &e);
	return false;
}

/* The secret to check with. An unknown key gets one that fits nothing, so that it
 * takes as long as a wrong signature. */
static bool secret_find(struct call *c, struct str access_key_id, bool *known_out,
			struct str *secret_out, struct err *e)
{
	*known_out = store_tenant_by_access_key(c->store, c->arena, access_key_id,
						&c->tenant, e);
	if (*known_out)
		return service_tenant_secret(c->arena, c->api->options.seal_key,
					     &c->tenant, secret_out, e);
	*secret_out = STR("0000000000000000000000000000000000000000");
	return e->kind == ERR_NOT_FOUND;
}

bool auth_sigv4(struct call *c)
{
	struct sigv4 s;
	struct sigv4_refusal refusal;
	struct err e = { 0 };
	bool known;
	const struct config *config = c->api->options.config;
	struct sigv4_check check = {
		.region = config_text(config, CONFIG_SES_REGION),
		.now_s = c->now_ms / 1000,
		.skew_s = config_number(config, CONFIG_SES_CLOCK_SKEW_S),
	};
	if (!sigv4_read(c->request, &s, &refusal)) {
		ses_refuse(c, refusal.type, refusal.message);
		return false;
	}
	if (!secret_find(c, s.access_key_id, &known, &check.secret, &e)) {
		ses_refuse_err(c, &e);
		return false;
	}
	bool right = sigv4_verify(c->request, &s, &check, &refusal);
	/* We give no temporary keys, so there is no session token that is ours. */
	if (!known || http_header_find(c->request, "x-amz-security-token").data) {
		ses_refuse(c, "UnrecognizedClientException",
			   STR("The security token included in the request is invalid."));
		return false;
	}
	if (!right)
		ses_refuse(c, refusal.type, refusal.message);
	return right;
}

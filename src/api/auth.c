/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bearer tokens (RFC 6750), links and AWS signatures. What is not known, has ended or was
 * revoked is refused alike, after the same work; how often somebody may ask is counted by
 * token, or, without a good one, by address.
 */
#include "api/auth.h"

#include "api/limit.h"
#include "api/problem.h"
#include "api/route.h"
#include "api/ses_error.h"
#include "api/sigv4.h"

enum {
	BURST_S = 10, /* what comes in so many seconds may come at once */
	SHARE_TOKEN_LEN = 26,
};

/* --- how often --- */

static struct limit_rule rule_of(const struct call *c, enum config_key key)
{
	uint32_t rate = (uint32_t)config_number(c->api->options.config, key);
	return (struct limit_rule){ rate, rate * BURST_S };
}

/* draft-ietf-httpapi-ratelimit-headers-10: what there is, and what is left of it. */
static void limit_tell(struct call *c, const char *name, const struct limit_rule *rule,
		       const struct limit_left *left)
{
	struct http_response *r = c->response;
	if (rule->rate == 0)
		return;
	http_response_header(r, "RateLimit-Policy",
			     str_from(arena_printf(c->arena, "\"%s\";q=%u;w=%d", name,
						   rule->burst, BURST_S)));
	http_response_header(r, "RateLimit",
			     str_from(arena_printf(c->arena, "\"%s\";r=%u;t=%u", name,
						   left->remaining, left->full_in_s)));
}

/* name is the policy's, `who` one of those it counts. */
static bool limit_holds(struct call *c, const char *name, struct str who,
			enum config_key key)
{
	struct limit_rule rule = rule_of(c, key);
	struct limit_left left;
	struct str caller =
		str_from(arena_printf(c->arena, "%s:%.*s", name, STR_ARG(who)));
	bool taken = limits_take(c->api->limits, caller, &rule, c->now_ms, &left);
	limit_tell(c, name, &rule, &left);
	if (taken)
		return true;
	http_response_header(c->response, "Retry-After",
			     str_from(arena_printf(c->arena, "%u", left.retry_in_s)));
	problem_answer_status(c, 429, "too_many",
			      str_from(lang_text(c->lang, "too many requests: try again "
							  "after the seconds that "
							  "Retry-After says")));
	return false;
}

bool auth_anybody(struct call *c)
{
	auto_buf struct buf place;

	buf_init(&place, 256);
	limit_place_write(&place, c->request->client);
	return limit_holds(c, "address", buf_view(&place), CONFIG_HTTP_ADDRESS_RATE);
}

/* --- tokens --- */

/* RFC 6750 section 3: which error it is, for programs. */
static bool refuse_bearer(struct call *c, const char *challenge, const char *why)
{
	if (!auth_anybody(c))
		return false;
	http_response_header(c->response, "WWW-Authenticate", str_from(challenge));
	problem_answer_status(c, 401, "unauthorized", str_from(lang_text(c->lang, why)));
	return false;
}

static bool refuse_token(struct call *c)
{
	return refuse_bearer(c, "Bearer error=\"invalid_token\"",
			     LANG_MARK("the token is not known here, has ended or was "
				       "revoked"));
}

static bool token_find(struct call *c, struct str text, bool *good_out, struct err *e)
{
	uint8_t hash[CRYPTO_SHA256_LEN];
	int64_t now_s = c->now_ms / 1000;
	service_token_hash(text, hash);
	*good_out = false;
	if (!store_api_token_by_hash(c->store, c->arena, str_of(hash, sizeof(hash)),
				     &c->token, e))
		return e->kind == ERR_NOT_FOUND;
	const struct api_token_row *t = &c->token;
	*good_out = t->revoked_at == 0 && (t->expires_at == 0 || t->expires_at > now_s);
	return true;
}

/* The operator's tokens have none: then its id stays 0. */
static bool tenant_find(struct call *c, bool *good_out, struct err *e)
{
	if (c->token.tenant_id == 0)
		return true;
	*good_out =
		store_tenant_get(c->store, c->arena, c->token.tenant_id, &c->tenant, e);
	return *good_out || e->kind == ERR_NOT_FOUND;
}

/* RFC 6750 section 3.1: insufficient_scope names what would do. */
static bool scope_holds(struct call *c)
{
	uint32_t wanted = c->route->scope;
	if (wanted == SCOPE_ANY || (c->token.scopes & wanted))
		return true;
	const char *name = scope_name(wanted);
	http_response_header(
		c->response, "WWW-Authenticate",
		str_from(arena_printf(c->arena,
				      "Bearer error=\"insufficient_scope\", scope=\"%s\"",
				      name)));
	struct str detail = str_from(arena_printf(
		c->arena, lang_text(c->lang, "the token lacks the scope '%s'"), name));
	problem_answer_status(c, 403, "insufficient_scope", detail);
	return false;
}

static bool refuse_suspended(struct call *c)
{
	problem_answer_status(
		c, 403, "suspended",
		str_from(lang_text(c->lang, "the operator of this service has "
					    "suspended this tenant")));
	return false;
}

/* The token was found: what may it do just now? */
static bool token_holds(struct call *c)
{
	struct err ignored = { 0 };
	if (!limit_holds(c, "token",
			 str_from(arena_printf(c->arena, "%lld", (long long)c->token.id)),
			 CONFIG_HTTP_TOKEN_RATE))
		return false;
	if (c->tenant.suspended_at)
		return refuse_suspended(c);
	if (!scope_holds(c))
		return false;
	/* A note for people: nothing depends on it. */
	(void)!store_api_token_used(c->store, &c->token, c->now_ms / 1000, &ignored);
	return true;
}

bool auth_bearer(struct call *c)
{
	static const char scheme[] = "Bearer ";
	struct err e = { 0 };
	struct str header = http_header_find(c->request, "authorization");
	bool good = false;
	if (!header.data)
		return refuse_bearer(c, "Bearer",
				     LANG_MARK("the header 'Authorization: Bearer "
					       "TOKEN' is missing"));
	/* RFC 9110 section 11.1: the scheme's case does not matter. */
	struct str given = str_sub(header, 0, sizeof(scheme) - 1);
	if (!str_equal_nocase(given, str_from(scheme)))
		return refuse_bearer(
			c, "Bearer",
			LANG_MARK("the Authorization header is not 'Bearer TOKEN'"));
	struct str text = str_trim(str_sub(header, given.len, header.len));
	if (!token_find(c, text, &good, &e) || (good && !tenant_find(c, &good, &e))) {
		problem_answer(c, &e);
		return false;
	}
	return good ? token_holds(c) : refuse_token(c);
}

/* --- links --- */

static bool share_find(struct call *c, bool *good_out, struct err *e)
{
	uint8_t hash[CRYPTO_SHA256_LEN];
	service_token_hash(c->parameters[0], hash);
	*good_out = false;
	if (!store_share_by_hash(c->store, c->arena, str_of(hash, sizeof(hash)),
				 &c->share, e) ||
	    !store_tenant_get(c->store, c->arena, c->share.tenant_id, &c->tenant, e))
		return e->kind == ERR_NOT_FOUND;
	*good_out = c->share.expires_at > c->now_ms / 1000 && !c->tenant.suspended_at;
	return true;
}

bool auth_share(struct call *c)
{
	struct err e = { .lang = c->lang };
	bool good = false;
	if (!auth_anybody(c))
		return false;
	if (c->parameters[0].len == SHARE_TOKEN_LEN && !share_find(c, &good, &e)) {
		problem_answer(c, &e);
		return false;
	}
	if (!good) {
		err_set(&e, ERR_NOT_FOUND, "%s",
			lang_text(c->lang, "there is no such link, or it has ended"));
		problem_answer(c, &e);
		return false;
	}
	(void)!store_share_used(c->store, &c->share, c->now_ms / 1000, &e);
	return true;
}

/* --- AWS signatures --- */

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
	if (!right) {
		ses_refuse(c, refusal.type, refusal.message);
		return false;
	}
	if (c->tenant.suspended_at)
		ses_refuse(c, "AccountSuspendedException",
			   STR("The operator of this service has suspended this "
			       "account."));
	return c->tenant.suspended_at == 0;
}

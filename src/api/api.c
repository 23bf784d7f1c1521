/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One request: id, route, size, store, who calls, handler, headers. Two styles of
 * refusal: SES's below /v2/email/, problem documents elsewhere.
 */
#include "api/api.h"

#include "api/auth.h"
#include "api/feed.h"
#include "api/handlers.h"
#include "api/language.h"
#include "api/limit.h"
#include "api/problem.h"
#include "api/replay.h"
#include "api/route.h"
#include "api/ses_error.h"

enum {
	TRACE_ID_LEN = 32,
	PARAMETER_MAX = 1024,
	BODY_OTHER_MAX = 64 * 1024, /* of what is refused anyway */
	OPENAPI_MAX = 1024 * 1024,
};

struct api *api_new(const struct api_options *options)
{
	struct api *api = xalloc(1, sizeof(*api));
	api->options = *options;
	api->started_at_ms = options->now_ms();
	crypto_hmac_sha256(str_of(options->seal_key, CRYPTO_KEY_LEN),
			   STR("unpend page tokens 1"), api->cursor_key);
	api->limits = limits_new();
	buf_init(&api->openapi, OPENAPI_MAX);
	api_openapi_write(&api->openapi);
	api->feed = feed_new(options->stores);
	return api;
}

void api_free(struct api **a)
{
	if (!*a)
		return;
	feed_free(&(*a)->feed);
	crypto_wipe((*a)->cursor_key, sizeof((*a)->cursor_key));
	limits_free(&(*a)->limits);
	buf_done(&(*a)->openapi);
	xfree(*a);
	*a = NULL;
}

static bool is_ses(const struct call *c)
{
	return str_starts(c->request->path, STR("/v2/email/")) ||
	       str_starts(c->request->path, STR("/v1/email/"));
}

/* What answers in the caller's language. */
static bool is_native(const struct call *c)
{
	return str_starts(c->request->path, STR("/api/"));
}

/* RFC 9562 section 5.4: random but for version and variant. */
static struct str request_id_make(struct arena *a)
{
	static const size_t groups[] = { 4, 2, 2, 2, 6 };
	uint8_t bytes[16];
	size_t at = 0;
	auto_buf struct buf text;
	buf_init(&text, 256);
	crypto_random(bytes, sizeof(bytes));
	bytes[6] = (bytes[6] & 0x0f) | 0x40;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		buf_text(&text, i ? "-" : "");
		hex_write(&text, str_of(bytes + at, groups[i]));
		at += groups[i];
	}
	return arena_str(a, buf_view(&text));
}

/* A refusal that comes before any handler. */
static void refuse(struct call *c, unsigned status, const char *code, const char *text)
{
	if (!is_ses(c))
		problem_answer_status(c, status, code,
				      str_from(lang_text(c->lang, text)));
	else if (status == 404 || status == 405)
		ses_refuse_status(c, status, "UnknownOperationException", str_from(text));
	else if (status >= 500)
		ses_refuse_status(c, status, "InternalServiceErrorException",
				  str_from(text));
	else
		ses_refuse_status(c, status, "BadRequestException", str_from(text));
}

/* What http finds wrong before there is a request to handle. */
struct trouble {
	unsigned status;
	const char *code;
	const char *text;
};

static const struct trouble *trouble_find(unsigned status)
{
	static const struct trouble troubles[] = {
		{ 400, "bad_request",
		  LANG_MARK("the request says its length in no valid way") },
		{ 413, "too_large", LANG_MARK("the body is too large for this call") },
		{ 431, "too_many_headers",
		  LANG_MARK("the request has too many header fields") },
		{ 503, "unavailable",
		  LANG_MARK("too many large requests at once; try again") },
	};
	for (size_t i = 0; i < ARRAY_LEN(troubles); i++)
		if (troubles[i].status == status)
			return &troubles[i];
	return NULL;
}

static void refuse_path(struct call *c, struct str allow)
{
	if (allow.len > 0) {
		http_response_header(c->response, "Allow", allow);
		refuse(c, 405, "method_not_allowed",
		       LANG_MARK("this path does not take this method"));
		return;
	}
	refuse(c, 404, "no_such_path", LANG_MARK("there is nothing at this path"));
}

/* Decoded exactly once: SDKs send '@' as %40. */
static bool parameters_decode(struct call *c, const struct route_match *match)
{
	for (size_t i = 0; i < match->parameter_count; i++) {
		auto_buf struct buf plain;
		buf_init(&plain, PARAMETER_MAX);
		if (!percent_parse(&plain, match->parameters[i]) || plain.failed)
			return false;
		c->parameters[i] = arena_str(c->arena, buf_view(&plain));
	}
	return true;
}

/* An answer cut short is none. */
static void refuse_overflow(struct call *c)
{
	buf_clear(&c->response->body);
	c->response->header_count = 0;
	log_error("an answer is too large",
		  LOG_TEXT("http.route", c->route ? c->route->path : "none"),
		  LOG_STR("request_id", c->request_id));
	refuse(c, 500, "internal", LANG_MARK("the answer is too large to be given"));
}

static bool is_who_it_says(struct call *c)
{
	switch (c->route->auth) {
	case AUTH_NOBODY:
		break;
	case AUTH_NONE:
		/* Who watches us may ask as often as he likes. */
		return !is_native(c) || auth_anybody(c);
	case AUTH_BEARER:
		return auth_bearer(c);
	case AUTH_SHARE:
		return auth_share(c);
	case AUTH_SIGV4:
		return auth_sigv4(c);
	}
	refuse(c, 404, "no_such_path", LANG_MARK("there is nothing at this path"));
	return false;
}

/* An answer that is kept for the caller's key, or the handler's. */
static void answer(struct call *c)
{
	struct replay replay;
	if (!replay_find(c, &replay) || (c->route->prepare && !c->route->prepare(c)) ||
	    !replay_begin(c, &replay))
		return;
	c->route->handle(c);
	replay_end(c, &replay);
}

static void run(struct call *c)
{
	struct store_pool *stores = c->api->options.stores;
	bool needs_store = c->route->needs_store || c->route->auth != AUTH_NONE;
	if (needs_store)
		c->store = store_pool_take(stores);
	if (is_who_it_says(c))
		answer(c);
	if (needs_store)
		store_pool_give(stores, c->store);
	c->store = NULL;
}

/* Health and numbers have a listener of their own, where one is configured. */
static bool is_here(const struct call *c)
{
	struct str apart = config_text(c->api->options.config, CONFIG_HTTP_ADMIN_LISTEN);
	bool is_admin = c->route && c->route->is_admin;

	return c->at_admin ? is_admin : !is_admin || !apart.len;
}

static void dispatch(struct call *c)
{
	struct route_match match;
	const struct trouble *trouble = trouble_find(c->request->trouble);
	if (trouble) {
		refuse(c, trouble->status, trouble->code, trouble->text);
		return;
	}
	c->route = route_find(c->arena, c->request->method, c->request->path, &match);
	if (!is_here(c)) {
		c->route = NULL;
		refuse(c, 404, "no_such_path",
		       LANG_MARK("there is nothing at this path"));
		return;
	}
	if (!c->route && match.allow.len == 0 && console_answer(c))
		return;
	if (!c->route)
		refuse_path(c, match.allow);
	else if (c->request->body.len > c->route->body_max)
		refuse(c, 413, "too_large", "the body is too large for this call");
	else if (!parameters_decode(c, &match))
		refuse(c, 404, "no_such_path",
		       LANG_MARK("the path is not percent-encoded well"));
	else
		run(c);
}

static bool has_header(const struct http_response *r, const char *name)
{
	for (size_t i = 0; i < r->header_count; i++)
		if (str_is(r->headers[i].name, name))
			return true;
	return false;
}

/* What every answer carries. No CORS headers: other sites have no business here. */
static void headers_add(struct call *c)
{
	struct http_response *r = c->response;
	http_response_header(r, is_ses(c) ? "x-amzn-RequestId" : "X-Request-Id",
			     c->request_id);
	http_response_header(r, "X-Content-Type-Options", STR("nosniff"));
	http_response_header(r, "Referrer-Policy", STR("no-referrer"));
	if (is_native(c)) {
		http_response_header(r, "Vary", STR("Accept-Language"));
		http_response_header(r, "Content-Language", str_from(lang_name(c->lang)));
	}
	if (!has_header(r, "Content-Security-Policy"))
		http_response_header(r, "Content-Security-Policy",
				     STR("default-src 'none'; frame-ancestors 'none'"));
	if (!has_header(r, "Cache-Control"))
		http_response_header(r, "Cache-Control", STR("no-store"));
}

size_t api_body_max(void *arg unused_arg, const struct http_request *head)
{
	struct route_match match;
	const struct route *r = route_find(head->arena, head->method, head->path, &match);
	return r ? r->body_max : BODY_OTHER_MAX;
}

/* W3C Trace Context section 3.2: "00-", 32 hexadecimal digits, "-" ...; the digits, or
 * empty. */
static struct str trace_id(const struct http_request *request)
{
	struct str rest = http_header_find(request, "traceparent");
	struct str version;
	struct str id = STR_EMPTY;

	if (!str_split(&rest, '-', &version) || version.len != 2 ||
	    !str_split(&rest, '-', &id) || id.len != TRACE_ID_LEN)
		return STR_EMPTY;
	struct cursor c = cursor_over(id);
	cursor_while(&c, "0123456789abcdef");
	return cursor_at_end(&c) ? id : STR_EMPTY;
}

/* Not the path of a share link: whoever has it is let in. */
static void call_log(const struct call *c)
{
	bool is_secret = c->route && c->route->auth == AUTH_SHARE;

	log_debug("request", LOG_STR("http.request.method", c->request->method),
		  LOG_STR("url.path",
			  is_secret ? str_from(c->route->path) : c->request->path),
		  LOG_INT("http.response.status_code", c->response->status),
		  LOG_STR("client.address", c->request->client),
		  LOG_STR("request_id", c->request_id),
		  LOG_STR("trace_id", trace_id(c->request)));
}

static void handle(struct api *api, bool at_admin, const struct http_request *request,
		   struct http_response *response)
{
	struct call c = { .api = api,
			  .at_admin = at_admin,
			  .request = request,
			  .response = response,
			  .arena = request->arena,
			  .parameters = { STR_EMPTY, STR_EMPTY },
			  .request_id = request_id_make(request->arena),
			  .now_ms = api->options.now_ms(),
			  .lang = language_choose(
				  http_header_find(request, "accept-language")) };
	dispatch(&c);
	if (response->body.failed)
		refuse_overflow(&c);
	headers_add(&c);
	size_t class = response->status / 100;
	if (class < ARRAY_LEN(api->answered))
		atomic_fetch_add(&api->answered[class], 1);
	call_log(&c);
}

void api_handle(void *arg, const struct http_request *request,
		struct http_response *response)
{
	handle(arg, false, request, response);
}

void api_admin_handle(void *arg, const struct http_request *request,
		      struct http_response *response)
{
	handle(arg, true, request, response);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls of Amazon SES v2 (REST-JSON, SigV4), and what its errors mean to us. */
#include "authority/ses.h"

#include "http/http.h"

enum {
	CALL_TIMEOUT_S = 10,
	SECRET_FILE_MAX = 4096,
};

/* The first line of the file. */
static bool secret_read(struct arena *a, const struct config *config, struct str *out,
			struct err *e)
{
	const char *path = config_cstr(config, CONFIG_AUTHORITY_SECRET_ACCESS_KEY_FILE);
	struct buf text;
	bool read;

	if (!*path)
		return err_set(e, ERR_USAGE,
			       "authority.secret_access_key_file is not set");
	buf_init(&text, SECRET_FILE_MAX);
	read = file_read(path, &text, e);
	struct str line = buf_view(&text);
	if (read)
		*out = arena_str(a,
				 str_trim(str_sub(line, 0, str_find_byte(line, '\n'))));
	buf_done_secret(&text);
	return read;
}

static bool ses_call(struct arena *a, const struct config *config, struct http_call *call,
		     struct http_reply *out, struct err *e)
{
	struct http_credentials credentials = {
		.access_key_id = config_text(config, CONFIG_AUTHORITY_ACCESS_KEY_ID),
		.region = config_text(config, CONFIG_SES_REGION),
		.service = STR("ses"),
	};

	if (!secret_read(a, config, &credentials.secret_access_key, e))
		return false;
	call->credentials = &credentials;
	call->timeout_s = CALL_TIMEOUT_S;
	return http_call(a, call, out, e);
}

/* SES's error as ours (ses.md 1.1); its words are foreign. */
static bool ses_refused(const struct http_reply *reply, struct err *e)
{
	static const struct {
		const char *type;
		enum err_kind kind;
	} kinds[] = {
		{ "AlreadyExistsException", ERR_EXISTS },
		{ "NotFoundException", ERR_NOT_FOUND },
		{ "BadRequestException", ERR_USAGE },
		{ "LimitExceededException", ERR_LIMIT },
	};
	enum err_kind kind = reply->status == 403 ? ERR_DENIED : ERR_UNAVAILABLE;
	auto_buf struct buf words;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_is(reply->error_type, kinds[i].type))
			kind = kinds[i].kind;
	buf_init(&words, 4096);
	escape_visible(&words, reply->error_type, 60);
	buf_byte(&words, ' ');
	escape_visible(&words, reply->body, 300);
	return err_set(e, kind, "SES answered %u: %s", reply->status, buf_cstr(&words));
}

/* call->url is what follows /v2/email/identities; its other fields stay. */
static bool identity_call(struct arena *a, const struct config *config,
			  struct http_call call, struct http_reply *out, struct err *e)
{
	struct str endpoint = config_text(config, CONFIG_AUTHORITY_ENDPOINT);

	while (str_ends(endpoint, STR("/")))
		endpoint.len--;
	call.url = str_from(arena_printf(a, "%.*s/v2/email/identities%.*s",
					 STR_ARG(endpoint), STR_ARG(call.url)));
	if (!ses_call(a, config, &call, out, e))
		return false;
	return out->status == 200 || ses_refused(out, e);
}

/* A domain is letters, digits, dots, hyphens and underscores: no need to encode. */
static struct str path_of(struct arena *a, struct str domain, const char *rest)
{
	return str_from(arena_printf(a, "/%.*s%s", STR_ARG(domain), rest));
}

bool ses_create(struct arena *a, const struct config *config, struct str domain,
		struct ses_identity *out, struct err *e)
{
	struct str body = str_from(
		arena_printf(a, "{\"EmailIdentity\":\"%.*s\"}", STR_ARG(domain)));
	struct http_call call = { .method = "POST", .body = body };
	struct http_reply reply;

	return identity_call(a, config, call, &reply, e) &&
	       ses_identity_parse(a, reply.body, config_text(config, CONFIG_SES_REGION),
				  out, e);
}

bool ses_get(struct arena *a, const struct config *config, struct str domain,
	     struct ses_identity *out, struct err *e)
{
	struct http_call call = { .method = "GET", .url = path_of(a, domain, "") };
	struct http_reply reply;

	return identity_call(a, config, call, &reply, e) &&
	       ses_identity_parse(a, reply.body, config_text(config, CONFIG_SES_REGION),
				  out, e);
}

bool ses_resubmit(struct arena *a, const struct config *config, struct str domain,
		  struct err *e)
{
	struct http_call call = { .method = "PUT",
				  .url = path_of(a, domain, "/dkim/signing"),
				  .body = STR(
					  "{\"SigningAttributesOrigin\":\"AWS_SES\"}") };
	struct http_reply reply;

	return identity_call(a, config, call, &reply, e);
}

bool ses_delete(struct arena *a, const struct config *config, struct str domain,
		struct err *e)
{
	struct http_call call = { .method = "DELETE", .url = path_of(a, domain, "") };
	struct http_reply reply;

	return identity_call(a, config, call, &reply, e);
}

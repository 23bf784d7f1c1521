/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The HTTP client: one blocking call, signed by libcurl's SigV4 where credentials
 * are given. */
#include <curl/curl.h>

#include "http/curl.h"
#include "http/http.h"

enum {
	REPLY_MAX = 1024 * 1024,
	CONNECT_TIMEOUT_S = 10,
};

struct receiving {
	struct buf body;
	struct buf error_type;
	struct buf location;
};

static size_t body_take(char *data, size_t size, size_t count, void *cls)
{
	struct receiving *r = cls;
	buf_add(&r->body, data, size * count);
	return r->body.failed ? 0 : size * count;
}

static void header_keep(struct buf *out, struct str value)
{
	buf_clear(out);
	buf_str(out, value);
}

static size_t header_take(char *data, size_t size, size_t count, void *cls)
{
	struct receiving *r = cls;
	struct str line = str_of(data, size * count);
	size_t colon = str_find_byte(line, ':');
	struct str name = str_sub(line, 0, colon);
	struct str value = str_trim(str_sub(line, colon + 1, line.len));
	if (str_equal_nocase(name, STR("x-amzn-errortype")))
		header_keep(&r->error_type, str_sub(value, 0, str_find_byte(value, ':')));
	else if (str_equal_nocase(name, STR("location")))
		header_keep(&r->location, value);
	return size * count;
}

static void credentials_set(struct arena *a, CURL *curl, const struct http_credentials *c)
{
	/* provider1:provider2:region:service */
	curl_easy_setopt(curl, CURLOPT_AWS_SIGV4,
			 arena_printf(a, "aws:amz:%.*s:%.*s", STR_ARG(c->region),
				      STR_ARG(c->service)));
	curl_easy_setopt(curl, CURLOPT_USERNAME, arena_text(a, c->access_key_id));
	curl_easy_setopt(curl, CURLOPT_PASSWORD, arena_text(a, c->secret_access_key));
}

static struct curl_slist *call_set(struct arena *a, CURL *curl,
				   const struct http_call *call, struct receiving *r)
{
	struct curl_slist *headers = NULL;
	curl_easy_setopt(curl, CURLOPT_URL, arena_text(a, call->url));
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)call->timeout_s);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, r);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header_take);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, r);
	if (call->body.len > 0) {
		headers = curl_slist_append(headers, "Content-Type: application/json");
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)call->body.len);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body.data);
	}
	if (call->accept)
		headers = curl_slist_append(headers,
					    arena_printf(a, "Accept: %s", call->accept));
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	if (call->credentials && call->credentials->access_key_id.len > 0)
		credentials_set(a, curl, call->credentials);
	return headers;
}

bool http_call(struct arena *a, const struct http_call *call, struct http_reply *out,
	       struct err *e)
{
	struct receiving r;
	char reason[CURL_ERROR_SIZE] = "";
	long status = 0;
	CURL *curl = http_curl_new();
	buf_init(&r.body, REPLY_MAX);
	buf_init(&r.error_type, 4096);
	buf_init(&r.location, 4096);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
	struct curl_slist *headers = call_set(a, curl, call, &r);
	CURLcode code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_OK)
		*out = (struct http_reply){ (unsigned)status,
					    arena_str(a, buf_view(&r.body)),
					    arena_str(a, buf_view(&r.error_type)),
					    arena_str(a, buf_view(&r.location)) };
	else
		err_set(e, ERR_UNAVAILABLE, "no answer from '%.*s': %s",
			STR_ARG(call->url),
			reason[0] ? reason : curl_easy_strerror(code));
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	buf_done(&r.body);
	buf_done(&r.error_type);
	buf_done(&r.location);
	return code == CURLE_OK;
}

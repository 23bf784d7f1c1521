/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The HTTP client: one blocking call, signed by libcurl's SigV4 where credentials
 * are given, guarded where a stranger gave the URL. */
#include "http/curl.h"
#include "http/egress.h"
#include "http/http.h"

enum {
	REPLY_MAX = 1024 * 1024,
	REPLY_OF_STRANGER_MAX = 64 * 1024,
	HEADERS_MAX = 64 * 1024,
	CONNECT_TIMEOUT_S = 10,
	STOP_GRACE_US = 3 * 1000 * 1000,
};

struct receiving {
	struct buf body;
	struct buf error_type;
	struct buf location;
	struct buf retry_after;
	size_t header_bytes;
	bool is_cut; /* the body was longer than it may be */
	const atomic_bool *stop;
	int64_t stop_at_us; /* 0: not asked to stop yet */
};

static void receiving_init(struct receiving *r, const struct http_call *call)
{
	*r = (struct receiving){ .stop = call->stop };
	buf_init(&r->body, call->egress ? REPLY_OF_STRANGER_MAX : REPLY_MAX);
	buf_init(&r->error_type, 4096);
	buf_init(&r->location, 4096);
	buf_init(&r->retry_after, 4096);
}

static void receiving_done(struct receiving *r)
{
	buf_done(&r->body);
	buf_done(&r->error_type);
	buf_done(&r->location);
	buf_done(&r->retry_after);
}

/* What does not fit ends the transfer; its beginning is kept. */
static size_t body_take(char *data, size_t size, size_t count, void *cls)
{
	struct receiving *r = cls;
	size_t room = r->body.max - r->body.len;
	r->is_cut = size * count > room;
	buf_add(&r->body, data, r->is_cut ? room : size * count);
	return r->is_cut ? 0 : size * count;
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
	r->header_bytes += line.len;
	if (str_equal_nocase(name, STR("x-amzn-errortype")))
		header_keep(&r->error_type, str_sub(value, 0, str_find_byte(value, ':')));
	else if (str_equal_nocase(name, STR("location")))
		header_keep(&r->location, value);
	else if (str_equal_nocase(name, STR("retry-after")))
		header_keep(&r->retry_after, value);
	return r->header_bytes > HEADERS_MAX ? 0 : line.len;
}

/* libcurl asks at least once a second whether to go on. */
static int stop_asked(void *cls, curl_off_t down_total unused_arg,
		      curl_off_t down unused_arg, curl_off_t up_total unused_arg,
		      curl_off_t up unused_arg)
{
	struct receiving *r = cls;
	if (!*r->stop)
		return 0;
	if (r->stop_at_us == 0)
		r->stop_at_us = clock_mono_us() + STOP_GRACE_US;
	return clock_mono_us() >= r->stop_at_us;
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

static struct curl_slist *headers_make(struct arena *a, const struct http_call *call)
{
	struct curl_slist *headers = NULL;
	if (call->body.len > 0)
		headers = curl_slist_append(headers, "Content-Type: application/json");
	if (call->accept)
		headers = curl_slist_append(headers,
					    arena_printf(a, "Accept: %s", call->accept));
	/* Nobody is asked first whether he wants the body. */
	if (call->header_count > 0)
		headers = curl_slist_append(headers, "Expect:");
	for (size_t i = 0; i < call->header_count; i++)
		headers = curl_slist_append(
			headers,
			arena_printf(a, "%.*s: %.*s", STR_ARG(call->headers[i].name),
				     STR_ARG(call->headers[i].value)));
	return headers;
}

static void receiving_set(CURL *curl, struct receiving *r)
{
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, r);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header_take);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, r);
	if (!r->stop)
		return;
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, stop_asked);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, r);
}

static void call_set(struct arena *a, CURL *curl, const struct http_call *call)
{
	curl_easy_setopt(curl, CURLOPT_URL, arena_text(a, call->url));
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)call->timeout_s);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
	if (call->body.len > 0) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)call->body.len);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body.data);
	}
	if (call->credentials && call->credentials->access_key_id.len > 0)
		credentials_set(a, curl, call->credentials);
}

static struct http_reply reply_make(struct arena *a, CURL *curl,
				    const struct receiving *r)
{
	long status = 0;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	return (struct http_reply){ (unsigned)status, arena_str(a, buf_view(&r->body)),
				    arena_str(a, buf_view(&r->error_type)),
				    arena_str(a, buf_view(&r->location)),
				    arena_str(a, buf_view(&r->retry_after)) };
}

static bool call_run(struct arena *a, CURL *curl, const struct http_call *call,
		     struct http_reply *out, struct err *e)
{
	struct receiving r;
	char reason[CURL_ERROR_SIZE] = "";
	struct egress_check check = { .egress = call->egress };
	receiving_init(&r, call);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
	call_set(a, curl, call);
	receiving_set(curl, &r);
	if (call->egress)
		egress_set(curl, &check);
	struct curl_slist *headers = headers_make(a, call);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	CURLcode code = curl_easy_perform(curl);
	/* An answer too long is an answer where only its status counts. */
	bool ok = code == CURLE_OK || (call->egress && r.is_cut);
	if (ok)
		*out = reply_make(a, curl, &r);
	else if (check.is_refused)
		err_set(e, ERR_DENIED, "the host has an address that may not be called");
	else
		err_set(e, ERR_UNAVAILABLE, "no answer from '%.*s': %s",
			STR_ARG(call->url),
			reason[0] ? reason : curl_easy_strerror(code));
	curl_slist_free_all(headers);
	receiving_done(&r);
	return ok;
}

bool http_call(struct arena *a, const struct http_call *call, struct http_reply *out,
	       struct err *e)
{
	struct http_call checked = *call;
	if (call->egress &&
	    !http_egress_check(a, call->egress, call->url, &checked.url, e))
		return false;
	CURL *curl = http_curl_new();
	bool ok = call_run(a, curl, &checked, out, e);
	curl_easy_cleanup(curl);
	return ok;
}

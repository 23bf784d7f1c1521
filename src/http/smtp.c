/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The SMTP client: one message to the relay, by libcurl. */
#include <assert.h>
#include <pthread.h>

#include "http/curl.h"
#include "http/http.h"

enum {
	REPLY_SHOWN_MAX = 300,
	STOP_GRACE_US = 3 * 1000 * 1000, /* for a relay that only needs a moment */
	CONNECT_TIMEOUT_S = 10,
};

static void curl_set_up(void)
{
	curl_global_init(CURL_GLOBAL_ALL);
}

CURL *http_curl_new(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, curl_set_up);
	CURL *curl = curl_easy_init();
	assert(curl);
	return curl;
}

struct sending {
	struct str left;
	struct buf last_line;    /* of what the server said */
	const atomic_bool *stop; /* may be NULL */
	int64_t stop_at_us;      /* 0: not asked to stop yet */
};

/* libcurl asks at least once a second whether to go on. */
static int stop_asked(void *cls, curl_off_t down_total unused_arg,
		      curl_off_t down unused_arg, curl_off_t up_total unused_arg,
		      curl_off_t up unused_arg)
{
	struct sending *s = cls;
	if (!s->stop || !*s->stop)
		return 0;
	if (s->stop_at_us == 0)
		s->stop_at_us = clock_mono_us() + STOP_GRACE_US;
	return clock_mono_us() >= s->stop_at_us;
}

static size_t content_give(char *to, size_t size, size_t count, void *cls)
{
	struct sending *s = cls;
	struct str part = str_sub(s->left, 0, size * count);
	memcpy(to, part.data, part.len);
	s->left = str_sub(s->left, part.len, s->left.len);
	return part.len;
}

static size_t reply_take(char *data, size_t size, size_t count, void *cls)
{
	struct sending *s = cls;
	struct str line = str_trim(str_of(data, size * count));
	/* The farewell (RFC 5321 section 4.1.1.10) says nothing about the message. */
	if (!str_starts(line, STR("221"))) {
		buf_clear(&s->last_line);
		buf_str(&s->last_line, line);
	}
	return size * count;
}

static struct curl_slist *job_set(struct arena *a, CURL *curl, const struct smtp_job *job,
				  struct sending *s)
{
	struct curl_slist *recipients = NULL;
	for (size_t i = 0; i < job->recipient_count; i++)
		recipients = curl_slist_append(
			recipients,
			arena_printf(a, "<%.*s>", STR_ARG(job->recipients[i])));
	curl_easy_setopt(curl, CURLOPT_URL, arena_text(a, job->url));
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)job->timeout_s);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
	curl_easy_setopt(curl, CURLOPT_MAIL_FROM,
			 arena_printf(a, "<%.*s>", STR_ARG(job->sender)));
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, content_give);
	curl_easy_setopt(curl, CURLOPT_READDATA, s);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, reply_take);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, s);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, stop_asked);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, s);
	return recipients;
}

enum smtp_result smtp_send(struct arena *a, const struct smtp_job *job,
			   struct str *reply_out)
{
	struct sending s = { .left = job->content, .stop = job->stop };
	char reason[CURL_ERROR_SIZE] = "";
	long status = 0;
	CURL *curl = http_curl_new();
	buf_init(&s.last_line, 64 * 1024);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
	struct curl_slist *recipients = job_set(a, curl, job, &s);
	CURLcode code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (s.last_line.len == 0)
		buf_text(&s.last_line, reason[0] ? reason : curl_easy_strerror(code));
	auto_buf struct buf shown;
	buf_init(&shown, 4096);
	escape_visible(&shown, buf_view(&s.last_line), REPLY_SHOWN_MAX);
	*reply_out = arena_str(a, buf_view(&shown));
	curl_slist_free_all(recipients);
	curl_easy_cleanup(curl);
	buf_done(&s.last_line);
	if (code == CURLE_OK)
		return SMTP_SENT;
	/* Only a 5xx is final; a connection lost anywhere may be tried again. */
	return status >= 500 && status < 600 ? SMTP_REJECTED : SMTP_RETRY;
}

bool smtp_reach(struct arena *a, struct str url, unsigned timeout_s,
		struct str *reply_out)
{
	char reason[CURL_ERROR_SIZE] = "";
	CURL *curl = http_curl_new();
	auto_buf struct buf shown;

	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
	curl_easy_setopt(curl, CURLOPT_URL, arena_text(a, url));
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)timeout_s);
	/* RFC 5321 section 4.1.1.9 */
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "NOOP");
	curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	CURLcode code = curl_easy_perform(curl);
	buf_init(&shown, 4096);
	escape_visible(&shown, str_from(reason[0] ? reason : curl_easy_strerror(code)),
		       REPLY_SHOWN_MAX);
	*reply_out = arena_str(a, buf_view(&shown));
	curl_easy_cleanup(curl);
	return code == CURLE_OK;
}

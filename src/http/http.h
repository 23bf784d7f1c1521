/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http: server (libmicrohttpd, its own threads, blocking handlers) and client (libcurl:
 * HTTP with SigV4, SMTP). No HTTP parser of ours.
 *
 * Server: a handler gets the whole request and fills the response; it runs on one of the
 * server's threads. Limits: 64 kB and 100 fields of headers, 10 s for them, 60 s for the
 * body, 60 s for taking the response, 256 MiB of bodies on their way in all.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stdatomic.h>

#include "base/base.h"
#include "dns/dns.h"
#include "http/url.h"

enum {
	HTTP_EGRESS_PORTS_MAX = 16,
};

struct http_header {
	struct str name;
	struct str value;
};

struct exchange;
struct http_stream;

struct http_request {
	struct str method;
	struct str path;  /* as on the wire, percent-encoded, without query */
	struct str query; /* as on the wire, without '?'; may be empty */
	struct http_header *headers;
	size_t header_count;
	struct str body;
	/* 0, or the status that the server wants it refused with; then there is no
	 * body: 400 malformed, 413 too large, 431 too many headers, 503 no memory
	 * left for it. */
	unsigned trouble;
	struct str client;         /* address, for logs */
	struct arena *arena;       /* lives as long as request and response */
	struct exchange *exchange; /* the server's own; NULL without a server */
};

struct http_response {
	unsigned status; /* 500 until set */
	struct http_header headers[24];
	size_t header_count;
	struct buf body;
	struct str fixed_body; /* instead of body: constant bytes, not copied (console) */
	struct http_stream *stream; /* instead of both; by http_stream_open */
};

/* First header of that name without case; empty str with data NULL if there is none. */
struct str http_header_find(const struct http_request *r, const char *name);
/* Decoded query parameter; false if absent or broken. */
bool http_query_find(const struct http_request *r, const char *name, struct str *out)
	must_check;
/* value is borrowed until the response is sent: constant or in the request's arena. */
void http_response_header(struct http_response *r, const char *name, struct str value);

/* From a handler: the body of its answer is what is written here, on any thread, until it
 * is closed. NULL: there are 256 of them, or the server stops. */
struct http_stream *http_stream_open(const struct http_request *r,
				     struct http_response *response);
/* false: it goes nowhere any more (who reads is gone, or 256 kB behind; or the server
 * stops): close it. */
bool http_stream_write(struct http_stream *s, struct str bytes) must_check;
/* Whether anybody is still there, without writing: else close it. */
bool http_stream_is_read(struct http_stream *s);
/* What was written is still sent. Accepts NULL. */
void http_stream_close(struct http_stream **s);
/* In the handler that opened it: the answer is an ordinary one after all. Accepts
 * NULL. */
void http_stream_abandon(struct http_response *response, struct http_stream **s);

typedef void http_handler_fn(void *arg, const struct http_request *request,
			     struct http_response *response);
/* How large the body of this request may be: it is asked before there is one. */
typedef size_t http_body_max_fn(void *arg, const struct http_request *head);

struct http_server;
struct http_server_options {
	struct str listen; /* "127.0.0.1:8025", "[::1]:8025" */
	int listen_fd; /* >= 0: an already listening socket (systemd socket activation) */
	unsigned threads;
	http_handler_fn *handler;
	http_body_max_fn *body_max; /* NULL: 14 MiB for all */
	void *arg;
};
/* ERR_UNAVAILABLE: "cannot listen on '127.0.0.1:8025': address already in use". */
bool http_server_start(const struct http_server_options *options,
		       struct http_server **out, struct err *e) must_check;
/* The address it listens on, text. */
struct str http_server_address(const struct http_server *s);
/* Takes no more, finishes the requests under way (5 s at most), then returns. */
void http_server_stop(struct http_server **s);

/* --- client, blocking --- */

struct http_credentials {
	struct str access_key_id; /* empty: unsigned */
	struct str secret_access_key;
	struct str region;
	struct str service; /* "ses" */
};
/* What may be called where the URL is a stranger's (security.md section 5): an address
 * that the guard allows, checked where the connection is opened, so that no second
 * resolution comes between; no proxy; no redirect. */
struct http_egress {
	struct guard guard;
	bool allow_http;
	uint16_t ports[HTTP_EGRESS_PORTS_MAX];
	size_t port_count;   /* 0: any */
	const char *ca_file; /* NULL: those of the system */
};

struct http_call {
	const char *method;
	struct str url;
	struct str body; /* with content-type application/json when not empty */
	const struct http_credentials *credentials; /* may be NULL */
	unsigned timeout_s;
	const char *accept;                /* media type wanted; NULL: any */
	const struct http_header *headers; /* more of them; no line ends inside */
	size_t header_count;
	/* NULL: the operator chose the URL. Else the reply's body is cut at 64 kB. */
	const struct http_egress *egress;
	const atomic_bool *stop; /* may be NULL; once true, a few seconds are left */
};
struct http_reply {
	unsigned status;
	struct str body;        /* at most 1 MiB; in the arena */
	struct str error_type;  /* x-amzn-ErrorType up to ':' */
	struct str location;    /* of a redirect, as it stands there */
	struct str retry_after; /* as it stands there */
};
/* ERR_UNAVAILABLE when there was no HTTP answer. Redirects are not followed. With egress
 * also ERR_USAGE (not an URL that may be called) and ERR_DENIED (not an address). */
bool http_call(struct arena *a, const struct http_call *call, struct http_reply *out,
	       struct err *e) must_check;
/* The same words before anything is called: is this an URL for strangers to give?
 * *text_out: its one form, in the arena. ERR_USAGE. */
bool http_egress_check(struct arena *a, const struct http_egress *g, struct str url,
		       struct str *text_out, struct err *e) must_check;

struct smtp_job {
	struct str url; /* smtp://HOST:PORT, smtps:// */
	struct str sender;
	const struct str *recipients;
	size_t recipient_count;
	struct str content; /* CRLF; dot-stuffing is done inside */
	unsigned timeout_s;
	const atomic_bool
		*stop; /* may be NULL: once true, the job has a few seconds left */
};
enum smtp_result {
	SMTP_SENT,
	SMTP_RETRY,    /* 4xx, or no connection: later */
	SMTP_REJECTED, /* 5xx */
};
/* reply_out: the server's last line or the reason, escaped, in the arena. */
enum smtp_result smtp_send(struct arena *a, const struct smtp_job *job,
			   struct str *reply_out);
/* Greets the server and leaves; reply_out as above. */
bool smtp_reach(struct arena *a, struct str url, unsigned timeout_s,
		struct str *reply_out);

#endif

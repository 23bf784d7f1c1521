/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AWS Signature Version 4, the server's side, header form:
 *
 *   sigv4_read    takes the Authorization header apart, so that the key can be looked up
 *   sigv4_verify  computes the signature with the secret and compares in constant time
 *
 * A refusal carries the type and the sentence that SES answers with.
 */
#ifndef API_SIGV4_H
#define API_SIGV4_H

#include "http/http.h"

struct sigv4 {
	struct str access_key_id;
	struct str date; /* yyyymmdd of the scope */
	struct str region;
	struct str service;
	struct str signed_headers; /* "host;x-amz-date" */
	struct str signature;      /* hex */
	struct str stamp;          /* basic ISO 8601 of X-Amz-Date */
	int64_t at_s;
};

struct sigv4_refusal {
	const char *type; /* "InvalidSignatureException"; HTTP status is 403 for all */
	struct str message;
};

/* Parts are borrowed from the request. */
bool sigv4_read(const struct http_request *r, struct sigv4 *out,
		struct sigv4_refusal *refusal) must_check;
struct sigv4_check {
	struct str secret;
	struct str region; /* ours: the scope must name it */
	int64_t now_s;
	int64_t skew_s; /* how far the client's clock may be off */
};
bool sigv4_verify(const struct http_request *r, const struct sigv4 *s,
		  const struct sigv4_check *check, struct sigv4_refusal *refusal)
	must_check;

/* The canonical request, for tests and for the curious. */
void sigv4_write_canonical(struct buf *out, const struct http_request *r,
			   const struct sigv4 *s);

#endif

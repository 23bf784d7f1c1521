/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one table of what can be called, and by whom: a row that does not say who may call
 * it lets nobody in. A path pattern may have {name}s that stand for a whole segment each.
 * OpenAPI and the matrix of who may call what are made from the same rows.
 */
#ifndef API_ROUTE_H
#define API_ROUTE_H

#include "api/call.h"

enum route_auth {
	AUTH_NOBODY, /* what a row without a word on it has */
	AUTH_NONE,   /* anybody */
	AUTH_BEARER, /* a token that has the row's scope */
	AUTH_SHARE,  /* whoever has the link: its token is in the path */
	AUTH_SIGV4,  /* Amazon SES's clients */
};

enum {
	SCOPE_ANY = 1 << 30, /* any token will do */
};

struct route {
	const char *method;
	const char *path;
	const char *name; /* OpenAPI's operationId; NULL: not in the native API */
	enum route_auth auth;
	uint32_t scope; /* AUTH_BEARER: one enum scope, or one of the above */
	/* What may take long, before a transaction may begin (replay.h); NULL: nothing.
	 * false: it has answered. */
	bool (*prepare)(struct call *c);
	void (*handle)(struct call *c);
	size_t body_max;
	bool is_admin;    /* only at http.admin_listen, where there is one */
	bool needs_store; /* beside those with auth, which always have one */
	bool has_etag;    /* If-None-Match of GET, If-Match of PATCH and DELETE */
	unsigned status;  /* of success, for OpenAPI */
	const char *also; /* other successes: "200", blank-separated, or NULL */
	const char *summary;
	const char *query;    /* names of query parameters, blank-separated, or NULL */
	const char *request;  /* schema names, or NULL */
	const char *response; /* of application/json */
	const char *type;     /* of an answer that is no JSON, or NULL */
};

struct route_match {
	struct str parameters[CALL_PARAMETERS_MAX]; /* still percent-encoded */
	size_t parameter_count;
	struct str allow; /* methods that the path has ("GET, POST"); else empty */
};

/* NULL behind the last. */
const struct route *route_at(size_t index);
/* Finds the row. NULL: none; then `allow` says whether there is such a path. HEAD finds
 * GET's row (RFC 9110 section 9.3.2). */
const struct route *route_find(struct arena *a, struct str method, struct str path,
			       struct route_match *out);

#endif

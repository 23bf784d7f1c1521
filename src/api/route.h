/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one table of what can be called. A path pattern may have one {name} that stands
 * for a whole segment. OpenAPI is made from the same rows.
 */
#ifndef API_ROUTE_H
#define API_ROUTE_H

#include "api/call.h"

enum route_auth {
	AUTH_NONE,
	AUTH_BEARER,
	AUTH_SIGV4,
};

struct route {
	const char *method;
	const char *path;
	enum route_auth auth;
	void (*handle)(struct call *c);
	size_t body_max;
	bool needs_store; /* beside those with auth, which always have one */
	unsigned status;  /* of success, for OpenAPI */
	const char *summary;
	const char *query;   /* names of query parameters, blank-separated, or NULL */
	const char *request; /* schema names, or NULL */
	const char *response;
};

/* NULL behind the last. */
const struct route *route_at(size_t index);
/* Finds the row; *parameter_out is still percent-encoded. NULL: none; then
 * *allow_out names the methods that the path has ("GET, POST"), or is empty when
 * there is no such path. HEAD finds GET's row (RFC 9110 section 9.3.2). */
const struct route *route_find(struct arena *a, struct str method, struct str path,
			       struct str *parameter_out, struct str *allow_out);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The route table and how a path finds its row. */
#include "api/route.h"

#include "api/handlers.h"

enum {
	SMALL = 256 * 1024,
	/* SES: 10 MiB of message, in base64, and the JSON around it. */
	MESSAGE = 14 * 1024 * 1024,
};

/* clang-format off */
static const struct route routes[] = {
	{ .method = "GET", .path = "/api/v1/me",
	  .auth = AUTH_BEARER, .handle = native_me, .body_max = SMALL, .status = 200,
	  .response = "Me",
	  .summary = "Who the token belongs to, and what the console needs to know" },
	{ .method = "GET", .path = "/api/v1/identities",
	  .auth = AUTH_BEARER, .handle = native_identities_list,
	  .body_max = SMALL, .status = 200,
	  .query = "limit cursor", .response = "IdentityList",
	  .summary = "The tenant's identities, in order of domain" },
	{ .method = "POST", .path = "/api/v1/identities",
	  .auth = AUTH_BEARER, .handle = native_identity_create,
	  .body_max = SMALL, .status = 201,
	  .request = "NewSender", .response = "Identity",
	  .summary = "Add a masked sender, an address or a domain" },
	{ .method = "GET", .path = "/api/v1/identities/{id}",
	  .auth = AUTH_BEARER, .handle = native_identity_get,
	  .body_max = SMALL, .status = 200,
	  .response = "Identity",
	  .summary = "One identity: its records, their states and what was found" },
	{ .method = "DELETE", .path = "/api/v1/identities/{id}",
	  .auth = AUTH_BEARER, .handle = native_identity_delete,
	  .body_max = SMALL, .status = 204,
	  .summary = "Delete an identity; its tokens are never used again" },
	{ .method = "POST", .path = "/api/v1/identities/{id}/checks",
	  .auth = AUTH_BEARER, .handle = native_identity_check,
	  .body_max = SMALL, .status = 202,
	  .summary = "Look at the DNS now" },
	{ .method = "POST", .path = "/api/v1/identities/{id}/resubmit",
	  .auth = AUTH_BEARER, .handle = native_identity_resubmit,
	  .body_max = SMALL, .status = 200,
	  .response = "Identity",
	  .summary = "Search again with the same records" },
	{ .method = "GET", .path = "/api/v1/identities/{id}/events",
	  .auth = AUTH_BEARER, .handle = native_events_list,
	  .body_max = SMALL, .status = 200,
	  .query = "limit", .response = "EventList",
	  .summary = "What happened to an identity, newest first" },
	{ .method = "GET", .path = "/api/v1/codes/{code}",
	  .auth = AUTH_BEARER, .handle = native_code_get,
	  .body_max = SMALL, .status = 200,
	  .response = "Code",
	  .summary = "The long explanation of a finding's code" },
	{ .method = "GET", .path = "/api/v1/openapi.json",
	  .auth = AUTH_NONE, .handle = openapi_get, .body_max = SMALL, .status = 200,
	  .response = "Any",
	  .summary = "This document" },

	{ .method = "POST", .path = "/v2/email/identities",
	  .auth = AUTH_SIGV4, .handle = ses_identity_create,
	  .body_max = SMALL, .status = 200,
	  .summary = "CreateEmailIdentity" },
	{ .method = "GET", .path = "/v2/email/identities",
	  .auth = AUTH_SIGV4, .handle = ses_identities_list,
	  .body_max = SMALL, .status = 200,
	  .summary = "ListEmailIdentities" },
	{ .method = "GET", .path = "/v2/email/identities/{EmailIdentity}",
	  .auth = AUTH_SIGV4, .handle = ses_identity_get,
	  .body_max = SMALL, .status = 200,
	  .summary = "GetEmailIdentity" },
	{ .method = "DELETE", .path = "/v2/email/identities/{EmailIdentity}",
	  .auth = AUTH_SIGV4, .handle = ses_identity_delete,
	  .body_max = SMALL, .status = 200,
	  .summary = "DeleteEmailIdentity" },
	{ .method = "PUT", .path = "/v2/email/identities/{EmailIdentity}/dkim/signing",
	  .auth = AUTH_SIGV4, .handle = ses_dkim_signing_put,
	  .body_max = SMALL, .status = 200,
	  .summary = "PutEmailIdentityDkimSigningAttributes" },
	/* Where the models of older SDKs have it, Debian 12's for one. */
	{ .method = "PUT", .path = "/v1/email/identities/{EmailIdentity}/dkim/signing",
	  .auth = AUTH_SIGV4, .handle = ses_dkim_signing_put,
	  .body_max = SMALL, .status = 200,
	  .summary = "PutEmailIdentityDkimSigningAttributes" },
	{ .method = "GET", .path = "/v2/email/account",
	  .auth = AUTH_SIGV4, .handle = ses_account_get, .body_max = SMALL, .status = 200,
	  .summary = "GetAccount" },
	{ .method = "POST", .path = "/v2/email/outbound-emails",
	  .auth = AUTH_SIGV4, .handle = ses_email_send,
	  .body_max = MESSAGE, .status = 200,
	  .summary = "SendEmail" },

	{ .method = "GET", .path = "/livez",
	  .auth = AUTH_NONE, .handle = health_live, .body_max = SMALL, .status = 200,
	  .summary = "The process answers" },
	{ .method = "GET", .path = "/readyz",
	  .auth = AUTH_NONE, .handle = health_ready, .body_max = SMALL, .status = 200,
	  .needs_store = true,
	  .summary = "The store can be written" },
	{ .method = "GET", .path = "/metrics",
	  .auth = AUTH_NONE, .handle = metrics_get, .body_max = SMALL, .status = 200,
	  .needs_store = true,
	  .summary = "Numbers in Prometheus' text form" },
};
/* clang-format on */

const struct route *route_at(size_t index)
{
	return index < ARRAY_LEN(routes) ? &routes[index] : NULL;
}

/* Segment by segment; {name} takes any segment that is not empty. */
static bool path_fits(const char *pattern, struct str path, struct str *parameter_out)
{
	struct str wanted = str_from(pattern);
	struct str rest = path;
	struct str want;
	struct str have;
	while (str_split(&wanted, '/', &want)) {
		if (!str_split(&rest, '/', &have))
			return false;
		if (!str_starts(want, STR("{")) ? !str_equal(want, have) : !have.len)
			return false;
		if (str_starts(want, STR("{")))
			*parameter_out = have;
	}
	return !str_split(&rest, '/', &have);
}

const struct route *route_find(struct arena *a, struct str method, struct str path,
			       struct str *parameter_out, struct str *allow_out)
{
	auto_buf struct buf allow;
	buf_init(&allow, 256);
	*parameter_out = STR_EMPTY;
	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		const struct route *r = &routes[i];
		struct str parameter = STR_EMPTY;
		if (!path_fits(r->path, path, &parameter))
			continue;
		bool is_head = str_is(method, "HEAD") && strcmp(r->method, "GET") == 0;
		if (is_head || str_is(method, r->method)) {
			*parameter_out = parameter;
			return r;
		}
		buf_printf(&allow, "%s%s", allow.len ? ", " : "", r->method);
		if (strcmp(r->method, "GET") == 0)
			buf_text(&allow, ", HEAD");
	}
	*allow_out = arena_str(a, buf_view(&allow));
	return NULL;
}

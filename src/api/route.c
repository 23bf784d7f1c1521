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
	{ "GET", "/api/v1/me", AUTH_BEARER, native_me, SMALL, false, 200,
	  "Who the token belongs to, and what the console needs to know of this server",
	  NULL, NULL, "Me" },
	{ "GET", "/api/v1/identities", AUTH_BEARER, native_identities_list, SMALL, false, 200,
	  "The tenant's identities, in order of domain",
	  "limit cursor", NULL, "IdentityList" },
	{ "POST", "/api/v1/identities", AUTH_BEARER, native_identity_create, SMALL, false, 201,
	  "Add a masked sender, an address or a domain",
	  NULL, "NewSender", "Identity" },
	{ "GET", "/api/v1/identities/{id}", AUTH_BEARER, native_identity_get, SMALL, false, 200,
	  "One identity: its records, their states and what was found",
	  NULL, NULL, "Identity" },
	{ "DELETE", "/api/v1/identities/{id}", AUTH_BEARER, native_identity_delete, SMALL,
	  false, 204, "Delete an identity; its tokens are never used again",
	  NULL, NULL, NULL },
	{ "POST", "/api/v1/identities/{id}/checks", AUTH_BEARER, native_identity_check, SMALL,
	  false, 202, "Look at the DNS now",
	  NULL, NULL, NULL },
	{ "POST", "/api/v1/identities/{id}/resubmit", AUTH_BEARER, native_identity_resubmit,
	  SMALL, false, 200, "Search again with the same records",
	  NULL, NULL, "Identity" },
	{ "GET", "/api/v1/identities/{id}/events", AUTH_BEARER, native_events_list, SMALL,
	  false, 200, "What happened to an identity, newest first",
	  "limit", NULL, "EventList" },
	{ "GET", "/api/v1/codes/{code}", AUTH_BEARER, native_code_get, SMALL, false, 200,
	  "The long explanation of a finding's code",
	  NULL, NULL, "Code" },
	{ "GET", "/api/v1/openapi.json", AUTH_NONE, openapi_get, SMALL, false, 200,
	  "This document",
	  NULL, NULL, "Any" },

	{ "POST", "/v2/email/identities", AUTH_SIGV4, ses_identity_create, SMALL, false, 200,
	  "CreateEmailIdentity", NULL, NULL, NULL },
	{ "GET", "/v2/email/identities", AUTH_SIGV4, ses_identities_list, SMALL, false, 200,
	  "ListEmailIdentities", NULL, NULL, NULL },
	{ "GET", "/v2/email/identities/{EmailIdentity}", AUTH_SIGV4, ses_identity_get, SMALL,
	  false, 200, "GetEmailIdentity", NULL, NULL, NULL },
	{ "DELETE", "/v2/email/identities/{EmailIdentity}", AUTH_SIGV4, ses_identity_delete,
	  SMALL, false, 200, "DeleteEmailIdentity", NULL, NULL, NULL },
	{ "PUT", "/v2/email/identities/{EmailIdentity}/dkim/signing", AUTH_SIGV4,
	  ses_dkim_signing_put, SMALL, false, 200, "PutEmailIdentityDkimSigningAttributes",
	  NULL, NULL, NULL },
	{ "GET", "/v2/email/account", AUTH_SIGV4, ses_account_get, SMALL, false, 200,
	  "GetAccount", NULL, NULL, NULL },
	{ "POST", "/v2/email/outbound-emails", AUTH_SIGV4, ses_email_send, MESSAGE, false, 200,
	  "SendEmail", NULL, NULL, NULL },

	{ "GET", "/livez", AUTH_NONE, health_live, SMALL, false, 200,
	  "The process answers", NULL, NULL, NULL },
	{ "GET", "/readyz", AUTH_NONE, health_ready, SMALL, true, 200,
	  "The store can be written", NULL, NULL, NULL },
	{ "GET", "/metrics", AUTH_NONE, metrics_get, SMALL, true, 200,
	  "Numbers in Prometheus' text form", NULL, NULL, NULL },
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The route table and how a path finds its row. */
#include "api/route.h"

#include "api/handlers.h"

enum {
	SMALL = 256 * 1024,
	/* SES: 10 MiB of message, in base64, and the JSON around it. */
	MESSAGE = 14 * 1024 * 1024,
};

/* Who may call it: each row begins with one of these. */
#define TOKEN(needed) .auth = AUTH_BEARER, .scope = (needed), .body_max = SMALL
#define ANYBODY       .auth = AUTH_NONE, .body_max = SMALL
#define SES           .auth = AUTH_SIGV4

/* clang-format off */
static const struct route routes[] = {
	{ TOKEN(SCOPE_ANY), .method = "GET",
	  .path = "/api/v1/me",
	  .name = "me_get", .handle = native_me, .status = 200,
	  .response = "Me",
	  .summary = "Who the token belongs to, and what the console needs to know" },
	{ TOKEN(SCOPE_IDENTITIES_READ), .method = "GET",
	  .path = "/api/v1/identities",
	  .name = "identities_list", .handle = native_identities_list, .status = 200,
	  .query = "limit cursor status verdict query",
	  .response = "IdentityList",
	  .summary = "The tenant's identities, in order of domain" },
	{ TOKEN(SCOPE_IDENTITIES_WRITE), .method = "POST",
	  .path = "/api/v1/identities",
	  .name = "identity_create", .prepare = native_identity_create_prepare,
	  .handle = native_identity_create, .status = 201,
	  .also = "200", .request = "NewSender", .response = "Identity",
	  .summary = "Add a masked sender, an address or a domain" },
	{ TOKEN(SCOPE_IDENTITIES_READ), .method = "GET",
	  .path = "/api/v1/identities/{id}",
	  .name = "identity_get", .handle = native_identity_get, .status = 200,
	  .response = "Identity", .has_etag = true,
	  .summary = "One identity: its records, their states and what was found" },
	{ TOKEN(SCOPE_IDENTITIES_WRITE), .method = "PATCH",
	  .path = "/api/v1/identities/{id}",
	  .name = "identity_patch", .handle = native_identity_patch, .status = 200,
	  .request = "IdentityChange", .response = "Identity", .has_etag = true,
	  .summary = "Change what is wanted beside DKIM: MAIL FROM, ownership" },
	{ TOKEN(SCOPE_IDENTITIES_WRITE), .method = "DELETE",
	  .path = "/api/v1/identities/{id}",
	  .name = "identity_delete", .handle = native_identity_delete, .status = 204,
	  .has_etag = true,
	  .summary = "Delete an identity; its tokens are never used again" },
	{ TOKEN(SCOPE_IDENTITIES_READ), .method = "GET",
	  .path = "/api/v1/identities/{id}/records",
	  .name = "records_list", .handle = native_records_list, .status = 200,
	  .query = "as names", .response = "RecordList", .type = "text/plain",
	  .summary = "What to publish, as JSON or in a form that a tool takes" },
	{ TOKEN(SCOPE_IDENTITIES_READ), .method = "GET",
	  .path = "/api/v1/identities/{id}/findings",
	  .name = "findings_list", .handle = native_findings_list, .status = 200,
	  .response = "FindingList",
	  .summary = "What the last look found" },
	{ TOKEN(SCOPE_IDENTITIES_READ), .method = "GET",
	  .path = "/api/v1/identities/{id}/checks",
	  .name = "checks_list", .handle = native_looks_list, .status = 200,
	  .response = "CheckList",
	  .summary = "Looks at the DNS that differed from the one before, newest first" },
	{ TOKEN(SCOPE_IDENTITIES_WRITE), .method = "POST",
	  .path = "/api/v1/identities/{id}/checks",
	  .name = "check_start", .handle = native_identity_check, .status = 202,
	  .summary = "Look at the DNS now" },
	{ TOKEN(SCOPE_IDENTITIES_READ), .method = "GET",
	  .path = "/api/v1/identities/{id}/checks/{check}",
	  .name = "check_get", .handle = native_look_get, .status = 200,
	  .response = "Check",
	  .summary = "One look at the DNS" },
	{ TOKEN(SCOPE_IDENTITIES_WRITE), .method = "POST",
	  .path = "/api/v1/identities/{id}/resubmit",
	  .name = "identity_resubmit", .prepare = native_identity_resubmit_prepare,
	  .handle = native_identity_resubmit, .status = 200,
	  .response = "Identity",
	  .summary = "Search again with the same records" },
	{ TOKEN(SCOPE_IDENTITIES_READ), .method = "POST",
	  .path = "/api/v1/identities/{id}/watch",
	  .name = "identity_watch", .handle = native_identity_watch, .status = 204,
	  .summary = "Its page is open: look often for a minute" },
	{ TOKEN(SCOPE_EVENTS_READ), .method = "GET",
	  .path = "/api/v1/identities/{id}/events",
	  .name = "identity_events_list", .handle = native_identity_events_list,
	  .status = 200,
	  .query = "limit", .response = "EventList",
	  .summary = "What happened to an identity, newest first" },
	{ TOKEN(SCOPE_EVENTS_READ), .method = "GET",
	  .path = "/api/v1/identities/{id}/timeline",
	  .name = "timeline_get", .handle = native_timeline_get, .status = 200,
	  .query = "limit cursor", .response = "Timeline",
	  .summary = "What happened to an identity, and who saw what from where, newest "
		     "first" },
	{ TOKEN(SCOPE_EVENTS_READ), .method = "GET",
	  .path = "/api/v1/events",
	  .name = "events_list", .handle = native_events_list, .status = 200,
	  .query = "limit cursor after identity", .response = "TenantEventList",
	  .summary = "The tenant's events in order, behind a number" },
	{ TOKEN(SCOPE_EVENTS_READ), .method = "GET",
	  .path = "/api/v1/events/stream",
	  .name = "events_stream", .handle = native_events_stream, .status = 200,
	  .query = "after identity", .type = "text/event-stream",
	  .summary = "The tenant's events as they happen; Last-Event-ID resumes" },

	{ TOKEN(SCOPE_WEBHOOKS_READ), .method = "GET",
	  .path = "/api/v1/webhooks",
	  .name = "webhooks_list", .handle = native_webhooks_list, .status = 200,
	  .response = "WebhookList",
	  .summary = "Where events are delivered" },
	{ TOKEN(SCOPE_WEBHOOKS_WRITE), .method = "POST",
	  .path = "/api/v1/webhooks",
	  .name = "webhook_create", .handle = native_webhook_create, .status = 201,
	  .request = "NewWebhook", .response = "WebhookMade",
	  .summary = "Add a webhook; its secret is shown this once" },
	{ TOKEN(SCOPE_WEBHOOKS_READ), .method = "GET",
	  .path = "/api/v1/webhooks/{id}",
	  .name = "webhook_get", .handle = native_webhook_get, .status = 200,
	  .response = "Webhook", .has_etag = true,
	  .summary = "One webhook" },
	{ TOKEN(SCOPE_WEBHOOKS_WRITE), .method = "PATCH",
	  .path = "/api/v1/webhooks/{id}",
	  .name = "webhook_patch", .handle = native_webhook_patch, .status = 200,
	  .request = "WebhookChange", .response = "Webhook", .has_etag = true,
	  .summary = "Change a webhook, disable it, enable it again" },
	{ TOKEN(SCOPE_WEBHOOKS_WRITE), .method = "DELETE",
	  .path = "/api/v1/webhooks/{id}",
	  .name = "webhook_delete", .handle = native_webhook_delete, .status = 204,
	  .has_etag = true,
	  .summary = "Delete a webhook and what waits for it" },
	{ TOKEN(SCOPE_WEBHOOKS_WRITE), .method = "POST",
	  .path = "/api/v1/webhooks/{id}/rotate",
	  .name = "webhook_rotate", .handle = native_webhook_rotate, .status = 200,
	  .request = "Rotation", .response = "WebhookMade",
	  .summary = "Make a new secret; the old one signs too for a while" },
	{ TOKEN(SCOPE_WEBHOOKS_WRITE), .method = "POST",
	  .path = "/api/v1/webhooks/{id}/test",
	  .name = "webhook_test", .handle = native_webhook_test, .status = 202,
	  .summary = "Deliver an event webhook.test" },
	{ TOKEN(SCOPE_WEBHOOKS_WRITE), .method = "POST",
	  .path = "/api/v1/webhooks/{id}/replay",
	  .name = "webhook_replay", .handle = native_webhook_replay, .status = 202,
	  .request = "Replay", .response = "Replayed",
	  .summary = "Deliver all events since a moment again" },
	{ TOKEN(SCOPE_WEBHOOKS_READ), .method = "GET",
	  .path = "/api/v1/webhooks/{id}/deliveries",
	  .name = "deliveries_list", .handle = native_deliveries_list, .status = 200,
	  .query = "limit cursor", .response = "DeliveryList",
	  .summary = "What was delivered to a webhook, newest first" },
	{ TOKEN(SCOPE_WEBHOOKS_WRITE), .method = "POST",
	  .path = "/api/v1/webhooks/{id}/deliveries/{delivery}/replay",
	  .name = "delivery_replay", .handle = native_delivery_replay, .status = 202,
	  .summary = "Deliver one event again" },

	{ TOKEN(SCOPE_IDENTITIES_READ), .method = "GET",
	  .path = "/api/v1/identities/{id}/shares",
	  .name = "shares_list", .handle = native_shares_list, .status = 200,
	  .response = "ShareList",
	  .summary = "The links that show an identity to whoever has them" },
	{ TOKEN(SCOPE_SHARES_WRITE), .method = "POST",
	  .path = "/api/v1/identities/{id}/shares",
	  .name = "share_create", .handle = native_share_create, .status = 201,
	  .request = "NewShare", .response = "ShareMade",
	  .summary = "Make a link; its token is shown this once" },
	{ TOKEN(SCOPE_SHARES_WRITE), .method = "DELETE",
	  .path = "/api/v1/identities/{id}/shares/{share}",
	  .name = "share_delete", .handle = native_share_delete, .status = 204,
	  .summary = "End a link" },
	{ .auth = AUTH_SHARE, .body_max = SMALL, .method = "GET",
	  .path = "/api/v1/shared/{token}",
	  .name = "shared_get", .handle = native_shared_get, .status = 200,
	  .response = "Shared",
	  .summary = "What a link shows; its token is all that it takes" },

	{ TOKEN(SCOPE_TOKENS_READ), .method = "GET",
	  .path = "/api/v1/tokens",
	  .name = "tokens_list", .handle = native_tokens_list, .status = 200,
	  .response = "TokenList",
	  .summary = "Tokens, those that ended too" },
	{ TOKEN(SCOPE_TOKENS_WRITE), .method = "POST",
	  .path = "/api/v1/tokens",
	  .name = "token_create", .handle = native_token_create, .status = 201,
	  .request = "NewToken", .response = "TokenMade",
	  .summary = "Make a token of one's own scopes; it is shown this once" },
	{ TOKEN(SCOPE_TOKENS_WRITE), .method = "DELETE",
	  .path = "/api/v1/tokens/{id}",
	  .name = "token_revoke", .handle = native_token_revoke, .status = 204,
	  .summary = "Revoke a token, at once and for good" },

	{ TOKEN(SCOPE_TENANTS_READ), .method = "GET",
	  .path = "/api/v1/tenants",
	  .name = "tenants_list", .handle = native_tenants_list, .status = 200,
	  .query = "limit cursor", .response = "TenantList",
	  .summary = "The tenants of this service" },
	{ TOKEN(SCOPE_TENANTS_WRITE), .method = "POST",
	  .path = "/api/v1/tenants",
	  .name = "tenant_create", .handle = native_tenant_create, .status = 201,
	  .request = "NewTenant", .response = "TenantMade",
	  .summary = "Add a tenant; its credentials are shown this once" },
	{ TOKEN(SCOPE_TENANTS_READ), .method = "GET",
	  .path = "/api/v1/tenants/{id}",
	  .name = "tenant_get", .handle = native_tenant_get, .status = 200,
	  .response = "Tenant", .has_etag = true,
	  .summary = "One tenant" },
	{ TOKEN(SCOPE_TENANTS_WRITE), .method = "PATCH",
	  .path = "/api/v1/tenants/{id}",
	  .name = "tenant_patch", .handle = native_tenant_patch, .status = 200,
	  .request = "TenantChange", .response = "Tenant", .has_etag = true,
	  .summary = "Suspend a tenant, or let it in again" },
	{ TOKEN(SCOPE_TENANTS_WRITE), .method = "DELETE",
	  .path = "/api/v1/tenants/{id}",
	  .name = "tenant_delete", .handle = native_tenant_delete, .status = 204,
	  .also = "202", .query = "confirm", .has_etag = true,
	  .summary = "Delete a tenant with all it has; 202: call again for the rest" },
	{ TOKEN(SCOPE_TENANTS_WRITE), .method = "POST",
	  .path = "/api/v1/tenants/{id}/tokens",
	  .name = "tenant_token_create", .handle = native_tenant_token_create,
	  .status = 201, .request = "NewToken", .response = "TokenMade",
	  .summary = "Make a token of a tenant's" },

	{ TOKEN(SCOPE_ANY), .method = "GET",
	  .path = "/api/v1/codes/{code}",
	  .name = "code_get", .handle = native_code_get, .status = 200,
	  .response = "Code",
	  .summary = "The long explanation of a finding's code" },
	{ ANYBODY, .method = "GET", .path = "/api/v1/openapi.json",
	  .name = "openapi_get", .handle = openapi_get, .status = 200,
	  .response = "Any",
	  .summary = "This document" },

	{ SES, .method = "POST", .path = "/v2/email/identities",
	  .handle = ses_identity_create, .body_max = SMALL, .status = 200,
	  .summary = "CreateEmailIdentity" },
	{ SES, .method = "GET", .path = "/v2/email/identities",
	  .handle = ses_identities_list, .body_max = SMALL, .status = 200,
	  .summary = "ListEmailIdentities" },
	{ SES, .method = "GET", .path = "/v2/email/identities/{EmailIdentity}",
	  .handle = ses_identity_get, .body_max = SMALL, .status = 200,
	  .summary = "GetEmailIdentity" },
	{ SES, .method = "DELETE", .path = "/v2/email/identities/{EmailIdentity}",
	  .handle = ses_identity_delete, .body_max = SMALL, .status = 200,
	  .summary = "DeleteEmailIdentity" },
	{ SES, .method = "PUT",
	  .path = "/v2/email/identities/{EmailIdentity}/dkim/signing",
	  .handle = ses_dkim_signing_put, .body_max = SMALL, .status = 200,
	  .summary = "PutEmailIdentityDkimSigningAttributes" },
	/* Where the models of older SDKs have it, Debian 12's for one. */
	{ SES, .method = "PUT",
	  .path = "/v1/email/identities/{EmailIdentity}/dkim/signing",
	  .handle = ses_dkim_signing_put, .body_max = SMALL, .status = 200,
	  .summary = "PutEmailIdentityDkimSigningAttributes" },
	{ SES, .method = "PUT", .path = "/v2/email/identities/{EmailIdentity}/mail-from",
	  .handle = ses_mail_from_put, .body_max = SMALL, .status = 200,
	  .summary = "PutEmailIdentityMailFromAttributes" },
	{ SES, .method = "GET", .path = "/v2/email/account",
	  .handle = ses_account_get, .body_max = SMALL, .status = 200,
	  .summary = "GetAccount" },
	{ SES, .method = "POST", .path = "/v2/email/outbound-emails",
	  .handle = ses_email_send, .body_max = MESSAGE, .status = 200,
	  .summary = "SendEmail" },

	{ ANYBODY, .method = "GET", .path = "/livez", .is_admin = true,
	  .handle = health_live, .status = 200,
	  .summary = "The process answers and its loop turns" },
	{ ANYBODY, .method = "GET", .path = "/startupz", .is_admin = true,
	  .handle = health_started, .status = 200,
	  .summary = "The loop has begun to turn" },
	{ ANYBODY, .method = "GET", .path = "/readyz", .is_admin = true,
	  .handle = health_ready, .status = 200, .needs_store = true,
	  .summary = "The store can be written and the loop turns" },
	{ ANYBODY, .method = "GET", .path = "/metrics", .is_admin = true,
	  .handle = metrics_get, .status = 200,
	  .summary = "Numbers in Prometheus' text form" },
};
/* clang-format on */

const struct route *route_at(size_t index)
{
	return index < ARRAY_LEN(routes) ? &routes[index] : NULL;
}

/* Segment by segment; {name} takes any segment that is not empty. */
static bool path_fits(const char *pattern, struct str path, struct route_match *out)
{
	struct str wanted = str_from(pattern);
	struct str rest = path;
	struct str want;
	struct str have;
	out->parameter_count = 0;
	while (str_split(&wanted, '/', &want)) {
		if (!str_split(&rest, '/', &have))
			return false;
		if (!str_starts(want, STR("{")) ? !str_equal(want, have) : !have.len)
			return false;
		if (str_starts(want, STR("{")))
			out->parameters[out->parameter_count++] = have;
	}
	return !str_split(&rest, '/', &have);
}

const struct route *route_find(struct arena *a, struct str method, struct str path,
			       struct route_match *out)
{
	auto_buf struct buf allow;
	buf_init(&allow, 256);
	*out = (struct route_match){ .allow = STR_EMPTY };
	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		const struct route *r = &routes[i];
		struct route_match match = { .allow = STR_EMPTY };
		if (!path_fits(r->path, path, &match))
			continue;
		bool is_head = str_is(method, "HEAD") && strcmp(r->method, "GET") == 0;
		if (is_head || str_is(method, r->method)) {
			*out = match;
			return r;
		}
		buf_printf(&allow, "%s%s", allow.len ? ", " : "", r->method);
		if (strcmp(r->method, "GET") == 0)
			buf_text(&allow, ", HEAD");
	}
	out->allow = arena_str(a, buf_view(&allow));
	return NULL;
}

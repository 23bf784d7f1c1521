/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The handlers that the route table names. */
#ifndef API_HANDLERS_H
#define API_HANDLERS_H

#include "api/call.h"

void native_me(struct call *c);
void native_code_get(struct call *c);
void native_identities_list(struct call *c);
bool native_identity_create_prepare(struct call *c) must_check;
void native_identity_create(struct call *c);
void native_identity_get(struct call *c);
void native_identity_patch(struct call *c);
void native_identity_delete(struct call *c);
void native_identity_check(struct call *c);
bool native_identity_resubmit_prepare(struct call *c) must_check;
void native_identity_resubmit(struct call *c);
void native_identity_watch(struct call *c);
void native_identity_events_list(struct call *c);
void native_events_list(struct call *c);
void native_events_stream(struct call *c);
void native_timeline_get(struct call *c);
void native_webhooks_list(struct call *c);
void native_webhook_create(struct call *c);
void native_webhook_get(struct call *c);
void native_webhook_patch(struct call *c);
void native_webhook_delete(struct call *c);
void native_webhook_rotate(struct call *c);
void native_webhook_test(struct call *c);
void native_webhook_replay(struct call *c);
void native_deliveries_list(struct call *c);
void native_delivery_replay(struct call *c);
void native_records_list(struct call *c);
void native_findings_list(struct call *c);
void native_looks_list(struct call *c);
void native_look_get(struct call *c);
void native_shares_list(struct call *c);
void native_share_create(struct call *c);
void native_share_delete(struct call *c);
void native_shared_get(struct call *c);
void native_tokens_list(struct call *c);
void native_token_create(struct call *c);
void native_token_revoke(struct call *c);
void native_tenants_list(struct call *c);
void native_tenant_create(struct call *c);
void native_tenant_get(struct call *c);
void native_tenant_patch(struct call *c);
void native_tenant_delete(struct call *c);
void native_tenant_token_create(struct call *c);
void openapi_get(struct call *c);

void ses_identity_create(struct call *c);
void ses_identity_get(struct call *c);
void ses_identities_list(struct call *c);
void ses_identity_delete(struct call *c);
void ses_dkim_signing_put(struct call *c);
void ses_mail_from_put(struct call *c);
void ses_account_get(struct call *c);
void ses_email_send(struct call *c);

void health_live(struct call *c);
void health_started(struct call *c);
void health_ready(struct call *c);
void metrics_get(struct call *c);

/* A file of the console, or its page for paths that are the page's own; false:
 * neither. */
bool console_answer(struct call *c) must_check;

#endif

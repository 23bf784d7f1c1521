/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tenants, and what lets people and programs in: secrets are in clear only where they are
 * made. */
#ifndef SERVICE_ACCESS_H
#define SERVICE_ACCESS_H

#include "crypto/crypto.h"
#include "service/scope.h"
#include "store/store.h"

struct service_caller;

/* A tenant with fresh credentials. `name` is given, the rest is made. ERR_EXISTS,
 * ERR_USAGE for a name that is empty, over 64 bytes or not printable. */
struct service_tenant {
	struct str name;
	int64_t id;
	struct str access_key_id;     /* "UNPD" and 16 of [A-Z2-7] */
	struct str secret_access_key; /* 40 characters */
	struct str token;             /* "unp_live_...", all that a tenant may do */
};
bool service_tenant_add(struct store *s, struct arena *a,
			const uint8_t seal_key[CRYPTO_KEY_LEN],
			struct service_tenant *tenant, int64_t now_s, struct err *e)
	must_check;
/* The tenant's secret access key in clear, for checking signatures. */
bool service_tenant_secret(struct arena *a, const uint8_t seal_key[CRYPTO_KEY_LEN],
			   const struct tenant_row *row, struct str *secret_out,
			   struct err *e) must_check;
/* Nobody acts for it any more, its identities are looked at on; false: lets it in again.
 * Writes *row. ERR_CONFLICT if it was changed since it was read. */
bool service_tenant_suspend(struct store *s, struct tenant_row *row, bool suspended,
			    int64_t now_s, struct err *e) must_check;
/* Ends the tenant c->tenant_id: suspends it, deletes its identities (at most `max` of
 * them: *gone_out tells whether that was all), then itself. `name` confirms that it is
 * the one meant: ERR_USAGE if it is not. */
bool service_tenant_delete(const struct service_caller *c, struct arena *a,
			   struct str name, size_t max, bool *gone_out, struct err *e)
	must_check;

/* Hash under which a token, of a program or of a link, is stored. */
void service_token_hash(struct str token, uint8_t out[CRYPTO_SHA256_LEN]);
/* Makes one as row says (tenant_id, name, scopes, expires_at) and fills row->id and
 * created_at. *token_out: "unp_live_..." or, of the operator's, "unp_operator_...".
 * ERR_USAGE for a name as above and for an end that is past; ERR_LIMIT. */
bool service_token_make(struct store *s, struct arena *a, struct api_token_row *row,
			int64_t now_s, struct str *token_out, struct err *e) must_check;

enum {
	SHARE_USUAL_S = 14 * 86400,
	SHARE_MAX_S = 90 * 86400,
};
/* Makes a link as row says (tenant_id, identity_id, expires_at) and fills the rest.
 * *token_out: 26 of [a-z2-7], 128 bits. ERR_USAGE for an end that is past or too far. */
bool service_share_make(struct store *s, struct arena *a, struct share_row *row,
			int64_t now_s, struct str *token_out, struct err *e) must_check;

#endif

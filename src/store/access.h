/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may ask: tenants and their tokens. */
#ifndef STORE_ACCESS_H
#define STORE_ACCESS_H

#include "base/base.h"

struct store;

struct tenant_row {
	int64_t id;
	struct str name;
	struct str access_key_id;
	struct str secret_sealed; /* crypto_seal bound to "tenant:ACCESS_KEY_ID" */
	struct str token_hash;    /* SHA-256 of the first bearer token; only when added */
	int64_t created_at;
};
/* ERR_EXISTS: the name is taken. */
bool store_tenant_add(struct store *s, const struct tenant_row *row, int64_t *id_out,
		      struct err *e) must_check;
/* ERR_NOT_FOUND. */
bool store_tenant_by_access_key(struct store *s, struct arena *a,
				struct str access_key_id, struct tenant_row *out,
				struct err *e) must_check;
bool store_tenant_by_token_hash(struct store *s, struct arena *a, struct str token_hash,
				struct tenant_row *out, struct err *e) must_check;

#endif

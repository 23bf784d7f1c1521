/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may ask: tenants, their tokens, links that show an identity to anybody, and the
 * answers that are kept for whoever asks the same thing twice. */
#ifndef STORE_ACCESS_H
#define STORE_ACCESS_H

#include "base/base.h"

struct store;

/* --- tenants --- */

struct tenant_row {
	int64_t id;
	struct str name;
	struct str access_key_id;
	struct str secret_sealed; /* crypto_seal bound to "tenant:ACCESS_KEY_ID" */
	int64_t created_at;
	int64_t suspended_at; /* 0: it is not */
	int64_t version;      /* grows with every change of these */
};
struct tenant_list {
	struct tenant_row *rows;
	size_t count;
};
/* ERR_EXISTS: the name is taken. */
bool store_tenant_add(struct store *s, const struct tenant_row *row, int64_t *id_out,
		      struct err *e) must_check;
/* ERR_NOT_FOUND. */
bool store_tenant_get(struct store *s, struct arena *a, int64_t id,
		      struct tenant_row *out, struct err *e) must_check;
bool store_tenant_by_name(struct store *s, struct arena *a, struct str name,
			  struct tenant_row *out, struct err *e) must_check;
bool store_tenant_by_access_key(struct store *s, struct arena *a,
				struct str access_key_id, struct tenant_row *out,
				struct err *e) must_check;
/* In the order in which they were made, behind `after` (0: from the start), at most
 * `limit`. */
bool store_tenant_list(struct store *s, struct arena *a, int64_t after, size_t limit,
		       struct tenant_list *out, struct err *e) must_check;
/* Writes suspended_at; version must be what was read: ERR_CONFLICT. */
bool store_tenant_save(struct store *s, struct tenant_row *row, struct err *e) must_check;
/* Ends one that has no identities any more: ERR_CONFLICT while it has. Its tokens,
 * webhooks, messages, events and kept answers go with it; tombstones stay.
 * ERR_NOT_FOUND. */
bool store_tenant_delete(struct store *s, int64_t id, struct err *e) must_check;

/* --- tokens: what a program shows to be let in --- */

struct api_token_row {
	int64_t id;
	int64_t tenant_id; /* 0: the operator's */
	struct str name;
	struct str token_hash; /* SHA-256 */
	int64_t scopes;        /* bits: enum scope of service */
	int64_t created_at;
	int64_t expires_at;   /* 0: never */
	int64_t last_used_at; /* exact to the hour; 0: never */
	int64_t revoked_at;   /* 0: it is not */
};
struct api_token_list {
	struct api_token_row *rows;
	size_t count;
};
enum {
	API_TOKENS_MAX = 200, /* of a tenant, revoked ones too */
};
/* Fills id. ERR_LIMIT when the tenant has API_TOKENS_MAX. */
bool store_api_token_add(struct store *s, struct api_token_row *row, struct err *e)
	must_check;
/* Expired and revoked ones too. ERR_NOT_FOUND. */
bool store_api_token_by_hash(struct store *s, struct arena *a, struct str token_hash,
			     struct api_token_row *out, struct err *e) must_check;
/* In the order in which they were made, all. */
bool store_api_token_list(struct store *s, struct arena *a, int64_t tenant_id,
			  struct api_token_list *out, struct err *e) must_check;
/* It lets its tenant's programs in just now: not revoked, not ended, not a suspended
 * tenant's. */
bool store_api_token_is_good(struct store *s, int64_t id, int64_t now_s, bool *good_out,
			     struct err *e) must_check;
/* For good; once it was, nothing changes. ERR_NOT_FOUND. */
bool store_api_token_revoke(struct store *s, int64_t tenant_id, int64_t id, int64_t now_s,
			    struct err *e) must_check;
/* Notes the hour, if it was not yet. */
bool store_api_token_used(struct store *s, const struct api_token_row *row, int64_t now_s,
			  struct err *e) must_check;

/* --- shares: links that show one identity --- */

struct share_row {
	int64_t id;
	int64_t tenant_id;
	int64_t identity_id;
	struct str token_hash; /* SHA-256 */
	int64_t created_at;
	int64_t expires_at;
	int64_t last_used_at; /* exact to the hour; 0: never */
};
struct share_list {
	struct share_row *rows;
	size_t count;
};
enum {
	SHARES_MAX = 50, /* of an identity */
};
/* Fills id. Drops the identity's expired ones. ERR_LIMIT when SHARES_MAX are left. */
bool store_share_add(struct store *s, struct share_row *row, struct err *e) must_check;
/* Expired ones too. ERR_NOT_FOUND. */
bool store_share_by_hash(struct store *s, struct arena *a, struct str token_hash,
			 struct share_row *out, struct err *e) must_check;
/* Oldest first, all. */
bool store_share_list(struct store *s, struct arena *a, int64_t identity_id,
		      struct share_list *out, struct err *e) must_check;
/* ERR_NOT_FOUND. */
bool store_share_delete(struct store *s, int64_t identity_id, int64_t id, struct err *e)
	must_check;
/* Notes the hour, if it was not yet. */
bool store_share_used(struct store *s, const struct share_row *row, int64_t now_s,
		      struct err *e) must_check;

/* --- answers kept for whoever asks again --- */

enum {
	ANSWER_KEPT_S = 24 * 3600, /* store_prune then drops it */
};
struct answer_row {
	int64_t tenant_id;
	struct str name;         /* whose, and his word for it */
	struct str request_hash; /* what was asked */
	int64_t status;          /* of the answer */
	struct str body;
	int64_t created_at;
};
/* What is kept under the name; one as old as ANSWER_KEPT_S is not. *found_out. */
bool store_answer_find(struct store *s, struct arena *a, struct answer_row *row,
		       bool *found_out, struct err *e) must_check;
/* In a transaction: takes the name for row->request_hash at row->created_at (*taken_out
 * true), or gives in *row what is kept under it. While another transaction has the name,
 * this waits; ERR_UNAVAILABLE when that takes too long. */
bool store_answer_begin(struct store *s, struct arena *a, struct answer_row *row,
			bool *taken_out, struct err *e) must_check;
/* In the transaction that took the name: keeps status and body. Nobody ever sees a name
 * that was taken without an answer. */
bool store_answer_end(struct store *s, const struct answer_row *row, struct err *e)
	must_check;

#endif

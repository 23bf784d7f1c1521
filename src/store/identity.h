/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identities (tenant, domain, key set) and the masked senders under them. */
#ifndef STORE_IDENTITY_H
#define STORE_IDENTITY_H

#include "base/base.h"
#include "identity/identity.h"

struct store;

struct identity_row {
	int64_t id;
	int64_t tenant_id;
	struct str domain;                     /* normalised; unique in the tenant */
	struct str tokens[EXPECT_DKIM_TOKENS]; /* also the selectors and the names in
						  key_zone */
	struct str key_zone;
	/* Authority ses: SES holds the keys, and its tokens may come again for the same
	 * tenant and domain (SES gives the same ones); else the selectors want keys of
	 * ours. */
	bool keys_elsewhere;
	struct identity_state state;
	struct str ses_status;  /* authority ses: SES's own word; else empty */
	int64_t ses_checked_at; /* when SES looked last, by its own word; 0 unknown */
	struct str mail_from_domain; /* empty: none is wanted */
	bool mail_from_reject;       /* what SES calls REJECT_MESSAGE */
	struct str ownership_token;  /* empty: ownership is not asked for */
	int64_t registered_at;       /* of the domain; 0: not told */
	int64_t checked_at;          /* of the last look; 0 none */
	int verdict;                 /* of it: enum verdict of diagnose */
	struct str findings;         /* its codes, separated by blanks, ranked */
	int64_t cost;                /* packets that it took */
	struct str report_hash; /* SHA-256 of what store_report_write took; or empty */
	int64_t version;        /* grows with every write */
};
/* tokens must never have been used (tombstones): ERR_EXISTS when the tenant has the
 * domain, ERR_CONFLICT when a token is not new. Fills id and version; adds EVENT_CREATED.
 */
bool store_identity_add(struct store *s, struct identity_row *row, struct err *e)
	must_check;
bool store_identity_find(struct store *s, struct arena *a, int64_t tenant_id,
			 struct str domain, struct identity_row *out, struct err *e)
	must_check;
/* tenant_id 0: any tenant (service only). */
bool store_identity_get(struct store *s, struct arena *a, int64_t tenant_id, int64_t id,
			struct identity_row *out, struct err *e) must_check;
/* Those of several that are there, in the order of ids (there may be none), with the
 * fences of their leases. In a transaction: on PostgreSQL nobody else changes or claims
 * them until it ends. */
struct identity_held {
	struct identity_row row;
	int64_t fence;      /* 0: no lease */
	bool is_unreadable; /* out of shape: there is nothing of it but the id */
};
struct identity_held_list {
	struct identity_held *rows;
	size_t count;
};
bool store_identity_hold(struct store *s, struct arena *a, const int64_t *ids,
			 size_t count, struct identity_held_list *out, struct err *e)
	must_check;
/* NULL: it is not among them. */
const struct identity_held *identity_held_find(const struct identity_held_list *list,
					       int64_t id);
/* What the row borrows, into the arena. */
void identity_row_keep(struct arena *a, struct identity_row *row);

/* In order of domain, after `after` (empty: from the start), at most `limit`. */
struct identity_page {
	int64_t tenant_id;
	struct str after;
	size_t limit;
};
struct identity_list {
	struct identity_row *rows;
	size_t count;
};
bool store_identity_list(struct store *s, struct arena *a,
			 const struct identity_page *page, struct identity_list *out,
			 struct err *e) must_check;
/* The identity that covers a sender's domain: itself or its nearest parent domain. */
bool store_identity_cover(struct store *s, struct arena *a, int64_t tenant_id,
			  struct str domain, struct identity_row *out, struct err *e)
	must_check;
/* Writes all but id, tenant, domain, tokens, key_zone and keys_elsewhere; version must be
 * what was read: ERR_CONFLICT. Adds the events. */
bool store_identity_save(struct store *s, struct identity_row *row,
			 const struct identity_event *events, size_t count, struct err *e)
	must_check;
/* Verified for a tenant other than this one. */
bool store_identity_has_rival(struct store *s, int64_t tenant_id, struct str domain,
			      bool *has_out, struct err *e) must_check;
/* Tokens become tombstones, keys are revoked, what is held or queued fails. Adds
 * EVENT_DELETED. ERR_NOT_FOUND. */
bool store_identity_delete(struct store *s, int64_t tenant_id, int64_t id, int64_t now_s,
			   struct err *e) must_check;

/* Masked senders: addresses a tenant wants to send as, under an identity. Adding twice is
 * no error. */
bool store_sender_add(struct store *s, int64_t identity_id, struct str address,
		      int64_t now_s, struct err *e) must_check;
bool store_sender_list(struct store *s, struct arena *a, int64_t identity_id,
		       struct str **addresses_out, size_t *count_out, struct err *e)
	must_check;

#endif

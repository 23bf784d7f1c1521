/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store: what must survive. The only place with SQL. One struct store is one connection
 * for one thread; store_pool hands them out. SQLite (WAL, synchronous=FULL) so far; every
 * statement is bound to a tenant where a tenant asks.
 *
 *   store_begin ... store_commit   one transaction: new state, its events, what they
 * release
 *
 * Every function may fail with ERR_UNAVAILABLE (disk, lock) beside what its comment
 * names. Rows live in the arena given. Ids are 64-bit row numbers inside, "idn_..." texts
 * outside (api).
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/base.h"
#include "identity/identity.h"

struct store;
struct store_pool;

/* url: "sqlite:PATH". Makes the database (0600, in an existing directory) and brings its
 * schema up to date. ERR_USAGE for a URL of another kind. */
bool store_open(struct str url, struct store **out, struct err *e) must_check;
void store_close(struct store **s);
/* Only one process may look and relay: two would send every message twice. Until the
 * descriptor is closed; ERR_UNAVAILABLE while another has it. */
bool store_lock(struct str url, int *fd_out, struct err *e) must_check;
/* Up to `count` connections for threads; take blocks until one is free. */
bool store_pool_new(struct str url, size_t count, struct store_pool **out, struct err *e)
	must_check;
void store_pool_free(struct store_pool **p);
struct store *store_pool_take(struct store_pool *p);
void store_pool_give(struct store_pool *p, struct store *s);

/* Write transaction from the start (BEGIN IMMEDIATE). Rollback is harmless when none is
 * open. */
bool store_begin(struct store *s, struct err *e) must_check;
bool store_commit(struct store *s, struct err *e) must_check;
void store_rollback(struct store *s);
/* Can be written to: for /readyz. */
bool store_is_ready(struct store *s, struct err *e) must_check;

/* --- tenants --- */

struct tenant_row {
	int64_t id;
	struct str name;
	struct str access_key_id;
	struct str secret_sealed; /* crypto_seal bound to "tenant:ACCESS_KEY_ID" */
	struct str token_hash;    /* SHA-256 of the bearer token */
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

/* --- identities: (tenant, domain, key set) --- */

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
	struct str report;  /* last report as JSON text; empty before the first look */
	int64_t checked_at; /* of the report; 0 none */
	int64_t version;    /* grows with every write */
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
/* Writes state, ses_*, report, checked_at; version must be what was read: ERR_CONFLICT.
 * Adds the events. */
bool store_identity_save(struct store *s, struct identity_row *row,
			 const struct identity_event *events, size_t count, struct err *e)
	must_check;
/* Verified for a tenant other than this one. */
bool store_identity_has_rival(struct store *s, int64_t tenant_id, struct str domain,
			      bool *has_out, struct err *e) must_check;
/* Only moves next_look_at earlier (or sets it where there was none); version grows. */
bool store_identity_hurry(struct store *s, int64_t id, int64_t look_at, struct err *e)
	must_check;
/* Tokens become tombstones, keys are revoked, what is held or queued fails. Adds
 * EVENT_DELETED. ERR_NOT_FOUND. */
bool store_identity_delete(struct store *s, int64_t tenant_id, int64_t id, int64_t now_s,
			   struct err *e) must_check;

struct due_row {
	int64_t id;
	int64_t look_at;
};
struct due_list {
	struct due_row *rows;
	size_t count;
};
/* next_look_at <= now_s, oldest first. One whose keys are not published yet is left out
 * in its first minute: a resolver that is asked for a key too early remembers that there
 * is none. */
bool store_identity_due(struct store *s, struct arena *a, int64_t now_s, size_t limit,
			struct due_list *out, struct err *e) must_check;
/* When the next one after `after_s` is due; 0: none. */
bool store_identity_next_due(struct store *s, int64_t after_s, int64_t *at_out,
			     struct err *e) must_check;

/* Masked senders: addresses a tenant wants to send as, under an identity. Adding twice is
 * no error. */
bool store_sender_add(struct store *s, int64_t identity_id, struct str address,
		      int64_t now_s, struct err *e) must_check;
bool store_sender_list(struct store *s, struct arena *a, int64_t identity_id,
		       struct str **addresses_out, size_t *count_out, struct err *e)
	must_check;

/* --- events --- */

struct event_row {
	int64_t id;
	int64_t identity_id;
	int64_t at_s;
	struct str kind;   /* identity_event_name */
	struct str aspect; /* "dkim" ... or empty */
	struct str from;
	struct str to;
};
/* Newest first, at most `limit`. identity_id 0: all of the tenant. */
struct event_page {
	int64_t tenant_id;
	int64_t identity_id;
	size_t limit;
};
struct event_list {
	struct event_row *rows;
	size_t count;
};
bool store_event_list(struct store *s, struct arena *a, const struct event_page *page,
		      struct event_list *out, struct err *e) must_check;

/* --- keys: a pool made ahead, then bound to (identity, selector) --- */

struct key_row {
	int64_t id;
	int64_t identity_id; /* 0: in the pool */
	struct str selector;
	struct str private_sealed; /* crypto_seal of PKCS#8 bound to "key:" and hex
				      SHA-256 of public */
	struct str public_der;
	int64_t published_at; /* in the key zone since; 0 not yet */
	int64_t revoked_at;   /* answers p= (empty) since; 0 not */
};
bool store_key_add(struct store *s, const struct key_row *row, struct err *e) must_check;
bool store_key_pool_size(struct store *s, size_t *count_out, struct err *e) must_check;
/* Binds a key of the pool; false in *bound_out when the pool is empty. */
bool store_key_bind(struct store *s, int64_t identity_id, struct str selector,
		    bool *bound_out, struct err *e) must_check;
/* Identities' selectors that have no key yet. */
bool store_key_missing(struct store *s, struct arena *a, size_t limit,
		       struct key_row **rows_out, size_t *count_out, struct err *e)
	must_check;
bool store_key_find(struct store *s, struct arena *a, int64_t identity_id,
		    struct str selector, struct key_row *out, struct err *e) must_check;
/* All that stand in the zone: bound ones and revoked ones. each() borrows the row. */
bool store_key_each(struct store *s, void (*each)(void *arg, const struct key_row *row),
		    void *arg, struct err *e) must_check;
/* A number that grows with every change of what store_key_each gives, and what it was
 * when the zone was published last (-1: never). */
bool store_key_generation(struct store *s, int64_t *generation_out,
			  int64_t *published_out, struct err *e) must_check;
/* The next zone's serial: max(now_s, last + 1), never the same twice. */
bool store_key_serial_take(struct store *s, int64_t now_s, uint32_t *serial_out,
			   struct err *e) must_check;
/* The zone that `generation` gave is served: its keys may sign. */
bool store_key_published(struct store *s, int64_t generation, int64_t now_s,
			 struct err *e) must_check;

/* --- messages: accepted means committed here --- */

enum message_state {
	MESSAGE_HELD,   /* until the identity is verified */
	MESSAGE_QUEUED, /* to be relayed */
	MESSAGE_SENT,
	MESSAGE_FAILED,
};
const char *message_state_name(enum message_state s);

struct message_row {
	int64_t id;
	struct str message_id; /* SES's form */
	int64_t tenant_id;
	int64_t identity_id;
	enum message_state state;
	struct str sender;      /* envelope */
	struct str *recipients; /* envelope */
	size_t recipient_count;
	struct str content; /* unsigned, CRLF */
	int64_t created_at;
	int64_t next_try_at;
	uint32_t tries;
	struct str last_reply; /* the relay's last answer, escaped */
};
/* ERR_LIMIT when the tenant holds hold_max messages already (HELD only; 0: no limit). */
bool store_message_add(struct store *s, struct message_row *row, size_t hold_max,
		       struct err *e) must_check;
/* How many an identity holds until it is verified. */
bool store_message_held(struct store *s, int64_t identity_id, size_t *count_out,
			struct err *e) must_check;
/* HELD -> QUEUED for an identity: inside the verifying transaction. */
bool store_message_release(struct store *s, int64_t identity_id, int64_t now_s,
			   size_t *released_out, struct err *e) must_check;
/* The oldest queued message that is due, whose identity has no older one waiting to be
 * sent first: order is kept within an identity. (One that was put off three times holds
 * the others no longer.) *found_out false: none. */
bool store_message_next(struct store *s, struct arena *a, int64_t now_s,
			struct message_row *out, bool *found_out, struct err *e)
	must_check;
/* When the next queued one is due; 0: none. */
bool store_message_next_due(struct store *s, int64_t *at_out, struct err *e) must_check;
/* State, next_try_at, tries and last_reply of a queued message; ERR_CONFLICT if it is
 * queued no longer. SENT and FAILED drop the content. */
bool store_message_save(struct store *s, const struct message_row *row, struct err *e)
	must_check;

/* --- numbers for /metrics --- */

struct store_counts {
	uint64_t identities[5]; /* by enum status of DKIM */
	uint64_t messages[4];   /* by enum message_state */
	uint64_t due;
	uint64_t pool_keys;
};
bool store_counts_read(struct store *s, int64_t now_s, struct store_counts *out,
		       struct err *e) must_check;

#endif

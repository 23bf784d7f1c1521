/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * service: due -> authority -> diagnose -> step -> store -> effects. One thread with a libuv
 * loop, worker threads for keys and relay, probe processes through authority. The other
 * threads (api) talk to it through the store and service_wake.
 */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include "base/base.h"
#include "config/config.h"
#include "crypto/crypto.h"
#include "store/store.h"

struct service;

/* Opens the store, starts the thread. config and seal_key must outlive it. */
bool service_start(const struct config *config, const uint8_t seal_key[CRYPTO_KEY_LEN],
		   struct service **out, struct err *e) must_check;
/* Finishes or hands back what is under way, ends the processes, joins. */
void service_stop(struct service **s);
/* Something in the store became due (new identity, check now, message, key). Any thread. */
void service_wake(struct service *s);

/* A tenant with fresh credentials; the only time the secrets are in clear. */
struct service_tenant {
	struct str name;
	struct str access_key_id;     /* "UNPD" and 16 of [A-Z2-7] */
	struct str secret_access_key; /* 40 characters */
	struct str token;	      /* "unp_live_..." */
};
bool service_tenant_add(struct store *s, struct arena *a,
			const uint8_t seal_key[CRYPTO_KEY_LEN], struct str name, int64_t now_s,
			struct service_tenant *out, struct err *e) must_check;
/* Hash under which a bearer token is stored. */
void service_token_hash(struct str token, uint8_t out[CRYPTO_SHA256_LEN]);

/* What people and APIs may do to identities; each is one transaction and a wake (service may be
 * NULL: no wake). Domain and address rules as mail_domain_parse; a public suffix is refused. */
bool service_identity_create(struct service *v, struct store *s, struct arena *a,
			     const struct config *config, int64_t tenant_id, struct str sender,
			     int64_t now_s, struct identity_row *out, struct err *e) must_check;
bool service_identity_resubmit(struct service *v, struct store *s, struct arena *a,
			       const struct config *config, int64_t tenant_id, int64_t id,
			       int64_t now_s, struct identity_row *out,
			       struct err *e) must_check;
/* ERR_LIMIT when it was looked at less than 5 s ago. */
bool service_identity_check(struct service *v, struct store *s, struct arena *a,
			    int64_t tenant_id, int64_t id, int64_t now_s,
			    struct err *e) must_check;
bool service_identity_delete(struct service *v, struct store *s, struct arena *a,
			     const struct config *config, int64_t tenant_id, int64_t id,
			     int64_t now_s, struct err *e) must_check;
/* The records an identity must publish (and DMARC as a recommendation). */
bool service_identity_expect(struct arena *a, const struct identity_row *row,
			     struct expectation *out, struct err *e) must_check;

struct service_counters {
	uint64_t looks[4]; /* by enum verdict */
	uint64_t look_ms_total;
	uint64_t queries;
	uint64_t probe_restarts;
	uint64_t events;
	uint64_t messages_sent;
	uint64_t messages_failed;
	int64_t lag_ms; /* of the last due identity: taken up so late */
};
void service_counters_read(struct service *s, struct service_counters *out);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * service: due -> authority -> diagnose -> step -> store -> effects. One thread with a
 * libuv loop, worker threads for keys and relay, probe processes through authority. The
 * other threads (api) talk to it through the store and service_wake.
 */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include "authority/authority.h"
#include "base/base.h"
#include "config/config.h"
#include "crypto/crypto.h"
#include "service/access.h"
#include "service/tally.h"
#include "store/store.h"

struct service;

/* Opens the store, starts the thread. config and seal_key must outlive it. */
bool service_start(const struct config *config, const uint8_t seal_key[CRYPTO_KEY_LEN],
		   struct service **out, struct err *e) must_check;
/* Finishes or hands back what is under way, ends the processes, joins. */
void service_stop(struct service **s);
/* Something in the store became due (new identity, check now, message, key). Any thread.
 */
void service_wake(struct service *s);

/* Who asks, when, and what with; all borrowed. */
struct service_caller {
	struct service *service; /* is woken; may be NULL */
	struct store *store;
	const struct config *config;
	int64_t tenant_id;
	int64_t now_s;
};
/* After a commit: wakes the service, and tells the other nodes. */
void service_wake_all(const struct service_caller *c);
/* What people and APIs may do to identities; each is one transaction and a wake. Domain
 * and address rules as mail_domain_parse; a public suffix is refused (ERR_USAGE).
 * `sender` is an address or a domain; where the tenant has the domain already,
 * *created_out is false and an address is added to it. */
bool service_identity_create(const struct service_caller *c, struct arena *a,
			     struct str sender, struct identity_row *out,
			     bool *created_out, struct err *e) must_check;
bool service_identity_resubmit(const struct service_caller *c, struct arena *a,
			       int64_t id, struct identity_row *out, struct err *e)
	must_check;
/*
 * The same in two halves, for who has a transaction around the second: `ask` asks others
 * (SES, where it decides), who may take seconds, and writes nothing; `keep` writes, asks
 * nobody, and wakes nobody in this process until service_wake.
 */
struct service_wish {
	struct str domain;
	struct str address; /* empty: the domain itself */
	bool is_granted;    /* false: the tenant had the domain when it was asked */
	struct authority_grant grant;
};
bool service_identity_create_ask(const struct service_caller *c, struct arena *a,
				 struct str sender, struct service_wish *out,
				 struct err *e) must_check;
/* ERR_CONFLICT: what the tenant had is gone meanwhile. */
bool service_identity_create_keep(const struct service_caller *c, struct arena *a,
				  const struct service_wish *wish,
				  struct identity_row *out, bool *created_out,
				  struct err *e) must_check;
bool service_identity_resubmit_ask(const struct service_caller *c, struct arena *a,
				   int64_t id, struct err *e) must_check;
bool service_identity_resubmit_keep(const struct service_caller *c, struct arena *a,
				    int64_t id, struct identity_row *out, struct err *e)
	must_check;
/* ERR_LIMIT when it was looked at less than 5 s ago. */
bool service_identity_check(const struct service_caller *c, struct arena *a, int64_t id,
			    struct err *e) must_check;
bool service_identity_delete(const struct service_caller *c, struct arena *a, int64_t id,
			     struct err *e) must_check;
/* The records an identity must publish (and DMARC as a recommendation). */
bool service_identity_expect(struct arena *a, const struct config *config,
			     const struct identity_row *row, struct expectation *out,
			     struct err *e) must_check;
/* Its page is open: while something is searched for, it is looked at every 12 s in the
 * next minute. Writes every 20 s at most. ERR_NOT_FOUND. */
bool service_identity_watch(const struct service_caller *c, struct arena *a, int64_t id,
			    struct err *e) must_check;
/* Mail of the identity has its envelope sender below `domain`, a real subdomain of the
 * identity's (ses.md section 3.2); empty: it has none. The same again searches again.
 * ERR_USAGE; ERR_DENIED where the operator offers none, or SES decides. */
struct service_mail_from {
	struct str domain;
	bool rejects; /* mail is refused while its records are not verified */
};
bool service_identity_mail_from(const struct service_caller *c, struct arena *a,
				int64_t id, const struct service_mail_from *wanted,
				struct identity_row *out, struct err *e) must_check;
/* Ownership is to be shown by a TXT record of its own, or no longer. */
bool service_identity_ownership(const struct service_caller *c, struct arena *a,
				int64_t id, bool wanted, struct identity_row *out,
				struct err *e) must_check;
/* As the configuration has it. */
struct policy service_policy(const struct config *config);

struct service_counters {
	uint64_t looks[4]; /* by enum verdict */
	uint64_t glances_right;
	uint64_t glances_unclear; /* a look followed */
	uint64_t looks_put_off;   /* service.tenant_packets */
	uint64_t look_ms_total;
	uint64_t queries;
	uint64_t probe_restarts;
	uint64_t events;
	uint64_t messages_sent;
	uint64_t messages_failed;
	int64_t lag_ms;        /* of the last due identity: taken up so late */
	uint64_t perspectives; /* configured, and connected just now */
	uint64_t perspectives_up;
};
void service_counters_read(struct service *s, struct service_counters *out);
void service_tally_read(struct service *s, struct tally_numbers *out);
/* Rows by kind, as they were at at_s (0: not counted yet). */
struct service_rows {
	struct store_counts counts;
	struct delivery_counts deliveries;
	int64_t at_s;
};
/* A store of millions is counted rarely. May wait some seconds. False: they could not be
 * counted, the numbers are old ones. */
bool service_rows_read(struct service *s, struct service_rows *out) must_check;
/* The loop turned within the last minute. Any thread. */
bool service_is_turning(const struct service *s);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * webhook: events handed to URLs that tenants choose, as Standard Webhooks 1.0.0 says:
 * signed, with an id that stays the same over all tries, until they are taken.
 *
 *   secret    symmetric, shared with the endpoint: "whsec_" and base64, shown once
 *   key       ed25519: the private half stays here, "whpk_" and base64 is for everybody
 *   attempt   one delivery sent once         step    what an answer means for it: pure
 *
 *   webhook_create -> (events are added) -> webhook_deliver, over and over
 */
#ifndef WEBHOOK_WEBHOOK_H
#define WEBHOOK_WEBHOOK_H

#include <jansson.h>
#include <stdatomic.h>

#include "base/base.h"
#include "config/config.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "store/store.h"

enum {
	WEBHOOK_PAYLOAD_MAX = 20 * 1000,
	WEBHOOK_TRIES_MAX = 10, /* the first, and one for each step of the ladder */
	WEBHOOK_REPLY_SHOWN = 256,
};

/* --- what is called --- */

/* [webhook] of the configuration and this machine's own addresses, as they are now.
 * ERR_USAGE. */
bool webhook_egress(const struct config *config, struct http_egress *out, struct err *e)
	must_check;

/* --- signing --- */

/* "whsec_", "whsk_" or "whpk_" and base64. */
void webhook_key_write(struct buf *out, const char *prefix, struct str bytes);

/* In clear; borrowed. */
struct webhook_signers {
	struct str secrets[2]; /* the present one, and the one before while it overlaps */
	size_t secret_count;
	struct str seed; /* of ed25519, or empty */
};
/* The value of webhook-signature: "v1,..." for each secret, "v1a,..." for the key. */
void webhook_sign(struct buf *out, const struct webhook_signers *signers, struct str id,
		  int64_t at_s, struct str body);

/* {"type", "timestamp", "data"}, at most WEBHOOK_PAYLOAD_MAX: where detail does not fit,
 * it is left out, and data.detail_omitted says so. */
void webhook_payload_write(struct buf *out, const struct event_row *event);
/* data alone, new reference is the caller's: what all faces show of an event. */

json_t *webhook_event_json(const struct event_row *event);

/* --- webhooks --- */

/* Words separated by blanks, each one of store_event_kinds. ERR_USAGE with the wrong
 * one. */
bool webhook_kinds_check(struct str kinds, struct err *e) must_check;
/* row: tenant_id, url, kinds, created_at. Makes secret and key; *secret_out is the only
 * time the secret is in clear. ERR_USAGE for a URL that may not be called. */
struct webhook_maker {
	struct store *store;
	const uint8_t *seal_key;
	const struct http_egress *egress;
};
bool webhook_create(const struct webhook_maker *m, struct arena *a,
		    struct webhook_row *row, struct str *secret_out, struct err *e)
	must_check;
/* A new secret; the old one signs too until `until_s`. */
bool webhook_rotate(const struct webhook_maker *m, struct arena *a,
		    struct webhook_row *row, int64_t until_s, struct str *secret_out,
		    struct err *e) must_check;
/* An event webhook.test, for this webhook alone. */
bool webhook_test(struct store *s, struct arena *a, const struct webhook_row *row,
		  int64_t now_s, struct err *e) must_check;

/* --- delivering --- */

struct webhook_answer {
	unsigned status;       /* 0: there was none */
	int64_t retry_after_s; /* -1: not said */
	struct str shown;      /* of what it said, or why there was no answer; escaped */
};
/* RFC 9110 section 10.2.3: seconds, or a date; -1 for anything else. */
int64_t webhook_retry_after_parse(struct str value, int64_t now_s);
/* What the answer means: the row as it is to be saved (state, tries, next_try_at, last_*,
 * done_at) and the outcome that points at it. jitter in [0, 1000). */
struct webhook_moment {
	int64_t now_s;
	uint32_t jitter;
	int64_t disable_after_s; /* failing for so long disables a webhook */
};
void webhook_step(struct delivery_row *row, const struct webhook_row *webhook,
		  const struct webhook_answer *answer, const struct webhook_moment *m,
		  struct delivery_outcome *out);

struct webhook_sender {
	const struct config *config;
	const uint8_t *seal_key;
	const atomic_bool *stop; /* may be NULL */
	int64_t now_s;
};
/* One attempt, blocking, webhook.timeout_s at most. false: nothing is known of it, the
 * delivery waits for its lease to run out (the process is stopping, or our own trouble).
 */
bool webhook_attempt(const struct webhook_sender *sender, struct arena *a,
		     const struct webhook_row *webhook, const struct delivery_row *row,
		     struct webhook_answer *out, struct err *e) must_check;

#endif

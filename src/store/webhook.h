/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Webhooks, and what is to be delivered to them: the outbox of events. A delivery is a
 * row from the moment its event is committed until it was taken or given up. Those of
 * one webhook and one identity go in order: a later one waits for the earlier.
 */
#ifndef STORE_WEBHOOK_H
#define STORE_WEBHOOK_H

#include "base/base.h"
#include "store/event.h"
#include "store/lease.h"

struct store;

struct webhook_row {
	int64_t id;
	int64_t tenant_id;
	struct str url;
	struct str kinds; /* of events, separated by blanks; empty: all */
	/* crypto_seal bound to "webhook:" and the public key. */
	struct str secret_sealed;
	struct str old_secret_sealed; /* signs too until old_until */
	int64_t old_until;
	struct str signing_key_sealed; /* ed25519; empty: none */
	struct str public_key;         /* its 32 octets, or empty */
	int64_t created_at;
	int64_t disabled_at; /* 0: enabled */
	struct str disabled_why;
	int64_t failing_since; /* 0: the last delivery was taken */
	int64_t last_status;   /* of HTTP; 0: no answer */
	int64_t last_at;
	int64_t version;
};
struct webhook_list {
	struct webhook_row *rows;
	size_t count;
};

enum {
	WEBHOOKS_MAX = 20, /* of a tenant */
};

/* ERR_LIMIT: the tenant has WEBHOOKS_MAX. Fills id and version. */
bool store_webhook_add(struct store *s, struct webhook_row *row, struct err *e)
	must_check;
/* tenant_id 0: of any. ERR_NOT_FOUND. */
bool store_webhook_get(struct store *s, struct arena *a, int64_t tenant_id, int64_t id,
		       struct webhook_row *out, struct err *e) must_check;
/* All of the tenant, oldest first. */
bool store_webhook_list(struct store *s, struct arena *a, int64_t tenant_id,
			struct webhook_list *out, struct err *e) must_check;
/* url, kinds, keys, disabled_*; ERR_CONFLICT where version is not what was read. Where it
 * is disabled, what waits is given up. */
bool store_webhook_save(struct store *s, struct webhook_row *row, struct err *e)
	must_check;
/* With its deliveries. ERR_NOT_FOUND. */
bool store_webhook_delete(struct store *s, int64_t tenant_id, int64_t id, struct err *e)
	must_check;

enum delivery_state {
	DELIVERY_WAITING,
	DELIVERY_DONE,
	DELIVERY_GIVEN_UP,
};
const char *delivery_state_name(enum delivery_state s);

struct delivery_row {
	int64_t id;
	int64_t webhook_id;
	int64_t tenant_id;
	int64_t event_id;
	int64_t identity_id;
	enum delivery_state state;
	uint32_t tries;
	int64_t next_try_at;
	int64_t last_status;   /* of HTTP; 0: no answer */
	struct str last_reply; /* escaped */
	int64_t created_at;
	int64_t done_at;
	struct event_row event;
	struct lease lease;
};
struct delivery_list {
	struct delivery_row *rows;
	size_t count;
};

/* For each webhook that wants the event; store_event_write does it. */
bool store_delivery_add(struct store *s, const struct event_row *event, struct err *e)
	must_check;
/* An event for this webhook alone, whether it wants such events or not: a test. */
bool store_webhook_test(struct store *s, struct arena *a, int64_t webhook_id,
			struct event_row *event, struct err *e) must_check;
/* Leases one that is due: the first of its webhook and identity, of a webhook that has
 * fewer than `per_webhook` under way (one while it fails). */
struct delivery_claim {
	struct lease_term term;
	unsigned per_webhook;
};
bool store_delivery_claim(struct store *s, struct arena *a,
			  const struct delivery_claim *claim, struct delivery_row *out,
			  bool *found_out, struct err *e) must_check;
/* When the next one may be due; 0: none waits. */
bool store_delivery_next_due(struct store *s, int64_t *at_out, struct err *e) must_check;

/* What came of an attempt: state, tries, next_try_at, last_*, done_at of the row. Ends
 * its lease: ERR_CONFLICT when it was lost or the delivery waits no longer. */
struct delivery_outcome {
	const struct delivery_row *row;
	int64_t at_s;
	bool is_taken;      /* by the endpoint */
	int64_t hold_until; /* nothing to this webhook before; 0: no matter */
	/* NULL: stays as it is. Else the webhook is disabled, what waits for it is given
	 * up, and webhook.disabled says so. */
	const char *disable_why;
};
bool store_delivery_save(struct store *s, struct arena *a,
			 const struct delivery_outcome *o, struct err *e) must_check;

/* Newest event first; before 0: from the newest on, else those of events with a smaller
 * number. */
struct delivery_page {
	int64_t webhook_id;
	int64_t before;
	size_t limit;
};
bool store_delivery_list(struct store *s, struct arena *a,
			 const struct delivery_page *page, struct delivery_list *out,
			 struct err *e) must_check;
/* Once more, with the same event id. ERR_NOT_FOUND. */
bool store_delivery_replay(struct store *s, int64_t webhook_id, int64_t id, int64_t now_s,
			   struct err *e) must_check;
/* All events since then that the webhook wants, those it missed too; in order. At most
 * DELIVERY_REPLAY_MAX, the earliest. */
enum {
	DELIVERY_REPLAY_MAX = 10000,
};
bool store_delivery_replay_since(struct store *s, int64_t webhook_id, int64_t since_s,
				 int64_t now_s, size_t *count_out, struct err *e)
	must_check;
/* For metrics. oldest_at 0: nothing waits. */
struct delivery_counts {
	uint64_t waiting;
	int64_t oldest_at;
};
bool store_delivery_counts(struct store *s, struct delivery_counts *out, struct err *e)
	must_check;

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who works on what, and until when. A lease is a row: a thing, the node that has it, the
 * moment when others may take it, and a fence, a number that is never given twice. Every
 * write that ends a piece of work deletes its lease, by the fence, in the same
 * transaction; whoever finds no such row has lost it and writes nothing. So a node that
 * was stopped for longer than its lease, or whose clock is wrong, does harm to nobody.
 */
#ifndef STORE_LEASE_H
#define STORE_LEASE_H

#include "base/base.h"

struct store;

/* By number in the database. */
enum lease_kind {
	LEASE_IDENTITY,
	LEASE_MESSAGE,
	LEASE_DELIVERY,
	LEASE_ROLE, /* of enum lease_role */
};
enum lease_role {
	LEASE_ROLE_KEYS = 1,
	LEASE_ROLE_HOUSEKEEPING,
	LEASE_ROLE_GLANCES,
};
struct lease {
	enum lease_kind kind;
	int64_t thing_id;
	int64_t fence; /* 0: none */
};
struct lease_term {
	int64_t node;
	int64_t now_s;
	int64_t until_s; /* held while this is later than now */
};

/* *taken_out false: somebody has it. */
bool store_lease_take(struct store *s, struct lease *l, const struct lease_term *term,
		      bool *taken_out, struct err *e) must_check;
/* ERR_CONFLICT: it is somebody else's by now. */
bool store_lease_renew(struct store *s, const struct lease *l, int64_t until_s,
		       struct err *e) must_check;
/* ERR_CONFLICT: it is somebody else's by now; roll back. Without a fence: does nothing.
 */
bool store_lease_end(struct store *s, const struct lease *l, struct err *e) must_check;
/* Of several identities, whoever has them: for whoever holds the rows
 * (store_identity_hold) and has seen that the fences are his. */
bool store_identity_leases_end(struct store *s, const int64_t *ids, size_t count,
			       struct err *e) must_check;
/* A number for a statement that takes many at once. */
bool store_lease_fence(struct store *s, int64_t *fence_out, struct err *e) must_check;
/* All of them, whoever has them: for whoever is alone on this store. */
bool store_lease_clear(struct store *s, struct err *e) must_check;

/* --- identities that are due --- */

struct lease_list {
	struct lease *rows;
	size_t count;
};
struct due_turn {
	int64_t tenant_id; /* each tenant once */
	size_t limit;
	size_t got; /* set by the claim */
};
struct due_claim {
	struct lease_term term;
	size_t limit;
	int64_t fence; /* of the other claims in this transaction; 0: a new one */
	/* Of these tenants, so many each; the limit is then their sum. None: of all. */
	struct due_turn *turns;
	size_t turn_count;
};
/* Leases what is due and free, oldest first, all or nothing. One whose keys are not
 * published yet is left out in its first minute: a resolver that is asked for a key too
 * early remembers that there is none. Read the row afterwards: it may have been looked at
 * meanwhile. */
bool store_identity_claim(struct store *s, struct arena *a, const struct due_claim *claim,
			  struct lease_list *out, struct err *e) must_check;
/* When the next one after `after_s` is due; 0: none. */
bool store_identity_next_due(struct store *s, int64_t after_s, int64_t *at_out,
			     struct err *e) must_check;

/* Of the `limit` tenants after `after_id`, those that have due work. */
struct due_page {
	int64_t now_s;
	int64_t after_id;
	size_t limit;
};
struct due_tenants {
	int64_t *ids;
	size_t count;
	int64_t last_id; /* go on after this one; 0: that was all */
};
bool store_tenant_due(struct store *s, struct arena *a, const struct due_page *page,
		      struct due_tenants *out, struct err *e) must_check;

/* --- housekeeping --- */

/* Removes what nobody needs any more, at most `limit` rows of each kind: idempotency keys
 * of yesterday, shares that are over, deliveries that ended a month ago, leases of things
 * that are gone. What was planned by a clock far ahead (looks, messages, deliveries) is
 * due now, as many of each; looks that nobody waits for within a day. *done_out: rows of
 * both sorts. */
bool store_prune(struct store *s, int64_t now_s, size_t limit, size_t *done_out,
		 struct err *e) must_check;

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store: what must survive. The only place with SQL. One struct store is one connection
 * for one thread; store_pool hands them out. SQLite (WAL, synchronous=FULL) for one
 * process, PostgreSQL for several nodes; every statement is bound to a tenant where a
 * tenant asks.
 *
 *   store_begin ... store_commit   one transaction: new state, its events, what they
 *                                  release
 *   store_scope_open ... store_scope_close     the same, also as a part of another's
 *
 * A header for each subject, all of them in this one.
 *
 * Every function may fail with ERR_UNAVAILABLE (disk, lock, connection, a deadlock with
 * another transaction: try all of it again) and with ERR_USAGE for a text with a byte 0,
 * beside what its comment names. After a failure in a transaction comes store_rollback. A
 * lost connection is made anew by the next transaction; a store_commit that failed with
 * ERR_UNAVAILABLE may have happened. So that deadlocks stay rare, rows are locked in the
 * order identities, what hangs on them, tenants by id, events.
 *
 * Rows live in the arena given. Ids are 64-bit row numbers inside, "idn_..."
 * texts outside (api).
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/base.h"
#include "store/access.h"
#include "store/backup.h"
#include "store/event.h"
#include "store/glance.h"
#include "store/identity.h"
#include "store/key.h"
#include "store/lease.h"
#include "store/look.h"
#include "store/message.h"
#include "store/node.h"
#include "store/retain.h"
#include "store/scope.h"
#include "store/trouble.h"
#include "store/wake.h"
#include "store/webhook.h"

struct store;
struct store_pool;

/* url: "sqlite:PATH" makes the database (0600, in an existing directory);
 * "postgresql://HOST/DATABASE?..." as libpq has it (sslmode and the like) must be there.
 * Brings the schema up to date. ERR_USAGE for a URL of another kind, or a database of a
 * later version. */
bool store_open(struct str url, struct store **out, struct err *e) must_check;
void store_close(struct store **s);
/* SQLite: only one process may look and relay. Until the descriptor is closed;
 * ERR_UNAVAILABLE while another has it. PostgreSQL has room for several: -1. */
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
/* What is written is not seen by others yet. */
bool store_has_transaction(const struct store *s);
/* Can be written to, by a small write: for /readyz. */
bool store_is_ready(struct store *s, struct err *e) must_check;

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

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an engine does for the part: one table of functions each. An engine's connection
 * begins with a struct store. Subjects do not look in here, only what is above the
 * engines.
 */
#ifndef STORE_ENGINE_H
#define STORE_ENGINE_H

#include "base/base.h"
#include "store/query.h"
#include "store/statements.h"

struct engine {
	enum engine_kind kind;
	bool (*connect)(struct str url, struct store **out, struct err *e);
	void (*close)(struct store *s);
	/* Before a transaction begins: a lost connection is made anew. */
	bool (*revive)(struct store *s, struct err *e);
	/* Around a transaction that writes: may wait for others; ERR_UNAVAILABLE. */
	bool (*enter)(struct store *s, struct err *e);
	void (*leave)(struct store *s);
	/* The database knows of one; it may have ended it by itself. */
	bool (*has_transaction)(const struct store *s);
	/* Several statements at once, for the schema. */
	bool (*script)(struct store *s, const char *sql, struct err *e);
	/* Binds the query's parameters. */
	bool (*start)(struct query *q, struct err *e);
	bool (*next)(struct query *q, bool *found_out, struct err *e);
	int64_t (*changes)(const struct query *q);
	/* Of the present row. */
	bool (*number)(const struct query *q, int column, int64_t *out);
	struct str (*bytes)(const struct query *q, int column);
	void (*end)(struct query *q);
	/* Hear what others tell from now on; ERR_UNAVAILABLE. */
	bool (*listen)(struct store *s, struct err *e);
	/* Waits until something was told, some time is over or `end` is readable. */
	bool (*hear)(struct store *s, int end, unsigned *wakes_out, struct err *e);
};
extern const struct engine engine_sqlite;
extern const struct engine engine_postgres;

struct store {
	const struct engine *engine;
	bool in_transaction; /* one was begun here, and neither committed nor undone */
	bool is_mute;        /* cannot, or need not, tell others */
};

/* Reads of one moment, until store_rollback. */
bool store_begin_snapshot(struct store *s, struct err *e) must_check;

#endif

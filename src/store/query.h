/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part's own view of a database, whichever engine it is: a query as a row of sticky
 * steps, like a cursor: bind and read straight on, a failure shows once, where the query
 * is run or asked for its next row.
 *
 *   auto_query struct query q = query_open(s, SQL_TENANT_BY_NAME);
 *   query_bind_str(&q, name);
 *   if (!query_next(&q, &found, e))
 *           return false;
 *   out->id = query_int(&q);
 *
 * A failed statement spoils the transaction that it is in: what may be refused stands in
 * a scope of its own, or says ON CONFLICT DO NOTHING.
 */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include "base/base.h"
#include "store/scope.h"
#include "store/statements.h"

enum {
	QUERY_PARAMS_MAX = 64,
};

struct store;

struct query_param {
	enum {
		PARAM_INT,
		PARAM_TEXT,
		PARAM_BLOB,
	} kind;
	int64_t number;
	struct str bytes;
};

struct query {
	struct store *store;
	enum sql sql;
	struct arena *arena; /* where texts are copied */
	struct query_param params[QUERY_PARAMS_MAX];
	size_t param_count;
	bool started;
	int column;     /* the next one to read */
	void *result;   /* the engine's */
	int row;        /* the engine's */
	bool has_nul;   /* a text that was bound has a byte 0 */
	bool too_large; /* a text did not fit the arena */
	bool misshapen; /* a column holds what it never may */
};

struct query query_open(struct store *s, enum sql sql);
/* Texts and blobs are borrowed until the query ends. A text has no byte 0: ERR_USAGE
 * where it is run. */
void query_bind_int(struct query *q, int64_t n);
void query_bind_str(struct query *q, struct str text);
void query_bind_blob(struct query *q, struct str bytes);
/* Numbers as one parameter, for what is one of them; written into `text`. */
void query_bind_ints(struct query *q, struct buf *text, const int64_t *numbers,
		     size_t count);
/* Runs a statement that gives no rows. ERR_EXISTS where something unique is there
 * already. */
bool query_run(struct query *q, struct err *e) must_check;
/* Moves to the next row; columns are then read from the first on. */
bool query_next(struct query *q, bool *found_out, struct err *e) must_check;
/* The same where the row must be there: ERR_NOT_FOUND with `what`. (INSERT ... RETURNING
 * wants a transaction around it.) */
bool query_one(struct query *q, const char *what, struct err *e) must_check;
int64_t query_int(struct query *q);
/* Text or blob into the query's arena. */
struct str query_str(struct query *q);
/* The columns read so far were sound and fitted. */
bool query_read_ok(const struct query *q, struct err *e) must_check;
void query_close(struct query *q);
#define auto_query __attribute__((cleanup(query_close)))

/* Rows that it changed, after query_run. */
int64_t query_changes(const struct query *q);

#endif

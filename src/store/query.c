/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queries and transactions, above the engines. */
#include "store/query.h"

#include <assert.h>

#include "store/engine.h"
#include "store/store.h"

struct query query_open(struct store *s, enum sql sql)
{
	return (struct query){ .store = s, .sql = sql };
}

static void query_bind(struct query *q, struct query_param p)
{
	assert(q->param_count < QUERY_PARAMS_MAX);
	q->params[q->param_count++] = p;
}

void query_bind_int(struct query *q, int64_t n)
{
	query_bind(q, (struct query_param){ .kind = PARAM_INT, .number = n });
}

void query_bind_str(struct query *q, struct str text)
{
	q->has_nul = q->has_nul || str_find_byte(text, '\0') < text.len;
	query_bind(q, (struct query_param){ .kind = PARAM_TEXT, .bytes = text });
}

void query_bind_blob(struct query *q, struct str bytes)
{
	query_bind(q, (struct query_param){ .kind = PARAM_BLOB, .bytes = bytes });
}

void query_bind_ints(struct query *q, struct buf *text, const int64_t *numbers,
		     size_t count)
{
	bool is_json = q->store->engine->kind == ENGINE_SQLITE;

	buf_init(text, (count + 1) * 24);
	buf_text(text, is_json ? "[" : "{");
	for (size_t i = 0; i < count; i++)
		buf_printf(text, "%s%lld", i > 0 ? "," : "", (long long)numbers[i]);
	buf_text(text, is_json ? "]" : "}");
	query_bind_str(q, buf_view(text));
}

static bool query_start(struct query *q, struct err *e)
{
	struct store *s = q->store;

	if (q->has_nul)
		return err_set(e, ERR_USAGE, "a text holds a byte 0");
	/* A disk that is full, a connection that is lost: the rest of such a transaction
	 * must not run outside it. */
	if (s->in_transaction && !s->engine->has_transaction(s))
		return err_set(e, ERR_UNAVAILABLE, "the database ended the transaction");
	if (!s->in_transaction && !s->engine->revive(s, e))
		return false;
	q->started = true;
	return s->engine->start(q, e);
}

static enum store_op op_of(enum sql sql)
{
	if (sql == SQL_BEGIN)
		return STORE_OP_BEGIN;
	return sql == SQL_COMMIT ? STORE_OP_COMMIT : STORE_OP_STATEMENT;
}

bool query_next(struct query *q, bool *found_out, struct err *e)
{
	q->column = 0;
	if ((q->started || query_start(q, e)) && q->store->engine->next(q, found_out, e))
		return true;
	trouble_note(op_of(q->sql), e);
	return false;
}

bool query_run(struct query *q, struct err *e)
{
	bool found;

	return query_next(q, &found, e);
}

bool query_one(struct query *q, const char *what, struct err *e)
{
	bool found = false;

	if (!query_next(q, &found, e))
		return false;
	return found || err_set(e, ERR_NOT_FOUND, "there is no such %s", what);
}

int64_t query_int(struct query *q)
{
	int64_t n = 0;

	if (!q->store->engine->number(q, q->column++, &n))
		q->misshapen = true;
	return n;
}

struct str query_str(struct query *q)
{
	struct str bytes = q->store->engine->bytes(q, q->column++);
	char *copy = arena_try(q->arena, bytes.len + 1);

	if (!copy) {
		q->too_large = true;
		return STR_EMPTY;
	}
	if (bytes.len)
		memcpy(copy, bytes.data, bytes.len);
	copy[bytes.len] = '\0';
	return str_of(copy, bytes.len);
}

bool query_read_ok(const struct query *q, struct err *e)
{
	if (q->misshapen)
		return err_set(e, ERR_INTERNAL, "the database holds a row out of shape");
	if (q->too_large)
		return err_set(e, ERR_LIMIT, "a row of the database is too large here");
	return true;
}

int64_t query_changes(const struct query *q)
{
	return q->store->engine->changes(q);
}

void query_close(struct query *q)
{
	if (q->started)
		q->store->engine->end(q);
	q->started = false;
}

/* --- transactions --- */

static bool sql_run(struct store *s, enum sql sql, struct err *e)
{
	auto_query struct query q = query_open(s, sql);
	return query_run(&q, e);
}

bool store_begin(struct store *s, struct err *e)
{
	if (s->in_transaction)
		return err_set(e, ERR_INTERNAL, "a transaction is open already");
	if (!s->engine->enter(s, e))
		return false;
	s->in_transaction = sql_run(s, SQL_BEGIN, e);
	if (!s->in_transaction)
		s->engine->leave(s);
	return s->in_transaction;
}

/* Reads only, all of them as of one moment. */
bool store_begin_snapshot(struct store *s, struct err *e)
{
	if (s->in_transaction)
		return err_set(e, ERR_INTERNAL, "a transaction is open already");
	s->in_transaction = sql_run(s, SQL_BEGIN_SNAPSHOT, e);
	return s->in_transaction;
}

bool store_commit(struct store *s, struct err *e)
{
	if (!sql_run(s, SQL_COMMIT, e))
		return false;
	s->in_transaction = false;
	s->engine->leave(s);
	return true;
}

void store_rollback(struct store *s)
{
	struct err e = { 0 };

	/* A failed write may have ended the transaction already; then this has nothing to
	 * do. */
	if (s->in_transaction && s->engine->has_transaction(s))
		(void)!sql_run(s, SQL_ROLLBACK, &e);
	s->in_transaction = false;
	s->engine->leave(s);
}

bool store_has_transaction(const struct store *s)
{
	return s->in_transaction;
}

bool store_is_ready(struct store *s, struct err *e)
{
	if (!store_begin(s, e))
		return false;
	/* Rolled back it would tell nothing: no byte of it comes to the disk. */
	if (sql_run(s, SQL_READY, e) && store_commit(s, e))
		return true;
	store_rollback(s);
	return false;
}

bool store_scope_open(struct store *s, struct store_scope *o, struct err *e)
{
	*o = (struct store_scope){ s, !s->in_transaction };
	return o->own ? store_begin(s, e) : sql_run(s, SQL_SAVEPOINT, e);
}

bool store_scope_close(struct store_scope *o, bool good, struct err *e)
{
	struct err undone = { 0 };

	if (good &&
	    (o->own ? store_commit(o->store, e) : sql_run(o->store, SQL_RELEASE, e)))
		return true;
	if (o->own)
		store_rollback(o->store);
	else
		(void)!(sql_run(o->store, SQL_ROLLBACK_TO, &undone) &&
			sql_run(o->store, SQL_RELEASE, &undone));
	return false;
}

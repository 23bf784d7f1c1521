/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One connection: opening, transactions, queries. */
#include "store/query.h"

#include <sys/stat.h>

#include "store/schema.h"
#include "store/store.h"

enum {
	BUSY_TIMEOUT_MS = 5000,
	WAL_RETRY_MS = 20,
};

/* What a connection must be before anything else is asked. WAL and FULL: what was
 * committed survives the loss of power; secure_delete: a removed key is not left in free
 * pages. */
static const char *const pragmas = "PRAGMA synchronous = FULL;"
				   "PRAGMA foreign_keys = ON;"
				   "PRAGMA secure_delete = ON;"
				   "PRAGMA trusted_schema = OFF;"
				   "PRAGMA temp_store = MEMORY;";

bool sqlite_failed(const struct store *s, const char *what, struct err *e)
{
	int code = sqlite3_extended_errcode(s->db);

	if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
		return err_set(e, ERR_EXISTS, "it is there already");
	if ((code & 0xff) == SQLITE_CONSTRAINT || (code & 0xff) == SQLITE_MISUSE)
		return err_set(e, ERR_INTERNAL, "%s: %s", what, sqlite3_errmsg(s->db));
	return err_set(e, ERR_UNAVAILABLE, "%s: %s", what, sqlite3_errmsg(s->db));
}

/* Of several that open a new database at once, one turns it into WAL; SQLite does not
 * make the others wait for that by itself. */
static int enter_wal(struct store *s)
{
	int code = SQLITE_BUSY;

	for (int waited = 0; waited < BUSY_TIMEOUT_MS; waited += WAL_RETRY_MS) {
		code = sqlite3_exec(s->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
		if ((code & 0xff) != SQLITE_BUSY)
			break;
		sqlite3_sleep(WAL_RETRY_MS);
	}
	return code;
}

static bool store_connect(struct store *s, const char *path, struct err *e)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

	if (sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK)
		return err_set(e, ERR_UNAVAILABLE, "cannot open the database '%s': %s",
			       path, s->db ? sqlite3_errmsg(s->db) : "no memory");
	sqlite3_busy_timeout(s->db, BUSY_TIMEOUT_MS);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (enter_wal(s) != SQLITE_OK ||
	    sqlite3_exec(s->db, pragmas, NULL, NULL, NULL) != SQLITE_OK) {
		(void)sqlite_failed(s, "cannot set up the connection", e);
		return err_in(e, "database '%s'", path);
	}
	if (!schema_migrate(s, e))
		return err_in(e, "database '%s'", path);
	return true;
}

bool store_open(struct str url, struct store **out, struct err *e)
{
	const struct str scheme = STR("sqlite:");
	struct err made = { 0 };
	struct buf path;
	bool opened;

	if (!str_starts(url, scheme) || url.len == scheme.len ||
	    str_find_byte(url, '\0') != url.len)
		return err_set(e, ERR_USAGE, "'%.*s' is not a store: sqlite:PATH is",
			       STR_ARG(url));
	buf_init(&path, 4096);
	buf_str(&path, str_sub(url, scheme.len, url.len));
	if (path.failed) {
		buf_done(&path);
		return err_set(e, ERR_USAGE, "the path of the store is too long");
	}
	/* SQLite would make it readable for everybody. */
	opened = file_create(buf_cstr(&path), STR_EMPTY, 0600, &made) ||
		 made.kind == ERR_EXISTS;
	struct store *s = xalloc(1, sizeof(*s));
	if (!opened)
		*e = made;
	else
		opened = store_connect(s, buf_cstr(&path), e);
	buf_done(&path);
	if (!opened) {
		store_close(&s);
		return false;
	}
	*out = s;
	return true;
}

void store_close(struct store **s)
{
	if (!*s)
		return;
	for (size_t i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize((*s)->statements[i]);
	sqlite3_close((*s)->db);
	xfree(*s);
	*s = NULL;
}

static bool sql_run(struct store *s, enum sql sql, struct err *e)
{
	auto_query struct query q = query_open(s, sql);
	return query_run(&q, e);
}

bool store_begin(struct store *s, struct err *e)
{
	return sql_run(s, SQL_BEGIN, e);
}

bool store_commit(struct store *s, struct err *e)
{
	return sql_run(s, SQL_COMMIT, e);
}

void store_rollback(struct store *s)
{
	struct err e = { 0 };

	/* A failed write may have ended the transaction already; then this has nothing to
	 * do. */
	if (!sqlite3_get_autocommit(s->db))
		(void)!sql_run(s, SQL_ROLLBACK, &e);
}

bool store_is_ready(struct store *s, struct err *e)
{
	if (!store_begin(s, e))
		return false;
	bool written = sql_run(s, SQL_READY, e);
	store_rollback(s);
	return written;
}

bool scope_open(struct store *s, struct scope *o, struct err *e)
{
	*o = (struct scope){ s, sqlite3_get_autocommit(s->db) != 0 };
	return sql_run(s, o->own ? SQL_BEGIN : SQL_SAVEPOINT, e);
}

bool scope_close(struct scope *o, bool good, struct err *e)
{
	struct err undone = { 0 };

	if (good && sql_run(o->store, o->own ? SQL_COMMIT : SQL_RELEASE, e))
		return true;
	if (o->own) {
		store_rollback(o->store);
		return false;
	}
	if (!sqlite3_get_autocommit(o->store->db))
		(void)!(sql_run(o->store, SQL_ROLLBACK_TO, &undone) &&
			sql_run(o->store, SQL_RELEASE, &undone));
	return false;
}

/* --- queries --- */

struct query query_open(struct store *s, enum sql sql)
{
	struct query q = { .store = s, .stmt = s->statements[sql], .code = SQLITE_OK };

	if (q.stmt)
		return q;
	q.code = sqlite3_prepare_v3(s->db, sql_text(sql), -1, SQLITE_PREPARE_PERSISTENT,
				    &q.stmt, NULL);
	s->statements[sql] = q.stmt;
	return q;
}

static void query_note(struct query *q, int code)
{
	if (q->code == SQLITE_OK)
		q->code = code;
}

void query_bind_int(struct query *q, int64_t n)
{
	if (q->stmt)
		query_note(q, sqlite3_bind_int64(q->stmt, ++q->bound, n));
}

void query_bind_str(struct query *q, struct str text)
{
	if (q->stmt)
		query_note(q, sqlite3_bind_text64(q->stmt, ++q->bound,
						  text.data ? text.data : "", text.len,
						  SQLITE_STATIC, SQLITE_UTF8));
}

void query_bind_blob(struct query *q, struct str bytes)
{
	if (q->stmt)
		query_note(q, sqlite3_bind_blob64(q->stmt, ++q->bound,
						  bytes.data ? bytes.data : "", bytes.len,
						  SQLITE_STATIC));
}

static int query_step(struct query *q)
{
	if (q->code != SQLITE_OK || !q->stmt)
		return SQLITE_ERROR;
	q->column = 0;
	return sqlite3_step(q->stmt);
}

bool query_run(struct query *q, struct err *e)
{
	if (query_step(q) == SQLITE_DONE)
		return true;
	return sqlite_failed(q->store, "the database did not take it", e);
}

bool query_next(struct query *q, bool *found_out, struct err *e)
{
	int code = query_step(q);

	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return sqlite_failed(q->store, "the database did not answer", e);
	*found_out = code == SQLITE_ROW;
	return true;
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
	return sqlite3_column_int64(q->stmt, q->column++);
}

struct str query_str(struct query *q)
{
	int column = q->column++;
	const void *data = sqlite3_column_blob(q->stmt, column);
	size_t len = (size_t)sqlite3_column_bytes(q->stmt, column);
	char *copy = arena_try(q->arena, len + 1);

	if (!copy) {
		q->too_large = true;
		return STR_EMPTY;
	}
	if (len)
		memcpy(copy, data, len);
	copy[len] = '\0';
	return str_of(copy, len);
}

bool query_read_ok(const struct query *q, struct err *e)
{
	if (q->misshapen)
		return err_set(e, ERR_INTERNAL, "the database holds a row out of shape");
	if (q->too_large)
		return err_set(e, ERR_LIMIT, "a row of the database is too large here");
	return true;
}

void query_close(struct query *q)
{
	if (!q->stmt)
		return;
	sqlite3_reset(q->stmt);
	sqlite3_clear_bindings(q->stmt);
}

int64_t query_changes(const struct query *q)
{
	return sqlite3_changes64(q->store->db);
}

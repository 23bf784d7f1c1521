/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine for one machine: SQLite, in a file. */
#include <errno.h>
#include <poll.h>
#include <sys/stat.h>

#include "store/engine.h"
#include "store/libsqlite3_functions.h"
#include "store/turn.h"
#include "store/wake.h"

enum {
	BUSY_TIMEOUT_MS = 5000,
	WAL_RETRY_MS = 20,
	LISTEN_MS = 200,
};

struct sqlite {
	struct store base;
	sqlite3 *db;
	sqlite3_stmt *statements[SQL_ALL]; /* prepared at first use */
	int64_t heard;                     /* data_version when it last listened */
	struct turn *turn;                 /* at writing to this file */
	bool has_turn;
};

/* What a connection must be before anything else is asked. WAL and FULL: what was
 * committed survives the loss of power; secure_delete: a removed key is not left in free
 * pages. The log is moved into the database when it has 16 MB: each page once then, and
 * one flush of the disk, for many transactions. */
static const char *const pragmas = "PRAGMA synchronous = FULL;"
				   "PRAGMA foreign_keys = ON;"
				   "PRAGMA secure_delete = ON;"
				   "PRAGMA trusted_schema = OFF;"
				   "PRAGMA temp_store = MEMORY;"
				   "PRAGMA wal_autocheckpoint = 4000;";

static struct sqlite *sqlite_of(struct store *s)
{
	return (struct sqlite *)s;
}

static bool sqlite_failed(sqlite3 *db, const char *what, struct err *e)
{
	int code = sqlite3_extended_errcode(db);

	if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
		return err_set(e, ERR_EXISTS, "it is there already");
	if ((code & 0xff) == SQLITE_CONSTRAINT || (code & 0xff) == SQLITE_MISUSE ||
	    code == SQLITE_ERROR)
		return err_set(e, ERR_INTERNAL, "%s: %s", what, sqlite3_errmsg(db));
	return err_set(e, ERR_UNAVAILABLE, "%s: %s", what, sqlite3_errmsg(db));
}

/* --- opening --- */

/* Of several that open a new database at once, one turns it into WAL; SQLite does not
 * make the others wait for that by itself. */
static int enter_wal(sqlite3 *db)
{
	int code = SQLITE_BUSY;

	for (int waited = 0; waited < BUSY_TIMEOUT_MS; waited += WAL_RETRY_MS) {
		code = sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
		if ((code & 0xff) != SQLITE_BUSY)
			break;
		sqlite3_sleep(WAL_RETRY_MS);
	}
	return code;
}

static bool database_open(struct sqlite *s, const char *path, struct err *e)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

	if (sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK)
		return err_set(e, ERR_UNAVAILABLE, "cannot open the database '%s': %s",
			       path, s->db ? sqlite3_errmsg(s->db) : "no memory");
	sqlite3_busy_timeout(s->db, BUSY_TIMEOUT_MS);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (enter_wal(s->db) != SQLITE_OK ||
	    sqlite3_exec(s->db, pragmas, NULL, NULL, NULL) != SQLITE_OK) {
		(void)sqlite_failed(s->db, "cannot set up the connection", e);
		return err_in(e, "database '%s'", path);
	}
	return true;
}

static bool database_queue(struct sqlite *s, const char *path, struct err *e)
{
	struct stat file;

	if (stat(path, &file) != 0)
		return err_set(e, ERR_UNAVAILABLE, "cannot look at the database '%s': %s",
			       path, strerror(errno));
	return turn_open(file.st_dev, file.st_ino, &s->turn, e);
}

static void sqlite_leave(struct store *store)
{
	struct sqlite *s = sqlite_of(store);

	if (s->has_turn)
		turn_give(s->turn);
	s->has_turn = false;
}

static bool sqlite_enter(struct store *store, struct err *e)
{
	struct sqlite *s = sqlite_of(store);

	s->has_turn = turn_take(s->turn, BUSY_TIMEOUT_MS, e);
	return s->has_turn;
}

static void sqlite_close(struct store *store)
{
	struct sqlite *s = sqlite_of(store);

	sqlite_leave(store);
	turn_close(&s->turn);

	for (size_t i = 0; i < SQL_ALL; i++)
		sqlite3_finalize(s->statements[i]);
	sqlite3_close(s->db);
	xfree(s);
}

/* To SQLite "" and ":memory:" are databases that nothing is left of. */
static void add_path(struct buf *out, struct str path)
{
	if (!str_starts(path, STR("/")))
		buf_text(out, "./");
	buf_str(out, path);
}

static bool sqlite_connect(struct str url, struct store **out, struct err *e)
{
	struct err made = { 0 };
	auto_buf struct buf path;

	buf_init(&path, 4096);
	add_path(&path, str_sub(url, STR("sqlite:").len, url.len));
	if (path.failed)
		return err_set(e, ERR_USAGE, "the path of the store is too long");
	/* SQLite would make it readable for everybody. */
	if (!file_create(buf_cstr(&path), STR_EMPTY, 0600, &made) &&
	    made.kind != ERR_EXISTS) {
		*e = made;
		return false;
	}
	struct sqlite *s = xalloc(1, sizeof(*s));
	s->base.engine = &engine_sqlite;
	s->base.is_mute = true;
	if (!database_open(s, buf_cstr(&path), e) ||
	    !database_queue(s, buf_cstr(&path), e)) {
		sqlite_close(&s->base);
		return false;
	}
	*out = &s->base;
	return true;
}

static bool sqlite_revive(struct store *s unused_arg, struct err *e unused_arg)
{
	return true;
}

static bool sqlite_has_transaction(const struct store *s)
{
	return !sqlite3_get_autocommit(((const struct sqlite *)s)->db);
}

static bool sqlite_script(struct store *store, const char *sql, struct err *e)
{
	sqlite3 *db = sqlite_of(store)->db;

	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ||
	       sqlite_failed(db, "the database did not take it", e);
}

/* --- queries --- */

static int param_bind(sqlite3_stmt *stmt, int number, const struct query_param *p)
{
	const char *data = p->bytes.data ? p->bytes.data : "";

	switch (p->kind) {
	case PARAM_INT:
		return sqlite3_bind_int64(stmt, number, p->number);
	case PARAM_TEXT:
		return sqlite3_bind_text64(stmt, number, data, p->bytes.len,
					   SQLITE_STATIC, SQLITE_UTF8);
	case PARAM_BLOB:
		return sqlite3_bind_blob64(stmt, number, data, p->bytes.len,
					   SQLITE_STATIC);
	}
	return SQLITE_MISUSE;
}

static bool sqlite_start(struct query *q, struct err *e)
{
	struct sqlite *s = sqlite_of(q->store);
	sqlite3_stmt **stmt = &s->statements[q->sql];

	if (!*stmt &&
	    sqlite3_prepare_v3(s->db, sql_text(q->sql, ENGINE_SQLITE), -1,
			       SQLITE_PREPARE_PERSISTENT, stmt, NULL) != SQLITE_OK)
		return sqlite_failed(s->db, "the database did not take it", e);
	q->result = *stmt;
	for (size_t i = 0; i < q->param_count; i++)
		if (param_bind(*stmt, (int)i + 1, &q->params[i]) != SQLITE_OK)
			return sqlite_failed(s->db, "the database did not take it", e);
	return true;
}

static bool sqlite_next(struct query *q, bool *found_out, struct err *e)
{
	int code = sqlite3_step(q->result);

	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return sqlite_failed(sqlite_of(q->store)->db,
				     "the database did not take it", e);
	*found_out = code == SQLITE_ROW;
	return true;
}

static int64_t sqlite_changes(const struct query *q)
{
	return sqlite3_changes64(sqlite_of(q->store)->db);
}

static bool sqlite_number(const struct query *q, int column, int64_t *out)
{
	*out = sqlite3_column_int64(q->result, column);
	return true;
}

static struct str sqlite_bytes(const struct query *q, int column)
{
	const void *data = sqlite3_column_blob(q->result, column);

	return str_of(data, (size_t)sqlite3_column_bytes(q->result, column));
}

static void sqlite_end(struct query *q)
{
	if (!q->result)
		return;
	sqlite3_reset(q->result);
	sqlite3_clear_bindings(q->result);
}

/* --- listening: who commits on another connection moves data_version --- */

static bool data_version_read(struct store *s, int64_t *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_DATA_VERSION);

	if (!query_one(&q, "version", e))
		return false;
	*out = query_int(&q);
	return true;
}

static bool sqlite_listen(struct store *s, struct err *e)
{
	return data_version_read(s, &sqlite_of(s)->heard, e);
}

static bool sqlite_hear(struct store *s, int end, unsigned *wakes_out, struct err *e)
{
	struct pollfd fd = { end, POLLIN, 0 };
	int64_t version;

	(void)poll(&fd, 1, LISTEN_MS);
	if (!data_version_read(s, &version, e))
		return false;
	*wakes_out = version == sqlite_of(s)->heard ? 0 : STORE_WAKE_ALL;
	sqlite_of(s)->heard = version;
	return true;
}

const struct engine engine_sqlite = {
	.kind = ENGINE_SQLITE,
	.connect = sqlite_connect,
	.close = sqlite_close,
	.revive = sqlite_revive,
	.enter = sqlite_enter,
	.leave = sqlite_leave,
	.has_transaction = sqlite_has_transaction,
	.script = sqlite_script,
	.start = sqlite_start,
	.next = sqlite_next,
	.changes = sqlite_changes,
	.number = sqlite_number,
	.bytes = sqlite_bytes,
	.end = sqlite_end,
	.listen = sqlite_listen,
	.hear = sqlite_hear,
};

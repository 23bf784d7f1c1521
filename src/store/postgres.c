/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine for several nodes: PostgreSQL, or what speaks its protocol. Parameters have
 * the types that they were bound with (BIGINT, TEXT, BYTEA) and results come in binary;
 * each statement is prepared once a connection. Nothing waits longer than its deadline: a
 * server that says nothing is left like one that is away.
 */
#include <assert.h>
#include <endian.h>
#include <poll.h>

#include "store/engine.h"
#include "store/libpq_functions.h"
#include "store/wake.h"

enum {
	ANSWER_MAX_S = 90,   /* beyond the server's own statement_timeout */
	SCRIPT_MAX_S = 3600, /* a schema that moves millions of rows */
	NAME_BYTES = 16,
	POLL_EVERY_MS = 1000,
	LISTEN_CHECK_MS = 30000,
	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_TEXT = 25,
};

/* Of every connection. What the server does not know it may leave out. */
static const char *const settings[] = {
	"SET statement_timeout = '60s'",
	"SET lock_timeout = '10s'",
	"SET idle_in_transaction_session_timeout = '120s'",
	"SET client_min_messages = error",
	"SET standard_conforming_strings = on",
	"SET client_encoding = 'UTF8'",
	"SET default_transaction_isolation = 'read committed'",
	/* Every question here has an index. A plan made while a table was small would
	 * else read all of it for years. */
	"SET enable_seqscan = off",
	/* Where a table must be read after all, that makes the plan look so costly that
	 * the server would compile it, for longer than it runs. */
	"SET jit = off",
};

struct postgres {
	struct store base;
	struct buf url;
	PGconn *conn;
	bool prepared[SQL_ALL];
	bool is_stale; /* of no use for the next transaction */
};

static struct postgres *postgres_of(const struct store *s)
{
	return (struct postgres *)(uintptr_t)s;
}

/* --- failures --- */

/* By SQLSTATE, whole or its class; the first that fits. */
static const struct {
	const char *state;
	enum err_kind kind;
	bool leave; /* the connection */
} states[] = {
	{ "23505", ERR_EXISTS, false },
	{ "42P07", ERR_EXISTS, false },
	{ "42710", ERR_EXISTS, false },
	{ "22021", ERR_USAGE, false },
	{ "22P05", ERR_USAGE, false },
	{ "22", ERR_INTERNAL, false },
	{ "23", ERR_INTERNAL, false },
	{ "42", ERR_INTERNAL, false },
	/* A server that only reads now; a plan or statement that it knows no longer. */
	{ "25006", ERR_UNAVAILABLE, true },
	{ "0A000", ERR_UNAVAILABLE, true },
	{ "26000", ERR_UNAVAILABLE, true },
};

static bool postgres_failed(struct postgres *p, const PGresult *result, struct err *e)
{
	const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	const char *text =
		result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	struct str whole = str_from(text ? text : PQerrorMessage(p->conn));
	enum err_kind kind = ERR_UNAVAILABLE;

	for (size_t i = 0; state && i < ARRAY_LEN(states); i++) {
		if (!str_starts(str_from(state), str_from(states[i].state)))
			continue;
		kind = states[i].kind;
		p->is_stale = p->is_stale || states[i].leave;
		break;
	}
	if (kind == ERR_EXISTS)
		return err_set(e, ERR_EXISTS, "it is there already");
	return err_set(e, kind, "the database did not take it: %.*s%s%s",
		       STR_ARG(str_sub(whole, 0, str_find_byte(whole, '\n'))),
		       state ? " " : "", state ? state : "");
}

static bool postgres_silent(struct postgres *p, struct err *e)
{
	p->is_stale = true;
	return err_set(e, ERR_UNAVAILABLE, "the database does not answer");
}

/* --- waiting --- */

/* Until an answer is whole; false when the deadline came first. */
static bool answer_wait(PGconn *conn, int64_t deadline_us)
{
	for (;;) {
		int unsent = PQflush(conn);
		int64_t left_us = deadline_us - clock_mono_us();
		if (unsent < 0 || (!unsent && !PQisBusy(conn)))
			return true;
		if (left_us <= 0)
			return false;
		struct pollfd fd = { PQsocket(conn),
				     (short)(POLLIN | (unsent ? POLLOUT : 0)), 0 };
		(void)poll(&fd, 1, (int)(left_us / 1000) + 1);
		/* What went wrong is in the result. */
		if (fd.revents & ~POLLOUT && !PQconsumeInput(conn))
			return true;
	}
}

/* The last result of what was sent, or NULL. The caller clears it. */
static PGresult *answer_read(struct postgres *p, int max_s, struct err *e)
{
	int64_t deadline_us = clock_mono_us() + (int64_t)max_s * 1000000;
	PGresult *last = NULL;

	for (;;) {
		if (!answer_wait(p->conn, deadline_us)) {
			PQclear(last);
			(void)postgres_silent(p, e);
			return NULL;
		}
		PGresult *next = PQgetResult(p->conn);
		if (!next)
			break;
		PQclear(last);
		last = next;
	}
	if (!last)
		(void)postgres_failed(p, NULL, e);
	return last;
}

static bool answer_is_good(struct postgres *p, const PGresult *result, struct err *e)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
	       postgres_failed(p, result, e);
}

static bool postgres_script(struct store *store, const char *sql, struct err *e)
{
	struct postgres *p = postgres_of(store);

	if (!PQsendQuery(p->conn, sql))
		return postgres_failed(p, NULL, e);
	PGresult *result = answer_read(p, SCRIPT_MAX_S, e);
	bool done = result && answer_is_good(p, result, e);
	PQclear(result);
	return done;
}

/* --- opening --- */

static void notice_drop(void *arg unused_arg, const PGresult *result unused_arg)
{
}

static bool conn_open(struct postgres *p, struct err *e)
{
	/* Defaults in front of the URL, which may say otherwise. */
	const char *const names[] = { "connect_timeout", "tcp_user_timeout",
				      "keepalives_idle", "fallback_application_name",
				      "dbname",          NULL };
	const char *const values[] = { "10",     "30000",           "30",
				       "unpend", buf_cstr(&p->url), NULL };
	struct err ignored = { 0 };

	p->conn = PQconnectdbParams(names, values, 1);
	if (PQstatus(p->conn) != CONNECTION_OK) {
		struct str why = str_from(PQerrorMessage(p->conn));
		return err_set(e, ERR_UNAVAILABLE, "cannot reach the database: %.*s",
			       STR_ARG(str_sub(why, 0, str_find_byte(why, '\n'))));
	}
	PQsetNoticeReceiver(p->conn, notice_drop, NULL);
	PQsetnonblocking(p->conn, 1);
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		(void)!postgres_script(&p->base, settings[i], &ignored);
	/* Some that speak the protocol have no such word, and a transaction that tried
	 * it would be lost. Nobody is woken by 0. */
	p->base.is_mute = !postgres_script(&p->base, "NOTIFY unpend, '0'", &ignored);
	if (PQstatus(p->conn) == CONNECTION_OK && !p->is_stale)
		return true;
	*e = ignored;
	return false;
}

static void conn_close(struct postgres *p)
{
	PQfinish(p->conn);
	p->conn = NULL;
	p->is_stale = false;
	memset(p->prepared, 0, sizeof(p->prepared));
}

static void postgres_close(struct store *store)
{
	struct postgres *p = postgres_of(store);

	conn_close(p);
	buf_done_secret(&p->url);
	xfree(p);
}

static bool url_check(const char *url, struct err *e)
{
	char *why = NULL;
	PQconninfoOption *options = PQconninfoParse(url, &why);

	if (!options)
		(void)err_set(e, ERR_USAGE, "that is no URL of a database: %s",
			      why ? why : "");
	PQfreemem(why);
	PQconninfoFree(options);
	return options != NULL;
}

static bool postgres_connect(struct str url, struct store **out, struct err *e)
{
	struct postgres *p = xalloc(1, sizeof(*p));

	p->base.engine = &engine_postgres;
	buf_init(&p->url, 4096);
	buf_str(&p->url, url);
	if (p->url.failed)
		(void)err_set(e, ERR_USAGE, "the URL of the store is too long");
	else if (url_check(buf_cstr(&p->url), e) && conn_open(p, e)) {
		*out = &p->base;
		return true;
	}
	postgres_close(&p->base);
	return false;
}

static bool postgres_revive(struct store *store, struct err *e)
{
	struct postgres *p = postgres_of(store);

	if (p->conn && !p->is_stale && PQstatus(p->conn) == CONNECTION_OK)
		return true;
	conn_close(p);
	if (conn_open(p, e))
		return true;
	conn_close(p);
	return false;
}

/* Rows are locked, and the server lets who waits longest go first. */
static bool postgres_enter(struct store *s unused_arg, struct err *e unused_arg)
{
	return true;
}

static void postgres_leave(struct store *s unused_arg)
{
}

static bool postgres_has_transaction(const struct store *store)
{
	const struct postgres *p = postgres_of(store);

	if (!p->conn || p->is_stale)
		return false;
	switch (PQtransactionStatus(p->conn)) {
	case PQTRANS_ACTIVE:
	case PQTRANS_INTRANS:
	case PQTRANS_INERROR:
		return true;
	case PQTRANS_IDLE:
	case PQTRANS_UNKNOWN:
		return false;
	}
	return false;
}

/* --- queries --- */

struct bound {
	Oid types[QUERY_PARAMS_MAX];
	const char *values[QUERY_PARAMS_MAX];
	int lengths[QUERY_PARAMS_MAX];
	int formats[QUERY_PARAMS_MAX];
	uint64_t numbers[QUERY_PARAMS_MAX];
};

static Oid param_type(const struct query_param *p)
{
	switch (p->kind) {
	case PARAM_INT:
		return OID_INT8;
	case PARAM_TEXT:
		return OID_TEXT;
	case PARAM_BLOB:
		return OID_BYTEA;
	}
	return 0;
}

static void params_bind(const struct query *q, struct bound *out)
{
	for (size_t i = 0; i < q->param_count; i++) {
		const struct query_param *p = &q->params[i];
		out->types[i] = param_type(p);
		out->formats[i] = 1;
		out->numbers[i] = htobe64((uint64_t)p->number);
		out->values[i] = p->bytes.data ? p->bytes.data : "";
		out->lengths[i] = (int)p->bytes.len;
		if (p->kind != PARAM_INT)
			continue;
		out->values[i] = (const char *)&out->numbers[i];
		out->lengths[i] = sizeof(out->numbers[i]);
	}
}

static bool sql_prepare(struct postgres *p, const struct query *q, const char *name,
			const struct bound *bound, struct err *e)
{
	if (p->prepared[q->sql])
		return true;
	if (!PQsendPrepare(p->conn, name, sql_text(q->sql, ENGINE_POSTGRES),
			   (int)q->param_count, bound->types))
		return postgres_failed(p, NULL, e);
	PGresult *result = answer_read(p, ANSWER_MAX_S, e);
	p->prepared[q->sql] = result && answer_is_good(p, result, e);
	PQclear(result);
	return p->prepared[q->sql];
}

/* COMMIT of what had failed undoes it and says so in its tag only. */
static bool commit_is_one(const struct query *q, struct err *e)
{
	return q->sql != SQL_COMMIT || strcmp(PQcmdStatus(q->result), "ROLLBACK") != 0 ||
	       err_set(e, ERR_UNAVAILABLE, "the database undid the transaction");
}

static bool postgres_start(struct query *q, struct err *e)
{
	struct postgres *p = postgres_of(q->store);
	struct bound bound;
	auto_buf struct buf name = { 0 };

	for (size_t i = 0; i < q->param_count; i++)
		if (q->params[i].bytes.len > INT32_MAX)
			return err_set(e, ERR_LIMIT, "too large for the database");
	params_bind(q, &bound);
	buf_init(&name, NAME_BYTES);
	buf_printf(&name, "s%d", (int)q->sql);
	q->row = -1;
	if (!sql_prepare(p, q, buf_cstr(&name), &bound, e))
		return false;
	if (!PQsendQueryPrepared(p->conn, buf_cstr(&name), (int)q->param_count,
				 bound.values, bound.lengths, bound.formats, 1))
		return postgres_failed(p, NULL, e);
	q->result = answer_read(p, ANSWER_MAX_S, e);
	return q->result && answer_is_good(p, q->result, e) && commit_is_one(q, e);
}

static bool postgres_next(struct query *q, bool *found_out, struct err *e unused_arg)
{
	if (q->row < PQntuples(q->result))
		q->row++;
	*found_out = q->row < PQntuples(q->result);
	return true;
}

static int64_t postgres_changes(const struct query *q)
{
	uint64_t n = 0;

	return str_number(str_from(PQcmdTuples(q->result)), INT64_MAX, &n) ? (int64_t)n
									   : 0;
}

static bool postgres_number(const struct query *q, int column, int64_t *out)
{
	const char *data = PQgetvalue(q->result, q->row, column);
	uint64_t eight;
	uint32_t four;
	uint16_t two;

	switch (PQgetisnull(q->result, q->row, column) ? 0 : PQftype(q->result, column)) {
	case 0:
		*out = 0;
		return true;
	case OID_INT8:
		memcpy(&eight, data, sizeof(eight));
		*out = (int64_t)be64toh(eight);
		return true;
	case OID_INT4:
		memcpy(&four, data, sizeof(four));
		*out = (int32_t)be32toh(four);
		return true;
	case OID_INT2:
		memcpy(&two, data, sizeof(two));
		*out = (int16_t)be16toh(two);
		return true;
	case OID_BOOL:
		*out = *data != 0;
		return true;
	default: /* an Oid is a number, no enum */
		return false;
	}
}

static struct str postgres_bytes(const struct query *q, int column)
{
	return str_of(PQgetvalue(q->result, q->row, column),
		      (size_t)PQgetlength(q->result, q->row, column));
}

static void postgres_end(struct query *q)
{
	PQclear(q->result);
	q->result = NULL;
}

/* --- listening --- */

static bool postgres_listen(struct store *store, struct err *e)
{
	return store->is_mute || postgres_script(store, "LISTEN unpend", e);
}

static unsigned wakes_take(PGconn *conn)
{
	unsigned wakes = 0;
	PGnotify *told;

	while ((told = PQnotifies(conn))) {
		uint64_t n;
		if (str_number(str_from(told->extra), STORE_WAKE_ALL, &n))
			wakes |= (unsigned)n;
		PQfreemem(told);
	}
	return wakes;
}

static bool postgres_hear(struct store *store, int end, unsigned *wakes_out,
			  struct err *e)
{
	struct postgres *p = postgres_of(store);
	struct pollfd fds[] = { { end, POLLIN, 0 }, { PQsocket(p->conn), POLLIN, 0 } };

	(void)poll(fds, store->is_mute ? 1 : 2,
		   store->is_mute ? POLL_EVERY_MS : LISTEN_CHECK_MS);
	if (store->is_mute) {
		*wakes_out = STORE_WAKE_ALL;
		return true;
	}
	/* In silence the connection is tried: the other end may be gone without a word.
	 */
	if (!fds[0].revents && !fds[1].revents && !postgres_script(store, "SELECT 1", e))
		return false;
	if (!PQconsumeInput(p->conn))
		return postgres_failed(p, NULL, e);
	*wakes_out = wakes_take(p->conn);
	return true;
}

const struct engine engine_postgres = {
	.kind = ENGINE_POSTGRES,
	.connect = postgres_connect,
	.close = postgres_close,
	.revive = postgres_revive,
	.enter = postgres_enter,
	.leave = postgres_leave,
	.has_transaction = postgres_has_transaction,
	.script = postgres_script,
	.start = postgres_start,
	.next = postgres_next,
	.changes = postgres_changes,
	.number = postgres_number,
	.bytes = postgres_bytes,
	.end = postgres_end,
	.listen = postgres_listen,
	.hear = postgres_hear,
};

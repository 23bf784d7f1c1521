/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must be true of a store's rows together. */
#include "store/backup.h"
#include "store/engine.h"
#include "store/schema.h"
#include "store/store.h"
#include "store/table.h"

/* Each counts the rows for which something does not hold. */
static const struct check {
	enum sql sql;
	const char *code;
	const char *text;
} checks[] = {
	{ SQL_CHECK_TOKENS, "tokens",
	  LANG_MARK("identities whose tokens are not kept as used") },
	{ SQL_CHECK_EVENTS, "events",
	  LANG_MARK("tenants whose events are not numbered without gaps") },
	{ SQL_CHECK_FENCES, "fences",
	  LANG_MARK("leases with a fence that was never given") },
	{ SQL_CHECK_KEYS, "keys",
	  LANG_MARK("DKIM keys in use of identities that are not there") },
	{ SQL_CHECK_SELECTORS, "selectors",
	  LANG_MARK("identities that have not three keys, or wait for them") },
	{ SQL_CHECK_WANTED, "wanted",
	  LANG_MARK("selectors that wait for a key and have one") },
	{ SQL_CHECK_MESSAGES, "messages",
	  LANG_MARK("messages that wait for identities that are not there") },
	{ SQL_CHECK_HELD, "held",
	  LANG_MARK("messages held although their identity is verified") },
	{ SQL_CHECK_DELIVERIES, "deliveries",
	  LANG_MARK("webhook deliveries of events that are not there") },
};

static bool rows_count(struct store *s, enum sql sql, int64_t *out, struct err *e)
{
	auto_query struct query q = query_open(s, sql);

	if (!query_one(&q, "count", e))
		return false;
	*out = query_int(&q);
	return query_read_ok(&q, e);
}

static void problem_add(struct store_problem *out, size_t *count, const char *code,
			const char *text, int64_t rows)
{
	if (rows && *count < STORE_PROBLEMS_MAX)
		out[(*count)++] = (struct store_problem){ code, text, rows };
}

static bool checks_run(struct store *s, struct store_problem *out, size_t *count,
		       struct err *e)
{
	int64_t rows;

	if (!rows_count(s, SQL_CHECK_FILE, &rows, e))
		return false;
	problem_add(out, count, "file", LANG_MARK("damages in the database file"), rows);
	if (!rows_count(s, SQL_CHECK_REFERENCES, &rows, e))
		return false;
	problem_add(out, count, "references",
		    LANG_MARK("rows that refer to none that is there"), rows);
	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		if (!rows_count(s, checks[i].sql, &rows, e))
			return false;
		problem_add(out, count, checks[i].code, checks[i].text, rows);
	}
	return true;
}

bool store_verify(struct store *s, struct store_problem out[STORE_PROBLEMS_MAX],
		  size_t *count_out, struct err *e)
{
	size_t count = 0;

	if (!store_begin_snapshot(s, e))
		return false;
	bool asked = checks_run(s, out, &count, e);
	store_rollback(s);
	if (asked)
		*count_out = count;
	return asked;
}

static bool sizes_read(struct store *s, struct store_status *out, struct err *e)
{
	for (size_t i = 0; i < TABLE_COUNT; i++) {
		struct store_size *size = &out->sizes[out->size_count++];
		size->table = tables[i].name;
		if (!rows_count(s, table_sql(&tables[i], TABLE_SIZE), &size->rows, e))
			return false;
	}
	return true;
}

bool store_status_read(struct store *s, struct store_status *out, struct err *e)
{
	struct store_status status = { .schema = SCHEMA_VERSION };

	status.engine = s->engine->kind == ENGINE_SQLITE ? "SQLite" : "PostgreSQL";
	if (!store_begin_snapshot(s, e))
		return false;
	bool read = sizes_read(s, &status, e);
	store_rollback(s);
	if (read)
		*out = status;
	return read;
}

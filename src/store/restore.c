/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a backup: foreign bytes, until its last line has proved them. */
#include <errno.h>
#include <jansson.h>
#include <unistd.h>

#include "store/backup.h"
#include "store/chain.h"
#include "store/engine.h"
#include "store/schema.h"
#include "store/store.h"
#include "store/table.h"

enum {
	LINE_MAX_BYTES = 256 * 1024 * 1024,
	READ_AT_ONCE = 256 * 1024,
};

struct reader {
	struct store *store; /* NULL: nothing is put anywhere */
	int fd;
	struct buf in;
	size_t from; /* what of it was not taken yet */
	uint64_t line;
	uint8_t chain[CRYPTO_SHA256_LEN];
	bool has_head, has_end;
	const struct table *table; /* whose rows come */
	size_t table_next;
	struct backup_counts counts;
};

static bool no_backup(const struct reader *r, const char *why, struct err *e)
{
	return err_set(e, ERR_USAGE, "line %llu of the backup: %s",
		       (unsigned long long)r->line, why);
}

/* --- lines --- */

static bool in_fill(struct reader *r, bool *more_out, struct err *e)
{
	char chunk[READ_AT_ONCE];
	ssize_t got;

	buf_consume(&r->in, r->from);
	r->from = 0;
	do
		got = read(r->fd, chunk, sizeof(chunk));
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_set(e, ERR_UNAVAILABLE, "cannot read the backup: %s",
			       strerrordesc_np(errno));
	buf_add(&r->in, chunk, (size_t)got);
	*more_out = got > 0;
	return !r->in.failed || err_set(e, ERR_USAGE, "a line of the backup is too long");
}

/* Without its end. What has none is cut short. */
static bool line_next(struct reader *r, struct str *line_out, bool *found_out,
		      struct err *e)
{
	size_t seen = 0;

	for (;;) {
		struct str rest = str_sub(buf_view(&r->in), r->from, r->in.len);
		size_t end = seen + str_find_byte(str_sub(rest, seen, rest.len), '\n');
		bool more = true;
		if (end < rest.len) {
			r->from += end + 1;
			r->line++;
			*line_out = str_sub(rest, 0, end);
			*found_out = true;
			return true;
		}
		seen = rest.len;
		if (!in_fill(r, &more, e))
			return false;
		if (more)
			continue;
		*found_out = false;
		return !seen || no_backup(r, "it is cut short", e);
	}
}

/* --- rows --- */

static bool blob_bind(struct query *q, struct arena *a, struct str text)
{
	auto_buf struct buf bytes;

	buf_init(&bytes, LINE_MAX_BYTES);
	if (!base64_parse(&bytes, text) || bytes.failed)
		return false;
	query_bind_blob(q, arena_str(a, buf_view(&bytes)));
	return true;
}

static bool value_bind(struct query *q, struct arena *a, enum column_kind kind,
		       const json_t *value)
{
	struct str text = str_of(json_string_value(value), json_string_length(value));

	switch (kind) {
	case COLUMN_INT:
		query_bind_int(q, json_integer_value(value));
		return json_is_integer(value);
	case COLUMN_TEXT:
		query_bind_str(q, text);
		return json_is_string(value);
	case COLUMN_BLOB:
		return json_is_string(value) && blob_bind(q, a, text);
	}
	return false;
}

static bool row_take(struct reader *r, const json_t *json, struct err *e)
{
	const struct table *t = r->table;
	auto_arena struct arena a;

	arena_init(&a, LINE_MAX_BYTES);
	if (!t || json_array_size(json) != t->column_count)
		return no_backup(r, "a row without its table's columns", e);
	auto_query struct query q = query_open(r->store, table_sql(t, TABLE_ADD));
	for (size_t i = 0; i < t->column_count; i++)
		if (!value_bind(&q, &a, t->columns[i].kind, json_array_get(json, i)))
			return no_backup(r, "a value of another kind", e);
	r->counts.rows++;
	return !r->store || query_run(&q, e) || err_in(e, "table '%s'", t->name);
}

/* --- lines that are no rows --- */

static bool number_set(struct store *s, enum sql sql, int64_t n, struct err *e)
{
	auto_query struct query q = query_open(s, sql);

	query_bind_int(&q, n);
	return query_run(&q, e);
}

static bool head_take(struct reader *r, const json_t *json, struct err *e)
{
	const json_t *fence = json_object_get(json, "fence");

	if (json_integer_value(json_object_get(json, "unpend_backup")) != 1)
		return no_backup(r, "it is no backup of unpend", e);
	if (json_integer_value(json_object_get(json, "schema")) != SCHEMA_VERSION)
		return no_backup(r, "it was made by another version of unpend", e);
	if (!json_is_integer(fence) || json_integer_value(fence) < 0)
		return no_backup(r, "it has no fence", e);
	r->counts.made_at = json_integer_value(json_object_get(json, "made_at"));
	r->has_head = true;
	/* A sequence begins at 1. */
	return !r->store ||
	       number_set(r->store, SQL_FENCE_SET, json_integer_value(fence) + 1, e);
}

static bool columns_are(const struct table *t, const json_t *columns)
{
	if (json_array_size(columns) != t->column_count)
		return false;
	for (size_t i = 0; i < t->column_count; i++) {
		const char *name = json_string_value(json_array_get(columns, i));
		if (!name || strcmp(name, t->columns[i].name) != 0)
			return false;
	}
	return true;
}

static bool table_take(struct reader *r, const json_t *json, struct err *e)
{
	const char *name = json_string_value(json_object_get(json, "table"));
	int64_t last = json_integer_value(json_object_get(json, "last_id"));
	const struct table *t = &tables[r->table_next];

	if (!r->has_head || r->table_next == TABLE_COUNT || !name ||
	    strcmp(name, t->name) != 0 ||
	    !columns_are(t, json_object_get(json, "columns")))
		return no_backup(r, "another table, or columns, than this version has",
				 e);
	r->table = t;
	r->table_next++;
	r->counts.tables++;
	if (!r->store || !t->has_id || last <= 0)
		return true;
	return number_set(r->store, table_sql(t, TABLE_LAST_SET), last, e);
}

static bool end_take(struct reader *r, const json_t *end, struct err *e)
{
	auto_buf struct buf chain;
	const char *said = json_string_value(json_object_get(end, "chain"));

	buf_init(&chain, 2 * CRYPTO_SHA256_LEN);
	hex_write(&chain, str_of(r->chain, sizeof(r->chain)));
	if (r->table_next != TABLE_COUNT || !said ||
	    !str_equal(str_from(said), buf_view(&chain)) ||
	    json_integer_value(json_object_get(end, "rows")) != (int64_t)r->counts.rows)
		return no_backup(r, "what stands above it was changed", e);
	r->has_end = true;
	return true;
}

static bool json_take(struct reader *r, struct str line, const json_t *json,
		      struct err *e)
{
	const json_t *end = json_object_get(json, "end");

	if (!json || r->has_end)
		return no_backup(r, "it is no line of a backup", e);
	if (end)
		return end_take(r, end, e);
	chain_add(r->chain, line);
	if (json_is_array(json))
		return row_take(r, json, e);
	return r->has_head ? table_take(r, json, e) : head_take(r, json, e);
}

static bool line_take(struct reader *r, struct str line, struct err *e)
{
	json_t *json = json_loadb(line.data, line.len, 0, NULL);
	bool taken = json_take(r, line, json, e);

	json_decref(json);
	return taken;
}

static bool lines_take(struct reader *r, struct err *e)
{
	struct str line;
	bool found = false;

	for (;;) {
		if (!line_next(r, &line, &found, e))
			return false;
		if (!found)
			return r->has_end || no_backup(r, "it is cut short", e);
		if (!line_take(r, line, e))
			return false;
	}
}

static bool backup_take(struct store *s, int fd, struct backup_counts *out, struct err *e)
{
	struct reader r = { .store = s, .fd = fd };

	buf_init(&r.in, LINE_MAX_BYTES);
	bool taken = lines_take(&r, e);
	buf_done_secret(&r.in);
	if (taken)
		*out = r.counts;
	return taken;
}

bool store_backup_check(int fd, struct backup_counts *out, struct err *e)
{
	return backup_take(NULL, fd, out, e);
}

static bool store_is_empty(struct store *s, struct err *e)
{
	for (size_t i = 0; i < TABLE_COUNT; i++) {
		auto_query struct query q =
			query_open(s, table_sql(&tables[i], TABLE_SIZE));
		if (!query_one(&q, "count", e))
			return false;
		if (query_int(&q) > 0 && strcmp(tables[i].name, "meta") != 0)
			return err_set(e, ERR_EXISTS,
				       "the store is not empty: it has rows of '%s'",
				       tables[i].name);
	}
	return true;
}

bool store_restore(struct store *s, int fd, struct backup_counts *out, struct err *e)
{
	struct backup_counts counts;
	struct store_scope o;

	if (!store_scope_open(s, &o, e) ||
	    !store_scope_close(&o, store_is_empty(s, e) && backup_take(s, fd, &counts, e),
			       e))
		return false;
	*out = counts;
	return true;
}

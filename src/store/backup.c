/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing a backup. Lines of JSON:
 *
 *   {"unpend_backup": 1, "schema": 2, "made_at": 1795500000, "fence": 77}
 *   {"table": "tenant", "last_id": 3, "columns": ["id", "name", ...]}
 *   [1, "shop", "UNPD...", "base64 of a blob", ...]
 *   ...
 *   {"end": {"rows": 1234, "chain": "hex"}}
 *
 * The chain is SHA-256(chain before, SHA-256(line)) over all lines above, from 32 zeros.
 */
#include "store/backup.h"

#include "crypto/crypto.h"
#include "store/chain.h"
#include "store/engine.h"
#include "store/schema.h"
#include "store/store.h"
#include "store/table.h"

enum {
	OUT_MAX = 256 * 1024 * 1024, /* one row at most, and what waits to be written */
	OUT_AT_ONCE = 1024 * 1024,
	PAGE_BYTES = 768 * 1024 * 1024,
};

void chain_add(uint8_t chain[CRYPTO_SHA256_LEN], struct str line)
{
	uint8_t both[2 * CRYPTO_SHA256_LEN];

	memcpy(both, chain, CRYPTO_SHA256_LEN);
	crypto_sha256(line, both + CRYPTO_SHA256_LEN);
	crypto_sha256(str_of(both, sizeof(both)), chain);
}

struct writer {
	struct store *store;
	int fd;
	struct buf out;
	size_t line; /* where the line that is written begins */
	uint8_t chain[CRYPTO_SHA256_LEN];
	struct backup_counts counts;
};

static bool out_flush(struct writer *w, size_t beyond, struct err *e)
{
	if (w->out.failed)
		return err_set(e, ERR_LIMIT, "a row is too large for a backup");
	if (w->out.len <= beyond)
		return true;
	if (!file_write_all(w->fd, buf_view(&w->out), e))
		return false;
	buf_clear(&w->out);
	w->line = 0;
	return true;
}

static bool line_end(struct writer *w, struct err *e)
{
	struct str all = buf_view(&w->out);

	if (!w->out.failed)
		chain_add(w->chain, str_sub(all, w->line, all.len));
	buf_byte(&w->out, '\n');
	w->line = w->out.len;
	return out_flush(w, OUT_AT_ONCE, e);
}

static bool number_read(struct store *s, enum sql sql, int64_t *out, struct err *e)
{
	auto_query struct query q = query_open(s, sql);

	if (!query_one(&q, "number", e))
		return false;
	*out = query_int(&q);
	return query_read_ok(&q, e);
}

static bool head_write(struct writer *w, struct err *e)
{
	int64_t fence;

	if (!number_read(w->store, SQL_FENCE_LAST, &fence, e))
		return false;
	buf_printf(&w->out,
		   "{\"unpend_backup\": 1, \"schema\": %d, \"made_at\": %lld, "
		   "\"fence\": %lld}",
		   SCHEMA_VERSION, (long long)w->counts.made_at, (long long)fence);
	return line_end(w, e);
}

static bool table_head_write(struct writer *w, const struct table *t, struct err *e)
{
	int64_t last = 0;

	if (t->has_id && !number_read(w->store, table_sql(t, TABLE_LAST), &last, e))
		return false;
	buf_printf(&w->out, "{\"table\": \"%s\", \"last_id\": %lld, \"columns\": [",
		   t->name, (long long)last);
	for (size_t i = 0; i < t->column_count; i++)
		buf_printf(&w->out, "%s\"%s\"", i ? ", " : "", t->columns[i].name);
	buf_text(&w->out, "]}");
	return line_end(w, e);
}

/* --- rows --- */

/* The keys of the last row that was read: where the next page begins. */
struct place {
	int64_t numbers[2];
	struct buf texts[2];
};

static void place_note(struct place *p, const struct table *t, size_t column, int64_t n,
		       struct str text)
{
	for (size_t k = 0; k < t->key_count; k++) {
		if (t->keys[k] != column)
			continue;
		p->numbers[k] = n;
		buf_clear(&p->texts[k]);
		buf_str(&p->texts[k], text);
	}
}

static void row_write(struct writer *w, struct query *q, const struct table *t,
		      struct place *p)
{
	for (size_t i = 0; i < t->column_count; i++) {
		int64_t n = 0;
		struct str text = STR_EMPTY;
		buf_byte(&w->out, i ? ',' : '[');
		switch (t->columns[i].kind) {
		case COLUMN_INT:
			n = query_int(q);
			buf_printf(&w->out, "%lld", (long long)n);
			break;
		case COLUMN_TEXT:
			text = query_str(q);
			escape_json(&w->out, text);
			break;
		case COLUMN_BLOB:
			buf_byte(&w->out, '"');
			base64_write(&w->out, query_str(q));
			buf_byte(&w->out, '"');
			break;
		}
		place_note(p, t, i, n, text);
	}
	buf_byte(&w->out, ']');
}

static void place_bind(struct query *q, const struct table *t, const struct place *p,
		       struct arena *a)
{
	for (size_t k = 0; k < t->key_count; k++) {
		if (t->columns[t->keys[k]].kind == COLUMN_INT)
			query_bind_int(q, p->numbers[k]);
		else
			query_bind_str(q, arena_str(a, buf_view(&p->texts[k])));
	}
	query_bind_int(q, (int64_t)t->page);
}

static bool page_write(struct writer *w, const struct table *t, struct place *p,
		       size_t *count_out, struct err *e)
{
	auto_query struct query q = query_open(w->store, table_sql(t, TABLE_READ));
	auto_arena struct arena a;
	bool found = false;

	arena_init(&a, PAGE_BYTES);
	q.arena = &a;
	place_bind(&q, t, p, &a);
	for (*count_out = 0;; ++*count_out) {
		if (!query_next(&q, &found, e))
			return false;
		if (!found)
			return true;
		row_write(w, &q, t, p);
		if (!query_read_ok(&q, e) || !line_end(w, e))
			return false;
	}
}

static bool table_write(struct writer *w, const struct table *t, struct err *e)
{
	struct place p = { .numbers = { INT64_MIN, INT64_MIN } };
	size_t count = t->page;
	bool good = table_head_write(w, t, e);

	for (size_t k = 0; k < ARRAY_LEN(p.texts); k++)
		buf_init(&p.texts[k], OUT_MAX);
	while (good && count == t->page) {
		good = page_write(w, t, &p, &count, e);
		w->counts.rows += good ? count : 0;
	}
	for (size_t k = 0; k < ARRAY_LEN(p.texts); k++)
		buf_done(&p.texts[k]);
	w->counts.tables += good;
	return good;
}

static bool all_write(struct writer *w, struct err *e)
{
	if (!head_write(w, e))
		return false;
	for (size_t i = 0; i < TABLE_COUNT; i++)
		if (!table_write(w, &tables[i], e))
			return err_in(e, "table '%s'", tables[i].name);
	buf_printf(&w->out, "{\"end\": {\"rows\": %llu, \"chain\": \"",
		   (unsigned long long)w->counts.rows);
	hex_write(&w->out, str_of(w->chain, sizeof(w->chain)));
	buf_text(&w->out, "\"}}\n");
	return out_flush(w, 0, e);
}

bool store_backup(struct store *s, int fd, int64_t now_s, struct backup_counts *out,
		  struct err *e)
{
	struct writer w = { .store = s, .fd = fd, .counts = { .made_at = now_s } };

	if (!store_begin_snapshot(s, e))
		return false;
	buf_init(&w.out, OUT_MAX);
	bool written = all_write(&w, e);
	buf_done_secret(&w.out);
	store_rollback(s);
	if (written)
		*out = w.counts;
	return written;
}

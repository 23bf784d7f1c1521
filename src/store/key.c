/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hosted keys: the pool, binding, and what the key zone holds. */
#include "store/key.h"

#include "store/query.h"

/* Upper bound of one public or private half, so that rows of a zone fit any arena. */
enum {
	KEY_ROW_BYTES = 8192,
	KEYS_A_PAGE = 1000,
};

bool store_key_add(struct store *s, const struct key_row *row, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_KEY_ADD);

	query_bind_blob(&q, row->private_sealed);
	query_bind_blob(&q, row->public_der);
	return query_run(&q, e);
}

bool store_key_pool_size(struct store *s, size_t *count_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_KEY_POOL_SIZE);

	if (!query_one(&q, "count", e))
		return false;
	*count_out = (size_t)query_int(&q);
	return true;
}

static bool key_take(struct store *s, int64_t *id_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_KEY_TAKE);

	if (!query_one(&q, "key", e))
		return false;
	*id_out = query_int(&q); /* NULL reads as 0: the pool is empty */
	return true;
}

static bool selector_serve(struct store *s, int64_t identity_id, struct str selector,
			   bool *wanted_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_KEY_SERVED);

	query_bind_int(&q, identity_id);
	query_bind_str(&q, selector);
	if (!query_run(&q, e))
		return false;
	*wanted_out = query_changes(&q) == 1;
	return true;
}

static bool key_bind(struct store *s, int64_t key_id, int64_t identity_id,
		     struct str selector, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_KEY_BIND);

	query_bind_int(&q, identity_id);
	query_bind_str(&q, selector);
	query_bind_int(&q, key_id);
	if (!query_run(&q, e))
		return false;
	return query_changes(&q) == 1 ||
	       err_set(e, ERR_CONFLICT, "somebody else took the key");
}

static bool key_bind_next(struct store *s, int64_t identity_id, struct str selector,
			  bool *bound_out, struct err *e)
{
	int64_t key_id;
	bool wanted;

	if (!key_take(s, &key_id, e))
		return false;
	*bound_out = key_id != 0;
	if (!key_id)
		return true;
	if (!selector_serve(s, identity_id, selector, &wanted, e))
		return false;
	/* Served or deleted meanwhile: the key stays in the pool. */
	return !wanted || key_bind(s, key_id, identity_id, selector, e);
}

bool store_key_bind(struct store *s, int64_t identity_id, struct str selector,
		    bool *bound_out, struct err *e)
{
	struct store_scope o;
	bool bound = false;

	if (!store_scope_open(s, &o, e) ||
	    !store_scope_close(&o, key_bind_next(s, identity_id, selector, &bound, e), e))
		return false;
	*bound_out = bound;
	return true;
}

/* KEY_COLUMNS of the present row. */
static bool key_read(struct query *q, struct key_row *out, struct err *e)
{
	struct key_row row = { 0 };

	row.id = query_int(q);
	row.identity_id = query_int(q);
	row.selector = query_str(q);
	row.private_sealed = query_str(q);
	row.public_der = query_str(q);
	row.published_at = query_int(q);
	row.revoked_at = query_int(q);
	if (!query_read_ok(q, e))
		return false;
	*out = row;
	return true;
}

bool store_key_missing(struct store *s, struct arena *a, size_t limit,
		       struct key_row **rows_out, size_t *count_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_KEY_MISSING);
	struct key_row *rows = arena_array(a, limit, sizeof(*rows));
	size_t count = 0;
	bool found = false;

	q.arena = a;
	query_bind_int(&q, (int64_t)limit);
	for (; count < limit; count++) {
		if (!query_next(&q, &found, e))
			return false;
		if (!found)
			break;
		if (!key_read(&q, &rows[count], e))
			return false;
	}
	*rows_out = rows;
	*count_out = count;
	return true;
}

bool store_key_find(struct store *s, struct arena *a, int64_t identity_id,
		    struct str selector, struct key_row *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_KEY_FIND);

	q.arena = a;
	query_bind_int(&q, identity_id);
	query_bind_str(&q, selector);
	return query_one(&q, "key", e) && key_read(&q, out, e);
}

struct key_walk {
	void (*each)(void *arg, const struct key_row *row);
	void *arg;
	struct buf after; /* the last selector */
};

static bool keys_page(struct store *s, struct key_walk *w, size_t *count_out,
		      struct err *e)
{
	auto_query struct query q = query_open(s, SQL_KEY_EACH);
	auto_arena struct arena a;
	struct key_row row;
	bool found = false;

	arena_init(&a, (size_t)KEYS_A_PAGE * KEY_ROW_BYTES);
	q.arena = &a;
	query_bind_str(&q, arena_str(&a, buf_view(&w->after)));
	query_bind_int(&q, KEYS_A_PAGE);
	for (*count_out = 0;; ++*count_out) {
		if (!query_next(&q, &found, e))
			return false;
		if (!found)
			return true;
		if (!key_read(&q, &row, e))
			return false;
		w->each(w->arg, &row);
		buf_clear(&w->after);
		buf_str(&w->after, row.selector);
	}
}

/* In pages: there may be millions. A selector that is bound meanwhile has a later
 * generation than the one that was asked for before. */
bool store_key_each(struct store *s, void (*each)(void *arg, const struct key_row *row),
		    void *arg, struct err *e)
{
	struct key_walk w = { .each = each, .arg = arg };
	size_t count = KEYS_A_PAGE;

	buf_init(&w.after, KEY_ROW_BYTES);
	while (count == KEYS_A_PAGE) {
		if (!keys_page(s, &w, &count, e)) {
			buf_done(&w.after);
			return false;
		}
	}
	buf_done(&w.after);
	return true;
}

/* --- the zone --- */

static bool meta_get(struct store *s, struct str name, int64_t *value_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_META_GET);

	query_bind_str(&q, name);
	if (!query_one(&q, "number", e))
		return false;
	*value_out = query_int(&q);
	return true;
}

static bool meta_set(struct store *s, struct str name, int64_t value, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_META_SET);

	query_bind_int(&q, value);
	query_bind_str(&q, name);
	return query_run(&q, e);
}

static bool keys_changed(struct store *s, bool *changed_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_KEY_CHANGED);

	if (!query_one(&q, "count", e))
		return false;
	*changed_out = query_int(&q) > 0;
	return true;
}

static bool generation_grow(struct store *s, struct err *e)
{
	auto_query struct query grow = query_open(s, SQL_KEY_GENERATION_GROW);
	auto_query struct query stamp = query_open(s, SQL_KEY_STAMP);

	if (!query_one(&grow, "number", e))
		return false;
	query_bind_int(&stamp, query_int(&grow));
	return query_run(&stamp, e);
}

/* What changes a key only marks it, with generation 0: whoever wants to publish gives the
 * number, and who creates identities at once need not wait for each other. A key that is
 * not committed yet is in a later generation. */
bool store_key_generation(struct store *s, int64_t *generation_out,
			  int64_t *published_out, struct err *e)
{
	int64_t generation, published;
	bool changed;
	struct store_scope o;

	if (!keys_changed(s, &changed, e))
		return false;
	if (changed && (!store_scope_open(s, &o, e) ||
			!store_scope_close(&o, generation_grow(s, e), e)))
		return false;
	if (!meta_get(s, STR("key_generation"), &generation, e) ||
	    !meta_get(s, STR("published_generation"), &published, e))
		return false;
	*generation_out = generation;
	*published_out = published;
	return true;
}

static bool serial_take(struct store *s, int64_t now_s, int64_t *serial_out,
			struct err *e)
{
	auto_query struct query q = query_open(s, SQL_ZONE_SERIAL_GROW);

	query_bind_int(&q, now_s);
	if (!query_one(&q, "number", e))
		return false;
	*serial_out = query_int(&q);
	return true;
}

bool store_key_serial_take(struct store *s, int64_t now_s, uint32_t *serial_out,
			   struct err *e)
{
	struct store_scope o;
	int64_t serial;

	if (!store_scope_open(s, &o, e) ||
	    !store_scope_close(&o, serial_take(s, now_s, &serial, e), e))
		return false;
	*serial_out = (uint32_t)serial;
	return true;
}

static bool keys_published(struct store *s, int64_t generation, int64_t now_s,
			   struct err *e)
{
	auto_query struct query q = query_open(s, SQL_KEY_PUBLISHED);

	query_bind_int(&q, now_s);
	query_bind_int(&q, generation);
	return query_run(&q, e) &&
	       meta_set(s, STR("published_generation"), generation, e);
}

bool store_key_published(struct store *s, int64_t generation, int64_t now_s,
			 struct err *e)
{
	struct store_scope o;

	return store_scope_open(s, &o, e) &&
	       store_scope_close(&o, keys_published(s, generation, now_s, e), e);
}

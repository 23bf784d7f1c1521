/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of identities: reading, adding, saving with a version, deleting. */
#include <assert.h>

#include "store/event.h"
#include "store/query.h"

/* These numbers are in databases out there. */
static_assert(STATUS_NOT_STARTED == 0 && STATUS_PENDING == 1 && STATUS_SUCCESS == 2 &&
		      STATUS_FAILED == 3 && STATUS_TEMPORARY_FAILURE == 4,
	      "statuses are stored by number");
static_assert(LOOK_ERROR_NONE == 0 && LOOK_ERROR_SERVICE_ERROR == 1 &&
		      LOOK_ERROR_DNS_SERVER_ERROR == 2 &&
		      LOOK_ERROR_HOST_NOT_FOUND == 3 && LOOK_ERROR_TYPE_NOT_FOUND == 4 &&
		      LOOK_ERROR_INVALID_VALUE == 5,
	      "look errors are stored by number");
static_assert(ASPECT_COUNT == 3 && EXPECT_DKIM_TOKENS == 3, "each has its columns");

static void bind_name(struct query *q, const struct dns_name *name)
{
	query_bind_blob(q, str_of(name->wire, name->len));
}

static void identity_bind_state(struct query *q, const struct identity_state *state)
{
	for (size_t i = 0; i < ASPECT_COUNT; i++) {
		query_bind_int(q, state->aspects[i].status);
		query_bind_int(q, state->aspects[i].started_at);
		query_bind_int(q, state->aspects[i].lost_at);
		query_bind_int(q, state->aspects[i].missed_at);
		query_bind_int(q, state->aspects[i].misses);
		query_bind_int(q, state->aspects[i].failed_at);
	}
	query_bind_int(q, state->created_at);
	query_bind_int(q, state->last_looked_at);
	query_bind_int(q, state->last_success_at);
	query_bind_int(q, state->next_look_at);
	query_bind_int(q, state->looks);
	query_bind_int(q, state->error);
	query_bind_int(q, state->why);
	query_bind_int(q, state->full_look_at);
	query_bind_int(q, state->glance);
	query_bind_int(q, state->unclear);
	query_bind_int(q, state->failures);
	query_bind_int(q, state->unknowns);
	query_bind_int(q, state->watched_until);
	query_bind_int(q, state->has_soa);
	bind_name(q, &state->soa_mname);
	bind_name(q, &state->soa_rname);
	query_bind_int(q, state->soa_serial);
	query_bind_str(q, state->name_servers);
	query_bind_str(q, state->previous_name_servers);
}

/* STATE_COLUMNS. */
static void identity_bind(struct query *q, const struct identity_row *row)
{
	identity_bind_state(q, &row->state);
	query_bind_int(q, row->registered_at);
	query_bind_str(q, row->mail_from_domain);
	query_bind_int(q, row->mail_from_reject);
	query_bind_str(q, row->ownership_token);
	query_bind_str(q, row->ses_status);
	query_bind_int(q, row->ses_checked_at);
	query_bind_int(q, row->checked_at);
	query_bind_int(q, row->verdict);
	query_bind_str(q, row->findings);
	query_bind_int(q, row->cost);
	query_bind_blob(q, row->report_hash);
}

static struct dns_name query_name(struct query *q)
{
	struct str wire = query_str(q);
	struct cursor c = cursor_over(wire);
	struct dns_name name = { 0 };

	if (wire.len && (!dns_name_read(&c, &name) || !cursor_at_end(&c)))
		q->misshapen = true;
	return name;
}

static void identity_read_state(struct query *q, struct identity_state *state)
{
	for (size_t i = 0; i < ASPECT_COUNT; i++) {
		state->aspects[i].status = (enum status)query_int(q);
		state->aspects[i].started_at = query_int(q);
		state->aspects[i].lost_at = query_int(q);
		state->aspects[i].missed_at = query_int(q);
		state->aspects[i].misses = (uint32_t)query_int(q);
		state->aspects[i].failed_at = query_int(q);
	}
	state->created_at = query_int(q);
	state->last_looked_at = query_int(q);
	state->last_success_at = query_int(q);
	state->next_look_at = query_int(q);
	state->looks = (uint32_t)query_int(q);
	state->error = (enum look_error)query_int(q);
	state->why = (enum look_reason)query_int(q);
	state->full_look_at = query_int(q);
	state->glance = query_int(q) != 0;
	state->unclear = (uint32_t)query_int(q);
	state->failures = (uint32_t)query_int(q);
	state->unknowns = (uint32_t)query_int(q);
	state->watched_until = query_int(q);
	state->has_soa = query_int(q) != 0;
	state->soa_mname = query_name(q);
	state->soa_rname = query_name(q);
	state->soa_serial = (uint32_t)query_int(q);
	state->name_servers = query_str(q);
	state->previous_name_servers = query_str(q);
}

/* IDENTITY_COLUMNS of the present row. */
static bool identity_read(struct query *q, struct identity_row *out, struct err *e)
{
	struct identity_row row = { 0 };

	row.id = query_int(q);
	row.tenant_id = query_int(q);
	row.domain = query_str(q);
	for (size_t i = 0; i < EXPECT_DKIM_TOKENS; i++)
		row.tokens[i] = query_str(q);
	row.key_zone = query_str(q);
	row.keys_elsewhere = query_int(q) != 0;
	row.version = query_int(q);
	identity_read_state(q, &row.state);
	row.registered_at = query_int(q);
	row.mail_from_domain = query_str(q);
	row.mail_from_reject = query_int(q) != 0;
	row.ownership_token = query_str(q);
	row.ses_status = query_str(q);
	row.ses_checked_at = query_int(q);
	row.checked_at = query_int(q);
	row.verdict = (int)query_int(q);
	row.findings = query_str(q);
	row.cost = query_int(q);
	row.report_hash = query_str(q);
	if (!query_read_ok(q, e))
		return false;
	*out = row;
	return true;
}

/* --- adding --- */

static bool query_counts(struct query *q, bool *any_out, struct err *e)
{
	if (!query_one(q, "count", e))
		return false;
	*any_out = query_int(q) > 0;
	return true;
}

static bool identity_exists(struct store *s, const struct identity_row *row,
			    bool *exists_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_IDENTITY_EXISTS);

	query_bind_int(&q, row->tenant_id);
	query_bind_str(&q, row->domain);
	return query_counts(&q, exists_out, e);
}

/* The token was this tenant's, for this domain, and it is not ours to make new ones. */
static bool token_may_return(struct store *s, const struct identity_row *row,
			     struct str token, bool *may_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_TOKEN_AGAIN);

	query_bind_str(&q, token);
	query_bind_int(&q, row->tenant_id);
	query_bind_str(&q, row->domain);
	if (!query_counts(&q, may_out, e))
		return false;
	*may_out = *may_out && row->keys_elsewhere;
	return true;
}

static bool token_insert(struct store *s, const struct identity_row *row,
			 struct str token, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_TOKEN_ADD);
	bool may_return = false;

	query_bind_str(&q, token);
	query_bind_int(&q, row->tenant_id);
	query_bind_str(&q, row->domain);
	query_bind_int(&q, row->keys_elsewhere);
	if (!query_run(&q, e))
		return false;
	if (query_changes(&q) == 1)
		return true;
	if (!token_may_return(s, row, token, &may_return, e))
		return false;
	return may_return || err_set(e, ERR_CONFLICT, "a token of '%.*s' was used before",
				     STR_ARG(row->domain));
}

static bool key_want(struct store *s, int64_t identity_id, struct str token,
		     struct err *e)
{
	auto_query struct query q = query_open(s, SQL_KEY_WANT);

	query_bind_int(&q, identity_id);
	query_bind_str(&q, token);
	return query_run(&q, e);
}

static bool identity_insert(struct store *s, struct identity_row *row, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_IDENTITY_ADD);

	query_bind_int(&q, row->tenant_id);
	query_bind_str(&q, row->domain);
	for (size_t i = 0; i < EXPECT_DKIM_TOKENS; i++)
		query_bind_str(&q, row->tokens[i]);
	query_bind_str(&q, row->key_zone);
	query_bind_int(&q, row->keys_elsewhere);
	identity_bind(&q, row);
	if (!query_one(&q, "row", e))
		return false;
	row->id = query_int(&q);
	row->version = 1;
	return true;
}

static bool identity_add_all(struct store *s, struct identity_row *row, struct err *e)
{
	struct identity_event created = { .kind = EVENT_CREATED,
					  .at_s = row->state.created_at };
	bool exists;

	if (!identity_exists(s, row, &exists, e))
		return false;
	if (exists)
		return err_set(e, ERR_EXISTS, "'%.*s' is an identity already",
			       STR_ARG(row->domain));
	if (!identity_insert(s, row, e))
		return false;
	for (size_t i = 0; i < EXPECT_DKIM_TOKENS; i++) {
		if (!token_insert(s, row, row->tokens[i], e))
			return false;
		if (!row->keys_elsewhere && !key_want(s, row->id, row->tokens[i], e))
			return false;
	}
	return store_event_add(s, row, &created, e);
}

bool store_identity_add(struct store *s, struct identity_row *row, struct err *e)
{
	struct identity_row added = *row;
	struct store_scope o;

	if (!store_scope_open(s, &o, e) ||
	    !store_scope_close(&o, identity_add_all(s, &added, e), e))
		return false;
	*row = added;
	return true;
}

/* --- reading --- */

bool store_identity_find(struct store *s, struct arena *a, int64_t tenant_id,
			 struct str domain, struct identity_row *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_IDENTITY_BY_DOMAIN);

	q.arena = a;
	query_bind_int(&q, tenant_id);
	query_bind_str(&q, domain);
	return query_one(&q, "identity", e) && identity_read(&q, out, e);
}

bool store_identity_get(struct store *s, struct arena *a, int64_t tenant_id, int64_t id,
			struct identity_row *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_IDENTITY_BY_ID);

	q.arena = a;
	query_bind_int(&q, id);
	query_bind_int(&q, tenant_id);
	return query_one(&q, "identity", e) && identity_read(&q, out, e);
}

/* --- several --- */

/* One that is out of shape is not in the way of the others. */
static void held_read(struct query *q, struct identity_held *held)
{
	struct err odd = { 0 };

	held->fence = query_int(q);
	int first = q->column;
	held->is_unreadable = !identity_read(q, &held->row, &odd);
	if (!held->is_unreadable)
		return;
	q->misshapen = q->too_large = false;
	q->column = first;
	held->row = (struct identity_row){ .id = query_int(q) };
}

/* In a statement of its own: one that waits for a lock does not see what was committed
 * meanwhile of other tables, such as whose lease it is. */
static bool rows_lock(struct store *s, const int64_t *ids, size_t count, struct err *e)
{
	auto_buf struct buf text = { 0 };
	auto_query struct query q = query_open(s, SQL_IDENTITY_LOCK_OF);

	query_bind_ints(&q, &text, ids, count);
	return query_run(&q, e);
}

bool store_identity_hold(struct store *s, struct arena *a, const int64_t *ids,
			 size_t count, struct identity_held_list *out, struct err *e)
{
	auto_buf struct buf text = { 0 };
	auto_query struct query q = query_open(s, SQL_IDENTITY_HOLD);
	struct identity_held_list list = { arena_array(a, count, sizeof(*list.rows)), 0 };
	bool found = false;

	if (!rows_lock(s, ids, count, e))
		return false;
	q.arena = a;
	query_bind_ints(&q, &text, ids, count);
	for (; list.count < count; list.count++) {
		if (!query_next(&q, &found, e))
			return false;
		if (!found)
			break;
		held_read(&q, &list.rows[list.count]);
	}
	*out = list;
	return true;
}

const struct identity_held *identity_held_find(const struct identity_held_list *list,
					       int64_t id)
{
	size_t first = 0, end = list->count;

	while (first < end) {
		size_t middle = first + (end - first) / 2;
		if (list->rows[middle].row.id == id)
			return &list->rows[middle];
		if (list->rows[middle].row.id < id)
			first = middle + 1;
		else
			end = middle;
	}
	return NULL;
}

void identity_row_keep(struct arena *a, struct identity_row *row)
{
	struct str *const texts[] = {
		&row->domain,
		&row->key_zone,
		&row->ses_status,
		&row->mail_from_domain,
		&row->ownership_token,
		&row->findings,
		&row->report_hash,
		&row->state.name_servers,
		&row->state.previous_name_servers,
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = arena_str(a, *texts[i]);
	for (size_t i = 0; i < EXPECT_DKIM_TOKENS; i++)
		row->tokens[i] = arena_str(a, row->tokens[i]);
}

bool store_identity_list(struct store *s, struct arena *a,
			 const struct identity_page *page, struct identity_list *out,
			 struct err *e)
{
	auto_query struct query q = query_open(s, SQL_IDENTITY_LIST);
	struct identity_list list = { arena_array(a, page->limit, sizeof(*list.rows)),
				      0 };
	bool found = false;

	q.arena = a;
	query_bind_int(&q, page->tenant_id);
	query_bind_str(&q, page->after);
	query_bind_int(&q, (int64_t)page->limit);
	for (; list.count < page->limit; list.count++) {
		if (!query_next(&q, &found, e))
			return false;
		if (!found)
			break;
		if (!identity_read(&q, &list.rows[list.count], e))
			return false;
	}
	*out = list;
	return true;
}

bool store_identity_cover(struct store *s, struct arena *a, int64_t tenant_id,
			  struct str domain, struct identity_row *out, struct err *e)
{
	while (domain.len) {
		if (store_identity_find(s, a, tenant_id, domain, out, e))
			return true;
		if (e->kind != ERR_NOT_FOUND)
			return false;
		domain = str_sub(domain, str_find_byte(domain, '.') + 1, domain.len);
	}
	return err_set(e, ERR_NOT_FOUND, "no identity covers it");
}

bool store_identity_has_rival(struct store *s, int64_t tenant_id, struct str domain,
			      bool *has_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_IDENTITY_RIVAL);

	query_bind_str(&q, domain);
	query_bind_int(&q, tenant_id);
	return query_counts(&q, has_out, e);
}

/* --- changing --- */

static bool identity_update(struct store *s, struct identity_row *row, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_IDENTITY_SAVE);

	identity_bind(&q, row);
	query_bind_int(&q, row->id);
	query_bind_int(&q, row->version);
	if (!query_run(&q, e))
		return false;
	return query_changes(&q) == 1 ||
	       err_set(e, ERR_CONFLICT, "'%.*s' was changed meanwhile",
		       STR_ARG(row->domain));
}

static bool identity_save_all(struct store *s, struct identity_row *row,
			      const struct identity_event *events, size_t count,
			      struct err *e)
{
	if (!identity_update(s, row, e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!store_event_add(s, row, &events[i], e))
			return false;
	return true;
}

bool store_identity_save(struct store *s, struct identity_row *row,
			 const struct identity_event *events, size_t count, struct err *e)
{
	struct store_scope o;

	/* One statement is whole by itself. */
	bool saved =
		count == 0
			? identity_update(s, row, e)
			: store_scope_open(s, &o, e) &&
				  store_scope_close(
					  &o, identity_save_all(s, row, events, count, e),
					  e);
	if (saved)
		row->version++;
	return saved;
}

static bool keys_revoke(struct store *s, int64_t id, int64_t now_s, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_KEY_REVOKE);

	query_bind_int(&q, now_s);
	query_bind_blob(&q, STR_EMPTY);
	query_bind_int(&q, id);
	return query_run(&q, e);
}

static bool messages_fail(struct store *s, int64_t id, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_MESSAGE_FAIL_IDENTITY);

	query_bind_blob(&q, STR_EMPTY);
	query_bind_str(&q, STR("the identity was deleted"));
	query_bind_int(&q, id);
	return query_run(&q, e);
}

/* Gives the domain: the event still tells it. */
static bool identity_remove(struct store *s, struct identity_row *row, struct arena *a,
			    struct err *e)
{
	auto_query struct query q = query_open(s, SQL_IDENTITY_DELETE);
	bool found = false;

	q.arena = a;
	query_bind_int(&q, row->id);
	query_bind_int(&q, row->tenant_id);
	if (!query_next(&q, &found, e))
		return false;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "there is no such identity");
	row->domain = query_str(&q);
	return query_read_ok(&q, e);
}

static bool identity_delete_all(struct store *s, int64_t tenant_id, int64_t id,
				int64_t now_s, struct err *e)
{
	struct identity_row row = { .id = id, .tenant_id = tenant_id };
	struct identity_event deleted = { .kind = EVENT_DELETED, .at_s = now_s };
	auto_arena struct arena a;

	arena_init(&a, 4096);
	return identity_remove(s, &row, &a, e) && keys_revoke(s, id, now_s, e) &&
	       messages_fail(s, id, e) && store_event_add(s, &row, &deleted, e);
}

bool store_identity_delete(struct store *s, int64_t tenant_id, int64_t id, int64_t now_s,
			   struct err *e)
{
	struct store_scope o;

	return store_scope_open(s, &o, e) &&
	       store_scope_close(&o, identity_delete_all(s, tenant_id, id, now_s, e), e);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of tenants, tokens, shares and kept answers. */
#include "store/access.h"

#include "store/query.h"

enum {
	HOUR_S = 3600,
};

/* --- tenants --- */

static bool tenant_insert(struct store *s, const struct tenant_row *row, int64_t *id_out,
			  struct err *e)
{
	auto_query struct query q = query_open(s, SQL_TENANT_ADD);

	query_bind_str(&q, row->name);
	query_bind_str(&q, row->access_key_id);
	query_bind_blob(&q, row->secret_sealed);
	query_bind_int(&q, row->created_at);
	if (!query_one(&q, "tenant", e))
		return false;
	*id_out = query_int(&q);
	return true;
}

bool store_tenant_add(struct store *s, const struct tenant_row *row, int64_t *id_out,
		      struct err *e)
{
	struct store_scope o;
	int64_t id = 0;

	if (!store_scope_open(s, &o, e))
		return false;
	if (store_scope_close(&o, tenant_insert(s, row, &id, e), e)) {
		*id_out = id;
		return true;
	}
	if (e->kind == ERR_EXISTS)
		return err_set(e, ERR_EXISTS,
			       lang_text(e->lang, "there is a tenant '%.*s' already"),
			       STR_ARG(row->name));
	return false;
}

static void tenant_take(struct query *q, struct tenant_row *row)
{
	row->id = query_int(q);
	row->name = query_str(q);
	row->access_key_id = query_str(q);
	row->secret_sealed = query_str(q);
	row->created_at = query_int(q);
	row->suspended_at = query_int(q);
	row->version = query_int(q);
}

static bool tenant_read(struct query *q, struct arena *a, struct tenant_row *out,
			struct err *e)
{
	struct tenant_row row;

	q->arena = a;
	if (!query_one(q, "tenant", e))
		return false;
	tenant_take(q, &row);
	if (!query_read_ok(q, e))
		return false;
	*out = row;
	return true;
}

bool store_tenant_get(struct store *s, struct arena *a, int64_t id,
		      struct tenant_row *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_TENANT_BY_ID);

	query_bind_int(&q, id);
	return tenant_read(&q, a, out, e);
}

bool store_tenant_by_name(struct store *s, struct arena *a, struct str name,
			  struct tenant_row *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_TENANT_BY_NAME);

	query_bind_str(&q, name);
	return tenant_read(&q, a, out, e);
}

bool store_tenant_by_access_key(struct store *s, struct arena *a,
				struct str access_key_id, struct tenant_row *out,
				struct err *e)
{
	auto_query struct query q = query_open(s, SQL_TENANT_BY_ACCESS_KEY);

	query_bind_str(&q, access_key_id);
	return tenant_read(&q, a, out, e);
}

bool store_tenant_list(struct store *s, struct arena *a, int64_t after, size_t limit,
		       struct tenant_list *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_TENANT_LIST);
	struct tenant_list list = { arena_array(a, limit, sizeof(*list.rows)), 0 };
	bool found = false;

	q.arena = a;
	query_bind_int(&q, after);
	query_bind_int(&q, (int64_t)limit);
	for (; list.count < limit; list.count++) {
		if (!query_next(&q, &found, e))
			return false;
		if (!found)
			break;
		tenant_take(&q, &list.rows[list.count]);
	}
	if (!query_read_ok(&q, e))
		return false;
	*out = list;
	return true;
}

bool store_tenant_save(struct store *s, struct tenant_row *row, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_TENANT_SAVE);

	query_bind_int(&q, row->suspended_at);
	query_bind_int(&q, row->id);
	query_bind_int(&q, row->version);
	if (!query_run(&q, e))
		return false;
	if (query_changes(&q) != 1)
		return err_set(e, ERR_CONFLICT,
			       LANG_MARK("the tenant was changed by somebody else "
					 "meanwhile"));
	row->version++;
	return true;
}

static bool tenant_run(struct store *s, enum sql sql, int64_t id, int64_t *changed_out,
		       struct err *e)
{
	auto_query struct query q = query_open(s, sql);

	query_bind_int(&q, id);
	if (!query_run(&q, e))
		return false;
	*changed_out = query_changes(&q);
	return true;
}

static bool tenant_has_identities(struct store *s, int64_t id, bool *has_out,
				  struct err *e)
{
	auto_query struct query q = query_open(s, SQL_TENANT_HAS_IDENTITIES);

	query_bind_int(&q, id);
	return query_next(&q, has_out, e);
}

static bool tenant_remove(struct store *s, int64_t id, struct err *e)
{
	static const enum sql belongings[] = {
		SQL_TENANT_DROP_TOKENS,   SQL_TENANT_DROP_WEBHOOKS,
		SQL_TENANT_DROP_MESSAGES, SQL_TENANT_DROP_EVENTS,
		SQL_TENANT_DROP_ANSWERS,
	};
	bool has = false;
	int64_t changed;

	if (!tenant_has_identities(s, id, &has, e))
		return false;
	if (has)
		return err_set(e, ERR_CONFLICT,
			       LANG_MARK("the tenant still has identities"));
	for (size_t i = 0; i < ARRAY_LEN(belongings); i++)
		if (!tenant_run(s, belongings[i], id, &changed, e))
			return false;
	if (!tenant_run(s, SQL_TENANT_DELETE, id, &changed, e))
		return false;
	return changed == 1 ||
	       err_set(e, ERR_NOT_FOUND, LANG_MARK("there is no such tenant"));
}

bool store_tenant_delete(struct store *s, int64_t id, struct err *e)
{
	struct store_scope o;

	return store_scope_open(s, &o, e) &&
	       store_scope_close(&o, tenant_remove(s, id, e), e);
}

/* --- tokens --- */

/* Something that is counted stays below its ceiling; inside a transaction. */
static bool room_check(struct store *s, enum sql sql, int64_t owner, int64_t max,
		       struct err *e)
{
	auto_query struct query q = query_open(s, sql);

	query_bind_int(&q, owner);
	if (!query_one(&q, "count", e))
		return false;
	return query_int(&q) < max ||
	       err_set(e, ERR_LIMIT, LANG_MARK("there are too many of these already"));
}

static bool api_token_insert(struct store *s, struct api_token_row *row, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_API_TOKEN_ADD);

	query_bind_int(&q, row->tenant_id);
	query_bind_str(&q, row->name);
	query_bind_blob(&q, row->token_hash);
	query_bind_int(&q, row->scopes);
	query_bind_int(&q, row->created_at);
	query_bind_int(&q, row->expires_at);
	if (!query_one(&q, "token", e))
		return false;
	row->id = query_int(&q);
	return true;
}

bool store_api_token_add(struct store *s, struct api_token_row *row, struct err *e)
{
	struct store_scope o;
	struct api_token_row made = *row;

	if (!store_scope_open(s, &o, e))
		return false;
	if (!store_scope_close(&o,
			       room_check(s, SQL_API_TOKEN_COUNT, row->tenant_id,
					  API_TOKENS_MAX, e) &&
				       api_token_insert(s, &made, e),
			       e))
		return false;
	*row = made;
	return true;
}

static void api_token_take(struct query *q, struct api_token_row *row)
{
	row->id = query_int(q);
	row->tenant_id = query_int(q);
	row->name = query_str(q);
	row->token_hash = query_str(q);
	row->scopes = query_int(q);
	row->created_at = query_int(q);
	row->expires_at = query_int(q);
	row->last_used_at = query_int(q);
	row->revoked_at = query_int(q);
}

bool store_api_token_by_hash(struct store *s, struct arena *a, struct str token_hash,
			     struct api_token_row *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_API_TOKEN_BY_HASH);
	struct api_token_row row;

	q.arena = a;
	query_bind_blob(&q, token_hash);
	if (!query_one(&q, "token", e))
		return false;
	api_token_take(&q, &row);
	if (!query_read_ok(&q, e))
		return false;
	*out = row;
	return true;
}

bool store_api_token_list(struct store *s, struct arena *a, int64_t tenant_id,
			  struct api_token_list *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_API_TOKEN_LIST);
	struct api_token_list list = { arena_array(a, API_TOKENS_MAX, sizeof(*list.rows)),
				       0 };
	bool found = false;

	q.arena = a;
	query_bind_int(&q, tenant_id);
	query_bind_int(&q, API_TOKENS_MAX);
	for (; list.count < API_TOKENS_MAX; list.count++) {
		if (!query_next(&q, &found, e))
			return false;
		if (!found)
			break;
		api_token_take(&q, &list.rows[list.count]);
	}
	if (!query_read_ok(&q, e))
		return false;
	*out = list;
	return true;
}

bool store_api_token_is_good(struct store *s, int64_t id, int64_t now_s, bool *good_out,
			     struct err *e)
{
	auto_query struct query q = query_open(s, SQL_API_TOKEN_GOOD);

	query_bind_int(&q, id);
	query_bind_int(&q, now_s);
	return query_next(&q, good_out, e);
}

bool store_api_token_revoke(struct store *s, int64_t tenant_id, int64_t id, int64_t now_s,
			    struct err *e)
{
	auto_query struct query q = query_open(s, SQL_API_TOKEN_REVOKE);

	query_bind_int(&q, now_s);
	query_bind_int(&q, id);
	query_bind_int(&q, tenant_id);
	if (!query_run(&q, e))
		return false;
	return query_changes(&q) == 1 ||
	       err_set(e, ERR_NOT_FOUND, LANG_MARK("there is no such token"));
}

/* The hour of a moment; false: it is noted already. */
static bool hour_is_new(int64_t noted, int64_t now_s, int64_t *hour_out)
{
	*hour_out = now_s - now_s % HOUR_S;
	return noted < *hour_out;
}

bool store_api_token_used(struct store *s, const struct api_token_row *row, int64_t now_s,
			  struct err *e)
{
	int64_t hour;
	if (!hour_is_new(row->last_used_at, now_s, &hour))
		return true;
	auto_query struct query q = query_open(s, SQL_API_TOKEN_USED);

	query_bind_int(&q, hour);
	query_bind_int(&q, row->id);
	return query_run(&q, e);
}

/* --- shares --- */

static bool share_insert(struct store *s, struct share_row *row, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_SHARE_ADD);

	query_bind_int(&q, row->tenant_id);
	query_bind_int(&q, row->identity_id);
	query_bind_blob(&q, row->token_hash);
	query_bind_int(&q, row->created_at);
	query_bind_int(&q, row->expires_at);
	if (!query_one(&q, "share", e))
		return false;
	row->id = query_int(&q);
	return true;
}

static bool shares_drop_expired(struct store *s, int64_t identity_id, int64_t now_s,
				struct err *e)
{
	auto_query struct query q = query_open(s, SQL_SHARE_DROP_EXPIRED);

	query_bind_int(&q, identity_id);
	query_bind_int(&q, now_s);
	return query_run(&q, e);
}

bool store_share_add(struct store *s, struct share_row *row, struct err *e)
{
	struct store_scope o;
	struct share_row made = *row;

	if (!store_scope_open(s, &o, e))
		return false;
	bool good = shares_drop_expired(s, row->identity_id, row->created_at, e) &&
		    room_check(s, SQL_SHARE_COUNT, row->identity_id, SHARES_MAX, e) &&
		    share_insert(s, &made, e);
	if (!store_scope_close(&o, good, e))
		return false;
	*row = made;
	return true;
}

static void share_take(struct query *q, struct share_row *row)
{
	row->id = query_int(q);
	row->tenant_id = query_int(q);
	row->identity_id = query_int(q);
	row->token_hash = query_str(q);
	row->created_at = query_int(q);
	row->expires_at = query_int(q);
	row->last_used_at = query_int(q);
}

bool store_share_by_hash(struct store *s, struct arena *a, struct str token_hash,
			 struct share_row *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_SHARE_BY_HASH);
	struct share_row row;

	q.arena = a;
	query_bind_blob(&q, token_hash);
	if (!query_one(&q, "share", e))
		return false;
	share_take(&q, &row);
	if (!query_read_ok(&q, e))
		return false;
	*out = row;
	return true;
}

bool store_share_list(struct store *s, struct arena *a, int64_t identity_id,
		      struct share_list *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_SHARE_LIST);
	struct share_list list = { arena_array(a, SHARES_MAX, sizeof(*list.rows)), 0 };
	bool found = false;

	q.arena = a;
	query_bind_int(&q, identity_id);
	query_bind_int(&q, SHARES_MAX);
	for (; list.count < SHARES_MAX; list.count++) {
		if (!query_next(&q, &found, e))
			return false;
		if (!found)
			break;
		share_take(&q, &list.rows[list.count]);
	}
	if (!query_read_ok(&q, e))
		return false;
	*out = list;
	return true;
}

bool store_share_delete(struct store *s, int64_t identity_id, int64_t id, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_SHARE_DELETE);

	query_bind_int(&q, id);
	query_bind_int(&q, identity_id);
	if (!query_run(&q, e))
		return false;
	return query_changes(&q) == 1 ||
	       err_set(e, ERR_NOT_FOUND, LANG_MARK("there is no such link"));
}

bool store_share_used(struct store *s, const struct share_row *row, int64_t now_s,
		      struct err *e)
{
	int64_t hour;
	if (!hour_is_new(row->last_used_at, now_s, &hour))
		return true;
	auto_query struct query q = query_open(s, SQL_SHARE_USED);

	query_bind_int(&q, hour);
	query_bind_int(&q, row->id);
	return query_run(&q, e);
}

/* --- kept answers --- */

/* One statement: of several that come at once, one takes it. */
static bool answer_take(struct store *s, const struct answer_row *row, bool *taken_out,
			struct err *e)
{
	auto_query struct query q = query_open(s, SQL_ANSWER_BEGIN);

	query_bind_int(&q, row->tenant_id);
	query_bind_str(&q, row->name);
	query_bind_blob(&q, row->request_hash);
	query_bind_int(&q, row->created_at);
	query_bind_int(&q, row->created_at - ANSWER_KEPT_S);
	if (!query_run(&q, e))
		return false;
	*taken_out = query_changes(&q) == 1;
	return true;
}

bool store_answer_find(struct store *s, struct arena *a, struct answer_row *row,
		       bool *found_out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_ANSWER_GET);
	struct answer_row kept = *row;
	bool found = false;

	q.arena = a;
	query_bind_int(&q, row->tenant_id);
	query_bind_str(&q, row->name);
	query_bind_int(&q, row->created_at - ANSWER_KEPT_S);
	if (!query_next(&q, &found, e))
		return false;
	if (found) {
		kept.request_hash = query_str(&q);
		kept.status = query_int(&q);
		kept.body = query_str(&q);
		kept.created_at = query_int(&q);
	}
	if (!query_read_ok(&q, e))
		return false;
	*row = kept;
	*found_out = found;
	return true;
}

bool store_answer_begin(struct store *s, struct arena *a, struct answer_row *row,
			bool *taken_out, struct err *e)
{
	bool taken = false;
	bool found = true;

	if (!answer_take(s, row, &taken, e) ||
	    (!taken && !store_answer_find(s, a, row, &found, e)))
		return false;
	/* Housekeeping dropped it in between. */
	if (!found)
		return err_set(e, ERR_CONFLICT, LANG_MARK("try again"));
	*taken_out = taken;
	return true;
}

bool store_answer_end(struct store *s, const struct answer_row *row, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_ANSWER_END);

	query_bind_int(&q, row->status);
	query_bind_str(&q, row->body);
	query_bind_int(&q, row->tenant_id);
	query_bind_str(&q, row->name);
	if (!query_run(&q, e))
		return false;
	return query_changes(&q) == 1 ||
	       err_set(e, ERR_INTERNAL, "an answer was not kept");
}

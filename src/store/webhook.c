/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of webhooks. */
#include "store/webhook.h"

#include "store/delivery.h"
#include "store/query.h"

static bool webhook_count(struct store *s, int64_t tenant_id, int64_t *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_WEBHOOK_COUNT);

	query_bind_int(&q, tenant_id);
	if (!query_one(&q, "count", e))
		return false;
	*out = query_int(&q);
	return true;
}

static bool webhook_insert(struct store *s, struct webhook_row *row, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_WEBHOOK_ADD);

	query_bind_int(&q, row->tenant_id);
	query_bind_str(&q, row->url);
	query_bind_str(&q, row->kinds);
	query_bind_blob(&q, row->secret_sealed);
	query_bind_blob(&q, row->old_secret_sealed);
	query_bind_int(&q, row->old_until);
	query_bind_blob(&q, row->signing_key_sealed);
	query_bind_blob(&q, row->public_key);
	query_bind_int(&q, row->created_at);
	if (!query_one(&q, "webhook", e))
		return false;
	row->id = query_int(&q);
	row->version = 1;
	return true;
}

static bool webhook_add(struct store *s, struct webhook_row *row, struct err *e)
{
	int64_t count;

	if (!webhook_count(s, row->tenant_id, &count, e))
		return false;
	if (count >= WEBHOOKS_MAX)
		return err_set(e, ERR_LIMIT, "there are %d webhooks already",
			       WEBHOOKS_MAX);
	return webhook_insert(s, row, e);
}

bool store_webhook_add(struct store *s, struct webhook_row *row, struct err *e)
{
	struct webhook_row added = *row;
	struct store_scope o;

	if (!store_scope_open(s, &o, e) ||
	    !store_scope_close(&o, webhook_add(s, &added, e), e))
		return false;
	row->id = added.id;
	row->version = added.version;
	return true;
}

static void webhook_read(struct query *q, struct webhook_row *row)
{
	row->id = query_int(q);
	row->tenant_id = query_int(q);
	row->url = query_str(q);
	row->kinds = query_str(q);
	row->secret_sealed = query_str(q);
	row->old_secret_sealed = query_str(q);
	row->old_until = query_int(q);
	row->signing_key_sealed = query_str(q);
	row->public_key = query_str(q);
	row->created_at = query_int(q);
	row->disabled_at = query_int(q);
	row->disabled_why = query_str(q);
	row->failing_since = query_int(q);
	row->last_status = query_int(q);
	row->last_at = query_int(q);
	row->version = query_int(q);
}

bool store_webhook_get(struct store *s, struct arena *a, int64_t tenant_id, int64_t id,
		       struct webhook_row *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_WEBHOOK_GET);
	struct webhook_row row;

	q.arena = a;
	query_bind_int(&q, id);
	query_bind_int(&q, tenant_id);
	if (!query_one(&q, "webhook", e))
		return false;
	webhook_read(&q, &row);
	if (!query_read_ok(&q, e))
		return false;
	*out = row;
	return true;
}

bool store_webhook_list(struct store *s, struct arena *a, int64_t tenant_id,
			struct webhook_list *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_WEBHOOK_LIST);
	struct webhook_list list = { arena_array(a, WEBHOOKS_MAX, sizeof(*list.rows)),
				     0 };
	bool found = false;

	q.arena = a;
	query_bind_int(&q, tenant_id);
	query_bind_int(&q, WEBHOOKS_MAX);
	for (; list.count < WEBHOOKS_MAX; list.count++) {
		if (!query_next(&q, &found, e))
			return false;
		if (!found)
			break;
		webhook_read(&q, &list.rows[list.count]);
	}
	if (!query_read_ok(&q, e))
		return false;
	*out = list;
	return true;
}

static bool webhook_update(struct store *s, const struct webhook_row *row, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_WEBHOOK_SAVE);

	query_bind_str(&q, row->url);
	query_bind_str(&q, row->kinds);
	query_bind_blob(&q, row->secret_sealed);
	query_bind_blob(&q, row->old_secret_sealed);
	query_bind_int(&q, row->old_until);
	query_bind_blob(&q, row->signing_key_sealed);
	query_bind_blob(&q, row->public_key);
	query_bind_int(&q, row->disabled_at);
	query_bind_str(&q, row->disabled_why);
	query_bind_int(&q, row->failing_since);
	query_bind_int(&q, row->id);
	query_bind_int(&q, row->version);
	if (!query_run(&q, e))
		return false;
	return query_changes(&q) == 1 ||
	       err_set(e, ERR_CONFLICT, "the webhook was changed meanwhile");
}

static bool webhook_save(struct store *s, const struct webhook_row *row, struct err *e)
{
	return webhook_update(s, row, e) &&
	       (!row->disabled_at ||
		delivery_give_up_all(s, row->id, row->disabled_at, e));
}

bool store_webhook_save(struct store *s, struct webhook_row *row, struct err *e)
{
	struct store_scope o;

	if (!store_scope_open(s, &o, e) ||
	    !store_scope_close(&o, webhook_save(s, row, e), e))
		return false;
	row->version++;
	return true;
}

bool store_webhook_delete(struct store *s, int64_t tenant_id, int64_t id, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_WEBHOOK_DELETE);

	query_bind_int(&q, id);
	query_bind_int(&q, tenant_id);
	if (!query_run(&q, e))
		return false;
	return query_changes(&q) == 1 ||
	       err_set(e, ERR_NOT_FOUND, "there is no such webhook");
}

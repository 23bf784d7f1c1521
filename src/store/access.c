/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of tenants and of their tokens. */
#include "store/access.h"

#include "store/query.h"

enum {
	SCOPES_ALL = 255, /* that a tenant's token can have */
};

static bool tenant_insert(struct store *s, const struct tenant_row *row, int64_t *id_out,
			  struct err *e)
{
	auto_query struct query q = query_open(s, SQL_TENANT_ADD);

	query_bind_str(&q, row->name);
	query_bind_str(&q, row->access_key_id);
	query_bind_blob(&q, row->secret_sealed);
	query_bind_int(&q, row->created_at);
	if (!query_one(&q, "row", e))
		return false;
	*id_out = query_int(&q);
	return true;
}

static bool token_insert(struct store *s, const struct tenant_row *row, int64_t tenant_id,
			 struct err *e)
{
	auto_query struct query q = query_open(s, SQL_API_TOKEN_ADD);

	query_bind_int(&q, tenant_id);
	query_bind_str(&q, STR("first"));
	query_bind_blob(&q, row->token_hash);
	query_bind_int(&q, SCOPES_ALL);
	query_bind_int(&q, row->created_at);
	return query_run(&q, e);
}

bool store_tenant_add(struct store *s, const struct tenant_row *row, int64_t *id_out,
		      struct err *e)
{
	struct scope o;
	int64_t id = 0;

	if (!scope_open(s, &o, e))
		return false;
	if (scope_close(&o, tenant_insert(s, row, &id, e) && token_insert(s, row, id, e),
			e)) {
		*id_out = id;
		return true;
	}
	if (e->kind == ERR_EXISTS)
		return err_set(e, ERR_EXISTS, "there is a tenant '%.*s' already",
			       STR_ARG(row->name));
	return false;
}

static bool tenant_read(struct query *q, struct arena *a, struct tenant_row *out,
			struct err *e)
{
	struct tenant_row row = { 0 };

	q->arena = a;
	if (!query_one(q, "tenant", e))
		return false;
	row.id = query_int(q);
	row.name = query_str(q);
	row.access_key_id = query_str(q);
	row.secret_sealed = query_str(q);
	row.created_at = query_int(q);
	if (!query_read_ok(q, e))
		return false;
	*out = row;
	return true;
}

bool store_tenant_by_access_key(struct store *s, struct arena *a,
				struct str access_key_id, struct tenant_row *out,
				struct err *e)
{
	auto_query struct query q = query_open(s, SQL_TENANT_BY_ACCESS_KEY);

	query_bind_str(&q, access_key_id);
	return tenant_read(&q, a, out, e);
}

bool store_tenant_by_token_hash(struct store *s, struct arena *a, struct str token_hash,
				struct tenant_row *out, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_TENANT_BY_TOKEN_HASH);

	query_bind_blob(&q, token_hash);
	return tenant_read(&q, a, out, e);
}

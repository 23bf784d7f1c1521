/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tenants: the operator's part of the native API. */
#include "api/native.h"
#include "api/problem.h"

enum {
	PAGE_MAX = 100,
	PAGE_USUAL = 50,
	DELETE_MAX = 1000, /* identities in one call */
};

static json_t *tenant_json(struct call *c, const struct tenant_row *row)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "id",
			 call_json_text(native_id_text(c->arena, "ten_", row->id)),
			 "name", call_json_text(row->name), "access_key_id",
			 call_json_text(row->access_key_id), "created_at",
			 call_json_time(row->created_at), "suspended_at",
			 call_json_time(row->suspended_at));
}

static struct str etag_make(struct call *c, const struct tenant_row *row)
{
	return str_from(arena_printf(c->arena, "\"%lld\"", (long long)row->version));
}

static void tenant_answer(struct call *c, unsigned status, const struct tenant_row *row)
{
	http_response_header(c->response, "ETag", etag_make(c, row));
	native_answer(c, status, tenant_json(c, row));
}

static bool tenant_find(struct call *c, struct tenant_row *out)
{
	struct err e = { .lang = c->lang };
	int64_t id;
	bool parsed = native_id_parse(c->parameters[0], "ten_", &id);
	if (parsed && store_tenant_get(c->store, c->arena, id, out, &e))
		return true;
	if (parsed && e.kind != ERR_NOT_FOUND)
		problem_answer(c, &e);
	else
		native_refuse(c, ERR_NOT_FOUND, LANG_MARK("there is no such tenant"));
	return false;
}

static bool unchanged_find(struct call *c, struct tenant_row *out)
{
	return tenant_find(c, out) && native_etag_fits(c, etag_make(c, out));
}

void native_tenants_list(struct call *c)
{
	struct page_seal seal = { c->api->cursor_key, "tenants", 0 };
	struct err e = { .lang = c->lang };
	struct tenant_list list;
	struct str after;
	uint64_t after_id = 0;
	size_t limit;
	if (!native_limit_read(c, PAGE_USUAL, PAGE_MAX, &limit) ||
	    !native_cursor_read(c, &seal, &after))
		return;
	if (after.len > 0 && !str_number(after, INT64_MAX, &after_id))
		after_id = 0;
	if (!store_tenant_list(c->store, c->arena, (int64_t)after_id, limit + 1, &list,
			       &e)) {
		problem_answer(c, &e);
		return;
	}
	json_t *tenants = json_array();
	struct str last = { NULL, 0 };
	for (size_t i = 0; i < list.count && i < limit; i++)
		json_array_append_new(tenants, tenant_json(c, &list.rows[i]));
	if (list.count > limit)
		last = native_id_text(c->arena, "", list.rows[limit - 1].id);
	native_answer(c, 200,
		      json_pack("{s:o, s:o}", "tenants", tenants, "next",
				native_cursor_json(&seal, last)));
}

void native_tenant_create(struct call *c)
{
	struct service_tenant made = { .name = STR_EMPTY };
	struct err e = { .lang = c->lang };
	auto_json json_t *body = NULL;
	if (!native_body_read(c, "name", &body) ||
	    !native_text_read(c, body, "name", &made.name))
		return;
	if (!service_tenant_add(c->store, c->arena, c->api->options.seal_key, &made,
				c->now_ms / 1000, &e)) {
		problem_answer(c, &e);
		return;
	}
	struct str id = native_id_text(c->arena, "ten_", made.id);
	native_answer_created(
		c, arena_printf(c->arena, "/api/v1/tenants/%.*s", STR_ARG(id)),
		json_pack("{s:o, s:o, s:o, s:o, s:o}", "id", call_json_text(id), "name",
			  call_json_text(made.name), "access_key_id",
			  call_json_text(made.access_key_id), "secret_access_key",
			  call_json_text(made.secret_access_key), "token",
			  call_json_text(made.token)));
}

void native_tenant_get(struct call *c)
{
	struct tenant_row row;
	if (tenant_find(c, &row) && native_etag_is_news(c, etag_make(c, &row)))
		native_answer(c, 200, tenant_json(c, &row));
}

void native_tenant_patch(struct call *c)
{
	struct tenant_row row;
	struct err e = { .lang = c->lang };
	auto_json json_t *body = NULL;
	if (!unchanged_find(c, &row) || !native_body_read(c, "suspended", &body))
		return;
	bool suspended = row.suspended_at != 0;
	if (!native_flag_read(c, body, "suspended", &suspended))
		return;
	if (service_tenant_suspend(c->store, &row, suspended, c->now_ms / 1000, &e))
		tenant_answer(c, 200, &row);
	else
		problem_answer(c, &e);
}

void native_tenant_delete(struct call *c)
{
	struct tenant_row row;
	struct err e = { .lang = c->lang };
	struct str name = STR_EMPTY;
	bool gone;
	if (!unchanged_find(c, &row))
		return;
	if (!http_query_find(c->request, "confirm", &name))
		name = STR_EMPTY;
	struct service_caller caller = call_service_caller(c);
	caller.tenant_id = row.id;
	if (!service_tenant_delete(&caller, c->arena, name, DELETE_MAX, &gone, &e)) {
		problem_answer(c, &e);
		return;
	}
	/* What is left of it has to be asked for again. */
	if (!gone)
		http_response_header(c->response, "Retry-After", STR("0"));
	c->response->status = gone ? 204 : 202;
}

void native_tenant_token_create(struct call *c)
{
	struct tenant_row row;
	if (tenant_find(c, &row))
		native_token_make(c, row.id, SCOPES_TENANT);
}

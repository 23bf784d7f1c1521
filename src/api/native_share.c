/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Links that show one identity to whoever has them: what to publish and how it stands,
 * and nothing of the tenant, the senders or the mail.
 */
#include "api/identity_view.h"
#include "api/native.h"
#include "api/problem.h"

static json_t *share_json(struct call *c, const struct share_row *row)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "id",
			 call_json_text(native_id_text(c->arena, "shr_", row->id)),
			 "created_at", call_json_time(row->created_at), "expires_at",
			 call_json_time(row->expires_at), "last_used_at",
			 call_json_time(row->last_used_at));
}

/* Where people open it; without http.url only the path of it is known. */
static const char *page_url(const struct call *c, struct str token)
{
	struct str base = config_text(c->api->options.config, CONFIG_HTTP_URL);
	if (str_ends(base, STR("/")))
		base.len--;
	return arena_printf(c->arena, "%.*s/#/shared/%.*s", STR_ARG(base),
			    STR_ARG(token));
}

void native_shares_list(struct call *c)
{
	struct identity_row identity;
	struct share_list list;
	struct err e = { .lang = c->lang };
	if (!native_identity_find(c, &identity))
		return;
	if (!store_share_list(c->store, c->arena, identity.id, &list, &e)) {
		problem_answer(c, &e);
		return;
	}
	json_t *shares = json_array();
	for (size_t i = 0; i < list.count; i++)
		json_array_append_new(shares, share_json(c, &list.rows[i]));
	native_answer(c, 200, json_pack("{s:o}", "shares", shares));
}

void native_share_create(struct call *c)
{
	struct identity_row identity;
	struct err e = { .lang = c->lang };
	struct str token;
	int64_t life_s = SHARE_USUAL_S;
	auto_json json_t *body = NULL;
	if (!native_identity_find(c, &identity))
		return;
	if (str_trim(c->request->body).len > 0 &&
	    (!native_body_read(c, "expires_in_s", &body) ||
	     !native_seconds_read(c, body, "expires_in_s", SHARE_MAX_S, &life_s)))
		return;
	int64_t now_s = c->now_ms / 1000;
	struct share_row row = { .tenant_id = c->tenant.id,
				 .identity_id = identity.id,
				 .expires_at = now_s + life_s };
	if (!service_share_make(c->store, c->arena, &row, now_s, &token, &e)) {
		problem_answer(c, &e);
		return;
	}
	json_t *json = share_json(c, &row);
	const char *path = arena_printf(c->arena, "/api/v1/shared/%.*s", STR_ARG(token));
	json_object_set_new(json, "token", call_json_text(token));
	json_object_set_new(json, "path", json_string(path));
	json_object_set_new(json, "page", json_string(page_url(c, token)));
	native_answer(c, 201, json);
}

void native_share_delete(struct call *c)
{
	struct identity_row identity;
	struct err e = { .lang = c->lang };
	int64_t id;
	if (!native_identity_find(c, &identity))
		return;
	if (!native_id_parse(c->parameters[1], "shr_", &id)) {
		native_refuse(c, ERR_NOT_FOUND, LANG_MARK("there is no such link"));
		return;
	}
	if (store_share_delete(c->store, identity.id, id, &e))
		c->response->status = 204;
	else
		problem_answer(c, &e);
}

/* auth_share has found the link, and that its tenant is there. */
void native_shared_get(struct call *c)
{
	struct identity_row row;
	struct identity_view v;
	struct err e = { .lang = c->lang };
	http_response_header(c->response, "X-Robots-Tag", STR("noindex, nofollow"));
	if (!store_identity_get(c->store, c->arena, c->share.tenant_id,
				c->share.identity_id, &row, &e) ||
	    !identity_view_fill(c, c->arena, &row, &v, &e)) {
		problem_answer(c, &e);
		return;
	}
	json_t *json = identity_shared_json(c->arena, &v);
	json_object_set_new(json, "expires_at", call_json_time(c->share.expires_at));
	native_answer(c, 200, json);
}

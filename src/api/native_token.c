/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tokens: a tenant's of his own, and the operator's. Nobody gives more than he has. */
#include "api/native.h"
#include "api/problem.h"

enum {
	TOKEN_LIFE_MAX_S = 10 * 366 * 86400,
};

static json_t *token_json(struct call *c, const struct api_token_row *row)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id",
			 call_json_text(native_id_text(c->arena, "tok_", row->id)),
			 "name", call_json_text(row->name), "scopes",
			 native_scopes_json(row->scopes), "created_at",
			 call_json_time(row->created_at), "expires_at",
			 call_json_time(row->expires_at), "last_used_at",
			 call_json_time(row->last_used_at), "revoked_at",
			 call_json_time(row->revoked_at));
}

void native_tokens_list(struct call *c)
{
	struct api_token_list list;
	struct err e = { .lang = c->lang };
	if (!store_api_token_list(c->store, c->arena, c->tenant.id, &list, &e)) {
		problem_answer(c, &e);
		return;
	}
	json_t *tokens = json_array();
	for (size_t i = 0; i < list.count; i++)
		json_array_append_new(tokens, token_json(c, &list.rows[i]));
	native_answer(c, 200, json_pack("{s:o}", "tokens", tokens));
}

/* "scopes": a list of words, or absent: all of `all`. */
static bool scopes_read(struct call *c, const json_t *body, int64_t all, int64_t *out)
{
	struct err e = { .lang = c->lang };
	const json_t *list = json_object_get(body, "scopes");
	auto_buf struct buf words;
	buf_init(&words, 4096);
	*out = all;
	if (!list)
		return true;
	bool good = json_is_array(list) && json_array_size(list) > 0;
	for (size_t i = 0; good && i < json_array_size(list); i++) {
		const json_t *word = json_array_get(list, i);
		good = json_is_string(word);
		buf_printf(&words, "%s%s", i ? " " : "",
			   good ? json_string_value(word) : "");
	}
	if (!good || words.failed) {
		native_refuse(c, ERR_USAGE,
			      LANG_MARK("'scopes' must be a list of scopes' names"));
		return false;
	}
	if (scopes_parse(buf_view(&words), all, out, &e))
		return true;
	problem_answer(c, &e);
	return false;
}

void native_token_make(struct call *c, int64_t tenant_id, int64_t all)
{
	struct api_token_row row = { .tenant_id = tenant_id, .name = STR_EMPTY };
	struct err e = { .lang = c->lang };
	struct str token;
	int64_t life_s = 0;
	auto_json json_t *body = NULL;
	if (!native_body_read(c, "name scopes expires_in_s", &body) ||
	    !native_text_read(c, body, "name", &row.name) ||
	    !native_seconds_read(c, body, "expires_in_s", TOKEN_LIFE_MAX_S, &life_s) ||
	    !scopes_read(c, body, all, &row.scopes))
		return;
	int64_t now_s = c->now_ms / 1000;
	row.expires_at = life_s ? now_s + life_s : 0;
	if (!service_token_make(c->store, c->arena, &row, now_s, &token, &e)) {
		problem_answer(c, &e);
		return;
	}
	json_t *json = token_json(c, &row);
	json_object_set_new(json, "token", call_json_text(token));
	native_answer(c, 201, json);
}

/* What a token makes is no more than itself: not in scopes, not in time. */
static bool life_fits(struct call *c)
{
	if (c->token.expires_at == 0)
		return true;
	native_refuse(c, ERR_DENIED,
		      LANG_MARK("a token that ends makes no others: they could outlive "
				"it"));
	return false;
}

void native_token_create(struct call *c)
{
	if (life_fits(c))
		native_token_make(c, c->tenant.id, c->token.scopes);
}

void native_token_revoke(struct call *c)
{
	struct err e = { .lang = c->lang };
	int64_t id;
	if (!native_id_parse(c->parameters[0], "tok_", &id)) {
		native_refuse(c, ERR_NOT_FOUND, LANG_MARK("there is no such token"));
		return;
	}
	if (store_api_token_revoke(c->store, c->tenant.id, id, c->now_ms / 1000, &e))
		c->response->status = 204;
	else
		problem_answer(c, &e);
}

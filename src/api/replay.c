/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A kept answer is "LOCATION\nBODY", sealed for its place and written in base64. */
#include "api/replay.h"

#include "api/problem.h"
#include "api/route.h"

enum {
	KEY_MAX = 255,
	ANSWER_MAX = 512 * 1024,
};

/* RFC 8941 section 3.3.3: a text in quotes; bare ones are common and welcome. */
static bool key_parse(struct str header, struct str *out)
{
	struct str key = str_trim(header);
	if (key.len >= 2 && str_starts(key, STR("\"")) && str_ends(key, STR("\"")))
		key = str_sub(key, 1, key.len - 2);
	for (size_t i = 0; i < key.len; i++)
		if (key.data[i] < 0x20 || key.data[i] > 0x7e || key.data[i] == '"')
			return false;
	*out = key;
	return key.len > 0 && key.len <= KEY_MAX;
}

/* What is asked, as a whole. */
static struct str fingerprint(struct call *c)
{
	const struct http_request *q = c->request;
	const struct str parts[] = { q->method, q->path, q->query, q->body };
	uint8_t sum[CRYPTO_SHA256_LEN];
	struct crypto_hash *h = crypto_hash_new();
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		auto_buf struct buf len;
		buf_init(&len, 64);
		buf_u64(&len, parts[i].len);
		crypto_hash_add(h, buf_view(&len));
		crypto_hash_add(h, parts[i]);
	}
	crypto_hash_finish(h, sum);
	crypto_hash_free(&h);
	return arena_str(c->arena, str_of(sum, sizeof(sum)));
}

static struct str place(struct call *c, const struct replay *r)
{
	return str_from(arena_printf(c->arena, "answer:%lld:%.*s",
				     (long long)r->row.tenant_id, STR_ARG(r->row.name)));
}

static void refuse(struct call *c, unsigned status, const char *code, const char *text)
{
	problem_answer_status(c, status, code, str_from(lang_text(c->lang, text)));
}

static void answer_again(struct call *c, const struct replay *r)
{
	auto_buf struct buf sealed;
	struct buf plain;
	struct err e = { 0 };
	buf_init(&sealed, ANSWER_MAX * 2);
	buf_init(&plain, ANSWER_MAX);
	if (!base64_parse(&sealed, r->row.body) ||
	    !crypto_open(&plain, c->api->options.seal_key, place(c, r), buf_view(&sealed),
			 &e)) {
		err_set(&e, ERR_INTERNAL, "a kept answer cannot be read");
		problem_answer(c, &e);
		buf_done(&plain);
		return;
	}
	struct str body = arena_str(c->arena, buf_view(&plain));
	size_t end = str_find_byte(body, '\n');
	buf_done_secret(&plain);
	if (end > 0)
		http_response_header(c->response, "Location", str_sub(body, 0, end));
	http_response_header(c->response, "Idempotency-Replayed", STR("true"));
	body = str_sub(body, end + 1, body.len);
	if (body.len > 0)
		call_answer_text(c, (unsigned)r->row.status, "application/json", body);
	else
		c->response->status = (unsigned)r->row.status;
}

/* Somebody has asked under this key before. */
static void answer_known(struct call *c, const struct replay *r)
{
	if (!crypto_equal(r->row.request_hash, r->asked)) {
		refuse(c, 422, "idempotency_key_reused",
		       LANG_MARK("this Idempotency-Key was used for another request"));
	} else {
		answer_again(c, r);
	}
}

bool replay_find(struct call *c, struct replay *r)
{
	struct err e = { .lang = c->lang };
	struct str header = http_header_find(c->request, "idempotency-key");
	struct str key;
	bool found = false;
	*r = (struct replay){ .is_on = false };
	if (!header.data || c->route->auth != AUTH_BEARER ||
	    strcmp(c->route->method, "POST") != 0)
		return true;
	if (!key_parse(header, &key)) {
		refuse(c, 400, "bad_request",
		       LANG_MARK(
			       "Idempotency-Key must be 1 to 255 printable characters"));
		return false;
	}
	r->is_on = true;
	r->asked = fingerprint(c);
	r->row = (struct answer_row){
		.tenant_id = c->tenant.id,
		/* A key is its token's: another has other rights. */
		.name = str_from(arena_printf(c->arena, "%lld:%.*s",
					      (long long)c->token.id, STR_ARG(key))),
		.request_hash = r->asked,
		.created_at = c->now_ms / 1000,
	};
	if (!store_answer_find(c->store, c->arena, &r->row, &found, &e))
		problem_answer(c, &e);
	else if (found)
		answer_known(c, r);
	else
		return true;
	return false;
}

bool replay_begin(struct call *c, struct replay *r)
{
	struct err e = { .lang = c->lang };
	bool taken = false;
	if (!r->is_on)
		return true;
	r->header_count = c->response->header_count;
	if (store_begin(c->store, &e) &&
	    store_answer_begin(c->store, c->arena, &r->row, &taken, &e)) {
		if (taken)
			return true;
		answer_known(c, r);
	} else {
		problem_answer(c, &e);
	}
	store_rollback(c->store);
	return false;
}

static struct str location_of(const struct http_response *response)
{
	for (size_t i = 0; i < response->header_count; i++)
		if (str_is(response->headers[i].name, "Location"))
			return response->headers[i].value;
	return STR_EMPTY;
}

static bool answer_keep(struct call *c, struct replay *r, struct err *e)
{
	struct buf plain;
	auto_buf struct buf sealed;
	auto_buf struct buf text;
	buf_init(&plain, ANSWER_MAX);
	buf_init(&sealed, ANSWER_MAX * 2);
	buf_init(&text, ANSWER_MAX * 3);
	buf_str(&plain, location_of(c->response));
	buf_byte(&plain, '\n');
	buf_str(&plain, buf_view(&c->response->body));
	if (!plain.failed)
		crypto_seal(&sealed, c->api->options.seal_key, place(c, r),
			    buf_view(&plain));
	base64_write(&text, buf_view(&sealed));
	bool fits = !plain.failed && !sealed.failed && !text.failed;
	buf_done_secret(&plain);
	r->row.status = c->response->status;
	r->row.body = buf_view(&text);
	return fits ? store_answer_end(c->store, &r->row, e)
		    : err_set(e, ERR_INTERNAL, "an answer is too large to be kept");
}

/* Nothing was done after all: neither is anything said of it. */
static void answer_undo(struct call *c, const struct replay *r)
{
	buf_clear(&c->response->body);
	c->response->header_count = r->header_count;
}

void replay_end(struct call *c, struct replay *r)
{
	struct err e = { .lang = c->lang };
	unsigned status = c->response->status;
	if (!r->is_on)
		return;
	if (status < 200 || status > 299 || c->response->body.failed) {
		store_rollback(c->store);
		return;
	}
	if (answer_keep(c, r, &e) && store_commit(c->store, &e)) {
		if (c->api->options.service)
			service_wake(c->api->options.service);
		return;
	}
	store_rollback(c->store);
	answer_undo(c, r);
	problem_answer(c, &e);
}

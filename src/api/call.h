/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One request on its way through api: what handlers are given and how they answer. A
 * handler fills the response and returns; texts for it come from the request's arena.
 */
#ifndef API_CALL_H
#define API_CALL_H

#include <jansson.h>
#include <stdatomic.h>

#include "api/api.h"

struct route;

enum {
	CALL_PARAMETERS_MAX = 2, /* {...} in a path */
};

struct feed;
struct limits;

struct api {
	struct api_options options;
	struct limits *limits;
	struct feed *feed;  /* events as they happen */
	struct buf openapi; /* the document */
	uint8_t cursor_key[CRYPTO_SHA256_LEN];
	int64_t started_at_ms;
	atomic_uint_fast64_t answered[6]; /* by status / 100 */
};

struct call {
	struct api *api;
	const struct http_request *request;
	struct http_response *response;
	struct arena *arena;
	const struct route *route;
	bool at_admin; /* it came to http.admin_listen */
	/* What stood for {...} in the path, in its order, decoded. */
	struct str parameters[CALL_PARAMETERS_MAX];
	struct str request_id;      /* UUID */
	struct store *store;        /* NULL where the route needs none */
	struct tenant_row tenant;   /* id 0: the operator's token */
	struct api_token_row token; /* AUTH_BEARER */
	struct share_row share;     /* AUTH_SHARE */
	void *prepared;             /* by the route's prepare, for its handler */
	int64_t now_ms;
	enum lang lang; /* of texts for people: Accept-Language */
};

void json_decref_at(json_t **json);
#define auto_json __attribute__((cleanup(json_decref_at)))

/* The body as a JSON object: no duplicate members, depth 32. ERR_USAGE. New reference. */
bool call_json_parse(struct str body, json_t **out, struct err *e) must_check;
/* Any bytes as a JSON string: what is no UTF-8 becomes U+FFFD. New reference. */
json_t *call_json_text(struct str text);
/* A JSON string's bytes; empty for anything else. Borrowed from json. */
struct str call_json_str(const json_t *json);
/* Unix time as RFC 3339, 0 as null. New reference. */
json_t *call_json_time(int64_t at_s);
/* Answers with this JSON and takes the reference. */
void call_answer_json(struct call *c, unsigned status, const char *content_type,
		      json_t *json);
void call_answer_text(struct call *c, unsigned status, const char *content_type,
		      struct str text);
/* What service wants to know of the caller. */
struct service_caller call_service_caller(const struct call *c);

#endif

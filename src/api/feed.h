/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who listens to events as they happen, and the thread that tells them. */
#ifndef API_FEED_H
#define API_FEED_H

#include "crypto/crypto.h"
#include "http/http.h"
#include "store/store.h"

struct feed;

/* The thread begins with the first who listens. */
struct feed *feed_new(struct store_pool *stores);
/* Ends all streams. */
void feed_free(struct feed **f);

struct feed_listener {
	struct http_stream *stream; /* the feed's from now on */
	int64_t tenant_id;
	int64_t token_id; /* when it is good no more, the stream ends */
	uint8_t token_hash[CRYPTO_SHA256_LEN]; /* of whose token it is */
	int64_t identity_id;                   /* 0: events of all */
	int64_t seq;                           /* what is behind this one is told */
	int64_t until_s;                       /* who listens must come again then */
};
/* ERR_LIMIT: the tenant has FEED_OF_TENANT_MAX; the stream is then the caller's still. */
enum {
	FEED_OF_TENANT_MAX = 16,
};
bool feed_add(struct feed *f, const struct feed_listener *l, struct err *e) must_check;

/* One event as an SSE message: "id: SEQ", "event: KIND", "data: {...}". */
void feed_event_write(struct buf *out, const struct event_row *event);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events as they happen (WHATWG HTML section 9.2, server-sent events). One thread looks
 * into the store once a second for all who listen; a tenant's events are numbered without
 * gaps, so who asks for what is behind a number misses nothing and gets nothing twice.
 */
#include "api/feed.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "webhook/webhook.h"

enum {
	TICK_MS = 1000,
	HEARTBEAT_S = 15,
	BATCH = 100,
	BATCH_BYTES = 16 * 1024 * 1024,
};

struct listening {
	struct list hook;
	struct feed_listener l;
	int64_t told_at; /* something was sent */
};

struct feed {
	struct store_pool *stores;
	pthread_mutex_t lock; /* of the two lists */
	struct list added;    /* not taken over by the thread yet */
	struct list all;      /* changed by the thread alone */
	pthread_t thread;
	bool started;
	atomic_bool stopping;
	int event; /* readable: look now */
};

struct feed *feed_new(struct store_pool *stores)
{
	struct feed *f = xalloc(1, sizeof(*f));

	f->stores = stores;
	f->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&f->lock, NULL);
	list_init(&f->added);
	list_init(&f->all);
	return f;
}

static void feed_wake(struct feed *f)
{
	eventfd_write(f->event, 1);
}

static void listening_end(struct listening *one)
{
	list_remove(&one->hook);
	http_stream_close(&one->l.stream);
	xfree(one);
}

static void list_end(struct list *all)
{
	list_each_safe (at, all)
		listening_end(LIST_THING(at, struct listening, hook));
}

void feed_event_write(struct buf *out, const struct event_row *event)
{
	json_t *json = webhook_event_json(event);
	char *text = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII);

	buf_printf(out, "id: %lld\nevent: %.*s\ndata: %s\n\n", (long long)event->seq,
		   STR_ARG(event->kind), text ? text : "{}");
	xfree(text);
	json_decref(json);
}

/* --- the thread --- */

static bool tell(struct listening *one, const struct event_list *events, int64_t now_s)
{
	for (size_t i = 0; i < events->count; i++) {
		auto_buf struct buf message;
		buf_init(&message, BATCH_BYTES);
		feed_event_write(&message, &events->rows[i]);
		if (!http_stream_write(one->l.stream, buf_view(&message)))
			return false;
		one->l.seq = events->rows[i].seq;
		one->told_at = now_s;
	}
	return true;
}

/* Revoking a token and suspending a tenant hold at once, for who is listening too. False:
 * it cannot be told just now. */
static bool may_listen(const struct listening *one, struct store *s, struct arena *a,
		       int64_t now_s, bool *may_out)
{
	struct str hash = str_of(one->l.token_hash, sizeof(one->l.token_hash));
	struct api_token_row token;
	struct tenant_row tenant;
	struct err e = { 0 };

	*may_out = false;
	if (!store_api_token_by_hash(s, a, hash, &token, &e) ||
	    !store_tenant_get(s, a, one->l.tenant_id, &tenant, &e))
		return e.kind == ERR_NOT_FOUND;
	*may_out = token.revoked_at == 0 && tenant.suspended_at == 0 &&
		   (token.expires_at == 0 || token.expires_at > now_s);
	return true;
}

/* false: it is over. */
static bool look(struct listening *one, struct store *s, int64_t now_s)
{
	bool may = false;
	const struct event_after after = { one->l.tenant_id, one->l.identity_id,
					   one->l.seq, BATCH };
	struct event_list events = { .count = BATCH };
	auto_arena struct arena a;

	arena_init(&a, BATCH_BYTES);
	if (now_s >= one->l.until_s || !http_stream_is_read(one->l.stream))
		return false;
	/* The store's trouble ends nobody: it is asked again in a second. */
	struct err e = { 0 };
	bool is_welcome = false;
	if (!store_api_token_is_good(s, one->l.token_id, now_s, &is_welcome, &e))
		return true;
	if (!is_welcome)
		return false;
	if (!store_event_after(s, &a, &after, &events, &e))
		return true;
	if (events.count == 0 && now_s - one->told_at < HEARTBEAT_S)
		return true;
	if (!may_listen(one, s, &a, now_s, &may))
		return true;
	if (!may || !tell(one, &events, now_s))
		return false;
	if (now_s - one->told_at < HEARTBEAT_S)
		return true;
	one->told_at = now_s;
	return http_stream_write(one->l.stream, STR(": \n\n"));
}

static void take_added(struct feed *f)
{
	pthread_mutex_lock(&f->lock);
	list_each_safe (at, &f->added) {
		list_remove(at);
		list_add(&f->all, at);
	}
	pthread_mutex_unlock(&f->lock);
}

static void look_for_all(struct feed *f)
{
	int64_t now_s = clock_now_s();
	struct store *s = store_pool_take(f->stores);

	list_each_safe (at, &f->all) {
		struct listening *one = LIST_THING(at, struct listening, hook);
		if (look(one, s, now_s))
			continue;
		pthread_mutex_lock(&f->lock);
		listening_end(one);
		pthread_mutex_unlock(&f->lock);
	}
	store_pool_give(f->stores, s);
}

static void *feed_run(void *arg)
{
	struct feed *f = arg;
	struct pollfd woken = { .fd = f->event, .events = POLLIN };

	while (!f->stopping) {
		eventfd_t ignored;
		take_added(f);
		if (!list_is_empty(&f->all))
			look_for_all(f);
		if (poll(&woken, 1, list_is_empty(&f->all) ? -1 : TICK_MS) > 0)
			eventfd_read(f->event, &ignored);
	}
	return NULL;
}

/* --- who listens --- */

static size_t count_of(const struct list *all, int64_t tenant_id)
{
	size_t count = 0;

	list_each (at, all)
		count += LIST_THING(at, struct listening, hook)->l.tenant_id == tenant_id;
	return count;
}

/* With the lock held. */
static bool feed_start(struct feed *f, struct err *e)
{
	if (f->started)
		return true;
	if (pthread_create(&f->thread, NULL, feed_run, f))
		return err_set(e, ERR_UNAVAILABLE, "no thread to be had");
	f->started = true;
	return true;
}

bool feed_add(struct feed *f, const struct feed_listener *l, struct err *e)
{
	pthread_mutex_lock(&f->lock);
	size_t count =
		count_of(&f->added, l->tenant_id) + count_of(&f->all, l->tenant_id);
	bool fits = count < FEED_OF_TENANT_MAX;
	if (!fits)
		err_set(e, ERR_LIMIT, "%d streams are open already", FEED_OF_TENANT_MAX);
	bool added = fits && feed_start(f, e);
	if (added) {
		struct listening *one = xalloc(1, sizeof(*one));
		one->l = *l;
		one->told_at = clock_now_s();
		list_add(&f->added, &one->hook);
	}
	pthread_mutex_unlock(&f->lock);
	if (added)
		feed_wake(f);
	return added;
}

void feed_free(struct feed **feed)
{
	struct feed *f = *feed;

	if (!f)
		return;
	*feed = NULL;
	f->stopping = true;
	feed_wake(f);
	if (f->started)
		pthread_join(f->thread, NULL);
	list_end(&f->added);
	list_end(&f->all);
	close(f->event);
	pthread_mutex_destroy(&f->lock);
	xfree(f);
}

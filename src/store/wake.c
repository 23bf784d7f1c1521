/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Telling and hearing that there is something to do. */
#include "store/wake.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "store/engine.h"
#include "store/store.h"

enum {
	RECONNECT_MS = 1000,
};

struct store_listener {
	struct buf url;
	store_woken_fn *woken;
	void *arg;
	int end; /* eventfd: readable when it is to end */
	pthread_t thread;
	struct store *store; /* the thread's; NULL while there is no connection */
};

bool store_notify(struct store *s, unsigned wakes, struct err *e)
{
	auto_query struct query q = query_open(s, SQL_NOTIFY);
	auto_buf struct buf text = { 0 };

	if (s->is_mute)
		return true;
	buf_init(&text, 16);
	buf_printf(&text, "%u", wakes);
	query_bind_str(&q, buf_view(&text));
	return query_run(&q, e);
}

static bool listener_connect(struct store_listener *l, struct err *e)
{
	if (!store_open(buf_view(&l->url), &l->store, e))
		return false;
	if (l->store->engine->listen(l->store, e))
		return true;
	store_close(&l->store);
	return false;
}

/* Whether it is to end, after `ms` at most. */
static bool end_wait(const struct store_listener *l, int ms)
{
	struct pollfd fd = { l->end, POLLIN, 0 };

	return poll(&fd, 1, ms) > 0;
}

static void *listener_run(void *arg)
{
	struct store_listener *l = arg;
	struct err e = { 0 };

	while (!end_wait(l, 0)) {
		unsigned wakes = 0;
		if (!l->store) {
			if (!listener_connect(l, &e)) {
				(void)end_wait(l, RECONNECT_MS);
				continue;
			}
			/* What was told while nobody heard. */
			wakes = STORE_WAKE_ALL;
		} else if (!l->store->engine->hear(l->store, l->end, &wakes, &e)) {
			store_close(&l->store);
		}
		if (wakes)
			l->woken(l->arg, wakes);
	}
	return NULL;
}

bool store_listen(struct str url, store_woken_fn *woken, void *arg,
		  struct store_listener **out, struct err *e)
{
	struct store_listener *l = xalloc(1, sizeof(*l));

	l->woken = woken;
	l->arg = arg;
	l->end = eventfd(0, EFD_CLOEXEC);
	buf_init(&l->url, 8192);
	buf_str(&l->url, url);
	if (l->end < 0)
		(void)err_set(e, ERR_UNAVAILABLE, "there is no descriptor left");
	else if (listener_connect(l, e) &&
		 pthread_create(&l->thread, NULL, listener_run, l) == 0) {
		*out = l;
		return true;
	}
	store_close(&l->store);
	if (l->end >= 0)
		close(l->end);
	buf_done_secret(&l->url);
	xfree(l);
	return e->kind != ERR_NONE
		       ? false
		       : err_set(e, ERR_UNAVAILABLE, "no thread could be made");
}

void store_listen_end(struct store_listener **l)
{
	if (!*l)
		return;
	(void)!eventfd_write((*l)->end, 1);
	pthread_join((*l)->thread, NULL);
	store_close(&(*l)->store);
	close((*l)->end);
	buf_done_secret(&(*l)->url);
	xfree(*l);
	*l = NULL;
}

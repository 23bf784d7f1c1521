/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list under a lock, and the thread that walks it. */
#include "http/guard.h"

#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LOOK_EVERY_MS = 1000,
};

struct guarded {
	struct list hook;
	int fd;
	int64_t deadline_us; /* of clock_mono_us; 0: none */
};

struct guard {
	pthread_mutex_t lock;
	struct list connections;
	pthread_t thread;
	int stop_fd; /* readable when the thread shall end */
};

static void look(struct guard *g)
{
	int64_t now_us = clock_mono_us();
	pthread_mutex_lock(&g->lock);
	list_each (at, &g->connections) {
		struct guarded *one = LIST_THING(at, struct guarded, hook);
		if (one->deadline_us == 0 || one->deadline_us > now_us)
			continue;
		shutdown(one->fd, SHUT_RDWR);
		one->deadline_us = 0;
	}
	pthread_mutex_unlock(&g->lock);
}

static void *watch(void *arg)
{
	struct guard *g = arg;
	struct pollfd stop = { .fd = g->stop_fd, .events = POLLIN };
	while (poll(&stop, 1, LOOK_EVERY_MS) <= 0)
		look(g);
	return NULL;
}

struct guard *guard_new(void)
{
	struct guard *g = xalloc(1, sizeof(*g));
	list_init(&g->connections);
	pthread_mutex_init(&g->lock, NULL);
	g->stop_fd = eventfd(0, EFD_CLOEXEC);
	assert(g->stop_fd >= 0);
	int failure = pthread_create(&g->thread, NULL, watch, g);
	assert(failure == 0);
	return g;
}

void guard_free(struct guard **guard)
{
	struct guard *g = *guard;
	if (!g)
		return;
	*guard = NULL;
	eventfd_write(g->stop_fd, 1);
	pthread_join(g->thread, NULL);
	assert(list_is_empty(&g->connections));
	close(g->stop_fd);
	pthread_mutex_destroy(&g->lock);
	xfree(g);
}

struct guarded *guard_add(struct guard *g, int fd)
{
	struct guarded *one = xalloc(1, sizeof(*one));
	one->fd = fd;
	pthread_mutex_lock(&g->lock);
	list_add(&g->connections, &one->hook);
	pthread_mutex_unlock(&g->lock);
	return one;
}

void guard_remove(struct guard *g, struct guarded *one)
{
	pthread_mutex_lock(&g->lock);
	list_remove(&one->hook);
	pthread_mutex_unlock(&g->lock);
	xfree(one);
}

void guard_set(struct guard *g, struct guarded *one, unsigned seconds)
{
	pthread_mutex_lock(&g->lock);
	one->deadline_us = seconds ? clock_mono_us() + (int64_t)seconds * 1000000 : 0;
	pthread_mutex_unlock(&g->lock);
}

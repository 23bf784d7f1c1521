/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list under a lock, and the thread that walks it. */
#include "http/reaper.h"

#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LOOK_EVERY_MS = 1000,
};

struct watched {
	struct list hook;
	int fd;
	int64_t at_us; /* of clock_mono_us; 0: none */
};

struct reaper {
	pthread_mutex_t lock;
	struct list connections;
	pthread_t thread;
	int stop_fd; /* readable when the thread shall end */
};

static void look(struct reaper *d)
{
	int64_t now_us = clock_mono_us();
	pthread_mutex_lock(&d->lock);
	list_each (at, &d->connections) {
		struct watched *one = LIST_THING(at, struct watched, hook);
		if (one->at_us == 0 || one->at_us > now_us)
			continue;
		shutdown(one->fd, SHUT_RDWR);
		one->at_us = 0;
	}
	pthread_mutex_unlock(&d->lock);
}

static void *watch(void *arg)
{
	struct reaper *d = arg;
	struct pollfd stop = { .fd = d->stop_fd, .events = POLLIN };
	while (poll(&stop, 1, LOOK_EVERY_MS) <= 0)
		look(d);
	return NULL;
}

struct reaper *reaper_new(void)
{
	struct reaper *d = xalloc(1, sizeof(*d));
	list_init(&d->connections);
	pthread_mutex_init(&d->lock, NULL);
	d->stop_fd = eventfd(0, EFD_CLOEXEC);
	assert(d->stop_fd >= 0);
	int failure = pthread_create(&d->thread, NULL, watch, d);
	assert(failure == 0);
	return d;
}

void reaper_free(struct reaper **reaper)
{
	struct reaper *d = *reaper;
	if (!d)
		return;
	*reaper = NULL;
	eventfd_write(d->stop_fd, 1);
	pthread_join(d->thread, NULL);
	assert(list_is_empty(&d->connections));
	close(d->stop_fd);
	pthread_mutex_destroy(&d->lock);
	xfree(d);
}

struct watched *reaper_add(struct reaper *d, int fd)
{
	struct watched *one = xalloc(1, sizeof(*one));
	one->fd = fd;
	pthread_mutex_lock(&d->lock);
	list_add(&d->connections, &one->hook);
	pthread_mutex_unlock(&d->lock);
	return one;
}

void reaper_remove(struct reaper *d, struct watched *one)
{
	pthread_mutex_lock(&d->lock);
	list_remove(&one->hook);
	pthread_mutex_unlock(&d->lock);
	xfree(one);
}

void reaper_set(struct reaper *d, struct watched *one, unsigned seconds)
{
	pthread_mutex_lock(&d->lock);
	one->at_us = seconds ? clock_mono_us() + (int64_t)seconds * 1000000 : 0;
	pthread_mutex_unlock(&d->lock);
}

bool watched_is_left(const struct watched *one)
{
	struct pollfd p = { .fd = one->fd, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

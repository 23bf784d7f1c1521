/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A queue for each file, under one lock: it is held for a few instructions only. */
#include "store/turn.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>

enum {
	FILES_MAX = 64,
};

struct turn {
	uint64_t device;
	uint64_t inode;
	size_t users; /* 0: the place is free */
	bool is_taken;
	struct list waiting; /* struct waiter, the first comes next */
};

struct waiter {
	struct list hook;
	pthread_cond_t called;
	bool is_called;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct turn turns[FILES_MAX];

static struct turn *turn_find(uint64_t device, uint64_t inode)
{
	struct turn *unused = NULL;

	for (size_t i = 0; i < FILES_MAX; i++) {
		struct turn *t = &turns[i];
		if (t->users && t->device == device && t->inode == inode)
			return t;
		if (!t->users)
			unused = t;
	}
	if (unused) {
		*unused = (struct turn){ .device = device, .inode = inode };
		list_init(&unused->waiting);
	}
	return unused;
}

bool turn_open(uint64_t device, uint64_t inode, struct turn **out, struct err *e)
{
	pthread_mutex_lock(&lock);
	struct turn *t = turn_find(device, inode);
	if (t)
		t->users++;
	pthread_mutex_unlock(&lock);
	if (!t)
		return err_set(e, ERR_LIMIT, "more than %d databases are open",
			       FILES_MAX);
	*out = t;
	return true;
}

void turn_close(struct turn **t)
{
	if (!*t)
		return;
	pthread_mutex_lock(&lock);
	(*t)->users--;
	pthread_mutex_unlock(&lock);
	*t = NULL;
}

/* With the lock held. */
static void turn_wait(struct turn *t, struct waiter *w, int64_t timeout_ms)
{
	int64_t until_us = clock_mono_us() + timeout_ms * 1000;
	const struct timespec until = { .tv_sec = until_us / 1000000,
					.tv_nsec = until_us % 1000000 * 1000 };

	list_add(&t->waiting, &w->hook);
	while (!w->is_called && pthread_cond_clockwait(&w->called, &lock, CLOCK_MONOTONIC,
						       &until) != ETIMEDOUT)
		;
	/* Called or not, it waits no longer. */
	if (!w->is_called)
		list_remove(&w->hook);
}

bool turn_take(struct turn *t, int64_t timeout_ms, struct err *e)
{
	struct waiter w = { .called = PTHREAD_COND_INITIALIZER };

	pthread_mutex_lock(&lock);
	if (t->is_taken)
		turn_wait(t, &w, timeout_ms);
	else
		w.is_called = true;
	t->is_taken = t->is_taken || w.is_called;
	pthread_mutex_unlock(&lock);
	return w.is_called || err_set(e, ERR_UNAVAILABLE,
				      "the database is busy: somebody writes for long");
}

void turn_give(struct turn *t)
{
	pthread_mutex_lock(&lock);
	assert(t->is_taken);
	if (list_is_empty(&t->waiting)) {
		t->is_taken = false;
	} else {
		/* It goes over without being free in between. */
		struct waiter *next =
			LIST_THING(list_first(&t->waiting), struct waiter, hook);
		list_remove(&next->hook);
		next->is_called = true;
		pthread_cond_signal(&next->called);
	}
	pthread_mutex_unlock(&lock);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections for threads: all are opened at the start, take waits for one to be given
 * back. */
#include <assert.h>
#include <pthread.h>

#include "store/store.h"

struct store_pool {
	pthread_mutex_t lock;
	pthread_cond_t given;
	size_t count; /* opened */
	size_t idle;  /* stores[0 .. idle) are free */
	struct store *stores[];
};

bool store_pool_new(struct str url, size_t count, struct store_pool **out, struct err *e)
{
	struct store_pool *p = xalloc(1, sizeof(*p) + count * sizeof(p->stores[0]));

	assert(count > 0);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->given, NULL);
	for (; p->count < count; p->count++) {
		if (!store_open(url, &p->stores[p->count], e)) {
			p->idle = p->count;
			store_pool_free(&p);
			return false;
		}
	}
	p->idle = p->count;
	*out = p;
	return true;
}

void store_pool_free(struct store_pool **p)
{
	if (!*p)
		return;
	assert((*p)->idle == (*p)->count);
	for (size_t i = 0; i < (*p)->count; i++)
		store_close(&(*p)->stores[i]);
	pthread_cond_destroy(&(*p)->given);
	pthread_mutex_destroy(&(*p)->lock);
	xfree(*p);
	*p = NULL;
}

struct store *store_pool_take(struct store_pool *p)
{
	pthread_mutex_lock(&p->lock);
	while (!p->idle)
		pthread_cond_wait(&p->given, &p->lock);
	struct store *s = p->stores[--p->idle];
	pthread_mutex_unlock(&p->lock);
	return s;
}

void store_pool_give(struct store_pool *p, struct store *s)
{
	/* Nobody inherits another one's open transaction. */
	store_rollback(s);
	pthread_mutex_lock(&p->lock);
	p->stores[p->idle++] = s;
	pthread_cond_signal(&p->given);
	pthread_mutex_unlock(&p->lock);
}

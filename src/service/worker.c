/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread that does one kind of work step by step, and waits for a wake or a moment
 * between. */
#include <assert.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "service/inside.h"

enum {
	WAIT_MAX_MS = 3600 * 1000,
};

struct worker {
	struct service *service;
	struct store *store;
	worker_step_fn *step;
	pthread_t thread;
	int event; /* readable: woken */
	atomic_bool stopping;
	bool started;
};

static void worker_wait(struct worker *w, int64_t wait_ms)
{
	struct pollfd woken = { .fd = w->event, .events = POLLIN };
	int timeout = wait_ms < 0 || wait_ms > WAIT_MAX_MS ? WAIT_MAX_MS : (int)wait_ms;
	uint64_t count;

	if (poll(&woken, 1, timeout) > 0)
		(void)!read(w->event, &count, sizeof(count));
}

static void *worker_run(void *arg)
{
	struct worker *w = arg;

	while (!w->stopping) {
		int64_t wait_ms = w->step(w->service, w->store);
		if (wait_ms && !w->stopping)
			worker_wait(w, wait_ms);
	}
	return NULL;
}

bool worker_new(struct service *v, worker_step_fn *step, struct worker **out,
		struct err *e)
{
	struct str url = config_text(v->config, CONFIG_STORE_URL);
	struct worker *w = xalloc(1, sizeof(*w));

	w->service = v;
	w->step = step;
	w->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->event < 0) {
		xfree(w);
		return err_set(e, ERR_UNAVAILABLE, "no eventfd to be had");
	}
	if (!store_open(url, &w->store, e)) {
		worker_stop(&w);
		return false;
	}
	*out = w;
	return true;
}

bool worker_start(struct worker *w, struct err *e)
{
	if (pthread_create(&w->thread, NULL, worker_run, w))
		return err_set(e, ERR_UNAVAILABLE, "no thread to be had");
	w->started = true;
	return true;
}

void worker_stop(struct worker **w)
{
	if (!*w)
		return;
	(*w)->stopping = true;
	worker_wake(*w);
	if ((*w)->started)
		pthread_join((*w)->thread, NULL);
	store_close(&(*w)->store);
	close_at(&(*w)->event);
	xfree(*w);
	*w = NULL;
}

void worker_wake(struct worker *w)
{
	uint64_t one = 1;

	(void)!write(w->event, &one, sizeof(one));
}

const atomic_bool *worker_stopping(const struct worker *w)
{
	return &w->stopping;
}

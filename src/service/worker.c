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
	int event;            /* readable: woken */
	atomic_bool ending;   /* after this step */
	atomic_bool stopping; /* now */
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

	while (!w->ending) {
		int64_t wait_ms = w->step(w->service, w->store);
		if (wait_ms && !w->ending)
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
		worker_stop(&w, 0);
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

void worker_wind_down(struct worker *w)
{
	if (!w)
		return;
	w->ending = true;
	worker_wake(w);
}

/* The step under way may finish until then; after that it is told to break off. */
static void worker_join(struct worker *w, int64_t until_ms)
{
	const struct timespec until = { until_ms / 1000, until_ms % 1000 * 1000000 };

	if (pthread_timedjoin_np(w->thread, NULL, &until) == 0)
		return;
	w->stopping = true;
	pthread_join(w->thread, NULL);
}

void worker_stop(struct worker **w, int64_t until_ms)
{
	if (!*w)
		return;
	worker_wind_down(*w);
	if ((*w)->started)
		worker_join(*w, until_ms);
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loop thread: what is due is taken from the store, looked at, and its outcome
 * written. A timer stands at the next moment something is due; wakes come from other
 * threads.
 */
#include <assert.h>

#include "service/inside.h"

enum {
	IN_FLIGHT_MAX = 256,
	LOOK_BYTES = 64 * 1024 * 1024,
	LIST_BYTES = 64 * 1024,
	RETRY_MS = 1000,
	WAIT_MAX_MS = 30 * 1000, /* looks that wait for keys come without a wake */
};

struct watch {
	struct service *service;
	struct store *store;
	struct authority *authority;
	uv_loop_t loop;
	uv_timer_t timer;
	uv_async_t wake;
	atomic_bool stopping;
	pthread_t thread;
	bool started;
	struct list tasks; /* under way */
	size_t task_count;
	bool closed;
};

/* One look under way. */
struct task {
	struct list hook;
	struct watch *watch;
	struct arena arena;
	struct identity_row row; /* as it was when the look began */
	struct expectation x;
	struct authority_look *look;
};

static void watch_take(struct watch *w);

static void task_end(struct task *t)
{
	list_remove(&t->hook);
	t->watch->task_count--;
	arena_done(&t->arena);
	xfree(t);
}

static void on_timer(uv_timer_t *timer)
{
	watch_take(timer->data);
}

static void watch_sleep(struct watch *w, int64_t ms)
{
	if (ms > WAIT_MAX_MS)
		ms = WAIT_MAX_MS;
	uv_timer_start(&w->timer, on_timer, ms > 0 ? (uint64_t)ms : 0, 0);
}

static void task_on_result(void *arg, const struct authority_result *result)
{
	struct task *t = arg;
	struct watch *w = t->watch;
	struct err e = { 0 };
	struct looked looked = { t->row.id, t->row.version, &t->x, result };

	t->look = NULL;
	bool written = outcome_write(w->service, w->store, &t->arena, &looked, &e);
	if (!written)
		log_error("the outcome of a look was not written",
			  LOG_STR("domain", t->row.domain), LOG_TEXT("error", e.text));
	task_end(t);
	/* Soon, for all that end now together; but if it was not written it is still due.
	 */
	watch_sleep(w, written ? 0 : RETRY_MS);
}

static bool task_is_under_way(const struct watch *w, int64_t id)
{
	list_each (at, &w->tasks)
		if (LIST_THING(at, struct task, hook)->row.id == id)
			return true;
	return false;
}

static bool task_look(struct task *t, int64_t id, struct err *e)
{
	struct watch *w = t->watch;

	if (!store_identity_get(w->store, &t->arena, 0, id, &t->row, e) ||
	    !service_identity_expect(&t->arena, &t->row, &t->x, e))
		return false;
	t->look = authority_look_start(w->authority, &t->arena, &t->x, task_on_result, t);
	return t->look || err_set(e, ERR_LIMIT, "too many looks are waiting");
}

static bool task_start(struct watch *w, const struct due_row *due, struct err *e)
{
	struct task *t = xalloc(1, sizeof(*t));

	t->watch = w;
	arena_init(&t->arena, LOOK_BYTES);
	list_add(&w->tasks, &t->hook);
	w->task_count++;
	w->service->counters.lag_ms = clock_now_ms() - due->look_at * 1000;
	tally_lag(&w->service->tally, w->service->counters.lag_ms);
	if (task_look(t, due->id, e))
		return true;
	task_end(t);
	return false;
}

/* Starts what is due, as far as there is room. False: something is in the way of all, try
 * later; what is wrong with one row is in nobody else's way. */
static bool due_start(struct watch *w, int64_t now_s, struct err *e)
{
	auto_arena struct arena a;
	struct due_list due;

	arena_init(&a, LIST_BYTES);
	/* Those under way are still due: ask for as many more. */
	if (!store_identity_due(w->store, &a, now_s, 2 * IN_FLIGHT_MAX, &due, e))
		return false;
	for (size_t i = 0; i < due.count && w->task_count < IN_FLIGHT_MAX; i++) {
		struct err failed = { 0 };
		if (task_is_under_way(w, due.rows[i].id) ||
		    task_start(w, &due.rows[i], &failed) || failed.kind == ERR_NOT_FOUND)
			continue;
		if (failed.kind == ERR_LIMIT || failed.kind == ERR_UNAVAILABLE) {
			*e = failed;
			return false;
		}
		log_error("an identity cannot be looked at",
			  LOG_INT("identity", due.rows[i].id),
			  LOG_TEXT("error", failed.text));
	}
	return true;
}

static void watch_take(struct watch *w)
{
	int64_t now_s = clock_now_s();
	struct err e = { 0 };
	int64_t next = 0;

	if (w->stopping)
		return;
	if (!due_start(w, now_s, &e) ||
	    !store_identity_next_due(w->store, now_s, &next, &e)) {
		log_warn("looks must wait", LOG_TEXT("error", e.text));
		watch_sleep(w, RETRY_MS);
		return;
	}
	watch_sleep(w, next ? next * 1000 - clock_now_ms() : WAIT_MAX_MS);
}

/* --- beginning and end --- */

static void on_process(void *arg, int pid, bool started, int exit_status)
{
	struct watch *w = arg;

	if (started) {
		log_info("probe started", LOG_INT("pid", pid));
		return;
	}
	if (w->stopping)
		return;
	w->service->counters.probe_restarts++;
	log_warn("probe ended", LOG_INT("pid", pid), LOG_INT("status", exit_status));
}

static void on_authority_closed(void *arg)
{
	struct watch *w = arg;

	pulse_stop(&w->service->pulse);
	uv_close((uv_handle_t *)&w->timer, NULL);
	uv_close((uv_handle_t *)&w->wake, NULL);
}

static void watch_end(struct watch *w)
{
	if (w->closed)
		return;
	w->closed = true;
	list_each_safe (at, &w->tasks) {
		struct task *t = LIST_THING(at, struct task, hook);
		authority_look_cancel(&t->look);
		task_end(t);
	}
	uv_timer_stop(&w->timer);
	if (w->authority)
		authority_close(w->authority, on_authority_closed, w);
	else
		on_authority_closed(w);
}

static void on_wake(uv_async_t *wake)
{
	struct watch *w = wake->data;

	if (w->stopping)
		watch_end(w);
	else
		watch_take(w);
}

static void *watch_run(void *arg)
{
	struct watch *w = arg;

	watch_take(w);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	return NULL;
}

static void watch_free(struct watch *w)
{
	authority_free(&w->authority);
	int busy = uv_loop_close(&w->loop);
	assert(busy == 0);
	store_close(&w->store);
	xfree(w);
}

static bool watch_prepare(struct watch *w, struct err *e)
{
	const struct authority_options options = {
		.config = w->service->config,
		.on_process = on_process,
		.arg = w,
	};

	return store_open(config_text(w->service->config, CONFIG_STORE_URL), &w->store,
			  e) &&
	       authority_new(&w->loop, &options, &w->authority, e);
}

bool watch_new(struct service *v, struct watch **out, struct err *e)
{
	struct watch *w = xalloc(1, sizeof(*w));

	w->service = v;
	list_init(&w->tasks);
	if (uv_loop_init(&w->loop)) {
		xfree(w);
		return err_set(e, ERR_UNAVAILABLE, "no event loop to be had");
	}
	pulse_start(&w->service->pulse, &w->loop);
	uv_timer_init(&w->loop, &w->timer);
	uv_async_init(&w->loop, &w->wake, on_wake);
	w->timer.data = w;
	w->wake.data = w;
	if (!watch_prepare(w, e)) {
		watch_stop(&w);
		return false;
	}
	*out = w;
	return true;
}

bool watch_start(struct watch *w, struct err *e)
{
	if (pthread_create(&w->thread, NULL, watch_run, w))
		return err_set(e, ERR_UNAVAILABLE, "no thread to be had");
	w->started = true;
	return true;
}

void watch_stop(struct watch **w)
{
	if (!*w)
		return;
	(*w)->stopping = true;
	watch_wake(*w);
	if ((*w)->started)
		pthread_join((*w)->thread, NULL);
	else
		uv_run(&(*w)->loop, UV_RUN_DEFAULT);
	watch_free(*w);
	*w = NULL;
}

void watch_wake(struct watch *w)
{
	uv_async_send(&w->wake);
}

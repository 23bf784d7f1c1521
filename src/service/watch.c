/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loop thread: when something is taken, when outcomes are written, and what happens
 * while the database is away: looks under way go on, their outcomes wait, the probes
 * stay, and both sides are tried again ever more rarely.
 *
 * The end comes in two steps: once the service is draining nothing more is taken and what
 * is under way is finished; after service.stop_timeout_s the rest is handed back.
 */
#include "service/glances.h"

#include <assert.h>
#include <signal.h>

enum {
	WAIT_MAX_MS = 5 * 1000, /* what another node gives up comes without a wake */
	TAKE_PAUSE_MS = 20,     /* what ends together is replaced together */
	WRITE_PAUSE_MS = 5,     /* what ends together is written together */
	BACKOFF_FIRST_MS = 250,
	BACKOFF_LAST_MS = 15 * 1000,
};

int64_t watch_now_ms(void)
{
	return clock_mono_us() / 1000;
}

/* --- what does not answer --- */

bool backoff_is_over(const struct backoff *b)
{
	return watch_now_ms() >= b->until_ms;
}

int64_t backoff_left_ms(const struct backoff *b)
{
	int64_t left = b->until_ms - watch_now_ms();

	return left > 0 ? left : 0;
}

void backoff_grow(struct backoff *b)
{
	b->pause_ms = b->pause_ms ? b->pause_ms * 2 : BACKOFF_FIRST_MS;
	if (b->pause_ms > BACKOFF_LAST_MS)
		b->pause_ms = BACKOFF_LAST_MS;
	/* Between a half and the whole of it. */
	uint32_t half = (uint32_t)(b->pause_ms / 2);
	b->until_ms = watch_now_ms() + half + crypto_random_below(half + 1);
}

void backoff_clear(struct backoff *b)
{
	*b = (struct backoff){ 0 };
}

void watch_store_failed(struct watch *w, const char *what, const struct err *e)
{
	backoff_grow(&w->store_trouble);
	log_warn(what, LOG_TEXT("error", e->text),
		 LOG_INT("again_ms", backoff_left_ms(&w->store_trouble)));
}

/* --- taking --- */

static void on_taking(uv_timer_t *timer);
static void watch_end_if_idle(struct watch *w);

static void timer_at(uv_timer_t *timer, uv_timer_cb f, int64_t ms)
{
	uv_timer_start(timer, f, ms > 0 ? (uint64_t)ms : 0, 0);
}

void watch_take_in(struct watch *w, int64_t ms)
{
	int64_t pause_ms = w->taken_ms + TAKE_PAUSE_MS - watch_now_ms();

	if (ms > WAIT_MAX_MS)
		ms = WAIT_MAX_MS;
	timer_at(&w->taking, on_taking, ms > pause_ms ? ms : pause_ms);
}

/* Until something may be done that cannot be done now. */
static bool take_wait_ms(struct watch *w, int64_t *wait_ms, struct err *e)
{
	int64_t limit_ms = schedule_wait_ms(w->schedule, watch_now_ms());
	int64_t next;

	if (limit_ms >= 0) {
		*wait_ms = limit_ms;
		return true;
	}
	if (!store_identity_next_due(w->store, clock_now_s(), &next, e))
		return false;
	*wait_ms = next ? next * 1000 - clock_now_ms() : WAIT_MAX_MS;
	return true;
}

static void on_taking(uv_timer_t *timer)
{
	struct watch *w = timer->data;
	int64_t wait_ms = WAIT_MAX_MS;
	struct err e = { 0 };

	if (w->closed || w->service->draining)
		return;
	int64_t store_ms = backoff_left_ms(&w->store_trouble);
	int64_t look_ms = backoff_left_ms(&w->look_trouble);
	if (store_ms || look_ms) {
		watch_take_in(w, store_ms > look_ms ? store_ms : look_ms);
		return;
	}
	w->taken_ms = watch_now_ms();
	if (!watch_take(w, &e) || !take_wait_ms(w, &wait_ms, &e)) {
		watch_store_failed(w, "nothing due can be taken", &e);
		watch_take_in(w, backoff_left_ms(&w->store_trouble));
		return;
	}
	backoff_clear(&w->store_trouble);
	watch_take_in(w, wait_ms);
}

/* --- writing --- */

static void on_writing(uv_timer_t *timer)
{
	struct watch *w = timer->data;
	struct err e = { 0 };

	if (!backoff_is_over(&w->store_trouble) && !w->service->draining) {
		watch_write_soon(w);
		return;
	}
	if (!tasks_write(w, &e)) {
		watch_store_failed(w, "outcomes of looks wait for the database", &e);
		watch_write_soon(w);
		return;
	}
	backoff_clear(&w->store_trouble);
	backoff_clear(&w->look_trouble);
	watch_take_in(w, 0);
	watch_end_if_idle(w);
}

void watch_write_soon(struct watch *w)
{
	int64_t trouble_ms = backoff_left_ms(&w->store_trouble);

	if (w->closed || uv_is_active((uv_handle_t *)&w->writing))
		return;
	timer_at(&w->writing, on_writing,
		 trouble_ms > WRITE_PAUSE_MS ? trouble_ms : WRITE_PAUSE_MS);
}

/* --- beginning and end --- */

static void on_process(void *arg, int pid, bool started, int exit_status)
{
	struct watch *w = arg;

	if (started) {
		log_info("probe started", LOG_INT("pid", pid));
		return;
	}
	if (w->service->draining)
		return;
	w->service->counters.probe_restarts++;
	if (exit_status == 128 + SIGSYS)
		log_error(
			"probe did what its sandbox forbids and was killed: the kernel's "
			"audit log names the system call",
			LOG_INT("pid", pid), LOG_INT("signal", SIGSYS));
	else
		log_warn("probe ended", LOG_INT("pid", pid),
			 LOG_INT("status", exit_status));
}

static void on_remote(void *arg, struct str name, bool is_up, struct str why)
{
	struct watch *w = arg;

	w->service->counters.perspectives_up = authority_perspectives_up(w->authority);
	if (is_up)
		log_info("perspective connected", LOG_STR("name", name));
	else
		log_warn("perspective lost", LOG_STR("name", name), LOG_STR("why", why));
}

static void on_authority_closed(void *arg)
{
	struct watch *w = arg;

	pulse_stop(&w->service->pulse);
	glances_close(w->glances);
	uv_close((uv_handle_t *)&w->taking, NULL);
	uv_close((uv_handle_t *)&w->writing, NULL);
	uv_close((uv_handle_t *)&w->ending, NULL);
	uv_close((uv_handle_t *)&w->wake, NULL);
}

/* What is still under way is looked at again by whoever claims it next. */
static void tasks_cancel(struct watch *w)
{
	struct list *lists[] = { &w->looking, &w->ended };

	if (w->task_count)
		log_info("looks are handed back", LOG_INT("looks", w->task_count));
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		list_each_safe (at, lists[i])
			task_hand_back(LIST_THING(at, struct task, hook));
}

static void watch_end(struct watch *w)
{
	if (w->closed)
		return;
	w->closed = true;
	glances_end(w->glances);
	tasks_cancel(w);
	uv_timer_stop(&w->taking);
	uv_timer_stop(&w->writing);
	uv_timer_stop(&w->ending);
	if (w->authority)
		authority_close(w->authority, on_authority_closed, w);
	else
		on_authority_closed(w);
}

static void watch_end_if_idle(struct watch *w)
{
	if (w->service->draining && !w->task_count)
		watch_end(w);
}

static void on_ending(uv_timer_t *timer)
{
	watch_end(timer->data);
}

static void on_wake(uv_async_t *wake)
{
	struct watch *w = wake->data;

	if (w->closed)
		return;
	if (!w->service->draining) {
		watch_take_in(w, 0);
		return;
	}
	glances_end(w->glances);
	timer_at(&w->ending, on_ending,
		 1000 * config_number(w->service->config, CONFIG_SERVICE_STOP_TIMEOUT_S));
	watch_end_if_idle(w);
}

static void *watch_run(void *arg)
{
	struct watch *w = arg;

	watch_take_in(w, 0);
	glances_begin(w->glances);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	return NULL;
}

static void watch_free(struct watch *w)
{
	authority_free(&w->authority);
	glances_free(&w->glances);
	int busy = uv_loop_close(&w->loop);
	assert(busy == 0);
	store_close(&w->store);
	schedule_free(&w->schedule);
	xfree(w);
}

static bool watch_prepare(struct watch *w, struct err *e)
{
	const struct config *config = w->service->config;
	const struct authority_options options = {
		.config = config,
		.on_process = on_process,
		.on_remote = on_remote,
		.arg = w,
	};

	w->schedule = schedule_new(&(struct schedule_limits){
		.running = (size_t)config_number(config, CONFIG_SERVICE_LOOKS),
		.starts_per_s = (size_t)config_number(config, CONFIG_SERVICE_LOOKS_PER_S),
		.tenant_packets_s = config_number(config, CONFIG_SERVICE_TENANT_PACKETS),
	});
	if (!store_open(config_text(config, CONFIG_STORE_URL), &w->store, e) ||
	    !authority_new(&w->loop, &options, &w->authority, e))
		return false;
	w->service->counters.perspectives = authority_perspective_count(w->authority);
	return true;
}

bool watch_new(struct service *v, struct watch **out, struct err *e)
{
	struct watch *w = xalloc(1, sizeof(*w));

	w->service = v;
	list_init(&w->looking);
	list_init(&w->ended);
	if (uv_loop_init(&w->loop)) {
		xfree(w);
		return err_set(e, ERR_UNAVAILABLE, "no event loop to be had");
	}
	pulse_start(&w->service->pulse, &w->loop);
	uv_timer_init(&w->loop, &w->taking);
	uv_timer_init(&w->loop, &w->writing);
	uv_timer_init(&w->loop, &w->ending);
	uv_async_init(&w->loop, &w->wake, on_wake);
	w->taking.data = w->writing.data = w->ending.data = w;
	w->wake.data = w;
	w->glances = glances_new(w);
	if (!watch_prepare(w, e)) {
		v->draining = true;
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
	assert((*w)->service->draining);
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

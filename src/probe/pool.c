/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parent's side. A worker is a place for a process; when its process ends, for
 * whatever reason, another takes the place, at once or, if that happens again and
 * again, ever later, and is given what the other held. A domain always goes to the same
 * worker, which remembers the way to it.
 */
#include <assert.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/frame.h"
#include "probe/pool.h"

enum {
	WORKER_JOBS_MAX = 256,
	JOB_TRIES_MAX = 3,
	JOB_GRACE_US = 5000000, /* behind the check's own deadline */
	LIFE_OF_THE_SOUND_US = 10000000,
	PAUSE_FIRST_MS = 100,
	PAUSE_MOST_MS = 10000,
	WATCH_EVERY_MS = 1000,
	CLOSE_PATIENCE_MS = 2000,
	READ_SIZE = 64 << 10,
};

struct pooled {
	struct probe_job job;
	struct worker *worker;
	int64_t number;
	unsigned tries;
	int64_t sent_us;
};

static void restart(struct worker *w);
static void pause_worker(struct worker *w);
static void close_timer(struct probe_pool *pool, uv_timer_t **timer);

/* Jobs */

static void release_job(struct pooled *job)
{
	list_remove(&job->job.hook);
	job->worker->job_count--;
	xfree(job);
}

static void send_job(struct pooled *job)
{
	json_t *frame = json_object();

	job->sent_us = clock_mono_us();
	job_write(&job->job, job->number, frame);
	frame_send((uv_stream_t *)&job->worker->child->pipe, frame);
	json_decref(frame);
}

/* frame NULL: what is asked again and again and never answered. Nothing was seen. */
static void finish_job(struct pooled *job, const json_t *frame)
{
	struct probe_job kept = job->job;

	release_job(job);
	job_finish(&kept, frame);
}

static struct pooled *find_job(struct worker *w, json_int_t number)
{
	list_each (at, &w->jobs) {
		struct pooled *job = LIST_THING(at, struct pooled, job.hook);
		if (job->number == number)
			return job;
	}
	return NULL;
}

static void take_frame(struct worker *w, const json_t *frame)
{
	struct pooled *job =
		find_job(w, json_integer_value(json_object_get(frame, "job")));

	if (job) /* else it was cancelled meanwhile */
		finish_job(job, frame);
}

/* What three processes died of is not asked again. */
static void fail_hopeless(struct worker *w)
{
	struct pooled *job;

	do {
		job = NULL;
		list_each (at, &w->jobs) {
			struct pooled *one = LIST_THING(at, struct pooled, job.hook);
			if (one->tries >= JOB_TRIES_MAX)
				job = one;
		}
		if (job)
			finish_job(job, NULL);
	} while (job);
}

/* Children */

static void part_closed(struct probe_pool *pool)
{
	pool->parts--;
	if (!pool->is_closing || pool->parts > 0 || !pool->closed)
		return;
	void (*closed)(void *arg) = pool->closed;
	pool->closed = NULL;
	closed(pool->closed_arg);
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct child *c = handle->data;
	struct probe_pool *pool = c->pool;

	if (--c->handles > 0)
		return;
	buf_done(&c->in);
	xfree(c);
	pool->children--;
	if (pool->is_closing && pool->children == 0)
		close_timer(pool, &pool->watch);
	part_closed(pool);
}

static void close_handle(void *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, on_handle_closed);
}

static void on_ended(uv_process_t *process, int64_t status, int signal)
{
	struct child *c = process->data;
	struct worker *w = c->worker;
	struct probe_pool *pool = c->pool;
	bool was_sound = clock_mono_us() - c->started_us > LIFE_OF_THE_SOUND_US;
	int pid = process->pid;

	close_handle(&c->process);
	close_handle(&c->pipe);
	w->child = NULL;
	w->deaths = was_sound ? 0 : w->deaths + 1;
	if (pool->options.on_process)
		pool->options.on_process(pool->options.arg, pid, false,
					 signal ? 128 + signal : (int)status);
	fail_hopeless(w); /* whoever hears of it may close the pool */
	pool_lines_return(w);
	if (pool->is_closing)
		return;
	if (w->deaths <= 1)
		restart(w);
	else
		pause_worker(w);
}

/* A child that closed its end, or sent what is no frame, is of no use. */
static void give_up(struct child *c)
{
	uv_read_stop((uv_stream_t *)&c->pipe);
	if (uv_is_active((uv_handle_t *)&c->process))
		uv_process_kill(&c->process, SIGKILL);
}

static void on_room(uv_handle_t *handle, unused_arg size_t suggested, uv_buf_t *out)
{
	struct child *c = handle->data;
	char *at = buf_room(&c->in, READ_SIZE);

	*out = uv_buf_init(at, at ? READ_SIZE : 0);
}

static bool take_text(struct worker *w, struct str text)
{
	if (text.len > 0 && text.data[0] == LINES_ANSWERED)
		return pool_lines_take(w, text);
	json_t *frame = frame_json(text);
	if (!frame)
		return false;
	take_frame(w, frame);
	json_decref(frame);
	return true;
}

static void on_read(uv_stream_t *stream, ssize_t n, unused_arg const uv_buf_t *b)
{
	struct child *c = stream->data;
	enum frame_state state;

	if (n < 0) {
		give_up(c);
		return;
	}
	buf_wrote(&c->in, (size_t)n);
	do {
		struct str text;
		state = frame_peek(&c->in, FRAME_MAX, &text);
		if (state != FRAME_WHOLE)
			continue;
		if (!take_text(c->worker, text))
			state = FRAME_BROKEN;
		frame_drop(&c->in, text);
	} while (state == FRAME_WHOLE);
	if (state == FRAME_BROKEN)
		give_up(c);
}

/* Of what all of them may do. */
static size_t share_of(const struct probe_pool *pool, size_t most)
{
	return most < pool->count ? 1 : most / pool->count;
}

/* What all of them may have under way to one server. */
static void add_share(const struct probe_pool *pool, json_t *values)
{
	int64_t most = config_number(pool->options.config, CONFIG_DNS_SERVER_IN_FLIGHT);
	auto_buf struct buf text;

	buf_init(&text, 32);
	buf_printf(&text, "%zu", share_of(pool, (size_t)most));
	json_object_set_new(values, "dns.server_in_flight", json_string(buf_cstr(&text)));
}

static void send_config(struct child *c)
{
	const struct config *config = c->pool->options.config;
	static const struct {
		const char *name;
		enum config_key key;
	} texts[] = {
		{ "dns.root_hints", CONFIG_DNS_ROOT_HINTS },
		{ "dns.trust_anchor", CONFIG_DNS_TRUST_ANCHOR },
		{ "dns.resolvers", CONFIG_DNS_RESOLVERS },
		{ "dns.forward", CONFIG_DNS_FORWARD },
		{ "dns.allow_addresses", CONFIG_DNS_ALLOW_ADDRESSES },
		{ "dns.ipv6", CONFIG_DNS_IPV6 },
		{ "dns.query_timeout_ms", CONFIG_DNS_QUERY_TIMEOUT_MS },
		{ "dns.check_timeout_ms", CONFIG_DNS_CHECK_TIMEOUT_MS },
		{ "dns.sandbox", CONFIG_DNS_SANDBOX },
		{ "ses.region", CONFIG_SES_REGION },
	};
	json_t *values = json_object();
	json_t *frame = json_object();

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct str text = config_text(config, texts[i].key);
		if (config_is_set(config, texts[i].key))
			json_object_set_new(values, texts[i].name,
					    json_stringn(text.data, text.len));
	}
	add_share(c->pool, values);
	json_object_set_new(frame, "config", values);
	json_object_set_new(frame, "lang", json_string(lang_name(c->pool->options.lang)));
	json_object_set_new(frame, "lines",
			    json_integer((json_int_t)c->pool->lines_each));
	frame_send((uv_stream_t *)&c->pipe, frame);
	json_decref(frame);
}

static int spawn(struct child *c, int fd)
{
	const struct probe_pool_options *o = &c->pool->options;
	char name[] = "unpend", command[] = "probe", option[] = "--fd", number[] = "3";
	char *args[] = { name, command, option, number, NULL };
	char *environment[] = { NULL };
	uv_stdio_container_t stdio[] = {
		{ .flags = UV_IGNORE },
		{ .flags = UV_IGNORE },
		{ .flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO },
		{ .flags = UV_INHERIT_FD, .data.fd = fd },
	};
	uv_process_options_t options = {
		.exit_cb = on_ended,
		.file = o->program,
		.args = args,
		.env = environment,
		.stdio_count = ARRAY_LEN(stdio),
		.stdio = stdio,
	};

	return uv_spawn(o->loop, &c->process, &options);
}

static bool start_child(struct worker *w, struct err *e)
{
	struct probe_pool *pool = w->pool;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return err_set(e, ERR_UNAVAILABLE, "no socket for a probe process");
	struct child *c = xalloc(1, sizeof(*c));
	c->pool = pool;
	c->worker = w;
	c->started_us = clock_mono_us();
	c->handles = 2;
	c->process.data = c;
	c->pipe.data = c;
	buf_init(&c->in, FRAME_MAX + READ_SIZE + 4);
	uv_pipe_init(pool->options.loop, &c->pipe, 0);
	uv_pipe_open(&c->pipe, ends[0]);
	int error = spawn(c, ends[1]);
	close(ends[1]);
	pool->parts++;
	pool->children++;
	if (error != 0) {
		close_handle(&c->process);
		close_handle(&c->pipe);
		return err_set(e, ERR_UNAVAILABLE, "'%s' cannot be started: %s",
			       pool->options.program, uv_strerror(error));
	}
	w->child = c;
	uv_read_start((uv_stream_t *)&c->pipe, on_room, on_read);
	if (pool->options.on_process)
		pool->options.on_process(pool->options.arg, c->process.pid, true, 0);
	send_config(c);
	return true;
}

/* What the last one held is asked again. */
static void send_held(struct worker *w)
{
	list_each_safe (at, &w->jobs) {
		struct pooled *job = LIST_THING(at, struct pooled, job.hook);
		job->tries++;
		send_job(job);
	}
}

static void on_pause_over(uv_timer_t *timer)
{
	restart(timer->data);
}

static void pause_worker(struct worker *w)
{
	uint64_t pause_ms = PAUSE_FIRST_MS;

	for (unsigned i = 2; i < w->deaths && pause_ms < PAUSE_MOST_MS; i++)
		pause_ms *= 2;
	uv_timer_start(w->pause, on_pause_over, pause_ms, 0);
}

static void restart(struct worker *w)
{
	struct err e = { 0 };

	if (start_child(w, &e)) {
		send_held(w);
	} else {
		w->deaths++;
		pause_worker(w);
	}
}

/* A process that does not answer in time is stuck: what it holds is asked again. */
static void on_watch(uv_timer_t *timer)
{
	struct probe_pool *pool = timer->data;
	int64_t since_us = clock_mono_us() - pool->job_patience_us;

	for (size_t i = 0; i < pool->count; i++) {
		struct worker *w = &pool->workers[i];
		list_each (at, &w->jobs) {
			const struct pooled *job =
				LIST_THING(at, struct pooled, job.hook);
			if (w->child && job->tries > 0 && job->sent_us < since_us)
				give_up(w->child);
		}
		if (pool_lines_are_stuck(w))
			give_up(w->child);
	}
}

/* Before the loop waits: what was started meanwhile goes out together. */
static void on_turn(uv_prepare_t *turn)
{
	struct probe_pool *pool = turn->data;

	for (size_t i = 0; i < pool->count; i++)
		pool_lines_send(&pool->workers[i]);
}

/* The pool */

static uv_prepare_t *new_turn(struct probe_pool *pool)
{
	uv_prepare_t *turn = xalloc(1, sizeof(*turn));

	uv_prepare_init(pool->options.loop, turn);
	turn->data = pool;
	uv_prepare_start(turn, on_turn);
	uv_unref((uv_handle_t *)turn);
	pool->parts++;
	return turn;
}

static uv_timer_t *new_timer(struct probe_pool *pool, void *data)
{
	uv_timer_t *timer = xalloc(1, sizeof(*timer));

	uv_timer_init(pool->options.loop, timer);
	timer->data = data;
	pool->parts++;
	return timer;
}

static void on_part_closed(uv_handle_t *handle)
{
	struct probe_pool *pool = handle->data;

	xfree(handle);
	part_closed(pool);
}

static void close_timer(struct probe_pool *pool, uv_timer_t **timer)
{
	(*timer)->data = pool;
	uv_close((uv_handle_t *)*timer, on_part_closed);
	*timer = NULL;
}

static void init_workers(struct probe_pool *pool)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	pool->count = pool->options.count;
	if (pool->count == 0)
		pool->count = cores > 0 ? (size_t)cores : 1;
	if (pool->count > WORKERS_MAX)
		pool->count = WORKERS_MAX;
	pool->lines_each = LINES_GLANCED_MAX;
	if (pool->options.lines > 0 &&
	    share_of(pool, pool->options.lines) < LINES_GLANCED_MAX)
		pool->lines_each = share_of(pool, pool->options.lines);
	for (size_t i = 0; i < pool->count; i++) {
		pool->workers[i].pool = pool;
		list_init(&pool->workers[i].jobs);
		pool_lines_init(&pool->workers[i].lines, pool->lines_each);
		pool->workers[i].pause = new_timer(pool, &pool->workers[i]);
	}
}

static void on_abandoned(void *arg)
{
	struct probe_pool *pool = arg;

	probe_pool_free(&pool);
}

bool probe_pool_new(const struct probe_pool_options *options, struct probe_pool **out,
		    struct err *e)
{
	struct probe_pool *pool = xalloc(1, sizeof(*pool));

	pool->options = *options;
	pool->job_patience_us =
		config_number(options->config, CONFIG_DNS_CHECK_TIMEOUT_MS) * 1000 +
		JOB_GRACE_US;
	pool->watch = new_timer(pool, pool);
	pool->turn = new_turn(pool);
	buf_init(&pool->frame, LINES_FRAME_MAX + LINE_TEXT_MAX + 64);
	init_workers(pool);
	uv_timer_start(pool->watch, on_watch, WATCH_EVERY_MS, WATCH_EVERY_MS);
	uv_unref((uv_handle_t *)pool->watch);
	for (size_t i = 0; i < pool->count; i++) {
		if (start_child(&pool->workers[i], e))
			continue;
		probe_pool_close(pool, on_abandoned, pool);
		return false;
	}
	*out = pool;
	return true;
}

struct worker *pool_worker_of(struct probe_pool *pool, const struct dns_name *domain)
{
	struct dns_name lower = dns_name_lower(domain);
	uint32_t hash = 2166136261; /* FNV-1a: spreads, and is no secret */

	for (size_t i = 0; i < lower.len; i++)
		hash = (hash ^ lower.wire[i]) * 16777619;
	return &pool->workers[hash % pool->count];
}

/* NULL: no room. */
static struct probe_job *start_job(struct probe_pool *pool, const struct probe_job *what)
{
	struct worker *w = pool_worker_of(pool, &what->domain);

	if (w->job_count >= WORKER_JOBS_MAX || pool->is_closing)
		return NULL;
	struct pooled *job = xalloc(1, sizeof(*job));
	job->job = *what;
	job->worker = w;
	job->number = ++pool->last_number;
	list_init(&job->job.hook);
	list_add(&w->jobs, &job->job.hook);
	w->job_count++;
	if (w->child) {
		job->tries = 1;
		send_job(job);
	}
	return &job->job;
}

struct probe_job *probe_pool_observe_start(struct probe_pool *pool, struct arena *a,
					   const struct expectation *x,
					   probe_done_fn *done, void *arg)
{
	return start_job(pool, &(struct probe_job){ .arena = a,
						    .expectation = x,
						    .domain = x->name,
						    .done = done,
						    .arg = arg });
}

struct probe_job *probe_pool_peek_start(struct probe_pool *pool, struct arena *a,
					const struct dns_name *domain,
					probe_peek_fn *done, void *arg)
{
	return start_job(pool, &(struct probe_job){ .arena = a,
						    .domain = *domain,
						    .peeked = done,
						    .arg = arg });
}

void probe_pool_cancel(struct probe_job **job)
{
	if (!*job)
		return;
	if ((*job)->glanced || (*job)->reported)
		pool_line_cancel(*job);
	else
		release_job(LIST_THING(*job, struct pooled, job));
	*job = NULL;
}

static void on_close_patience_over(uv_timer_t *timer)
{
	struct probe_pool *pool = timer->data;

	for (size_t i = 0; i < pool->count; i++)
		if (pool->workers[i].child)
			give_up(pool->workers[i].child);
}

void probe_pool_close(struct probe_pool *pool, void (*done)(void *arg), void *arg)
{
	pool->is_closing = true;
	pool->closed = done;
	pool->closed_arg = arg;
	for (size_t i = 0; i < pool->count; i++) {
		struct worker *w = &pool->workers[i];
		list_each_safe (at, &w->jobs)
			release_job(LIST_THING(at, struct pooled, job.hook));
		pool_lines_drop(w);
		/* The other end of the socket closed is the sign to end. */
		if (w->child)
			close_handle(&w->child->pipe);
		close_timer(pool, &w->pause);
	}
	uv_close((uv_handle_t *)pool->turn, on_part_closed);
	if (pool->children == 0)
		close_timer(pool, &pool->watch);
	else
		uv_timer_start(pool->watch, on_close_patience_over, CLOSE_PATIENCE_MS, 0);
}

void probe_pool_free(struct probe_pool **pool)
{
	if (!*pool)
		return;
	assert((*pool)->parts == 0);
	buf_done(&(*pool)->frame);
	xfree(*pool);
	*pool = NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One tick does all that waits: it makes connections whose pause is over and gives up
 * jobs whose time is.
 */
#include "probe/remote.h"

#include <assert.h>
#include <jansson.h>

#include "probe/endpoint.h"
#include "probe/job.h"
#include "probe/link.h"

enum {
	TICK_MS = 100,
	FRAME_IN_MAX = 2 << 20,
	UNSENT_MAX = 4 << 20,
	JOBS_MAX = 512,    /* that wait for one of them */
	LISTEN_SHARE = 48, /* of its room that we use: less than it gives a client */
	PAUSE_FIRST_MS = 200,
	PAUSE_MOST_MS = 30000,
	PATIENCE_UNREACHABLE_US = 2000000,
	SOUND_US = 10000000, /* a connection that lasted was a good one */
};

struct remote {
	struct probe_remotes *all;
	struct str name;
	struct endpoint at;
	struct str wanted[2]; /* names that its certificate may have: host, name */
	struct link *link;
	uv_getaddrinfo_t lookup;
	bool is_looking_up;
	bool is_up;
	int64_t up_since_us;
	int64_t down_since_us;
	int64_t connect_at_us;
	unsigned failures; /* in a row */
	struct list jobs;
	size_t job_count;
	size_t sent_count;
	struct err why; /* the last failure */
};

struct probe_remotes {
	struct probe_remotes_options options;
	struct crypto_tls_context *tls;
	struct remote remotes[REMOTES_MAX];
	size_t count;
	int64_t patience_us;
	int64_t last_number;
	uv_timer_t *tick;
	size_t parts; /* links, lookups and the timer, not yet gone */
	bool is_closing;
	void (*closed)(void *arg);
	void *closed_arg;
};

struct probe_remote_job {
	struct probe_job job; /* its done is not called: finished is */
	struct remote *remote;
	int64_t number;
	int64_t started_us;
	int64_t started_at_s;
	bool is_sent;
	const struct observation *seen;
	probe_remote_fn *finished;
	void *arg;
};

static void part_gone(struct probe_remotes *all)
{
	all->parts--;
	if (!all->is_closing || all->parts > 0 || !all->closed)
		return;
	void (*closed)(void *arg) = all->closed;
	all->closed = NULL;
	closed(all->closed_arg);
}

/* Jobs */

static void job_release(struct probe_remote_job *j)
{
	list_remove(&j->job.hook);
	j->remote->job_count--;
	j->remote->sent_count -= j->is_sent;
	xfree(j);
}

static void job_end(struct probe_remote_job *j, const struct observation *o,
		    const char *why)
{
	probe_remote_fn *finished = j->finished;
	void *arg = j->arg;

	job_release(j);
	finished(arg, o, str_from(why));
}

static void job_send(struct probe_remote_job *j)
{
	json_t *frame = json_object();

	job_write(&j->job, j->number, frame);
	j->is_sent = true;
	j->remote->sent_count++;
	link_send(j->remote->link, frame);
	json_decref(frame);
}

/* As many as it takes. */
static void jobs_send(struct remote *r)
{
	list_each_safe (at, &r->jobs) {
		struct probe_remote_job *j =
			LIST_THING(at, struct probe_remote_job, job.hook);
		if (r->is_up && !j->is_sent && r->sent_count < LISTEN_SHARE)
			job_send(j);
	}
}

static struct probe_remote_job *job_find(struct remote *r, json_int_t number)
{
	list_each (at, &r->jobs) {
		struct probe_remote_job *j =
			LIST_THING(at, struct probe_remote_job, job.hook);
		if (j->number == number && j->is_sent)
			return j;
	}
	return NULL;
}

/* Its clock is not ours, and what is judged shall not depend on it. */
static void keep(void *arg, const struct observation *o)
{
	struct probe_remote_job *j = arg;
	struct observation *copy = arena_try(j->job.arena, sizeof(*copy));

	if (!copy)
		return;
	*copy = *o;
	copy->at_s = j->started_at_s;
	j->seen = copy;
}

static void take_answer(struct probe_remote_job *j, const json_t *frame)
{
	const char *refused = json_string_value(json_object_get(frame, "refused"));
	auto_buf struct buf why;
	struct err e = { 0 };

	buf_init(&why, 1024);
	if (refused) {
		buf_text(&why, "it refuses: ");
		escape_visible(&why, str_from(refused), 80);
	} else if (!job_answer(&j->job, frame, &e)) {
		buf_printf(&why, "its answer cannot be used: %s", e.text);
	}
	job_end(j, j->seen, buf_cstr(&why));
}

/* Connections */

static void pause_begin(struct remote *r)
{
	uint64_t pause_ms = PAUSE_FIRST_MS;

	for (unsigned i = 1; i < r->failures && pause_ms < PAUSE_MOST_MS; i++)
		pause_ms *= 2;
	if (pause_ms > PAUSE_MOST_MS)
		pause_ms = PAUSE_MOST_MS;
	/* Many services that lost one perspective do not all come back at once. */
	pause_ms += crypto_random_below((uint32_t)pause_ms / 2);
	r->connect_at_us = clock_mono_us() + (int64_t)pause_ms * 1000;
}

static void note_failure(struct remote *r, const struct err *e)
{
	const struct probe_remotes_options *o = &r->all->options;
	bool is_news = r->is_up || r->failures == 0;

	if (is_news)
		r->down_since_us = clock_mono_us();
	if (r->is_up && clock_mono_us() - r->up_since_us > SOUND_US)
		r->failures = 0;
	r->failures++;
	r->is_up = false;
	r->why = *e;
	pause_begin(r);
	if (is_news && o->on_remote && !r->all->is_closing)
		o->on_remote(o->arg, r->name, false, str_from(r->why.text));
}

static void on_open(void *arg)
{
	struct remote *r = arg;
	const struct probe_remotes_options *o = &r->all->options;

	r->is_up = true;
	r->up_since_us = clock_mono_us();
	if (o->on_remote)
		o->on_remote(o->arg, r->name, true, STR_EMPTY);
	jobs_send(r);
}

static void on_frame(void *arg, const json_t *frame)
{
	struct remote *r = arg;
	struct probe_remote_job *j =
		job_find(r, json_integer_value(json_object_get(frame, "job")));

	if (j)
		take_answer(j, frame);
	jobs_send(r);
}

/* What it held is asked again, over the next connection. */
static void on_closed(void *arg, const struct err *e)
{
	struct remote *r = arg;

	r->link = NULL;
	r->sent_count = 0;
	list_each (at, &r->jobs) {
		LIST_THING(at, struct probe_remote_job, job.hook)->is_sent = false;
	}
	note_failure(r, e);
	part_gone(r->all);
}

static void connect_to(struct remote *r, const struct sockaddr *address)
{
	r->all->parts++;
	r->link = link_connect(&(struct link_options){ .loop = r->all->options.loop,
						       .tls = r->all->tls,
						       .names = r->wanted,
						       .name_count = ARRAY_LEN(r->wanted),
						       .frame_max = FRAME_IN_MAX,
						       .unsent_max = UNSENT_MAX,
						       .on_open = on_open,
						       .on_frame = on_frame,
						       .on_closed = on_closed,
						       .arg = r },
			       address);
}

static void on_looked_up(uv_getaddrinfo_t *lookup, int status, struct addrinfo *found)
{
	struct remote *r = lookup->data;
	struct sockaddr_storage address = { 0 };
	struct err e = { 0 };

	r->is_looking_up = false;
	if (status == 0 && found && found->ai_addrlen <= sizeof(address) &&
	    !r->all->is_closing) {
		memcpy(&address, found->ai_addr, found->ai_addrlen);
		endpoint_set_port(&address, r->at.port);
		connect_to(r, (struct sockaddr *)&address);
	} else if (!r->all->is_closing) {
		err_set(&e, ERR_UNAVAILABLE, "its name has no address: %s",
			status ? uv_strerror(status) : "");
		note_failure(r, &e);
	}
	uv_freeaddrinfo(found);
	part_gone(r->all);
}

static void connect_begin(struct remote *r)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct sockaddr_storage address;
	struct err e = { 0 };
	auto_buf struct buf host;

	buf_init(&host, ENDPOINT_HOST_MAX + 1);
	if (endpoint_address(&r->at, &address)) {
		connect_to(r, (struct sockaddr *)&address);
		return;
	}
	buf_str(&host, r->at.host);
	r->lookup.data = r;
	int failure = uv_getaddrinfo(r->all->options.loop, &r->lookup, on_looked_up,
				     buf_cstr(&host), NULL, &hints);
	if (failure == 0) {
		r->is_looking_up = true;
		r->all->parts++;
		return;
	}
	err_set(&e, ERR_UNAVAILABLE, "its name cannot be looked up: %s",
		uv_strerror(failure));
	note_failure(r, &e);
}

/* The tick */

/* Of one that cannot be reached less is hoped for, but a moment for the next try. */
static bool is_late(const struct probe_remote_job *j, int64_t now_us)
{
	const struct remote *r = j->remote;
	int64_t since_us = j->started_us;

	if (now_us - since_us >= r->all->patience_us)
		return true;
	if (r->is_up || r->failures == 0)
		return false;
	if (since_us < r->down_since_us)
		since_us = r->down_since_us;
	return now_us - since_us >= PATIENCE_UNREACHABLE_US;
}

static struct probe_remote_job *find_late(struct remote *r, int64_t now_us)
{
	list_each (at, &r->jobs) {
		struct probe_remote_job *j =
			LIST_THING(at, struct probe_remote_job, job.hook);
		if (is_late(j, now_us))
			return j;
	}
	return NULL;
}

static void job_cancel_there(const struct probe_remote_job *j)
{
	struct remote *r = j->remote;

	if (!r->is_up || !j->is_sent)
		return;
	json_t *frame = json_pack("{s:I}", "cancel", (json_int_t)j->number);
	link_send(r->link, frame);
	json_decref(frame);
}

static void on_tick(uv_timer_t *tick)
{
	struct probe_remotes *all = tick->data;
	int64_t now_us = clock_mono_us();

	for (size_t i = 0; i < all->count && !all->is_closing; i++) {
		struct remote *r = &all->remotes[i];
		struct probe_remote_job *late;
		if (!r->link && !r->is_looking_up && now_us >= r->connect_at_us)
			connect_begin(r);
		/* Whoever hears of it may cancel others. */
		while ((late = find_late(r, now_us))) {
			job_cancel_there(late);
			job_end(late, NULL,
				r->is_up ? "it did not answer in time" : r->why.text);
		}
		jobs_send(r);
	}
}

/* All of them */

static bool remote_read(struct remote *r, struct str item, struct err *e)
{
	size_t equals = str_find_byte(item, '=');

	r->name = str_sub(item, 0, equals);
	if (equals == 0 || equals == item.len ||
	    !endpoint_parse(str_sub(item, equals + 1, item.len), &r->at))
		return err_set(e, ERR_USAGE,
			       "perspectives.ask: '%.*s' is not NAME=HOST:PORT",
			       STR_ARG(item));
	r->wanted[0] = r->at.host;
	r->wanted[1] = r->name;
	list_init(&r->jobs);
	return true;
}

/* Twice the same would count twice. */
static bool remote_is_new(const struct probe_remotes *all, size_t at)
{
	const struct remote *r = &all->remotes[at];

	for (size_t i = 0; i < at; i++)
		if (str_equal_nocase(all->remotes[i].name, r->name) ||
		    (str_equal_nocase(all->remotes[i].at.host, r->at.host) &&
		     all->remotes[i].at.port == r->at.port))
			return false;
	return !str_is(r->name, "here");
}

static bool tls_begin(struct probe_remotes *all, struct err *e)
{
	const struct config *config = all->options.config;
	const struct crypto_tls_files files = {
		.certificate = config_cstr(config, CONFIG_PERSPECTIVES_CERTIFICATE),
		.key = config_cstr(config, CONFIG_PERSPECTIVES_KEY),
		.ca = config_cstr(config, CONFIG_PERSPECTIVES_CA),
	};

	if (!*files.certificate || !*files.key || !*files.ca)
		return err_set(e, ERR_USAGE,
			       "'perspectives.ask' is set, but not all of "
			       "'perspectives.ca', 'perspectives.certificate' and "
			       "'perspectives.key'");
	return crypto_tls_context_new(&files, false, &all->tls, e) ||
	       err_in(e, "perspectives");
}

static bool remotes_read(struct probe_remotes *all, struct err *e)
{
	size_t count;
	const struct str *items =
		config_list(all->options.config, CONFIG_PERSPECTIVES_ASK, &count);

	if (count > REMOTES_MAX)
		return err_set(e, ERR_USAGE, "perspectives.ask: more than %d",
			       REMOTES_MAX);
	for (size_t i = 0; i < count; i++) {
		all->remotes[i].all = all;
		if (!remote_read(&all->remotes[i], items[i], e))
			return false;
		if (!remote_is_new(all, i))
			return err_set(e, ERR_USAGE,
				       "perspectives.ask: '%.*s' is there twice",
				       STR_ARG(all->remotes[i].name));
	}
	all->count = count;
	return tls_begin(all, e);
}

bool probe_remotes_new(const struct probe_remotes_options *options,
		       struct probe_remotes **out, struct err *e)
{
	size_t count;

	*out = NULL;
	config_list(options->config, CONFIG_PERSPECTIVES_ASK, &count);
	if (count == 0)
		return true;
	struct probe_remotes *all = xalloc(1, sizeof(*all));
	all->options = *options;
	all->patience_us =
		config_number(options->config, CONFIG_PERSPECTIVES_TIMEOUT_MS) * 1000;
	if (!remotes_read(all, e)) {
		xfree(all);
		return false;
	}
	all->tick = xalloc(1, sizeof(*all->tick));
	all->parts = 1;
	uv_timer_init(options->loop, all->tick);
	all->tick->data = all;
	uv_timer_start(all->tick, on_tick, 0, TICK_MS);
	*out = all;
	return true;
}

size_t probe_remotes_count(const struct probe_remotes *r)
{
	return r ? r->count : 0;
}

struct str probe_remotes_name(const struct probe_remotes *r, size_t index)
{
	assert(index < r->count);
	return r->remotes[index].name;
}

bool probe_remotes_is_up(const struct probe_remotes *r, size_t index)
{
	assert(index < r->count);
	return r->remotes[index].is_up;
}

struct probe_remote_job *probe_remote_start(struct probe_remotes *all, size_t index,
					    struct arena *a, const struct expectation *x,
					    probe_remote_fn *done, void *arg)
{
	struct probe_remote_job *j = xalloc(1, sizeof(*j));
	struct remote *r = &all->remotes[index];

	assert(index < all->count);
	j->job = (struct probe_job){
		.arena = a, .expectation = x, .domain = x->name, .done = keep, .arg = j
	};
	j->remote = r;
	j->number = ++all->last_number;
	j->finished = done;
	j->arg = arg;
	j->started_at_s = clock_now_s();
	/* With no room for it, its time is over already: the tick says so. */
	j->started_us = r->job_count < JOBS_MAX ? clock_mono_us() : 0;
	list_init(&j->job.hook);
	list_add(&r->jobs, &j->job.hook);
	r->job_count++;
	jobs_send(r);
	return j;
}

void probe_remote_cancel(struct probe_remote_job **job)
{
	if (!*job)
		return;
	job_cancel_there(*job);
	job_release(*job);
	*job = NULL;
}

static void on_tick_closed(uv_handle_t *handle)
{
	struct probe_remotes *all = handle->data;

	xfree(handle);
	part_gone(all);
}

void probe_remotes_close(struct probe_remotes *all, void (*done)(void *arg), void *arg)
{
	all->is_closing = true;
	all->closed = done;
	all->closed_arg = arg;
	for (size_t i = 0; i < all->count; i++) {
		struct remote *r = &all->remotes[i];
		assert(list_is_empty(&r->jobs));
		if (r->link)
			link_close(r->link, "ending");
		if (r->is_looking_up)
			uv_cancel((uv_req_t *)&r->lookup);
	}
	uv_close((uv_handle_t *)all->tick, on_tick_closed);
}

void probe_remotes_free(struct probe_remotes **r)
{
	if (!*r)
		return;
	assert((*r)->parts == 0);
	crypto_tls_context_free(&(*r)->tls);
	xfree(*r);
	*r = NULL;
}

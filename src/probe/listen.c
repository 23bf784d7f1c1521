/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The front of a perspective: it holds the key of the certificate, and so reads nothing
 * of the DNS itself; that is done by probe processes as those of serve.
 */
#include "probe/listen.h"

#include <jansson.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "probe/endpoint.h"
#include "probe/job.h"
#include "probe/link.h"
#include "resolver/resolver.h"

enum {
	BACKLOG = 128,
	FRAME_IN_MAX = 256 << 10,
	UNSENT_MAX = 32 << 20,
	JOB_ARENA_MAX = 24 << 20,
};

struct listener {
	const struct probe_listen_options *options;
	uv_loop_t loop;
	uv_tcp_t socket;
	uv_signal_t ends[2];
	uv_timer_t patience;
	struct crypto_tls_context *tls;
	struct probe_pool *pool;
	struct list clients;
	size_t client_count; /* open */
	size_t stranger_count;
	size_t job_count;
	bool is_ending;
};

struct client {
	struct list hook;
	struct listener *listener;
	struct link *link;
	struct list jobs;
	size_t job_count;
	struct buf address;
	bool is_open;
	bool is_gone; /* being closed: nothing more is taken */
};

/* What a client has asked for. */
struct errand {
	struct list hook;
	struct client *client;
	struct arena arena;
	struct job_request request;
	struct probe_job *job;
};

static void tell(const struct client *c, const char *event, const char *why)
{
	const struct probe_listen_options *o = c->listener->options;
	auto_buf struct buf who;

	buf_init(&who, 1024);
	buf_str(&who, buf_view(&c->address));
	struct str peer = link_peer(c->link);
	if (peer.len)
		buf_printf(&who, " %.*s", STR_ARG(peer));
	if (o->on_event)
		o->on_event(o->arg, event, buf_view(&who), str_from(why));
}

/* Errands */

static void errand_end(struct errand *j)
{
	struct client *c = j->client;

	probe_pool_cancel(&j->job);
	list_remove(&j->hook);
	c->job_count--;
	c->listener->job_count--;
	arena_done(&j->arena);
	xfree(j);
}

static void drop(struct client *c, const char *why)
{
	if (c->is_gone)
		return;
	c->is_gone = true;
	link_close(c->link, why);
}

/* Nobody waits for anything any more. */
static void end_if_idle(struct listener *s)
{
	if (!s->is_ending || s->job_count > 0)
		return;
	list_each_safe (at, &s->clients) {
		drop(LIST_THING(at, struct client, hook), "ending");
	}
}

/* seen is a new reference. */
static void answer(struct errand *j, const char *what, json_t *seen)
{
	struct client *c = j->client;
	json_t *frame = json_object();

	json_object_set_new(frame, "job", json_integer(j->request.number));
	json_object_set_new(frame, what, seen);
	j->job = NULL;
	errand_end(j);
	link_send(c->link, frame);
	json_decref(frame);
	end_if_idle(c->listener);
}

static void on_observed(void *arg, const struct observation *o)
{
	answer(arg, "observation", observation_to_json(o));
}

static void on_peeked(void *arg, const struct zone_seen *z)
{
	answer(arg, "zone", zone_seen_to_json(z));
}

static void refuse(struct client *c, int64_t number, const char *why)
{
	json_t *frame = json_pack("{s:I,s:s}", "job", (json_int_t)number, "refused", why);

	link_send(c->link, frame);
	json_decref(frame);
}

static struct errand *errand_find(struct client *c, int64_t number)
{
	list_each (at, &c->jobs) {
		struct errand *j = LIST_THING(at, struct errand, hook);
		if (j->request.number == number)
			return j;
	}
	return NULL;
}

/* False: the probes have no room. */
static bool errand_start(struct errand *j)
{
	struct probe_pool *pool = j->client->listener->pool;
	struct job_request *r = &j->request;

	j->job = r->is_peek ? probe_pool_peek_start(pool, &j->arena, &r->domain,
						    on_peeked, j)
			    : probe_pool_observe_start(pool, &j->arena, &r->expectation,
						       on_observed, j);
	return j->job != NULL;
}

static bool has_room(const struct client *c)
{
	return c->job_count < LISTEN_CLIENT_JOBS_MAX &&
	       c->listener->job_count < LISTEN_JOBS_MAX && !c->listener->is_ending;
}

static struct errand *errand_new(struct client *c)
{
	struct errand *j = xalloc(1, sizeof(*j));

	j->client = c;
	arena_init(&j->arena, JOB_ARENA_MAX);
	list_init(&j->hook);
	list_add(&c->jobs, &j->hook);
	c->job_count++;
	c->listener->job_count++;
	return j;
}

/* Clients */

static void cancel(struct client *c, int64_t number)
{
	struct errand *j = errand_find(c, number);

	if (j)
		errand_end(j);
	end_if_idle(c->listener);
}

static void on_frame(void *arg, const json_t *frame)
{
	struct client *c = arg;
	struct err e = { 0 };

	if (c->is_gone)
		return;
	bool is_room = has_room(c);
	struct errand *j = errand_new(c);
	bool is_job = job_read(&j->arena, frame, &j->request, &e);
	int64_t number = j->request.number;
	bool is_cancel = j->request.is_cancel;
	/* Itself, or one that was there already. */
	is_job = is_job && (is_cancel || errand_find(c, number) == j);
	if (is_job && !is_cancel && is_room && errand_start(j))
		return;
	errand_end(j);
	if (!is_job)
		drop(c, "it sends what is no job");
	else if (is_cancel)
		cancel(c, number);
	else
		refuse(c, number, "too much is under way");
}

static void on_open(void *arg)
{
	struct client *c = arg;
	struct listener *s = c->listener;
	struct str name = s->options->name;

	s->stranger_count--;
	s->client_count++;
	c->is_open = true;
	tell(c, "client connected", "");
	if (s->client_count > LISTEN_CLIENTS_MAX || s->is_ending) {
		drop(c, "there are too many clients");
		return;
	}
	json_t *frame = json_object();
	json_object_set_new(frame, "perspective", json_stringn(name.data, name.len));
	link_send(c->link, frame);
	json_decref(frame);
}

static void listener_check_end(struct listener *s);

static void on_closed(void *arg, const struct err *e)
{
	struct client *c = arg;
	struct listener *s = c->listener;

	tell(c, c->is_open ? "client gone" : "client refused", e->text);
	list_each_safe (at, &c->jobs) {
		errand_end(LIST_THING(at, struct errand, hook));
	}
	if (c->is_open)
		s->client_count--;
	else
		s->stranger_count--;
	list_remove(&c->hook);
	buf_done(&c->address);
	xfree(c);
	listener_check_end(s);
}

/* Who knocks and never comes in shall not keep others out. */
static void drop_oldest_stranger(struct listener *s)
{
	list_each (at, &s->clients) {
		struct client *c = LIST_THING(at, struct client, hook);
		if (!c->is_open && !c->is_gone) {
			drop(c, "there are too many who never come in");
			return;
		}
	}
}

static void on_connection(uv_stream_t *listening, int status)
{
	struct listener *s = listening->data;

	if (status < 0 || s->is_ending)
		return;
	if (s->stranger_count >= LISTEN_STRANGERS_MAX)
		drop_oldest_stranger(s);
	struct client *c = xalloc(1, sizeof(*c));
	c->listener = s;
	list_init(&c->jobs);
	list_init(&c->hook);
	list_add(&s->clients, &c->hook);
	s->stranger_count++;
	c->link =
		link_accept(&(struct link_options){ .loop = &s->loop,
						    .tls = s->tls,
						    .names = s->options->allow,
						    .name_count = s->options->allow_count,
						    .frame_max = FRAME_IN_MAX,
						    .unsent_max = UNSENT_MAX,
						    .on_open = on_open,
						    .on_frame = on_frame,
						    .on_closed = on_closed,
						    .arg = c },
			    listening);
	buf_init(&c->address, 64);
	link_write_address(c->link, &c->address);
}

/* Beginning and end */

static void on_pool_closed(void *arg)
{
	struct listener *s = arg;

	probe_pool_free(&s->pool);
}

/* The last client is gone: so may the processes. */
static void listener_check_end(struct listener *s)
{
	if (s->is_ending && list_is_empty(&s->clients) &&
	    !uv_is_closing((uv_handle_t *)&s->patience)) {
		uv_close((uv_handle_t *)&s->patience, NULL);
		probe_pool_close(s->pool, on_pool_closed, s);
	}
}

static void on_patience_over(uv_timer_t *timer)
{
	struct listener *s = timer->data;

	list_each_safe (at, &s->clients) {
		drop(LIST_THING(at, struct client, hook), "ending");
	}
}

static void on_signal(uv_signal_t *signal, unused_arg int number)
{
	struct listener *s = signal->data;
	int64_t patience_ms =
		config_number(s->options->config, CONFIG_DNS_CHECK_TIMEOUT_MS) + 1000;

	if (s->is_ending)
		return;
	s->is_ending = true;
	uv_close((uv_handle_t *)&s->socket, NULL);
	for (size_t i = 0; i < ARRAY_LEN(s->ends); i++)
		uv_close((uv_handle_t *)&s->ends[i], NULL);
	uv_timer_start(&s->patience, on_patience_over, (uint64_t)patience_ms, 0);
	end_if_idle(s);
	listener_check_end(s);
}

static bool socket_open(struct listener *s, struct err *e)
{
	const struct probe_listen_options *o = s->options;
	struct sockaddr_storage address;
	struct endpoint at;
	int failure;

	if (o->fd >= 0) {
		failure = uv_tcp_open(&s->socket, o->fd);
	} else {
		if (!endpoint_parse(o->address, &at) || !endpoint_address(&at, &address))
			return err_set(e, ERR_USAGE, "not an address to listen on '%.*s'",
				       STR_ARG(o->address));
		failure = uv_tcp_bind(&s->socket, (struct sockaddr *)&address, 0);
	}
	if (failure == 0)
		failure = uv_listen((uv_stream_t *)&s->socket, BACKLOG, on_connection);
	return failure == 0 || err_set(e, ERR_UNAVAILABLE, "cannot listen on '%.*s': %s",
				       STR_ARG(o->address), uv_strerror(failure));
}

/* A probe process that ended is no client's doing that the client hears of. */
static void on_process(void *arg, unused_arg int pid, bool started, int exit_status)
{
	const struct listener *s = arg;
	const char *why = exit_status == 128 + SIGSYS
				  ? "it did what its sandbox forbids and was killed"
				  : "it died";

	if (!started && !s->is_ending && s->options->on_event)
		s->options->on_event(s->options->arg, "probe ended", STR_EMPTY,
				     str_from(why));
}

static bool listener_start(struct listener *s, struct err *e)
{
	static const int signals[] = { SIGTERM, SIGINT };
	const struct probe_pool_options pool = {
		.loop = &s->loop,
		.config = s->options->config,
		.program = s->options->program,
		.count = s->options->processes,
		.on_process = on_process,
		.arg = s,
	};

	if (!crypto_tls_context_new(&s->options->files, true, &s->tls, e) ||
	    !socket_open(s, e) || !probe_pool_new(&pool, &s->pool, e))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		uv_signal_start(&s->ends[i], on_signal, signals[i]);
	return true;
}

/* The key is in this memory. */
static void guard_secrets(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	signal(SIGPIPE, SIG_IGN);
}

static void close_handle(uv_handle_t *handle, unused_arg void *arg)
{
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

bool probe_listen(const struct probe_listen_options *options, struct err *e)
{
	struct listener s = { .options = options };

	guard_secrets();
	list_init(&s.clients);
	if (!resolver_loop_open(&s.loop, e))
		return false;
	uv_tcp_init(&s.loop, &s.socket);
	uv_timer_init(&s.loop, &s.patience);
	s.socket.data = &s;
	s.patience.data = &s;
	for (size_t i = 0; i < ARRAY_LEN(s.ends); i++) {
		uv_signal_init(&s.loop, &s.ends[i]);
		s.ends[i].data = &s;
	}
	bool started = listener_start(&s, e);
	if (started && options->on_event)
		options->on_event(options->arg, "listening", options->address, STR_EMPTY);
	if (!started)
		uv_walk(&s.loop, close_handle, NULL);
	uv_run(&s.loop, UV_RUN_DEFAULT);
	uv_loop_close(&s.loop);
	crypto_tls_context_free(&s.tls);
	return started;
}

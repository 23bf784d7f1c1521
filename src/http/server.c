/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The server: libmicrohttpd with a pool of threads of its own. The order of its calls:
 *
 *   on_connection   started; closed at the end
 *   exchange_new    a request line is there
 *   on_request      headers are there; then pieces of the body; then nothing more to come
 *   exchange_end    the response was sent, or the connection broke
 *
 * A request is gathered whole into an arena, then the handler runs on the connection's
 * thread and may block.
 */
#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "http/http.h"
#include "http/libmicrohttpd_functions.h"
#include "http/listen.h"
#include "http/reaper.h"
#include "http/stream.h"

enum {
	HEADERS_MAX = 100,
	BODY_USUAL_MAX = 14 * 1024 * 1024, /* where nobody says */
	BODIES_MAX = 256 * 1024 * 1024,    /* on their way, all together */
	REQUEST_MEMORY_MAX = 128 * 1024 * 1024,
	RESPONSE_MAX = 16 * 1024 * 1024,
	HEADER_VALUE_MAX = 64 * 1024,
	CONNECTIONS_MAX = 1000,
	CONNECTIONS_PER_ADDRESS_MAX = 500,
	CONNECTION_MEMORY = 64 * 1024, /* libmicrohttpd's: request line and headers */
	IDLE_TIMEOUT_S = 20,
	HEAD_TIMEOUT_S = 10,
	BODY_TIMEOUT_S = 60,
	RESPONSE_TIMEOUT_S = 60,
	STOP_TIMEOUT_MS = 5000,
};

struct http_server {
	struct MHD_Daemon *daemon;
	struct reaper *reaper;
	struct streams *streams;
	http_handler_fn *handler;
	http_body_max_fn *body_max;
	void *arg;
	struct buf address;
	atomic_size_t bodies;    /* bytes of all bodies on their way */
	atomic_size_t under_way; /* requests between on_request and exchange_end */
	atomic_bool stopping;
	int quiet_fd; /* written when the last one ended while stopping */
};

/* One request while it arrives. */
struct exchange {
	struct http_server *server;
	struct watched *watched;
	struct arena arena;
	struct http_request request;
	struct buf body;
	size_t counted;             /* of server->bodies */
	struct http_stream *stream; /* of the answer, or NULL */
};

/* --- arriving --- */

static struct watched *watched_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info->socket_context;
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct http_server *s = cls;
	const union MHD_ConnectionInfo *info;
	switch (code) {
	case MHD_CONNECTION_NOTIFY_STARTED:
		info = MHD_get_connection_info(connection,
					       MHD_CONNECTION_INFO_CONNECTION_FD);
		*context = reaper_add(s->reaper, info->connect_fd);
		reaper_set(s->reaper, *context, HEAD_TIMEOUT_S);
		return;
	case MHD_CONNECTION_NOTIFY_CLOSED:
		reaper_remove(s->reaper, *context);
		return;
	}
}

/* RFC 9112 section 3.2.2: a target may be a whole URL; then its path is what counts. */
static struct str target_path(struct str target)
{
	if (!str_starts(target, STR("http://")))
		return target;
	struct str behind = str_sub(target, 7, target.len);
	return str_sub(behind, str_find_byte(behind, '/'), behind.len);
}

/* libmicrohttpd calls this with the raw request target before it is decoded. */
static void *exchange_new(void *cls, const char *target,
			  struct MHD_Connection *connection)
{
	struct http_server *s = cls;
	struct exchange *x = xalloc(1, sizeof(*x));
	arena_init(&x->arena, REQUEST_MEMORY_MAX);
	buf_init(&x->body, 0);
	x->server = s;
	x->watched = watched_of(connection);
	reaper_set(s->reaper, x->watched, HEAD_TIMEOUT_S);
	struct str whole = target_path(arena_str(&x->arena, str_from(target)));
	size_t mark = str_find_byte(whole, '?');
	x->request.path = str_sub(whole, 0, mark);
	x->request.query = str_sub(whole, mark + 1, whole.len);
	x->request.arena = &x->arena;
	x->request.exchange = x;
	return x;
}

static enum MHD_Result header_take(void *cls, enum MHD_ValueKind kind unused_arg,
				   const char *key, const char *value)
{
	struct exchange *x = cls;
	struct http_request *r = &x->request;
	if (r->header_count == HEADERS_MAX) {
		r->trouble = 431;
		return MHD_NO;
	}
	/* RFC 9110 section 5.5: blanks around a value are not part of it. */
	r->headers[r->header_count++] =
		(struct http_header){ arena_str(&x->arena, str_from(key)),
				      arena_str(&x->arena, str_trim(str_from(value))) };
	return MHD_YES;
}

/* RFC 9112 section 6.1: a request that says its length in two ways smuggles another one
 * past somebody. */
static void length_check(struct http_request *r, size_t max)
{
	struct str length = http_header_find(r, "content-length");
	size_t lengths = 0;
	uint64_t n = 0;
	for (size_t i = 0; i < r->header_count; i++)
		lengths += str_equal_nocase(r->headers[i].name, STR("content-length"));
	if (lengths > 1 || (length.data && http_header_find(r, "transfer-encoding").data))
		r->trouble = 400;
	else if (length.data && !str_number(length, UINT64_MAX, &n))
		r->trouble = 400;
	else if (n > max)
		r->trouble = 413;
}

/* The headers are there. */
static void exchange_begin(struct exchange *x, struct MHD_Connection *connection,
			   const char *method)
{
	struct http_server *s = x->server;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	auto_buf struct buf client;
	buf_init(&client, 256);
	listen_write_host(&client, info ? info->client_addr : NULL);
	x->request.client = arena_str(&x->arena, buf_view(&client));
	x->request.method = arena_str(&x->arena, str_from(method));
	x->request.headers =
		arena_array(&x->arena, HEADERS_MAX, sizeof(struct http_header));
	atomic_fetch_add(&s->under_way, 1);
	MHD_get_connection_values(connection, MHD_HEADER_KIND, header_take, x);
	size_t max = s->body_max ? s->body_max(s->arg, &x->request) : BODY_USUAL_MAX;
	buf_init(&x->body, max);
	if (!x->request.trouble)
		length_check(&x->request, max);
	reaper_set(s->reaper, x->watched, BODY_TIMEOUT_S);
}

static void body_add(struct exchange *x, const char *data, size_t len)
{
	if (x->request.trouble)
		return;
	x->counted += len;
	if (atomic_fetch_add(&x->server->bodies, len) + len > BODIES_MAX)
		x->request.trouble = 503;
	buf_add(&x->body, data, len);
	if (x->body.failed)
		x->request.trouble = 413;
}

static void exchange_end(void *cls unused_arg,
			 struct MHD_Connection *connection unused_arg, void **state,
			 enum MHD_RequestTerminationCode code unused_arg)
{
	struct exchange *x = *state;
	if (!x)
		return;
	struct http_server *s = x->server;
	*state = NULL;
	atomic_fetch_sub(&s->bodies, x->counted);
	bool was_last = x->request.headers && atomic_fetch_sub(&s->under_way, 1) == 1;
	if (was_last && atomic_load(&s->stopping))
		eventfd_write(s->quiet_fd, 1);
	if (x->stream)
		stream_cut(x->stream);
	reaper_set(s->reaper, x->watched, IDLE_TIMEOUT_S + HEAD_TIMEOUT_S);
	buf_done(&x->body);
	arena_done(&x->arena);
	xfree(x);
}

/* --- answering --- */

static struct MHD_Response *response_make(const struct http_response *response)
{
	bool fixed = response->fixed_body.len > 0;
	struct str body = fixed ? response->fixed_body : buf_view(&response->body);
	/* MHD's parameter lacks a const; it does not write. */
	union {
		const char *in;
		void *out;
	} bytes = { .in = body.data };
	return MHD_create_response_from_buffer(body.len, bytes.out,
					       fixed ? MHD_RESPMEM_PERSISTENT
						     : MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result respond(const struct exchange *x,
			       struct MHD_Connection *connection,
			       const struct http_response *response)
{
	struct MHD_Response *r = response->stream
					 ? stream_response(response->stream, connection)
					 : response_make(response);
	if (!r)
		return MHD_NO;
	for (size_t i = 0; i < response->header_count; i++) {
		auto_buf struct buf value;
		buf_init(&value, HEADER_VALUE_MAX);
		buf_str(&value, response->headers[i].value);
		MHD_add_response_header(r, response->headers[i].name.data,
					buf_cstr(&value));
	}
	if (x->request.trouble || atomic_load(&x->server->stopping))
		MHD_add_response_header(r, "Connection", "close");
	enum MHD_Result result = MHD_queue_response(connection, response->status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result answer(struct exchange *x, struct MHD_Connection *connection)
{
	struct http_server *s = x->server;
	struct http_response response = { .status = 500 };
	buf_init(&response.body, RESPONSE_MAX);
	if (!x->request.trouble)
		x->request.body = buf_view(&x->body);
	reaper_set(s->reaper, x->watched, 0);
	s->handler(s->arg, &x->request, &response);
	reaper_set(s->reaper, x->watched, response.stream ? 0 : RESPONSE_TIMEOUT_S);
	x->stream = response.stream;
	enum MHD_Result result = respond(x, connection, &response);
	buf_done(&response.body);
	return result;
}

struct http_stream *http_stream_open(const struct http_request *r,
				     struct http_response *response)
{
	struct exchange *x = r->exchange;

	/* The answer to HEAD has no body. */
	if (x && !str_is(r->method, "HEAD"))
		response->stream =
			stream_new(x->server->streams, x->server->reaper, x->watched);
	return response->stream;
}

/* lint: parameters - the type is libmicrohttpd's */
static enum MHD_Result on_request(void *cls unused_arg, struct MHD_Connection *connection,
				  const char *url unused_arg, const char *method,
				  const char *version unused_arg, const char *data,
				  size_t *data_len, void **state)
{
	struct exchange *x = *state;
	if (!x->request.headers) {
		exchange_begin(x, connection, method);
		/* Only now, or when all of the body is there, may be answered. */
		return x->request.trouble ? answer(x, connection) : MHD_YES;
	}
	if (*data_len > 0) {
		body_add(x, data, *data_len);
		*data_len = 0;
		return MHD_YES;
	}
	return answer(x, connection);
}

/* --- starting and stopping --- */

static struct MHD_Daemon *daemon_start(struct http_server *s, int fd, unsigned threads)
{
	return MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
		on_request, s, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE,
		threads > 1 ? threads : 0, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)IDLE_TIMEOUT_S, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS_PER_ADDRESS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONNECTION_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
		MHD_OPTION_URI_LOG_CALLBACK, exchange_new, s, MHD_OPTION_NOTIFY_COMPLETED,
		exchange_end, NULL, MHD_OPTION_END);
}

static void server_free(struct http_server *s)
{
	streams_free(&s->streams);
	reaper_free(&s->reaper);
	close(s->quiet_fd);
	buf_done(&s->address);
	xfree(s);
}

bool http_server_start(const struct http_server_options *options,
		       struct http_server **out, struct err *e)
{
	int fd = options->listen_fd;
	if (fd < 0 && !listen_open(options->listen, &fd, e))
		return false;
	struct http_server *s = xalloc(1, sizeof(*s));
	s->handler = options->handler;
	s->body_max = options->body_max;
	s->arg = options->arg;
	s->quiet_fd = eventfd(0, EFD_CLOEXEC);
	s->reaper = reaper_new();
	s->streams = streams_new();
	buf_init(&s->address, 256);
	listen_write_address(&s->address, fd);
	s->daemon = daemon_start(s, fd, options->threads);
	if (s->daemon) {
		*out = s;
		return true;
	}
	close(fd);
	err_set(e, ERR_UNAVAILABLE, "the HTTP server did not start on '%s'",
		buf_cstr(&s->address));
	server_free(s);
	return false;
}

struct str http_server_address(const struct http_server *s)
{
	return buf_view(&s->address);
}

void http_server_stop(struct http_server **server)
{
	struct http_server *s = *server;
	if (!s)
		return;
	*server = NULL;
	int fd = MHD_quiesce_daemon(s->daemon);
	atomic_store(&s->stopping, true);
	streams_stop(s->streams);
	struct pollfd quiet = { .fd = s->quiet_fd, .events = POLLIN };
	if (atomic_load(&s->under_way) > 0)
		poll(&quiet, 1, STOP_TIMEOUT_MS);
	MHD_stop_daemon(s->daemon);
	if (fd >= 0)
		close(fd);
	server_free(s);
}

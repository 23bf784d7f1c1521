/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The server: libmicrohttpd with a pool of threads of its own. A request is gathered whole into an
 * arena, then the handler runs on the connection's thread and may block.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/http.h"

enum {
	HEADERS_MAX = 100,
	BODY_MAX = 10 * 1024 * 1024 +
		   64 * 1024, /* SES: 10 MiB of message, in base64 below */
	REQUEST_MEMORY_MAX = 4 * BODY_MAX,
	RESPONSE_MAX = 16 * 1024 * 1024,
	IDLE_TIMEOUT_S = 20,
	CONNECTIONS_MAX = 1000,
	CONNECTIONS_PER_ADDRESS_MAX = 500,
	CONNECTION_MEMORY = 64 * 1024, /* libmicrohttpd's own: request line and headers */
};

struct http_server {
	struct MHD_Daemon *daemon;
	http_handler_fn *handler;
	void *arg;
	struct buf address;
};

/* One request while it arrives. */
struct exchange {
	struct arena arena;
	struct http_request request;
	struct buf body;
};

static enum MHD_Result header_take(void *cls, enum MHD_ValueKind kind unused_arg,
				   const char *key, const char *value)
{
	struct exchange *x = cls;
	struct http_request *r = &x->request;
	if (r->header_count == HEADERS_MAX)
		return MHD_NO;
	r->headers[r->header_count++] =
		(struct http_header){ arena_str(&x->arena, str_from(key)),
				      arena_str(&x->arena, str_from(value)) };
	return MHD_YES;
}

static void client_write(struct buf *out, const struct sockaddr *from)
{
	char text[INET6_ADDRSTRLEN] = "";
	if (from && from->sa_family == AF_INET)
		inet_ntop(AF_INET,
			  &((const struct sockaddr_in *)(const void *)from)->sin_addr,
			  text, sizeof(text));
	else if (from && from->sa_family == AF_INET6)
		inet_ntop(AF_INET6,
			  &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr,
			  text, sizeof(text));
	buf_text(out, text);
}

/* libmicrohttpd calls this with the raw request target before it is decoded. */
static void *exchange_new(void *cls unused_arg, const char *target,
			  struct MHD_Connection *connection unused_arg)
{
	struct exchange *x = xalloc(1, sizeof(*x));
	arena_init(&x->arena, REQUEST_MEMORY_MAX);
	buf_init(&x->body, BODY_MAX);
	struct str whole = arena_str(&x->arena, str_from(target));
	size_t mark = str_find_byte(whole, '?');
	x->request.path = str_sub(whole, 0, mark);
	x->request.query = str_sub(whole, mark + 1, whole.len);
	x->request.arena = &x->arena;
	return x;
}

static void exchange_end(void *cls unused_arg,
			 struct MHD_Connection *connection unused_arg, void **state,
			 enum MHD_RequestTerminationCode code unused_arg)
{
	struct exchange *x = *state;
	if (!x)
		return;
	*state = NULL;
	buf_done(&x->body);
	arena_done(&x->arena);
	xfree(x);
}

static void exchange_head(struct exchange *x, struct MHD_Connection *connection,
			  const char *method)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	auto_buf struct buf client;
	buf_init(&client, 256);
	client_write(&client, info ? info->client_addr : NULL);
	x->request.client = arena_str(&x->arena, buf_view(&client));
	x->request.method = arena_str(&x->arena, str_from(method));
	x->request.headers =
		arena_array(&x->arena, HEADERS_MAX, sizeof(struct http_header));
	MHD_get_connection_values(connection, MHD_HEADER_KIND, header_take, x);
}

static enum MHD_Result respond(struct MHD_Connection *connection,
			       const struct http_response *response)
{
	bool fixed = response->fixed_body.len > 0;
	struct str body = fixed ? response->fixed_body : buf_view(&response->body);
	/* MHD's parameter lacks a const; it does not write. */
	union {
		const char *in;
		void *out;
	} bytes = { .in = body.data };
	struct MHD_Response *r = MHD_create_response_from_buffer(
		body.len, bytes.out,
		fixed ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_COPY);
	if (!r)
		return MHD_NO;
	for (size_t i = 0; i < response->header_count; i++) {
		auto_buf struct buf value;
		buf_init(&value, 64 * 1024);
		buf_str(&value, response->headers[i].value);
		MHD_add_response_header(r, response->headers[i].name.data,
					buf_cstr(&value));
	}
	enum MHD_Result result = MHD_queue_response(connection, response->status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result refuse_large(struct MHD_Connection *connection)
{
	struct http_response response = { .status = 413 };
	buf_init(&response.body, 1024);
	buf_text(&response.body, "{\"message\":\"the request is too large\"}");
	http_response_header(&response, "Content-Type", STR("application/json"));
	http_response_header(&response, "Connection", STR("close"));
	enum MHD_Result result = respond(connection, &response);
	buf_done(&response.body);
	return result;
}

static enum MHD_Result answer(struct http_server *s, struct exchange *x,
			      struct MHD_Connection *connection)
{
	struct http_response response = { .status = 500 };
	buf_init(&response.body, RESPONSE_MAX);
	x->request.body = buf_view(&x->body);
	s->handler(s->arg, &x->request, &response);
	enum MHD_Result result = respond(connection, &response);
	buf_done(&response.body);
	return result;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection,
				  const char *url unused_arg, const char *method,
				  const char *version unused_arg, const char *data,
				  size_t *data_len, void **state)
{
	struct http_server *s = cls;
	struct exchange *x = *state;
	if (!x)
		return MHD_NO;
	if (!x->request.headers) {
		exchange_head(x, connection, method);
		return MHD_YES;
	}
	if (*data_len > 0) {
		buf_add(&x->body, data, *data_len);
		*data_len = 0;
		return MHD_YES;
	}
	if (x->body.failed)
		return refuse_large(connection);
	return answer(s, x, connection);
}

/* "127.0.0.1:8025" or "[::1]:8025" to a listening socket. */
static bool listen_open(struct str listen_at, int *fd_out, struct err *e)
{
	size_t colon = listen_at.len;
	while (colon > 0 && listen_at.data[colon - 1] != ':')
		colon--;
	if (colon == 0)
		return err_set(e, ERR_USAGE, "no port in the address to listen on '%.*s'",
			       STR_ARG(listen_at));
	struct str host = str_sub(listen_at, 0, colon - 1);
	if (str_starts(host, STR("[")) && str_ends(host, STR("]")))
		host = str_sub(host, 1, host.len - 2);
	auto_arena struct arena a;
	arena_init(&a, 4096);
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags =
					  AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found = NULL;
	int code = getaddrinfo(host.len ? arena_text(&a, host) : NULL,
			       arena_text(&a, str_sub(listen_at, colon, listen_at.len)),
			       &hints, &found);
	if (code != 0)
		return err_set(e, ERR_USAGE, "not an address to listen on '%.*s': %s",
			       STR_ARG(listen_at), gai_strerror(code));
	int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;
	bool ok = fd >= 0 &&
		  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
		  bind(fd, found->ai_addr, found->ai_addrlen) == 0 &&
		  listen(fd, 1024) == 0;
	int failure = errno;
	freeaddrinfo(found);
	if (ok) {
		*fd_out = fd;
		return true;
	}
	if (fd >= 0)
		close(fd);
	return err_set(e, ERR_UNAVAILABLE, "cannot listen on '%.*s': %s",
		       STR_ARG(listen_at), strerror(failure));
}

static void address_remember(struct buf *out, int fd)
{
	struct sockaddr_storage at = { 0 };
	socklen_t len = sizeof(at);
	if (getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		return;
	bool v6 = at.ss_family == AF_INET6;
	in_port_t port = v6 ? ((struct sockaddr_in6 *)&at)->sin6_port
			    : ((struct sockaddr_in *)&at)->sin_port;
	buf_text(out, v6 ? "[" : "");
	client_write(out, (const struct sockaddr *)&at);
	buf_printf(out, "%s:%u", v6 ? "]" : "", ntohs(port));
}

bool http_server_start(const struct http_server_options *options,
		       struct http_server **out, struct err *e)
{
	int fd = options->listen_fd;
	if (fd < 0 && !listen_open(options->listen, &fd, e))
		return false;
	struct http_server *s = xalloc(1, sizeof(*s));
	s->handler = options->handler;
	s->arg = options->arg;
	buf_init(&s->address, 256);
	address_remember(&s->address, fd);
	s->daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, on_request, s,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE,
		options->threads > 1 ? options->threads : 0,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_S,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)CONNECTIONS_PER_ADDRESS_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_URI_LOG_CALLBACK, exchange_new, NULL,
		MHD_OPTION_NOTIFY_COMPLETED, exchange_end, NULL, MHD_OPTION_END);
	if (s->daemon) {
		*out = s;
		return true;
	}
	close(fd);
	err_set(e, ERR_UNAVAILABLE, "the HTTP server did not start on '%s'",
		buf_cstr(&s->address));
	buf_done(&s->address);
	xfree(s);
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
	/* Closes the listening socket; waits for the handlers under way. */
	MHD_stop_daemon(s->daemon);
	buf_done(&s->address);
	xfree(s);
}

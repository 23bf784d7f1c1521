/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reaches a handler, what never does, and what goes back. */
#include "fixture.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BODY_MAX = 1000,
	BIG = 300 * 1024,
};

struct bench {
	struct http_server *server;
	struct arena arena;
	int entered_fd; /* written when a request for /slow is under way */
	int go_fd;      /* the handler of /slow waits for it */
	struct buf seen;
	struct http_stream *stream; /* of the last /stream */
};

/* Shows the request; /slow waits for the test. */
static void show(void *arg, const struct http_request *r, struct http_response *response)
{
	struct bench *b = arg;
	eventfd_t ignored;
	if (str_is(r->path, "/stream")) {
		b->stream = http_stream_open(r, response);
		response->status = b->stream ? 200 : 503;
		eventfd_write(b->entered_fd, 1);
		return;
	}
	if (str_is(r->path, "/slow")) {
		eventfd_write(b->entered_fd, 1);
		eventfd_read(b->go_fd, &ignored);
	}
	struct str mark = http_header_find(r, "x-mark");
	response->status = r->trouble ? r->trouble : 200;
	buf_printf(&response->body, "%.*s|%.*s|%.*s|%.*s|%.*s|%.*s", STR_ARG(r->method),
		   STR_ARG(r->path), STR_ARG(r->query), STR_ARG(r->body), STR_ARG(mark),
		   STR_ARG(r->client));
	http_response_header(response, "X-Answer", STR("yes"));
}

static size_t limit(void *arg unused_arg, const struct http_request *head)
{
	return str_is(head->path, "/big") ? BIG : BODY_MAX;
}

static int bench_make(void **state)
{
	struct err e = { 0 };
	struct bench *b = xalloc(1, sizeof(*b));
	struct http_server_options options = { .listen = STR("127.0.0.1:0"),
					       .listen_fd = -1,
					       .threads = 2,
					       .handler = show,
					       .body_max = limit,
					       .arg = b };
	arena_init(&b->arena, 16 * 1024 * 1024);
	b->entered_fd = eventfd(0, EFD_CLOEXEC);
	b->go_fd = eventfd(0, EFD_CLOEXEC);
	if (!http_server_start(&options, &b->server, &e))
		fail_msg("%s", e.text);
	*state = b;
	return 0;
}

static int bench_remove(void **state)
{
	struct bench *b = *state;
	http_server_stop(&b->server);
	close(b->entered_fd);
	close(b->go_fd);
	arena_done(&b->arena);
	xfree(b);
	return 0;
}

static struct str ask(struct bench *b, const char *text)
{
	return raw_ask(&b->arena, http_server_address(b->server), str_from(text));
}

static struct str url(struct bench *b, const char *path)
{
	struct str at = http_server_address(b->server);
	return str_from(arena_printf(&b->arena, "http://%.*s%s", STR_ARG(at), path));
}

static void status_is(struct str answer, const char *status)
{
	if (!str_starts(answer, str_from(status)))
		fail_msg("wanted '%s', got '%.*s'", status, STR_ARG(answer));
}

static void must_hold(struct str answer, const char *part)
{
	if (!memmem(answer.data, answer.len, part, strlen(part)))
		fail_msg("'%s' is not in '%.*s'", part, STR_ARG(answer));
}

static void a_request_reaches_the_handler_as_it_was_on_the_wire(void **state)
{
	struct bench *b = *state;
	struct str got = ask(b, "POST /a%2Fb//c?x=%41&y=+ HTTP/1.1\r\nHost: h\r\n"
				"x-MARK:  two words \r\nContent-Length: 5\r\n"
				"Connection: close\r\n\r\nhello");
	status_is(got, "HTTP/1.1 200 ");
	must_hold(got, "POST|/a%2Fb//c|x=%41&y=+|hello|two words|127.0.0.1");
	must_hold(got, "X-Answer: yes\r\n");
	must_hold(got, "\r\nDate: ");
}

static void a_target_may_be_a_whole_url(void **state)
{
	struct str got = ask(*state, "GET http://h:1/p?q HTTP/1.1\r\nHost: h:1\r\n"
				     "Connection: close\r\n\r\n");
	must_hold(got, "GET|/p|q||");
}

static void the_client_gets_what_the_handler_said(void **state)
{
	struct bench *b = *state;
	struct http_reply reply;
	struct err e = { 0 };
	struct http_call call = {
		.method = "PUT", .url = url(b, "/x?y"), .body = STR("{}"), .timeout_s = 10
	};
	if (!http_call(&b->arena, &call, &reply, &e))
		fail_msg("%s", e.text);
	assert_int_equal(reply.status, 200);
	must_hold(reply.body, "PUT|/x|y|{}||");
}

static void nobody_there_is_unavailable(void **state)
{
	struct bench *b = *state;
	struct http_reply reply;
	struct err e = { 0 };
	struct http_call call = { .method = "GET",
				  .url = STR("http://127.0.0.1:1/"),
				  .timeout_s = 5 };
	assert_false(http_call(&b->arena, &call, &reply, &e));
	assert_int_equal(e.kind, ERR_UNAVAILABLE);
}

/* Requests that no handler should have to think about. */
struct bad {
	const char *name;
	const char *text;
	const char *status;
};
static const struct bad bads[] = {
	{ "announced body too large",
	  "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n", "HTTP/1.1 413 " },
	{ "two lengths",
	  "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
	  "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	  "HTTP/1.1 400 " },
	{ "the length twice",
	  "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: "
	  "2\r\n\r\nab",
	  "HTTP/1.1 400 " },
	{ "length that is no number",
	  "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1x\r\n\r\n", "HTTP/1.1 400 " },
	{ "length below nothing",
	  "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400 " },
	{ "no host", "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 " },
	{ "no request at all", "\x16\x03\x01 hello\r\n\r\n", "HTTP/1." },
};

static void bad_requests_are_refused(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bads); i++) {
		print_message("%s\n", bads[i].name);
		struct str got = ask(*state, bads[i].text);
		status_is(got, bads[i].status);
		assert_null(memmem(got.data, got.len, " 200 ", 5));
	}
}

static void a_chunked_body_has_the_same_limit(void **state)
{
	struct bench *b = *state;
	auto_buf struct buf text;
	buf_init(&text, 64 * 1024);
	buf_text(&text, "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
			"Transfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 3; i++) {
		buf_text(&text, "190\r\n");
		buf_fill(&text, 'x', 0x190);
		buf_text(&text, "\r\n");
	}
	buf_text(&text, "0\r\n\r\n");
	status_is(ask(b, buf_cstr(&text)), "HTTP/1.1 413 ");
}

static void the_limit_is_that_of_the_path(void **state)
{
	struct bench *b = *state;
	struct http_reply reply;
	struct err e = { 0 };
	auto_buf struct buf body;
	buf_init(&body, BIG);
	buf_fill(&body, 'x', BIG);
	struct http_call call = { .method = "POST",
				  .url = url(b, "/big"),
				  .body = buf_view(&body),
				  .timeout_s = 10 };
	if (!http_call(&b->arena, &call, &reply, &e))
		fail_msg("%s", e.text);
	assert_int_equal(reply.status, 200);
	assert_true(reply.body.len > BIG);
}

static void too_many_headers_are_refused(void **state)
{
	struct bench *b = *state;
	auto_buf struct buf text;
	buf_init(&text, 64 * 1024);
	buf_text(&text, "GET / HTTP/1.1\r\nHost: h\r\n");
	for (int i = 0; i < 150; i++)
		buf_printf(&text, "X-%d: y\r\n", i);
	buf_text(&text, "\r\n");
	status_is(ask(b, buf_cstr(&text)), "HTTP/1.1 431 ");
}

static void a_connection_serves_several_requests(void **state)
{
	struct bench *b = *state;
	struct str got =
		ask(b, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
		       "GET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	must_hold(got, "GET|/1|");
	must_hold(got, "GET|/2|");
}

static void headers_that_drip_are_cut_off(void **state)
{
	struct bench *b = *state;
	struct err e = { 0 };
	struct pollfd one = { .events = POLLIN };
	int64_t begun_us = clock_mono_us();
	one.fd = raw_connect(http_server_address(b->server));
	bool ok = file_write_all(one.fd, STR("GET / HTTP/1.1\r\nX: "), &e);
	/* A byte every half second keeps the connection from being idle. */
	while (ok && poll(&one, 1, 500) == 0 && clock_mono_us() - begun_us < 30000000)
		ok = send(one.fd, "x", 1, MSG_NOSIGNAL) == 1;
	close(one.fd);
	assert_true(clock_mono_us() - begun_us < 15000000);
}

static void *ask_slow(void *arg)
{
	struct bench *b = arg;
	int fd = raw_connect(http_server_address(b->server));
	struct err e = { 0 };
	if (file_write_all(fd, STR("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"), &e))
		raw_read(fd, &b->seen, NULL);
	close(fd);
	return NULL;
}

static void *let_go_later(void *arg)
{
	struct bench *b = arg;
	struct pollfd never = { .fd = -1 };
	poll(&never, 1, 300);
	eventfd_write(b->go_fd, 1);
	return NULL;
}

static void stopping_finishes_what_is_under_way(void **state)
{
	struct bench *b = *state;
	pthread_t client, releaser;
	eventfd_t ignored;
	buf_init(&b->seen, 64 * 1024);
	assert_int_equal(pthread_create(&client, NULL, ask_slow, b), 0);
	eventfd_read(b->entered_fd, &ignored);
	assert_int_equal(pthread_create(&releaser, NULL, let_go_later, b), 0);
	http_server_stop(&b->server);
	pthread_join(client, NULL);
	pthread_join(releaser, NULL);
	status_is(buf_view(&b->seen), "HTTP/1.1 200 ");
	must_hold(buf_view(&b->seen), "GET|/slow|");
	must_hold(buf_view(&b->seen), "Connection: close\r\n");
	buf_done(&b->seen);
}

static void a_taken_address_is_said_to_be_so(void **state)
{
	struct bench *b = *state;
	struct http_server *second = NULL;
	struct err e = { 0 };
	struct http_server_options options = { .listen = http_server_address(b->server),
					       .listen_fd = -1,
					       .threads = 1,
					       .handler = show };
	assert_false(http_server_start(&options, &second, &e));
	assert_int_equal(e.kind, ERR_UNAVAILABLE);
	assert_non_null(strstr(e.text, "Address already in use"));
}

static void what_is_no_address_is_a_usage_error(void **state unused_arg)
{
	static const char *const texts[] = { "",       "8025",  "localhost:1",
					     "::1:80", "[::1]", "127.0.0.1:65536",
					     "[]:1" };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct http_server *s = NULL;
		struct err e = { 0 };
		struct http_server_options options = { .listen = str_from(texts[i]),
						       .listen_fd = -1,
						       .threads = 1,
						       .handler = show };
		assert_false(http_server_start(&options, &s, &e));
		assert_int_equal(e.kind, ERR_USAGE);
	}
}

/* A request for /stream that the handler has answered. */
static int stream_begin(struct bench *b)
{
	eventfd_t ignored;
	struct err e = { 0 };
	int fd = raw_connect(http_server_address(b->server));
	assert_true(
		file_write_all(fd, STR("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"), &e));
	eventfd_read(b->entered_fd, &ignored);
	assert_non_null(b->stream);
	return fd;
}

static void a_stream_goes_on_after_its_handler(void **state)
{
	struct bench *b = *state;
	auto_buf struct buf got;
	int fd = stream_begin(b);
	buf_init(&got, 1024 * 1024);
	assert_true(http_stream_write(b->stream, STR("first\n")));
	raw_read(fd, &got, "first\n");
	/* Others are answered meanwhile. */
	assert_non_null(strstr(ask(b, "GET / HTTP/1.1\r\nHost: a\r\nConnection: "
				      "close\r\n\r\n")
				       .data,
			       "GET|/|"));
	assert_true(http_stream_write(b->stream, STR("second\n")));
	raw_read(fd, &got, "second\n");
	http_stream_close(&b->stream);
	/* RFC 9112 section 7.1: the last chunk. */
	raw_read(fd, &got, "\r\n0\r\n\r\n");
	assert_non_null(strstr(buf_cstr(&got), "second\n"));
	close(fd);
}

static void who_reads_too_slowly_is_cut_off(void **state)
{
	static const char piece[64 * 1024] = { 0 };
	struct bench *b = *state;
	auto_buf struct buf got;
	size_t written = 0;
	int fd = stream_begin(b);
	while (http_stream_write(b->stream, str_of(piece, sizeof(piece))))
		assert_true(++written < 10000);
	http_stream_close(&b->stream);
	buf_init(&got, 1024 * 1024 * 1024);
	/* Ends, and not well. */
	raw_read(fd, &got, NULL);
	assert_true(got.len < (written + 1) * sizeof(piece));
	close(fd);
}

static void a_stream_whose_reader_left_says_so(void **state)
{
	struct bench *b = *state;
	size_t writes = 0;
	close(stream_begin(b));
	while (http_stream_write(b->stream, STR("x\n")))
		assert_true(++writes < 10 * 1000 * 1000);
	http_stream_close(&b->stream);
}

/* Nothing is written meanwhile: a place that is taken by nobody is in others' way. */
static void a_stream_whose_reader_left_is_known_without_writing(void **state)
{
	struct bench *b = *state;
	int fd = stream_begin(b);

	assert_true(http_stream_is_read(b->stream));
	close(fd);
	while (http_stream_is_read(b->stream))
		poll(NULL, 0, 1);
	http_stream_close(&b->stream);
}

static void streams_are_few(void **state)
{
	enum {
		MANY = 256
	};
	struct bench *b = *state;
	static struct http_stream *streams[MANY];
	static int fds[MANY];
	for (size_t i = 0; i < MANY; i++) {
		fds[i] = stream_begin(b);
		streams[i] = b->stream;
	}
	assert_non_null(strstr(ask(b, "GET /stream HTTP/1.1\r\nHost: a\r\nConnection: "
				      "close\r\n\r\n")
				       .data,
			       " 503 "));
	for (size_t i = 0; i < MANY; i++) {
		http_stream_close(&streams[i]);
		close(fds[i]);
	}
}

static void stopping_ends_the_streams(void **state)
{
	struct bench *b = *state;
	auto_buf struct buf got;
	int fd = stream_begin(b);
	buf_init(&got, 1024 * 1024);
	assert_true(http_stream_write(b->stream, STR("last\n")));
	http_server_stop(&b->server);
	raw_read(fd, &got, NULL);
	assert_non_null(strstr(buf_cstr(&got), "last\n"));
	assert_false(http_stream_write(b->stream, STR("more\n")));
	http_stream_close(&b->stream);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH_BENCH(f) cmocka_unit_test_setup_teardown(f, bench_make, bench_remove)
		WITH_BENCH(a_request_reaches_the_handler_as_it_was_on_the_wire),
		WITH_BENCH(a_target_may_be_a_whole_url),
		WITH_BENCH(the_client_gets_what_the_handler_said),
		WITH_BENCH(nobody_there_is_unavailable),
		WITH_BENCH(bad_requests_are_refused),
		WITH_BENCH(a_chunked_body_has_the_same_limit),
		WITH_BENCH(the_limit_is_that_of_the_path),
		WITH_BENCH(too_many_headers_are_refused),
		WITH_BENCH(a_connection_serves_several_requests),
		WITH_BENCH(headers_that_drip_are_cut_off),
		WITH_BENCH(stopping_finishes_what_is_under_way),
		WITH_BENCH(a_taken_address_is_said_to_be_so),
		cmocka_unit_test(what_is_no_address_is_a_usage_error),
		WITH_BENCH(a_stream_goes_on_after_its_handler),
		WITH_BENCH(who_reads_too_slowly_is_cut_off),
		WITH_BENCH(a_stream_whose_reader_left_says_so),
		WITH_BENCH(a_stream_whose_reader_left_is_known_without_writing),
		WITH_BENCH(streams_are_few),
		WITH_BENCH(stopping_ends_the_streams),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

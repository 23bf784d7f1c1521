/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/link.h"

#include <jansson.h>

#include "probe/frame.h"

enum {
	READ_SIZE = 64 << 10,
	TICK_MS = 1000,
	FAREWELL_MS = 2000,
	TLS_EXTRA = 64 << 10, /* octets that TLS adds to what waits */
};

struct link {
	struct link_options options;
	uv_tcp_t tcp;
	uv_timer_t timer;
	uv_connect_t connect;
	uv_shutdown_t shutdown;
	struct crypto_tls *tls;
	struct buf coming; /* as read */
	struct buf clear;
	size_t unsent;
	int64_t began_us;
	int64_t heard_us;
	int64_t said_us;
	bool is_open;
	bool is_closing;
	unsigned handles;
	struct err why;
};

struct outgoing {
	uv_write_t write;
	struct link *link;
	struct buf data;
};

/* The end */

static void on_handle_closed(uv_handle_t *handle)
{
	struct link *l = handle->data;

	if (--l->handles > 0)
		return;
	l->options.on_closed(l->options.arg, &l->why);
	crypto_tls_free(&l->tls);
	buf_done(&l->coming);
	buf_done(&l->clear);
	xfree(l);
}

static void cut(struct link *l)
{
	if (!uv_is_closing((uv_handle_t *)&l->tcp))
		uv_close((uv_handle_t *)&l->tcp, on_handle_closed);
	if (!uv_is_closing((uv_handle_t *)&l->timer))
		uv_close((uv_handle_t *)&l->timer, on_handle_closed);
}

static void on_farewell_over(uv_timer_t *timer)
{
	cut(timer->data);
}

static void on_shut_down(uv_shutdown_t *shutdown, int status)
{
	if (status != UV_ECANCELED)
		cut(shutdown->data);
}

static void flush(struct link *l);

/* What was said still goes out, an alert above all, if the other end takes it soon. */
static void finish(struct link *l)
{
	if (l->is_closing)
		return;
	l->is_closing = true;
	uv_read_stop((uv_stream_t *)&l->tcp);
	flush(l);
	l->shutdown.data = l;
	uv_timer_start(&l->timer, on_farewell_over, FAREWELL_MS, 0);
	if (uv_shutdown(&l->shutdown, (uv_stream_t *)&l->tcp, on_shut_down) != 0)
		cut(l);
}

static void fail(struct link *l, const char *why)
{
	if (!l->is_closing)
		err_set(&l->why, ERR_UNAVAILABLE, "%s", why);
	finish(l);
}

void link_close(struct link *l, const char *why)
{
	crypto_tls_close(l->tls);
	fail(l, why);
}

/* Out */

static void on_written(uv_write_t *write, int status)
{
	struct outgoing *o = write->data;
	struct link *l = o->link;

	l->unsent -= o->data.len;
	buf_done(&o->data);
	xfree(o);
	if (status < 0 && status != UV_ECANCELED)
		fail(l, uv_strerror(status));
}

/* Whatever TLS has to say. */
static void flush(struct link *l)
{
	struct outgoing *o = xalloc(1, sizeof(*o));

	buf_init(&o->data, l->options.unsent_max + TLS_EXTRA);
	crypto_tls_output(l->tls, &o->data);
	uv_buf_t whole = uv_buf_init(o->data.data, (unsigned)o->data.len);
	o->link = l;
	o->write.data = o;
	l->unsent += o->data.len;
	if (o->data.len > 0 && !o->data.failed &&
	    uv_write(&o->write, (uv_stream_t *)&l->tcp, &whole, 1, on_written) == 0)
		return;
	on_written(&o->write, 0);
}

void link_send(struct link *l, const json_t *frame)
{
	auto_buf struct buf text;
	struct err e = { 0 };

	buf_init(&text, FRAME_MAX + 4);
	if (l->is_closing || !l->is_open)
		return;
	frame_write(&text, frame);
	if (text.failed || l->unsent + text.len > l->options.unsent_max) {
		fail(l, "the other end does not take what it is told");
		return;
	}
	l->said_us = clock_mono_us();
	if (!crypto_tls_send(l->tls, buf_view(&text), &e)) {
		fail(l, e.text);
		return;
	}
	flush(l);
}

static void send_word(struct link *l, const char *word)
{
	json_t *frame = json_pack("{s:b}", word, 1);

	link_send(l, frame);
	json_decref(frame);
}

/* In */

static void take_frame(struct link *l, const json_t *frame)
{
	if (json_object_get(frame, "ping"))
		send_word(l, "pong");
	else if (!json_object_get(frame, "pong"))
		l->options.on_frame(l->options.arg, frame);
}

static void take_frames(struct link *l)
{
	enum frame_state state = FRAME_WHOLE;

	while (!l->is_closing && state == FRAME_WHOLE) {
		json_t *frame;
		state = frame_take_short(&l->clear, l->options.frame_max, &frame);
		if (state == FRAME_WHOLE) {
			take_frame(l, frame);
			json_decref(frame);
		}
	}
	if (state == FRAME_BROKEN)
		fail(l, "what came is no frame");
}

static void take_bytes(struct link *l)
{
	struct err e = { 0 };
	bool is_good = crypto_tls_receive(l->tls, buf_view(&l->coming), &l->clear, &e);

	buf_clear(&l->coming);
	flush(l);
	if (!l->is_open && is_good && crypto_tls_is_open(l->tls)) {
		l->is_open = true;
		l->options.on_open(l->options.arg);
	}
	take_frames(l);
	if (!is_good && !l->is_closing) {
		l->why = e;
		finish(l);
	} else if (crypto_tls_is_closed(l->tls)) {
		fail(l, "the other end has closed the connection");
	}
}

static void on_room(uv_handle_t *handle, unused_arg size_t suggested, uv_buf_t *out)
{
	struct link *l = handle->data;
	char *at = buf_room(&l->coming, READ_SIZE);

	*out = uv_buf_init(at, at ? READ_SIZE : 0);
}

static void on_read(uv_stream_t *stream, ssize_t n, unused_arg const uv_buf_t *b)
{
	struct link *l = stream->data;

	if (n < 0) {
		fail(l, n == UV_EOF ? "the other end has closed the connection"
				    : uv_strerror((int)n));
		return;
	}
	if (n == 0)
		return;
	l->heard_us = clock_mono_us();
	buf_wrote(&l->coming, (size_t)n);
	take_bytes(l);
}

static void on_tick(uv_timer_t *timer)
{
	struct link *l = timer->data;
	int64_t now_us = clock_mono_us();

	if (!l->is_open && now_us - l->began_us > LINK_HANDSHAKE_MS * 1000)
		fail(l, "the other end does not come to an end with the handshake");
	else if (now_us - l->heard_us > LINK_SILENCE_MS * 1000)
		fail(l, "nothing was heard for too long");
	else if (l->is_open && now_us - l->said_us > LINK_PING_MS * 1000)
		send_word(l, "ping");
}

/* The beginning */

static struct link *link_new(const struct link_options *options)
{
	struct link *l = xalloc(1, sizeof(*l));

	l->options = *options;
	l->began_us = l->heard_us = l->said_us = clock_mono_us();
	l->handles = 2;
	buf_init(&l->coming, 2 * READ_SIZE);
	buf_init(&l->clear, options->frame_max + 2 * READ_SIZE);
	uv_tcp_init(options->loop, &l->tcp);
	uv_timer_init(options->loop, &l->timer);
	l->tcp.data = l;
	l->timer.data = l;
	l->connect.data = l;
	l->tls = crypto_tls_new(options->tls, options->names, options->name_count);
	uv_timer_start(&l->timer, on_tick, TICK_MS, TICK_MS);
	return l;
}

static void begin(struct link *l)
{
	uv_tcp_nodelay(&l->tcp, 1);
	flush(l);
	if (uv_read_start((uv_stream_t *)&l->tcp, on_room, on_read) != 0)
		fail(l, "it cannot be read from");
}

struct link *link_accept(const struct link_options *options, uv_stream_t *listening)
{
	struct link *l = link_new(options);

	if (uv_accept(listening, (uv_stream_t *)&l->tcp) == 0)
		begin(l);
	else
		fail(l, "it was gone at once");
	return l;
}

static void on_connected(uv_connect_t *connect, int status)
{
	struct link *l = connect->data;

	if (l->is_closing)
		return;
	if (status == 0)
		begin(l);
	else
		fail(l, uv_strerror(status));
}

struct link *link_connect(const struct link_options *options,
			  const struct sockaddr *address)
{
	struct link *l = link_new(options);
	int status = uv_tcp_connect(&l->connect, &l->tcp, address, on_connected);

	if (status != 0)
		fail(l, uv_strerror(status));
	return l;
}

struct str link_peer(const struct link *l)
{
	return l->is_open ? crypto_tls_peer(l->tls) : STR_EMPTY;
}

void link_write_address(const struct link *l, struct buf *out)
{
	struct sockaddr_storage at = { 0 };
	int len = sizeof(at);
	char text[64] = "";

	if (uv_tcp_getpeername(&l->tcp, (struct sockaddr *)&at, &len) != 0)
		return;
	if (at.ss_family == AF_INET6)
		uv_ip6_name((const struct sockaddr_in6 *)(const void *)&at, text,
			    sizeof(text));
	else
		uv_ip4_name((const struct sockaddr_in *)(const void *)&at, text,
			    sizeof(text));
	buf_text(out, text);
}

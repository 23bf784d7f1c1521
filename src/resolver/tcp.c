/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolver/tcp.h"

#include "resolver/address.h"
#include "resolver/budget.h"

enum {
	/* Octets: what the kernel takes in before we read is no more than what was taken
	 * from the budget before. */
	WINDOW = 8192,
};

struct tcp {
	uv_tcp_t handle;
	uv_connect_t connect;
	uv_write_t write;
	struct tcp_options options;
	struct deadline deadline;
	struct buf out;
	struct buf in;
	size_t paid; /* of the budget, and not come in yet */
	tcp_done_fn *done;
	void *arg;
	bool is_ended;
};

static void on_closed(uv_handle_t *handle)
{
	struct tcp *t = handle->data;

	buf_done(&t->out);
	buf_done(&t->in);
	xfree(t);
}

static bool pay(struct tcp *t, size_t len)
{
	size_t paid = len < t->paid ? len : t->paid;

	t->paid -= paid;
	return budget_take_bytes(t->options.budget, len - paid);
}

static void pay_back(struct tcp *t)
{
	budget_give_bytes(t->options.budget, t->paid);
	t->paid = 0;
}

static void end(struct tcp *t, enum tcp_end how)
{
	struct str message = STR_EMPTY;

	if (t->is_ended)
		return;
	t->is_ended = true;
	pay_back(t);
	deadline_clear(t->options.deadlines, &t->deadline);
	uv_close((uv_handle_t *)&t->handle, on_closed);
	if (how == TCP_ANSWERED)
		message = str_sub(buf_view(&t->in), 2, SIZE_MAX);
	t->done(t->arg, how, message);
}

static void on_deadline(struct deadline *d)
{
	end(LIST_THING(d, struct tcp, deadline), TCP_TIMEOUT);
}

static void set_deadline(struct tcp *t)
{
	int64_t idle_at_us = clock_mono_us() + t->options.idle_us;

	deadline_set(t->options.deadlines, &t->deadline,
		     idle_at_us < t->options.deadline_us ? idle_at_us
							 : t->options.deadline_us);
}

/* RFC 1035 section 4.2.2: two octets of length in front. */
static size_t wanted(const struct tcp *t)
{
	struct cursor c = cursor_over(buf_view(&t->in));
	uint16_t len = cursor_u16(&c);

	return cursor_ok(&c) ? (size_t)len + 2 : 2;
}

static void on_room(uv_handle_t *handle, unused_arg size_t suggested, uv_buf_t *out)
{
	struct tcp *t = handle->data;
	size_t room = wanted(t) - t->in.len;
	char *at = buf_room(&t->in, room);

	*out = uv_buf_init(at, at ? (unsigned)room : 0);
}

static void on_read(uv_stream_t *stream, ssize_t n, unused_arg const uv_buf_t *b)
{
	struct tcp *t = stream->data;

	if (n == 0 || t->is_ended)
		return;
	if (n < 0) {
		end(t, n == UV_ECONNRESET && t->in.len == 0 ? TCP_REFUSED : TCP_BROKEN);
		return;
	}
	if (!pay(t, (size_t)n)) {
		end(t, TCP_TOO_MUCH);
		return;
	}
	buf_wrote(&t->in, (size_t)n);
	if (t->in.len > 2 && t->in.len == wanted(t)) {
		end(t, TCP_ANSWERED);
		return;
	}
	if (t->in.len == 2 && wanted(t) == 2) {
		end(t, TCP_BROKEN);
		return;
	}
	set_deadline(t);
}

static void on_written(uv_write_t *write, int status)
{
	struct tcp *t = write->data;

	if (status != 0)
		end(t, TCP_BROKEN);
}

static void on_connected(uv_connect_t *connect, int status)
{
	struct tcp *t = connect->data;

	if (t->is_ended)
		return;
	if (status != 0) {
		end(t, status == UV_ETIMEDOUT ? TCP_TIMEOUT : TCP_REFUSED);
		return;
	}
	set_deadline(t);
	uv_buf_t out = uv_buf_init(t->out.data, (unsigned)t->out.len);
	t->write.data = t;
	if (uv_read_start((uv_stream_t *)&t->handle, on_room, on_read) != 0 ||
	    uv_write(&t->write, (uv_stream_t *)&t->handle, &out, 1, on_written) != 0)
		end(t, TCP_BROKEN);
}

static void on_cannot_start(struct deadline *d)
{
	end(LIST_THING(d, struct tcp, deadline), TCP_REFUSED);
}

static void on_cannot_pay(struct deadline *d)
{
	end(LIST_THING(d, struct tcp, deadline), TCP_TOO_MUCH);
}

/* In the next turn of the loop. */
static void fail_later(struct tcp *t, void (*how)(struct deadline *d))
{
	t->deadline.due = how;
	deadline_set(t->options.deadlines, &t->deadline, 0);
}

static bool begin(struct tcp *t)
{
	struct sockaddr_storage sa;
	int window = WINDOW;

	address_to_kernel(&t->options.address, &sa);
	if (uv_tcp_init_ex(t->options.loop, &t->handle, sa.ss_family) != 0) {
		uv_tcp_init(t->options.loop, &t->handle);
		return false;
	}
	uv_recv_buffer_size((uv_handle_t *)&t->handle, &window);
	return uv_tcp_connect(&t->connect, &t->handle, (struct sockaddr *)&sa,
			      on_connected) == 0;
}

struct tcp *tcp_start(const struct tcp_options *o, struct str query, tcp_done_fn *done,
		      void *arg)
{
	struct tcp *t = xalloc(1, sizeof(*t));

	t->options = *o;
	t->done = done;
	t->arg = arg;
	buf_init(&t->out, 2 + UINT16_MAX);
	buf_init(&t->in, 2 + UINT16_MAX);
	buf_u16(&t->out, (uint16_t)query.len);
	buf_str(&t->out, query);
	t->handle.data = t;
	t->connect.data = t;
	t->deadline.due = on_deadline;
	if (!budget_take_bytes(o->budget, WINDOW)) {
		uv_tcp_init(o->loop, &t->handle);
		fail_later(t, on_cannot_pay);
		return t;
	}
	t->paid = WINDOW;
	if (begin(t))
		set_deadline(t);
	else
		fail_later(t, on_cannot_start);
	return t;
}

void tcp_cancel(struct tcp **t)
{
	if (!*t)
		return;
	if (!(*t)->is_ended) {
		(*t)->is_ended = true;
		pay_back(*t);
		deadline_clear((*t)->options.deadlines, &(*t)->deadline);
		uv_close((uv_handle_t *)&(*t)->handle, on_closed);
	}
	*t = NULL;
}

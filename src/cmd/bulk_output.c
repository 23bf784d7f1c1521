/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines written as fast as somebody reads them. What cannot be written now stays pending;
 * bulk_run.c begins nothing new while much is.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "cmd/bulk.h"

enum {
	PENDING_MAX = 64 << 20,
	CONSUME_AT = 256 << 10,
	NUMBER_DIGITS = 20,
};

void bulk_output_init(struct bulk_output *o, uv_loop_t *loop, int fd, enum lang lang)
{
	*o = (struct bulk_output){ .fd = fd, .error.lang = lang };
	buf_init(&o->pending, PENDING_MAX);
	bulk_wait_init(&o->wait, loop, fd, true);
}

static void write_line(struct buf *out, uint64_t number, struct str members)
{
	const struct str head = STR("{\"line\":");
	char digits[NUMBER_DIGITS];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	/* With a comma and the end of the line. */
	size_t len = head.len + (sizeof(digits) - at) + 1 + members.len + 1;
	char *room = buf_room(out, len);
	if (!room)
		return;
	memcpy(room, head.data, head.len);
	room += head.len;
	memcpy(room, digits + at, sizeof(digits) - at);
	room += sizeof(digits) - at;
	*room++ = ',';
	memcpy(room, members.data, members.len);
	room[members.len] = '\n';
	buf_wrote(out, len);
}

void bulk_output_line(struct bulk_output *o, uint64_t number, struct str members)
{
	if (o->has_failed)
		return;
	write_line(&o->pending, number, members);
	if (!o->pending.failed)
		return;
	o->has_failed = true;
	err_set(&o->error, ERR_LIMIT,
		lang_text(o->error.lang, "the output is read too slowly: more than %d MB "
					 "of answers wait, and no more are kept"),
		PENDING_MAX >> 20);
}

size_t bulk_output_left(const struct bulk_output *o)
{
	return o->pending.len - o->written;
}

/* A pipe that is ready takes so much without waiting (pipe(7)). */
static bool is_ready(const struct bulk_output *o)
{
	struct pollfd p = { .fd = o->fd, .events = POLLOUT };

	return o->wait.epoll < 0 || poll(&p, 1, 0) == 1;
}

static void fail(struct bulk_output *o, int error)
{
	if (error == EPIPE) {
		o->is_closed = true;
	} else {
		o->has_failed = true;
		err_set(&o->error, ERR_UNAVAILABLE, "the output cannot be written: %s",
			strerror(error));
	}
	bulk_output_drop(o);
}

static void on_ready(void *arg)
{
	struct bulk_output *o = arg;

	o->is_waiting = false;
	bulk_output_flush(o);
}

void bulk_output_flush(struct bulk_output *o)
{
	size_t most = o->wait.epoll < 0 ? SIZE_MAX : PIPE_BUF;

	while (!o->is_waiting && bulk_output_left(o) > 0) {
		struct str left = str_sub(buf_view(&o->pending), o->written, most);
		if (!is_ready(o)) {
			o->is_waiting = true;
			bulk_wait_start(&o->wait, on_ready, o);
			break;
		}
		ssize_t n = write(o->fd, left.data, left.len);
		if (n >= 0) {
			o->written += (size_t)n;
			o->all_written += (uint64_t)n;
		} else if (errno != EINTR && errno != EAGAIN) {
			fail(o, errno);
		}
	}
	if (o->written == o->pending.len)
		buf_clear(&o->pending);
	else if (o->written > CONSUME_AT)
		buf_consume(&o->pending, o->written);
	else
		return;
	o->written = 0;
}

void bulk_output_drop(struct bulk_output *o)
{
	o->written = o->pending.len;
}

void bulk_output_done(struct bulk_output *o)
{
	bulk_wait_done(&o->wait);
	buf_done(&o->pending);
}

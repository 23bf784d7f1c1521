/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of a file or a pipe, as they come; and waiting for a descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/bulk.h"

enum {
	READ_SIZE = 64 << 10,
};

/* Waiting: libuv would make the descriptor itself non-blocking, for everybody who shares
 * it; so it waits for an epoll that waits for it. */

void bulk_wait_init(struct bulk_wait *w, uv_loop_t *loop, int fd, bool is_output)
{
	struct epoll_event event = { .events = is_output ? EPOLLOUT : EPOLLIN };

	*w = (struct bulk_wait){ .fd = fd, .epoll = epoll_create1(EPOLL_CLOEXEC) };
	if (w->epoll < 0)
		return;
	/* EPERM: a file, which is never waited for. */
	if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event) != 0 ||
	    uv_poll_init(loop, &w->poll, w->epoll) != 0) {
		close(w->epoll);
		w->epoll = -1;
		return;
	}
	w->poll.data = w;
}

static void on_ready(uv_poll_t *poll, unused_arg int status, unused_arg int events)
{
	struct bulk_wait *w = poll->data;

	uv_poll_stop(poll);
	w->ready(w->arg);
}

void bulk_wait_start(struct bulk_wait *w, void (*ready)(void *arg), void *arg)
{
	w->ready = ready;
	w->arg = arg;
	if (w->epoll >= 0)
		uv_poll_start(&w->poll, UV_READABLE, on_ready);
}

void bulk_wait_stop(struct bulk_wait *w)
{
	if (w->epoll >= 0)
		uv_poll_stop(&w->poll);
}

static void on_closed(uv_handle_t *handle)
{
	struct bulk_wait *w = handle->data;

	close(w->epoll);
	w->epoll = -1;
}

void bulk_wait_done(struct bulk_wait *w)
{
	if (w->epoll >= 0)
		uv_close((uv_handle_t *)&w->poll, on_closed);
}

/* Lines */

bool bulk_input_open(struct bulk_input *in, uv_loop_t *loop, const char *path,
		     struct err *e)
{
	struct stat about;
	bool is_standard = strcmp(path, "-") == 0;
	int fd = is_standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(e, ERR_USAGE, "'%s' cannot be read: %s", path,
			       strerror(errno));
	*in = (struct bulk_input){ .fd = fd };
	buf_init(&in->in, BULK_LINE_MAX + 2 * READ_SIZE);
	in->begin = lseek(fd, 0, SEEK_CUR);
	if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && in->begin >= 0) {
		in->is_file = true;
		in->size = (uint64_t)about.st_size;
	}
	bulk_wait_init(&in->wait, loop, fd, false);
	return true;
}

/* Other systems put a carriage return at each end, and some a byte order mark at the
 * beginning. */
static struct str text_of(struct str line, uint64_t number)
{
	const struct str mark = STR("\xEF\xBB\xBF");
	struct str text = line;

	if (number == 1 && str_starts(text, mark))
		text = str_sub(text, mark.len, text.len);
	if (str_ends(text, STR("\r")))
		text.len--;
	return text;
}

/* A file without a line end at its end has a last line all the same. */
static bool take_last(struct bulk_input *in, struct bulk_line *out)
{
	struct str rest = str_sub(buf_view(&in->in), in->at, in->in.len);

	if (rest.len == 0 || in->is_skipping)
		return false;
	in->at = in->in.len;
	in->last_number++;
	*out = (struct bulk_line){ in->last_number, text_of(rest, in->last_number),
				   rest.len, false };
	return true;
}

/* Cuts the next line off; false: there is no whole one. */
static bool take_line(struct bulk_input *in, struct bulk_line *out)
{
	struct str rest = str_sub(buf_view(&in->in), in->at, in->in.len);
	const char *end = rest.len > 0 ? memchr(rest.data, '\n', rest.len) : NULL;
	bool was_skipping = in->is_skipping;

	if (!end && rest.len <= BULK_LINE_MAX)
		return false;
	size_t len = end ? (size_t)(end - rest.data) : rest.len;
	size_t octets = len + (end != NULL);
	in->at += octets;
	in->is_skipping = !end;
	/* What is too long is told when it begins. */
	if (was_skipping) {
		*out = (struct bulk_line){ 0 };
		return true;
	}
	in->last_number++;
	*out = (struct bulk_line){ in->last_number, STR_EMPTY, octets, true };
	if (len <= BULK_LINE_MAX) {
		out->is_too_long = false;
		out->text = text_of(str_of(rest.data, len), in->last_number);
	}
	return true;
}

/* More octets; LINE: there are some. */
static enum bulk_input_state read_more(struct bulk_input *in, struct err *e)
{
	buf_consume(&in->in, in->at);
	in->at = 0;
	void *room = buf_room(&in->in, READ_SIZE);
	ssize_t n = read(in->fd, room, READ_SIZE);
	if (n > 0) {
		buf_wrote(&in->in, (size_t)n);
		return BULK_INPUT_LINE;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return BULK_INPUT_LATER;
	in->is_ended = true;
	if (n == 0)
		return BULK_INPUT_END;
	err_set(e, ERR_UNAVAILABLE, "the input cannot be read: %s", strerror(errno));
	return BULK_INPUT_BROKEN;
}

static bool is_readable(const struct bulk_input *in)
{
	struct epoll_event event;

	return in->wait.epoll < 0 || epoll_wait(in->wait.epoll, &event, 1, 0) == 1;
}

enum bulk_input_state bulk_input_next(struct bulk_input *in, struct bulk_line *out,
				      struct err *e)
{
	for (;;) {
		if (take_line(in, out)) {
			if (out->number == 0)
				continue;
			return BULK_INPUT_LINE;
		}
		if (in->is_ended)
			return take_last(in, out) ? BULK_INPUT_LINE : BULK_INPUT_END;
		if (!is_readable(in))
			return BULK_INPUT_LATER;
		enum bulk_input_state state = read_more(in, e);
		if (state == BULK_INPUT_LATER || state == BULK_INPUT_BROKEN)
			return state;
	}
}

void bulk_input_rewind(struct bulk_input *in)
{
	buf_clear(&in->in);
	in->at = 0;
	in->last_number = 0;
	in->is_ended = false;
	in->is_skipping = false;
	lseek(in->fd, in->begin, SEEK_SET);
}

void bulk_input_close(struct bulk_input *in)
{
	bulk_wait_done(&in->wait);
	if (in->fd != STDIN_FILENO)
		close(in->fd);
	buf_done(&in->in);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tables of functions that unbound-event.h asks for. An event waits for a
 * descriptor, for a moment, or for both; one that does not persist has happened once
 * it was told.
 */
#include "resolver/events.h"

#include <assert.h>
#include <sys/time.h>
#include <unbound-event.h>

struct events {
	struct ub_event_base base; /* first: libunbound hands this back */
	struct ub_event_base_vmt base_calls;
	struct ub_event_vmt event_calls;
	uv_loop_t *loop;
	struct deadlines *deadlines;
};

typedef void event_fn(int fd, short bits, void *arg);

struct event {
	struct ub_event base; /* first */
	struct events *all;
	int fd;
	short bits;
	event_fn *happened;
	void *arg;
	uv_poll_t *poll; /* NULL: not waiting for the descriptor */
	struct deadline deadline;
};

static void on_poll_closed(uv_handle_t *handle)
{
	xfree(handle);
}

static void stop(struct event *v)
{
	deadline_clear(v->all->deadlines, &v->deadline);
	if (!v->poll)
		return;
	uv_poll_stop(v->poll);
	uv_close((uv_handle_t *)v->poll, on_poll_closed);
	v->poll = NULL;
}

/* The event may be gone afterwards. */
static void happen(struct event *v, short bits)
{
	if (!(v->bits & UB_EV_PERSIST))
		stop(v);
	v->happened(v->fd, bits, v->arg);
}

static void on_deadline(struct deadline *d)
{
	happen(LIST_THING(d, struct event, deadline), UB_EV_TIMEOUT);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct event *v = poll->data;
	short bits = 0;

	if (events & UV_READABLE || status != 0)
		bits |= UB_EV_READ;
	if (events & UV_WRITABLE)
		bits |= UB_EV_WRITE;
	bits &= v->bits;
	if (bits)
		happen(v, bits);
}

static int start(struct event *v)
{
	int events = (v->bits & UB_EV_READ ? UV_READABLE : 0) |
		     (v->bits & UB_EV_WRITE ? UV_WRITABLE : 0);

	if (v->fd < 0 || events == 0)
		return 0;
	v->poll = xalloc(1, sizeof(*v->poll));
	v->poll->data = v;
	if (uv_poll_init(v->all->loop, v->poll, v->fd) != 0) {
		xfree(v->poll);
		v->poll = NULL;
		return -1;
	}
	uv_poll_start(v->poll, events, on_ready);
	uv_unref((uv_handle_t *)v->poll);
	return 0;
}

static void set_deadline(struct event *v, const struct timeval *in)
{
	int64_t wait_us = (int64_t)in->tv_sec * 1000000 + in->tv_usec;

	deadline_set(v->all->deadlines, &v->deadline, clock_mono_us() + wait_us);
}

/* One event */

static struct event *of(struct ub_event *base)
{
	assert(base->magic == UB_EVENT_MAGIC);
	return (struct event *)(void *)base;
}

static void event_add_bits(struct ub_event *base, short bits)
{
	of(base)->bits |= bits;
}

static void event_del_bits(struct ub_event *base, short bits)
{
	of(base)->bits &= (short)~bits;
}

static void event_set_fd(struct ub_event *base, int fd)
{
	of(base)->fd = fd;
}

static void event_free(struct ub_event *base)
{
	struct event *v = of(base);

	stop(v);
	xfree(v);
}

static int event_add(struct ub_event *base, struct timeval *in)
{
	struct event *v = of(base);

	stop(v);
	if (in)
		set_deadline(v, in);
	return start(v);
}

static int event_del(struct ub_event *base)
{
	stop(of(base));
	return 0;
}

static int timer_add(struct ub_event *base, unused_arg struct ub_event_base *all,
		     event_fn *happened, void *arg, struct timeval *in)
{
	struct event *v = of(base);

	v->happened = happened;
	v->arg = arg;
	set_deadline(v, in);
	return 0;
}

static int signal_add(unused_arg struct ub_event *base, unused_arg struct timeval *in)
{
	return -1;
}

static int signal_del(unused_arg struct ub_event *base)
{
	return -1;
}

static void winsock_unregister(unused_arg struct ub_event *base)
{
}

static void winsock_would_block(unused_arg struct ub_event *base, unused_arg int bit)
{
}

static const struct ub_event_vmt event_calls = {
	.add_bits = event_add_bits,
	.del_bits = event_del_bits,
	.set_fd = event_set_fd,
	.free = event_free,
	.add = event_add,
	.del = event_del,
	.add_timer = timer_add,
	.del_timer = event_del,
	.add_signal = signal_add,
	.del_signal = signal_del,
	.winsock_unregister_wsaevent = winsock_unregister,
	.winsock_tcp_wouldblock = winsock_would_block,
};

/* All of them */

static void base_free(unused_arg struct ub_event_base *base)
{
}

static int base_dispatch(unused_arg struct ub_event_base *base)
{
	return -1;
}

static int base_exit(unused_arg struct ub_event_base *base, unused_arg struct timeval *in)
{
	return 0;
}

static struct ub_event *base_event(struct ub_event_base *base, int fd, short bits,
				   event_fn *happened, void *arg)
{
	struct event *v = xalloc(1, sizeof(*v));

	v->base.magic = UB_EVENT_MAGIC;
	v->all = (struct events *)(void *)base;
	v->base.vmt = &v->all->event_calls;
	v->fd = fd;
	v->bits = bits;
	v->happened = happened;
	v->arg = arg;
	v->deadline.due = on_deadline;
	return &v->base;
}

static struct ub_event *base_signal(unused_arg struct ub_event_base *base,
				    unused_arg int fd, unused_arg event_fn *happened,
				    unused_arg void *arg)
{
	return NULL;
}

static struct ub_event *base_wsaevent(unused_arg struct ub_event_base *base,
				      unused_arg void *wsaevent,
				      unused_arg event_fn *happened, unused_arg void *arg)
{
	return NULL;
}

static const struct ub_event_base_vmt base_calls = {
	.free = base_free,
	.dispatch = base_dispatch,
	.loopexit = base_exit,
	.new_event = base_event,
	.new_signal = base_signal,
	.winsock_register_wsaevent = base_wsaevent,
};

struct events *events_new(uv_loop_t *loop, struct deadlines *deadlines)
{
	struct events *all = xalloc(1, sizeof(*all));

	all->base.magic = UB_EVENT_MAGIC;
	all->base_calls = base_calls;
	all->event_calls = event_calls;
	all->base.vmt = &all->base_calls;
	all->loop = loop;
	all->deadlines = deadlines;
	return all;
}

struct ub_event_base *events_base(struct events *all)
{
	return &all->base;
}

void events_free(struct events **all)
{
	xfree(*all);
	*all = NULL;
}

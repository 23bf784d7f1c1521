/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sockets are opened when first picked, so a single check opens as many as it asks
 * questions. A socket that was used for some time leaves the pool and is closed when
 * its last try is. They have an epoll of their own, which the loop waits for: for each of
 * them libuv would make six system calls.
 */
#include "resolver/udp.h"

#include <assert.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolver/address.h"
#include "resolver/batch.h"

enum {
	POOL_SOCKETS = 256, /* per family */
	USES_LEAST = 64,    /* then it is replaced, at random up to twice as late */
	PORT_LEAST = 1024,
	PORT_TRIES = 8,
	PAST_KEPT = 64,
	PACKET_MAX = 4096,        /* octets; we offer 1232 */
	BUCKETS = 4096,           /* power of two */
	RECEIVE_BUFFER = 1 << 20, /* octets, of the kernel's */
	READY_MAX = 256,          /* sockets looked at in one turn of the loop */
};

/* A packet that was answered elsewhere or given up: its answer may still come, and is no
 * guess of anybody's. */
struct past {
	struct address address;
	uint16_t id;
};

struct udp_socket {
	struct udp *udp;
	struct list hook;  /* all open ones */
	struct list tries; /* open tries */
	struct list to_send;
	struct list has_work; /* to_send is not empty */
	int fd;
	uint32_t uses_left;
	bool is_retired;
	struct past past[PAST_KEPT]; /* a ring */
	size_t past_at;
};

struct receive_batch {
	struct mmsghdr headers[BATCH_PACKETS];
	struct iovec vectors[BATCH_PACKETS];
	struct sockaddr_storage from[BATCH_PACKETS];
	uint8_t packets[BATCH_PACKETS][PACKET_MAX];
	size_t used;
};

enum segmenting {
	SEGMENTING_UNKNOWN,
	SEGMENTING_WORKS,
	SEGMENTING_FAILS,
};

struct udp {
	uv_prepare_t prepare;
	uv_poll_t poll;
	int epoll;
	int handles; /* of the loop, that are not closed */
	struct entropy *entropy;
	struct resolver_counters *counters;
	struct udp_socket *pool[2][POOL_SOCKETS];
	struct list sockets;
	struct list spares[2]; /* open, and in no pool yet */
	size_t ahead[2];       /* how many more there shall be */
	size_t retired;        /* of them */
	struct list dirty;     /* sockets with packets to send */
	struct list failed;    /* tries whose owner must be told */
	struct list buckets[BUCKETS];
	struct receive_batch *in;
	struct batch *out;
	enum segmenting segmenting;
	int64_t received_us; /* the batch at hand */
	uint64_t turn;       /* of the loop */
	struct epoll_event ready[READY_MAX];
};

static void on_ready(uv_poll_t *poll, int status, int events);
static void on_prepare(uv_prepare_t *prepare);

static struct receive_batch *receive_batch_new(void)
{
	struct receive_batch *in = xalloc(1, sizeof(*in));

	for (size_t i = 0; i < BATCH_PACKETS; i++) {
		in->vectors[i] = (struct iovec){ in->packets[i], PACKET_MAX };
		in->headers[i].msg_hdr.msg_name = &in->from[i];
		in->headers[i].msg_hdr.msg_namelen = sizeof(in->from[i]);
		in->headers[i].msg_hdr.msg_iov = &in->vectors[i];
		in->headers[i].msg_hdr.msg_iovlen = 1;
	}
	return in;
}

struct udp *udp_new(uv_loop_t *loop, struct entropy *entropy,
		    struct resolver_counters *counters)
{
	struct udp *u = xalloc(1, sizeof(*u));

	u->entropy = entropy;
	u->counters = counters;
	u->in = receive_batch_new();
	u->out = xalloc(1, sizeof(*u->out));
	list_init(&u->sockets);
	list_init(&u->spares[0]);
	list_init(&u->spares[1]);
	list_init(&u->dirty);
	list_init(&u->failed);
	for (size_t i = 0; i < BUCKETS; i++)
		list_init(&u->buckets[i]);
	uv_prepare_init(loop, &u->prepare);
	u->prepare.data = u;
	uv_prepare_start(&u->prepare, on_prepare);
	uv_unref((uv_handle_t *)&u->prepare);
	u->handles = 1;
	u->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (u->epoll >= 0 && uv_poll_init(loop, &u->poll, u->epoll) == 0) {
		u->handles++;
		u->poll.data = u;
		uv_poll_start(&u->poll, UV_READABLE, on_ready);
		uv_unref((uv_handle_t *)&u->poll);
	}
	return u;
}

/* Sockets */

static void socket_close(struct udp_socket *s)
{
	assert(list_is_empty(&s->tries));
	list_remove(&s->hook);
	list_remove(&s->has_work);
	s->udp->retired -= s->is_retired;
	close(s->fd);
	xfree(s);
}

static bool bind_random(struct udp *u, int fd, uint8_t family)
{
	struct address any = { .family = family };
	struct sockaddr_storage sa;

	for (int i = 0; i < PORT_TRIES; i++) {
		any.port = (uint16_t)(PORT_LEAST +
				      entropy_below(u->entropy, 65536 - PORT_LEAST));
		socklen_t len = address_to_kernel(&any, &sa);
		if (bind(fd, (struct sockaddr *)&sa, len) == 0)
			return true;
	}
	return false;
}

static int open_bound(struct udp *u, uint8_t family)
{
	int on = 1;
	int size = RECEIVE_BUFFER;
	int fd = socket(family == 4 ? AF_INET : AF_INET6,
			SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (family == 4) {
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
	} else {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
	}
	if (!bind_random(u, fd, family)) {
		close(fd);
		return -1;
	}
	return fd;
}

static size_t row_of(uint8_t family)
{
	return family == 4 ? 0 : 1;
}

static struct udp_socket *socket_new(struct udp *u, uint8_t family)
{
	int fd = open_bound(u, family);

	if (fd < 0)
		return NULL;
	struct udp_socket *s = xalloc(1, sizeof(*s));
	s->udp = u;
	s->fd = fd;
	s->uses_left = USES_LEAST + entropy_below(u->entropy, USES_LEAST);
	list_init(&s->tries);
	list_init(&s->to_send);
	list_init(&s->has_work);
	list_init(&s->hook);
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = s };
	if (epoll_ctl(u->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
		close(fd);
		xfree(s);
		return NULL;
	}
	return s;
}

static struct udp_socket *socket_open(struct udp *u, uint8_t family)
{
	struct list *spare = list_first(&u->spares[row_of(family)]);
	struct udp_socket *s = spare ? LIST_THING(spare, struct udp_socket, hook)
				     : socket_new(u, family);

	if (!s)
		return NULL;
	list_remove(&s->hook);
	list_add(&u->sockets, &s->hook);
	return s;
}

void udp_open_ahead(struct udp *u, uint8_t family, size_t count)
{
	u->ahead[row_of(family)] = count < POOL_SOCKETS ? count : POOL_SOCKETS;
}

static void open_spares(struct udp *u)
{
	for (size_t row = 0; row < ARRAY_LEN(u->spares); row++) {
		while (u->ahead[row] > 0) {
			struct udp_socket *s = socket_new(u, row == 0 ? 4 : 6);
			u->ahead[row] = s ? u->ahead[row] - 1 : 0;
			if (s)
				list_add(&u->spares[row], &s->hook);
		}
	}
}

/* Where no more can be opened, the next open one will do. */
static struct udp_socket *find_open(struct udp *u, size_t row, uint32_t from)
{
	for (uint32_t i = 0; i < POOL_SOCKETS; i++)
		if (u->pool[row][(from + i) % POOL_SOCKETS])
			return u->pool[row][(from + i) % POOL_SOCKETS];
	return NULL;
}

struct udp_socket *udp_pick_socket(struct udp *u, uint8_t family)
{
	size_t row = row_of(family);
	uint32_t column = entropy_below(u->entropy, POOL_SOCKETS);
	struct udp_socket **slot = &u->pool[row][column];

	if (!*slot)
		*slot = socket_open(u, family);
	if (!*slot)
		return find_open(u, row, column);
	struct udp_socket *s = *slot;
	if (--s->uses_left == 0) {
		s->is_retired = true;
		u->retired++;
		*slot = NULL;
	}
	return s;
}

/* Tries */

static struct list *bucket_of(struct udp *u, uint16_t id)
{
	return &u->buckets[id & (BUCKETS - 1)];
}

static struct udp_try *find_try(struct udp *u, const struct udp_socket *s, uint16_t id,
				const struct address *from)
{
	list_each (at, bucket_of(u, id)) {
		struct udp_try *t = LIST_THING(at, struct udp_try, by_id);
		if (t->id == id && t->socket == s && address_equal(&t->address, from))
			return t;
	}
	return NULL;
}

void udp_try_open_in(struct udp *u, struct udp_try *t, const struct address *a,
		     struct udp_socket *s)
{
	do
		t->id = entropy_u16(u->entropy);
	while (find_try(u, s, t->id, a));
	t->address = *a;
	t->socket = s;
	t->was_missed = false;
	list_init(&t->waiting);
	list_init(&t->by_id);
	list_init(&t->by_socket);
	list_add(bucket_of(u, t->id), &t->by_id);
	list_add(&s->tries, &t->by_socket);
}

bool udp_try_open(struct udp *u, struct udp_try *t, const struct address *a)
{
	struct udp_socket *s = udp_pick_socket(u, a->family);

	if (!s)
		return false;
	udp_try_open_in(u, t, a, s);
	return true;
}

void udp_try_send(struct udp *u, struct udp_try *t)
{
	struct udp_socket *s = t->socket;

	list_remove(&t->waiting);
	list_add(&s->to_send, &t->waiting);
	if (list_is_empty(&s->has_work))
		list_add(&u->dirty, &s->has_work);
}

void udp_try_close(struct udp_try *t)
{
	struct udp_socket *s = t->socket;

	if (!s)
		return;
	list_remove(&t->by_id);
	list_remove(&t->by_socket);
	list_remove(&t->waiting);
	s->past[s->past_at++ % PAST_KEPT] = (struct past){ t->address, t->id };
	t->socket = NULL;
}

/* Sending */

/* An old kernel would not know, and send them as one long packet. */
static bool can_segment(struct udp *u, const struct udp_socket *s)
{
	int size;
	socklen_t len = sizeof(size);

	if (u->segmenting == SEGMENTING_UNKNOWN)
		u->segmenting =
			getsockopt(s->fd, IPPROTO_UDP, UDP_SEGMENT, &size, &len) == 0
				? SEGMENTING_WORKS
				: SEGMENTING_FAILS;
	return u->segmenting == SEGMENTING_WORKS;
}

static void fill_batch(struct udp_socket *s, struct batch *out, int64_t now_us)
{
	batch_clear(out);
	while (out->packets < BATCH_PACKETS && !list_is_empty(&s->to_send)) {
		struct udp_try *t =
			LIST_THING(list_first(&s->to_send), struct udp_try, waiting);
		list_remove(&t->waiting);
		t->sent_us = now_us;
		batch_add(out, t, can_segment(s->udp, s));
	}
}

static bool is_full(int error)
{
	return error == EAGAIN || error == ENOBUFS;
}

/* From this message on. */
static void put_back(struct udp *u, const struct batch *b, unsigned from)
{
	for (size_t i = batch_first(b, from); i < b->packets; i++)
		udp_try_send(u, b->tries[i]);
}

static void fail_message(struct udp *u, const struct batch *b, unsigned i, int error)
{
	for (size_t k = 0; k < b->headers[i].msg_hdr.msg_iovlen; k++) {
		struct udp_try *t = b->tries[batch_first(b, i) + k];
		t->error = error;
		list_add(&u->failed, &t->waiting);
	}
}

/* Where a route does not do it (IPsec, a card without checksums): udp(7). */
static bool is_of_segments(const struct batch *b, unsigned i, int error)
{
	return b->headers[i].msg_hdr.msg_iovlen > 1 && (error == EIO || error == EINVAL);
}

/* An error may be an old one, of another packet, that the kernel kept for this socket:
 * so each message is tried twice. What finds the kernel's buffers full counts as lost on
 * the way. */
static void send_batch(struct udp *u, struct udp_socket *s, struct batch *b)
{
	unsigned done = 0;
	bool tried_twice = false;

	while (done < b->count) {
		int n = sendmmsg(s->fd, b->headers + done, b->count - done, 0);
		u->counters->send_calls++;
		if (n > 0) {
			done += (unsigned)n;
			tried_twice = false;
		} else if (errno == EINTR) {
			continue;
		} else if (is_full(errno)) {
			return;
		} else if (!tried_twice) {
			tried_twice = true;
		} else if (is_of_segments(b, done, errno)) {
			u->segmenting = SEGMENTING_FAILS;
			put_back(u, b, done);
			return;
		} else {
			fail_message(u, b, done++, errno);
			tried_twice = false;
		}
	}
}

/* Owners are told after all is sent: they may close other tries. */
static void tell_failed(struct udp *u)
{
	while (!list_is_empty(&u->failed)) {
		struct udp_try *t =
			LIST_THING(list_first(&u->failed), struct udp_try, waiting);
		list_remove(&t->waiting);
		t->events->on_error(t, t->error);
	}
}

static void close_retired(struct udp *u)
{
	if (u->retired == 0)
		return;
	list_each_safe (at, &u->sockets) {
		struct udp_socket *s = LIST_THING(at, struct udp_socket, hook);
		if (s->is_retired && list_is_empty(&s->tries))
			socket_close(s);
	}
}

static void send_all(struct udp *u)
{
	int64_t now_us = list_is_empty(&u->dirty) ? 0 : clock_mono_us();

	while (!list_is_empty(&u->dirty)) {
		struct udp_socket *s =
			LIST_THING(list_first(&u->dirty), struct udp_socket, has_work);
		list_remove(&s->has_work);
		while (!list_is_empty(&s->to_send)) {
			fill_batch(s, u->out, now_us);
			send_batch(u, s, u->out);
		}
	}
}

static void on_prepare(uv_prepare_t *prepare)
{
	struct udp *u = prepare->data;

	/* Who hears of a failure may send once more. */
	do {
		send_all(u);
		tell_failed(u);
	} while (!list_is_empty(&u->dirty));
	close_retired(u);
	open_spares(u);
	u->turn++;
}

uint64_t udp_turn(const struct udp *u)
{
	return u->turn;
}

/* Receiving */

/* Owners may close any try in answer, so the search begins anew after each. */
static void tell_near_miss(struct udp_socket *s, const struct address *from)
{
	bool found;

	do {
		found = false;
		list_each (at, &s->tries) {
			struct udp_try *t = LIST_THING(at, struct udp_try, by_socket);
			if (t->was_missed || !address_equal(&t->address, from))
				continue;
			t->was_missed = true;
			found = true;
			t->events->on_near_miss(t);
			break;
		}
	} while (found);
}

static bool is_late(const struct udp_socket *s, const struct address *from, uint16_t id)
{
	for (size_t i = 0; i < PAST_KEPT; i++)
		if (s->past[i].id == id && address_equal(&s->past[i].address, from))
			return true;
	return false;
}

static void take_packet(struct udp_socket *s, const struct sockaddr_storage *from_kernel,
			struct str packet, bool is_cut)
{
	struct udp *u = s->udp;
	const uint8_t *wire = (const uint8_t *)packet.data;
	bool has_id = packet.len >= 2;
	uint16_t id = has_id ? (uint16_t)(wire[0] << 8 | wire[1]) : 0;
	struct address from;

	if (!address_from_kernel(from_kernel, &from))
		return;
	struct udp_try *t = has_id ? find_try(u, s, id, &from) : NULL;
	if (t && !is_cut) {
		t->received_us = u->received_us;
		t->events->on_packet(t, packet);
		return;
	}
	u->counters->mismatched++;
	if (!is_late(s, &from, id))
		tell_near_miss(s, &from);
}

static int receive_batch(struct udp_socket *s)
{
	struct receive_batch *in = s->udp->in;

	/* What the kernel wrote into those that were used last. */
	for (size_t i = 0; i < in->used; i++)
		in->headers[i].msg_hdr.msg_namelen = sizeof(in->from[i]);
	s->udp->counters->receive_calls++;
	int n = recvmmsg(s->fd, in->headers, BATCH_PACKETS, 0, NULL);
	in->used = n > 0 ? (size_t)n : 0;
	return n;
}

/* The kernel keeps for us which packet an ICMP message was about. */
static void take_errors(struct udp_socket *s)
{
	uint8_t packet[UDP_QUERY_MAX];
	uint8_t control[512];
	struct sockaddr_storage to;
	struct address address;

	for (int i = 0; i < BATCH_PACKETS; i++) {
		struct iovec vector = { packet, sizeof(packet) };
		struct msghdr h = { .msg_name = &to,
				    .msg_namelen = sizeof(to),
				    .msg_iov = &vector,
				    .msg_iovlen = 1,
				    .msg_control = control,
				    .msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(s->fd, &h, MSG_ERRQUEUE);
		if (n < 2)
			break;
		struct cmsghdr *c = CMSG_FIRSTHDR(&h);
		if (!c || !address_from_kernel(&to, &address))
			continue;
		struct sock_extended_err e;
		memcpy(&e, CMSG_DATA(c), sizeof(e));
		struct udp_try *t = find_try(
			s->udp, s, (uint16_t)(packet[0] << 8 | packet[1]), &address);
		if (t && e.ee_errno != EMSGSIZE)
			t->events->on_error(t, (int)e.ee_errno);
	}
	int error;
	socklen_t len = sizeof(error);
	getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len); /* clears it */
}

static void receive(struct udp_socket *s, bool has_error)
{
	struct receive_batch *in = s->udp->in;

	if (has_error)
		take_errors(s);
	int n = receive_batch(s);
	s->udp->received_us = clock_mono_us();
	for (int i = 0; i < n; i++)
		take_packet(s, &in->from[i],
			    str_of(in->packets[i], in->headers[i].msg_len),
			    in->headers[i].msg_hdr.msg_flags & MSG_TRUNC);
}

/* Sockets are closed when the loop is about to wait, so those at hand stay. */
static void on_ready(uv_poll_t *poll, unused_arg int status, unused_arg int events)
{
	struct udp *u = poll->data;
	int n = epoll_wait(u->epoll, u->ready, READY_MAX, 0);

	for (int i = 0; i < n; i++)
		receive(u->ready[i].data.ptr, u->ready[i].events & EPOLLERR);
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct udp *u = handle->data;

	if (--u->handles == 0)
		xfree(u);
}

static void close_all(struct list *sockets)
{
	list_each_safe (at, sockets)
		socket_close(LIST_THING(at, struct udp_socket, hook));
}

void udp_free(struct udp **udp)
{
	struct udp *u = *udp;

	if (!u)
		return;
	close_all(&u->sockets);
	close_all(&u->spares[0]);
	close_all(&u->spares[1]);
	xfree(u->in);
	xfree(u->out);
	if (u->handles > 1)
		uv_close((uv_handle_t *)&u->poll, on_handle_closed);
	uv_close((uv_handle_t *)&u->prepare, on_handle_closed);
	if (u->epoll >= 0)
		close(u->epoll);
	*udp = NULL;
}

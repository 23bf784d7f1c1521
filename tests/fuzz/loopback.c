/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions with the names of the real ones, put in their place by the linker. */
#include "loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <uv.h>

#include "liar.h"
#include "resolver/deadline.h"

enum {
	HEADER = 12,
	QUERY_MAX = 512,     /* octets; the relay reads no more of a packet */
	SOCKET_FD = 1 << 20, /* of socket 0: far from those that are open */
	PORT = 10000,        /* the same */
	EXPONENT_MAX = 8,    /* octets, of a key of RSA */
	MODULUS_MAX = 512,
	FLAG_QR = 0x8000,
	FLAG_RA = 0x0080,
	FLAGS_NEVER = 0x0620, /* AA, TC, AD */
	FLAGS_KEPT = 0x0110,  /* RD, CD */
	CLASS_IN = 1,
};

struct poll {
	struct list hook;
	uv_poll_t *handle;
	int fd;
	uv_poll_cb ready;
	int bits; /* 0: stopped */
};

static struct {
	struct deadline turn;
	struct list to_relay;
	struct list to_sockets;
	struct list open; /* header and question of those that are well-formed */
	size_t open_count;
	struct list polls;
	int broken_fd; /* 0: none */
} lo;

/* Packets */

static void drop(struct loopback_packet *p)
{
	list_remove(&p->hook);
	xfree(p);
}

static void drop_all(struct list *packets)
{
	list_each_safe (at, packets) {
		drop(LIST_THING(at, struct loopback_packet, hook));
	}
}

static struct loopback_packet *find_packet(const struct list *packets, int socket)
{
	list_each (at, packets) {
		struct loopback_packet *p = LIST_THING(at, struct loopback_packet, hook);
		if (p->socket == socket)
			return p;
	}
	return NULL;
}

static struct loopback_packet *put_packet(struct list *packets, int socket,
					  struct str bytes)
{
	struct loopback_packet *p = xalloc(1, sizeof(*p) + bytes.len);

	p->socket = socket;
	p->len = bytes.len;
	memcpy(p->bytes, bytes.data, bytes.len);
	list_init(&p->hook);
	list_add(packets, &p->hook);
	return p;
}

/* Octets of header and question; 0: it is not well-formed. */
static size_t question_end(struct str packet)
{
	size_t at = HEADER, end;

	while (at < packet.len && packet.data[at] != 0) {
		if ((uint8_t)packet.data[at] > DNS_LABEL_MAX)
			return 0;
		at += 1 + (uint8_t)packet.data[at];
	}
	end = at + 1 + 4;
	return end > packet.len || at + 1 - HEADER > DNS_NAME_MAX ? 0 : end;
}

/* The kernel */

static bool is_ready(const struct poll *p)
{
	if (!(p->bits & UV_READABLE))
		return false;
	if (p->fd < SOCKET_FD)
		return !list_is_empty(&lo.to_relay);
	return p->fd == lo.broken_fd || find_packet(&lo.to_sockets, p->fd - SOCKET_FD);
}

static struct poll *first_ready(void)
{
	list_each (at, &lo.polls) {
		struct poll *p = LIST_THING(at, struct poll, hook);
		if (is_ready(p))
			return p;
	}
	return NULL;
}

static void wake(void)
{
	deadline_set(deadlines_new(NULL), &lo.turn, clock_mono_us());
}

/* One at a time: what it does may close others. */
static void on_turn(unused_arg struct deadline *d)
{
	struct poll *p = first_ready();

	if (!p)
		return;
	bool is_broken = p->fd == lo.broken_fd;
	if (is_broken)
		lo.broken_fd = 0;
	p->ready(p->handle, is_broken ? -EBADF : 0, is_broken ? 0 : UV_READABLE);
	if (first_ready())
		wake();
}

static struct poll *poll_of(const uv_poll_t *handle)
{
	list_each (at, &lo.polls) {
		struct poll *p = LIST_THING(at, struct poll, hook);
		if (p->handle == handle)
			return p;
	}
	abort();
}

int __wrap_uv_poll_init(uv_loop_t *loop, uv_poll_t *handle, int fd);
int __wrap_uv_poll_init(unused_arg uv_loop_t *loop, uv_poll_t *handle, int fd)
{
	struct poll *p = xalloc(1, sizeof(*p));

	p->handle = handle;
	p->fd = fd;
	list_init(&p->hook);
	list_add(&lo.polls, &p->hook);
	return 0;
}

int __wrap_uv_poll_start(uv_poll_t *handle, int events, uv_poll_cb cb);
int __wrap_uv_poll_start(uv_poll_t *handle, int events, uv_poll_cb cb)
{
	struct poll *p = poll_of(handle);

	p->bits = events;
	p->ready = cb;
	if (is_ready(p))
		wake();
	return 0;
}

int __wrap_uv_poll_stop(uv_poll_t *handle);
int __wrap_uv_poll_stop(uv_poll_t *handle)
{
	poll_of(handle)->bits = 0;
	return 0;
}

void __wrap_uv_unref(uv_handle_t *handle);
void __wrap_uv_unref(unused_arg uv_handle_t *handle)
{
}

void __wrap_uv_close(uv_handle_t *handle, uv_close_cb closed);
void __wrap_uv_close(uv_handle_t *handle, uv_close_cb closed)
{
	struct poll *p = poll_of((uv_poll_t *)handle);

	if (p->bits)
		abort();
	list_remove(&p->hook);
	xfree(p);
	closed(handle);
}

/* lint: parameters - the kernel's */
ssize_t __wrap_recvfrom(int fd, void *out, size_t len, int flags, struct sockaddr *from,
			socklen_t *from_len);
/* lint: parameters - the kernel's */
ssize_t __wrap_recvfrom(unused_arg int fd, void *out, size_t len, unused_arg int flags,
			struct sockaddr *from, socklen_t *from_len)
{
	struct list *first = list_first(&lo.to_relay);
	struct sockaddr_in to = { .sin_family = AF_INET };

	if (!first) {
		errno = EAGAIN;
		return -1;
	}
	struct loopback_packet *p = LIST_THING(first, struct loopback_packet, hook);
	size_t taken = p->len < len ? p->len : len;
	to.sin_port = htons((uint16_t)(PORT + p->socket));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (taken > 0)
		memcpy(out, p->bytes, taken);
	memcpy(from, &to, sizeof(to));
	*from_len = sizeof(to);
	drop(p);
	return (ssize_t)taken;
}

/* What the relay answers */

/* RFC 3110 section 2 */
static bool is_costly(const struct dns_record *r)
{
	struct cursor c = cursor_over(str_sub(r->rdata, 3, SIZE_MAX));
	uint8_t algorithm = cursor_u8(&c);
	bool is_rsa = algorithm == 1 || algorithm == 5 || algorithm == 7 ||
		      algorithm == 8 || algorithm == 10;
	size_t len = cursor_u8(&c);

	if (len == 0)
		len = cursor_u16(&c);
	return r->type == DNS_TYPE_DNSKEY && is_rsa &&
	       (len > EXPONENT_MAX || cursor_left(&c) > MODULUS_MAX + EXPONENT_MAX);
}

static unsigned flags_of(const void *packet)
{
	struct cursor c = cursor_over(str_of(packet, 4));

	cursor_u16(&c);
	return cursor_u16(&c);
}

static void check_message(const struct loopback_packet *asked, struct str packet)
{
	struct dns_message m;
	auto_arena struct arena a;
	const uint8_t *tail = asked->bytes + asked->len - 4;
	uint16_t type = (uint16_t)(tail[0] << 8 | tail[1]);

	arena_init(&a, 1 << 20);
	if (tail[2] != 0 || tail[3] != CLASS_IN)
		return;
	if (!dns_message_parse(&a, packet, &m) || !m.has_question)
		abort();
	/* These no check shows: they were fetched, and shall come from who knows. */
	if ((type == DNS_TYPE_DNSKEY || type == DNS_TYPE_DS) &&
	    flags_of(packet.data) & LIAR_FLAG_Z && m.rcode != DNS_RCODE_SERVFAIL)
		abort();
	for (size_t i = 0; i < m.answer.count && type == DNS_TYPE_DNSKEY; i++)
		if (is_costly(&m.answer.records[i]))
			abort();
}

static struct loopback_packet *find_open(int socket, struct str packet)
{
	list_each (at, &lo.open) {
		struct loopback_packet *p = LIST_THING(at, struct loopback_packet, hook);
		if (p->socket == socket && packet.len >= p->len &&
		    memcmp(p->bytes, packet.data, 2) == 0)
			return p;
	}
	abort();
}

/* lint: parameters - the kernel's */
ssize_t __wrap_sendto(int fd, const void *data, size_t len, int flags,
		      const struct sockaddr *to, socklen_t to_len);
/* lint: parameters - the kernel's */
ssize_t __wrap_sendto(unused_arg int fd, const void *data, size_t len,
		      unused_arg int flags, const struct sockaddr *to, socklen_t to_len)
{
	struct sockaddr_in where;

	if (to_len != sizeof(where) || len > DNS_MESSAGE_MAX)
		abort();
	memcpy(&where, to, sizeof(where));
	int socket = ntohs(where.sin_port) - PORT;
	struct loopback_packet *asked = find_open(socket, str_of(data, len));
	unsigned seen = flags_of(data), expected = flags_of(asked->bytes);
	if (!(seen & FLAG_QR) || !(seen & FLAG_RA) || seen & FLAGS_NEVER ||
	    (seen & FLAGS_KEPT) != (expected & FLAGS_KEPT) ||
	    memcmp((const uint8_t *)data + HEADER, asked->bytes + HEADER,
		   asked->len - HEADER) != 0)
		abort();
	check_message(asked, str_of(data, len));
	lo.open_count--;
	drop(asked);
	put_packet(&lo.to_sockets, socket, str_of(data, len));
	wake();
	return (ssize_t)len;
}

/* The askers' side */

int loopback_fd(int socket)
{
	return SOCKET_FD + socket;
}

void loopback_send(int socket, struct str bytes)
{
	size_t end = question_end(str_sub(bytes, 0, QUERY_MAX));

	if (end > 0) {
		put_packet(&lo.open, socket, str_sub(bytes, 0, end));
		lo.open_count++;
	}
	put_packet(&lo.to_relay, socket, bytes);
	wake();
}

struct loopback_packet *loopback_take(int socket)
{
	struct loopback_packet *p = find_packet(&lo.to_sockets, socket);

	if (p)
		list_remove(&p->hook);
	return p;
}

void loopback_break(int socket)
{
	lo.broken_fd = loopback_fd(socket);
	wake();
}

size_t loopback_open(void)
{
	while (first_ready())
		on_turn(NULL);
	return lo.open_count;
}

void loopback_start(void)
{
	lo.turn = (struct deadline){ .due = on_turn };
	lo.broken_fd = 0;
	lo.open_count = 0;
	list_init(&lo.to_relay);
	list_init(&lo.to_sockets);
	list_init(&lo.open);
	list_init(&lo.polls);
}

void loopback_stop(void)
{
	deadline_clear(deadlines_new(NULL), &lo.turn);
	drop_all(&lo.to_relay);
	drop_all(&lo.to_sockets);
	drop_all(&lo.open);
}

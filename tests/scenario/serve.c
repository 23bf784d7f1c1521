/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "memory.h"
#include "resolver/address.h"
#include "traffic.h"

enum {
	SERVERS_MAX = 1024,
	EVENTS = 64,
	QUERY_MAX = 4096,
	RTT_USUAL_US = 20000,
	TCP_WAITING = 64,
	SEND_ROOM = 200000, /* octets: a whole message and more */
	BLACKHOLE_FILL = 3, /* connections that fill a queue of one */
	FREEBIND_V6 = 78,   /* IPV6_FREEBIND */
};

struct server {
	struct address address;
	int udp;
	int tcp; /* -1: refuses */
	int64_t rtt_us;
	enum tcp_listening listening;
	bool is_open;
	int fill[BLACKHOLE_FILL];
};

/* A connection, or a socket that waits for some: epoll gives it back. */
struct place {
	struct server *server;
	int fd;
	bool is_tcp;
	bool is_listening;
	bool is_closed;
	struct buf in;
};

struct pending {
	struct pending *next;
	int64_t at_us;
	struct server *server;
	struct place *connection; /* NULL: a datagram */
	struct sockaddr_storage to;
	socklen_t to_len;
	struct address from; /* unset: the server's */
	struct str bytes;
	bool ends; /* the connection, behind these bytes */
	bool resets;
};

struct serve {
	struct world *world;
	struct arena *arena;
	struct rule *rules;
	int64_t rtt_us;
	int epoll;
	struct server servers[SERVERS_MAX];
	size_t server_count;
	struct pending *pending; /* by time */
	struct step_world step;
	bool has_failed;
	struct err failure;
};

static bool act(void *world, int64_t now_us);
static int64_t next_us(const void *world);

struct serve *serve_new(struct world *world, struct arena *a)
{
	struct serve *s = arena_alloc(a, sizeof(*s));

	s->world = world;
	s->arena = a;
	s->rtt_us = RTT_USUAL_US;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->step = (struct step_world){ act, next_us, s };
	return s;
}

void serve_set_rtt(struct serve *s, int64_t us)
{
	s->rtt_us = us;
}

void serve_add_rules(struct serve *s, struct rule *first)
{
	struct rule *last = first;

	while (last->next)
		last = last->next;
	last->next = s->rules;
	s->rules = first;
}

struct rule *serve_rules(struct serve *s)
{
	return s->rules;
}

const struct step_world *serve_world(struct serve *s)
{
	return &s->step;
}

bool serve_has_failed(const struct serve *s, struct err *e)
{
	if (s->has_failed)
		*e = s->failure;
	return s->has_failed;
}

/* Sockets */

static int open_socket(const struct address *a, int type)
{
	int on = 1;
	struct sockaddr_storage sa;
	socklen_t len = address_to_kernel(a, &sa);
	int fd = socket(a->family == 4 ? AF_INET : AF_INET6,
			type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (a->family == 6)
		setsockopt(fd, IPPROTO_IPV6, FREEBIND_V6, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&sa, len) == 0)
		return fd;
	close(fd);
	return -1;
}

static void watch(struct serve *s, struct server *server, int fd, bool is_tcp,
		  bool is_listening)
{
	struct place *p = arena_alloc(s->arena, sizeof(*p));
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = p };

	*p = (struct place){
		.server = server, .fd = fd, .is_tcp = is_tcp, .is_listening = is_listening
	};
	buf_init(&p->in, 1 << 17);
	epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event);
}

static struct server *server_find(struct serve *s, const struct address *a)
{
	for (size_t i = 0; i < s->server_count; i++)
		if (address_equal(&s->servers[i].address, a))
			return &s->servers[i];
	if (s->server_count == SERVERS_MAX)
		return NULL;
	struct server *server = &s->servers[s->server_count++];
	server->address = *a;
	server->rtt_us = -1;
	server->udp = -1;
	server->tcp = -1;
	return server;
}

void serve_set_server(struct serve *s, const struct address *a, int64_t rtt_us,
		      enum tcp_listening tcp)
{
	struct server *server = server_find(s, a);

	if (!server)
		return;
	if (rtt_us >= 0)
		server->rtt_us = rtt_us;
	if (tcp != LISTEN_USUAL)
		server->listening = tcp;
}

/* Full, so that the kernel answers no further one. */
static void fill_queue(struct server *server)
{
	struct sockaddr_storage sa;
	socklen_t len = address_to_kernel(&server->address, &sa);

	for (size_t i = 0; i < BLACKHOLE_FILL; i++) {
		server->fill[i] = socket(sa.ss_family,
					 SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		syscall(SYS_connect, server->fill[i], &sa, len);
	}
}

static bool listen_tcp(struct serve *s, struct server *server)
{
	bool is_full = server->listening == LISTEN_BLACKHOLE;

	if (server->listening == LISTEN_REFUSE)
		return true;
	server->tcp = open_socket(&server->address, SOCK_STREAM);
	if (server->tcp < 0 || listen(server->tcp, is_full ? 0 : TCP_WAITING) != 0)
		return false;
	if (is_full)
		fill_queue(server);
	else
		watch(s, server, server->tcp, true, true);
	return true;
}

bool serve_listen(struct serve *s, const struct address *a, struct err *e)
{
	struct server *server = server_find(s, a);
	auto_buf struct buf text;
	buf_init(&text, 128);

	if (server && server->is_open)
		return true;
	if (server)
		server->udp = open_socket(a, SOCK_DGRAM);
	if (!server || server->udp < 0 || !listen_tcp(s, server)) {
		address_write(&text, a);
		return err_set(e, ERR_UNAVAILABLE, "cannot listen at %s: %s",
			       buf_cstr(&text), strerror(errno));
	}
	server->is_open = true;
	watch(s, server, server->udp, false, false);
	return true;
}

void serve_close(struct serve *s)
{
	for (size_t i = 0; i < s->server_count; i++) {
		close(s->servers[i].udp);
		close(s->servers[i].tcp);
	}
	close(s->epoll);
}

/* What will leave */

static void put(struct serve *s, const struct pending *model)
{
	struct pending **at = &s->pending;
	struct pending *p = arena_alloc(s->arena, sizeof(*p));

	*p = *model;
	while (*at && (*at)->at_us <= p->at_us)
		at = &(*at)->next;
	p->next = *at;
	*at = p;
}

static struct str with_length(struct serve *s, const struct packet *packet)
{
	auto_buf struct buf out;
	buf_init(&out, 1 << 18);

	buf_u16(&out, (uint16_t)(packet->tcp_length == SIZE_MAX ? packet->bytes.len
								: packet->tcp_length));
	buf_str(&out, packet->bytes);
	if (packet->tcp_stop < out.len)
		buf_cut(&out, packet->tcp_stop);
	return arena_str(s->arena, buf_view(&out));
}

static void put_stream(struct serve *s, const struct packet *packet, struct pending *p)
{
	struct str all = with_length(s, packet);
	size_t piece = packet->drip_us > 0 ? 1 : all.len;

	if (packet->tcp == TCP_HANG)
		return;
	p->resets = packet->tcp == TCP_RESET;
	if (packet->tcp != TCP_USUAL) {
		p->ends = true;
		put(s, p);
		return;
	}
	for (size_t at = 0; at < all.len; at += piece) {
		p->bytes = str_sub(all, at, piece);
		p->ends = packet->tcp_stop != SIZE_MAX && at + piece >= all.len;
		put(s, p);
		p->at_us += packet->drip_us;
	}
}

static void put_packet(struct serve *s, const struct packet *packet,
		       const struct pending *model, int64_t now_us)
{
	struct pending p = *model;
	int64_t rtt_us = p.server->rtt_us >= 0 ? p.server->rtt_us : s->rtt_us;

	/* The kernel connects in no time: the round trip of that is added here. */
	p.at_us = now_us + packet->delay_us + (p.connection ? 2 : 1) * rtt_us;
	p.from = packet->from;
	p.bytes = packet->bytes;
	if (p.connection)
		put_stream(s, packet, &p);
	else
		put(s, &p);
}

static void answer(struct serve *s, struct str wire, const struct pending *model,
		   int64_t now_us)
{
	struct asking_of q = { .world = s->world,
			       .arena = s->arena,
			       .server = model->server->address,
			       .over_tcp = model->connection,
			       .wire = arena_str(s->arena, wire) };
	struct packets packets;

	if (!dns_message_parse(s->arena, q.wire, &q.query) || !q.query.has_question)
		return;
	const struct rule *rule = rule_choose(s->rules, &q);
	if (!rule_reply(rule, &q, &packets, &s->failure)) {
		s->has_failed = true;
		err_in(&s->failure, "line %zu", rule->line);
		return;
	}
	for (size_t i = 0; i < packets.count; i++)
		put_packet(s, &packets.list[i], model, now_us);
}

/* What has come */

static void receive_datagrams(struct serve *s, struct place *p, int64_t now_us)
{
	uint8_t packet[QUERY_MAX];

	for (;;) {
		struct pending model = { .server = p->server,
					 .to_len = sizeof(model.to) };
		ssize_t n = recvfrom(p->fd, packet, sizeof(packet), 0,
				     (struct sockaddr *)&model.to, &model.to_len);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			continue;
		step_settle();
		answer(s, str_of(packet, (size_t)n), &model, now_us);
	}
}

/* What has come to the other end; what waits at this end was not sent. */
static void count_stream(const struct place *p)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(p->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0)
		traffic_seen()->bytes_in += info.tcpi_bytes_acked;
}

static void close_place(struct place *p)
{
	if (p->is_closed)
		return;
	p->is_closed = true;
	count_stream(p);
	close(p->fd);
	buf_done(&p->in);
}

static void take_queries(struct serve *s, struct place *p, int64_t now_us)
{
	struct pending model = { .server = p->server, .connection = p };

	for (;;) {
		struct cursor c = cursor_over(buf_view(&p->in));
		uint16_t len = cursor_u16(&c);
		struct str wire = cursor_bytes(&c, len);
		if (!cursor_ok(&c))
			return;
		answer(s, wire, &model, now_us);
		buf_consume(&p->in, 2 + (size_t)len);
	}
}

static void receive_stream(struct serve *s, struct place *p, int64_t now_us)
{
	uint8_t bytes[QUERY_MAX];
	ssize_t n = recv(p->fd, bytes, sizeof(bytes), 0);

	if (n < 0 && errno == EAGAIN)
		return;
	step_settle();
	if (n <= 0) {
		close_place(p);
		return;
	}
	buf_add(&p->in, bytes, (size_t)n);
	take_queries(s, p, now_us);
}

static void take_connection(struct serve *s, struct place *p)
{
	int fd = accept4(p->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	int room = SEND_ROOM;

	step_settle();
	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	watch(s, p->server, fd, true, false);
}

static bool receive_all(struct serve *s, int64_t now_us)
{
	struct epoll_event events[EVENTS];
	int count = (int)syscall(SYS_epoll_pwait, s->epoll, events, EVENTS, 0, NULL, 8);

	for (int i = 0; i < count; i++) {
		struct place *p = events[i].data.ptr;
		if (p->is_listening)
			take_connection(s, p);
		else if (p->is_tcp)
			receive_stream(s, p, now_us);
		else
			receive_datagrams(s, p, now_us);
	}
	return count > 0;
}

/* What leaves */

static void send_stream(struct pending *p)
{
	struct linger at_once = { .l_onoff = 1 };

	if (p->connection->is_closed)
		return;
	if (p->bytes.len > 0 && !p->resets)
		send(p->connection->fd, p->bytes.data, p->bytes.len, MSG_NOSIGNAL);
	if (p->resets)
		setsockopt(p->connection->fd, SOL_SOCKET, SO_LINGER, &at_once,
			   sizeof(at_once));
	if (p->ends)
		close_place(p->connection);
}

static void send_datagram(const struct pending *p)
{
	int fd = p->server->udp;

	if (p->from.family)
		fd = open_socket(&p->from, SOCK_DGRAM);
	if (sendto(fd, p->bytes.data, p->bytes.len, 0, (const struct sockaddr *)&p->to,
		   p->to_len) >= 0)
		traffic_seen()->bytes_in += p->bytes.len;
	if (p->from.family)
		close(fd);
}

static bool send_due(struct serve *s, int64_t now_us)
{
	bool any = false;

	while (s->pending && s->pending->at_us <= now_us) {
		struct pending *p = s->pending;
		s->pending = p->next;
		if (p->connection)
			send_stream(p);
		else
			send_datagram(p);
		step_unsettle();
		any = true;
	}
	return any;
}

static bool act(void *world, int64_t now_us)
{
	struct serve *s = world;

	traffic_pause(true);
	memory_pause(true);
	bool has_received = receive_all(s, now_us);
	bool has_sent = send_due(s, now_us);
	memory_pause(false);
	traffic_pause(false);
	return has_received || has_sent;
}

static int64_t next_us(const void *world)
{
	const struct serve *s = world;

	return s->pending ? s->pending->at_us : INT64_MAX;
}

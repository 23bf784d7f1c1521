/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For test_spoof.py: a resolver whose question waits while forged answers come in, and
 * the server that they pretend to be, on one loop, so that none is lost unread.
 *
 *   flood CONFIG KIND COUNT [volley]
 *                             sends so many, some at each question; prints of each
 *                             question "TAKEN WAY SENT": the text that was believed or
 *                             "-", "udp" or "tcp", how many forged ones were sent at it
 *   flood CONFIG single COUNT asks so many questions, one after the other; prints of
 *                             each, as the server saw it, "PORT ID NAME"
 *   flood CONFIG burst COUNT  the same, ten at once; a line "-" behind them
 */
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "crypto/crypto.h"
#include "resolver/address.h"
#include "resolver/resolver.h"

enum {
	BURST = 16, /* fewer than a resolver reads at a time */
	AT_ONE_QUESTION = 25000,
	AT_ONE_VOLLEY = 2000, /* it waits for some hundredths of a second only */
	QUERY_MAX = 512,
	IN_A_BURST = 10, /* a check asks no more of a server that it knows nothing of */
	HEADER_LEN = 12,
};

/* What is wrong with the forged answers; all else is right. */
enum kind {
	KIND_ID,
	KIND_ID_AND_LETTERS, /* as somebody who sees nothing has to guess */
	KIND_LETTERS,
	KIND_NAME,
	KIND_TYPE,
	KIND_CLASS,
	KIND_NO_QUESTION,
	KIND_NO_COOKIE,
	KIND_COOKIE,
	KIND_QUERY,
	KIND_OPCODE,
	KIND_CUT,
	KIND_ADDRESS,
	KIND_PORT,
};
static const char *const kinds[] = { "id",          "id_and_letters",
				     "letters",     "name",
				     "type",        "class",
				     "no_question", "no_cookie",
				     "cookie",      "query",
				     "opcode",      "cut",
				     "address",     "port" };

struct query {
	uint8_t wire[QUERY_MAX];
	size_t len;
	size_t question_end;
	struct sockaddr_in from;
};

struct flood {
	uv_loop_t loop;
	struct config *config;
	struct resolver *resolver;
	struct arena arena;
	struct budget budget;
	int server;    /* the address that is asked */
	int stranger;  /* another address */
	int neighbour; /* another port of the right address */
	uv_poll_t readable;
	uv_idle_t step;
	uv_tcp_t listener;
	uv_tcp_t connection;
	struct buf tcp_in;
	bool has_connection;
	enum kind kind;
	bool is_flooding;
	uint64_t left;
	uint64_t sent;
	struct query query;
	struct buf packet;
	bool is_asked_ports;
	bool is_volley;
	uint64_t to_ask;
	bool is_done;
	bool over_tcp;
	struct str taken;
};

static const struct address server_address = { .family = 4,
					       .port = 53,
					       .bytes = { 192, 0, 2, 11 } };

/* Answers */

static bool query_read(struct query *q)
{
	struct cursor c = cursor_over(str_of(q->wire, q->len));
	struct dns_name name;

	(void)cursor_bytes(&c, HEADER_LEN);
	if (!dns_name_read(&c, &name))
		return false;
	(void)cursor_u32(&c);
	q->question_end = q->len - cursor_left(&c);
	return cursor_ok(&c);
}

static void put_answer(struct buf *out, const char *text)
{
	size_t len = str_from(text).len;

	buf_u16(out, 0xc00c);
	buf_u16(out, DNS_TYPE_TXT);
	buf_u16(out, 1);
	buf_u32(out, 60);
	buf_u16(out, (uint16_t)(len + 1));
	buf_byte(out, (uint8_t)len);
	buf_text(out, text);
}

/* OPT with the cookie that came, and a server's part. RFC 7873 section 4. */
static void put_cookie(struct buf *out, const struct query *q)
{
	/* The OPT of the query: root, type, size, flags, length, code, length, cookie. */
	const uint8_t *cookie = q->wire + q->question_end + 15;

	buf_byte(out, 0);
	buf_u16(out, DNS_TYPE_OPT);
	buf_u16(out, 1232);
	buf_u32(out, 0);
	buf_u16(out, 20);
	buf_u16(out, 10);
	buf_u16(out, 16);
	buf_add(out, cookie, DNS_COOKIE_CLIENT);
	buf_text(out, "8 octets");
}

static void write_answer(struct buf *out, const struct query *q, const char *text,
			 bool has_cookie)
{
	buf_clear(out);
	buf_add(out, q->wire, 2);
	buf_u16(out, 0x8400); /* QR, AA */
	buf_u16(out, 1);
	buf_u16(out, 1);
	buf_u16(out, 0);
	buf_u16(out, has_cookie ? 1 : 0);
	buf_add(out, q->wire + HEADER_LEN, q->question_end - HEADER_LEN);
	put_answer(out, text);
	if (has_cookie)
		put_cookie(out, q);
}

static void flip_letter(struct buf *packet)
{
	/* The first label of all names here begins with a letter. */
	packet->data[HEADER_LEN + 1] ^= 0x20;
}

static void guess_id(struct buf *packet, const struct query *q)
{
	do
		crypto_random(packet->data, 2);
	while (memcmp(packet->data, q->wire, 2) == 0);
}

static void guess_letters(struct buf *packet, const struct query *q)
{
	uint8_t coins[DNS_NAME_MAX];

	crypto_random(coins, sizeof(coins));
	for (size_t i = HEADER_LEN; i < q->question_end - 4; i++) {
		char c = packet->data[i];
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
			packet->data[i] = (char)(c ^ (coins[i - HEADER_LEN] & 0x20));
	}
}

/* From a right answer to the forged one; of two sockets, which to send it from. */
static int forge(struct flood *f)
{
	struct buf *p = &f->packet;
	const struct query *q = &f->query;

	write_answer(p, q, "forged", f->kind != KIND_NO_COOKIE);
	switch (f->kind) {
	case KIND_ID:
		guess_id(p, q);
		break;
	case KIND_ID_AND_LETTERS:
		crypto_random(p->data, 2);
		guess_letters(p, q);
		break;
	case KIND_LETTERS:
		flip_letter(p);
		break;
	case KIND_NAME:
		p->data[HEADER_LEN + 1]++;
		break;
	case KIND_TYPE:
		p->data[q->question_end - 3] = DNS_TYPE_MX;
		break;
	case KIND_CLASS:
		p->data[q->question_end - 1] = 3;
		break;
	case KIND_NO_QUESTION:
		memmove(p->data + HEADER_LEN, p->data + q->question_end,
			p->len - q->question_end);
		p->len -= q->question_end - HEADER_LEN;
		p->data[5] = 0;
		break;
	case KIND_NO_COOKIE:
		break;
	case KIND_COOKIE:
		p->data[p->len - 16] ^= 1;
		break;
	case KIND_QUERY:
		p->data[2] &= 0x7f;
		break;
	case KIND_OPCODE:
		p->data[2] |= 0x10;
		break;
	case KIND_CUT:
		p->len -= 3;
		break;
	case KIND_ADDRESS:
		return f->stranger;
	case KIND_PORT:
		return f->neighbour;
	}
	return f->server;
}

static void send_from(int fd, const struct query *q, const struct buf *packet)
{
	(void)!sendto(fd, packet->data, packet->len, 0, (const struct sockaddr *)&q->from,
		      sizeof(q->from));
}

/* The server */

static void answer_tcp(struct flood *f)
{
	struct query q = f->query;
	auto_buf struct buf framed;

	buf_init(&framed, QUERY_MAX);
	q.len = f->tcp_in.len - 2;
	memcpy(q.wire, f->tcp_in.data + 2, q.len);
	write_answer(&f->packet, &q, "right", true);
	buf_u16(&framed, (uint16_t)f->packet.len);
	buf_str(&framed, buf_view(&f->packet));
	uv_buf_t out = uv_buf_init(framed.data, (unsigned)framed.len);
	(void)uv_try_write((uv_stream_t *)&f->connection, &out, 1);
	buf_clear(&f->tcp_in);
}

/* The flood is over: the server gets to answer what it was asked. */
static void answer_rightly(struct flood *f)
{
	write_answer(&f->packet, &f->query, "right", true);
	send_from(f->server, &f->query, &f->packet);
	if (f->tcp_in.len > 2)
		answer_tcp(f);
}

static void on_step(uv_idle_t *step)
{
	struct flood *f = step->data;

	for (int i = 0; i < BURST && f->left > 0; i++) {
		int fd = forge(f);
		send_from(fd, &f->query, &f->packet);
		f->left--;
		f->sent++;
	}
	if (f->left > 0)
		return;
	f->is_flooding = false;
	uv_idle_stop(step);
	answer_rightly(f);
}

static void tell(const struct query *q)
{
	printf("%u %u ", ntohs(q->from.sin_port), q->wire[0] << 8 | q->wire[1]);
	fwrite(q->wire + HEADER_LEN, 1, q->question_end - 4 - HEADER_LEN, stdout);
	putchar('\n');
}

static void on_readable(uv_poll_t *poll, unused_arg int status, unused_arg int events)
{
	struct flood *f = poll->data;
	struct query *q = &f->query;
	socklen_t len = sizeof(q->from);
	ssize_t n;

	while ((n = recvfrom(f->server, q->wire, sizeof(q->wire), MSG_DONTWAIT,
			     (struct sockaddr *)&q->from, &len)) > 0) {
		q->len = (size_t)n;
		if (!query_read(q))
			continue;
		if (f->is_asked_ports)
			tell(q);
		if (f->left > 0 && !f->is_flooding) {
			f->is_flooding = true;
			uv_idle_start(&f->step, on_step);
		}
		if (f->left == 0)
			answer_rightly(f);
	}
}

static void on_room(uv_handle_t *handle, unused_arg size_t suggested, uv_buf_t *out)
{
	struct flood *f = handle->data;

	*out = uv_buf_init(buf_room(&f->tcp_in, QUERY_MAX), QUERY_MAX);
}

static void on_connection_closed(uv_handle_t *handle)
{
	struct flood *f = handle->data;

	f->has_connection = false;
}

static void on_read(uv_stream_t *stream, ssize_t n, unused_arg const uv_buf_t *b)
{
	struct flood *f = stream->data;

	if (n <= 0) {
		uv_close((uv_handle_t *)&f->connection, on_connection_closed);
		return;
	}
	buf_wrote(&f->tcp_in, (size_t)n);
	if (!f->is_flooding)
		answer_tcp(f);
}

static void on_connection(uv_stream_t *listener, unused_arg int status)
{
	struct flood *f = listener->data;

	if (f->has_connection)
		return;
	f->has_connection = true;
	buf_clear(&f->tcp_in);
	uv_tcp_init(&f->loop, &f->connection);
	f->connection.data = f;
	if (uv_accept(listener, (uv_stream_t *)&f->connection) == 0)
		uv_read_start((uv_stream_t *)&f->connection, on_room, on_read);
}

static int open_at(const char *address, uint16_t port)
{
	struct sockaddr_in at;
	int size = 4 << 20;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	uv_ip4_addr(address, port, &at);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		perror(address);
	return fd;
}

static void serve(struct flood *f)
{
	struct sockaddr_in at;

	f->server = open_at("192.0.2.11", 53);
	f->stranger = open_at("192.0.2.12", 53);
	f->neighbour = open_at("192.0.2.11", 54);
	buf_init(&f->packet, QUERY_MAX);
	buf_init(&f->tcp_in, 2 * QUERY_MAX);
	uv_poll_init(&f->loop, &f->readable, f->server);
	f->readable.data = f;
	uv_poll_start(&f->readable, UV_READABLE, on_readable);
	uv_idle_init(&f->loop, &f->step);
	f->step.data = f;
	uv_tcp_init(&f->loop, &f->listener);
	f->listener.data = f;
	uv_ip4_addr("192.0.2.11", 53, &at);
	uv_tcp_bind(&f->listener, (struct sockaddr *)&at, 0);
	uv_listen((uv_stream_t *)&f->listener, 8, on_connection);
}

/* Who asks */

static struct dns_name question_name(void)
{
	struct dns_name name = { 0 };
	struct err e = { 0 };

	(void)!dns_name_parse(STR("abcdefgh.question.customer.test"), &name, &e);
	return name;
}

static void ask(struct flood *f, resolver_ask_fn *done)
{
	struct resolver_request request = { .question = { .name = question_name(),
							  .type = DNS_TYPE_TXT },
					    .address = server_address };

	(void)resolver_ask_start(f->resolver, &f->budget, &f->arena, &request, done, f);
}

static void begin(struct flood *f)
{
	arena_reset(&f->arena);
	resolver_budget_init(f->resolver, &f->budget);
}

static void take(struct flood *f, const struct dns_message *m)
{
	struct str text;

	f->is_done = true;
	if (m && m->answer.count > 0 &&
	    dns_record_txt(&f->arena, &m->answer.records[0], &text))
		f->taken = text;
}

static void on_answer(void *arg, const struct resolver_reply *reply)
{
	struct flood *f = arg;

	f->over_tcp = reply->over_tcp;
	take(f, reply->message);
	resolver_budget_done(&f->budget);
}

static void on_volley(void *arg, unused_arg size_t index, struct str packet)
{
	struct flood *f = arg;
	struct dns_message m;

	take(f, dns_message_parse(&f->arena, packet, &m) ? &m : NULL);
}

static void put_volley(struct flood *f)
{
	struct dns_name name = question_name();
	struct volley_ask asks = { &name, DNS_TYPE_TXT, server_address };

	arena_reset(&f->arena);
	(void)volley_start(f->resolver, &asks, 1, on_volley, f);
}

static void run_until_done(struct flood *f)
{
	while (!f->is_done || f->is_flooding)
		uv_run(&f->loop, UV_RUN_ONCE);
}

static void ask_one(struct flood *f, uint64_t forged)
{
	f->is_done = false;
	f->taken = STR("-");
	f->left = forged;
	if (f->is_volley) {
		put_volley(f);
	} else {
		begin(f);
		ask(f, on_answer);
	}
	run_until_done(f);
}

/* The first question is answered at once, so that the server's cookie is known. */
static void flood_all(struct flood *f, uint64_t count, bool is_volley)
{
	uint64_t at_one = is_volley ? AT_ONE_VOLLEY : AT_ONE_QUESTION;

	ask_one(f, 0);
	f->is_volley = is_volley;
	while (f->sent < count) {
		uint64_t before = f->sent;
		uint64_t left = count - f->sent;
		ask_one(f, left < at_one ? left : at_one);
		printf("%.*s %s %llu\n", STR_ARG(f->taken), f->over_tcp ? "tcp" : "udp",
		       (unsigned long long)(f->sent - before));
	}
}

static void on_one_of_many(unused_arg void *arg,
			   unused_arg const struct resolver_reply *r)
{
	struct flood *f = arg;

	f->to_ask--;
}

/* So many at a time, in one check. */
static void ask_many(struct flood *f, uint64_t count, uint64_t at_a_time)
{
	f->is_asked_ports = true;
	for (uint64_t asked = 0; asked < count; asked += at_a_time) {
		begin(f);
		f->to_ask = at_a_time;
		for (uint64_t i = 0; i < at_a_time; i++)
			ask(f, on_one_of_many);
		while (f->to_ask > 0)
			uv_run(&f->loop, UV_RUN_ONCE);
		puts("-");
		resolver_budget_done(&f->budget);
	}
}

static bool kind_find(const char *name, enum kind *out)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		*out = (enum kind)i;
		if (strcmp(kinds[i], name) == 0)
			return true;
	}
	return false;
}

static void on_walked(uv_handle_t *handle, unused_arg void *arg)
{
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void stop(struct flood *f)
{
	resolver_free(&f->resolver);
	uv_walk(&f->loop, on_walked, NULL);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	uv_loop_close(&f->loop);
	close(f->server);
	close(f->stranger);
	close(f->neighbour);
	buf_done(&f->packet);
	buf_done(&f->tcp_in);
	arena_done(&f->arena);
	config_free(&f->config);
}

int main(int argc, char **argv)
{
	struct flood f = { 0 };
	struct err e = { 0 };
	uint64_t count;

	if (argc < 4 || argc > 5 || !str_number(str_from(argv[3]), 100000000, &count))
		return 2;
	uv_loop_init(&f.loop);
	f.config = config_new();
	arena_init(&f.arena, 16 << 20);
	if (!config_read_file(f.config, argv[1], &e) ||
	    !resolver_new(&f.loop, f.config, &f.resolver, &e)) {
		fprintf(stderr, "flood: %s\n", e.text);
		return 2;
	}
	serve(&f);
	if (kind_find(argv[2], &f.kind))
		flood_all(&f, count, argc == 5);
	else
		ask_many(&f, count, strcmp(argv[2], "burst") == 0 ? IN_A_BURST : 1);
	stop(&f);
	return 0;
}

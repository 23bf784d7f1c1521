/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions with the names of libunbound's: the library's are then not called. */
#include "libunbound.h"

#include <stdlib.h>
#include <sys/time.h>
#include <unbound.h>

#include <unbound-event.h>

#include "liar.h"
#include "loopback.h"

enum {
	QUERY_MAX = 512, /* octets */
	QUERIES_MAX = 1000,
	FLAGS_RD_CD = 0x0110,
	FLAGS_ALL = 0x7fff, /* of a question */
	CLASS_IN = 1,
	HONEST_WAIT_US = 5000000,
};

/* The resolver's question to libunbound. */
struct query {
	struct list hook;
	struct ub_ctx *context;
	int number;
	uint16_t type;
	struct dns_name name;
	ub_event_callback_type done;
	void *arg;
	struct ub_event *readable;
	bool is_persistent; /* readable stays until it is taken away */
	bool is_reading;    /* waits for it */
	struct ub_event *timer;
	size_t honest_at;
	struct loopback_packet *last; /* answer */
};

struct ub_ctx {
	struct ub_event_base *base;
	struct list queries;
};

static struct {
	struct unbound *u;
	int next_query;
	uint16_t next_id;
} lib;

static const struct {
	const char *zone; /* NULL: what is asked itself */
	uint16_t type;
	size_t answers;
} honest[] = {
	{ NULL, DNS_TYPE_A, 1 },           { "victim.test", DNS_TYPE_DNSKEY, 0 },
	{ "victim.test", DNS_TYPE_DS, 0 }, { "test", DNS_TYPE_DNSKEY, 1 },
	{ "test", DNS_TYPE_DS, 0 },        { ".", DNS_TYPE_DNSKEY, 1 },
};

static void go_on(struct query *q);

/* Asking */

static void ask(struct query *q, const struct dns_name *name, uint16_t type,
		uint16_t flags)
{
	auto_buf struct buf b;

	buf_init(&b, QUERY_MAX);
	buf_u16(&b, lib.next_id++);
	buf_u16(&b, flags);
	buf_u16(&b, 1);
	buf_fill(&b, 0, 6);
	buf_add(&b, name->wire, name->len);
	buf_u16(&b, type);
	buf_u16(&b, CLASS_IN);
	loopback_send(q->number, buf_view(&b));
}

static struct dns_name pick_name(struct cursor *c, const struct query *q)
{
	static const char *const others[] = { ".",           "test",
					      "liar.test",   "victim.test",
					      "example",     "k1.keys.victim.test",
					      "www.a.test.", "_dmarc.liar.test" };
	uint8_t n = cursor_u8(c);

	if (n < 64)
		return liar_name(others[n % ARRAY_LEN(others)]);
	return dns_name_parent(&q->name, n % 8);
}

static void ask_something(struct query *q, bool is_twice)
{
	static const uint16_t types[] = { DNS_TYPE_DNSKEY, DNS_TYPE_DS,    DNS_TYPE_NSEC,
					  DNS_TYPE_NSEC3,  DNS_TYPE_RRSIG, DNS_TYPE_A,
					  DNS_TYPE_CNAME,  DNS_TYPE_TXT };
	struct cursor *c = &lib.u->program;
	struct dns_name name = pick_name(c, q);
	uint8_t n = cursor_u8(c);
	uint16_t type = n & 0x80 ? q->type : types[n % ARRAY_LEN(types)];

	for (int i = 0; i < 1 + is_twice; i++)
		ask(q, &name, type, n & 0x40 ? FLAGS_ALL : FLAGS_RD_CD);
}

/* A stranger's, or what is left of a question. */
static void ask_anything(const struct query *q)
{
	struct cursor *c = &lib.u->program;
	auto_buf struct buf b;

	buf_init(&b, 2 * QUERY_MAX);
	size_t len = cursor_u8(c) & 0x3f;
	size_t more = cursor_u8(c) * 3U;
	if (len >= 2)
		buf_u16(&b, lib.next_id++);
	buf_str(&b, cursor_bytes(c, len));
	buf_fill(&b, 0, more);
	loopback_send(q->number, buf_view(&b));
}

/* Queries */

static void query_free(struct query *q)
{
	list_remove(&q->hook);
	q->readable->vmt->free(q->readable);
	q->timer->vmt->free(q->timer);
	xfree(q->last);
	xfree(q);
}

static void query_end(struct query *q, int rcode, int verdict)
{
	struct cursor *c = &lib.u->program;
	char why[] = "validation failure <\x1b\xff>";
	ub_event_callback_type done = q->done;
	void *arg = q->arg;
	struct loopback_packet *last = q->last;
	struct str packet = last ? str_of(last->bytes, last->len) : STR_EMPTY;

	q->last = NULL;
	if (!lib.u->is_honest && cursor_u8(c) & 1)
		packet = cursor_bytes(c, cursor_u8(c));
	query_free(q);
	char *copy = xalloc(1, packet.len + 1);
	if (packet.len > 0)
		memcpy(copy, packet.data, packet.len);
	done(arg, rcode, copy, (int)packet.len, verdict, packet.len & 1 ? NULL : why, 0);
	xfree(copy);
	xfree(last);
}

static void wait_readable(struct query *q, int64_t wait_us)
{
	struct timeval tv = { .tv_sec = wait_us / 1000000, .tv_usec = wait_us % 1000000 };

	q->is_reading = true;
	if (q->readable->vmt->add(q->readable, &tv) != 0)
		abort();
}

static void on_timer(unused_arg int fd, unused_arg short bits, void *arg)
{
	go_on(arg);
}

static void wait_timer(struct query *q, int64_t wait_us)
{
	struct timeval tv = { .tv_sec = wait_us / 1000000, .tv_usec = wait_us % 1000000 };

	q->timer->vmt->add_timer(q->timer, q->context->base, on_timer, q, &tv);
}

static void take_answers(struct query *q)
{
	struct loopback_packet *p;

	while ((p = loopback_take(q->number))) {
		xfree(q->last);
		q->last = p;
	}
}

static void on_readable(unused_arg int fd, unused_arg short bits, void *arg)
{
	struct query *q = arg;

	if (!q->is_reading)
		abort();
	q->is_reading = false;
	take_answers(q);
	if (q->is_persistent)
		q->readable->vmt->del(q->readable);
	go_on(q);
}

/* The keys, and last the question itself, whose answer the verdict is about. */
static void be_honest(struct query *q)
{
	size_t left = ARRAY_LEN(honest) - q->honest_at;
	struct dns_message m;
	auto_arena struct arena a;

	arena_init(&a, 1 << 20);
	if (q->honest_at > 0 &&
	    (!q->last ||
	     !dns_message_parse(&a, str_of(q->last->bytes, q->last->len), &m) ||
	     m.rcode != DNS_RCODE_NOERROR || m.answer.count != honest[left].answers))
		lib.u->has_failed = true;
	if (left == 0) {
		query_end(q, DNS_RCODE_NOERROR, 2);
		return;
	}
	q->honest_at++;
	struct dns_name name =
		honest[left - 1].zone ? liar_name(honest[left - 1].zone) : q->name;
	xfree(q->last);
	q->last = NULL;
	ask(q, &name, honest[left - 1].type, FLAGS_RD_CD);
	wait_readable(q, HONEST_WAIT_US);
}

/* Until it waits, or is done; a program that has ended waits for ever. */
static void go_on(struct query *q)
{
	struct cursor *c = &lib.u->program;

	if (lib.u->is_honest) {
		be_honest(q);
		return;
	}
	uint8_t op = cursor_u8(c);
	int64_t wait_us = (int64_t)(op >> 3) * 40000;
	if (!cursor_ok(c))
		return;
	switch (op & 7) {
	case 0:
	case 1:
	case 2:
	case 3:
		ask_something(q, (op & 7) == 3);
		wait_readable(q, wait_us);
		return;
	case 4:
		ask_anything(q);
		wait_readable(q, wait_us);
		return;
	case 5:
		wait_timer(q, wait_us);
		return;
	case 6:
		wait_readable(q, wait_us);
		loopback_break(q->number);
		return;
	default:
		query_end(q, op >> 3 & 3, op >> 5 & 3);
		return;
	}
}

/* libunbound */

void unbound_start(struct unbound *u)
{
	lib.u = u;
	lib.next_query = 0;
	lib.next_id = 1;
	loopback_start();
}

struct ub_ctx *ub_ctx_create_ub_event(struct ub_event_base *base)
{
	struct ub_ctx *ctx;

	if (base->magic != UB_EVENT_MAGIC)
		abort();
	ctx = xalloc(1, sizeof(*ctx));
	ctx->base = base;
	list_init(&ctx->queries);
	return ctx;
}

void ub_ctx_delete(struct ub_ctx *ctx)
{
	if (!ctx)
		return;
	list_each_safe (at, &ctx->queries) {
		query_free(LIST_THING(at, struct query, hook));
	}
	loopback_stop();
	xfree(ctx);
}

int ub_ctx_debugout(unused_arg struct ub_ctx *ctx, unused_arg void *out)
{
	return 0;
}

int ub_ctx_set_option(unused_arg struct ub_ctx *ctx, unused_arg const char *name,
		      unused_arg const char *value)
{
	return 0;
}

int ub_ctx_add_ta(unused_arg struct ub_ctx *ctx, unused_arg const char *anchor)
{
	return cursor_peek(&lib.u->program) == 0xff;
}

int ub_ctx_set_fwd(unused_arg struct ub_ctx *ctx, unused_arg const char *address)
{
	return 0;
}

/* lint: parameters - libunbound's */
int ub_resolve_event(struct ub_ctx *ctx, const char *name, int type, unused_arg int class,
		     void *arg, ub_event_callback_type done, int *id_out)
{
	uint8_t how = lib.u->is_honest ? 0 : cursor_u8(&lib.u->program) & 0xf;
	struct query *q;

	if (how == 1 || lib.next_query == QUERIES_MAX)
		return -1;
	q = xalloc(1, sizeof(*q));
	q->context = ctx;
	q->number = lib.next_query++;
	q->type = (uint16_t)type;
	q->name = liar_name(name);
	q->done = done;
	q->arg = arg;
	q->is_persistent = how & 4;
	short bits = UB_EV_READ | (q->is_persistent ? UB_EV_PERSIST : 0);
	q->readable = ctx->base->vmt->new_event(ctx->base, loopback_fd(q->number), bits,
						on_readable, q);
	q->timer = ctx->base->vmt->new_event(ctx->base, -1, UB_EV_TIMEOUT, on_timer, q);
	list_init(&q->hook);
	list_add(&ctx->queries, &q->hook);
	if (id_out)
		*id_out = q->number + 1;
	if (how == 2)
		query_end(q, DNS_RCODE_NOERROR, 2);
	else
		wait_timer(q, 0);
	return 0;
}

int ub_cancel(struct ub_ctx *ctx, int id)
{
	list_each (at, &ctx->queries) {
		struct query *q = LIST_THING(at, struct query, hook);
		if (q->number + 1 == id) {
			query_free(q);
			return 0;
		}
	}
	abort();
}

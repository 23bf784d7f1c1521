/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions with the names of the real ones: those of the library are then not linked. */
#include "network.h"

#include <stdlib.h>

#include "resolver/budget.h"
#include "resolver/deadline.h"
#include "resolver/tcp.h"
#include "resolver/udp.h"

enum {
	ROUND_TRIP_US = 2000,
	DEADLINES_MAX = 4096,
	EVENTS_MAX = 200000, /* far more than any check has: it would run forever */
};

struct udp {
	struct resolver_counters *counters;
};

struct tcp {
	struct list hook;
	struct deadline deadline;
	struct tcp_options options;
	struct buf query;
	tcp_done_fn *done;
	void *arg;
};

struct deadlines {
	struct deadline *set[DEADLINES_MAX];
	size_t count;
};

static struct {
	network_serve_fn *serve;
	void *arg;
	int64_t now_us;
	uint64_t random;
	uint32_t packets;
	uint16_t next_id;
	struct list tries; /* on their way */
	struct list connections;
	struct deadlines deadlines;
} network;

int64_t __wrap_clock_mono_us(void);
int64_t __wrap_clock_mono_us(void)
{
	return network.now_us;
}

void __wrap_crypto_random(void *out, size_t len);
void __wrap_crypto_random(void *out, size_t len)
{
	uint8_t *bytes = out;

	for (size_t i = 0; i < len; i++) {
		network.random =
			network.random * 6364136223846793005u + 1442695040888963407u;
		bytes[i] = (uint8_t)(network.random >> 56);
	}
}

/* UDP */

struct udp *udp_new(unused_arg uv_loop_t *loop, unused_arg struct entropy *entropy,
		    struct resolver_counters *counters)
{
	struct udp *u = xalloc(1, sizeof(*u));

	u->counters = counters;
	return u;
}

void udp_free(struct udp **u)
{
	if (!list_is_empty(&network.tries))
		abort();
	xfree(*u);
	*u = NULL;
}

void udp_open_ahead(unused_arg struct udp *u, unused_arg uint8_t family,
		    unused_arg size_t count)
{
}

struct udp_socket *udp_pick_socket(struct udp *u, unused_arg uint8_t family)
{
	return (struct udp_socket *)(void *)u;
}

uint64_t udp_turn(unused_arg const struct udp *u)
{
	return 0;
}

void udp_try_open_in(unused_arg struct udp *u, struct udp_try *t, const struct address *a,
		     struct udp_socket *s)
{
	t->id = network.next_id++;
	t->address = *a;
	t->socket = s;
	t->was_missed = false;
	list_init(&t->waiting);
	list_init(&t->by_id);
	list_init(&t->by_socket);
}

bool udp_try_open(struct udp *u, struct udp_try *t, const struct address *a)
{
	udp_try_open_in(u, t, a, udp_pick_socket(u, a->family));
	return true;
}

void udp_try_send(unused_arg struct udp *u, struct udp_try *t)
{
	t->sent_us = network.now_us;
	list_remove(&t->waiting);
	list_add(&network.tries, &t->waiting);
}

void udp_try_close(struct udp_try *t)
{
	if (!t->socket)
		return;
	list_remove(&t->waiting);
	t->socket = NULL;
}

static void deliver_udp(struct udp_try *t)
{
	auto_buf struct buf answer;

	buf_init(&answer, UINT16_MAX);
	list_remove(&t->waiting);
	network.packets++;
	switch (network.serve(network.arg, &t->address, str_of(t->wire, t->len), false,
			      &answer)) {
	case NETWORK_ANSWER:
		t->received_us = network.now_us;
		t->events->on_packet(t, buf_view(&answer));
		return;
	case NETWORK_SILENCE:
		return;
	case NETWORK_NEAR_MISS:
		t->events->on_near_miss(t);
		return;
	case NETWORK_ERROR:
		t->events->on_error(t, 111);
		return;
	}
}

/* TCP */

static void end_tcp(struct tcp *t, enum tcp_end how, struct str message)
{
	tcp_done_fn *done = t->done;
	void *arg = t->arg;

	tcp_cancel(&t);
	done(arg, how, message);
}

static void on_tcp_deadline(struct deadline *d)
{
	end_tcp(LIST_THING(d, struct tcp, deadline), TCP_TIMEOUT, STR_EMPTY);
}

struct tcp *tcp_start(const struct tcp_options *o, struct str query, tcp_done_fn *done,
		      void *arg)
{
	struct tcp *t = xalloc(1, sizeof(*t));

	t->options = *o;
	t->done = done;
	t->arg = arg;
	t->deadline.due = on_tcp_deadline;
	buf_init(&t->query, UINT16_MAX);
	buf_str(&t->query, query);
	list_init(&t->hook);
	list_add(&network.connections, &t->hook);
	deadline_set(o->deadlines, &t->deadline, network.now_us + o->idle_us);
	return t;
}

void tcp_cancel(struct tcp **t)
{
	if (!*t)
		return;
	list_remove(&(*t)->hook);
	deadline_clear((*t)->options.deadlines, &(*t)->deadline);
	buf_done(&(*t)->query);
	xfree(*t);
	*t = NULL;
}

static void deliver_tcp(struct tcp *t)
{
	auto_buf struct buf answer;

	buf_init(&answer, UINT16_MAX);
	list_remove(&t->hook);
	network.packets++;
	switch (network.serve(network.arg, &t->options.address, buf_view(&t->query), true,
			      &answer)) {
	case NETWORK_ANSWER:
		if (answer.len == 0 || !budget_take_bytes(t->options.budget, answer.len))
			end_tcp(t, TCP_BROKEN, STR_EMPTY);
		else
			end_tcp(t, TCP_ANSWERED, buf_view(&answer));
		return;
	case NETWORK_SILENCE:
		return;
	case NETWORK_NEAR_MISS:
		end_tcp(t, TCP_BROKEN, STR_EMPTY);
		return;
	case NETWORK_ERROR:
		end_tcp(t, TCP_REFUSED, STR_EMPTY);
		return;
	}
}

/* Deadlines */

struct deadlines *deadlines_new(unused_arg uv_loop_t *loop)
{
	return &network.deadlines;
}

void deadlines_free(struct deadlines **all)
{
	if (network.deadlines.count > 0)
		abort();
	*all = NULL;
}

void deadline_set(struct deadlines *all, struct deadline *d, int64_t at_us)
{
	deadline_clear(all, d);
	if (all->count == DEADLINES_MAX)
		abort();
	all->set[all->count++] = d;
	d->place = all->count;
	d->at_us = at_us;
}

void deadline_clear(struct deadlines *all, struct deadline *d)
{
	if (!d->place)
		return;
	struct deadline *last = all->set[--all->count];
	all->set[d->place - 1] = last;
	last->place = d->place;
	d->place = 0;
}

static struct deadline *earliest(void)
{
	struct deadline *first = NULL;

	for (size_t i = 0; i < network.deadlines.count; i++) {
		struct deadline *d = network.deadlines.set[i];
		if (!first || d->at_us < first->at_us)
			first = d;
	}
	return first;
}

/* Running */

void network_start(network_serve_fn *serve, void *arg)
{
	network.serve = serve;
	network.arg = arg;
	network.now_us = 1000000;
	network.random = 1;
	network.packets = 0;
	network.next_id = 1;
	list_init(&network.tries);
	list_init(&network.connections);
}

/* Whether anything was left to happen. What is due comes first, then what is on its way;
 * when nothing is, time passes. */
static bool step(void)
{
	struct deadline *d = earliest();
	struct list *packet = list_first(&network.tries);
	struct list *connection = list_first(&network.connections);

	if (d && d->at_us > network.now_us && !packet && !connection)
		network.now_us = d->at_us;
	if (d && d->at_us <= network.now_us) {
		deadline_clear(&network.deadlines, d);
		d->due(d);
		return true;
	}
	if (!packet && !connection)
		return false;
	network.now_us += ROUND_TRIP_US;
	if (packet)
		deliver_udp(LIST_THING(packet, struct udp_try, waiting));
	else
		deliver_tcp(LIST_THING(connection, struct tcp, hook));
	return true;
}

void network_run(const bool *done)
{
	for (size_t i = 0; !*done && step(); i++)
		if (i == EVENTS_MAX)
			abort();
}

uint32_t network_packets(void)
{
	return network.packets;
}

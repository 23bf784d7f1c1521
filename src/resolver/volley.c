/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For each question of a volley:
 *
 *   1. Its turn at the server (peer.h); meanwhile it waits.
 *   2. UDP, from the volley's socket (company.h), with an id of its own; once more, the
 *      same packet from the same socket, when about twice the usual round-trip time has
 *      passed. So a late answer to the first is an answer, and no guess gets a second
 *      target. A third time, if the server answers others meanwhile: a packet in a
 *      hundred is lost on some ways, and a proper look costs as much as a hundred
 *      questions.
 *   3. A packet that comes close without fitting, a truncated one, an error of the
 *      network twice, silence: empty. Whoever looks properly has TCP and all the rest.
 *
 * Volleys are recycled: in steady state nothing is allocated, and a question is written,
 * sent, compared and handed over without being parsed into anything.
 */
#include "resolver/volley.h"

#include <assert.h>

#include "resolver/budget.h"
#include "resolver/company.h"
#include "resolver/wire.h"

enum {
	TRIES_MAX = 2, /* of who is silent; of others one more */
	ERRORS_MAX = 2,
	WIRES_MAX = 2048,       /* octets of a volley's questions */
	SERVERS_SHARED_MAX = 2, /* a volley that asks more has a socket to itself */
};

/* One question. */
struct shot {
	struct udp_try try;
	struct peer_turn turn;
	struct wire_query query;
	struct volley *volley;
	struct peer *peer; /* valid while the turn lasts */
	int64_t due_us;    /* when it is sent again, or answered empty */
	int64_t patience_us;
	int64_t first_sent_us; /* where it was sent twice */
	bool is_open;
	uint8_t tries;
	uint8_t errors;
};

struct volley {
	struct list hook;
	struct volleys *all;
	volley_fn *answered;
	void *arg;
	struct deadline deadline;
	uint32_t serial; /* another one each time that this memory is used */
	uint32_t queries;
	bool is_above; /* of a zone: referrals are wanted */
	size_t count;
	size_t open;
	size_t wires_len;
	struct dns_name
		registered; /* what its packets are put down to; unset: nobody asked */
	struct shot shots[VOLLEY_ASKS_MAX];
	uint8_t wires[WIRES_MAX];
};

struct volleys {
	struct resolver *r;
	struct companies *companies;
	struct list open;
	struct list idle;
};

static void on_deadline(struct deadline *d);
static void on_packet(struct udp_try *t, struct str packet);
static void on_near_miss(struct udp_try *t);
static void on_error(struct udp_try *t, int error);
static void on_admitted(struct peer_turn *turn);

static const struct udp_events udp_events = { on_packet, on_near_miss, on_error };

/* Memory */

struct volleys *volleys_new(struct resolver *r)
{
	struct volleys *all = xalloc(1, sizeof(*all));

	all->r = r;
	all->companies = companies_new(r->udp);
	list_init(&all->open);
	list_init(&all->idle);
	return all;
}

static struct volley *take(struct volleys *all)
{
	struct list *first = list_first(&all->idle);
	struct volley *v = first ? LIST_THING(first, struct volley, hook) : NULL;

	if (v) {
		list_remove(&v->hook);
	} else {
		v = xalloc(1, sizeof(*v));
		v->all = all;
		v->deadline.due = on_deadline;
		list_init(&v->hook);
	}
	list_add(&all->open, &v->hook);
	return v;
}

static void close_shot(struct shot *s)
{
	s->is_open = false;
	udp_try_close(&s->try);
	peer_turn_end(&s->turn);
}

static void recycle(struct volley *v)
{
	for (size_t i = 0; i < v->count && v->open > 0; i++) {
		if (!v->shots[i].is_open)
			continue;
		close_shot(&v->shots[i]);
		v->open--;
	}
	deadline_clear(v->all->r->deadlines, &v->deadline);
	v->serial++;
	list_remove(&v->hook);
	/* The one used last is still in the processor's cache. */
	list_add(v->all->idle.next, &v->hook);
}

void volleys_free(struct volleys **all)
{
	if (!*all)
		return;
	while (!list_is_empty(&(*all)->open))
		recycle(LIST_THING(list_first(&(*all)->open), struct volley, hook));
	list_each_safe (at, &(*all)->idle) {
		list_remove(at);
		xfree(LIST_THING(at, struct volley, hook));
	}
	companies_free(&(*all)->companies);
	xfree(*all);
	*all = NULL;
}

/* Answering. Who is told may start volleys, and cancel this one. */

static void answer(struct shot *s, struct str packet)
{
	struct volley *v = s->volley;
	uint32_t serial = v->serial;

	close_shot(s);
	v->open--;
	v->answered(v->arg, (size_t)(s - v->shots), packet);
	if (v->serial == serial && v->open == 0)
		recycle(v);
}

static void answer_empty(struct shot *s)
{
	if (s->turn.is_in_flight)
		peer_failed(&s->turn);
	answer(s, STR_EMPTY);
}

/* Sending */

static void write_query(struct shot *s, const struct dns_name *name, uint16_t type,
			const uint8_t coins[WIRE_COINS])
{
	struct volley *v = s->volley;
	const struct peer *p = s->peer;
	struct str cookie =
		p->no_edns ? (struct str){ 0 } : str_of(p->cookie, p->cookie_len);

	s->query.id = s->try.id;
	s->query.type = type;
	s->query.bytes = v->wires + v->wires_len;
	wire_query_write(&s->query, name, cookie, coins);
	v->wires_len += s->query.len;
	s->try.wire = s->query.bytes;
	s->try.len = s->query.len;
}

static void fire(struct shot *s, int64_t now_us)
{
	struct resolver *r = s->volley->all->r;

	udp_try_send(r->udp, &s->try);
	s->tries++;
	s->volley->queries++;
	r->counters.queries_udp++;
	s->due_us = now_us + s->patience_us;
}

static void on_admitted(struct peer_turn *turn)
{
	struct shot *s = LIST_THING(turn, struct shot, turn);
	struct volley *v = s->volley;

	fire(s, clock_mono_us());
	if (!v->deadline.place || s->due_us < v->deadline.at_us)
		deadline_set(v->all->r->deadlines, &v->deadline, s->due_us);
}

/* Of this volley one that asks the same peer: mostly the one before. */
static const struct shot *find_other(struct volley *v, const struct shot *s,
				     const struct address *a)
{
	while (s > v->shots) {
		s--;
		if (s->turn.peer && address_equal(&s->try.address, a))
			return s;
	}
	return NULL;
}

/* What the shots of a volley have in common while it starts. */
struct start {
	int64_t now_us;
	const struct address *servers[SERVERS_SHARED_MAX]; /* all that are asked */
	bool has_more;                                     /* than these */
	struct udp_socket *sockets[2]; /* for IPv4 and IPv6, once picked */
};

static void find_servers(struct start *start, const struct volley_ask *asks, size_t count)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		size_t k = 0;
		while (k < found && !address_equal(start->servers[k], &asks[i].address))
			k++;
		start->has_more = k == SERVERS_SHARED_MAX;
		if (start->has_more)
			return;
		if (k == found)
			start->servers[found++] = &asks[i].address;
	}
}

static struct udp_socket *pick_socket(struct volley *v, const struct start *start,
				      const struct address *a)
{
	bool is_first = address_equal(start->servers[0], a);

	if (start->has_more)
		return udp_pick_socket(v->all->r->udp, a->family);
	return company_socket(v->all->companies, a, start->servers[is_first ? 1 : 0],
			      v->count);
}

static bool open_try(struct shot *s, const struct address *a, struct start *start)
{
	struct volley *v = s->volley;
	struct udp_socket **socket = &start->sockets[a->family == 4 ? 0 : 1];

	if (!*socket)
		*socket = pick_socket(v, start, a);
	if (*socket)
		udp_try_open_in(v->all->r->udp, &s->try, a, *socket);
	return *socket;
}

/* Only of whom no good is known yet it is counted whose zone leads there. */
static const struct dns_name *blamed(struct shot *s, const struct dns_name *name)
{
	struct volley *v = s->volley;

	if (peer_is_good(s->peer))
		return NULL;
	if (v->registered.len == 0)
		v->registered = budget_registered(name);
	return &v->registered;
}

/* False: it cannot be asked. */
static bool begin_shot(struct shot *s, const struct volley_ask *ask, struct start *start,
		       const uint8_t coins[WIRE_COINS])
{
	struct volley *v = s->volley;
	struct resolver *r = v->all->r;
	const struct shot *other = find_other(v, s, &ask->address);

	if (!other && resolver_may_ask(r, &ask->address) != ASK_ANSWERED)
		return false;
	if (v->wires_len + ask->name->len + WIRE_AROUND_NAME > WIRES_MAX ||
	    !open_try(s, &ask->address, start))
		return false;
	s->peer = other ? other->peer : peer_get(r->peers, &ask->address);
	s->patience_us = other ? other->patience_us : peer_patience_us(s->peer);
	s->try.events = &udp_events;
	s->try.owner = s;
	write_query(s, ask->name, ask->type, coins);
	s->turn = (struct peer_turn){ .asker = v,
				      .zone = blamed(s, ask->name),
				      .admitted = on_admitted };
	if (peer_admit(s->peer, &s->turn, start->now_us))
		fire(s, start->now_us);
	else
		s->due_us = start->now_us + r->check_timeout_us;
	return true;
}

/* Waiting */

static void set_deadline(struct volley *v)
{
	int64_t first_us = INT64_MAX;

	for (size_t i = 0; i < v->count; i++)
		if (v->shots[i].is_open && v->shots[i].due_us < first_us)
			first_us = v->shots[i].due_us;
	deadline_set(v->all->r->deadlines, &v->deadline, first_us);
}

static bool may_try_again(const struct shot *s)
{
	bool is_silent = s->peer->rtt_us == 0 || s->peer->was_silent;

	return s->tries < TRIES_MAX || (s->tries == TRIES_MAX && !is_silent);
}

static void send_again_or_give_up(struct shot *s, int64_t now_us)
{
	if (s->turn.is_in_flight && may_try_again(s) && peer_repeat(&s->turn, now_us)) {
		s->patience_us *= 2;
		s->first_sent_us = s->try.sent_us;
		fire(s, now_us);
		return;
	}
	if (s->tries > 0)
		s->volley->all->r->counters.timeouts++;
	answer_empty(s);
}

static void on_deadline(struct deadline *d)
{
	struct volley *v = LIST_THING(d, struct volley, deadline);
	uint32_t serial = v->serial;
	int64_t now_us = clock_mono_us();

	for (size_t i = 0; i < v->count; i++) {
		struct shot *s = &v->shots[i];
		if (s->is_open && s->due_us <= now_us)
			send_again_or_give_up(s, now_us);
		if (v->serial != serial)
			return;
	}
	set_deadline(v);
}

/* Receiving */

/* Whether a name server that was asked what it should know could have said so. */
static bool is_proper(const struct volley *v, struct str packet)
{
	unsigned flags = wire_flags(packet);
	unsigned rcode = flags & WIRE_RCODE;

	if (rcode != DNS_RCODE_NOERROR && rcode != DNS_RCODE_NXDOMAIN)
		return false;
	return flags & WIRE_AA || v->is_above;
}

/* RFC 6298 section 3: of what was sent twice nobody knows which is answered; but where
 * the answer follows the second at once, it is the first's, and the server slower than we
 * thought. */
static void measure(const struct shot *s)
{
	int64_t rtt_us = s->try.received_us - s->try.sent_us;

	if (s->tries == 1)
		peer_measured(s->peer, (uint32_t)rtt_us);
	else if (rtt_us < s->peer->rtt_us / 2)
		peer_measured(s->peer, (uint32_t)(s->try.received_us - s->first_sent_us));
}

static void on_packet(struct udp_try *t, struct str packet)
{
	struct shot *s = t->owner;
	struct resolver *r = s->volley->all->r;
	struct peer *p = s->peer;
	struct str cookie;

	enum wire_fit fit = wire_answer_fit(packet, &s->query, p->loses_case, &cookie);
	if (fit == WIRE_FITS && s->query.has_edns &&
	    cookie_match(p, cookie) != COOKIE_FITS)
		fit = WIRE_CAME_CLOSE;
	if (fit != WIRE_FITS) {
		r->counters.mismatched += fit == WIRE_CAME_CLOSE;
		answer(s, STR_EMPTY);
		return;
	}
	measure(s);
	cookie_learn(p, cookie);
	peer_answered(&s->turn, is_proper(s->volley, packet));
	r->counters.answers++;
	answer(s, packet);
}

static void on_near_miss(struct udp_try *t)
{
	answer(t->owner, STR_EMPTY);
}

/* Anybody may send an ICMP message; where it is true, the second try gets one too. */
static void on_error(struct udp_try *t, unused_arg int error)
{
	struct shot *s = t->owner;

	if (++s->errors == ERRORS_MAX)
		answer_empty(s);
}

/* The door */

static struct volley *begin(struct resolver *r, size_t count, volley_fn *answered,
			    void *arg)
{
	struct volley *v = take(r->volleys);

	assert(count > 0 && count <= VOLLEY_ASKS_MAX);
	v->answered = answered;
	v->arg = arg;
	v->count = count;
	v->open = count;
	v->queries = 0;
	v->wires_len = 0;
	v->registered.len = 0;
	v->is_above = false;
	return v;
}

/* For the letters of all names: a bit each. */
static size_t coins_needed(const struct volley_ask *ask)
{
	return (ask->name->len + 7u) / 8;
}

static void start_all(struct volley *v, const struct volley_ask *asks)
{
	uint8_t coins[VOLLEY_ASKS_MAX * WIRE_COINS] __attribute__((uninitialized));
	struct start start = { .now_us = clock_mono_us() };
	size_t at = 0;

	find_servers(&start, asks, v->count);
	for (size_t i = 0; i < v->count; i++)
		at += coins_needed(&asks[i]);
	entropy_take(&v->all->r->entropy, coins, at);
	at = 0;
	for (size_t i = 0; i < v->count; i++) {
		struct shot *s = &v->shots[i];
		s->volley = v;
		s->is_open = true;
		s->tries = 0;
		s->errors = 0;
		s->due_us = 0;
		s->turn.peer = NULL;
		s->turn.is_in_flight = false;
		s->try.socket = NULL;
		if (!begin_shot(s, &asks[i], &start, coins + at))
			s->due_us = 0; /* answered in the next turn of the loop */
		at += coins_needed(&asks[i]);
	}
	set_deadline(v);
}

struct volley *volley_start(struct resolver *r, const struct volley_ask *asks,
			    size_t count, volley_fn *answered, void *arg)
{
	struct volley *v = begin(r, count, answered, arg);

	start_all(v, asks);
	return v;
}

struct volley *volley_start_above(struct resolver *r, const struct volley_ask *ask,
				  volley_fn *answered, void *arg)
{
	struct volley *v = begin(r, 1, answered, arg);

	v->is_above = true;
	start_all(v, ask);
	return v;
}

void volley_cancel(struct volley **v)
{
	if (!*v)
		return;
	recycle(*v);
	*v = NULL;
}

uint32_t volley_queries(const struct volley *v)
{
	return v->queries;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One question to one address:
 *
 *   1. UDP, up to three tries, each from its own port with its own id; the next try when
 *      about twice the usual round-trip time has passed; late answers to earlier tries
 *      count.
 *   2. A packet that does not belong to the question is ignored and the wait goes on;
 *      but after the first one that came close, the question is put again over TCP and
 *      UDP is not believed.
 *   3. TC: TCP. FORMERR or NOTIMP without EDNS, BADVERS: again without EDNS. BADCOOKIE:
 *      again with the new cookie, then TCP.
 *   4. A server that gives the name back in other letters is asked over TCP as well.
 *   5. Where TCP does not work and the answer was not truncated: UDP once more, anew; if
 *      it was for the letters, they no longer matter.
 */
#include <netinet/in.h>

#include "resolver/budget.h"
#include "resolver/state.h"
#include "resolver/tcp.h"

enum {
	TRIES_MAX = 3,
	ERRORS_MAX = 2,
	HELD_BACK_US = 50000,
};

struct resolver_ask {
	struct list hook;
	struct peer_turn turn;
	struct resolver *r;
	struct budget *budget;
	struct arena *arena;
	struct resolver_request request;
	resolver_ask_fn *done;
	void *arg;
	struct dns_query query;
	struct udp_try tries[TRIES_MAX];
	size_t try_count;
	struct tcp *tcp;
	int64_t tcp_sent_us;
	struct deadline deadline;
	int64_t ends_at_us;
	int64_t patience_us;
	unsigned errors; /* of the network */
	bool is_ending;  /* nothing was or will be sent; `ending` is told next */
	enum ask_outcome ending;
	bool is_held_back;
	bool is_tcp_next; /* held back: when it goes on, over TCP */
	bool is_tcp_held_back;
	bool was_sent;
	bool was_truncated;
	bool was_malformed;
	bool lost_case;
	bool had_no_tcp;
	bool ignores_case;
	bool had_bad_cookie;
	uint8_t wires[]; /* of the tries, wire_room() each */
};

static void start_udp(struct resolver_ask *ask);
static void start_tcp(struct resolver_ask *ask);
static void on_packet(struct udp_try *t, struct str packet);
static void on_near_miss(struct udp_try *t);
static void on_error(struct udp_try *t, int error);

static const struct udp_events udp_events = { on_packet, on_near_miss, on_error };

/* Octets that a query about this name may take. */
static size_t wire_room(const struct dns_name *name)
{
	return UDP_QUERY_MAX - DNS_NAME_MAX + name->len;
}

static void close_tries(struct resolver_ask *ask)
{
	for (size_t i = 0; i < ask->try_count; i++)
		udp_try_close(&ask->tries[i]);
	ask->try_count = 0;
}

static void release(struct resolver_ask *ask)
{
	close_tries(ask);
	tcp_cancel(&ask->tcp);
	deadline_clear(ask->r->deadlines, &ask->deadline);
	list_remove(&ask->hook);
	peer_turn_end(&ask->turn);
	xfree(ask);
}

static void finish(struct resolver_ask *ask, const struct resolver_reply *reply)
{
	resolver_ask_fn *done = ask->done;
	void *arg = ask->arg;

	release(ask);
	done(arg, reply);
}

static void fail(struct resolver_ask *ask, enum ask_outcome outcome)
{
	struct resolver_reply reply = { .outcome = outcome,
					.address = ask->request.address,
					.depth = ask->request.depth };

	if (ask->was_sent)
		reply.depth++;
	if (outcome == ASK_TIMEOUT)
		ask->r->counters.timeouts++;
	if (ask->was_sent && ask->turn.peer && outcome != ASK_LIMIT)
		peer_failed(&ask->turn);
	finish(ask, &reply);
}

/* In the next turn of the loop: callbacks never run inside the call that started the
 * work. */
static void fail_later(struct resolver_ask *ask, enum ask_outcome outcome)
{
	close_tries(ask);
	ask->is_ending = true;
	ask->ending = outcome;
	deadline_set(ask->r->deadlines, &ask->deadline, 0);
}

static int64_t end_of_try(const struct resolver_ask *ask)
{
	int64_t at_us = clock_mono_us() + ask->r->query_timeout_us;

	return at_us < ask->budget->deadline_us ? at_us : ask->budget->deadline_us;
}

/* Sending */

static void write_query(struct resolver_ask *ask, uint16_t id)
{
	const struct peer *p = ask->turn.peer;

	ask->query.id = id;
	ask->query.edns = !p->no_edns;
	ask->query.cookie_len = ask->query.edns ? p->cookie_len : 0;
	memcpy(ask->query.cookie, p->cookie, p->cookie_len);
	buf_clear(&ask->r->query);
	dns_query_write(&ask->r->query, &ask->query);
}

static void wait_for_try(struct resolver_ask *ask)
{
	int64_t at_us = clock_mono_us() + ask->patience_us;

	ask->patience_us *= 2;
	if (ask->try_count == TRIES_MAX || at_us > ask->ends_at_us)
		at_us = ask->ends_at_us;
	deadline_set(ask->r->deadlines, &ask->deadline, at_us);
}

/* Too many questions to this server have no answer yet, of this check's or of all:
 * as soon as it has answered one, this one is sent. Or else: nothing more is sent,
 * but what was may be answered. */
static void hold_back(struct resolver_ask *ask, bool is_for_now)
{
	int64_t at_us = clock_mono_us() + HELD_BACK_US;

	ask->is_held_back = true;
	if (!is_for_now || at_us > ask->ends_at_us)
		at_us = ask->ends_at_us;
	deadline_set(ask->r->deadlines, &ask->deadline, at_us);
}

/* ASK_ANSWERED: a packet may be sent, and is counted. */
static enum ask_outcome take_packet(struct resolver_ask *ask, bool is_first)
{
	const struct address *a = &ask->request.address;
	int64_t now_us = clock_mono_us();
	enum ask_outcome may = budget_peek(ask->budget, a, now_us);

	/* Many checks at once fill the buffer of a slow server, which then loses all that
	 * one of them has asked. */
	if (may == ASK_TIMEOUT && !is_first && peer_serves_others(ask->turn.peer)) {
		budget_forgive(ask->budget, a);
		may = budget_peek(ask->budget, a, now_us);
	}
	if (may != ASK_ANSWERED)
		return may;
	if (!is_first && !peer_repeat(&ask->turn, now_us))
		return ASK_LIMIT;
	return budget_take_packet(ask->budget, a, now_us);
}

/* What does not get through now may, when the server has shown that it is one. */
static bool may_wait(const struct resolver_ask *ask, enum ask_outcome why)
{
	const struct address *a = &ask->request.address;

	if (clock_mono_us() >= ask->ends_at_us || ask->budget->queries_left == 0)
		return false;
	if (why == ASK_TIMEOUT)
		return ask->try_count > 0;
	return ask->request.is_own && !budget_is_proven(ask->budget, a);
}

static void send_try(struct resolver_ask *ask)
{
	struct resolver *r = ask->r;
	enum ask_outcome may = take_packet(ask, !ask->was_sent);

	if (may != ASK_ANSWERED) {
		if (ask->try_count > 0 || may_wait(ask, may))
			hold_back(ask, may_wait(ask, may));
		else
			fail_later(ask, may);
		return;
	}
	struct udp_try *t = &ask->tries[ask->try_count];
	if (!udp_try_open(r->udp, t, &ask->request.address)) {
		fail_later(ask, ASK_UNREACHABLE);
		return;
	}
	uint8_t *wire = ask->wires + ask->try_count++ * wire_room(&ask->query.name);
	ask->was_sent = true;
	t->events = &udp_events;
	t->owner = ask;
	write_query(ask, t->id);
	t->len = r->query.len;
	memcpy(wire, r->query.data, t->len);
	t->wire = wire;
	udp_try_send(r->udp, t);
	r->counters.queries_udp++;
	wait_for_try(ask);
}

/* Its turn has not come. In the meantime the server may have shown that it is one,
 * and is only busy. */
static void end_or_wait_on(struct resolver_ask *ask)
{
	const struct peer *p = ask->turn.peer;
	bool is_waiting = p && !ask->turn.is_in_flight;
	enum ask_outcome ending = ask->ending;

	if (is_waiting && peer_is_good(p) && clock_mono_us() < ask->budget->deadline_us) {
		deadline_set(ask->r->deadlines, &ask->deadline, ask->budget->deadline_us);
		return;
	}
	/* Who gave no answer to others just now is silent, not left out. */
	if (is_waiting && p->was_silent)
		ending = ASK_TIMEOUT;
	fail(ask, ending);
}

static void on_deadline(struct deadline *d)
{
	struct resolver_ask *ask = LIST_THING(d, struct resolver_ask, deadline);

	if (ask->is_ending) {
		end_or_wait_on(ask);
		return;
	}
	if (!ask->is_held_back)
		budget_timed_out(ask->budget, &ask->request.address);
	ask->is_held_back = false;
	if (ask->is_tcp_next)
		start_tcp(ask);
	else if (clock_mono_us() < ask->ends_at_us)
		send_try(ask);
	else if (!ask->was_sent)
		fail(ask, ASK_LIMIT);
	else if (ask->was_malformed)
		fail(ask, ASK_MALFORMED);
	else
		fail(ask, ask->errors > 0 ? ASK_UNREACHABLE : ASK_TIMEOUT);
}

/* Letters in random case, which the server has to give back (0x20): some twenty bits
 * that a forger must guess as well. */
static void mix_case(struct resolver_ask *ask)
{
	uint8_t coins[(DNS_NAME_MAX + 7) / 8];
	struct dns_name *n = &ask->query.name;

	entropy_take(&ask->r->entropy, coins, sizeof(coins));
	for (size_t i = 0; i < n->len; i++) {
		bool heads = coins[i / 8] >> i % 8 & 1;
		char c = (char)n->wire[i];
		/* An octet of length is at most 63 and so never a letter. */
		n->wire[i] = (uint8_t)(heads ? ascii_upper(c) : ascii_lower(c));
	}
}

static void start_udp(struct resolver_ask *ask)
{
	close_tries(ask);
	mix_case(ask);
	ask->patience_us = peer_patience_us(ask->turn.peer);
	ask->ends_at_us = end_of_try(ask);
	send_try(ask);
}

/* Answers */

static void finish_answered(struct resolver_ask *ask, struct str packet,
			    struct resolver_reply *reply)
{
	struct dns_message *m = arena_try(ask->arena, sizeof(*m));

	/* It was read once before: what fails now is room for it. */
	if (!m || !dns_message_parse(ask->arena, packet, m)) {
		fail(ask, ASK_LIMIT);
		return;
	}
	reply->outcome = ASK_ANSWERED;
	reply->message = m;
	reply->packet = packet;
	reply->depth = ask->request.depth + (reply->over_tcp ? 2 : 1);
	ask->r->counters.answers++;
	budget_answered(ask->budget, &ask->request.address, reply->depth);
	finish(ask, reply);
}

/* Whether a name server of the zone could have said this. */
static bool is_proper(const struct resolver_request *q, const struct dns_message *m)
{
	if (m->rcode != DNS_RCODE_NOERROR && m->rcode != DNS_RCODE_NXDOMAIN)
		return false;
	if (m->authoritative || q->recursion)
		return true;
	for (size_t i = 0; i < m->authority.count; i++) {
		const struct dns_record *r = &m->authority.records[i];
		bool is_below =
			q->zone.len == 0 || (dns_name_within(&r->owner, &q->zone) &&
					     !dns_name_equal(&r->owner, &q->zone));
		if (r->type == DNS_TYPE_NS && is_below &&
		    dns_name_within(&q->question.name, &r->owner))
			return true;
	}
	return false;
}

/* What this check keeps back from a server goes on as soon as it is known to be one. */
static void wake_held_back(const struct resolver_ask *by)
{
	list_each (at, &by->r->asks) {
		struct resolver_ask *ask = LIST_THING(at, struct resolver_ask, hook);
		if (ask->is_held_back && ask->budget == by->budget &&
		    address_equal(&ask->request.address, &by->request.address))
			deadline_set(ask->r->deadlines, &ask->deadline, 0);
	}
}

static void note_standing(struct resolver_ask *ask, bool is_proper)
{
	peer_answered(&ask->turn, is_proper);
	if (is_proper && ask->request.is_own &&
	    budget_prove(ask->budget, &ask->request.address))
		wake_held_back(ask);
}

static bool refuses_edns(const struct dns_message *m)
{
	/* RFC 6891 sections 6.1.3 and 7. */
	return m->rcode == DNS_RCODE_BADVERS ||
	       (!m->has_edns &&
		(m->rcode == DNS_RCODE_FORMERR || m->rcode == DNS_RCODE_NOTIMP));
}

static void invited(struct resolver_ask *ask)
{
	ask->turn.is_invited = true;
	if (ask->request.is_own)
		budget_invited(ask->budget, &ask->request.address);
}

/* Whether the answer asks for another way of asking, which then has begun. */
static bool asks_again(struct resolver_ask *ask, const struct dns_message *m,
		       bool over_tcp)
{
	struct peer *p = ask->turn.peer;

	if (ask->query.edns && refuses_edns(m)) {
		p->no_edns = true;
		invited(ask);
		if (over_tcp)
			start_tcp(ask);
		else
			start_udp(ask);
		return true;
	}
	if (over_tcp)
		return false;
	/* RFC 7873 section 5.3. */
	if (m->rcode == DNS_RCODE_BADCOOKIE && !ask->had_bad_cookie) {
		ask->had_bad_cookie = true;
		invited(ask);
		start_udp(ask);
		return true;
	}
	ask->was_truncated = m->truncated;
	if (m->truncated || m->rcode == DNS_RCODE_BADCOOKIE) {
		if (!m->truncated)
			invited(ask);
		start_tcp(ask);
		return true;
	}
	return false;
}

static void take_answer(struct resolver_ask *ask, const struct dns_message *m,
			struct str packet, bool over_tcp, int64_t sent_us)
{
	struct peer *p = ask->turn.peer;
	struct resolver_reply reply = { .over_tcp = over_tcp,
					.address = ask->request.address };

	if (!over_tcp && !budget_take_bytes(ask->budget, packet.len)) {
		fail(ask, ASK_LIMIT);
		return;
	}
	reply.rtt_us = (uint32_t)(clock_mono_us() - sent_us);
	if (!over_tcp)
		peer_measured(p, reply.rtt_us);
	cookie_learn(p, str_of(m->cookie, m->cookie_len));
	note_standing(ask, is_proper(&ask->request, m));
	if (!asks_again(ask, m, over_tcp))
		finish_answered(ask, packet, &reply);
}

static void came_close(struct resolver_ask *ask)
{
	ask->r->counters.mismatched++;
	start_tcp(ask);
}

static void on_packet(struct udp_try *t, struct str packet)
{
	struct resolver_ask *ask = t->owner;
	struct peer *p = ask->turn.peer;
	struct dns_message m;

	arena_reset(&ask->r->scratch);
	ask->query.id = t->id;
	if (!dns_message_parse(&ask->r->scratch, packet, &m)) {
		ask->was_malformed = true;
		came_close(ask);
		return;
	}
	if (!dns_message_matches(&m, &ask->query)) {
		bool differs_in_case = dns_message_matches_nocase(&m, &ask->query);
		if (!differs_in_case || (!p->loses_case && !ask->ignores_case)) {
			ask->lost_case = differs_in_case;
			if (differs_in_case)
				invited(ask);
			came_close(ask);
			return;
		}
		/* Without TCP that is all that can be known of it. */
		p->loses_case = true;
	}
	if (ask->query.edns &&
	    cookie_match(p, str_of(m.cookie, m.cookie_len)) != COOKIE_FITS)
		came_close(ask);
	else
		take_answer(ask, &m, packet, false, t->sent_us);
}

static void on_near_miss(struct udp_try *t)
{
	start_tcp(t->owner);
}

/* Anybody may send an ICMP message: only a second one, about another port, is believed.
 */
static void on_error(struct udp_try *t, unused_arg int error)
{
	struct resolver_ask *ask = t->owner;

	udp_try_close(t);
	ask->errors++;
	if (ask->errors >= ERRORS_MAX)
		fail(ask, ASK_UNREACHABLE);
	else if (ask->try_count < TRIES_MAX)
		send_try(ask);
}

/* TCP */

static void tcp_failed(struct resolver_ask *ask, enum tcp_end end)
{
	if (end == TCP_TIMEOUT)
		budget_timed_out(ask->budget, &ask->request.address);
	if (end == TCP_TOO_MUCH) {
		fail(ask, ASK_LIMIT);
		return;
	}
	if (ask->was_truncated || ask->request.over_tcp) {
		fail(ask, ASK_NO_TCP);
	} else if (!ask->had_no_tcp) {
		ask->had_no_tcp = true;
		ask->ignores_case = ask->lost_case;
		start_udp(ask);
	} else {
		fail(ask, ask->was_malformed ? ASK_MALFORMED : ASK_TIMEOUT);
	}
}

static void on_tcp_done(void *arg, enum tcp_end end, struct str message)
{
	struct resolver_ask *ask = arg;
	struct peer *p = ask->turn.peer;
	struct dns_message m;

	ask->tcp = NULL;
	if (end != TCP_ANSWERED) {
		tcp_failed(ask, end);
		return;
	}
	arena_reset(&ask->r->scratch);
	if (!dns_message_parse(&ask->r->scratch, message, &m) || m.truncated ||
	    !dns_message_matches_nocase(&m, &ask->query)) {
		fail(ask, ASK_MALFORMED);
		return;
	}
	p->loses_case = !dns_message_matches(&m, &ask->query) && m.has_question;
	if (m.cookie_len == 0)
		cookie_forget(p);
	take_answer(ask, &m, message, true, ask->tcp_sent_us);
}

static void start_tcp(struct resolver_ask *ask)
{
	struct resolver *r = ask->r;
	enum ask_outcome may = take_packet(ask, !ask->was_sent);

	close_tries(ask);
	deadline_clear(r->deadlines, &ask->deadline);
	ask->is_tcp_next = may != ASK_ANSWERED;
	if (may != ASK_ANSWERED) {
		if (may_wait(ask, may))
			hold_back(ask, true);
		else
			fail_later(ask, may);
		return;
	}
	write_query(ask, entropy_u16(&r->entropy));
	ask->tcp_sent_us = clock_mono_us();
	struct tcp_options o = {
		.loop = r->loop,
		.deadlines = r->deadlines,
		.address = ask->request.address,
		.deadline_us = end_of_try(ask),
		.idle_us = r->query_timeout_us / 2,
		.budget = ask->budget,
	};
	ask->tcp = tcp_start(&o, buf_view(&r->query), on_tcp_done, ask);
	ask->was_sent = true;
	r->counters.queries_tcp++;
}

/* The queue: nobody is flooded, however many checks lead to him. */

static void begin(struct resolver_ask *ask)
{
	ask->is_ending = false;
	ask->ends_at_us = end_of_try(ask);
	if (ask->request.over_tcp)
		start_tcp(ask);
	else
		start_udp(ask);
}

static void on_admitted(struct peer_turn *t)
{
	begin(LIST_THING(t, struct resolver_ask, turn));
}

static void queue_up(struct resolver_ask *ask)
{
	struct peer *p = peer_get(ask->r->peers, &ask->request.address);

	ask->turn = (struct peer_turn){
		.is_trusted = ask->request.trusted,
		.is_proven = budget_is_proven(ask->budget, &ask->request.address),
		.asker = ask->budget,
		.zone = ask->budget->blamed.len > 0 ? &ask->budget->blamed : NULL,
		.admitted = on_admitted,
	};
	if (peer_admit(p, &ask->turn, clock_mono_us())) {
		begin(ask);
		return;
	}
	ask->is_ending = true;
	ask->ending = ASK_LIMIT;
	int64_t patience_us = clock_mono_us() + peer_patience_us(p);
	int64_t until_us = peer_is_good(p) ? ask->budget->deadline_us : end_of_try(ask);
	if (p->was_silent && !peer_is_good(p) && patience_us < until_us)
		until_us = patience_us;
	deadline_set(ask->r->deadlines, &ask->deadline, until_us);
}

/* The door */

struct resolver_ask *resolver_ask_start(struct resolver *r, struct budget *b,
					struct arena *a,
					const struct resolver_request *request,
					resolver_ask_fn *done, void *arg)
{
	size_t room = wire_room(&request->question.name);
	struct resolver_ask *ask = xalloc(1, sizeof(*ask) + TRIES_MAX * room);
	enum ask_outcome may =
		request->trusted ? ASK_ANSWERED : resolver_may_ask(r, &request->address);

	ask->r = r;
	ask->budget = b;
	ask->arena = a;
	ask->request = *request;
	ask->done = done;
	ask->arg = arg;
	ask->query =
		(struct dns_query){ .name = request->question.name,
				    .type = request->question.type,
				    .recursion = request->recursion,
				    .checking_disabled = request->checking_disabled };
	ask->deadline.due = on_deadline;
	list_init(&ask->hook);
	list_add(&r->asks, &ask->hook);
	if (request->trusted)
		budget_prove(b, &request->address);
	if (may == ASK_ANSWERED)
		queue_up(ask);
	else
		fail_later(ask, may);
	return ask;
}

void resolver_ask_cancel(struct resolver_ask **ask)
{
	if (!*ask)
		return;
	release(*ask);
	*ask = NULL;
}

void asks_cancel(struct list *asks)
{
	while (!list_is_empty(asks))
		release(LIST_THING(list_first(asks), struct resolver_ask, hook));
}

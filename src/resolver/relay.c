/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A question of libunbound's:
 *
 *   1. is put down to the check that validates the name, or one below it;
 *   2. is answered from what this check has been told by the servers itself: the verdict
 *      is on what was seen;
 *   3. or from what was fetched before, unless libunbound was given that already and asks
 *      again, which it does when it is not content: then once more from a server;
 *   4. or is asked: DS of a zone above it, all others where the name lies.
 *
 * What cannot be answered is SERVFAIL, at once, so that libunbound never waits.
 */
#include "resolver/relay.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolver/address.h"
#include "resolver/budget.h"
#include "resolver/costly.h"
#include "resolver/round.h"
#include "resolver/same.h"
#include "resolver/walk.h"

enum {
	NAMES_MAX = 64,    /* of a proof */
	EVIDENCE_MAX = 64, /* of a proof; a check has no more answers */
	KEPT_MAX = 512,    /* answers fetched */
	BATCH = 32,        /* packets taken in a turn of the loop */
	QUERY_MAX = 512,   /* octets */
	HEADER = 12,       /* octets */
};

/* Who waits for an answer: a packet of libunbound's. */
struct asker {
	struct list hook;
	struct sockaddr_storage from;
	socklen_t from_len;
	size_t len; /* of the header and the question */
	uint8_t bytes[HEADER + DNS_NAME_MAX + 4];
};

/* An answer that was given to a check, or fetched. */
struct known {
	struct list hook;
	struct question question;
	struct str packet;
	unsigned uses;
	bool is_second; /* libunbound was not content with the first */
	bool *proven;   /* of evidence: whose answer it is wants to know */
	int64_t until_us;
};

/* A question under way. */
struct errand {
	struct list hook;
	struct proof *proof;
	struct question question;
	struct list askers;
	struct budget own; /* of what a check is never too poor for; else not set */
	bool is_prepaid;
	struct resolver_walk *walk;
	struct round *round;
	struct resolver_ask *ask; /* of a forwarder */
};

struct proof {
	struct list hook;
	struct relay *relay;
	struct budget *budget;
	struct arena *arena;
	struct dns_name names[NAMES_MAX];
	size_t name_count;
	struct list evidence;
	size_t evidence_count;
	struct list errands;
	bool was_unheard;
};

struct relay {
	struct resolver *r;
	int fd;
	uv_poll_t *poll;
	struct address address;
	struct list proofs;
	struct list kept; /* oldest first */
	size_t kept_count;
	struct buf out;
};

static struct errand *errand_start(struct proof *p, const struct question *q);
static struct proof *find_proof(struct relay *relay, const struct dns_name *name);
static void add_targets(struct proof *p, const struct dns_message *m);

/* Answering */

static void send_answer(struct relay *relay, const struct asker *to, struct str packet)
{
	size_t question_len = to->len - HEADER;
	struct cursor c = cursor_over(packet);
	struct cursor asked = cursor_over(str_of(to->bytes, to->len));

	cursor_u16(&c);
	uint16_t id = cursor_u16(&asked);
	unsigned flags = cursor_u16(&c);
	unsigned asked_flags = cursor_u16(&asked);
	if (packet.len < to->len)
		return;
	flags &= ~(unsigned)(DNS_FLAG_AA | DNS_FLAG_TC | DNS_FLAG_RD | DNS_FLAG_AD |
			     DNS_FLAG_CD);
	flags |= DNS_FLAG_QR | DNS_FLAG_RA | (asked_flags & (DNS_FLAG_RD | DNS_FLAG_CD));
	buf_clear(&relay->out);
	buf_u16(&relay->out, id);
	buf_u16(&relay->out, (uint16_t)flags);
	buf_str(&relay->out, str_sub(packet, 4, HEADER - 4));
	/* The letters of the name were ours (0x20); compression points at them. */
	buf_add(&relay->out, to->bytes + HEADER, question_len);
	buf_str(&relay->out, str_sub(packet, to->len, SIZE_MAX));
	sendto(relay->fd, relay->out.data, relay->out.len, 0,
	       (const struct sockaddr *)&to->from, to->from_len);
}

static void send_failure(struct relay *relay, const struct asker *to)
{
	uint8_t packet[sizeof(to->bytes)];

	memcpy(packet, to->bytes, to->len);
	memset(packet + 2, 0, HEADER - 2);
	packet[3] = DNS_RCODE_SERVFAIL;
	packet[5] = 1; /* question */
	send_answer(relay, to, str_of(packet, to->len));
}

static bool is_same(const struct question *a, const struct question *b)
{
	return a->type == b->type && dns_name_equal(&a->name, &b->name);
}

/* What is known */

static void forget(struct relay *relay, struct known *k)
{
	list_remove(&k->hook);
	relay->kept_count--;
	xfree((void *)(uintptr_t)k->packet.data);
	xfree(k);
}

static struct known *find_kept(struct relay *relay, const struct question *q)
{
	int64_t now_us = clock_mono_us();

	list_each_safe (at, &relay->kept) {
		struct known *k = LIST_THING(at, struct known, hook);
		if (k->until_us <= now_us)
			forget(relay, k);
		else if (is_same(&k->question, q))
			return k;
	}
	return NULL;
}

static uint32_t least_ttl(const struct dns_section *s, uint32_t most)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->records[i].ttl_s < most)
			most = s->records[i].ttl_s;
	return most;
}

static void keep(struct relay *relay, const struct question *q,
		 const struct resolver_reply *reply)
{
	struct known *before = find_kept(relay, q);
	uint32_t ttl_s = least_ttl(&reply->message->authority,
				   least_ttl(&reply->message->answer, RELAY_TTL_MAX_S));

	bool is_second = before;
	if (before)
		forget(relay, before);
	struct list *oldest = list_first(&relay->kept);
	if (relay->kept_count == KEPT_MAX && oldest)
		forget(relay, LIST_THING(oldest, struct known, hook));
	struct known *k = xalloc(1, sizeof(*k));
	char *copy = xalloc(1, reply->packet.len);
	memcpy(copy, reply->packet.data, reply->packet.len);
	k->question = *q;
	k->is_second = is_second;
	k->packet = str_of(copy, reply->packet.len);
	k->until_us = clock_mono_us() + (int64_t)ttl_s * 1000000;
	list_add(&relay->kept, &k->hook);
	relay->kept_count++;
}

/* The one used least: another server's, if libunbound was not content with the first. */
static struct known *find_evidence(struct relay *relay, const struct question *q)
{
	struct known *found = NULL;

	list_each (at, &relay->proofs) {
		struct proof *p = LIST_THING(at, struct proof, hook);
		list_each (kept, &p->evidence) {
			struct known *k = LIST_THING(kept, struct known, hook);
			if (is_same(&k->question, q) && (!found || k->uses < found->uses))
				found = k;
		}
	}
	return found;
}

/* Errands */

static void errand_end(struct errand *e)
{
	while (!list_is_empty(&e->askers)) {
		struct asker *one =
			LIST_THING(list_first(&e->askers), struct asker, hook);
		list_remove(&one->hook);
		xfree(one);
	}
	resolver_walk_cancel(&e->walk);
	round_cancel(&e->round);
	resolver_ask_cancel(&e->ask);
	if (e->own.destinations)
		budget_charge(e->proof->budget, e->own.queries, e->is_prepaid);
	resolver_budget_done(&e->own);
	list_remove(&e->hook);
	xfree(e);
}

static void answer_askers(struct errand *e, struct str packet)
{
	list_each (at, &e->askers) {
		struct asker *one = LIST_THING(at, struct asker, hook);
		if (packet.len > 0)
			send_answer(e->proof->relay, one, packet);
		else
			send_failure(e->proof->relay, one);
	}
}

static void errand_answered(struct errand *e, const struct resolver_reply *reply)
{
	struct relay *relay = e->proof->relay;
	bool is_asked = !list_is_empty(&e->askers);

	add_targets(e->proof, reply->message);
	keep(relay, &e->question, reply);
	struct known *kept = find_kept(relay, &e->question);
	if (kept)
		kept->uses = is_asked;
	answer_askers(e, reply->packet);
	errand_end(e);
}

/* Whether nobody said anything: then what libunbound makes of it is no verdict. */
static void errand_failed(struct errand *e, bool was_unheard)
{
	e->proof->was_unheard = e->proof->was_unheard || was_unheard;
	answer_askers(e, STR_EMPTY);
	errand_end(e);
}

/* Errors may come without the question, which libunbound wants to see: it is told of its
 * own. */
static bool may_be_told(const struct dns_message *m)
{
	return !costly_has_key(m) &&
	       (m->rcode == DNS_RCODE_NOERROR || m->rcode == DNS_RCODE_NXDOMAIN);
}

static bool is_usable(unused_arg void *arg, const struct resolver_reply *reply)
{
	return reply->message->authoritative && may_be_told(reply->message);
}

/* Keys of the root and of top-level domains are asked for once a minute, whichever
 * check needs them first, and no zone's contents make it more. */
static bool is_registrys(const struct question *q)
{
	return (q->type == DNS_TYPE_DNSKEY || q->type == DNS_TYPE_DS) &&
	       dns_name_labels(&q->name) <= 1;
}

static struct budget *payer_of(struct errand *e)
{
	return e->own.destinations ? &e->own : e->proof->budget;
}

static void on_round(void *arg, enum walk_outcome outcome,
		     const struct resolver_reply *reply)
{
	struct errand *e = arg;

	e->round = NULL;
	if (outcome == WALK_DONE)
		errand_answered(e, reply);
	else
		errand_failed(e, outcome != WALK_SERVFAIL);
}

static void on_walked(void *arg, const struct resolver_walk_result *w, struct cut *cut)
{
	struct errand *e = arg;
	struct proof *p = e->proof;

	e->walk = NULL;
	if (!cut || (w->outcome != WALK_DONE && w->outcome != WALK_NXDOMAIN)) {
		errand_failed(e, w->outcome != WALK_SERVFAIL);
		return;
	}
	struct round_options o = { .r = p->relay->r,
				   .b = payer_of(e),
				   .a = p->arena,
				   .cut = cut,
				   .question = e->question,
				   .depth = w->depth,
				   .is_usable = is_usable,
				   .done = on_round,
				   .arg = e };
	e->round = round_start(&o);
}

static void on_forwarded(void *arg, const struct resolver_reply *reply)
{
	struct errand *e = arg;

	e->ask = NULL;
	if (reply->outcome == ASK_ANSWERED && may_be_told(reply->message))
		errand_answered(e, reply);
	else
		errand_failed(e, reply->outcome != ASK_ANSWERED);
}

static struct errand *errand_start(struct proof *p, const struct question *q)
{
	struct resolver *r = p->relay->r;
	struct errand *e = xalloc(1, sizeof(*e));

	e->proof = p;
	e->question = *q;
	list_init(&e->askers);
	list_init(&e->hook);
	list_add(&p->errands, &e->hook);
	if (is_registrys(q)) {
		resolver_budget_init(r, &e->own);
		e->is_prepaid = budget_prepay(p->budget);
	} else {
		budget_release(p->budget);
	}
	if (r->forward.family) {
		struct resolver_request request = { .question = *q,
						    .address = r->forward,
						    .recursion = true,
						    .checking_disabled = true,
						    .trusted = true,
						    .depth = p->budget->round_trips };
		e->ask = resolver_ask_start(r, payer_of(e), p->arena, &request,
					    on_forwarded, e);
		return e;
	}
	struct walk_context c = { .r = r,
				  .b = payer_of(e),
				  .a = p->arena,
				  .depth = p->budget->round_trips,
				  .level = 1 };
	/* RFC 4035 section 3.1.4.1: DS records stand above the cut. */
	struct dns_name to = dns_name_parent(&q->name, q->type == DNS_TYPE_DS);
	e->walk = walk_start(&c, &to, false, on_walked, e);
	return e;
}

static struct errand *find_errand(struct relay *relay, const struct question *q)
{
	list_each (at, &relay->proofs) {
		struct proof *p = LIST_THING(at, struct proof, hook);
		list_each (one, &p->errands) {
			struct errand *e = LIST_THING(one, struct errand, hook);
			if (is_same(&e->question, q))
				return e;
		}
	}
	return NULL;
}

/* Questions */

static bool proof_wants(const struct proof *p, const struct dns_name *name)
{
	for (size_t i = 0; i < p->name_count; i++)
		if (dns_name_within(&p->names[i], name))
			return true;
	return false;
}

/* Who pays: a check that wants it and still can, else one that wants it. */
static struct proof *find_proof(struct relay *relay, const struct dns_name *name)
{
	struct proof *found = NULL;

	list_each (at, &relay->proofs) {
		struct proof *p = LIST_THING(at, struct proof, hook);
		if (!proof_wants(p, name))
			continue;
		if (p->budget->queries_left > 0)
			return p;
		found = p;
	}
	return found;
}

/* From what is known, or SERVFAIL where nobody wants it; false: it has to be asked. */
static bool answer_at_once(struct relay *relay, const struct asker *from,
			   const struct question *q, struct proof *payer)
{
	struct known *k = find_evidence(relay, q);

	if (!k) {
		k = find_kept(relay, q);
		if (k && k->uses > 0 && !k->is_second)
			k = NULL;
	}
	if (k) {
		k->uses++;
		send_answer(relay, from, k->packet);
		return true;
	}
	if (!payer)
		send_failure(relay, from);
	return !payer;
}

static void take_query(struct relay *relay, struct asker *from, struct str packet)
{
	struct cursor c = cursor_over(str_sub(packet, HEADER, SIZE_MAX));
	struct question q = { 0 };

	if (packet.len < HEADER || !dns_name_read(&c, &q.name))
		return;
	q.type = cursor_u16(&c);
	cursor_u16(&c);
	if (!cursor_ok(&c))
		return;
	from->len = HEADER + q.name.len + 4;
	memcpy(from->bytes, packet.data, from->len);
	struct proof *payer = find_proof(relay, &q.name);
	if (answer_at_once(relay, from, &q, payer))
		return;
	struct errand *e = find_errand(relay, &q);
	if (!e)
		e = errand_start(payer, &q);
	struct asker *waiting = xalloc(1, sizeof(*waiting));
	*waiting = *from;
	list_init(&waiting->hook);
	list_add(&e->askers, &waiting->hook);
}

/* Whoever may run programs on this machine may ask too: nothing is asked for what no
 * check validates. */
static void on_readable(uv_poll_t *poll, unused_arg int status, unused_arg int events)
{
	struct relay *relay = poll->data;
	uint8_t packet[QUERY_MAX];

	for (int i = 0; i < BATCH; i++) {
		struct asker from = { .from_len = sizeof(from.from) };
		ssize_t n = recvfrom(relay->fd, packet, sizeof(packet), MSG_DONTWAIT,
				     (struct sockaddr *)&from.from, &from.from_len);
		if (n < 0)
			break;
		take_query(relay, &from, str_of(packet, (size_t)n));
	}
}

/* Life */

static int open_socket(struct address *out)
{
	struct address loopback = { .family = 4, .bytes = { 127, 0, 0, 1 } };
	struct sockaddr_storage at;
	socklen_t len = address_to_kernel(&loopback, &at);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&at, len) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0 ||
	    !address_from_kernel(&at, out)) {
		close(fd);
		return -1;
	}
	return fd;
}

struct relay *relay_new(struct resolver *r)
{
	struct address address;
	int fd = open_socket(&address);

	if (fd < 0)
		return NULL;
	struct relay *relay = xalloc(1, sizeof(*relay));
	relay->r = r;
	relay->fd = fd;
	relay->address = address;
	list_init(&relay->proofs);
	list_init(&relay->kept);
	buf_init(&relay->out, DNS_MESSAGE_MAX);
	relay->poll = xalloc(1, sizeof(*relay->poll));
	relay->poll->data = relay;
	uv_poll_init(r->loop, relay->poll, fd);
	uv_poll_start(relay->poll, UV_READABLE, on_readable);
	uv_unref((uv_handle_t *)relay->poll);
	return relay;
}

static void on_poll_closed(uv_handle_t *handle)
{
	xfree(handle);
}

void relay_free(struct relay **relay)
{
	if (!*relay)
		return;
	list_each_safe (at, &(*relay)->kept)
		forget(*relay, LIST_THING(at, struct known, hook));
	uv_poll_stop((*relay)->poll);
	uv_close((uv_handle_t *)(*relay)->poll, on_poll_closed);
	close((*relay)->fd);
	buf_done(&(*relay)->out);
	xfree(*relay);
	*relay = NULL;
}

struct address relay_address(const struct relay *relay)
{
	return relay->address;
}

/* Proofs */

/* Another check may want it as well. */
static void errand_hand_over(struct errand *e)
{
	struct proof *other = find_proof(e->proof->relay, &e->question.name);

	if (list_is_empty(&e->askers) || !other) {
		errand_failed(e, false);
		return;
	}
	struct errand *next = errand_start(other, &e->question);
	while (!list_is_empty(&e->askers)) {
		struct list *one = list_first(&e->askers);
		list_remove(one);
		list_add(&next->askers, one);
	}
	errand_end(e);
}

struct proof *proof_get(struct relay *relay, struct budget *b, struct arena *a)
{
	if (b->proof)
		return b->proof;
	struct proof *p = xalloc(1, sizeof(*p));
	p->relay = relay;
	p->budget = b;
	p->arena = a;
	list_init(&p->evidence);
	list_init(&p->errands);
	list_init(&p->hook);
	list_add(&relay->proofs, &p->hook);
	b->proof = p;
	return p;
}

void proof_free(struct proof **proof)
{
	struct proof *p = *proof;

	if (!p)
		return;
	list_remove(&p->hook);
	while (!list_is_empty(&p->errands))
		errand_hand_over(
			LIST_THING(list_first(&p->errands), struct errand, hook));
	xfree(p);
	*proof = NULL;
}

void proof_add_name(struct proof *p, const struct dns_name *name)
{
	if (!proof_wants(p, name) && p->name_count < NAMES_MAX)
		p->names[p->name_count++] = *name;
}

/* Where aliases lead, libunbound goes too. */
static void add_targets(struct proof *p, const struct dns_message *m)
{
	for (size_t i = 0; i < m->answer.count; i++) {
		struct dns_name target;
		if (m->answer.records[i].type == DNS_TYPE_CNAME &&
		    dns_record_target(&m->answer.records[i], &target))
			proof_add_name(p, &target);
	}
}

static bool says_the_same(struct proof *p, const struct known *k,
			  const struct dns_message *m)
{
	struct dns_message seen;

	return dns_message_parse(p->arena, k->packet, &seen) &&
	       same_answer(&k->question, m, &seen);
}

void proof_add_evidence(struct proof *p, const struct question *q,
			const struct resolver_reply *reply, bool *proven)
{
	struct known *k =
		p->evidence_count < EVIDENCE_MAX ? arena_try(p->arena, sizeof(*k)) : NULL;

	if (!k)
		return;
	add_targets(p, reply->message);
	k->question = *q;
	k->packet = arena_str(p->arena, reply->packet);
	k->proven = proven;
	list_each (at, &p->evidence) {
		const struct known *before = LIST_THING(at, struct known, hook);
		if (is_same(&before->question, q) && *before->proven &&
		    says_the_same(p, before, reply->message))
			*proven = true;
	}
	list_init(&k->hook);
	list_add(&p->evidence, &k->hook);
	p->evidence_count++;
}

bool proof_settle(struct proof *p, const struct question *q, struct str packet)
{
	struct dns_message told;
	bool was_told = false;
	bool was_seen = false;

	if (!dns_message_parse(p->arena, packet, &told))
		return false;
	list_each (at, &p->evidence) {
		struct known *k = LIST_THING(at, struct known, hook);
		if (!is_same(&k->question, q))
			continue;
		*k->proven = says_the_same(p, k, &told);
		was_seen = was_seen || *k->proven;
		was_told = true;
	}
	return was_seen || !was_told;
}

void proof_fetch(struct proof *p, const struct question *q)
{
	if (!find_kept(p->relay, q) && !find_errand(p->relay, q))
		errand_start(p, q);
}

static bool was_told(const struct proof *p, const struct question *q)
{
	bool was_seen = false;

	list_each (at, &p->evidence) {
		const struct known *k = LIST_THING(at, struct known, hook);
		if (!is_same(&k->question, q))
			continue;
		if (k->uses > 0)
			return true;
		was_seen = true;
	}
	return !was_seen;
}

bool proof_lacks(const struct proof *p, const struct question *q)
{
	return p->was_unheard || !was_told(p, q);
}

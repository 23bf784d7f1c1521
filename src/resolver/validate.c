/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One libunbound context, made at the first question, working on our loop. It only
 * validates: whatever it wants to know it asks the relay, so that no packet leaves this
 * machine that is not asked as all others are. It opens no file.
 */
#include "resolver/validate.h"

#include "resolver/events.h"
#include "resolver/libunbound_functions.h"
#include "resolver/relay.h"

struct validator {
	struct resolver *r;
	struct str *anchors;
	size_t anchor_count;
	struct ub_ctx *context; /* NULL until needed, as these: */
	struct events *events;
	struct relay *relay;
	struct list open;
	bool is_broken; /* the context cannot be made */
};

struct resolver_validate {
	struct list hook;
	struct validator *v;
	struct deadline deadline;
	int id;
	struct question question;
	bool is_judged; /* and what by: */
	enum security security;
	struct str why; /* in the arena */
	struct budget *budget;
	struct arena *arena;
	resolver_validate_fn *done;
	void *arg;
};

enum {
	ANCHORS_MAX = 16,
	WHY_MAX = 512, /* octets */
};

/* OWNER [TTL] [IN] DS|DNSKEY ...; the rest is libunbound's. */
static bool is_anchor(struct str line)
{
	struct cursor c = cursor_over(line);
	bool found = false;

	while (cursor_left(&c) > 0 && !found) {
		struct str word = cursor_until(&c, " \t");
		found = str_equal_nocase(word, STR("DS")) ||
			str_equal_nocase(word, STR("DNSKEY"));
		cursor_while(&c, " \t");
	}
	return found && cursor_left(&c) > 0;
}

bool validator_new(struct resolver *r, struct str anchors, struct validator **out,
		   struct err *e)
{
	struct str rest = anchors;
	struct str line;
	struct str *kept = arena_array(&r->arena, ANCHORS_MAX, sizeof(*kept));
	size_t count = 0;

	while (str_split(&rest, '\n', &line) && count < ANCHORS_MAX) {
		line = str_trim(str_sub(line, 0, str_find_byte(line, ';')));
		if (line.len == 0)
			continue;
		if (!is_anchor(line))
			return err_set(e, ERR_USAGE, "'%.*s' is no DS or DNSKEY record",
				       (int)(line.len < 60 ? line.len : 60), line.data);
		kept[count++] = arena_str(&r->arena, line);
	}
	if (count == 0)
		return err_set(e, ERR_USAGE, "no trust anchor in it");
	struct validator *v = xalloc(1, sizeof(*v));
	v->r = r;
	v->anchors = kept;
	v->anchor_count = count;
	list_init(&v->open);
	*out = v;
	return true;
}

/* The context */

/* It may remember the chain for a minute, so that many checks do not put the same
 * questions to the root and the registries again and again. The relay always
 * answers: it is waited for as long as a check may take. */
static const char *const options[][2] = {
	{ "do-not-query-localhost:", "no" },
	{ "do-ip6:", "no" }, /* to the relay */
	{ "qname-minimisation:", "no" },
	{ "aggressive-nsec:", "no" },
	{ "cache-max-ttl:", "60" },
	/* Less than from look to look while something is searched for. */
	{ "cache-max-negative-ttl:", "10" },
	{ "val-bogus-ttl:", "0" },
	{ "val-max-restart:", "2" },
	{ "outbound-msg-retry:", "2" },
	{ "infra-cache-min-rtt:", "10000" },
	{ "max-sent-count:", "16" },
	{ "edns-buffer-size:", "65535" }, /* no TCP over the loopback */
	{ "max-udp-size:", "65535" },
	{ "outgoing-num-tcp:", "1" },
	{ "msg-cache-size:", "1m" },
	{ "rrset-cache-size:", "1m" },
	{ "key-cache-size:", "256k" },
	{ "neg-cache-size:", "64k" },
	{ "infra-cache-numhosts:", "100" },
	{ "outgoing-range:", "256" },
	{ "root-hints:", "" },
};

static bool point_at_relay(struct validator *v)
{
	struct address relay = relay_address(v->relay);
	auto_buf struct buf text;
	buf_init(&text, 64);

	address_write(&text, &relay);
	return ub_ctx_set_fwd(v->context, buf_cstr(&text)) == 0;
}

static bool set_up(struct validator *v)
{
	v->events = events_new(v->r->loop, v->r->deadlines);
	v->relay = relay_new(v->r);
	v->context = ub_ctx_create_ub_event(events_base(v->events));
	if (!v->context || !v->relay)
		return false;
	ub_ctx_debugout(v->context, NULL);
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (ub_ctx_set_option(v->context, options[i][0], options[i][1]) != 0)
			return false;
	for (size_t i = 0; i < v->anchor_count; i++)
		if (ub_ctx_add_ta(v->context, v->anchors[i].data) != 0)
			return false;
	return point_at_relay(v);
}

static void close_context(struct validator *v)
{
	ub_ctx_delete(v->context);
	v->context = NULL;
	events_free(&v->events);
	relay_free(&v->relay);
}

static bool open_context(struct validator *v)
{
	if (!v || v->context || v->is_broken)
		return v && !v->is_broken;
	v->is_broken = !set_up(v);
	if (v->is_broken)
		close_context(v);
	return !v->is_broken;
}

bool resolver_validates(const struct resolver *r)
{
	return r->validator;
}

/* lint: parameters - the type is libunbound's */
static void ignore_result(unused_arg void *arg, unused_arg int rcode,
			  unused_arg void *packet, unused_arg int len,
			  unused_arg int security, unused_arg char *why,
			  unused_arg int was_limited)
{
}

void resolver_validate_prepare(struct resolver *r)
{
	struct validator *v = r->validator;

	/* A zone that it has itself: what it makes at its first question is made now. */
	if (open_context(v))
		ub_resolve_event(v->context, "localhost.", DNS_TYPE_A, 1, v,
				 ignore_result, NULL);
}

void validator_free(struct validator **v)
{
	if (!*v)
		return;
	list_each_safe (at, &(*v)->open) {
		struct resolver_validate *one =
			LIST_THING(at, struct resolver_validate, hook);
		resolver_validate_cancel(&one);
	}
	close_context(*v);
	xfree(*v);
	*v = NULL;
}

/* What the check has and asks for their sake */

static struct proof *proof_of(struct resolver *r, struct budget *b, struct arena *a)
{
	return open_context(r->validator) ? proof_get(r->validator->relay, b, a) : NULL;
}

void resolver_validate_show(struct resolver *r, struct budget *b, struct arena *a,
			    const struct question *q, const struct resolver_reply *reply,
			    bool *proven)
{
	struct proof *p = proof_of(r, b, a);

	if (p)
		proof_add_evidence(p, q, reply, proven);
}

void resolver_validate_fetch(struct resolver *r, struct budget *b, struct arena *a,
			     const struct delegation *way, size_t count)
{
	struct question root_keys = { .type = DNS_TYPE_DNSKEY };
	struct proof *p = proof_of(r, b, a);

	if (!p)
		return;
	root_keys.name = r->root->zone;
	proof_fetch(p, &root_keys);
	for (size_t i = 0; i < count; i++) {
		struct question q = { .name = way[i].zone, .type = DNS_TYPE_DS };
		proof_fetch(p, &q);
		q.type = DNS_TYPE_DNSKEY;
		if (!way[i].signed_here)
			break;
		proof_fetch(p, &q);
	}
}

/* Questions */

static void finish(struct resolver_validate *one, enum security security, struct str why)
{
	resolver_validate_fn *done = one->done;
	void *arg = one->arg;

	deadline_clear(one->v->r->deadlines, &one->deadline);
	list_remove(&one->hook);
	xfree(one);
	done(arg, security, why);
}

/* Something was missing: what libunbound makes of it is no verdict. */
static bool is_for_want(const struct resolver_validate *one)
{
	return one->budget->proof && proof_lacks(one->budget->proof, &one->question);
}

/* Of an answer that does not hold libunbound says who gave it ("no signatures from
 * 127.0.0.1"); of one that it has not got, it cannot. Then what failed may be our own
 * machine: no socket left, no memory, no time. */
static bool names_culprit(const char *why)
{
	return strstr(why, " from ") != NULL;
}

/* libunbound remembers answers for a while, and what is remembered proves nothing of
 * what this check has seen. */
static bool is_about_seen(const struct resolver_validate *one, struct str packet)
{
	return !one->budget->proof ||
	       proof_settle(one->budget->proof, &one->question, packet);
}

/* Told in the next turn of the loop: libunbound may be in the middle of its work,
 * and may call this inside ub_resolve_event. */
/* lint: parameters - the type is libunbound's */
static void on_result(void *arg, int rcode, void *packet, int len, int verdict, char *why,
		      unused_arg int was_limited)
{
	enum {
		INSECURE,
		BOGUS,
		SECURE
	};
	struct resolver_validate *one = arg;

	one->id = 0;
	one->is_judged = true;
	one->security = SECURITY_INSECURE;
	if (verdict == BOGUS && why && names_culprit(why) && !is_for_want(one)) {
		one->security = SECURITY_BOGUS;
		one->why = arena_str(one->arena, str_sub(str_from(why), 0, WHY_MAX));
	} else if (verdict == SECURE) {
		one->security = is_about_seen(one, str_of(packet, (size_t)len))
					? SECURITY_SECURE
					: SECURITY_UNCHECKED;
	} else if (verdict == BOGUS ||
		   (rcode != DNS_RCODE_NOERROR && rcode != DNS_RCODE_NXDOMAIN)) {
		one->security = SECURITY_UNCHECKED;
	}
	deadline_set(one->v->r->deadlines, &one->deadline, 0);
}

/* Also where the context could not take the question: the id is then 0. */
static void on_deadline(struct deadline *d)
{
	struct resolver_validate *one = LIST_THING(d, struct resolver_validate, deadline);

	if (one->is_judged) {
		finish(one, one->security, one->why);
		return;
	}
	if (one->id)
		ub_cancel(one->v->context, one->id);
	finish(one, SECURITY_UNCHECKED, STR_EMPTY);
}

struct resolver_validate *resolver_validate_start(struct resolver *r, struct budget *b,
						  struct arena *a,
						  const struct question *q,
						  resolver_validate_fn *done, void *arg)
{
	struct validator *v = r->validator;
	struct proof *proof = proof_of(r, b, a);
	auto_buf struct buf name;
	buf_init(&name, 4 * DNS_NAME_MAX + 2);

	if (!v)
		return NULL;
	struct resolver_validate *one = xalloc(1, sizeof(*one));
	one->v = v;
	one->budget = b;
	one->arena = a;
	one->question = *q;
	one->done = done;
	one->arg = arg;
	one->deadline.due = on_deadline;
	list_init(&one->hook);
	list_add(&v->open, &one->hook);
	deadline_set(r->deadlines, &one->deadline, proof ? b->deadline_us : 0);
	if (!proof)
		return one;
	proof_add_name(proof, &q->name);
	dns_name_write_absolute(&name, &q->name);
	int id = 0;
	if (ub_resolve_event(v->context, buf_cstr(&name), q->type, 1, one, on_result,
			     &id) != 0)
		deadline_set(r->deadlines, &one->deadline, 0);
	else if (!one->is_judged)
		one->id = id;
	return one;
}

void resolver_validate_hurry(struct resolver_validate *one, int64_t deadline_us)
{
	if (deadline_us < one->deadline.at_us)
		deadline_set(one->v->r->deadlines, &one->deadline, deadline_us);
}

void resolver_validate_cancel(struct resolver_validate **one)
{
	if (!*one)
		return;
	if ((*one)->id)
		ub_cancel((*one)->v->context, (*one)->id);
	deadline_clear((*one)->v->r->deadlines, &(*one)->deadline);
	list_remove(&(*one)->hook);
	xfree(*one);
	*one = NULL;
}

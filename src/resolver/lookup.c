/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The addresses of a name server: a walk to the zone that holds its name, where glue may
 * already tell them, else A and AAAA asked there at once. When A is there, AAAA is not
 * waited for longer than a moment.
 */
#include "resolver/round.h"
#include "resolver/walk.h"

enum {
	GRACE_US = 5000
};

struct lookup {
	struct walk_context c;
	struct resolver_walk *walk;
	struct round *rounds[2]; /* A, AAAA */
	struct cut *cut;
	struct cut_server found;
	uint32_t ttl_s;
	bool walked_whole_name;
	bool asked_second; /* thrifty: IPv6, for want of IPv4 */
	bool saw_referral;
	struct deadline deadline; /* to begin; later, to end */
	bool has_begun;
	lookup_done_fn *done;
	void *arg;
};

static void release(struct lookup *l)
{
	resolver_walk_cancel(&l->walk);
	round_cancel(&l->rounds[0]);
	round_cancel(&l->rounds[1]);
	deadline_clear(l->c.r->deadlines, &l->deadline);
	xfree(l);
}

static void finish(struct lookup *l)
{
	lookup_done_fn *done = l->done;
	void *arg = l->arg;
	struct cut_server found = l->found;
	uint32_t depth = l->c.depth;

	if (cut_server_has_address(&found)) {
		found.failed = false;
		found.outcome = ASK_ANSWERED;
		cache_address_put(l->c.r->cache, &found, l->ttl_s, clock_mono_us());
	} else {
		found.failed = true;
	}
	release(l);
	done(arg, &found, depth);
}

static bool is_usable(void *arg, const struct resolver_reply *reply)
{
	struct lookup *l = arg;
	const struct dns_message *m = reply->message;
	struct cut *deeper;

	if (m->rcode == DNS_RCODE_NXDOMAIN)
		return m->authoritative;
	if (m->rcode != DNS_RCODE_NOERROR)
		return false;
	if (m->authoritative)
		return true;
	return cut_read(l->c.a, m, &l->cut->zone, &l->found.name, &deeper) ==
	       REFERRAL_CUT;
}

static void start_walk(struct lookup *l, const struct dns_name *name);

static void note_ttl(struct lookup *l, const struct dns_section *answer)
{
	for (size_t i = 0; i < answer->count; i++)
		if (answer->records[i].ttl_s < l->ttl_s)
			l->ttl_s = answer->records[i].ttl_s;
}

static void ask_addresses(struct lookup *l, uint16_t type);

static void on_answer(struct lookup *l, enum walk_outcome outcome,
		      const struct resolver_reply *reply)
{
	if (outcome == WALK_DONE) {
		if (reply->depth > l->c.depth)
			l->c.depth = reply->depth;
		l->saw_referral = l->saw_referral || !reply->message->authoritative;
		note_ttl(l, &reply->message->answer);
		cut_address_take(&reply->message->answer, &l->found.name, &l->found);
	} else if (outcome == WALK_LIMIT) {
		l->found.outcome = ASK_LIMIT;
	} else if (outcome == WALK_NO_ANSWER && l->found.outcome != ASK_LIMIT) {
		l->found.outcome = ASK_TIMEOUT;
	}
	if (cut_server_has_address(&l->found) && (l->rounds[0] || l->rounds[1])) {
		deadline_set(l->c.r->deadlines, &l->deadline, clock_mono_us() + GRACE_US);
		return;
	}
	if (l->rounds[0] || l->rounds[1])
		return;
	if (!cut_server_has_address(&l->found) && l->c.is_thrifty && l->c.r->has_ipv6 &&
	    outcome == WALK_DONE && !l->asked_second) {
		l->asked_second = true;
		ask_addresses(l, DNS_TYPE_AAAA);
		return;
	}
	if (!cut_server_has_address(&l->found) && l->saw_referral &&
	    !l->walked_whole_name) {
		l->walked_whole_name = true;
		start_walk(l, &l->found.name);
		return;
	}
	finish(l);
}

static void on_a(void *arg, enum walk_outcome outcome, const struct resolver_reply *reply)
{
	struct lookup *l = arg;

	l->rounds[0] = NULL;
	on_answer(l, outcome, reply);
}

static void on_aaaa(void *arg, enum walk_outcome outcome,
		    const struct resolver_reply *reply)
{
	struct lookup *l = arg;

	l->rounds[1] = NULL;
	on_answer(l, outcome, reply);
}

static void ask_addresses(struct lookup *l, uint16_t type)
{
	bool is_second = type == DNS_TYPE_AAAA;
	struct round_options o = {
		.r = l->c.r,
		.b = l->c.b,
		.a = l->c.a,
		.cut = l->cut,
		.question = { .name = l->found.name, .type = type },
		.depth = l->c.depth,
		.is_usable = is_usable,
		.done = is_second ? on_aaaa : on_a,
		.arg = l,
	};

	l->rounds[is_second] = round_start(&o);
}

static void ask_both(struct lookup *l)
{
	l->asked_second = false;
	ask_addresses(l, DNS_TYPE_A);
	if (l->c.r->has_ipv6 && !l->c.is_thrifty)
		ask_addresses(l, DNS_TYPE_AAAA);
}

static enum ask_outcome why_not(enum walk_outcome outcome)
{
	switch (outcome) {
	case WALK_NO_ANSWER:
		return ASK_TIMEOUT;
	case WALK_LIMIT:
		return ASK_LIMIT;
	case WALK_DONE:
	case WALK_NXDOMAIN:
	case WALK_SERVFAIL:
	case WALK_SKIPPED:
		break;
	}
	return ASK_NO_ADDRESS;
}

/* Who has one of these servers mostly has the others too: they need not be looked up one
 * by one. */
static void keep_glue(const struct lookup *l, const struct cut *cut)
{
	for (size_t i = 0; i < cut->server_count; i++)
		if (cut_server_has_address(&cut->servers[i]) &&
		    dns_name_within(&cut->servers[i].name, &cut->zone))
			cache_address_put(l->c.r->cache, &cut->servers[i],
					  CACHE_CUT_TTL_MAX_S, clock_mono_us());
}

static void on_walked(void *arg, const struct resolver_walk_result *result,
		      struct cut *cut)
{
	struct lookup *l = arg;
	const struct cut_server *glue = cut ? cut_server_find(cut, &l->found.name) : NULL;

	l->walk = NULL;
	if (result->depth > l->c.depth)
		l->c.depth = result->depth;
	if (result->outcome != WALK_DONE || !cut || !cut_has_address(cut)) {
		l->found.outcome = why_not(result->outcome);
		finish(l);
		return;
	}
	if (glue && cut_server_has_address(glue)) {
		keep_glue(l, cut);
		l->found.v4 = glue->v4;
		l->found.v6 = glue->v6;
		l->ttl_s = CACHE_CUT_TTL_MAX_S;
		finish(l);
		return;
	}
	l->cut = cut;
	ask_both(l);
}

static void start_walk(struct lookup *l, const struct dns_name *name)
{
	struct walk_context inner = l->c;

	inner.level++;
	if (inner.level > WALK_LEVELS_MAX || walk_is_inside(l->c.outer, name)) {
		l->found.outcome = ASK_NO_ADDRESS;
		finish(l);
		return;
	}
	l->walk = walk_start(&inner, name, false, on_walked, l);
}

static void on_deadline(struct deadline *d)
{
	struct lookup *l = LIST_THING(d, struct lookup, deadline);
	struct dns_name parent = dns_name_parent(&l->found.name, 1);

	if (l->has_begun ||
	    cache_address_find(l->c.r->cache, &l->found, clock_mono_us())) {
		finish(l);
		return;
	}
	l->has_begun = true;
	start_walk(l, &parent);
}

struct lookup *lookup_start(const struct walk_context *c, const struct dns_name *name,
			    lookup_done_fn *done, void *arg)
{
	struct lookup *l = xalloc(1, sizeof(*l));

	l->c = *c;
	l->found.name = *name;
	l->found.outcome = ASK_NO_ADDRESS;
	l->ttl_s = CACHE_ADDRESS_TTL_MAX_S;
	l->deadline.due = on_deadline;
	l->done = done;
	l->arg = arg;
	deadline_set(c->r->deadlines, &l->deadline, 0);
	return l;
}

void lookup_cancel(struct lookup **l)
{
	if (!*l)
		return;
	release(*l);
	*l = NULL;
}

/* The door: the same with the result as callers see it. */

void server_describe(const struct walk_context *c, const struct cut_server *s,
		     struct resolver_server *out)
{
	const struct address *both[] = { &s->v4, &s->v6 };
	enum ask_outcome outcome = s->failed ? s->outcome : ASK_NO_ADDRESS;

	*out = (struct resolver_server){ .name = s->name };
	out->addresses = arena_array(c->a, ARRAY_LEN(both), sizeof(*out->addresses));
	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		enum ask_outcome may = resolver_may_ask(c->r, both[i]);
		if (!both[i]->family)
			continue;
		if (may == ASK_ANSWERED) {
			out->addresses[out->address_count++] = *both[i];
			continue;
		}
		outcome = may;
		out->refused = *both[i];
	}
	out->outcome = out->address_count > 0 ? ASK_ANSWERED : outcome;
}

struct resolver_lookup {
	struct list hook;
	struct walk_context c;
	struct lookup *lookup;
	resolver_lookup_fn *done;
	void *arg;
};

static void on_found(void *arg, const struct cut_server *found, uint32_t depth)
{
	struct resolver_lookup *l = arg;
	resolver_lookup_fn *done = l->done;
	void *done_arg = l->arg;
	struct resolver_server server;

	server_describe(&l->c, found, &server);
	list_remove(&l->hook);
	xfree(l);
	done(done_arg, &server, depth);
}

struct resolver_lookup *resolver_lookup_start(struct resolver *r, struct budget *b,
					      struct arena *a,
					      const struct dns_name *name,
					      resolver_lookup_fn *done, void *arg)
{
	struct resolver_lookup *l = xalloc(1, sizeof(*l));

	l->c = (struct walk_context){ .r = r, .b = b, .a = a, .depth = b->round_trips };
	l->done = done;
	l->arg = arg;
	list_init(&l->hook);
	list_add(&r->lookups, &l->hook);
	l->lookup = lookup_start(&l->c, name, on_found, l);
	return l;
}

void resolver_lookup_cancel(struct resolver_lookup **l)
{
	if (!*l)
		return;
	lookup_cancel(&(*l)->lookup);
	list_remove(&(*l)->hook);
	xfree(*l);
	*l = NULL;
}

void lookups_cancel(struct list *lookups)
{
	while (!list_is_empty(lookups)) {
		struct resolver_lookup *l =
			LIST_THING(list_first(lookups), struct resolver_lookup, hook);
		resolver_lookup_cancel(&l);
	}
}

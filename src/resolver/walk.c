/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the deepest cached cut down:
 *
 *   1. Ask the servers of the cut for NS of the whole name.
 *   2. A referral to a cut on the way: go there. At the name itself: the end.
 *   3. An authoritative answer: the zone that holds the name is served here. Between
 *      this cut and the name there may be cuts whose zones the same servers hold, and
 *      so never refer to: each label in between is asked about, all at once.
 *   4. NXDOMAIN: the same, to find the topmost name that does not exist.
 *   5. That no zone begins at a name is remembered as cuts are, and not asked again. If
 *      that changes, its servers' referrals will tell whoever asks them.
 *   6. Below a registry, other servers of the cut are asked too before a delegation is
 *      believed: one that a stranger got hold of shall not lead us past all the others.
 *      Where they contradict, the walk ends above: then all of them are heard.
 *   7. No server usable: the addresses of those that came without are looked up, and all
 *      are asked once more. Then the end; where the cut was cached, once more from above
 *      it.
 *
 * The addresses of servers without glue are looked up when nobody else can be asked,
 * and at the end, of all of them.
 *
 * A check's walks share what they ask, and at the root and at registries those of all
 * checks do: where one is asking a cut's servers about a name below the same label,
 * another waits, and goes on from the cut that was found. Nobody waits for a walk that
 * looks addresses up: it may itself wait, and answers always end.
 */
#include "resolver/walk.h"

#include "resolver/round.h"

enum {
	GAPS_MAX = 16,
	WITNESSES_MAX = 3,
	REGISTRY_CUTS =
		2, /* the root and a top-level domain: their servers are kept well */
};

enum step {
	STEP_REFERRAL,
	STEP_APEX,   /* authoritative NS of the name: it is a zone, and served here */
	STEP_INSIDE, /* authoritative, but no zone begins at the name */
	STEP_NXDOMAIN,
	STEP_LAME,
};

/* A name between the cut and the name of the walk. */
struct gap {
	struct resolver_walk *walk;
	struct dns_name name;
	struct round *round;
	enum step step;
	struct cut *cut;
};

/* A server of the cut that is asked as well. */
struct witness {
	struct resolver_walk *walk;
	struct round *round;
};

struct resolver_walk {
	struct list hook; /* empty in walks for the sake of walks */
	struct walk_context c;
	struct dns_name name;
	bool all_servers;
	bool was_restarted;
	struct cut *chain[RESOLVER_DEPTH_MAX + 1]; /* from the root */
	size_t chain_count;
	struct round *round;
	struct fill *fill;
	const struct cut *filled; /* all of its servers' addresses were looked up */
	struct gap gaps[GAPS_MAX];
	size_t gap_count;
	size_t gaps_open;
	struct witness witnesses[WITNESSES_MAX];
	size_t witness_count;
	size_t witnesses_open;
	bool is_contradicted;
	struct cut *referred; /* what the witnesses are asked about */
	enum step step; /* the answer about the name itself, while the gaps are asked */
	struct cut *cut;
	struct deadline begin;
	struct list asking; /* in the resolver's list while its questions are under way */
	struct list waiters;      /* walks the same way, of the same check */
	struct list waiting;      /* in the other's waiters */
	const struct cut *waited; /* for what the others learn at this cut */
	walk_done_fn *done;
	resolver_walk_fn *door_done; /* instead of done, for callers from outside */
	void *arg;
};

static void advance(struct resolver_walk *w);

static struct cut *current(const struct resolver_walk *w)
{
	return w->chain[w->chain_count - 1];
}

bool walk_is_inside(const struct resolver_walk *w, const struct dns_name *name)
{
	for (; w; w = w->c.outer)
		if (dns_name_equal(&w->name, name))
			return true;
	return false;
}

/* What it asked has been answered, or will not be: who waited goes on. */
static void wake_waiters(struct resolver_walk *w)
{
	list_remove(&w->asking);
	list_each_safe (at, &w->waiters) {
		struct resolver_walk *other =
			LIST_THING(at, struct resolver_walk, waiting);
		list_remove(at);
		if (w->c.depth > other->c.depth)
			other->c.depth = w->c.depth;
		deadline_set(other->c.r->deadlines, &other->begin, 0);
	}
}

static void release(struct resolver_walk *w)
{
	wake_waiters(w);
	list_remove(&w->waiting);
	round_cancel(&w->round);
	fill_cancel(&w->fill);
	for (size_t i = 0; i < w->gap_count; i++)
		round_cancel(&w->gaps[i].round);
	for (size_t i = 0; i < w->witness_count; i++)
		round_cancel(&w->witnesses[i].round);
	deadline_clear(w->c.r->deadlines, &w->begin);
	list_remove(&w->hook);
	xfree(w);
}

/* Results */

static void describe_delegations(struct resolver_walk *w,
				 struct resolver_walk_result *out)
{
	out->delegation_count = w->chain_count - 1;
	out->delegations =
		arena_array(w->c.a, out->delegation_count + 1, sizeof(*out->delegations));
	out->tellers =
		arena_array(w->c.a, out->delegation_count + 1, sizeof(*out->tellers));
	for (size_t i = 0; i < out->delegation_count; i++) {
		const struct cut *c = w->chain[i + 1];
		struct delegation *d = &out->delegations[i];
		d->zone = c->zone;
		d->parent = w->chain[i]->zone;
		d->signed_here = c->signed_here;
		out->tellers[i] = c->teller;
		d->parent_ns_count = c->server_count;
		d->parent_ns =
			arena_array(w->c.a, c->server_count, sizeof(*d->parent_ns));
		for (size_t k = 0; k < c->server_count; k++)
			d->parent_ns[k] = c->servers[k].name;
	}
}

static void finish(struct resolver_walk *w, enum walk_outcome outcome,
		   const struct dns_name *stopped_at)
{
	walk_done_fn *done = w->done;
	resolver_walk_fn *door_done = w->door_done;
	void *arg = w->arg;
	struct cut *cut = current(w);
	struct resolver_walk_result result = { .outcome = outcome,
					       .stopped_at = *stopped_at,
					       .zone = cut->zone,
					       .depth = w->c.depth };

	if (w->c.level == 0) {
		describe_delegations(w, &result);
		result.server_count = cut->server_count;
		result.servers =
			arena_array(w->c.a, cut->server_count, sizeof(*result.servers));
		for (size_t i = 0; i < cut->server_count; i++)
			server_describe(&w->c, &cut->servers[i], &result.servers[i]);
	}
	release(w);
	if (door_done)
		door_done(arg, &result);
	else
		done(arg, &result, cut);
}

static struct walk_context inner_context(const struct resolver_walk *w)
{
	struct walk_context c = w->c;

	c.outer = w;
	return c;
}

static void on_all_filled(void *arg, uint32_t depth)
{
	struct resolver_walk *w = arg;

	w->fill = NULL;
	w->c.depth = depth;
	if (w->step == STEP_NXDOMAIN)
		finish(w, WALK_NXDOMAIN, &w->name);
	else
		finish(w, WALK_DONE, &current(w)->zone);
}

/* The zone is reached; who wants to talk to it needs all of its servers, or one. */
static void arrive(struct resolver_walk *w)
{
	struct walk_context c = inner_context(w);

	wake_waiters(w);
	if (w->all_servers || !cut_has_address(current(w)))
		w->fill = fill_start(&c, current(w), w->all_servers, on_all_filled, w);
	else
		on_all_filled(w, w->c.depth);
}

/* Steps */

static bool push(struct resolver_walk *w, struct cut *cut)
{
	if (w->chain_count == ARRAY_LEN(w->chain))
		return false;
	cut->parent = current(w)->zone;
	w->chain[w->chain_count++] = cut;
	cache_cut_put(w->c.r->cache, cut, clock_mono_us());
	wake_waiters(w);
	return true;
}

/* What this says about `name`, asked at the current cut's servers. */
static enum step classify(const struct resolver_walk *w, const struct dns_name *name,
			  const struct dns_message *m, struct cut **cut_out)
{
	if (m->rcode == DNS_RCODE_NXDOMAIN && m->authoritative)
		return m->answer.count > 0 ? STEP_INSIDE : STEP_NXDOMAIN;
	if (m->rcode != DNS_RCODE_NOERROR)
		return STEP_LAME;
	if (cut_read(w->c.a, m, &current(w)->zone, name, cut_out) == REFERRAL_CUT) {
		if (m->answer.count == 0)
			return STEP_REFERRAL;
		return dns_name_equal(&(*cut_out)->zone, name) ? STEP_APEX : STEP_INSIDE;
	}
	return m->authoritative ? STEP_INSIDE : STEP_LAME;
}

/* Who of the current cut's servers gave this answer, in which a cut was read. */
static void note_teller(const struct resolver_walk *w, struct cut *cut,
			const struct resolver_reply *reply)
{
	const struct cut *asked = current(w);

	if (!cut)
		return;
	cut->teller.address = reply->address;
	cut->teller.rtt_us = reply->rtt_us;
	for (size_t i = 0; i < asked->server_count; i++)
		if (address_equal(&asked->servers[i].v4, &reply->address) ||
		    address_equal(&asked->servers[i].v6, &reply->address))
			cut->teller.server = asked->servers[i].name;
}

/* The SOA of a negative answer says which zone gave it. */
static bool is_from_current_zone(const struct resolver_walk *w,
				 const struct dns_message *m)
{
	for (size_t i = 0; i < m->authority.count; i++)
		if (m->authority.records[i].type == DNS_TYPE_SOA)
			return dns_name_equal(&m->authority.records[i].owner,
					      &current(w)->zone);
	return false;
}

static void stop_without_answer(struct resolver_walk *w, enum walk_outcome outcome)
{
	struct dns_name zone = current(w)->zone;

	wake_waiters(w);
	if (current(w)->from_cache && !w->was_restarted) {
		w->was_restarted = true;
		cache_forget(w->c.r->cache, &zone);
		w->chain_count--;
		advance(w);
		return;
	}
	finish(w, outcome, &zone);
}

static void go_on(struct resolver_walk *w, struct cut *cut)
{
	if (push(w, cut))
		advance(w);
	else
		finish(w, WALK_LIMIT, &current(w)->zone);
}

static struct round_options round_about(struct resolver_walk *w,
					const struct dns_name *name)
{
	return (struct round_options){
		.r = w->c.r,
		.b = w->c.b,
		.a = w->c.a,
		.cut = current(w),
		.question = { .name = *name, .type = DNS_TYPE_NS },
		.depth = w->c.depth,
	};
}

/* Witnesses */

static bool needs_witnesses(const struct resolver_walk *w)
{
	return w->chain_count > REGISTRY_CUTS && w->c.level == 0;
}

static bool contradicts(const struct resolver_walk *w, const struct dns_message *m)
{
	struct cut *other = NULL;

	switch (classify(w, &w->referred->zone, m, &other)) {
	case STEP_REFERRAL:
	case STEP_APEX:
		return !cut_agrees(w->referred, other, m);
	case STEP_INSIDE:
	case STEP_NXDOMAIN:
		return is_from_current_zone(w, m);
	case STEP_LAME:
		break;
	}
	return false;
}

static bool is_heard(unused_arg void *arg, unused_arg const struct resolver_reply *reply)
{
	return true;
}

static void on_witness(void *arg, enum walk_outcome outcome,
		       const struct resolver_reply *reply)
{
	struct witness *one = arg;
	struct resolver_walk *w = one->walk;

	one->round = NULL;
	if (outcome == WALK_DONE) {
		w->is_contradicted = w->is_contradicted || contradicts(w, reply->message);
		if (reply->depth > w->c.depth)
			w->c.depth = reply->depth;
	}
	if (--w->witnesses_open > 0)
		return;
	w->witness_count = 0;
	w->step = STEP_INSIDE;
	if (w->is_contradicted)
		arrive(w);
	else
		go_on(w, w->referred);
}

static void ask_witness(struct resolver_walk *w, const struct cut_server *server)
{
	struct witness *one = &w->witnesses[w->witness_count++];
	struct cut alone = { .zone = current(w)->zone,
			     .server_count = 1,
			     .servers = { *server } };
	struct round_options o = round_about(w, &w->referred->zone);

	one->walk = w;
	o.cut = &alone;
	o.is_usable = is_heard;
	o.done = on_witness;
	o.arg = one;
	one->round = round_start(&o);
}

/* Any few of the cut's servers; which of them told us does not matter. */
static void ask_witnesses(struct resolver_walk *w)
{
	const struct cut *cut = current(w);
	size_t left = 0;

	for (size_t i = 0; i < cut->server_count; i++)
		left += cut_server_has_address(&cut->servers[i]);
	if (left < 2)
		return;
	size_t wanted = left < WITNESSES_MAX ? left : WITNESSES_MAX;
	for (size_t i = 0; i < cut->server_count && wanted > 0; i++) {
		if (!cut_server_has_address(&cut->servers[i]))
			continue;
		if (entropy_below(&w->c.r->entropy, (uint32_t)left--) < wanted) {
			ask_witness(w, &cut->servers[i]);
			wanted--;
		}
	}
}

static void confirm(struct resolver_walk *w, struct cut *cut)
{
	w->referred = cut;
	w->is_contradicted = false;
	if (needs_witnesses(w))
		ask_witnesses(w);
	w->witnesses_open = w->witness_count;
	if (w->witness_count == 0)
		go_on(w, cut);
}

/* All answers are there: those about the names in between first, from above. */
static void close_gaps(struct resolver_walk *w)
{
	struct dns_name missing = w->name;
	struct cut *referred = NULL;

	for (size_t i = 0; i < w->gap_count && !referred; i++) {
		struct gap *g = &w->gaps[i];
		if (g->step == STEP_NXDOMAIN) {
			missing = g->name;
			break;
		}
		if (g->step == STEP_REFERRAL ||
		    (g->step == STEP_APEX && needs_witnesses(w)))
			referred = g->cut;
		else if (g->step == STEP_APEX && !push(w, g->cut))
			break;
	}
	w->gap_count = 0;
	if (referred || w->step == STEP_APEX) {
		confirm(w, referred ? referred : w->cut);
		return;
	}
	if (w->step == STEP_NXDOMAIN)
		w->name = missing;
	if (w->step == STEP_INSIDE)
		cache_inside_put(w->c.r->cache, &w->name, &current(w)->zone,
				 clock_mono_us());
	arrive(w);
}

static bool is_gap_usable(void *arg, const struct resolver_reply *reply)
{
	struct gap *g = arg;

	return classify(g->walk, &g->name, reply->message, &g->cut) != STEP_LAME;
}

static void on_gap(void *arg, enum walk_outcome outcome,
		   const struct resolver_reply *reply)
{
	struct gap *g = arg;
	struct resolver_walk *w = g->walk;

	g->round = NULL;
	g->step = outcome == WALK_DONE ? classify(w, &g->name, reply->message, &g->cut)
				       : STEP_INSIDE;
	if (outcome == WALK_DONE)
		note_teller(w, g->cut, reply);
	if (outcome == WALK_DONE && reply->depth > w->c.depth)
		w->c.depth = reply->depth;
	if (--w->gaps_open == 0)
		close_gaps(w);
}

static void ask_gaps(struct resolver_walk *w)
{
	size_t between =
		dns_name_labels(&w->name) - dns_name_labels(&current(w)->zone) - 1;

	w->gap_count = between < GAPS_MAX ? between : GAPS_MAX;
	w->gaps_open = w->gap_count;
	for (size_t i = 0; i < w->gap_count; i++) {
		struct gap *g = &w->gaps[i];
		*g = (struct gap){ .walk = w };
		g->name = dns_name_parent(&w->name, between - i);
		struct round_options o = round_about(w, &g->name);
		o.is_usable = is_gap_usable;
		o.done = on_gap;
		o.arg = g;
		g->round = round_start(&o);
	}
}

static bool is_usable(void *arg, const struct resolver_reply *reply)
{
	struct resolver_walk *w = arg;

	return classify(w, &w->name, reply->message, &w->cut) != STEP_LAME;
}

static void on_one_filled(void *arg, uint32_t depth);

/* The servers whose addresses are known were of no use: those of the others are looked
 * up, once for each cut, and all are asked again. */
static bool find_more_servers(struct resolver_walk *w, enum walk_outcome outcome)
{
	struct cut *cut = current(w);
	struct walk_context c = inner_context(w);
	bool is_any_left = false;

	for (size_t i = 0; i < cut->server_count; i++)
		is_any_left = is_any_left || (!cut_server_has_address(&cut->servers[i]) &&
					      !cut->servers[i].failed);
	if (!is_any_left || outcome == WALK_LIMIT || w->filled == cut)
		return false;
	w->filled = cut;
	wake_waiters(w);
	w->fill = fill_start(&c, cut, true, on_one_filled, w);
	return true;
}

static void on_answer(void *arg, enum walk_outcome outcome,
		      const struct resolver_reply *reply)
{
	struct resolver_walk *w = arg;

	w->round = NULL;
	if (outcome != WALK_DONE) {
		if (!find_more_servers(w, outcome))
			stop_without_answer(w, outcome);
		return;
	}
	w->c.depth = reply->depth;
	w->step = classify(w, &w->name, reply->message, &w->cut);
	if (w->step == STEP_REFERRAL || w->step == STEP_APEX)
		note_teller(w, w->cut, reply);
	if (w->step == STEP_REFERRAL) {
		confirm(w, w->cut);
		return;
	}
	bool is_next_label =
		dns_name_labels(&w->name) == dns_name_labels(&current(w)->zone) + 1;
	bool is_settled =
		w->step == STEP_INSIDE && is_from_current_zone(w, reply->message);
	if (is_next_label || is_settled)
		close_gaps(w);
	else
		ask_gaps(w);
}

static void ask(struct resolver_walk *w)
{
	struct round_options o = round_about(w, &w->name);

	o.is_usable = is_usable;
	o.done = on_answer;
	o.arg = w;
	list_remove(&w->asking);
	list_add(&w->c.r->walks_asking, &w->asking);
	w->round = round_start(&o);
}

static void on_one_filled(void *arg, uint32_t depth)
{
	struct resolver_walk *w = arg;

	w->fill = NULL;
	w->c.depth = depth;
	ask(w); /* without any address: WALK_NO_ANSWER */
}

/* The name right below the cut, on the way to the walk's. */
static struct dns_name next_name(const struct resolver_walk *w)
{
	size_t labels = dns_name_labels(&w->name) - dns_name_labels(&current(w)->zone);

	return dns_name_parent(&w->name, labels - 1);
}

static bool is_at_registry(const struct resolver_walk *w)
{
	return w->chain_count <= REGISTRY_CUTS;
}

/* Somebody of the same check, or anybody at a registry's, asks the same servers about a
 * name below the same label; he is waited for once at each cut. */
static bool wait_for_other(struct resolver_walk *w)
{
	struct dns_name next = next_name(w);

	if (w->waited == current(w))
		return false;
	list_each (at, &w->c.r->walks_asking) {
		struct resolver_walk *other =
			LIST_THING(at, struct resolver_walk, asking);
		if (other == w || (other->c.b != w->c.b && !is_at_registry(w)) ||
		    !dns_name_equal(&current(other)->zone, &current(w)->zone))
			continue;
		struct dns_name others = next_name(other);
		if (!dns_name_equal(&others, &next))
			continue;
		w->waited = current(w);
		list_add(&other->waiters, &w->waiting);
		return true;
	}
	return false;
}

static void advance(struct resolver_walk *w)
{
	struct walk_context c = inner_context(w);

	w->step = STEP_REFERRAL;
	if (dns_name_equal(&current(w)->zone, &w->name) ||
	    cache_is_inside(w->c.r->cache, &w->name, &current(w)->zone,
			    clock_mono_us())) {
		arrive(w);
		return;
	}
	if (cut_has_address(current(w))) {
		if (!wait_for_other(w))
			ask(w);
		return;
	}
	w->fill = fill_start(&c, current(w), false, on_one_filled, w);
}

/* Start */

/* The cached cuts below the last one, as long as each is the parent of the next. */
static void take_cached(struct resolver_walk *w)
{
	size_t labels = dns_name_labels(&w->name);

	for (size_t i = labels; i-- > 0 && w->chain_count < ARRAY_LEN(w->chain);) {
		struct dns_name zone = dns_name_parent(&w->name, i);
		struct cut *c =
			cache_cut_find(w->c.r->cache, w->c.a, &zone, clock_mono_us());
		if (c && dns_name_equal(&c->parent, &current(w)->zone))
			w->chain[w->chain_count++] = c;
	}
}

static void on_begin(struct deadline *d)
{
	struct resolver_walk *w = LIST_THING(d, struct resolver_walk, begin);

	take_cached(w);
	advance(w);
}

struct resolver_walk *walk_start(const struct walk_context *c,
				 const struct dns_name *name, bool all_servers,
				 walk_done_fn *done, void *arg)
{
	struct resolver_walk *w = xalloc(1, sizeof(*w));

	w->c = *c;
	w->name = dns_name_lower(name);
	w->all_servers = all_servers;
	w->done = done;
	w->arg = arg;
	w->begin.due = on_begin;
	w->chain[w->chain_count++] = c->r->root;
	list_init(&w->hook);
	list_init(&w->asking);
	list_init(&w->waiters);
	list_init(&w->waiting);
	deadline_set(c->r->deadlines, &w->begin, 0);
	return w;
}

struct resolver_walk *resolver_walk_start(struct resolver *r, struct budget *b,
					  struct arena *a, const struct dns_name *name,
					  resolver_walk_fn *done, void *arg)
{
	struct walk_context c = { .r = r, .b = b, .a = a, .depth = b->round_trips };
	struct resolver_walk *w = walk_start(&c, name, true, NULL, arg);

	w->door_done = done;
	list_add(&r->walks, &w->hook);
	return w;
}

void resolver_walk_cancel(struct resolver_walk **walk)
{
	if (!*walk)
		return;
	release(*walk);
	*walk = NULL;
}

void walks_cancel(struct list *walks)
{
	while (!list_is_empty(walks))
		release(LIST_THING(list_first(walks), struct resolver_walk, hook));
}

void resolver_forget(struct resolver *r, const struct dns_name *zone)
{
	cache_forget(r->cache, zone);
}

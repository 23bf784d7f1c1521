/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way to the zone of a name, for volleys:
 *
 *   1. From the deepest cached cut down, one question a cut, as a walk asks it.
 *   2. Where another search asks the same servers about a name below the same label,
 *      this one waits for what is learnt: ten thousand domains ask once for their TLD.
 *   3. Addresses of servers without glue come from the cache, or are looked up once for
 *      all who wait for them.
 *   4. Anything unusual goes to a walk, with all its care.
 *
 * Nobody waits in a ring: a question ends by itself, and so does a look-up of a host
 * (lookup.c), which waits for no search. What failed has failed for all who waited.
 */
#include "resolver/route.h"

#include "resolver/host.h"
#include "resolver/referral.h"
#include "resolver/volley.h"
#include "resolver/walk.h"
#include "resolver/wire.h"

enum {
	ARENA_MAX = 4 << 20,
	BUCKETS = 1024, /* a power of two */
	QUESTIONS_MAX = 6,
	TRIED_MAX = 3, /* servers of one cut */
	WAITS_MAX = 8,
	HOSTS_MAX = 3, /* looked up for one search */
	GRACE_US = 20000,
	REGISTRY_LABELS = 1, /* of root and top-level domains: see walk.c */
};

/* A walk, where that is needed. */
struct errand {
	struct budget budget;
	struct arena arena;
	struct resolver_walk *walk;
};

struct resolver_route_search {
	struct list hook;    /* open or idle */
	struct list bucket;  /* while its question is under way */
	struct list waiters; /* for that */
	struct list waiting; /* in another's waiters */
	struct routes *all;
	struct dns_name name;  /* in lower case */
	size_t cut_at;         /* octet of the name at which the cut's zone begins */
	size_t next_at;        /* and the label below it */
	struct volley *volley; /* with the question */
	struct errand *errand;
	struct host_wait hosts[HOSTS_MAX];
	size_t hosts_open;
	bool had_hosts;
	uint8_t questions;
	uint8_t tried;   /* of this cut's servers, in vain */
	uint8_t first;   /* which of them was the first */
	uint8_t servers; /* how many there are */
	uint8_t waits;
	uint32_t queries;
	struct deadline next; /* to begin, to go on, to wait no longer for hosts */
	bool has_failed;      /* what was waited for */
	resolver_route_fn *done;
	void *arg;
};

struct routes {
	struct resolver *r;
	struct list open;
	struct list idle;
	struct list buckets[BUCKETS];
	struct hash_secret secret;
	struct hosts *hosts;
	struct cut cut; /* the referral at hand */
	struct resolver_route route;
};

static void advance(struct resolver_route_search *s);
static void on_next(struct deadline *d);

struct routes *routes_new(struct resolver *r)
{
	struct routes *all = xalloc(1, sizeof(*all));

	all->r = r;
	all->hosts = hosts_new(r);
	hash_secret_init(&all->secret);
	list_init(&all->open);
	list_init(&all->idle);
	for (size_t i = 0; i < BUCKETS; i++)
		list_init(&all->buckets[i]);
	return all;
}

static struct resolver_route_search *take(struct routes *all)
{
	struct list *first = list_first(&all->idle);
	struct resolver_route_search *s =
		first ? LIST_THING(first, struct resolver_route_search, hook) : NULL;

	if (s) {
		list_remove(&s->hook);
	} else {
		s = xalloc(1, sizeof(*s));
		s->all = all;
		s->next.due = on_next;
		list_init(&s->hook);
		list_init(&s->bucket);
		list_init(&s->waiters);
		list_init(&s->waiting);
	}
	list_add(&all->open, &s->hook);
	return s;
}

static void errand_free(struct errand **e)
{
	if (!*e)
		return;
	resolver_walk_cancel(&(*e)->walk);
	resolver_budget_done(&(*e)->budget);
	arena_done(&(*e)->arena);
	xfree(*e);
	*e = NULL;
}

static void leave_hosts(struct resolver_route_search *s)
{
	for (size_t i = 0; i < s->hosts_open; i++)
		host_leave(&s->hosts[i]);
	s->hosts_open = 0;
}

/* Who waited goes on in the next turn of the loop. */
static void wake_waiters(struct resolver_route_search *s, bool has_failed)
{
	list_remove(&s->bucket);
	while (!list_is_empty(&s->waiters)) {
		struct resolver_route_search *other = LIST_THING(
			list_first(&s->waiters), struct resolver_route_search, waiting);
		list_remove(&other->waiting);
		other->has_failed = has_failed;
		deadline_set(s->all->r->deadlines, &other->next, 0);
	}
}

static void release(struct resolver_route_search *s)
{
	/* They ask for themselves. */
	wake_waiters(s, false);
	list_remove(&s->waiting);
	leave_hosts(s);
	volley_cancel(&s->volley);
	errand_free(&s->errand);
	deadline_clear(s->all->r->deadlines, &s->next);
	list_remove(&s->hook);
	list_add(s->all->idle.next, &s->hook);
}

void routes_free(struct routes **all)
{
	if (!*all)
		return;
	while (!list_is_empty(&(*all)->open))
		release(LIST_THING(list_first(&(*all)->open),
				   struct resolver_route_search, hook));
	list_each_safe (at, &(*all)->idle) {
		list_remove(at);
		xfree(LIST_THING(at, struct resolver_route_search, hook));
	}
	hosts_free(&(*all)->hosts);
	xfree(*all);
	*all = NULL;
}

/* From the cache */

static void add_address(struct resolver *r, const struct cut_server *s,
			struct resolver_route *out)
{
	if (resolver_may_ask(r, &s->v4) == ASK_ANSWERED)
		out->addresses[out->address_count++] = s->v4;
	else if (resolver_may_ask(r, &s->v6) == ASK_ANSWERED)
		out->addresses[out->address_count++] = s->v6;
}

/* *missing: how many servers have no address yet. */
static void take_addresses(struct resolver *r, struct cache_cut cut, int64_t now_us,
			   struct resolver_route *out, size_t *missing)
{
	struct cut_server s __attribute__((uninitialized));

	*missing = 0;
	out->address_count = 0;
	while (cache_cut_next(&cut, &s)) {
		if (!cut_server_has_address(&s) &&
		    !cache_address_find(r->cache, &s, now_us))
			++*missing;
		else
			add_address(r, &s, out);
	}
}

static void take_zone(struct resolver *r, const struct dns_name *name, size_t at,
		      bool signed_here, struct resolver_route *out)
{
	out->zone.len = (uint8_t)(name->len - at);
	memcpy(out->zone.wire, name->wire + at, out->zone.len);
	out->needs_validation = r->validator && signed_here;
}

/* The deepest cut at or above the name, and where its zone begins; false: only the
 * root. */
static bool find_cut(struct resolver *r, const struct dns_name *name, int64_t now_us,
		     size_t *at_out, size_t *below_out, struct cache_cut *cut)
{
	size_t below = 0;

	for (size_t at = 0; name->wire[at] != 0; at += 1u + name->wire[at]) {
		*at_out = at;
		*below_out = below;
		if (cache_cut_look(r->cache, str_of(name->wire + at, name->len - at),
				   now_us, cut))
			return true;
		below = at;
	}
	*at_out = name->len - 1u;
	*below_out = below;
	return false;
}

static bool is_settled(struct resolver *r, const struct dns_name *name, size_t at,
		       int64_t now_us)
{
	struct dns_name zone = { .len = (uint8_t)(name->len - at) };

	if (at == 0)
		return true;
	memcpy(zone.wire, name->wire + at, zone.len);
	return cache_is_inside(r->cache, name, &zone, now_us);
}

bool resolver_route_find(struct resolver *r, const struct dns_name *name,
			 struct resolver_route *out)
{
	struct dns_name lower = dns_name_lower(name);
	int64_t now_us = clock_mono_us();
	struct cache_cut cut;
	size_t at, below, missing;

	out->zone.len = 0;
	out->queries = 0;
	if (r->forward.family || !find_cut(r, &lower, now_us, &at, &below, &cut) ||
	    !is_settled(r, &lower, at, now_us))
		return false;
	take_addresses(r, cut, now_us, out, &missing);
	if (out->address_count == 0)
		return false;
	take_zone(r, &lower, at, cut.signed_here, out);
	return true;
}

/* Ends */

static void finish(struct resolver_route_search *s, const struct resolver_route *route)
{
	resolver_route_fn *done = s->done;
	void *arg = s->arg;
	struct resolver_route copy __attribute__((uninitialized));

	copy = *route;
	copy.queries = s->queries + (s->errand ? s->errand->budget.queries : 0);
	release(s);
	done(arg, &copy);
}

static void finish_without(struct resolver_route_search *s)
{
	struct resolver_route none = { .address_count = 0 };

	finish(s, &none);
}

static void fail(struct resolver_route_search *s)
{
	wake_waiters(s, true);
	finish_without(s);
}

/* A walk */

static void on_walked(void *arg, const struct resolver_walk_result *result,
		      struct cut *cut)
{
	struct resolver_route_search *s = arg;
	struct resolver_route route = { .address_count = 0 };

	s->errand->walk = NULL;
	if (result->outcome != WALK_DONE) {
		fail(s);
		return;
	}
	for (size_t i = 0; i < cut->server_count; i++)
		add_address(s->all->r, &cut->servers[i], &route);
	if (route.address_count > 0)
		take_zone(s->all->r, &cut->zone, 0, cut->signed_here, &route);
	finish(s, &route);
}

static void start_walk(struct resolver_route_search *s)
{
	struct resolver *r = s->all->r;
	struct errand *e = xalloc(1, sizeof(*e));
	struct walk_context c = { .r = r, .b = &e->budget, .a = &e->arena };

	s->errand = e;
	arena_init(&e->arena, ARENA_MAX);
	resolver_budget_init(r, &e->budget);
	e->walk = walk_start(&c, &s->name, true, on_walked, s);
}

/* Hosts */

static void on_host(struct host_wait *w)
{
	struct resolver_route_search *s = w->arg;
	struct host_wait *last = &s->hosts[--s->hosts_open];
	struct deadlines *deadlines = s->all->r->deadlines;

	/* What stays open stands in front. */
	if (w != last)
		host_wait_move(w, last);
	if (s->hosts_open == 0)
		deadline_set(deadlines, &s->next, 0);
	else if (w->has_address)
		deadline_set(deadlines, &s->next, clock_mono_us() + GRACE_US);
}

/* False: there is nothing to look up, or it was all done before. */
static bool start_hosts(struct resolver_route_search *s, struct cache_cut cut,
			int64_t now_us)
{
	struct resolver *r = s->all->r;
	struct cut_server server __attribute__((uninitialized));

	if (s->had_hosts)
		return false;
	s->had_hosts = true;
	while (s->hosts_open < HOSTS_MAX && cache_cut_next(&cut, &server)) {
		if (cut_server_has_address(&server) ||
		    cache_address_find(r->cache, &server, now_us))
			continue;
		struct host_wait *w = &s->hosts[s->hosts_open++];
		w->arg = s;
		w->done = on_host;
		host_await(s->all->hosts, &server.name, w);
	}
	return s->hosts_open > 0;
}

/* Questions */

static struct list *bucket_of(struct routes *all, const struct dns_name *name, size_t at)
{
	uint64_t hash =
		hash_bytes(&all->secret, str_of(name->wire + at, (size_t)name->len - at));

	return &all->buckets[hash & (BUCKETS - 1)];
}

/* Somebody asks the same servers about a name below the same label. */
static bool wait_for_other(struct resolver_route_search *s, struct list *bucket)
{
	size_t len = s->name.len - s->next_at;

	if (s->waits == WAITS_MAX)
		return false;
	list_each (at, bucket) {
		struct resolver_route_search *other =
			LIST_THING(at, struct resolver_route_search, bucket);
		if (other->name.len - other->next_at != len ||
		    other->name.len - other->cut_at != s->name.len - s->cut_at ||
		    memcmp(other->name.wire + other->next_at, s->name.wire + s->next_at,
			   len) != 0)
			continue;
		s->waits++;
		list_add(&other->waiters, &s->waiting);
		return true;
	}
	return false;
}

/* Who would answer first: his round trip, times the questions before ours. */
static uint64_t cost_of(struct resolver *r, const struct address *a)
{
	const struct peer *p = peer_find(r->peers, a);

	if (!p)
		return 1;
	return (uint64_t)(p->rtt_us ? p->rtt_us : 1) * (p->in_flight + 8);
}

/* Of two that chance picks the quicker one. */
static uint32_t pick_first(struct resolver *r, const struct resolver_route *servers)
{
	uint32_t count = (uint32_t)servers->address_count;
	uint32_t one = entropy_below(&r->entropy, count);

	if (count == 1)
		return one;
	uint32_t other = (one + 1 + entropy_below(&r->entropy, count - 1)) % count;
	return cost_of(r, &servers->addresses[other]) <
			       cost_of(r, &servers->addresses[one])
		       ? other
		       : one;
}

static struct dns_name zone_asked(const struct resolver_route_search *s)
{
	struct dns_name zone = { .len = (uint8_t)(s->name.len - s->cut_at) };

	memcpy(zone.wire, s->name.wire + s->cut_at, zone.len);
	return zone;
}

static void take_referral(struct resolver_route_search *s, struct str packet)
{
	struct routes *all = s->all;
	struct dns_name zone = zone_asked(s);
	int64_t now_us = clock_mono_us();

	switch (referral_read(packet, &zone, &s->name, &all->cut)) {
	case WAY_DOWN:
		/* Below a registry, others are heard before a delegation is believed. */
		if (dns_name_labels(&zone) > REGISTRY_LABELS)
			break;
		cache_cut_put(all->r->cache, &all->cut, now_us);
		wake_waiters(s, false);
		advance(s);
		return;
	case WAY_INSIDE:
		cache_inside_put(all->r->cache, &s->name, &zone, now_us);
		wake_waiters(s, false);
		advance(s);
		return;
	case WAY_UNUSUAL:
		break;
	}
	/* What does not exist, or fails, is not looked for twice. */
	if ((wire_flags(packet) & WIRE_RCODE) == DNS_RCODE_NOERROR)
		start_walk(s);
	else
		fail(s);
}

static void on_answered(void *arg, unused_arg size_t index, struct str packet)
{
	struct resolver_route_search *s = arg;

	s->queries += volley_queries(s->volley);
	s->volley = NULL;
	if (packet.len > 0) {
		s->tried = 0;
		take_referral(s, packet);
	} else if (++s->tried < TRIED_MAX && s->tried < s->servers &&
		   s->questions < QUESTIONS_MAX) {
		list_remove(&s->bucket);
		advance(s);
	} else {
		fail(s);
	}
}

static void ask(struct resolver_route_search *s, const struct resolver_route *servers)
{
	struct volley_ask question = { .name = &s->name, .type = DNS_TYPE_NS };

	s->servers = (uint8_t)servers->address_count;
	if (s->tried == 0)
		s->first = (uint8_t)pick_first(s->all->r, servers);
	question.address =
		servers->addresses[(s->first + s->tried) % servers->address_count];
	s->questions++;
	s->volley = volley_start_above(s->all->r, &question, on_answered, s);
}

static void take_root(struct resolver *r, struct resolver_route *out)
{
	out->address_count = 0;
	for (size_t i = 0;
	     i < r->root->server_count && out->address_count < RESOLVER_SERVERS_MAX; i++)
		add_address(r, &r->root->servers[i], out);
}

/* Steps */

/* The name's zone is known: where its servers are. */
static void arrive(struct resolver_route_search *s, const struct cache_cut *cut,
		   int64_t now_us)
{
	struct resolver_route *route = &s->all->route;
	size_t missing;

	take_addresses(s->all->r, *cut, now_us, route, &missing);
	if (missing > 0 && start_hosts(s, *cut, now_us))
		return;
	if (route->address_count > 0) {
		take_zone(s->all->r, &s->name, s->cut_at, cut->signed_here, route);
		finish(s, route);
	} else {
		finish_without(s);
	}
}

static void advance(struct resolver_route_search *s)
{
	struct resolver *r = s->all->r;
	struct resolver_route *servers = &s->all->route;
	int64_t now_us = clock_mono_us();
	struct cache_cut cut;
	size_t missing = 0;
	bool is_below_root = find_cut(r, &s->name, now_us, &s->cut_at, &s->next_at, &cut);

	if (is_below_root && is_settled(r, &s->name, s->cut_at, now_us)) {
		arrive(s, &cut, now_us);
		return;
	}
	struct list *bucket = bucket_of(s->all, &s->name, s->next_at);
	if (wait_for_other(s, bucket))
		return;
	if (is_below_root)
		take_addresses(r, cut, now_us, servers, &missing);
	else
		take_root(r, servers);
	list_add(bucket, &s->bucket);
	if (servers->address_count == 0 || s->questions == QUESTIONS_MAX)
		start_walk(s);
	else
		ask(s, servers);
}

static void on_next(struct deadline *d)
{
	struct resolver_route_search *s =
		LIST_THING(d, struct resolver_route_search, next);

	leave_hosts(s);
	if (s->has_failed || s->all->r->forward.family)
		finish_without(s);
	else
		advance(s);
}

/* The door */

struct resolver_route_search *resolver_route_start(struct resolver *r,
						   const struct dns_name *name,
						   resolver_route_fn *done, void *arg)
{
	struct resolver_route_search *s = take(r->routes);

	s->name = dns_name_lower(name);
	s->hosts_open = 0;
	s->had_hosts = false;
	s->questions = 0;
	s->tried = 0;
	s->waits = 0;
	s->queries = 0;
	s->has_failed = false;
	s->done = done;
	s->arg = arg;
	deadline_set(r->deadlines, &s->next, 0);
	return s;
}

void resolver_route_cancel(struct resolver_route_search **s)
{
	if (!*s)
		return;
	release(*s);
	*s = NULL;
}

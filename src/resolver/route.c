/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way to the zone of a name, for volleys. */
#include "resolver/route.h"

#include "resolver/walk.h"

enum {
	ARENA_MAX = 4 << 20,
};

struct resolver_route_search {
	struct list hook;
	struct routes *all;
	struct dns_name name;
	struct budget budget;
	struct arena arena;
	struct resolver_walk *walk;
	struct deadline begin; /* where there is nothing to walk */
	resolver_route_fn *done;
	void *arg;
};

struct routes {
	struct resolver *r;
	struct list open;
};

struct routes *routes_new(struct resolver *r)
{
	struct routes *all = xalloc(1, sizeof(*all));

	all->r = r;
	list_init(&all->open);
	return all;
}

static void release(struct resolver_route_search *s)
{
	resolver_walk_cancel(&s->walk);
	deadline_clear(s->all->r->deadlines, &s->begin);
	resolver_budget_done(&s->budget);
	arena_done(&s->arena);
	list_remove(&s->hook);
	xfree(s);
}

void routes_free(struct routes **all)
{
	if (!*all)
		return;
	while (!list_is_empty(&(*all)->open))
		release(LIST_THING(list_first(&(*all)->open),
				   struct resolver_route_search, hook));
	xfree(*all);
	*all = NULL;
}

/* One address of each server, that may be asked. */
static void take_servers(struct resolver *r, const struct cut *cut,
			 struct resolver_route *out)
{
	for (size_t i = 0; i < cut->server_count; i++) {
		struct cut_server s = cut->servers[i];
		if (!cut_server_has_address(&s) &&
		    !cache_address_find(r->cache, &s, clock_mono_us()))
			continue;
		if (resolver_may_ask(r, &s.v4) == ASK_ANSWERED)
			out->addresses[out->address_count++] = s.v4;
		else if (resolver_may_ask(r, &s.v6) == ASK_ANSWERED)
			out->addresses[out->address_count++] = s.v6;
	}
}

static bool take_cut(struct resolver *r, const struct cut *cut,
		     struct resolver_route *out)
{
	out->address_count = 0;
	take_servers(r, cut, out);
	if (out->address_count == 0)
		return false;
	out->zone = cut->zone;
	out->needs_validation = r->validator && cut->signed_here;
	return true;
}

bool resolver_route_find(struct resolver *r, const struct dns_name *name,
			 struct resolver_route *out)
{
	auto_arena struct arena a;
	int64_t now_us = clock_mono_us();
	size_t labels = dns_name_labels(name);

	arena_init(&a, ARENA_MAX);
	out->queries = 0;
	out->zone.len = 0;
	for (size_t i = 0; i < labels && !r->forward.family; i++) {
		struct dns_name zone = dns_name_parent(name, i);
		const struct cut *cut = cache_cut_find(r->cache, &a, &zone, now_us);
		if (cut)
			return (i == 0 ||
				cache_is_inside(r->cache, name, &zone, now_us)) &&
			       take_cut(r, cut, out);
	}
	return false;
}

static void finish(struct resolver_route_search *s, struct resolver_route *route)
{
	resolver_route_fn *done = s->done;
	void *arg = s->arg;

	route->queries = s->budget.queries;
	release(s);
	done(arg, route);
}

static void on_walked(void *arg, const struct resolver_walk_result *result,
		      struct cut *cut)
{
	struct resolver_route_search *s = arg;
	struct resolver_route route = { .address_count = 0 };

	s->walk = NULL;
	if (result->outcome == WALK_DONE)
		take_cut(s->all->r, cut, &route);
	finish(s, &route);
}

static void on_begin(struct deadline *d)
{
	struct resolver_route route = { .address_count = 0 };

	finish(LIST_THING(d, struct resolver_route_search, begin), &route);
}

struct resolver_route_search *resolver_route_start(struct resolver *r,
						   const struct dns_name *name,
						   resolver_route_fn *done, void *arg)
{
	struct resolver_route_search *s = xalloc(1, sizeof(*s));
	struct walk_context c = { .r = r, .b = &s->budget, .a = &s->arena };

	s->all = r->routes;
	s->name = *name;
	s->done = done;
	s->arg = arg;
	s->begin.due = on_begin;
	list_init(&s->hook);
	list_add(&r->routes->open, &s->hook);
	arena_init(&s->arena, ARENA_MAX);
	resolver_budget_init(r, &s->budget);
	if (r->forward.family)
		deadline_set(r->deadlines, &s->begin, 0);
	else
		s->walk = walk_start(&c, name, true, on_walked, s);
	return s;
}

void resolver_route_cancel(struct resolver_route_search **s)
{
	if (!*s)
		return;
	release(*s);
	*s = NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A look-up that has begun goes on to its end, also when nobody waits for it any more:
 * the next will. It has a small budget of its own: no zone's list of name servers makes
 * us ask much (NXNSAttack).
 */
#include "resolver/host.h"

#include "resolver/walk.h"

enum {
	ARENA_MAX = 4 << 20,
	QUERIES_MAX = 12, /* packets for one host */
	HOSTS_MAX = 512,  /* under way at once */
};

struct host {
	struct list hook;
	struct list waits;
	struct hosts *all;
	struct dns_name name;
	struct budget budget;
	struct arena arena;
	struct lookup *lookup; /* NULL: there were too many */
	struct deadline end;
};

struct hosts {
	struct resolver *r;
	struct list open;
	struct map *by_name;
};

struct hosts *hosts_new(struct resolver *r)
{
	struct hosts *all = xalloc(1, sizeof(*all));

	all->r = r;
	all->by_name = map_new(HOSTS_MAX);
	list_init(&all->open);
	return all;
}

static void release(struct host *h)
{
	lookup_cancel(&h->lookup);
	deadline_clear(h->all->r->deadlines, &h->end);
	resolver_budget_done(&h->budget);
	arena_done(&h->arena);
	map_remove(h->all->by_name, dns_name_key(&h->name));
	list_remove(&h->hook);
	xfree(h);
}

void hosts_free(struct hosts **all)
{
	if (!*all)
		return;
	while (!list_is_empty(&(*all)->open))
		release(LIST_THING(list_first(&(*all)->open), struct host, hook));
	map_free(&(*all)->by_name);
	xfree(*all);
	*all = NULL;
}

/* Those who are told may await others. */
static void finish(struct host *h, bool has_address)
{
	struct list waits;

	list_init(&waits);
	while (!list_is_empty(&h->waits)) {
		struct list *first = list_first(&h->waits);
		list_remove(first);
		list_add(&waits, first);
	}
	release(h);
	while (!list_is_empty(&waits)) {
		struct host_wait *w =
			LIST_THING(list_first(&waits), struct host_wait, hook);
		list_remove(&w->hook);
		w->has_address = has_address;
		w->done(w);
	}
}

static void on_found(void *arg, const struct cut_server *found, unused_arg uint32_t depth)
{
	struct host *h = arg;

	h->lookup = NULL;
	finish(h, !found->failed);
}

static void on_end(struct deadline *d)
{
	finish(LIST_THING(d, struct host, end), false);
}

static struct host *add(struct hosts *all, const struct dns_name *lower)
{
	struct resolver *r = all->r;
	struct host *h = xalloc(1, sizeof(*h));
	struct walk_context c = { .r = r, .b = &h->budget, .a = &h->arena };

	h->all = all;
	h->name = *lower;
	h->end.due = on_end;
	list_init(&h->waits);
	list_init(&h->hook);
	list_add(&all->open, &h->hook);
	arena_init(&h->arena, ARENA_MAX);
	resolver_budget_init(r, &h->budget);
	h->budget.queries_left = QUERIES_MAX;
	if (map_put(all->by_name, dns_name_key(lower), h))
		h->lookup = lookup_start(&c, lower, on_found, h);
	else
		deadline_set(r->deadlines, &h->end, 0);
	return h;
}

void host_await(struct hosts *all, const struct dns_name *name, struct host_wait *w)
{
	struct dns_name lower = dns_name_lower(name);
	struct host *h = map_find(all->by_name, dns_name_key(&lower));

	if (!h)
		h = add(all, &lower);
	list_init(&w->hook);
	list_add(&h->waits, &w->hook);
}

void host_leave(struct host_wait *w)
{
	list_remove(&w->hook);
}

void host_wait_move(struct host_wait *to, struct host_wait *from)
{
	*to = *from;
	list_init(&to->hook);
	list_add(&from->hook, &to->hook);
	list_remove(&from->hook);
}

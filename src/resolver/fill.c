/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Addresses for the servers of a cut that came without. Of names under one parent
 * (ns1.host.example, ns2.host.example) the first goes ahead: its walk finds the way, and
 * mostly the glue, for all. No more run at once than may still fail: a zone whose name
 * servers lead nowhere costs a few questions (NXNS).
 */
#include "resolver/walk.h"

enum {
	WANT_ONE_AT_ONCE = 2,
	MANY_WITHOUT = 6, /* so many without an address: one address each will do */
};

struct slot {
	struct fill *fill;
	struct lookup *lookup;
	bool is_started;
	bool is_done;
};

struct fill {
	struct walk_context c;
	struct cut *cut;
	bool all_servers;
	struct slot slots[RESOLVER_SERVERS_MAX];
	size_t in_flight;
	uint32_t depth;
	struct deadline end;
	fill_done_fn *done;
	void *arg;
};

static void release(struct fill *f)
{
	for (size_t i = 0; i < f->cut->server_count; i++)
		lookup_cancel(&f->slots[i].lookup);
	deadline_clear(f->c.r->deadlines, &f->end);
	xfree(f);
}

static void finish(struct fill *f)
{
	fill_done_fn *done = f->done;
	void *arg = f->arg;
	uint32_t depth = f->depth;

	release(f);
	done(arg, depth);
}

static void on_end(struct deadline *d)
{
	finish(LIST_THING(d, struct fill, end));
}

/* Somebody of the same parent is on the way, and nobody was there before. */
static bool must_wait(const struct fill *f, size_t of)
{
	struct dns_name parent = dns_name_parent(&f->cut->servers[of].name, 1);
	bool is_under_way = false;

	for (size_t i = 0; i < f->cut->server_count; i++) {
		struct dns_name other = dns_name_parent(&f->cut->servers[i].name, 1);
		if (!f->slots[i].is_started || !dns_name_equal(&parent, &other))
			continue;
		if (f->slots[i].is_done)
			return false;
		is_under_way = true;
	}
	return is_under_way;
}

static size_t room(const struct fill *f)
{
	size_t most = f->c.b->address_failures_left;

	if (!f->all_servers && most > WANT_ONE_AT_ONCE)
		most = WANT_ONE_AT_ONCE;
	return most > f->in_flight ? most - f->in_flight : 0;
}

static void on_found(void *arg, const struct cut_server *found, uint32_t depth);

static void pump(struct fill *f)
{
	bool is_enough = !f->all_servers && cut_has_address(f->cut);

	for (size_t i = 0; i < f->cut->server_count && !is_enough; i++) {
		struct cut_server *s = &f->cut->servers[i];
		if (cut_server_has_address(s) || s->failed || f->slots[i].is_started)
			continue;
		if (f->c.b->address_failures_left == 0) {
			s->failed = true;
			s->outcome = ASK_LIMIT;
			continue;
		}
		if (room(f) == 0 || must_wait(f, i))
			continue;
		f->slots[i].is_started = true;
		f->slots[i].lookup =
			lookup_start(&f->c, &s->name, on_found, &f->slots[i]);
		f->in_flight++;
	}
	if (f->in_flight == 0)
		deadline_set(f->c.r->deadlines, &f->end, 0);
}

static void on_found(void *arg, const struct cut_server *found, uint32_t depth)
{
	struct slot *slot = arg;
	struct fill *f = slot->fill;
	struct cut_server *s = &f->cut->servers[slot - f->slots];

	slot->lookup = NULL;
	slot->is_done = true;
	f->in_flight--;
	s->v4 = found->v4;
	s->v6 = found->v6;
	s->failed = found->failed;
	s->outcome = found->outcome;
	if (depth > f->depth)
		f->depth = depth;
	if (found->failed && f->c.b->address_failures_left > 0)
		f->c.b->address_failures_left--;
	if (!found->failed && !f->all_servers)
		finish(f);
	else
		pump(f);
}

struct fill *fill_start(const struct walk_context *c, struct cut *cut, bool all_servers,
			fill_done_fn *done, void *arg)
{
	struct fill *f = xalloc(1, sizeof(*f));
	int64_t now_us = clock_mono_us();

	f->c = *c;
	f->cut = cut;
	f->all_servers = all_servers;
	f->depth = c->depth;
	f->end.due = on_end;
	f->done = done;
	f->arg = arg;
	for (size_t i = 0; i < cut->server_count; i++) {
		f->slots[i].fill = f;
		if (!cut_server_has_address(&cut->servers[i]))
			cache_address_find(c->r->cache, &cut->servers[i], now_us);
	}
	size_t without = 0;
	for (size_t i = 0; i < cut->server_count; i++)
		without += !cut_server_has_address(&cut->servers[i]);
	f->c.is_thrifty = without > MANY_WITHOUT;
	pump(f);
	return f;
}

void fill_cancel(struct fill **f)
{
	if (!*f)
		return;
	release(*f);
	*f = NULL;
}

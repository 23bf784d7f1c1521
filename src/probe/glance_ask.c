/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking at a glance: the way to the zone, then all questions at once, its name servers
 * in turn. */
#include "probe/gather.h"
#include "probe/glance.h"

bool glance_may_ask(const struct probe *p)
{
	return resolver_forward(p->resolver).family == 0;
}

static void finish(struct glance_run *run, bool is_right)
{
	if (run->volley)
		run->packets += volley_queries(run->volley);
	glance_cancel(run);
	run->done(run->arg, run, is_right);
}

static void on_answered(void *arg, size_t index, struct str packet)
{
	struct glance_run *run = arg;
	const struct glance *g = run->glance;

	if (!glance_is_right(g, &g->records[run->order[index]], packet)) {
		finish(run, false);
		return;
	}
	if (++run->right == g->count) {
		run->packets += volley_queries(run->volley);
		run->volley = NULL; /* it ends by itself */
		run->done(run->arg, run, true);
	}
}

/* Which of the servers is the first: another one each time, and after however many other
 * glances. The high half of multiples of this number (2^64 by the golden ratio) is even
 * all over. */
static size_t next_turn(struct probe *p)
{
	p->turns += 0x9e3779b97f4a7c15;
	return (size_t)(p->turns >> 32);
}

/* A signed zone is for the validator; what a registry answers, for the judge. */
static bool is_usable(const struct glance *g, const struct resolver_route *route)
{
	if (route->zone.len == 0 || route->address_count == 0 || route->needs_validation)
		return false;
	return dns_name_equal(&route->zone, &g->domain) ||
	       !plan_is_registry(&route->zone);
}

/* The longest questions first, so that as many as may be can travel as one message:
 * those of one length, and one that is shorter (resolver/udp.h). */
static void put_in_order(struct glance_run *run)
{
	const struct glance *g = run->glance;

	for (size_t i = 0; i < g->count; i++) {
		size_t at = i;
		for (; at > 0 &&
		       g->records[run->order[at - 1]].name.len < g->records[i].name.len;
		     at--)
			run->order[at] = run->order[at - 1];
		run->order[at] = (uint8_t)i;
	}
}

/* Whether the question at this place goes to the next server: behind all that make one
 * message. And if all of them do, the last one, so that two servers hear of it. */
static bool is_next_turn(const struct glance_run *run, size_t place, size_t first)
{
	const struct glance_record *r = run->glance->records;

	return r[run->order[place - 1]].name.len < r[run->order[first]].name.len ||
	       (first == 0 && place + 1 == run->glance->count);
}

static void ask(struct glance_run *run, const struct resolver_route *route)
{
	const struct glance *g = run->glance;
	struct volley_ask asks[GLANCE_RECORDS_MAX] __attribute__((uninitialized));
	size_t turn = next_turn(run->probe) % route->address_count;
	size_t first = 0;

	put_in_order(run);
	for (size_t i = 0; i < g->count; i++) {
		const struct glance_record *r = &g->records[run->order[i]];
		if (i > 0 && is_next_turn(run, i, first)) {
			first = i;
			turn = turn + 1 < route->address_count ? turn + 1 : 0;
		}
		asks[i].name = &r->name;
		asks[i].type = r->type;
		asks[i].address = route->addresses[turn];
		run->servers[run->order[i]] = asks[i].address;
	}
	run->volley =
		volley_start(run->probe->resolver, asks, g->count, on_answered, run);
}

static void on_route(void *arg, const struct resolver_route *route)
{
	struct glance_run *run = arg;

	run->search = NULL;
	run->packets += route->queries;
	if (is_usable(run->glance, route))
		ask(run, route);
	else
		finish(run, false);
}

void glance_start(struct glance_run *run, struct probe *p, const struct glance *g,
		  glance_done_fn *done, void *arg)
{
	struct resolver_route route __attribute__((uninitialized));

	run->probe = p;
	run->glance = g;
	run->done = done;
	run->arg = arg;
	run->packets = 0;
	run->right = 0;
	run->search = NULL;
	run->volley = NULL;
	if (resolver_route_find(p->resolver, &g->domain, &route) && is_usable(g, &route))
		ask(run, &route);
	else
		run->search =
			resolver_route_start(p->resolver, &g->domain, on_route, run);
}

void glance_cancel(struct glance_run *run)
{
	resolver_route_cancel(&run->search);
	volley_cancel(&run->volley);
}

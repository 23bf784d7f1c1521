/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of everything is that of the plan, never of arrival. */
#include <stdlib.h>

#include "probe/gather.h"

static int compare_size(size_t a, size_t b)
{
	return a < b ? -1 : a > b;
}

/* By group, then by zone (only zones beyond differ), then as planned. */
static int compare_seats(const void *left, const void *right)
{
	const struct seat *a = *(const struct seat *const *)left;
	const struct seat *b = *(const struct seat *const *)right;
	int order = compare_size(a->group, b->group);

	if (order == 0 && !dns_name_equal(&a->view.zone, &b->view.zone)) {
		struct dns_name za = dns_name_lower(&a->view.zone);
		struct dns_name zb = dns_name_lower(&b->view.zone);
		order = str_compare(dns_name_key(&za), dns_name_key(&zb));
	}
	return order ? order : compare_size(a->order, b->order);
}

static int compare_askings(const void *left, const void *right)
{
	const struct asking *a = *(const struct asking *const *)left;
	const struct asking *b = *(const struct asking *const *)right;
	int order = compare_size(a->g->planned[a->question]->rank,
				 b->g->planned[b->question]->rank);

	if (order == 0)
		order = compare_size(a->question, b->question);
	return order ? order
		     : compare_size(a->g->seats[a->seat]->order,
				    b->g->seats[b->seat]->order);
}

/* What was asked early does not count before it is looked at. */
static bool is_shown(const struct gathering *g, const struct seat *s)
{
	return s->group != GROUP_RESOLVERS || g->are_resolvers_shown;
}

static void put_views(struct gathering *g, struct arena *a, struct observation *out)
{
	struct seat *sorted[OBSERVATION_VIEWS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < g->seat_count; i++) {
		g->seats[i]->order = i;
		if (is_shown(g, g->seats[i]))
			sorted[count++] = g->seats[i];
	}
	if (count > 0)
		qsort(sorted, count, sizeof(*sorted), compare_seats);
	out->view_count = count;
	out->views = arena_array(a, count, sizeof(*out->views));
	for (size_t i = 0; i < count; i++) {
		sorted[i]->order = i;
		out->views[i] = sorted[i]->view;
	}
}

static void copy_records(struct arena *a, struct answer *answer)
{
	const struct dns_section *s = &answer->records;
	struct dns_record *copy = arena_try(a, s->count * sizeof(*copy));

	if (s->count == 0 || !copy) {
		answer->records = (struct dns_section){ 0 };
		return;
	}
	for (size_t i = 0; i < s->count; i++) {
		copy[i] = s->records[i];
		copy[i].rdata = arena_str(a, s->records[i].rdata);
	}
	answer->records.records = copy;
}

static void put_answers(struct gathering *g, struct arena *a, bool copy,
			struct observation *out)
{
	struct asking **sorted = arena_array(&g->arena, g->asking_count, sizeof(*sorted));
	size_t count = 0;

	list_each (at, &g->askings) {
		struct asking *asking = LIST_THING(at, struct asking, hook);
		if (is_shown(g, g->seats[asking->seat]))
			sorted[count++] = asking;
	}
	if (count > 0)
		qsort(sorted, count, sizeof(*sorted), compare_askings);
	out->answers = arena_array(a, count, sizeof(*out->answers));
	for (size_t i = 0; i < count; i++) {
		if (sorted[i]->ask)
			continue;
		struct answer *answer = &out->answers[out->answer_count++];
		*answer = sorted[i]->answer;
		answer->view = (uint16_t)g->seats[sorted[i]->seat]->order;
		if (copy)
			copy_records(a, answer);
	}
}

static bool has_name(const struct dns_name *names, size_t count, const struct dns_name *n)
{
	for (size_t i = 0; i < count; i++)
		if (dns_name_equal(&names[i], n))
			return true;
	return false;
}

/* The union of what the zone's servers say; `out` has its answers. */
static void put_child_ns(struct arena *a, struct observation *out, struct delegation *d)
{
	d->child_ns = arena_array(a, RESOLVER_SERVERS_MAX, sizeof(*d->child_ns));
	for (size_t i = 0; i < out->answer_count; i++) {
		const struct answer *ns = &out->answers[i];
		if (ns->question.type != DNS_TYPE_NS || !ns->authoritative ||
		    !dns_name_equal(&ns->question.name, &d->zone))
			continue;
		for (size_t k = 0; k < ns->records.count; k++) {
			struct dns_name name;
			if (d->child_ns_count < RESOLVER_SERVERS_MAX &&
			    dns_record_target(&ns->records.records[k], &name) &&
			    !has_name(d->child_ns, d->child_ns_count, &name))
				d->child_ns[d->child_ns_count++] = name;
		}
	}
}

static void mark_views(struct observation *out, const struct delegation *d)
{
	for (size_t i = 0; i < out->view_count; i++) {
		struct view *v = &out->views[i];
		if (v->kind == VIEW_AUTHORITY && dns_name_equal(&v->zone, &d->zone))
			v->in_child =
				has_name(d->child_ns, d->child_ns_count, &v->server);
	}
}

static void copy_delegation(struct arena *a, struct delegation *d)
{
	struct dns_name *parent_ns =
		arena_array(a, d->parent_ns_count, sizeof(*parent_ns));

	for (size_t i = 0; i < d->parent_ns_count; i++)
		parent_ns[i] = d->parent_ns[i];
	d->parent_ns = parent_ns;
}

static void put_delegations(struct gathering *g, struct arena *a, struct observation *out)
{
	out->delegation_count = g->delegation_count;
	out->delegations = arena_array(a, g->delegation_count, sizeof(*out->delegations));
	for (size_t i = 0; i < g->delegation_count; i++) {
		struct delegation *d = &out->delegations[i];
		*d = g->delegations[i];
		copy_delegation(a, d);
		if (!g->zone.len || !dns_name_equal(&d->zone, &g->zone))
			continue;
		put_child_ns(a, out, d);
		mark_views(out, d);
	}
}

static void put_validations(struct gathering *g, struct arena *a, struct observation *out)
{
	out->validations = arena_array(a, g->checking_count, sizeof(*out->validations));
	for (size_t i = 0; i < g->checking_count; i++) {
		if (g->checkings[i]->validate)
			continue;
		struct validation *v = &out->validations[out->validation_count++];
		*v = g->checkings[i]->result;
		v->why = arena_str(a, v->why);
	}
}

/* With a forwarder nobody walked: the zone is the one whose SOA it gives. */
static struct dns_name find_zone(const struct observation *o)
{
	for (size_t i = 0; i < o->answer_count; i++) {
		const struct answer *a = &o->answers[i];
		if (a->question.type != DNS_TYPE_SOA || a->outcome != ASK_ANSWERED)
			continue;
		if (a->records.count > 0)
			return a->records.records[a->records.count - 1].owner;
		if (a->has_soa)
			return a->soa_owner;
	}
	return (struct dns_name){ 0 };
}

void gather_assemble(struct gathering *g, struct arena *a, bool copy,
		     struct observation *out)
{
	*out = (struct observation){
		.domain = g->job.expectation->name,
		.at_s = g->at_s,
		.elapsed_ms = (uint32_t)((clock_mono_us() - g->began_us) / 1000),
		.walk = g->walk_outcome,
		.stopped_at = g->stopped_at,
		.zone = g->zone,
		.queries = g->budget.queries,
		.round_trips = g->budget.round_trips,
	};
	put_views(g, a, out);
	put_answers(g, a, copy, out);
	put_delegations(g, a, out);
	put_validations(g, a, out);
	if (g->walk_outcome == WALK_SKIPPED)
		out->zone = find_zone(out);
}

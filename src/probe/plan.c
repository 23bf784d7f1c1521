/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/crypto.h"
#include "mail/mail.h"
#include "probe/gather.h"

enum {
	SERVERS_LEAST = 2, /* of a registry, or of a zone beyond */
	SERVERS_OWN_LEAST = 5,
	SERVERS_MANY = 6,
	SERVERS_LEAST_OF_MANY = 2,
	SERVERS_INSIDE_MAX = 4, /* asked of a zone inside the domain's */
	KEPT_FOR_MORE = 16,     /* questions */
	KEPT_MOST = 18,
	RANK_STEP = 256,
};

size_t plan_add_question(struct gathering *g, const struct question *q, uint32_t rank)
{
	for (size_t i = 0; i < g->planned_count; i++)
		if (g->planned[i]->question.type == q->type &&
		    dns_name_equal(&g->planned[i]->question.name, &q->name))
			return i;
	struct planned *p = g->planned_count < GATHER_QUESTIONS_MAX
				    ? arena_try(&g->arena, sizeof(*p))
				    : NULL;
	if (!p)
		return SIZE_MAX;
	*p = (struct planned){ .question = *q, .rank = rank, .origin = g->planned_count };
	g->planned[g->planned_count] = p;
	return g->planned_count++;
}

void plan_expected(struct gathering *g)
{
	struct question *questions;
	size_t count = diagnose_plan(&g->arena, g->job.expectation, &questions);

	for (size_t i = 0; i < count; i++) {
		size_t at = plan_add_question(g, &questions[i], (uint32_t)i * RANK_STEP);
		if (at != SIZE_MAX)
			g->planned[at]->is_expected = true;
	}
}

void plan_once(struct gathering *g)
{
	struct question *questions;
	size_t count = diagnose_plan_once(&g->arena, g->job.expectation, &questions);

	for (size_t i = 0; i < count; i++) {
		uint32_t rank = (uint32_t)g->planned_count * RANK_STEP;
		size_t known = g->planned_count;
		size_t at = plan_add_question(g, &questions[i], rank);
		if (at == known)
			g->planned[at]->is_once = true;
	}
}

void plan_apex(struct gathering *g, const struct dns_name *zone)
{
	static const uint16_t types[] = { DNS_TYPE_NS, DNS_TYPE_SOA };
	uint32_t rank = (uint32_t)g->planned_count * RANK_STEP;

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		struct question q = { .name = *zone, .type = types[i] };
		size_t at = plan_add_question(g, &q, rank + (uint32_t)i * RANK_STEP);
		if (at != SIZE_MAX)
			g->planned[at]->is_apex = !g->planned[at]->is_expected;
	}
}

bool plan_is_registry(const struct dns_name *zone)
{
	auto_buf struct buf text;
	buf_init(&text, 4 * DNS_NAME_MAX);

	dns_name_write(&text, zone);
	return dns_name_labels(zone) <= 1 || mail_domain_is_suffix(buf_view(&text));
}

size_t plan_add_seat(struct gathering *g, const struct seat *seat)
{
	for (size_t i = 0; i < g->seat_count; i++) {
		const struct view *v = &g->seats[i]->view;
		if (v->kind == seat->view.kind &&
		    dns_name_equal(&v->server, &seat->view.server) &&
		    dns_name_equal(&v->zone, &seat->view.zone) &&
		    address_equal(&v->address, &seat->view.address))
			return i;
	}
	struct seat *added = g->seat_count < OBSERVATION_VIEWS_MAX
				     ? arena_try(&g->arena, sizeof(*added))
				     : NULL;
	if (!added)
		return SIZE_MAX;
	*added = *seat;
	g->seats[g->seat_count] = added;
	return g->seat_count++;
}

static struct seat seat_of(const struct resolver_walk_result *w,
			   const struct resolver_server *s)
{
	return (struct seat){
		.view = { .kind = VIEW_AUTHORITY,
			  .server = s->name,
			  .address = s->refused,
			  .zone = w->zone,
			  .in_parent = true },
		.outcome = s->outcome,
		.depth = w->depth,
	};
}

/* What may be asked now: something is kept for the phases to come. */
static size_t room_for_questions(const struct gathering *g)
{
	size_t resolvers;
	size_t kept;

	resolver_public(g->probe->resolver, &resolvers);
	kept = resolvers * (g->planned_count > 2 ? g->planned_count - 2 : 1);
	if (kept < KEPT_FOR_MORE)
		kept = KEPT_FOR_MORE;
	if (kept > KEPT_MOST)
		kept = KEPT_MOST;
	return g->budget.queries_left > kept ? g->budget.queries_left - kept : 0;
}

/* Which servers are asked when not all can be: any `count` of those with addresses. */
static void choose_servers(const struct resolver_walk_result *w, size_t count,
			   bool *chosen)
{
	size_t left = 0;

	for (size_t i = 0; i < w->server_count; i++)
		left += w->servers[i].address_count > 0;
	for (size_t i = 0; i < w->server_count; i++) {
		if (w->servers[i].address_count == 0)
			continue;
		chosen[i] = count > 0 && crypto_random_below((uint32_t)left) < count;
		count -= chosen[i];
		left--;
	}
}

/* How many of a server's addresses are asked everything; 0: the first one its serial
 * only, if at all. */
static void add_server(struct gathering *g, const struct resolver_walk_result *w,
		       size_t at, size_t addresses_asked, bool is_soa_asked)
{
	const struct resolver_server *s = &w->servers[at];
	struct seat seat = seat_of(w, s);

	if (s->address_count == 0)
		plan_add_seat(g, &seat);
	for (size_t i = 0; i < s->address_count; i++) {
		seat.view.address = s->addresses[i];
		seat.soa_only = addresses_asked == 0 && i == 0 && is_soa_asked;
		seat.outcome =
			i < addresses_asked || seat.soa_only ? ASK_ANSWERED : ASK_LIMIT;
		plan_add_seat(g, &seat);
	}
}

/* What is asked how often: at each address that is chosen, at each server that is, and
 * once. */
struct costs {
	size_t address;
	size_t server;
	size_t once;
	size_t ahead; /* the same, but it may wait */
};

static struct costs count_costs(const struct gathering *g)
{
	struct costs c = { 0 };

	for (size_t i = 0; i < g->planned_count; i++) {
		const struct planned *p = g->planned[i];
		c.address += !p->is_once && !p->is_apex;
		c.server += p->is_apex;
		c.once += p->is_once && !p->is_ahead;
		c.ahead += p->is_ahead;
	}
	return c;
}

static size_t minus(size_t a, size_t b)
{
	return a > b ? a - b : 0;
}

void plan_seats(struct gathering *g, const struct resolver_walk_result *w)
{
	bool chosen[RESOLVER_SERVERS_MAX] = { false };
	bool is_others = plan_is_registry(&w->zone) &&
			 !dns_name_equal(&w->zone, &g->job.expectation->name);
	struct costs c = count_costs(g);
	size_t addresses = 0;
	size_t servers = 0;
	size_t per_server = 1;
	size_t left = minus(room_for_questions(g), c.once);
	size_t least = w->server_count > SERVERS_MANY ? SERVERS_LEAST_OF_MANY
						      : SERVERS_OWN_LEAST;

	for (size_t i = 0; i < w->server_count; i++) {
		addresses += w->servers[i].address_count;
		servers += w->servers[i].address_count > 0;
	}
	/* Who is not asked everything is asked for its serial all the same. */
	size_t room = minus(left, servers) / (c.address + c.server - 1);
	size_t all = servers;
	if (is_others)
		servers = SERVERS_LEAST;
	else if (addresses * c.address + servers * c.server + c.ahead <= left &&
		 addresses < RESOLVER_RECORD_MAX)
		per_server = 2;
	else if (servers > room)
		servers = room < least ? least : room;
	g->is_crowded = servers < all;
	choose_servers(w, servers, chosen);
	for (size_t i = 0; i < w->server_count; i++)
		add_server(g, w, i, chosen[i] ? per_server : 0, !is_others);
}

void plan_seats_beyond(struct gathering *g, const struct resolver_walk_result *w)
{
	bool is_inside = g->zone.len && dns_name_within(&w->zone, &g->zone);
	size_t most = is_inside ? SERVERS_INSIDE_MAX : SERVERS_LEAST;
	size_t count = 0;

	for (size_t i = 0; i < w->server_count && count < most; i++) {
		struct seat seat = seat_of(w, &w->servers[i]);
		seat.group = GROUP_BEYOND;
		if (w->servers[i].address_count > 0) {
			seat.view.address = w->servers[i].addresses[0];
			count++;
		} else if (!is_inside) {
			continue;
		}
		plan_add_seat(g, &seat);
	}
	if (count == 0 && w->server_count > 0) {
		struct seat seat = seat_of(w, &w->servers[0]);
		seat.group = GROUP_BEYOND;
		plan_add_seat(g, &seat);
	}
}

bool plan_is_signed(const struct gathering *g)
{
	return g->delegation_count > 0 &&
	       g->delegations[g->delegation_count - 1].signed_here;
}

/* Each is asked everything, or not at all. */
size_t plan_room_for_resolvers(const struct gathering *g, size_t kept)
{
	size_t expected = 0;

	for (size_t i = 0; i < g->planned_count; i++)
		expected += g->planned[i]->is_expected;
	if (expected == 0 || g->budget.queries_left <= kept)
		return 0;
	return (g->budget.queries_left - kept) / expected;
}

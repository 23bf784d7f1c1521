/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An answer can lead on: a referral to a zone below (a delegated _domainkey), an alias
 * into another zone, a name server that only the zone itself names.
 */
#include "mail/mail.h"
#include "probe/gather.h"
#include "probe/seen.h"

enum {
	TARGETS_MAX = 2, /* zones that expected aliases lead to */
	RANK_TARGETS = 1 << 24,
};

static void ask_at_zone(struct gathering *g, const struct dns_name *zone, size_t question)
{
	if (g->planned[question]->is_ahead && g->is_crowded)
		return;
	if (g->planned[question]->is_once) {
		gather_ask_once(g, question);
		return;
	}
	for (size_t i = 0; i < g->seat_count; i++)
		if (g->seats[i]->group == GROUP_BEYOND &&
		    dns_name_equal(&g->seats[i]->view.zone, zone))
			gather_ask(g, question, i);
}

static void on_walked(void *arg, const struct resolver_walk_result *w)
{
	struct trail *t = arg;
	struct gathering *g = t->g;

	t->walk = NULL;
	t->is_done = true;
	/* A zone whose servers fail is there all the same: let the views show it. */
	bool is_new = !g->zone.len || !dns_name_equal(&w->zone, &g->zone);
	/* A registry that denies the name is to say so itself. */
	bool is_there = w->outcome == WALK_DONE || w->outcome == WALK_NXDOMAIN ||
			!plan_is_registry(&w->zone);
	if (is_new && is_there) {
		t->zone = w->zone;
		plan_seats_beyond(g, w);
		for (size_t i = 0; i < t->question_count; i++)
			ask_at_zone(g, &t->zone, t->questions[i]);
	}
	gather_closed(g);
}

static struct trail *trail_get(struct gathering *g, const struct dns_name *to)
{
	for (size_t i = 0; i < g->trail_count; i++)
		if (dns_name_equal(&g->trails[i]->to, to))
			return g->trails[i];
	struct trail *t = g->trail_count < GATHER_TRAILS_MAX
				  ? arena_try(&g->arena, sizeof(*t))
				  : NULL;
	if (!t)
		return NULL;
	t->g = g;
	t->to = *to;
	g->trails[g->trail_count++] = t;
	g->open++;
	t->walk = resolver_walk_start(g->probe->resolver, &g->budget, &g->arena, to,
				      on_walked, t);
	return t;
}

void follow_to(struct gathering *g, const struct dns_name *to, size_t question)
{
	struct trail *t = trail_get(g, to);

	if (!t || question == SIZE_MAX)
		return;
	if (t->is_done && t->zone.len) {
		ask_at_zone(g, &t->zone, question);
		return;
	}
	for (size_t i = 0; i < t->question_count; i++)
		if (t->questions[i] == question)
			return;
	if (!t->is_done && t->question_count < ARRAY_LEN(t->questions))
		t->questions[t->question_count++] = question;
}

/* To the zone of whoever registered it: names that many questions share lie there, and
 * what is delegated further a referral will say. */
void follow_elsewhere(struct gathering *g, size_t question)
{
	const struct dns_name *name = &g->planned[question]->question.name;
	struct dns_name to = dns_name_without_underscores(name);
	struct dns_name organisation;
	struct err ignored = { 0 };
	auto_buf struct buf text = { 0 };

	if (!seen_may_follow(name))
		return;
	buf_init(&text, 4 * DNS_NAME_MAX);
	dns_name_write(&text, &to);
	if (dns_name_parse(mail_domain_organisational(buf_view(&text)), &organisation,
			   &ignored) &&
	    dns_name_within(&to, &organisation))
		to = organisation;
	/* Who was found there cannot be asked: else nobody would walk again. */
	for (size_t i = 0; i < g->trail_count; i++)
		if (g->trails[i]->is_done && dns_name_equal(&g->trails[i]->to, &to))
			return;
	follow_to(g, &to, question);
}

static void follow_alias(struct asking *asking)
{
	struct gathering *g = asking->g;
	const struct planned *from = g->planned[asking->question];
	const struct seat *seat = g->seats[asking->seat];
	struct question q = { .type = from->question.type };

	if (!seen_leaves(&asking->answer, &seat->view.zone, &q.name) ||
	    from->links == RESOLVER_CNAME_MAX || !seen_may_follow(&q.name))
		return;
	unsigned links = from->links + 1;
	size_t known = g->planned_count;
	bool is_once = from->is_once;
	size_t next = plan_add_question(g, &q, from->rank + 1);
	if (next == known && next != SIZE_MAX) {
		g->planned[next]->links = links;
		g->planned[next]->origin = from->origin;
		g->planned[next]->depth = asking->depth;
		g->planned[next]->is_once = is_once;
	}
	if (is_once && next != SIZE_MAX) {
		g->planned[next]->is_ahead = false;
		if (!gather_was_asked(g, next))
			gather_ask_once(g, next);
		return;
	}
	struct dns_name to = dns_name_without_underscores(&q.name);
	follow_to(g, &to, next);
}

/* Strangers: named by the child only. */

static bool is_seated(const struct gathering *g, const struct dns_name *server)
{
	for (size_t i = 0; i < g->seat_count; i++)
		if (g->seats[i]->group <= GROUP_STRANGERS &&
		    dns_name_equal(&g->seats[i]->view.server, server))
			return true;
	for (size_t i = 0; i < g->stranger_count; i++)
		if (dns_name_equal(&g->strangers[i].name, server))
			return true;
	return false;
}

static void ask_stranger(struct gathering *g, size_t seat)
{
	bool is_former = g->seats[seat]->group == GROUP_FORMER;

	for (size_t i = 0; i < g->planned_count; i++)
		if (!g->planned[i]->is_once &&
		    (!is_former || g->planned[i]->is_expected) &&
		    dns_name_within(&g->planned[i]->question.name, &g->zone))
			gather_ask(g, i, seat);
}

static void on_found(void *arg, const struct resolver_server *server, uint32_t depth)
{
	struct stranger *s = arg;
	struct gathering *g = s->g;
	struct seat seat = {
		.view = { .kind = VIEW_AUTHORITY, .server = s->name, .zone = g->zone },
		.group = s->is_former ? GROUP_FORMER : GROUP_STRANGERS,
		.depth = depth,
	};

	s->lookup = NULL;
	size_t rounds = server->address_count ? server->address_count : 1;
	if (s->is_former)
		rounds = 1;
	for (size_t i = 0; i < rounds; i++) {
		seat.outcome = server->outcome;
		seat.view.address =
			server->address_count ? server->addresses[i] : server->refused;
		size_t at = plan_add_seat(g, &seat);
		if (at != SIZE_MAX)
			ask_stranger(g, at);
	}
	gather_closed(g);
}

static void add_stranger(struct gathering *g, const struct dns_name *name, bool is_former)
{
	if (g->stranger_count == GATHER_STRANGERS_MAX || is_seated(g, name))
		return;
	struct stranger *s = &g->strangers[g->stranger_count++];
	s->g = g;
	s->name = *name;
	s->is_former = is_former;
	g->open++;
	s->lookup = resolver_lookup_start(g->probe->resolver, &g->budget, &g->arena, name,
					  on_found, s);
}

static void find_strangers(struct gathering *g, const struct answer *ns)
{
	for (size_t i = 0; i < ns->records.count; i++) {
		struct dns_name name;
		if (dns_record_target(&ns->records.records[i], &name))
			add_stranger(g, &name, false);
	}
}

void follow_former(struct gathering *g)
{
	const struct expectation *x = g->job.expectation;

	for (size_t i = 0; i < x->previous_count && i < GATHER_FORMER_MAX; i++)
		if (g->zone.len)
			add_stranger(g, &x->previous_servers[i], true);
}

void follow_answer(struct asking *asking, const struct dns_message *m)
{
	struct gathering *g = asking->g;
	const struct answer *a = &asking->answer;
	const struct seat *seat = g->seats[asking->seat];
	struct dns_name below;

	if (a->outcome != ASK_ANSWERED || seat->view.kind != VIEW_AUTHORITY ||
	    seat->group == GROUP_FORMER)
		return;
	if (a->is_referral) {
		if (seen_referred_zone(m, &a->question, &seat->view.zone, &below))
			follow_to(g, &below, asking->question);
		return;
	}
	if (g->phase == PHASE_RECORDS && seat->group == GROUP_ZONE && a->authoritative &&
	    a->question.type == DNS_TYPE_NS &&
	    dns_name_equal(&a->question.name, &g->zone))
		find_strangers(g, a);
	else
		follow_alias(asking);
}

void follow_targets(struct gathering *g)
{
	const struct expectation *x = g->job.expectation;
	struct dns_name own;
	struct err ignored = { 0 };

	if (!dns_name_parse(mail_domain_organisational(x->domain), &own, &ignored))
		return;
	for (size_t i = 0; i < x->count && g->trail_count <= TARGETS_MAX; i++) {
		struct cursor c = cursor_over(x->records[i].rdata);
		struct dns_name target;
		if (x->records[i].purpose != PURPOSE_DKIM ||
		    x->records[i].type != DNS_TYPE_CNAME || !dns_name_read(&c, &target) ||
		    dns_name_labels(&target) < 3 || dns_name_within(&target, &own) ||
		    !seen_may_follow(&target))
			continue;
		/* What it leads to is known before anybody was asked. */
		struct question q = { .name = target, .type = DNS_TYPE_TXT };
		size_t at = plan_add_question(g, &q, RANK_TARGETS + (uint32_t)i);
		if (at == SIZE_MAX)
			continue;
		g->planned[at]->is_once = true;
		g->planned[at]->is_ahead = true;
		follow_elsewhere(g, at);
	}
}

void follow_cancel(struct gathering *g)
{
	for (size_t i = 0; i < g->trail_count; i++)
		resolver_walk_cancel(&g->trails[i]->walk);
	for (size_t i = 0; i < g->stranger_count; i++)
		resolver_lookup_cancel(&g->strangers[i].lookup);
}

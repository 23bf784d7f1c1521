/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the validator says of the expected records; it works beside all the others. */
#include "probe/gather.h"

enum {
	PATIENCE_US = 2000000,
	KEPT_FOR_KEYS = 4, /* of the zone, of two servers */
	WHY_MAX = 512,     /* octets */
};

/* Nothing is below a name that does not exist (RFC 8020): one denial is that of all. */
static bool is_one_for_all(const struct gathering *g)
{
	return g->walk_outcome == WALK_NXDOMAIN;
}

static void on_validated(void *arg, enum security security, struct str why)
{
	struct checking *c = arg;
	struct gathering *g = c->g;

	c->validate = NULL;
	c->result.security = security;
	c->result.why = arena_str(&g->arena, str_sub(why, 0, WHY_MAX));
	for (size_t i = 0; i < g->checking_count && is_one_for_all(g); i++) {
		g->checkings[i]->result.security = security;
		g->checkings[i]->result.why = c->result.why;
	}
	g->checkings_open--;
	gather_proved(g);
}

static void validate(struct checking *c)
{
	struct gathering *g = c->g;

	if (c->is_started)
		return;
	c->is_started = true;
	c->validate = resolver_validate_start(g->probe->resolver, &g->budget, &g->arena,
					      &c->result.question, on_validated, c);
	g->checkings_open += c->validate != NULL;
}

/* What the servers of the zones say is what is validated; it begins with the first of
 * them. */
void prove_show(struct asking *asking, const struct resolver_reply *reply)
{
	struct gathering *g = asking->g;
	const struct seat *s = g->seats[asking->seat];
	struct answer *a = &asking->answer;

	if (!gather_is_good(a) || s->view.kind == VIEW_RESOLVER ||
	    (s->view.kind == VIEW_AUTHORITY && !a->authoritative) ||
	    s->group == GROUP_STRANGERS || s->group == GROUP_FORMER)
		return;
	resolver_validate_show(g->probe->resolver, &g->budget, &g->arena, &a->question,
			       reply, &a->proven);
	for (size_t i = 0; i < g->checking_count; i++)
		if (g->checkings[i]->question == asking->question)
			validate(g->checkings[i]);
}

void prove_plan(struct gathering *g)
{
	for (size_t i = 0; i < g->planned_count; i++) {
		if (!g->planned[i]->is_expected ||
		    g->checking_count == GATHER_VALIDATIONS_MAX)
			continue;
		struct checking *c = arena_alloc(&g->arena, sizeof(*c));
		g->checkings[g->checking_count++] = c;
		c->g = g;
		c->question = i;
		c->result.question = g->planned[i]->question;
		c->result.security = SECURITY_UNCHECKED;
	}
}

static bool did_anybody_answer(const struct gathering *g)
{
	list_each (at, &g->askings) {
		const struct asking *a = LIST_THING(at, struct asking, hook);
		if (!a->ask && gather_is_good(&a->answer))
			return true;
	}
	return false;
}

/* The validator has had all the time so far; where nothing is there to validate, or it
 * meets the same dead servers, it is not waited for. */
void prove_hurry(struct gathering *g)
{
	bool is_worth_it = is_one_for_all(g) || did_anybody_answer(g);
	int64_t patience_us = is_worth_it ? PATIENCE_US : 0;
	size_t wanted = is_one_for_all(g) ? 1 : g->checking_count;

	for (size_t i = 0; i < wanted && i < g->checking_count && is_worth_it; i++)
		validate(g->checkings[i]);
	for (size_t i = 0; i < g->checking_count; i++)
		if (g->checkings[i]->validate)
			resolver_validate_hurry(g->checkings[i]->validate,
						clock_mono_us() + patience_us);
}

/* Beside the records, so that nobody waits for them. */
void prove_fetch(struct gathering *g)
{
	if (g->checking_count == 0)
		return;
	if (plan_is_signed(g))
		resolver_budget_reserve(&g->budget, KEPT_FOR_KEYS);
	resolver_validate_fetch(g->probe->resolver, &g->budget, &g->arena, g->delegations,
				g->delegation_count);
}

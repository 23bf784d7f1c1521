/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolver/round.h"

enum {
	SERVERS_TRIED_MAX = 8,
	HEDGE_UNKNOWN_US = 120000,
	HEDGE_LEAST_US = 20000,
	GUESSED_RTT_US = 50000,
};

struct candidate {
	struct round *round;
	struct address address;
	uint32_t expected_us;
	struct resolver_ask *ask;
};

struct round {
	struct round_options o;
	struct candidate candidates[2 * RESOLVER_SERVERS_MAX];
	size_t count;
	size_t started;
	size_t in_flight;
	bool had_answer;
	bool had_limit;
	struct deadline next; /* when another server is asked, or the end is told */
};

static void release(struct round *round)
{
	for (size_t i = 0; i < round->started; i++)
		resolver_ask_cancel(&round->candidates[i].ask);
	deadline_clear(round->o.r->deadlines, &round->next);
	xfree(round);
}

static void finish(struct round *round, enum walk_outcome outcome,
		   const struct resolver_reply *reply)
{
	round_done_fn *done = round->o.done;
	void *arg = round->o.arg;

	release(round);
	done(arg, outcome, reply);
}

/* Servers never asked before are expected to be quick, so that they get their turn. */
static void add_candidate(struct round *round, const struct address *a)
{
	struct resolver *r = round->o.r;

	if (resolver_may_ask(r, a) != ASK_ANSWERED)
		return;
	struct candidate *c = &round->candidates[round->count++];
	const struct peer *p = peer_find(r->peers, a);
	c->round = round;
	c->address = *a;
	c->expected_us = p && p->rtt_us
				 ? p->rtt_us
				 : GUESSED_RTT_US + entropy_below(&r->entropy, 50000);
}

static void sort_candidates(struct round *round)
{
	for (size_t i = 1; i < round->count; i++) {
		struct candidate moved = round->candidates[i];
		size_t at = i;
		for (;
		     at > 0 && round->candidates[at - 1].expected_us > moved.expected_us;
		     at--)
			round->candidates[at] = round->candidates[at - 1];
		round->candidates[at] = moved;
	}
}

static int64_t hedge_us(const struct round *round, const struct candidate *c)
{
	const struct peer *p = peer_find(round->o.r->peers, &c->address);

	if (!p || p->rtt_us == 0)
		return HEDGE_UNKNOWN_US;
	int64_t twice_us = 2 * (int64_t)p->rtt_us;
	return twice_us < HEDGE_LEAST_US ? HEDGE_LEAST_US : twice_us;
}

static void on_reply(void *arg, const struct resolver_reply *reply);

static bool ask_next(struct round *round)
{
	if (round->started == round->count || round->started == SERVERS_TRIED_MAX)
		return false;
	struct candidate *c = &round->candidates[round->started++];
	struct resolver_request request = { .question = round->o.question,
					    .address = c->address,
					    .depth = round->o.depth };
	c->ask = resolver_ask_start(round->o.r, round->o.b, round->o.a, &request,
				    on_reply, c);
	round->in_flight++;
	deadline_set(round->o.r->deadlines, &round->next,
		     clock_mono_us() + hedge_us(round, c));
	return true;
}

static void finish_without(struct round *round)
{
	if (round->had_answer)
		finish(round, WALK_SERVFAIL, NULL);
	else
		finish(round, round->had_limit ? WALK_LIMIT : WALK_NO_ANSWER, NULL);
}

static void on_reply(void *arg, const struct resolver_reply *reply)
{
	struct candidate *c = arg;
	struct round *round = c->round;

	c->ask = NULL;
	round->in_flight--;
	if (reply->outcome == ASK_ANSWERED && round->o.is_usable(round->o.arg, reply)) {
		finish(round, WALK_DONE, reply);
		return;
	}
	round->had_answer = round->had_answer || reply->outcome == ASK_ANSWERED;
	round->had_limit = round->had_limit || reply->outcome == ASK_LIMIT;
	if (!ask_next(round) && round->in_flight == 0)
		finish_without(round);
}

static void on_next(struct deadline *d)
{
	struct round *round = LIST_THING(d, struct round, next);

	if (!ask_next(round) && round->in_flight == 0)
		finish_without(round);
}

struct round *round_start(const struct round_options *o)
{
	struct round *round = xalloc(1, sizeof(*round));

	round->o = *o;
	round->next.due = on_next;
	for (size_t i = 0; i < o->cut->server_count; i++) {
		add_candidate(round, &o->cut->servers[i].v4);
		add_candidate(round, &o->cut->servers[i].v6);
	}
	round->o.cut = NULL;
	sort_candidates(round);
	if (!ask_next(round))
		deadline_set(o->r->deadlines, &round->next, 0);
	return round;
}

void round_cancel(struct round **round)
{
	if (!*round)
		return;
	release(*round);
	*round = NULL;
}

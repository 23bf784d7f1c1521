/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/gather.h"

#include "probe/peek.h"
#include "probe/seen.h"

enum {
	SERVERS_HEARD_LEAST = 2, /* of many */
	MORE_ROUNDS_MAX = 12,
	MORE_ARENA_MAX = 32 << 20,
	KEPT_WHEN_HASTY = 12, /* questions, for what may be wrong */
};

static void advance(struct gathering *g);
static void ask_another(struct gathering *g, size_t question);
static void ask_resolvers_early(struct gathering *g);

/* Asking */

bool gather_is_good(const struct answer *a)
{
	return a->outcome == ASK_ANSWERED &&
	       (a->rcode == DNS_RCODE_NOERROR || a->rcode == DNS_RCODE_NXDOMAIN);
}

static void on_reply(void *arg, const struct resolver_reply *reply)
{
	struct asking *asking = arg;
	struct gathering *g = asking->g;

	asking->ask = NULL;
	asking->depth = reply->depth;
	seen_take(&g->arena, &g->seats[asking->seat]->view, reply, &asking->answer);
	if (g->checking_count > 0 && reply->outcome == ASK_ANSWERED)
		prove_show(asking, reply);
	if (g->phase <= PHASE_MORE)
		follow_answer(asking, reply->message);
	if (g->phase <= PHASE_MORE && g->planned[asking->question]->is_once &&
	    asking->answer.outcome != ASK_LIMIT && !gather_is_good(&asking->answer))
		ask_another(g, asking->question);
	if (!asking->is_early)
		gather_closed(g);
}

static bool was_asked(const struct gathering *g, size_t question, size_t seat)
{
	list_each (at, &g->askings) {
		const struct asking *a = LIST_THING(at, struct asking, hook);
		if (a->question == question && a->seat == seat)
			return true;
	}
	return false;
}

bool gather_was_asked(const struct gathering *g, size_t question)
{
	for (size_t i = 0; i < g->seat_count; i++)
		if (was_asked(g, question, i))
			return true;
	return false;
}

static void send_asking(struct asking *asking)
{
	struct gathering *g = asking->g;
	const struct seat *s = g->seats[asking->seat];
	uint32_t led_here = g->planned[asking->question]->depth;
	bool is_first = g->phase <= PHASE_RECORDS;
	struct resolver_request request = {
		.question = asking->answer.question,
		.address = s->view.address,
		.recursion = s->view.kind != VIEW_AUTHORITY,
		.trusted = s->view.kind != VIEW_AUTHORITY,
		.zone = s->view.zone,
		.is_own = s->group == GROUP_ZONE,
		.depth = !is_first             ? g->budget.round_trips
			 : s->depth > led_here ? s->depth
					       : led_here,
	};

	asking->is_early = s->group == GROUP_RESOLVERS && g->phase != PHASE_RESOLVERS;
	g->open += !asking->is_early;
	asking->ask = resolver_ask_start(g->probe->resolver, &g->budget, &g->arena,
					 &request, on_reply, asking);
}

void gather_ask(struct gathering *g, size_t question, size_t seat)
{
	const struct seat *s = g->seats[seat];
	struct asking *asking;

	if (g->asking_count == OBSERVATION_ANSWERS_MAX || was_asked(g, question, seat))
		return;
	asking = arena_try(&g->arena, sizeof(*asking));
	if (!asking)
		return;
	asking->g = g;
	asking->question = question;
	asking->seat = seat;
	asking->answer.question = g->planned[question]->question;
	bool is_soa = g->planned[question]->is_apex &&
		      asking->answer.question.type == DNS_TYPE_SOA;
	asking->answer.outcome = s->soa_only && !is_soa ? ASK_LIMIT : s->outcome;
	list_init(&asking->hook);
	list_add(&g->askings, &asking->hook);
	g->asking_count++;
	struct planned *origin = g->planned[g->planned[question]->origin];
	if (asking->answer.outcome != ASK_ANSWERED)
		return;
	if (origin->asked++ < RESOLVER_RECORD_MAX)
		send_asking(asking);
	else
		asking->answer.outcome = ASK_LIMIT;
}

/* Of its server, among those that can be asked. */
static bool is_first_address(const struct gathering *g, size_t seat)
{
	const struct view *v = &g->seats[seat]->view;

	for (size_t i = 0; i < seat; i++)
		if (g->seats[i]->outcome == ASK_ANSWERED && v->server.len > 0 &&
		    g->seats[i]->group == GROUP_ZONE &&
		    dns_name_equal(&g->seats[i]->view.server, &v->server))
			return false;
	return true;
}

static void ask_all(struct gathering *g)
{
	size_t planned = g->planned_count;

	for (size_t q = 0; q < planned; q++) {
		bool is_later = g->planned[q]->is_ahead && g->is_crowded;
		if (g->planned[q]->is_once && !is_later)
			gather_ask_once(g, q);
		for (size_t s = 0; s < g->seat_count && !g->planned[q]->is_once; s++)
			if (g->seats[s]->group == GROUP_ZONE &&
			    (!g->planned[q]->is_apex || is_first_address(g, s)))
				gather_ask(g, q, s);
	}
}

void gather_closed(struct gathering *g)
{
	g->open--;
	if (g->open == 0)
		advance(g);
}

/* Records */

static void on_walked(void *arg, const struct resolver_walk_result *w)
{
	struct gathering *g = arg;
	bool is_reached = w->outcome == WALK_DONE;

	g->walk = NULL;
	g->walk_outcome = w->outcome;
	g->stopped_at = w->stopped_at;
	g->delegations = w->delegations;
	g->delegation_count = w->delegation_count;
	/* In a zone that is not a registry's, a name that is not there yet may be
	 * added, and servers that fail are the domain's own: what each says to the
	 * questions is the evidence. */
	if (w->outcome != WALK_LIMIT && !plan_is_registry(&w->zone))
		is_reached = true;
	g->phase = PHASE_RECORDS;
	if (is_reached) {
		g->walk_outcome = WALK_DONE;
		g->stopped_at = (struct dns_name){ 0 };
		g->zone = w->zone;
		plan_apex(g, &g->zone);
		plan_once(g);
		plan_seats(g, w);
		ask_all(g);
		prove_fetch(g);
		ask_resolvers_early(g);
	}
	gather_closed(g);
}

static void start_walking(struct gathering *g)
{
	g->phase = PHASE_WALK;
	g->open = 1;
	g->walk = resolver_walk_start(g->probe->resolver, &g->budget, &g->arena,
				      &g->job.expectation->name, on_walked, g);
}

static void start_at_forward(struct gathering *g, const struct address *forward)
{
	struct seat seat = { .view = { .kind = VIEW_FORWARD, .address = *forward },
			     .outcome = ASK_ANSWERED };

	g->phase = PHASE_RECORDS;
	g->walk_outcome = WALK_SKIPPED;
	plan_apex(g, &g->job.expectation->name);
	plan_once(g);
	plan_add_seat(g, &seat);
	ask_all(g);
}

/* More */

static bool did_answer(const struct gathering *g, size_t seat)
{
	list_each (at, &g->askings) {
		const struct asking *a = LIST_THING(at, struct asking, hook);
		if (a->seat == seat && gather_is_good(&a->answer))
			return true;
	}
	return false;
}

/* Labels of the seat's zone if the name lies in it, plus one; 0 if not. */
static size_t nearness(const struct seat *s, const struct dns_name *name)
{
	if (s->outcome != ASK_ANSWERED || s->soa_only || s->view.kind == VIEW_RESOLVER ||
	    s->group == GROUP_FORMER)
		return 0;
	if (s->view.kind == VIEW_FORWARD)
		return 1;
	return dns_name_within(name, &s->view.zone) ? dns_name_labels(&s->view.zone) + 1
						    : 0;
}

/* It has answered, or has not failed yet. */
static bool is_usable(const struct gathering *g, size_t seat)
{
	bool has_failed = false;

	list_each (at, &g->askings) {
		const struct asking *a = LIST_THING(at, struct asking, hook);
		if (a->seat != seat || a->ask)
			continue;
		if (gather_is_good(&a->answer))
			return true;
		has_failed = true;
	}
	return !has_failed;
}

/* Seats that serve the zone nearest to the name; gives its labels plus one, or 0: none is
 * known. */
static size_t find_nearest(const struct gathering *g, const struct dns_name *name,
			   size_t *seats, size_t *count_out)
{
	size_t nearest = 0;

	*count_out = 0;
	for (size_t i = 0; i < g->seat_count; i++)
		if (nearness(g->seats[i], name) > nearest)
			nearest = nearness(g->seats[i], name);
	for (size_t i = 0; i < g->seat_count && nearest > 0; i++)
		if (nearness(g->seats[i], name) == nearest && is_usable(g, i))
			seats[(*count_out)++] = i;
	return nearest;
}

void gather_ask_once(struct gathering *g, size_t question)
{
	size_t seats[OBSERVATION_VIEWS_MAX];
	size_t count;
	size_t nearest =
		find_nearest(g, &g->planned[question]->question.name, seats, &count);

	if (g->phase == PHASE_WALK)
		return; /* how much room there is shows at its end */
	if (count > 0)
		gather_ask(g, question, seats[g->once_count++ % count]);
	else if (nearest == 0 && g->walk_outcome != WALK_SKIPPED)
		follow_elsewhere(g, question);
}

/* The one server that was asked was of no use: another one, and no third. */
static void ask_another(struct gathering *g, size_t question)
{
	size_t seats[OBSERVATION_VIEWS_MAX];
	size_t asked = 0;
	size_t count;

	for (size_t i = 0; i < g->seat_count; i++)
		asked += was_asked(g, question, i);
	find_nearest(g, &g->planned[question]->question.name, seats, &count);
	for (size_t i = 0; i < count && asked == 1; i++) {
		if (was_asked(g, question, seats[i]))
			continue;
		gather_ask(g, question, seats[i]);
		asked++;
	}
}

/* Without the validator's verdicts as long as it is not waited for: whether they are
 * there already is chance, and what is asked shall not depend on it. */
static void assemble_so_far(struct gathering *g, struct arena *a, struct observation *out)
{
	gather_assemble(g, a, false, out);
	if (!g->is_validated)
		out->validation_count = 0;
}

static bool is_all_right(struct gathering *g)
{
	auto_arena struct arena scratch;
	struct observation so_far;
	struct report report;

	arena_init(&scratch, MORE_ARENA_MAX);
	if (g->walk_outcome != WALK_DONE || g->job.expectation->count == 0)
		return false;
	assemble_so_far(g, &scratch, &so_far);
	diagnose_judge(&scratch, g->job.expectation, &so_far, LANG_EN, &report);
	for (size_t i = 0; i < report.record_count; i++)
		if (report.records[i].expected && report.records[i].expected->required &&
		    report.records[i].state != RECORD_OK)
			return false;
	return true;
}

/* At every server of the zone, where the word of one is not enough. */
static void ask_where_it_counts(struct gathering *g, const struct observation *so_far,
				size_t question)
{
	struct planned *p = g->planned[question];
	size_t seats[OBSERVATION_VIEWS_MAX];
	size_t count;

	if (!g->zone.len || !dns_name_within(&p->question.name, &g->zone) ||
	    !diagnose_asks_all(g->job.expectation, so_far, &p->question)) {
		gather_ask_once(g, question);
		return;
	}
	p->is_once = false;
	find_nearest(g, &p->question.name, seats, &count);
	for (size_t i = 0; i < count; i++)
		if (g->seats[seats[i]]->group != GROUP_STRANGERS &&
		    is_first_address(g, seats[i]))
			gather_ask(g, question, seats[i]);
}

/* What one server was asked may have turned out to count. */
static void ask_others(struct gathering *g, const struct observation *so_far)
{
	for (size_t i = 0; i < g->planned_count; i++) {
		const struct planned *p = g->planned[i];
		if (p->is_once && g->zone.len &&
		    dns_name_within(&p->question.name, &g->zone) &&
		    diagnose_asks_all(g->job.expectation, so_far, &p->question))
			ask_where_it_counts(g, so_far, i);
	}
}

/* False: nothing more is wanted, or can be asked. */
static bool start_more(struct gathering *g)
{
	auto_arena struct arena scratch;
	struct observation so_far;
	struct question *questions;
	size_t asked = g->asking_count;

	arena_init(&scratch, MORE_ARENA_MAX);
	g->phase = PHASE_MORE;
	if (g->more_rounds == MORE_ROUNDS_MAX || g->budget.queries_left == 0)
		return false;
	/* Before all that is left of the budget goes elsewhere. */
	if (!g->is_former_asked && g->job.expectation->previous_count > 0) {
		g->is_former_asked = true;
		if (!is_all_right(g))
			follow_former(g);
		if (g->open > 0)
			return true;
	}
	assemble_so_far(g, &scratch, &so_far);
	size_t count = diagnose_more(&scratch, g->job.expectation, &so_far, &questions);
	for (size_t i = 0; i < count; i++) {
		uint32_t rank = UINT32_MAX - MORE_ROUNDS_MAX + g->more_rounds;
		size_t at = plan_add_question(g, &questions[i], rank);
		if (at == SIZE_MAX)
			continue;
		g->planned[at]->is_once = true;
		ask_where_it_counts(g, &so_far, at);
	}
	ask_others(g, &so_far);
	g->more_rounds++;
	return g->open > 0 || g->asking_count > asked;
}

/* Servers that do not answer at all were chosen from among many: others take their
 * places, which have given their serial. */
static bool replace_silent(struct gathering *g)
{
	size_t wanted = SERVERS_HEARD_LEAST;

	for (size_t i = 0; i < g->seat_count && wanted > 0; i++)
		wanted -= g->seats[i]->group == GROUP_ZONE && !g->seats[i]->soa_only &&
			  is_first_address(g, i) && did_answer(g, i);
	for (size_t i = 0; i < g->seat_count && g->is_crowded && wanted > 0; i++) {
		if (!g->seats[i]->soa_only || !did_answer(g, i))
			continue;
		g->seats[i]->soa_only = false;
		g->seats[i]->depth = g->budget.round_trips;
		wanted--;
		list_each (at, &g->askings) {
			struct asking *a = LIST_THING(at, struct asking, hook);
			if (a->seat == i && a->answer.outcome == ASK_LIMIT)
				send_asking(a);
		}
	}
	return g->open > 0;
}

/* Resolvers */

static void ask_resolvers(struct gathering *g, size_t count)
{
	const struct address *public =
		resolver_public(g->probe->resolver, &(size_t){ 0 });

	g->are_resolvers_asked = true;
	for (size_t i = 0; i < count; i++) {
		struct seat seat = { .view = { .kind = VIEW_RESOLVER,
					       .address = public[i] },
				     .outcome = ASK_ANSWERED,
				     .group = GROUP_RESOLVERS };
		size_t at = plan_add_seat(g, &seat);
		for (size_t q = 0; q < g->planned_count && at != SIZE_MAX; q++)
			if (g->planned[q]->is_expected)
				gather_ask(g, q, at);
	}
}

/* Somebody of the zone. */
static bool is_anybody_asked(const struct gathering *g)
{
	list_each (at, &g->askings) {
		const struct asking *a = LIST_THING(at, struct asking, hook);
		if (a->ask && g->seats[a->seat]->group == GROUP_ZONE)
			return true;
	}
	return false;
}

/* All of them, if somebody is asked who decides, and enough is left for what may turn out
 * to be wrong. */
static void ask_resolvers_early(struct gathering *g)
{
	size_t count;

	resolver_public(g->probe->resolver, &count);
	if (g->probe->is_hasty && count > 0 && is_anybody_asked(g) &&
	    plan_room_for_resolvers(g, KEPT_WHEN_HASTY) >= count)
		ask_resolvers(g, count);
}

/* Those asked early are waited for now, or never were. */
static void settle_early(struct gathering *g)
{
	list_each (at, &g->askings) {
		struct asking *a = LIST_THING(at, struct asking, hook);
		if (!a->is_early || !a->ask)
			continue;
		a->is_early = false;
		if (g->are_resolvers_shown)
			g->open++;
		else
			resolver_ask_cancel(&a->ask);
	}
}

static void start_resolvers(struct gathering *g)
{
	size_t count;
	size_t most = plan_room_for_resolvers(g, 0);

	resolver_public(g->probe->resolver, &count);
	g->phase = PHASE_RESOLVERS;
	g->are_resolvers_shown = count > 0 && is_all_right(g);
	settle_early(g);
	if (g->are_resolvers_shown && !g->are_resolvers_asked)
		ask_resolvers(g, count < most ? count : most);
}

/* Proof */

/* What is not right may be forged: before its causes are searched for, with all that is
 * left of the budget, the validator has its turn. */
static void start_proof(struct gathering *g)
{
	g->phase = PHASE_PROOF;
	if (g->checking_count == 0 || is_all_right(g))
		return;
	g->is_validated = true;
	prove_hurry(g);
}

void gather_proved(struct gathering *g)
{
	if (g->phase == PHASE_PROOF || g->phase == PHASE_VALIDATION)
		advance(g);
}

/* The end */

/* A delegation that something is wrong with may be corrected any moment: it is not
 * cached. */
static bool is_healthy(const struct observation *o)
{
	if (o->walk != WALK_DONE)
		return false;
	for (size_t i = 0; i < o->answer_count; i++) {
		const struct answer *a = &o->answers[i];
		const struct view *v = &o->views[a->view];
		if (v->kind == VIEW_AUTHORITY && a->outcome != ASK_LIMIT &&
		    (a->outcome != ASK_ANSWERED || !a->authoritative))
			return false;
	}
	for (size_t i = 0; i < o->view_count; i++)
		if (o->views[i].kind == VIEW_AUTHORITY && !o->views[i].in_parent)
			return false;
	return true;
}

static void finish(struct gathering *g)
{
	struct observation *o = arena_alloc(g->job.arena, sizeof(*o));
	probe_done_fn *done = g->job.done;
	void *arg = g->job.arg;

	gather_assemble(g, g->job.arena, true, o);
	if (g->zone.len && !is_healthy(o))
		resolver_forget(g->probe->resolver, &g->zone);
	gather_release(g);
	done(arg, o);
}

/* Nothing of the phase is open: the next one that has something to do. */
static void advance(struct gathering *g)
{
	while (g->open == 0 && g->phase != PHASE_VALIDATION) {
		switch (g->phase) {
		case PHASE_RECORDS:
			if (replace_silent(g))
				break;
			start_proof(g);
			break;
		case PHASE_PROOF:
			if (g->is_validated && g->checkings_open > 0)
				return;
			if (!start_more(g))
				start_resolvers(g);
			break;
		case PHASE_WALK:
		case PHASE_MORE:
			if (!start_more(g))
				start_resolvers(g);
			break;
		case PHASE_RESOLVERS:
		case PHASE_VALIDATION:
			g->phase = PHASE_VALIDATION;
			prove_hurry(g);
			break;
		}
	}
	if (g->phase == PHASE_VALIDATION && g->checkings_open == 0)
		finish(g);
}

void gather_release(struct gathering *g)
{
	list_each (at, &g->askings) {
		resolver_ask_cancel(&LIST_THING(at, struct asking, hook)->ask);
	}
	follow_cancel(g);
	resolver_walk_cancel(&g->walk);
	for (size_t i = 0; i < g->checking_count; i++)
		resolver_validate_cancel(&g->checkings[i]->validate);
	resolver_budget_done(&g->budget);
	list_remove(&g->job.hook);
	if (g->probe->idle_count < GATHER_IDLE_MAX) {
		arena_reset_to(&g->arena, GATHER_ARENA_KEPT);
		list_add(g->probe->idle.next, &g->job.hook);
		g->probe->idle_count++;
	} else {
		arena_done(&g->arena);
		xfree(g);
	}
}

static struct gathering *take_gathering(struct probe *p)
{
	struct list *first = list_first(&p->idle);

	if (!first) {
		struct gathering *g = xalloc(1, sizeof(*g));
		arena_init(&g->arena, GATHER_ARENA_MAX);
		list_init(&g->job.hook);
		return g;
	}
	struct gathering *g = LIST_THING(LIST_THING(first, struct probe_job, hook),
					 struct gathering, job);
	struct arena arena = g->arena;
	list_remove(first);
	p->idle_count--;
	*g = (struct gathering){ .arena = arena };
	list_init(&g->job.hook);
	return g;
}

void gather_forget(struct probe *p)
{
	list_each_safe (at, &p->idle) {
		struct gathering *g = LIST_THING(LIST_THING(at, struct probe_job, hook),
						 struct gathering, job);
		list_remove(at);
		arena_done(&g->arena);
		xfree(g);
	}
	p->idle_count = 0;
}

struct probe_job *probe_observe_start(struct probe *p, struct arena *a,
				      const struct expectation *x, probe_done_fn *done,
				      void *arg)
{
	struct gathering *g = take_gathering(p);
	struct address forward = resolver_forward(p->resolver);

	g->job.arena = a;
	g->job.expectation = x;
	g->job.done = done;
	g->job.arg = arg;
	g->probe = p;
	g->began_us = clock_mono_us();
	g->at_s = clock_now_s();
	list_init(&g->askings);
	list_add(&p->gatherings, &g->job.hook);
	resolver_budget_init(p->resolver, &g->budget);
	resolver_budget_blame(&g->budget, &g->job.expectation->name);
	plan_expected(g);
	if (resolver_validates(p->resolver))
		prove_plan(g);
	if (forward.family)
		start_at_forward(g, &forward);
	else
		start_walking(g);
	if (!forward.family)
		follow_targets(g);
	return &g->job;
}

void probe_job_spent(struct probe_job *job, uint32_t packets)
{
	struct gathering *g = LIST_THING(job, struct gathering, job);

	resolver_budget_spent(&g->budget, packets);
}

size_t probe_job_octets(struct probe_job *job)
{
	const struct gathering *g = LIST_THING(job, struct gathering, job);

	return sizeof(*g) + arena_held(&g->arena) + RESOLVER_BYTES_MAX -
	       g->budget.bytes_left;
}

void probe_cancel(struct probe_job **job)
{
	if (!*job)
		return;
	if ((*job)->expectation)
		gather_release(LIST_THING(*job, struct gathering, job));
	else
		peek_release(*job);
	*job = NULL;
}

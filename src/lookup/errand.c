/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One question:
 *
 *   1. Walk to the zone that holds the name (of a DS: the name's parent).
 *   2. Ask its servers one after the other, who is silent is not waited for, until one
 *      answers as an authority.
 *   3. A referral: the zone begins deeper than thought; from 1, at that zone.
 *   4. An alias: from 1 with its target, unless the answer holds what it leads to.
 *   5. What is there then is the answer.
 *
 * The validator works beside all that, and is waited for a little at the end.
 */
#include "lookup/errand.h"

enum {
	ERRAND_ARENA_MAX = 32 << 20,
	HEDGE_MS = 250,
	VALIDATION_PATIENCE_US = 2000000,
	WHY_MAX = 512,
};

static void begin(struct errand *e);

/* Ends */

static void close_up(struct errand *e)
{
	if (!e->is_answered || e->validate || e->has_ended)
		return;
	e->has_ended = true;
	e->l->open--;
}

static void cancel_tries(struct errand *e)
{
	for (size_t i = 0; i < e->started; i++)
		resolver_ask_cancel(&e->tries[i].ask);
	e->in_flight = 0;
	uv_timer_stop(&e->next);
}

static void finish(struct errand *e, enum ask_outcome outcome, uint16_t rcode)
{
	int64_t patience_us = e->had_answer ? VALIDATION_PATIENCE_US : 0;

	cancel_tries(e);
	e->answer.outcome = outcome;
	e->answer.rcode = outcome == ASK_ANSWERED ? rcode : 0;
	e->is_answered = true;
	if (e->validate)
		resolver_validate_hurry(e->validate, clock_mono_us() + patience_us);
	close_up(e);
}

static void on_validated(void *arg, enum security security, struct str why)
{
	struct errand *e = arg;

	e->validate = NULL;
	e->answer.security = security;
	e->answer.why = arena_str(&e->arena, str_sub(why, 0, WHY_MAX));
	close_up(e);
}

/* No server of the zone had a usable answer. */
static void finish_without(struct errand *e)
{
	if (e->had_answer)
		finish(e, ASK_ANSWERED, e->failed_rcode);
	else
		finish(e, e->failed, 0);
}

/* Steps */

static struct lookup_step *step_add(struct errand *e)
{
	static const size_t max = ERRAND_STEPS_MAX;
	size_t at = e->answer.step_count < max ? e->answer.step_count++ : max - 1;

	e->steps[at] = (struct lookup_step){ .zone = e->zone, .question = e->question };
	return &e->steps[at];
}

/* The cuts that were not gone through for an earlier link. */
static void add_cuts(struct errand *e, const struct resolver_walk_result *w)
{
	for (size_t i = 0; i < w->delegation_count; i++) {
		const struct delegation *d = &w->delegations[i];
		bool is_known = false;
		for (size_t k = 0; k < e->answer.step_count; k++)
			is_known =
				is_known || (e->steps[k].is_referral &&
					     dns_name_equal(&e->steps[k].to, &d->zone));
		if (is_known)
			continue;
		struct lookup_step *step = step_add(e);
		step->zone = d->parent;
		step->server = w->tellers[i].server;
		step->address = w->tellers[i].address;
		step->rtt_us = w->tellers[i].rtt_us;
		step->is_referral = true;
		step->to = d->zone;
	}
}

/* What an answer holds */

static void keep(struct errand *e, const struct dns_record *r)
{
	if (e->answer.records.count < ERRAND_RECORDS_MAX)
		e->records[e->answer.records.count++] = dns_record_lower(&e->arena, r);
}

static bool may_speak_about(const struct errand *e, const struct dns_name *name)
{
	return e->zone.len == 0 || dns_name_within(name, &e->zone);
}

/* The CNAME of the name, or the DNAME above it (RFC 6672 section 2.2), which wins. */
static const struct dns_record *find_alias(const struct errand *e,
					   const struct dns_section *s,
					   const struct dns_name *name)
{
	const struct dns_record *found = NULL;

	for (size_t i = 0; i < s->count; i++) {
		const struct dns_record *r = &s->records[i];
		bool is_here = dns_name_equal(&r->owner, name);
		if (r->type == DNS_TYPE_DNAME && !is_here &&
		    dns_name_within(name, &r->owner) && may_speak_about(e, &r->owner))
			return r;
		if (r->type == DNS_TYPE_CNAME && is_here && !found)
			found = r;
	}
	return found;
}

static bool alias_target(const struct dns_record *alias, const struct dns_name *name,
			 struct dns_name *out)
{
	struct dns_name target;

	if (!dns_record_target(alias, &target))
		return false;
	if (alias->type == DNS_TYPE_DNAME) {
		struct dns_name front = dns_name_relative(name, &alias->owner);
		if (!dns_name_join(&front, &target, &target))
			return false;
	}
	*out = dns_name_lower(&target);
	return true;
}

static size_t keep_of_type(struct errand *e, const struct dns_section *s,
			   const struct dns_name *name)
{
	size_t count = 0;

	for (size_t i = 0; i < s->count && count < RESOLVER_RRSET_MAX; i++) {
		const struct dns_record *r = &s->records[i];
		if (r->type != e->question.type || !dns_name_equal(&r->owner, name))
			continue;
		keep(e, r);
		count++;
	}
	return count;
}

static void keep_soa(struct errand *e, const struct dns_message *m)
{
	for (size_t i = 0; i < m->authority.count && !e->answer.has_soa; i++) {
		const struct dns_record *r = &m->authority.records[i];
		if (r->type != DNS_TYPE_SOA)
			continue;
		struct dns_record soa = dns_record_lower(&e->arena, r);
		e->answer.has_soa = dns_record_soa(&soa, &e->answer.soa);
		e->answer.soa_owner = soa.owner;
		e->answer.soa_ttl_s = soa.ttl_s;
	}
}

static bool was_met(const struct errand *e, const struct dns_name *name)
{
	for (size_t i = 0; i < e->answer.records.count; i++)
		if (e->records[i].type == DNS_TYPE_CNAME &&
		    dns_name_equal(&e->records[i].owner, name))
			return true;
	return false;
}

/* Along the aliases in this message as far as its sender may speak; false: too many.
 * *name is where they lead. */
static bool take_aliases(struct errand *e, const struct dns_message *m,
			 struct dns_name *name)
{
	if (e->question.type == DNS_TYPE_CNAME || e->question.type == DNS_TYPE_DNAME)
		return true;
	while (may_speak_about(e, name)) {
		const struct dns_record *alias = find_alias(e, &m->answer, name);
		struct dns_name target;
		if (!alias || !alias_target(alias, name, &target))
			return true;
		if (e->links++ == RESOLVER_CNAME_MAX)
			return false;
		keep(e, alias);
		e->answer.alias_count++;
		*name = target;
		if (was_met(e, name))
			return false;
	}
	return true;
}

/* A usable answer. */
static void take_answer(struct errand *e, const struct dns_message *m,
			struct lookup_step *step)
{
	struct dns_name name = e->question.name;
	bool is_forwarded = e->zone.len == 0;

	e->had_answer = true;
	if (!take_aliases(e, m, &name)) {
		step->to = name;
		e->answer.too_many_aliases = true;
		finish(e, ASK_LIMIT, 0);
		return;
	}
	bool is_moved = !dns_name_equal(&name, &e->question.name);
	if (is_moved)
		step->to = name;
	bool is_found =
		may_speak_about(e, &name) && keep_of_type(e, &m->answer, &name) > 0;
	if (is_moved && !is_found && !is_forwarded) {
		cancel_tries(e);
		e->question.name = name;
		begin(e);
		return;
	}
	if (!is_found)
		keep_soa(e, m);
	finish(e, ASK_ANSWERED, is_found ? DNS_RCODE_NOERROR : m->rcode);
}

/* Asking */

static bool find_referral(const struct errand *e, const struct dns_message *m,
			  struct dns_name *out)
{
	if (m->rcode != DNS_RCODE_NOERROR || m->authoritative || m->answer.count > 0)
		return false;
	for (size_t i = 0; i < m->authority.count; i++) {
		const struct dns_record *r = &m->authority.records[i];
		if (r->type != DNS_TYPE_NS || !dns_name_within(&r->owner, &e->zone) ||
		    dns_name_equal(&r->owner, &e->zone) ||
		    !dns_name_within(&e->question.name, &r->owner))
			continue;
		*out = dns_name_lower(&r->owner);
		return true;
	}
	return false;
}

static bool is_usable(const struct errand *e, const struct dns_message *m)
{
	if (m->rcode != DNS_RCODE_NOERROR && m->rcode != DNS_RCODE_NXDOMAIN)
		return false;
	return e->zone.len == 0 || m->authoritative;
}

static void walk_to(struct errand *e, const struct dns_name *name);

static void follow_referral(struct errand *e, const struct dns_name *below)
{
	cancel_tries(e);
	e->had_answer = true;
	if (e->referrals++ == RESOLVER_DEPTH_MAX) {
		finish(e, ASK_LIMIT, 0);
		return;
	}
	resolver_forget(e->l->resolver, below);
	walk_to(e, below);
}

static void note_failure(struct errand *e, const struct resolver_reply *reply)
{
	if (reply->outcome != ASK_ANSWERED) {
		e->failed = reply->outcome;
		return;
	}
	uint16_t rcode = reply->message->rcode;
	bool is_lame = rcode == DNS_RCODE_NOERROR || rcode == DNS_RCODE_NXDOMAIN;
	if (!e->had_answer)
		e->failed_rcode = is_lame ? DNS_RCODE_SERVFAIL : rcode;
	e->had_answer = true;
}

static void ask_next(struct errand *e);

static void on_reply(void *arg, const struct resolver_reply *reply)
{
	struct errand_try *t = arg;
	struct errand *e = t->errand;
	const struct dns_message *m = reply->message;
	struct lookup_step *step = step_add(e);
	struct dns_name below;

	t->ask = NULL;
	e->in_flight--;
	step->server = t->server;
	step->address = t->address;
	step->outcome = reply->outcome;
	step->over_tcp = reply->over_tcp;
	step->rtt_us = reply->rtt_us;
	step->rcode = m ? m->rcode : 0;
	if (m && e->zone.len && find_referral(e, m, &below)) {
		step->is_referral = true;
		step->to = below;
		follow_referral(e, &below);
	} else if (m && is_usable(e, m)) {
		take_answer(e, m, step);
	} else {
		step->is_lame = m && m->rcode == DNS_RCODE_NOERROR;
		note_failure(e, reply);
		ask_next(e);
	}
}

static void on_next(uv_timer_t *timer)
{
	struct errand *e = timer->data;

	if (e->started < e->try_count)
		ask_next(e);
}

static void ask_next(struct errand *e)
{
	if (e->started == e->try_count) {
		if (e->in_flight == 0)
			finish_without(e);
		return;
	}
	struct errand_try *t = &e->tries[e->started++];
	struct resolver_request request = { .question = e->question,
					    .address = t->address,
					    .recursion = e->zone.len == 0,
					    .trusted = e->zone.len == 0,
					    .depth = e->budget.round_trips };
	t->errand = e;
	e->in_flight++;
	t->ask = resolver_ask_start(e->l->resolver, &e->budget, &e->arena, &request,
				    on_reply, t);
	uv_timer_start(&e->next, on_next, HEDGE_MS, 0);
}

static void add_try(struct errand *e, const struct resolver_server *s, size_t address)
{
	if (e->try_count == ERRAND_TRIES_MAX || address >= s->address_count)
		return;
	e->tries[e->try_count++] =
		(struct errand_try){ .server = s->name,
				     .address = s->addresses[address] };
}

static void note_nowhere(struct errand *e, const struct resolver_server *s)
{
	struct lookup_step *step = step_add(e);

	step->server = s->name;
	step->address = s->refused;
	step->outcome = s->outcome;
	if (e->try_count == 0)
		e->failed = s->outcome;
}

/* Each server once, then those of two addresses once more. */
static void ask_servers(struct errand *e, const struct resolver_walk_result *w)
{
	for (size_t round = 0; round < 2; round++)
		for (size_t i = 0; i < w->server_count; i++)
			add_try(e, &w->servers[i], round);
	for (size_t i = 0; i < w->server_count; i++)
		if (w->servers[i].address_count == 0)
			note_nowhere(e, &w->servers[i]);
	ask_next(e);
}

/* Servers that would not tell the walk what it asked may still answer the question. */
static void on_walked(void *arg, const struct resolver_walk_result *w)
{
	struct errand *e = arg;

	e->walk = NULL;
	e->zone = w->zone;
	add_cuts(e, w);
	if (w->outcome == WALK_LIMIT)
		finish(e, ASK_LIMIT, 0);
	else
		ask_servers(e, w);
}

static void walk_to(struct errand *e, const struct dns_name *name)
{
	e->try_count = 0;
	e->started = 0;
	e->failed = ASK_NO_ADDRESS;
	e->had_answer = false;
	e->walk = resolver_walk_start(e->l->resolver, &e->budget, &e->arena, name,
				      on_walked, e);
}

static void ask_forwarder(struct errand *e, const struct address *forward)
{
	e->failed = ASK_TIMEOUT;
	e->tries[0] = (struct errand_try){ .address = *forward };
	e->try_count = 1;
	ask_next(e);
}

static void begin(struct errand *e)
{
	struct address forward = resolver_forward(e->l->resolver);
	struct dns_name to = dns_name_without_underscores(&e->question.name);

	if (forward.family) {
		ask_forwarder(e, &forward);
		return;
	}
	/* RFC 4035 section 3.1.4.1: DS records stand above the cut. */
	if (e->question.type == DNS_TYPE_DS)
		to = dns_name_parent(&e->question.name, 1);
	walk_to(e, &to);
}

/* Life */

struct errand *errand_new(struct lookup *l, const struct question *q, bool validate)
{
	struct errand *e = xalloc(1, sizeof(*e));

	e->l = l;
	e->question = *q;
	e->answer.question = *q;
	arena_init(&e->arena, ERRAND_ARENA_MAX);
	lookup_budget_init(l, &e->budget);
	uv_timer_init(&l->loop, &e->next);
	e->next.data = e;
	l->open++;
	if (validate)
		e->validate = resolver_validate_start(l->resolver, &e->budget, &e->arena,
						      q, on_validated, e);
	begin(e);
	return e;
}

void errand_answer(const struct errand *e, struct arena *a, struct lookup_answer *out)
{
	size_t count = e->answer.records.count;
	struct dns_record *records = arena_array(a, count, sizeof(*records));

	*out = e->answer;
	for (size_t i = 0; i < count; i++) {
		records[i] = e->records[i];
		records[i].rdata = arena_str(a, e->records[i].rdata);
	}
	out->records.records = records;
	out->why = arena_str(a, e->answer.why);
	out->steps = arena_array(a, e->answer.step_count, sizeof(*out->steps));
	memcpy(out->steps, e->steps, e->answer.step_count * sizeof(*out->steps));
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct errand *e = handle->data;

	xfree(e);
}

void errand_free(struct errand **errand)
{
	struct errand *e = *errand;

	if (!e)
		return;
	cancel_tries(e);
	resolver_walk_cancel(&e->walk);
	resolver_validate_cancel(&e->validate);
	resolver_budget_done(&e->budget);
	arena_done(&e->arena);
	uv_close((uv_handle_t *)&e->next, on_timer_closed);
	*errand = NULL;
}

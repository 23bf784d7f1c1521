/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cheap look: to the zone, and SOA and NS at one of its servers. Always the same one
 * while it answers, so that servers that differ do not look like changes. With the way
 * known these are two packets.
 */
#include "probe/peek.h"

#include "probe/gather.h"
#include "probe/seen.h"

enum {
	ARENA_MAX = 8 << 20,
	SERVERS_ASKED_MAX = 4,
	QUESTIONS = 2,
};

struct peek {
	struct probe_job job;
	struct probe *probe;
	struct arena arena; /* of the work; what is handed back goes into the job's */
	struct budget budget;
	int64_t at_s;
	struct resolver_walk *walk;
	struct dns_name zone;
	const struct resolver_server *servers;
	size_t server_count;
	size_t next_server;
	size_t servers_asked;
	struct view view; /* who is being asked */
	struct resolver_ask *asks[QUESTIONS];
	struct answer answers[QUESTIONS];
	size_t open;
};

void peek_release(struct probe_job *job)
{
	struct peek *p = LIST_THING(job, struct peek, job);

	for (size_t i = 0; i < QUESTIONS; i++)
		resolver_ask_cancel(&p->asks[i]);
	resolver_walk_cancel(&p->walk);
	resolver_budget_done(&p->budget);
	list_remove(&p->job.hook);
	arena_done(&p->arena);
	xfree(p);
}

static void finish(struct peek *p, const struct zone_seen *seen)
{
	probe_peek_fn *done = p->job.peeked;
	void *arg = p->job.arg;
	struct zone_seen *z = arena_alloc(p->job.arena, sizeof(*z));

	*z = *seen;
	z->domain = p->job.domain;
	z->zone = p->zone;
	z->at_s = p->at_s;
	z->queries = p->budget.queries;
	peek_release(&p->job);
	done(arg, z);
}

static bool is_apex(const struct answer *a)
{
	return a->outcome == ASK_ANSWERED && a->rcode == DNS_RCODE_NOERROR &&
	       a->authoritative && a->records.count > 0 &&
	       a->records.records[0].type == a->question.type;
}

/* False: what this server said is of no use. */
static bool read_answers(struct peek *p, struct zone_seen *z)
{
	struct dns_soa soa;

	if (!is_apex(&p->answers[0]) || !is_apex(&p->answers[1]) ||
	    !dns_record_soa(&p->answers[0].records.records[0], &soa))
		return false;
	z->is_seen = true;
	z->mname = dns_name_lower(&soa.mname);
	z->rname = dns_name_lower(&soa.rname);
	z->serial = soa.serial;
	zone_seen_set_servers(p->job.arena, &p->answers[1].records, z);
	return true;
}

static void ask_next(struct peek *p);

static void on_answered(struct peek *p, size_t question,
			const struct resolver_reply *reply)
{
	struct zone_seen z = { 0 };

	p->asks[question] = NULL;
	seen_take(&p->arena, &p->view, reply, &p->answers[question]);
	if (--p->open > 0)
		return;
	if (read_answers(p, &z))
		finish(p, &z);
	else
		ask_next(p);
}

static void on_soa(void *arg, const struct resolver_reply *reply)
{
	on_answered(arg, 0, reply);
}

static void on_ns(void *arg, const struct resolver_reply *reply)
{
	on_answered(arg, 1, reply);
}

static void ask(struct peek *p, const struct resolver_server *server)
{
	static const uint16_t types[QUESTIONS] = { DNS_TYPE_SOA, DNS_TYPE_NS };
	static resolver_ask_fn *const on_reply[QUESTIONS] = { on_soa, on_ns };

	p->view = (struct view){ .kind = VIEW_AUTHORITY,
				 .server = server->name,
				 .address = server->addresses[0],
				 .zone = p->zone };
	p->open = QUESTIONS;
	p->servers_asked++;
	for (size_t i = 0; i < QUESTIONS; i++) {
		struct resolver_request request = {
			.question = { .name = p->zone, .type = types[i] },
			.address = p->view.address,
			.depth = p->budget.round_trips,
		};
		p->answers[i] = (struct answer){ .question = request.question };
		p->asks[i] = resolver_ask_start(p->probe->resolver, &p->budget, &p->arena,
						&request, on_reply[i], p);
	}
}

/* Where nobody of the zone is of use, the way to it may have changed: it is not kept. */
static void ask_next(struct peek *p)
{
	struct zone_seen z = { 0 };

	while (p->next_server < p->server_count && p->servers_asked < SERVERS_ASKED_MAX) {
		const struct resolver_server *server = &p->servers[p->next_server++];
		if (server->address_count == 0)
			continue;
		ask(p, server);
		return;
	}
	if (p->zone.len)
		resolver_forget(p->probe->resolver, &p->zone);
	finish(p, &z);
}

static void on_walked(void *arg, const struct resolver_walk_result *w)
{
	struct peek *p = arg;

	p->walk = NULL;
	/* As in a whole look: a name that is not there yet may be added to a zone that is
	 * not a registry's. */
	if (w->outcome == WALK_DONE ||
	    (w->outcome != WALK_LIMIT && !plan_is_registry(&w->zone))) {
		p->zone = w->zone;
		p->servers = w->servers;
		p->server_count = w->server_count;
	}
	ask_next(p);
}

struct probe_job *probe_peek_start(struct probe *probe, struct arena *a,
				   const struct dns_name *domain, probe_peek_fn *done,
				   void *arg)
{
	struct peek *p = xalloc(1, sizeof(*p));

	p->job = (struct probe_job){
		.arena = a, .domain = *domain, .peeked = done, .arg = arg
	};
	p->probe = probe;
	p->at_s = clock_now_s();
	arena_init(&p->arena, ARENA_MAX);
	list_init(&p->job.hook);
	list_add(&probe->gatherings, &p->job.hook);
	resolver_budget_init(probe->resolver, &p->budget);
	/* Nobody walks from behind a forwarder: this ends at once. */
	if (resolver_forward(probe->resolver).family)
		p->budget.queries_left = 0;
	p->walk = resolver_walk_start(probe->resolver, &p->budget, &p->arena, domain,
				      on_walked, p);
	return &p->job;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A walk through a liar's zone: it ends within its budget, is led to no address that is
 * refused, hammers nobody, and leaves nothing behind that misleads the next walk. */
#include <stdlib.h>

#include "liar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
	struct resolver *resolver;
	struct arena arena;
	bool is_done;
	const struct resolver_walk_result *result;
};

static void on_walked(void *arg, const struct resolver_walk_result *result)
{
	struct run *run = arg;
	struct resolver_walk_result *kept = arena_alloc(&run->arena, sizeof(*kept));

	if (run->is_done)
		abort();
	*kept = *result;
	run->result = kept;
	run->is_done = true;
}

static uint32_t walk_to(struct run *run, const char *text)
{
	struct dns_name name = liar_name(text);
	struct budget b;
	uint32_t before = network_packets();

	resolver_budget_init(run->resolver, &b);
	run->is_done = false;
	if (!resolver_walk_start(run->resolver, &b, &run->arena, &name, on_walked, run))
		abort();
	network_run(&run->is_done);
	resolver_budget_done(&b);
	uint32_t packets = network_packets() - before;
	if (!run->is_done || packets > RESOLVER_QUERIES_MAX ||
	    b.queries > RESOLVER_QUERIES_MAX)
		abort();
	return packets;
}

/* The way to the neighbour is the one that his parent tells. */
static void check_victim(struct run *run)
{
	struct dns_name zone = liar_name("victim.test");

	(void)walk_to(run, "www.victim.test");
	const struct resolver_walk_result *r = run->result;
	if (r->outcome != WALK_DONE || !dns_name_equal(&r->zone, &zone) ||
	    r->server_count != 1 || r->servers[0].address_count != 1 ||
	    !liar_is_victim(&r->servers[0].addresses[0]))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct liar liar = { .program = cursor_over(str_of(data, size)) };
	struct run run = { 0 };
	struct err e = { 0 };

	network_start(liar_serve, &liar);
	arena_init(&run.arena, 32 << 20);
	if (!resolver_new(NULL, liar_config(), &run.resolver, &e))
		abort();
	(void)walk_to(&run, "k1._domainkey.a.b.liar.test");
	if (liar.packets_to_victim > RESOLVER_BYSTANDER_MAX || liar.has_strayed)
		abort();
	(void)walk_to(&run, "a.c.liar.test");
	check_victim(&run);
	resolver_free(&run.resolver);
	arena_done(&run.arena);
	return 0;
}

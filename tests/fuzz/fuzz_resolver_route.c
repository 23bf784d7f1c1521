/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A route into a liar's zone and a volley at its servers: each question is answered once,
 * by what fits or by nothing; nobody else is asked, and the next route is right. */
#include <stdlib.h>

#include "liar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	ASKS = 6,
};

struct run {
	struct resolver *resolver;
	struct resolver_route route;
	bool is_done;
	size_t open;
	bool was_answered[ASKS];
};

static void on_route(void *arg, const struct resolver_route *route)
{
	struct run *run = arg;

	if (run->is_done)
		abort();
	run->route = *route;
	run->is_done = true;
}

static void find_route(struct run *run, const char *text)
{
	struct dns_name name = liar_name(text);

	run->is_done = false;
	if (resolver_route_find(run->resolver, &name, &run->route))
		return;
	(void)resolver_route_start(run->resolver, &name, on_route, run);
	network_run(&run->is_done);
	if (!run->is_done || run->route.queries > RESOLVER_QUERIES_MAX)
		abort();
}

static void on_answer(void *arg, size_t index, struct str packet)
{
	struct run *run = arg;

	if (run->was_answered[index] || (packet.len > 0 && packet.len < 12))
		abort();
	run->was_answered[index] = true;
	run->open--;
	run->is_done = run->open == 0;
}

static void put_volley(struct run *run)
{
	struct volley_ask asks[ASKS];
	struct dns_name name = liar_name("k1._domainkey.liar.test");

	for (size_t i = 0; i < ASKS; i++)
		asks[i] = (struct volley_ask){
			.name = &name,
			.type = i % 2 ? DNS_TYPE_TXT : DNS_TYPE_CNAME,
			.address = run->route.addresses[i % run->route.address_count]
		};
	run->is_done = false;
	run->open = ASKS;
	(void)volley_start(run->resolver, asks, ASKS, on_answer, run);
	network_run(&run->is_done);
	if (run->open > 0)
		abort();
}

static void check_victim(struct run *run)
{
	struct dns_name zone = liar_name("victim.test");

	find_route(run, "www.victim.test");
	if (!dns_name_equal(&run->route.zone, &zone) || run->route.address_count != 1 ||
	    !liar_is_victim(&run->route.addresses[0]))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct liar liar = { .program = cursor_over(str_of(data, size)) };
	struct run run = { 0 };
	struct err e = { 0 };

	network_start(liar_serve, &liar);
	if (!resolver_new(NULL, liar_config(), &run.resolver, &e))
		abort();
	find_route(&run, "k1._domainkey.a.b.liar.test");
	if (run.route.zone.len > 0)
		put_volley(&run);
	if (liar.packets_to_victim > RESOLVER_BYSTANDER_MAX + 2 * ASKS ||
	    liar.has_strayed)
		abort();
	check_victim(&run);
	resolver_free(&run.resolver);
	return 0;
}

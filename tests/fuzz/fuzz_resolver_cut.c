/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any message as a referral: what is believed of it lies in bailiwick, and can be
 * cached. */
#include <stdlib.h>

#include "resolver/cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_cut(struct arena *a, struct cut *c, const struct dns_name *zone,
		      const struct dns_name *name)
{
	if (!dns_name_within(&c->zone, zone) || dns_name_equal(&c->zone, zone) ||
	    !dns_name_within(name, &c->zone) || c->server_count == 0)
		abort();
	for (size_t i = 0; i < c->server_count; i++)
		if (cut_server_has_address(&c->servers[i]) &&
		    !dns_name_within(&c->servers[i].name, zone))
			abort();
	struct cache *cache = cache_new(1 << 16);
	c->ttl_s = 60;
	cache_cut_put(cache, c, 0);
	const struct cut *again = cache_cut_find(cache, a, &c->zone, 0);
	if (!again || again->server_count != c->server_count ||
	    !dns_name_equal(&again->parent, zone))
		abort();
	cache_free(&cache);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena a;
	struct dns_message m;
	struct cut *c;

	arena_init(&a, 4 << 20);
	if (!dns_message_parse(&a, str_of(data, size), &m) || !m.has_question)
		return 0;
	for (size_t up = 0; up <= dns_name_labels(&m.question_name); up++) {
		struct dns_name zone = dns_name_parent(&m.question_name, up);
		if (cut_read(&a, &m, &zone, &m.question_name, &c) == REFERRAL_CUT)
			check_cut(&a, c, &zone, &m.question_name);
	}
	return 0;
}

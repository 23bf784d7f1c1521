/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A memo of what this turn of the loop has picked; another one in the same place takes
 * it. */
#include "resolver/company.h"

enum {
	PLACES_BITS = 6,
};

struct company {
	uint64_t turn; /* it is of */
	struct udp_socket *socket;
	size_t questions;
	bool is_pair;
	struct address first;
	struct address second;
};

struct companies {
	struct udp *udp;
	struct company places[1 << PLACES_BITS];
};

struct companies *companies_new(struct udp *u)
{
	struct companies *all = xalloc(1, sizeof(*all));

	all->udp = u;
	return all;
}

void companies_free(struct companies **all)
{
	xfree(*all);
	*all = NULL;
}

/* In either order. */
static bool is_of(const struct company *c, const struct address *first,
		  const struct address *second)
{
	if (!second)
		return !c->is_pair && address_equal(&c->first, first);
	return c->is_pair &&
	       ((address_equal(&c->first, first) && address_equal(&c->second, second)) ||
		(address_equal(&c->first, second) && address_equal(&c->second, first)));
}

static struct company *place_of(struct companies *all, const struct address *first,
				const struct address *second)
{
	size_t at = address_mix(first, PLACES_BITS);

	if (second)
		at ^= address_mix(second, PLACES_BITS);
	return &all->places[at];
}

struct udp_socket *company_socket(struct companies *all, const struct address *first,
				  const struct address *second, size_t questions)
{
	struct company *c = place_of(all, first, second);

	/* A socket is of the first one's family. */
	if (c->socket && c->turn == udp_turn(all->udp) && is_of(c, first, second) &&
	    c->first.family == first->family &&
	    c->questions + questions <= COMPANY_QUESTIONS_MAX) {
		c->questions += questions;
		return c->socket;
	}
	c->socket = udp_pick_socket(all->udp, first->family);
	c->turn = udp_turn(all->udp);
	c->questions = questions;
	c->is_pair = second;
	c->first = *first;
	c->second = second ? *second : (struct address){ 0 };
	return c->socket;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A map from address to peer and a list with the one used last at its end. */
#include "resolver/peer.h"

#include <assert.h>

/* Beyond the usual number, where all are being asked; checks and their budgets bound
 * it. */
#define BUSY_MAX          ((size_t)1 << 24)

#define PATIENCE_FIRST_US 400000
#define PATIENCE_LEAST_US 30000
#define PATIENCE_MOST_US  1000000

struct peers {
	struct map *by_address;
	struct list used; /* oldest use first */
	struct entropy *entropy;
	size_t max;
};

struct peers *peers_new(size_t max, struct entropy *entropy)
{
	struct peers *all = xalloc(1, sizeof(*all));

	all->by_address = map_new(max + BUSY_MAX);
	all->entropy = entropy;
	all->max = max;
	list_init(&all->used);
	return all;
}

static struct str key_of(const struct address *a, uint8_t buffer[19])
{
	buffer[0] = a->family;
	memcpy(buffer + 1, a->bytes, 16);
	buffer[17] = (uint8_t)(a->port >> 8);
	buffer[18] = (uint8_t)a->port;
	return str_of(buffer, 19);
}

static void forget(struct peers *all, struct peer *p)
{
	uint8_t key[19];

	map_remove(all->by_address, key_of(&p->address, key));
	list_remove(&p->hook);
	xfree(p);
}

void peers_free(struct peers **all)
{
	if (!*all)
		return;
	list_each_safe (at, &(*all)->used)
		forget(*all, LIST_THING(at, struct peer, hook));
	map_free(&(*all)->by_address);
	xfree(*all);
	*all = NULL;
}

const struct peer *peer_find(const struct peers *all, const struct address *a)
{
	uint8_t key[19];

	return map_find(all->by_address, key_of(a, key));
}

static struct peer *oldest_idle(const struct peers *all)
{
	list_each (at, &all->used) {
		struct peer *p = LIST_THING(at, struct peer, hook);
		if (p->in_flight == 0)
			return p;
	}
	return NULL;
}

static struct peer *add(struct peers *all, const struct address *a)
{
	uint8_t key[19];
	struct peer *idle =
		map_count(all->by_address) >= all->max ? oldest_idle(all) : NULL;

	if (idle)
		forget(all, idle);
	struct peer *p = xalloc(1, sizeof(*p));
	p->address = *a;
	/* RFC 7873 section 4.1: another client cookie for each server. */
	p->cookie_len = DNS_COOKIE_CLIENT;
	entropy_take(all->entropy, p->cookie, DNS_COOKIE_CLIENT);
	list_init(&p->hook);
	list_init(&p->waiting);
	bool has_room = map_put(all->by_address, key_of(a, key), p);
	assert(has_room);
	return p;
}

struct peer *peer_get(struct peers *all, const struct address *a)
{
	uint8_t key[19];
	struct peer *p = map_find(all->by_address, key_of(a, key));

	if (!p)
		p = add(all, a);
	list_remove(&p->hook);
	list_add(&all->used, &p->hook);
	return p;
}

void peer_measured(struct peer *p, uint32_t rtt_us)
{
	if (rtt_us == 0)
		rtt_us = 1;
	p->rtt_us = p->rtt_us ? p->rtt_us - p->rtt_us / 8 + rtt_us / 8 : rtt_us;
}

int64_t peer_patience_us(const struct peer *p)
{
	int64_t twice_us = 2 * (int64_t)p->rtt_us;

	if (p->rtt_us == 0)
		return PATIENCE_FIRST_US;
	if (twice_us < PATIENCE_LEAST_US)
		return PATIENCE_LEAST_US;
	return twice_us > PATIENCE_MOST_US ? PATIENCE_MOST_US : twice_us;
}

enum cookie_match cookie_match(const struct peer *p, const struct dns_message *m)
{
	if (m->cookie_len == 0)
		return p->cookie_len > DNS_COOKIE_CLIENT ? COOKIE_MISSING : COOKIE_FITS;
	if (m->cookie_len < DNS_COOKIE_CLIENT ||
	    memcmp(m->cookie, p->cookie, DNS_COOKIE_CLIENT) != 0)
		return COOKIE_FOREIGN;
	return COOKIE_FITS;
}

void cookie_learn(struct peer *p, const struct dns_message *m)
{
	/* RFC 7873 section 4: a server cookie has 8 to 32 octets. */
	if (m->cookie_len < 2 * DNS_COOKIE_CLIENT || m->cookie_len > DNS_COOKIE_MAX)
		return;
	memcpy(p->cookie, m->cookie, m->cookie_len);
	p->cookie_len = m->cookie_len;
}

void cookie_forget(struct peer *p)
{
	p->cookie_len = DNS_COOKIE_CLIENT;
}

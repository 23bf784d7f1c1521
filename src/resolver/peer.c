/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A map from address to peer and a list with the one used last at its end. Who waits
 * is let pass in the order of coming, but nobody waits for one who may not pass yet.
 */
#include "resolver/peer.h"

#include <assert.h>

#include "resolver/trickle.h"

/* Beyond the usual number, where all are being asked; checks and their budgets bound
 * it. */
#define BUSY_MAX          ((size_t)1 << 24)

#define PATIENCE_FIRST_US 400000
#define PATIENCE_LEAST_US 30000
#define PATIENCE_MOST_US  1000000

#define FAILED_EVERY_US   100000
#define PROPER_LASTS_US   60000000

#define NEVER_US          INT64_MAX

/* Places of the memo in front of the map: 2 to the power of this. */
#define RECENT_BITS 8

/* A name server that is silent to a half of the questions stays in good standing. */
enum {
	STANDING_MOST = 64,
	STANDING_LEAST = -8,
	STANDING_ANSWERED = 2,
	STANDING_FAILED = 1,
	WINDOW_SHRINKS = 8, /* by an eighth, when a question was lost */
};

struct peers {
	struct map *by_address;
	struct peer *recent[1 << RECENT_BITS]; /* looked at before the map */
	struct list used;                      /* oldest use first */
	struct peers_options o;
	uint32_t window_least;
	struct trickle *to_address;
	struct trickle *to_network;
	struct trickle *of_zone;
};

struct peers *peers_new(const struct peers_options *options)
{
	struct peers *all = xalloc(1, sizeof(*all));
	struct entropy *entropy = options->entropy;

	all->by_address = map_new(options->max + BUSY_MAX);
	all->o = *options;
	all->window_least = options->window_max < PEER_WINDOW_LEAST ? options->window_max
								    : PEER_WINDOW_LEAST;
	all->to_address = trickle_new(PEER_PER_S, PEER_AT_ONCE, entropy);
	all->to_network = trickle_new(PEER_NETWORK_PER_S, PEER_NETWORK_AT_ONCE, entropy);
	all->of_zone = trickle_new(PEER_ZONE_PER_S, PEER_ZONE_AT_ONCE, entropy);
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

static struct peer **recent_of(struct peers *all, const struct address *a)
{
	return &all->recent[address_mix(a, RECENT_BITS)];
}

static void forget(struct peers *all, struct peer *p)
{
	uint8_t key[19];

	struct peer **recent = recent_of(all, &p->address);

	if (*recent == p)
		*recent = NULL;
	map_remove(all->by_address, key_of(&p->address, key));
	deadline_clear(all->o.deadlines, &p->ready);
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
	trickle_free(&(*all)->to_address);
	trickle_free(&(*all)->to_network);
	trickle_free(&(*all)->of_zone);
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
		if (p->in_flight == 0 && list_is_empty(&p->waiting))
			return p;
	}
	return NULL;
}

static void on_ready(struct deadline *d);

static struct peer *add(struct peers *all, const struct address *a)
{
	uint8_t key[19];
	struct peer *idle =
		map_count(all->by_address) >= all->o.max ? oldest_idle(all) : NULL;

	if (idle)
		forget(all, idle);
	struct peer *p = xalloc(1, sizeof(*p));
	p->all = all;
	p->address = *a;
	p->window = all->window_least;
	p->ready.due = on_ready;
	/* RFC 7873 section 4.1: another client cookie for each server. */
	p->cookie_len = DNS_COOKIE_CLIENT;
	entropy_take(all->o.entropy, p->cookie, DNS_COOKIE_CLIENT);
	list_init(&p->hook);
	list_init(&p->waiting);
	bool has_room = map_put(all->by_address, key_of(a, key), p);
	assert(has_room);
	return p;
}

struct peer *peer_get(struct peers *all, const struct address *a)
{
	uint8_t key[19];
	struct peer **recent = recent_of(all, a);
	struct peer *p = *recent;

	if (!p || !address_equal(&p->address, a))
		p = map_find(all->by_address, key_of(a, key));
	if (!p)
		p = add(all, a);
	*recent = p;
	list_remove(&p->hook);
	list_add(&all->used, &p->hook);
	return p;
}

void peer_measured(struct peer *p, uint32_t rtt_us)
{
	if (rtt_us == 0)
		rtt_us = 1;
	uint32_t off_us = rtt_us > p->rtt_us ? rtt_us - p->rtt_us : p->rtt_us - rtt_us;
	if (p->rtt_us)
		p->rtt_var_us = p->rtt_var_us - p->rtt_var_us / 4 + off_us / 4;
	p->rtt_us = p->rtt_us ? p->rtt_us - p->rtt_us / 8 + rtt_us / 8 : rtt_us;
}

int64_t peer_patience_us(const struct peer *p)
{
	int64_t twice_us = 2 * (int64_t)p->rtt_us;
	int64_t most_us = p->rtt_us + 4 * (int64_t)p->rtt_var_us;
	int64_t patience_us = twice_us > most_us ? twice_us : most_us;

	if (p->rtt_us == 0)
		return PATIENCE_FIRST_US;
	if (patience_us < PATIENCE_LEAST_US)
		return PATIENCE_LEAST_US;
	return patience_us > PATIENCE_MOST_US ? PATIENCE_MOST_US : patience_us;
}

/* Turns */

bool peer_is_good(const struct peer *p)
{
	return p->standing > 0;
}

bool peer_serves_others(const struct peer *p)
{
	return peer_is_good(p) && !p->was_silent;
}

/* An address in all its forms and ports, or the network that it lies in. */
static struct str thing_of(const struct address *a, size_t octets, uint8_t buffer[17])
{
	buffer[0] = a->family;
	memcpy(buffer + 1, a->bytes, octets);
	return str_of(buffer, octets + 1);
}

static struct str host_of(const struct address *a, uint8_t buffer[17])
{
	return thing_of(a, a->family == 4 ? 4 : 16, buffer);
}

static struct str network_of(const struct address *a, uint8_t buffer[17])
{
	return thing_of(a, a->family == 4 ? 3 : 6, buffer);
}

static struct str zone_of(const struct peer_turn *t)
{
	return str_of(t->zone->wire, t->zone->len);
}

static bool is_free(const struct peer *p, const struct peer_turn *t)
{
	return t->is_trusted || t->is_proven || peer_is_good(p);
}

static int64_t trickle_at_us(const struct peer *p, const struct peer_turn *t,
			     int64_t now_us)
{
	const struct peers *all = p->all;
	uint8_t buffer[17];
	int64_t at_us[] = {
		trickle_ready_us(all->to_address, host_of(&p->address, buffer), now_us),
		trickle_ready_us(all->to_network, network_of(&p->address, buffer),
				 now_us),
		t->zone ? trickle_ready_us(all->of_zone, zone_of(t), now_us) : now_us,
	};
	int64_t last_us = now_us;

	for (size_t i = 0; i < ARRAY_LEN(at_us); i++)
		if (at_us[i] > last_us)
			last_us = at_us[i];
	return last_us;
}

static void trickle_pass(const struct peer *p, const struct peer_turn *t, int64_t now_us)
{
	uint8_t buffer[17];

	trickle_take(p->all->to_address, host_of(&p->address, buffer), now_us);
	trickle_take(p->all->to_network, network_of(&p->address, buffer), now_us);
	if (t->zone)
		trickle_take(p->all->of_zone, zone_of(t), now_us);
}

/* When it may pass: now, later, or NEVER_US: not before something else ends. */
static int64_t passes_at_us(const struct peer *p, const struct peer_turn *t,
			    int64_t now_us)
{
	uint32_t window = t->is_trusted ? p->all->o.window_max : p->window;

	if (p->in_flight >= window)
		return NEVER_US;
	return is_free(p, t) ? now_us : trickle_at_us(p, t, now_us);
}

static void pass(struct peer *p, struct peer_turn *t, int64_t now_us)
{
	if (!is_free(p, t))
		trickle_pass(p, t, now_us);
	t->is_in_flight = true;
	p->in_flight++;
}

/* Lets pass whom it may; those who are told may end their turns at once. */
static void pump(struct peer *p)
{
	int64_t now_us = clock_mono_us();
	int64_t next_us = NEVER_US;
	struct list passing;

	list_init(&passing);
	list_each_safe (at, &p->waiting) {
		struct peer_turn *t = LIST_THING(at, struct peer_turn, hook);
		int64_t at_us = passes_at_us(p, t, now_us);
		if (at_us > now_us) {
			next_us = at_us < next_us ? at_us : next_us;
			if (at_us == NEVER_US && !t->is_trusted)
				break;
			continue;
		}
		list_remove(at);
		list_add(&passing, at);
		pass(p, t, now_us);
	}
	if (next_us != NEVER_US)
		deadline_set(p->all->o.deadlines, &p->ready, next_us);
	while (!list_is_empty(&passing)) {
		struct list *first = list_first(&passing);
		list_remove(first);
		LIST_THING(first, struct peer_turn, hook)
			->admitted(LIST_THING(first, struct peer_turn, hook));
	}
}

static void on_ready(struct deadline *d)
{
	pump(LIST_THING(d, struct peer, ready));
}

bool peer_admit(struct peer *p, struct peer_turn *t, int64_t now_us)
{
	int64_t at_us = NEVER_US;

	list_init(&t->hook);
	t->peer = p;
	if (list_is_empty(&p->waiting) || t->is_trusted)
		at_us = passes_at_us(p, t, now_us);
	if (at_us <= now_us) {
		pass(p, t, now_us);
		return true;
	}
	list_add(&p->waiting, &t->hook);
	if (at_us == NEVER_US)
		at_us = is_free(p, t) ? NEVER_US : trickle_at_us(p, t, now_us);
	if (at_us != NEVER_US && (p->ready.place == 0 || at_us < p->ready.at_us))
		deadline_set(p->all->o.deadlines, &p->ready, at_us);
	return false;
}

bool peer_repeat(struct peer_turn *t, int64_t now_us)
{
	const struct peer *p = t->peer;

	if (is_free(p, t) || t->is_invited) {
		t->is_invited = false;
		return true;
	}
	if (trickle_at_us(p, t, now_us) > now_us)
		return false;
	trickle_pass(p, t, now_us);
	return true;
}

void peer_turn_end(struct peer_turn *t)
{
	struct peer *p = t->peer;

	if (!p)
		return;
	list_remove(&t->hook);
	t->peer = NULL;
	if (!t->is_in_flight)
		return;
	t->is_in_flight = false;
	p->in_flight--;
	if (!list_is_empty(&p->waiting))
		pump(p);
}

static void move_standing(struct peer *p, int32_t by)
{
	p->standing += by;
	if (p->standing > STANDING_MOST)
		p->standing = STANDING_MOST;
	if (p->standing < STANDING_LEAST)
		p->standing = STANDING_LEAST;
}

/* Anybody can lead questions to somebody else's name server, which it refuses: while it
 * is one for others, that takes no standing from it; and then only what it had, so that
 * the next proper answer makes good. */
static void answered_improperly(struct peer *p)
{
	int64_t now_us = clock_mono_us();

	if (p->was_proper)
		p->proper_us = now_us;
	p->was_proper = false;
	if (peer_is_good(p) && now_us - p->proper_us >= PROPER_LASTS_US)
		move_standing(p, -STANDING_FAILED);
}

void peer_answered(struct peer_turn *t, bool is_proper)
{
	struct peer *p = t->peer;

	p->was_silent = false;
	if (!is_proper) {
		answered_improperly(p);
		return;
	}
	p->was_proper = true;
	move_standing(p, STANDING_ANSWERED);
	if (p->window < p->all->o.window_max)
		p->window++;
	if (peer_is_good(p))
		return;
	/* The rest of a check that it serves does not suffer for what others ask. */
	list_each (at, &p->waiting) {
		struct peer_turn *other = LIST_THING(at, struct peer_turn, hook);
		other->is_proven = other->is_proven || other->asker == t->asker;
	}
}

void peer_failed(struct peer_turn *t)
{
	struct peer *p = t->peer;
	int64_t now_us = clock_mono_us();

	p->was_silent = true;
	if (now_us - p->failed_us < FAILED_EVERY_US)
		return;
	p->failed_us = now_us;
	move_standing(p, -STANDING_FAILED);
	p->window -= p->window / WINDOW_SHRINKS;
	if (p->window < p->all->window_least)
		p->window = p->all->window_least;
}

/* Cookies */

enum cookie_match cookie_match(const struct peer *p, struct str cookie)
{
	if (cookie.len == 0)
		return p->cookie_len > DNS_COOKIE_CLIENT ? COOKIE_MISSING : COOKIE_FITS;
	if (cookie.len < DNS_COOKIE_CLIENT ||
	    memcmp(cookie.data, p->cookie, DNS_COOKIE_CLIENT) != 0)
		return COOKIE_FOREIGN;
	return COOKIE_FITS;
}

void cookie_learn(struct peer *p, struct str cookie)
{
	/* RFC 7873 section 4: a server cookie has 8 to 32 octets. */
	if (cookie.len < 2 * DNS_COOKIE_CLIENT || cookie.len > DNS_COOKIE_MAX)
		return;
	memcpy(p->cookie, cookie.data, cookie.len);
	p->cookie_len = (uint8_t)cookie.len;
}

void cookie_forget(struct peer *p)
{
	p->cookie_len = DNS_COOKIE_CLIENT;
}

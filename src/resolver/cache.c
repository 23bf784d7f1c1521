/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What lies on the shelf, under a name in lower case:
 *
 *   cut      length of the zone's tail that is its parent (1), flags (1), number of
 *            servers (1), then each server: name, families (1), 4 and 16 octets
 *   address  families (1), 4 and 16 octets
 *   inside   length of the zone's tail (1)
 *
 * Names of servers are compressed as in messages (RFC 1035 section 4.1.4): a pointer
 * counts from the zone's name, which mostly is their tail, or from each other's.
 */
#include "resolver/cache.h"

#include <assert.h>

#include "resolver/shelf.h"

enum {
	KIND_CUT,
	KIND_ADDRESS,
	KIND_INSIDE,
	HAS_V4 = 1,
	HAS_V6 = 2,
	SIGNED_HERE = 1,
	POINTER = 0xc0,
	VALUE_MAX = 3 + RESOLVER_SERVERS_MAX * (DNS_NAME_MAX + 21),
	TAILS_MAX = 48,
	RECENT_BITS = 6,
	RECENT_NAME_LEAST = 9, /* octets that it is found by, and one */
};

/* A server whose addresses were found: thousands of zones have the same servers. */
struct recent {
	uint64_t puts; /* it was then */
	int64_t expires_us;
	struct dns_name name; /* letters as they were asked for */
	struct address v4;
	struct address v6;
};

struct cache {
	struct shelf *shelf;
	uint64_t puts; /* of addresses, and what was forgotten: ends all that is recent */
	struct recent recent[1 << RECENT_BITS]; /* looked at before the shelf */
};

struct cache *cache_new(size_t octets_max)
{
	struct cache *c = xalloc(1, sizeof(*c));

	c->shelf = shelf_new(octets_max);
	c->puts = 1;
	return c;
}

void cache_free(struct cache **c)
{
	if (!*c)
		return;
	shelf_free(&(*c)->shelf);
	xfree(*c);
	*c = NULL;
}

static int64_t expiry(uint32_t ttl_s, uint32_t most_s, int64_t now_us)
{
	return now_us + (int64_t)(ttl_s < most_s ? ttl_s : most_s) * 1000000;
}

/* Writing */

/* The labels from here to the root stand at `at`. */
struct tail {
	const uint8_t *labels;
	size_t len;
	size_t at;
};

struct packer {
	uint8_t bytes[VALUE_MAX];
	size_t len;
	size_t key_len; /* the key lies in front of the bytes */
	struct tail tails[TAILS_MAX];
	size_t tail_count;
};

static void pack_bytes(struct packer *p, const void *bytes, size_t len)
{
	assert(p->len + len <= sizeof(p->bytes));
	memcpy(p->bytes + p->len, bytes, len);
	p->len += len;
}

static void pack_byte(struct packer *p, unsigned byte)
{
	uint8_t octet = (uint8_t)byte;

	pack_bytes(p, &octet, 1);
}

static void note_tail(struct packer *p, const uint8_t *labels, size_t len, size_t at)
{
	if (p->tail_count < TAILS_MAX)
		p->tails[p->tail_count++] = (struct tail){ labels, len, at };
}

static const struct tail *find_tail(const struct packer *p, const uint8_t *labels,
				    size_t len)
{
	for (size_t i = 0; i < p->tail_count; i++)
		if (p->tails[i].len == len &&
		    memcmp(p->tails[i].labels, labels, len) == 0)
			return &p->tails[i];
	return NULL;
}

static void pack_name(struct packer *p, const struct dns_name *n)
{
	size_t at = 0;

	while (n->wire[at] != 0) {
		const uint8_t *labels = n->wire + at;
		const struct tail *t = find_tail(p, labels, n->len - at);
		if (t) {
			pack_byte(p, POINTER | (unsigned)t->at >> 8);
			pack_byte(p, (unsigned)t->at & 0xff);
			return;
		}
		note_tail(p, labels, n->len - at, p->key_len + p->len);
		pack_bytes(p, labels, 1u + labels[0]);
		at += 1u + labels[0];
	}
	pack_byte(p, 0);
}

static void pack_addresses(struct packer *p, const struct cut_server *s)
{
	pack_byte(p, (s->v4.family ? HAS_V4 : 0) | (s->v6.family ? HAS_V6 : 0));
	if (s->v4.family)
		pack_bytes(p, s->v4.bytes, 4);
	if (s->v6.family)
		pack_bytes(p, s->v6.bytes, 16);
}

/* Not zeroed: it is large, and what is read of it was written. */
static void packer_init(struct packer *p, const struct dns_name *key)
{
	p->len = 0;
	p->key_len = key->len;
	p->tail_count = 0;
	for (size_t at = 0; key->wire[at] != 0; at += 1u + key->wire[at])
		note_tail(p, key->wire + at, key->len - at, at);
}

void cache_cut_put(struct cache *c, const struct cut *cut, int64_t now_us)
{
	bool is_top = dns_name_labels(&cut->parent) == 0;
	uint32_t most_s = is_top ? CACHE_TOP_TTL_MAX_S : CACHE_CUT_TTL_MAX_S;
	struct dns_name zone = dns_name_lower(&cut->zone);
	struct packer p __attribute__((uninitialized));

	packer_init(&p, &zone);
	pack_byte(&p, cut->parent.len);
	pack_byte(&p, cut->signed_here ? SIGNED_HERE : 0);
	pack_byte(&p, (unsigned)cut->server_count);
	for (size_t i = 0; i < cut->server_count; i++) {
		pack_name(&p, &cut->servers[i].name);
		pack_addresses(&p, &cut->servers[i]);
	}
	shelf_put(c->shelf, KIND_CUT, dns_name_key(&zone), str_of(p.bytes, p.len),
		  expiry(cut->ttl_s, most_s, now_us), now_us);
}

/* Reading what was written here */

static uint8_t take_byte(struct cache_cut *v)
{
	assert(v->at < v->bytes.len);
	return (uint8_t)v->bytes.data[v->at++];
}

static void take_name(struct cache_cut *v, struct dns_name *out)
{
	const uint8_t *bytes = (const uint8_t *)v->bytes.data;
	size_t at = v->at;
	bool has_jumped = false;

	out->len = 0;
	for (;;) {
		size_t octets = 1u + bytes[at];
		if (bytes[at] >= POINTER) {
			if (!has_jumped)
				v->at = at + 2;
			has_jumped = true;
			at = (size_t)(bytes[at] & ~POINTER) << 8 | bytes[at + 1];
			continue;
		}
		memcpy(out->wire + out->len, bytes + at, octets);
		out->len = (uint8_t)(out->len + octets);
		at += octets;
		if (octets == 1)
			break;
	}
	if (!has_jumped)
		v->at = at;
}

static void take_address(struct cache_cut *v, uint8_t family, struct address *out)
{
	size_t len = family == 4 ? 4 : 16;

	assert(v->at + len <= v->bytes.len);
	*out = (struct address){ .family = family, .port = 53 };
	memcpy(out->bytes, v->bytes.data + v->at, len);
	v->at += len;
}

static void take_addresses(struct cache_cut *v, struct cut_server *s)
{
	uint8_t families = take_byte(v);

	if (families & HAS_V4)
		take_address(v, 4, &s->v4);
	if (families & HAS_V6)
		take_address(v, 6, &s->v6);
}

bool cache_cut_look(struct cache *c, struct str zone, int64_t now_us,
		    struct cache_cut *out)
{
	out->at = zone.len;
	if (!shelf_find(c->shelf, KIND_CUT, zone, now_us, &out->bytes))
		return false;
	out->parent_len = take_byte(out);
	out->signed_here = take_byte(out) & SIGNED_HERE;
	out->left = take_byte(out);
	return true;
}

bool cache_cut_next(struct cache_cut *cut, struct cut_server *s)
{
	if (cut->left == 0)
		return false;
	cut->left--;
	take_name(cut, &s->name);
	s->v4.family = 0;
	s->v6.family = 0;
	take_addresses(cut, s);
	return true;
}

static struct dns_name tail_of(const struct dns_name *zone, uint8_t len)
{
	struct dns_name tail = *zone;

	while (tail.len > len)
		tail = dns_name_parent(&tail, 1);
	return tail;
}

struct cut *cache_cut_find(struct cache *c, struct arena *a, const struct dns_name *zone,
			   int64_t now_us)
{
	struct dns_name lower = dns_name_lower(zone);
	struct cache_cut look;

	if (!cache_cut_look(c, dns_name_key(&lower), now_us, &look))
		return NULL;
	struct cut *cut = arena_try(a, sizeof(*cut));
	if (!cut)
		return NULL;
	cut->zone = lower;
	cut->parent = tail_of(&lower, look.parent_len);
	cut->signed_here = look.signed_here;
	cut->from_cache = true;
	while (cut->server_count < RESOLVER_SERVERS_MAX &&
	       cache_cut_next(&look, &cut->servers[cut->server_count]))
		cut->server_count++;
	return cut;
}

static bool is_within(void *arg, struct str key)
{
	const struct dns_name *zone = arg;
	size_t at = 0;

	if (key.len < zone->len ||
	    memcmp(key.data + key.len - zone->len, zone->wire, zone->len) != 0)
		return false;
	while (key.len - at > zone->len)
		at += 1u + (uint8_t)key.data[at];
	return key.len - at == zone->len;
}

void cache_forget(struct cache *c, const struct dns_name *zone)
{
	struct dns_name lower = dns_name_lower(zone);

	c->puts++;
	shelf_remove(c->shelf, is_within, &lower);
}

size_t cache_cut_count(const struct cache *c)
{
	return shelf_count(c->shelf, KIND_CUT);
}

void cache_address_put(struct cache *c, const struct cut_server *s, uint32_t ttl_s,
		       int64_t now_us)
{
	struct dns_name lower = dns_name_lower(&s->name);
	struct packer p __attribute__((uninitialized));

	c->puts++;
	packer_init(&p, &lower);
	pack_addresses(&p, s);
	shelf_put(c->shelf, KIND_ADDRESS, dns_name_key(&lower), str_of(p.bytes, p.len),
		  expiry(ttl_s, CACHE_ADDRESS_TTL_MAX_S, now_us), now_us);
}

/* Where a name of at least RECENT_NAME_LEAST octets would be, by those at its ends. */
static struct recent *recent_of(struct cache *c, const struct dns_name *name)
{
	uint64_t front, back;

	memcpy(&front, name->wire, sizeof(front));
	memcpy(&back, name->wire + name->len - sizeof(back) - 1, sizeof(back));
	front ^= back << 1 | back >> 63;
	return &c->recent[front * 0x9e3779b97f4a7c15 >> (64 - RECENT_BITS)];
}

static bool find_on_shelf(struct cache *c, struct cut_server *s, int64_t now_us,
			  int64_t *expires_us)
{
	struct dns_name lower = dns_name_lower(&s->name);
	struct cache_cut look = { .at = lower.len };

	if (!shelf_find(c->shelf, KIND_ADDRESS, dns_name_key(&lower), now_us,
			&look.bytes))
		return false;
	*expires_us = shelf_expires_us(look.bytes);
	s->v4.family = 0;
	s->v6.family = 0;
	take_addresses(&look, s);
	return cut_server_has_address(s);
}

static bool is_recent(const struct cache *c, const struct recent *recent,
		      const struct dns_name *name, int64_t now_us)
{
	return recent->puts == c->puts && recent->expires_us > now_us &&
	       recent->name.len == name->len &&
	       memcmp(recent->name.wire, name->wire, name->len) == 0;
}

bool cache_address_find(struct cache *c, struct cut_server *s, int64_t now_us)
{
	int64_t expires_us;

	if (s->name.len < RECENT_NAME_LEAST)
		return find_on_shelf(c, s, now_us, &expires_us);
	struct recent *recent = recent_of(c, &s->name);
	if (!is_recent(c, recent, &s->name, now_us)) {
		if (!find_on_shelf(c, s, now_us, &expires_us))
			return false;
		*recent = (struct recent){ c->puts, expires_us, s->name, s->v4, s->v6 };
	}
	s->v4 = recent->v4;
	s->v6 = recent->v6;
	return true;
}

void cache_inside_put(struct cache *c, const struct dns_name *name,
		      const struct dns_name *zone, int64_t now_us)
{
	struct dns_name lower = dns_name_lower(name);

	shelf_put(c->shelf, KIND_INSIDE, dns_name_key(&lower), str_of(&zone->len, 1),
		  expiry(CACHE_INSIDE_TTL_S, CACHE_INSIDE_TTL_S, now_us), now_us);
}

bool cache_is_inside(struct cache *c, const struct dns_name *name,
		     const struct dns_name *zone, int64_t now_us)
{
	struct dns_name lower = dns_name_lower(name);
	struct str found;

	return shelf_find(c->shelf, KIND_INSIDE, dns_name_key(&lower), now_us, &found) &&
	       (uint8_t)found.data[lower.len] == zone->len;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An entry is one allocation: the list hook, the moment it expires, and the value
 * packed as it would be on the wire, some hundred octets for a usual delegation:
 *
 *   cut      parent's length in octets of zone's tail (1), flags (1), then each server:
 *            name, families (1), 4 and 16 octets of addresses
 *   address  families (1), 4 and 16 octets
 *   inside   length of the zone's tail (1)
 */
#include "resolver/cache.h"

#include <assert.h>

enum {
	HAS_V4 = 1,
	HAS_V6 = 2,
	SIGNED_HERE = 1
};

struct entry {
	struct list hook; /* oldest use first */
	int64_t expires_us;
	uint16_t value_len;
	uint8_t key_len;
	uint8_t bytes[]; /* key, then value */
};

struct shelf {
	struct map *by_name;
	struct list used;
	size_t max;
};

struct cache {
	struct shelf cuts;
	struct shelf addresses;
	struct shelf insides;
};

static void shelf_init(struct shelf *s, size_t max)
{
	s->by_name = map_new(max);
	s->max = max;
	list_init(&s->used);
}

static struct str entry_key(const struct entry *e)
{
	return str_of(e->bytes, e->key_len);
}

static void entry_remove(struct shelf *s, struct entry *e)
{
	map_remove(s->by_name, entry_key(e));
	list_remove(&e->hook);
	xfree(e);
}

static void shelf_done(struct shelf *s)
{
	list_each_safe (at, &s->used)
		entry_remove(s, LIST_THING(at, struct entry, hook));
	map_free(&s->by_name);
}

static struct entry *oldest(const struct shelf *s)
{
	struct list *first = list_first(&s->used);

	assert(first);
	return LIST_THING(first, struct entry, hook);
}

static void shelf_put(struct shelf *s, const struct dns_name *name, struct str value,
		      int64_t expires_us)
{
	struct dns_name lower = dns_name_lower(name);
	struct entry *old = map_find(s->by_name, dns_name_key(&lower));

	if (old)
		entry_remove(s, old);
	else if (map_count(s->by_name) >= s->max)
		entry_remove(s, oldest(s));
	assert(value.len <= UINT16_MAX);
	struct entry *e = xalloc(1, sizeof(*e) + lower.len + value.len);
	e->expires_us = expires_us;
	e->key_len = lower.len;
	e->value_len = (uint16_t)value.len;
	memcpy(e->bytes, lower.wire, lower.len);
	memcpy(e->bytes + lower.len, value.data, value.len);
	list_init(&e->hook);
	if (!map_put(s->by_name, entry_key(e), e)) {
		xfree(e);
		return;
	}
	list_add(&s->used, &e->hook);
}

static bool shelf_find(struct shelf *s, const struct dns_name *name, int64_t now_us,
		       struct cursor *out)
{
	struct dns_name lower = dns_name_lower(name);
	struct entry *e = map_find(s->by_name, dns_name_key(&lower));

	if (!e)
		return false;
	if (e->expires_us <= now_us) {
		entry_remove(s, e);
		return false;
	}
	list_remove(&e->hook);
	list_add(&s->used, &e->hook);
	*out = cursor_over(str_of(e->bytes + e->key_len, e->value_len));
	return true;
}

static void shelf_forget(struct shelf *s, const struct dns_name *zone)
{
	list_each_safe (at, &s->used) {
		struct entry *e = LIST_THING(at, struct entry, hook);
		struct cursor c = cursor_over(entry_key(e));
		struct dns_name name;
		if (dns_name_read(&c, &name) && dns_name_within(&name, zone))
			entry_remove(s, e);
	}
}

struct cache *cache_new(size_t cuts_max, size_t addresses_max)
{
	struct cache *c = xalloc(1, sizeof(*c));

	shelf_init(&c->cuts, cuts_max);
	shelf_init(&c->addresses, addresses_max);
	shelf_init(&c->insides, cuts_max);
	return c;
}

void cache_free(struct cache **c)
{
	if (!*c)
		return;
	shelf_done(&(*c)->cuts);
	shelf_done(&(*c)->addresses);
	shelf_done(&(*c)->insides);
	xfree(*c);
	*c = NULL;
}

static void write_addresses(struct buf *b, const struct cut_server *s)
{
	buf_byte(b, (s->v4.family ? HAS_V4 : 0) | (s->v6.family ? HAS_V6 : 0));
	if (s->v4.family)
		buf_add(b, s->v4.bytes, 4);
	if (s->v6.family)
		buf_add(b, s->v6.bytes, 16);
}

static void read_address(struct cursor *c, uint8_t family, struct address *out)
{
	struct str bytes = cursor_bytes(c, family == 4 ? 4 : 16);

	*out = (struct address){ .family = family, .port = 53 };
	memcpy(out->bytes, bytes.data, bytes.len);
}

static void read_addresses(struct cursor *c, struct cut_server *s)
{
	uint8_t families = cursor_u8(c);

	if (families & HAS_V4)
		read_address(c, 4, &s->v4);
	if (families & HAS_V6)
		read_address(c, 6, &s->v6);
}

static int64_t expiry(uint32_t ttl_s, uint32_t most_s, int64_t now_us)
{
	return now_us + (int64_t)(ttl_s < most_s ? ttl_s : most_s) * 1000000;
}

void cache_cut_put(struct cache *c, const struct cut *cut, int64_t now_us)
{
	bool is_top = dns_name_labels(&cut->parent) == 0;
	auto_buf struct buf b;
	buf_init(&b, UINT16_MAX);

	buf_byte(&b, cut->parent.len);
	buf_byte(&b, cut->signed_here ? SIGNED_HERE : 0);
	for (size_t i = 0; i < cut->server_count; i++) {
		buf_add(&b, cut->servers[i].name.wire, cut->servers[i].name.len);
		write_addresses(&b, &cut->servers[i]);
	}
	shelf_put(&c->cuts, &cut->zone, buf_view(&b),
		  expiry(cut->ttl_s, is_top ? CACHE_TOP_TTL_MAX_S : CACHE_CUT_TTL_MAX_S,
			 now_us));
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
	struct cursor at;

	if (!shelf_find(&c->cuts, zone, now_us, &at))
		return NULL;
	struct cut *cut = arena_try(a, sizeof(*cut));
	if (!cut)
		return NULL;
	cut->zone = dns_name_lower(zone);
	cut->parent = tail_of(&cut->zone, cursor_u8(&at));
	cut->signed_here = cursor_u8(&at) & SIGNED_HERE;
	cut->from_cache = true;
	while (cursor_left(&at) > 0 && cut->server_count < RESOLVER_SERVERS_MAX) {
		struct cut_server *s = &cut->servers[cut->server_count];
		if (!dns_name_read(&at, &s->name))
			return NULL;
		read_addresses(&at, s);
		cut->server_count++;
	}
	return cut;
}

void cache_forget(struct cache *c, const struct dns_name *zone)
{
	shelf_forget(&c->cuts, zone);
	shelf_forget(&c->addresses, zone);
	shelf_forget(&c->insides, zone);
}

size_t cache_cut_count(const struct cache *c)
{
	return map_count(c->cuts.by_name);
}

void cache_address_put(struct cache *c, const struct cut_server *s, uint32_t ttl_s,
		       int64_t now_us)
{
	auto_buf struct buf b;
	buf_init(&b, 64);

	write_addresses(&b, s);
	shelf_put(&c->addresses, &s->name, buf_view(&b),
		  expiry(ttl_s, CACHE_ADDRESS_TTL_MAX_S, now_us));
}

bool cache_address_find(struct cache *c, struct cut_server *s, int64_t now_us)
{
	struct cursor at;

	if (!shelf_find(&c->addresses, &s->name, now_us, &at))
		return false;
	read_addresses(&at, s);
	return cut_server_has_address(s);
}

void cache_inside_put(struct cache *c, const struct dns_name *name,
		      const struct dns_name *zone, int64_t now_us)
{
	shelf_put(&c->insides, name, str_of(&zone->len, 1),
		  expiry(CACHE_INSIDE_TTL_S, CACHE_INSIDE_TTL_S, now_us));
}

bool cache_is_inside(struct cache *c, const struct dns_name *name,
		     const struct dns_name *zone, int64_t now_us)
{
	struct cursor at;

	return shelf_find(&c->insides, name, now_us, &at) && cursor_u8(&at) == zone->len;
}

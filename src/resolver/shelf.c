/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A generation is a row of blocks, filled from the front, and a table of places with
 * linear probing, at most three quarters full. A place is an entry's hash and where it
 * lies: block and octet, counted in fours. What is removed stays where it lies, marked.
 */
#include "resolver/shelf.h"

#include <assert.h>

enum {
	GRAIN = 4, /* octets that an entry is a multiple of */
	BLOCK = 1 << 16,
	BLOCK_GRAINS = BLOCK / GRAIN,
	BLOCKS_MAX = 1024,
	PLACES_LEAST = 256,
	KINDS = 4,
	GONE = 0xff,
};

struct entry {
	uint32_t expires_s; /* of the clock that never goes back */
	uint16_t len;       /* octets in all, in GRAINs */
	uint8_t kind;
	uint8_t key_len;
	uint8_t bytes[]; /* key, then value */
};

struct place {
	uint32_t hash;
	uint32_t at; /* of the entry, in GRAINs, plus one; 0: free */
};

struct generation {
	uint8_t *blocks[BLOCKS_MAX];
	size_t block_count;
	size_t used; /* octets of the last block */
	struct place *places;
	size_t size; /* of places, a power of two */
	size_t count;
	size_t of_kind[KINDS];
};

struct shelf {
	struct generation *young;
	struct generation *old;
	size_t octets_max; /* of one generation */
	struct hash_secret secret;
};

static struct generation *generation_new(void)
{
	struct generation *g = xalloc(1, sizeof(*g));

	g->size = PLACES_LEAST;
	g->places = xalloc(g->size, sizeof(*g->places));
	return g;
}

static void generation_free(struct generation *g)
{
	for (size_t i = 0; i < g->block_count; i++)
		xfree(g->blocks[i]);
	xfree(g->places);
	xfree(g);
}

struct shelf *shelf_new(size_t octets_max)
{
	struct shelf *s = xalloc(1, sizeof(*s));

	s->young = generation_new();
	s->old = generation_new();
	s->octets_max = octets_max / 2;
	hash_secret_init(&s->secret);
	return s;
}

void shelf_free(struct shelf **s)
{
	if (!*s)
		return;
	generation_free((*s)->young);
	generation_free((*s)->old);
	xfree(*s);
	*s = NULL;
}

static struct entry *entry_at(const struct generation *g, const struct place *p)
{
	size_t grain = p->at - 1;

	return (struct entry *)(void *)(g->blocks[grain / BLOCK_GRAINS] +
					grain % BLOCK_GRAINS * GRAIN);
}

static bool is_entry(const struct entry *e, uint8_t kind, struct str key)
{
	return e->kind == kind && e->key_len == key.len &&
	       memcmp(e->bytes, key.data, key.len) == 0;
}

/* The place of this entry, or the free one where it would go. */
static struct place *place_of(const struct generation *g, uint8_t kind, struct str key,
			      uint32_t hash)
{
	for (size_t i = hash;; i++) {
		struct place *p = &g->places[i & (g->size - 1)];
		if (p->at == 0)
			return p;
		if (p->hash == hash && is_entry(entry_at(g, p), kind, key))
			return p;
	}
}

static void remove_entry(struct generation *g, struct entry *e)
{
	g->of_kind[e->kind]--;
	e->kind = GONE;
}

static void remove_at(struct generation *g, const struct place *p)
{
	if (p->at)
		remove_entry(g, entry_at(g, p));
}

/* Room */

static size_t octets_of(const struct generation *g)
{
	return sizeof(*g) + g->block_count * BLOCK + g->size * sizeof(*g->places);
}

static void grow_table(struct generation *g)
{
	struct place *old = g->places;
	size_t old_size = g->size;

	g->size *= 2;
	g->count = 0;
	g->places = xalloc(g->size, sizeof(*g->places));
	for (size_t i = 0; i < old_size; i++) {
		const struct entry *e = old[i].at ? entry_at(g, &old[i]) : NULL;
		if (!e || e->kind == GONE)
			continue;
		size_t k = old[i].hash;
		while (g->places[k & (g->size - 1)].at)
			k++;
		g->places[k & (g->size - 1)] = old[i];
		g->count++;
	}
	xfree(old);
}

/* False: only by more memory than a generation may have. */
static bool make_room(struct generation *g, size_t len, size_t octets_max)
{
	bool needs_block = g->block_count == 0 || g->used + len > BLOCK;
	bool needs_places = g->count + 1 > g->size / 4 * 3;
	size_t more = (needs_block ? BLOCK : 0) +
		      (needs_places ? g->size * sizeof(*g->places) : 0);

	if (more > 0 && g->count > 0 && octets_of(g) + more > octets_max)
		return false;
	if (needs_block && g->block_count == BLOCKS_MAX)
		return false;
	if (needs_block) {
		g->blocks[g->block_count++] = xalloc(BLOCK, 1);
		g->used = 0;
	}
	if (needs_places)
		grow_table(g);
	return true;
}

/* Where there is room. */
static struct entry *add(struct generation *g, uint32_t hash, const struct entry *head,
			 struct str key, struct str value)
{
	struct place *p = place_of(g, head->kind, key, hash);

	g->count += p->at == 0;
	remove_at(g, p);
	p->hash = hash;
	p->at = (uint32_t)((g->block_count - 1) * BLOCK_GRAINS + g->used / GRAIN + 1);
	struct entry *e = entry_at(g, p);
	*e = *head;
	memcpy(e->bytes, key.data, key.len);
	if (value.len > 0)
		memcpy(e->bytes + key.len, value.data, value.len);
	g->used += head->len;
	g->of_kind[e->kind]++;
	return e;
}

static void turn(struct shelf *s)
{
	generation_free(s->old);
	s->old = s->young;
	s->young = generation_new();
}

void shelf_put(struct shelf *s, uint8_t kind, struct str key, struct str value,
	       int64_t expires_us, int64_t now_us)
{
	uint32_t hash = (uint32_t)hash_bytes(&s->secret, key) + kind;
	size_t len = sizeof(struct entry) + key.len + value.len;
	struct entry head = { .expires_s = (uint32_t)(expires_us / 1000000),
			      .kind = kind,
			      .key_len = (uint8_t)key.len };

	assert(kind < KINDS && key.len <= SHELF_KEY_MAX && value.len <= SHELF_VALUE_MAX);
	remove_at(s->old, place_of(s->old, kind, key, hash));
	if (expires_us <= now_us) {
		remove_at(s->young, place_of(s->young, kind, key, hash));
		return;
	}
	head.len = (uint16_t)((len + GRAIN - 1) / GRAIN * GRAIN);
	if (!make_room(s->young, head.len, s->octets_max)) {
		turn(s);
		if (!make_room(s->young, head.len, s->octets_max))
			return;
	}
	add(s->young, hash, &head, key, value);
}

/* What was found among the old ones; it stays there if that takes more memory. */
static struct entry *move_over(struct shelf *s, struct entry *e, uint32_t hash)
{
	struct str key = str_of(e->bytes, e->key_len);
	struct str value =
		str_of(e->bytes + e->key_len, e->len - sizeof(*e) - e->key_len);

	if (!make_room(s->young, e->len, s->octets_max))
		return e;
	struct entry *moved = add(s->young, hash, e, key, value);
	remove_entry(s->old, e);
	return moved;
}

bool shelf_find(struct shelf *s, uint8_t kind, struct str key, int64_t now_us,
		struct str *out)
{
	uint32_t hash = (uint32_t)hash_bytes(&s->secret, key) + kind;
	struct generation *g = s->young;
	const struct place *p = place_of(g, kind, key, hash);

	if (!p->at) {
		g = s->old;
		p = place_of(g, kind, key, hash);
	}
	if (!p->at)
		return false;
	struct entry *e = entry_at(g, p);
	if ((int64_t)e->expires_s * 1000000 <= now_us) {
		remove_entry(g, e);
		return false;
	}
	if (g == s->old)
		e = move_over(s, e, hash);
	*out = str_of(e->bytes, e->len - sizeof(*e));
	return true;
}

int64_t shelf_expires_us(struct str found)
{
	const struct entry *e =
		(const struct entry *)(const void *)(found.data - sizeof(*e));

	return (int64_t)e->expires_s * 1000000;
}

static void remove_from(struct generation *g, bool (*is_meant)(void *, struct str),
			void *arg)
{
	for (size_t i = 0; i < g->size; i++) {
		struct entry *e = g->places[i].at ? entry_at(g, &g->places[i]) : NULL;
		if (e && e->kind != GONE && is_meant(arg, str_of(e->bytes, e->key_len)))
			remove_entry(g, e);
	}
}

void shelf_remove(struct shelf *s, bool (*is_meant)(void *arg, struct str key), void *arg)
{
	remove_from(s->young, is_meant, arg);
	remove_from(s->old, is_meant, arg);
}

size_t shelf_count(const struct shelf *s, uint8_t kind)
{
	return s->young->of_kind[kind] + s->old->of_kind[kind];
}

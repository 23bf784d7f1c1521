/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Open addressing with linear probing: a slot is free when its value is NULL. Removing
 * moves later entries of the run back, so there are no tombstones. At most three quarters
 * are full.
 */
#include "base/map.h"

#include <assert.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/memory.h"

#define MAP_SLOTS_LEAST 16

struct map_slot {
	uint64_t hash;
	char *key;
	size_t key_len;
	void *value;
};

struct map {
	struct map_slot *slots;
	size_t size; /* slots; a power of two */
	size_t count;
	size_t max;
	struct hash_secret secret;
};

struct map *map_new(size_t max)
{
	struct map *m = xalloc(1, sizeof(*m));

	m->max = max;
	hash_secret_init(&m->secret);
	m->size = MAP_SLOTS_LEAST;
	m->slots = xalloc(m->size, sizeof(*m->slots));
	return m;
}

void map_free(struct map **m)
{
	if (!*m)
		return;
	for (size_t i = 0; i < (*m)->size; i++)
		xfree((*m)->slots[i].key);
	xfree((*m)->slots);
	xfree(*m);
	*m = NULL;
}

/* The slot that holds the key, or the free one where it would go. */
static struct map_slot *map_slot_of(const struct map *m, struct str key, uint64_t hash)
{
	for (size_t i = hash;; i++) {
		struct map_slot *slot = &m->slots[i & (m->size - 1)];
		if (!slot->value)
			return slot;
		if (slot->hash == hash &&
		    str_equal(str_of(slot->key, slot->key_len), key))
			return slot;
	}
}

static void map_grow(struct map *m)
{
	struct map_slot *old = m->slots;
	size_t old_size = m->size;

	m->size *= 2;
	m->slots = xalloc(m->size, sizeof(*m->slots));
	for (size_t i = 0; i < old_size; i++) {
		if (!old[i].value)
			continue;
		*map_slot_of(m, str_of(old[i].key, old[i].key_len), old[i].hash) = old[i];
	}
	xfree(old);
}

void *map_find(const struct map *m, struct str key)
{
	return map_slot_of(m, key, hash_bytes(&m->secret, key))->value;
}

bool map_put(struct map *m, struct str key, void *value)
{
	uint64_t hash = hash_bytes(&m->secret, key);
	struct map_slot *slot = map_slot_of(m, key, hash);

	assert(value);
	if (slot->value) {
		slot->value = value;
		return true;
	}
	if (m->count >= m->max)
		return false;
	if (m->count + 1 > m->size / 4 * 3) {
		map_grow(m);
		slot = map_slot_of(m, key, hash);
	}
	char *copy = xalloc(key.len, 1);
	if (key.len)
		memcpy(copy, key.data, key.len);
	*slot = (struct map_slot){ hash, copy, key.len, value };
	m->count++;
	return true;
}

/* Closes the gap at `gap`: an entry of the run moves there unless its home lies behind
 * it. */
static void map_close_gap(struct map *m, size_t gap)
{
	size_t mask = m->size - 1;

	for (size_t i = (gap + 1) & mask; m->slots[i].value; i = (i + 1) & mask) {
		size_t from_home = (i - m->slots[i].hash) & mask;
		if (from_home < ((i - gap) & mask))
			continue;
		m->slots[gap] = m->slots[i];
		gap = i;
	}
	m->slots[gap] = (struct map_slot){ 0 };
}

void *map_remove(struct map *m, struct str key)
{
	struct map_slot *slot = map_slot_of(m, key, hash_bytes(&m->secret, key));
	void *value = slot->value;

	if (!value)
		return NULL;
	xfree(slot->key);
	m->count--;
	map_close_gap(m, (size_t)(slot - m->slots));
	return value;
}

size_t map_count(const struct map *m)
{
	return m->count;
}

bool map_next(const struct map *m, size_t *at, struct str *key_out, void **value_out)
{
	while (*at < m->size && !m->slots[*at].value)
		++*at;
	if (*at >= m->size)
		return false;
	const struct map_slot *slot = &m->slots[(*at)++];
	*key_out = str_of(slot->key, slot->key_len);
	*value_out = slot->value;
	return true;
}

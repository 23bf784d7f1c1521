/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes to pointer. Keys are copied; values are borrowed. The hash is keyed per map with
 * random bytes, so that chosen keys cannot make it slow.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct map;

/* At most max entries; map_put refuses more. */
struct map *map_new(size_t max);
void map_free(struct map **m);
/* NULL when there is none. */
void *map_find(const struct map *m, struct str key);
/* Adds or replaces; value may not be NULL. false when full. */
bool map_put(struct map *m, struct str key, void *value) must_check;
/* Returns what was there, or NULL. */
void *map_remove(struct map *m, struct str key);
size_t map_count(const struct map *m);
/* Walks in no order: start with *at = 0; false at the end. The map must not change
 * meanwhile. */
bool map_next(const struct map *m, size_t *at, struct str *key_out, void **value_out);

#endif

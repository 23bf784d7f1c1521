/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Small things under names, for a while, in little memory: an entry is eight octets, its
 * key, its value and a place in a table.
 *
 * There are two generations of entries. What is put goes into the younger; what is found
 * in the older is moved over. When the younger has half of the memory, the older is
 * thrown away as a whole and the younger becomes the older: so what was not used for
 * longest goes first, nothing is ever freed singly, and there are no holes.
 */
#ifndef RESOLVER_SHELF_H
#define RESOLVER_SHELF_H

#include "base/base.h"

enum {
	SHELF_KEY_MAX = 255,
	SHELF_VALUE_MAX = 8192,
};

struct shelf;
/* Of at most so many octets. */
struct shelf *shelf_new(size_t octets_max);
void shelf_free(struct shelf **s);

/* In place of what lies under this kind and key. */
void shelf_put(struct shelf *s, uint8_t kind, struct str key, struct str value,
	       int64_t expires_us, int64_t now_us);
/* Key and value in one, the value from key.len on; lies there until the next put. */
bool shelf_find(struct shelf *s, uint8_t kind, struct str key, int64_t now_us,
		struct str *out) must_check;
/* Until when it may be found, of what was found just now. */
int64_t shelf_expires_us(struct str found);
/* Takes away all whose key `is_meant` says. */
void shelf_remove(struct shelf *s, bool (*is_meant)(void *arg, struct str key),
		  void *arg);
/* How many of a kind there are, expired ones too; kind at most 3. */
size_t shelf_count(const struct shelf *s, uint8_t kind);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash of bytes under a secret: who does not know it cannot choose bytes that
 * collide. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>

#include "base/str.h"

struct hash_secret {
	uint64_t half[2];
};

/* Random. */
void hash_secret_init(struct hash_secret *s);
/* SipHash-1-3 (Aumasson and Bernstein, 2012): for tables, not for signatures. */
uint64_t hash_bytes(const struct hash_secret *s, struct str bytes);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A thing has a place in each of two rows, found by secret hashes. A place holds the
 * moment at which all that happened there would have happened at the permitted rate
 * (the generic cell rate algorithm). It may happen while one of the two places permits
 * it: only who collides in both waits for somebody else.
 */
#include "resolver/trickle.h"

enum {
	ROWS = 2,
	PLACES = 8192, /* a power of two */
	US_PER_S = 1000000,
};

struct trickle {
	int64_t interval_us;
	int64_t ahead_us; /* how far a place may run ahead of the clock */
	uint64_t secrets[ROWS];
	int64_t due_us[ROWS][PLACES];
};

struct trickle *trickle_new(unsigned per_s, unsigned at_once, struct entropy *entropy)
{
	struct trickle *t = xalloc_sparse(sizeof(*t));

	t->interval_us = US_PER_S / per_s;
	t->ahead_us = t->interval_us * (at_once - 1);
	entropy_take(entropy, t->secrets, sizeof(t->secrets));
	return t;
}

void trickle_free(struct trickle **t)
{
	xfree_sparse(*t, sizeof(**t));
	*t = NULL;
}

/* Multiply and fold, eight octets at a time; it only has to be unknown outside. */
static size_t place_of(uint64_t secret, struct str thing)
{
	uint64_t h = secret;

	for (size_t i = 0; i < thing.len; i += sizeof(uint64_t)) {
		struct str part = str_sub(thing, i, sizeof(uint64_t));
		uint64_t word = part.len;
		memcpy(&word, part.data, part.len);
		h = (h ^ word) * 0x9e3779b97f4a7c15;
		h ^= h >> 32;
	}
	h = (h ^ secret) * 0xd6e8feb86659fd93;
	return (size_t)(h >> 40) & (PLACES - 1);
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t trickle_ready_us(const struct trickle *t, struct str thing, int64_t now_us)
{
	int64_t ready_us = INT64_MAX;

	for (size_t row = 0; row < ROWS; row++) {
		int64_t at_us =
			t->due_us[row][place_of(t->secrets[row], thing)] - t->ahead_us;
		if (at_us < ready_us)
			ready_us = at_us;
	}
	return later(ready_us, now_us);
}

void trickle_take(struct trickle *t, struct str thing, int64_t now_us)
{
	for (size_t row = 0; row < ROWS; row++) {
		int64_t *due_us = &t->due_us[row][place_of(t->secrets[row], thing)];
		*due_us = later(*due_us, now_us) + t->interval_us;
	}
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/hash.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

struct sip {
	uint64_t a, b, c, d;
};

void hash_secret_init(struct hash_secret *s)
{
	if (getrandom(s->half, sizeof(s->half), 0) == sizeof(s->half))
		return;
	fputs("no random bytes\n", stderr);
	abort();
}

static inline uint64_t rotate_left(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void sip_round(struct sip *s)
{
	s->a += s->b;
	s->b = rotate_left(s->b, 13) ^ s->a;
	s->a = rotate_left(s->a, 32);
	s->c += s->d;
	s->d = rotate_left(s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = rotate_left(s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = rotate_left(s->b, 17) ^ s->c;
	s->c = rotate_left(s->c, 32);
}

static inline void sip_word(struct sip *s, uint64_t word)
{
	s->d ^= word;
	sip_round(s);
	s->a ^= word;
}

uint64_t hash_bytes(const struct hash_secret *secret, struct str bytes)
{
	const uint64_t *half = secret->half;
	struct sip s = { half[0] ^ 0x736f6d6570736575, half[1] ^ 0x646f72616e646f6d,
			 half[0] ^ 0x6c7967656e657261, half[1] ^ 0x7465646279746573 };
	size_t left = bytes.len;
	const char *at = bytes.data;
	/* The last word: what is left, and the length in its highest octet. */
	uint64_t last = 0;
	uint64_t word;

	for (; left >= sizeof(word); left -= sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		sip_word(&s, word);
	}
	if (left > 0 && bytes.len >= sizeof(word)) {
		/* With octets of the word before, which are shifted out. */
		memcpy(&word, at + left - sizeof(word), sizeof(word));
		last = le64toh(word) >> 8 * (sizeof(word) - left);
	} else {
		for (size_t i = 0; i < left; i++)
			last |= (uint64_t)(unsigned char)at[i] << 8 * i;
	}
	sip_word(&s, last | (uint64_t)bytes.len << 56);
	s.c ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}

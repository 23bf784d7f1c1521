/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sixteen octets handled at once, by the vectors of the compiler. What is asked of them
 * is answered for each: 0xff where it holds, 0 where not.
 */
#ifndef BASE_OCTETS16_H
#define BASE_OCTETS16_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t octets16 __attribute__((vector_size(16)));

static inline octets16 octets16_load(const void *from)
{
	octets16 o;

	memcpy(&o, from, sizeof(o));
	return o;
}

/* From first to last. */
static inline octets16 octets16_between(octets16 o, uint8_t first, uint8_t last)
{
	return (octets16)((octets16)(o - first) <= (uint8_t)(last - first));
}

/* A bit for each of them, the lowest for the first. */
static inline unsigned octets16_bits(octets16 answer)
{
#ifdef __SSE2__
	typedef char chars __attribute__((vector_size(16)));
	return (unsigned)__builtin_ia32_pmovmskb128((chars)answer);
#else
	uint64_t halves[2];

	/* Of the first octet the lowest bit, of the next the one above it; all are
	 * added up in the highest octet. */
	memcpy(halves, &answer, sizeof(halves));
	for (size_t i = 0; i < 2; i++)
		halves[i] =
			(le64toh(halves[i]) & 0x8040201008040201) * 0x0101010101010101 >>
			56;
	return (unsigned)(halves[1] << 8 | halves[0]);
#endif
}

static inline bool octets16_all(octets16 answer)
{
	return octets16_bits(answer) == 0xffff;
}

/* For how many it holds before the first for which it does not. */
static inline size_t octets16_count(octets16 answer)
{
	return (size_t)__builtin_ctz(~octets16_bits(answer));
}

#endif

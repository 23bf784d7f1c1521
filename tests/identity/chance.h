/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chance that is the same every time, and what the tests of lives share. */
#ifndef TESTS_IDENTITY_CHANCE_H
#define TESTS_IDENTITY_CHANCE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "identity/identity.h"

enum {
	T0 = 1767323045,
	MINUTE = 60,
	HOUR = 3600,
	DAY = 86400,
};

/* How much of a long test this build makes: the sanitizers are slow, and the second
 * compiler need not do all again. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SLOW
#endif
#endif
enum {
#if defined(IS_SLOW) || defined(__SANITIZE_ADDRESS__)
	SHARE = 8,
#elif defined(__clang__)
	SHARE = 2,
#else
	SHARE = 1,
#endif
};

/* xorshift64* */
static inline uint32_t chance(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (uint32_t)((*seed * 0x2545f4914f6cdd1d) >> 32);
}

static inline uint32_t below(uint64_t *seed, uint32_t limit)
{
	return (uint32_t)(((uint64_t)chance(seed) * limit) >> 32);
}

static inline bool one_in(uint64_t *seed, uint32_t n)
{
	return below(seed, n) == 0;
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was given out is wiped, so memory holds no past ids and ports. */
#include "resolver/entropy.h"

#include <assert.h>

#include "crypto/crypto.h"

static void fill(struct entropy *pool, size_t len)
{
	if (pool->left >= len)
		return;
	crypto_random(pool->bytes, sizeof(pool->bytes));
	pool->left = sizeof(pool->bytes);
}

void entropy_take(struct entropy *pool, void *out, size_t len)
{
	assert(len <= sizeof(pool->bytes));
	fill(pool, len);
	pool->left -= len;
	memcpy(out, pool->bytes + pool->left, len);
	crypto_wipe(pool->bytes + pool->left, len);
}

/* Several of each question: wiped here and not by a call. */
uint16_t entropy_u16(struct entropy *pool)
{
	uint16_t n;

	fill(pool, sizeof(n));
	pool->left -= sizeof(n);
	volatile uint8_t *at = pool->bytes + pool->left;
	n = (uint16_t)(at[0] << 8 | at[1]);
	at[0] = 0;
	at[1] = 0;
	return n;
}

uint32_t entropy_below(struct entropy *pool, uint32_t below)
{
	assert(below > 0 && below <= 65536);
	uint32_t fair =
		65536 - 65536 % below; /* above it, some results would be likelier */
	uint32_t n;

	do
		n = entropy_u16(pool);
	while (n >= fair);
	return n % below;
}

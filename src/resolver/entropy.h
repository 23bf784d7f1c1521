/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random bytes taken from the kernel a few hundred at a time; each is given out once. */
#ifndef RESOLVER_ENTROPY_H
#define RESOLVER_ENTROPY_H

#include "base/base.h"

struct entropy {
	uint8_t bytes[512];
	size_t left;
};

void entropy_take(struct entropy *pool, void *out, size_t len); /* len at most 512 */
uint16_t entropy_u16(struct entropy *pool);
/* Uniform in [0, below); below at most 65536. */
uint32_t entropy_below(struct entropy *pool, uint32_t below);

#endif

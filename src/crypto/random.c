/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random bytes from the kernel. Without them nothing is safe, so their lack ends the
 * process. */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "crypto/crypto.h"

void crypto_random(void *out, size_t len)
{
	uint8_t *at = out;

	while (len > 0) {
		ssize_t got = getrandom(at, len, 0);

		if (got < 0 && errno != EINTR)
			abort();
		if (got > 0) {
			at += got;
			len -= (size_t)got;
		}
	}
}

uint32_t crypto_random_below(uint32_t below)
{
	/* The lowest 2^32 mod below numbers would make small results likelier: draw
	 * again. */
	uint32_t unfair = (0 - below) % below;
	uint32_t n;

	do {
		crypto_random(&n, sizeof(n));
	} while (n < unfair);
	return n % below;
}

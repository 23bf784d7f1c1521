/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tokens: names in the key zone that nobody can guess and nobody had before. */
#include "keys/keys.h"

enum {
	TOKEN_BYTES = 20, /* 160 bits: 32 characters of base32 */
};

void keys_token_write(struct buf *out)
{
	uint8_t random[TOKEN_BYTES];

	crypto_random(random, sizeof(random));
	base32_write(out, str_of(random, sizeof(random)));
}

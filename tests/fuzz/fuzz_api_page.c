/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No text is a page token but what we made; what we make is one. */
#include <assert.h>

#include "api/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t key[CRYPTO_SHA256_LEN] = { 7 };
	const struct page_seal seal = { key, "fuzz", 1 };
	struct str in = str_of(data, size);
	struct str after;
	struct err e = { 0 };
	struct arena a;
	auto_buf struct buf token;
	buf_init(&token, 64 * 1024);
	arena_init(&a, 1024 * 1024);
	assert(!page_token_parse(&a, &seal, in, &after, &e));
	if (size > 0 && size <= 512) {
		page_token_write(&token, &seal, in);
		assert(page_token_parse(&a, &seal, buf_view(&token), &after, &e));
		assert(str_equal(after, in));
	}
	arena_done(&a);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A URL: its one form is read again as itself, and holds nothing that ends a line. */
#include <assert.h>

#include "http/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct http_url u;
	struct http_url again;
	struct err e = { 0 };
	arena_init(&a, 16 * 1024 * 1024);
	if (size <= 64 * 1024 && http_url_parse(&a, str_of(data, size), &u, &e)) {
		assert(http_url_parse(&a, u.text, &again, &e));
		assert(str_equal(u.text, again.text) && u.port == again.port);
		for (size_t i = 0; i < u.text.len; i++)
			assert(u.text.data[i] > ' ' && u.text.data[i] < 0x7f);
	}
	arena_done(&a);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A time that was understood, written in either form, is understood as the same. */
#include <assert.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const struct buf *text, int64_t at_s)
{
	int64_t again_s = 0;
	bool ok = clock_parse(buf_view(text), &again_s);

	assert(ok && again_s == at_s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_buf struct buf extended;
	auto_buf struct buf basic;
	int64_t at_s;

	buf_init(&extended, 100);
	buf_init(&basic, 100);
	if (!clock_parse(str_of(data, size), &at_s))
		return 0;
	clock_write_rfc3339(&extended, at_s);
	check_same(&extended, at_s);
	clock_write_basic(&basic, at_s);
	check_same(&basic, at_s);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wrapping loses and adds nothing but blanks and line ends, whatever the bytes. */
#include <assert.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void without_gaps(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] != ' ' && text.data[i] != '\n')
			buf_byte(out, (uint8_t)text.data[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = str_of(data, size);
	auto_buf struct buf page;
	auto_buf struct buf want;
	auto_buf struct buf got;
	buf_init(&page, 1 << 20);
	buf_init(&want, 1 << 20);
	buf_init(&got, 1 << 20);
	page_wrap(&page, in, 3, 2, 20);
	without_gaps(&want, in);
	without_gaps(&got, buf_view(&page));
	assert(page.failed || str_equal(buf_view(&got), buf_view(&want)));
	page_clip(&page, in, size % 40);
	(void)page_width(in);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes, escaped, are printable; escaping text that is clean changes nothing. */
#include <assert.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef void escape_f(struct buf *, struct str);

static void check_stable(escape_f *f, struct str in)
{
	auto_buf struct buf once;
	auto_buf struct buf twice;

	buf_init(&once, SIZE_MAX);
	buf_init(&twice, SIZE_MAX);
	f(&once, in);
	f(&twice, buf_view(&once));
	assert(str_equal(buf_view(&once), buf_view(&twice)));
}

static void check_printable(struct str text, unsigned char highest)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		assert(byte >= 0x20 && byte != 0x7f && byte <= highest);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = str_of(data, size);
	auto_buf struct buf out;

	buf_init(&out, SIZE_MAX);
	escape_json(&out, in);
	check_printable(buf_view(&out), 0x7e);
	buf_clear(&out);
	escape_csv(&out, in);
	check_printable(buf_view(&out), 0xf4);
	assert(!memchr("=+-@", out.data[1], 4));
	buf_clear(&out);
	escape_visible(&out, in, 20);
	check_printable(buf_view(&out), 0xf4);
	check_stable(escape_controls, buf_view(&out));
	check_stable(escape_controls, in);
	check_stable(escape_utf8, in);
	return 0;
}

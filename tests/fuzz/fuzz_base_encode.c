/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a parser accepts, written again and parsed again, gives the same bytes; and any
 * bytes survive being written and parsed. */
#include <assert.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef void write_f(struct buf *, struct str);
typedef bool parse_f(struct buf *, struct str);

static void check_there_and_back(write_f *write, parse_f *parse, struct str bytes)
{
	auto_buf struct buf text;
	auto_buf struct buf back;

	buf_init(&text, SIZE_MAX);
	buf_init(&back, SIZE_MAX);
	write(&text, bytes);
	bool ok = parse(&back, buf_view(&text));
	assert(ok && str_equal(buf_view(&back), bytes));
}

static void check(write_f *write, parse_f *parse, struct str in)
{
	auto_buf struct buf bytes;

	buf_init(&bytes, SIZE_MAX);
	if (parse(&bytes, in))
		check_there_and_back(write, parse, buf_view(&bytes));
	else
		assert(bytes.len == 0);
	check_there_and_back(write, parse, in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = str_of(data, size);

	check(hex_write, hex_parse, in);
	check(base64_write, base64_parse, in);
	check(percent_write, percent_parse, in);
	return 0;
}

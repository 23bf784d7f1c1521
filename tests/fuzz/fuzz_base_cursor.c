/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes are both what is read and the orders how to read: the cursor never leaves
 * them, and a failure sticks. */
#include <assert.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Does what the order says. */
static void read_one(struct cursor *c, unsigned order)
{
	switch (order % 8) {
	case 0:
		cursor_u16(c);
		break;
	case 1:
		cursor_u32(c);
		break;
	case 2:
		cursor_u32(c);
		break;
	case 3:
		assert(cursor_bytes(c, order / 8).len <= order / 8);
		break;
	case 4:
		cursor_while(c, "\x04\x0c 0123456789");
		break;
	case 5:
		cursor_until(c, "\r\n;");
		break;
	case 6:
		cursor_accept(c, ';');
		break;
	default:
		assert(cursor_peek(c) >= -1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_over(str_of(data, size));
	size_t left = cursor_left(&c);

	while (cursor_left(&c)) {
		read_one(&c, cursor_u8(&c));
		assert(cursor_left(&c) < left);
		left = cursor_left(&c);
	}
	assert(cursor_ok(&c) == cursor_at_end(&c));
	cursor_u8(&c);
	assert(!cursor_ok(&c));
	return 0;
}

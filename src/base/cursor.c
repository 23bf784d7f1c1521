/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading in network byte order and over sets of characters; a failure sticks. */
#include "base/cursor.h"

bool cursor_fail(struct cursor *c)
{
	c->failed = true;
	return false;
}

/* Big-endian number of n bytes, or zero and failed. */
static uint64_t cursor_number(struct cursor *c, size_t n)
{
	uint64_t number = 0;

	if (cursor_left(c) < n) {
		cursor_fail(c);
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		number = number << 8 | *c->at++;
	return number;
}

uint8_t cursor_u8(struct cursor *c)
{
	return (uint8_t)cursor_number(c, 1);
}

uint16_t cursor_u16(struct cursor *c)
{
	return (uint16_t)cursor_number(c, 2);
}

uint32_t cursor_u32(struct cursor *c)
{
	return (uint32_t)cursor_number(c, 4);
}

struct str cursor_bytes(struct cursor *c, size_t n)
{
	if (c->failed || cursor_left(c) < n) {
		cursor_fail(c);
		return STR_EMPTY;
	}
	struct str bytes = str_of(c->at, n);
	c->at += n;
	return bytes;
}

int cursor_peek(const struct cursor *c)
{
	return cursor_left(c) ? *c->at : -1;
}

bool cursor_accept(struct cursor *c, char b)
{
	if (cursor_peek(c) != (unsigned char)b)
		return false;
	c->at++;
	return true;
}

/* The bytes up to the first whose being in the set differs from `inside`. */
static struct str cursor_span(struct cursor *c, struct str set, bool inside)
{
	size_t left = cursor_left(c);
	size_t n = 0;

	while (n < left && (str_find_byte(set, (char)c->at[n]) < set.len) == inside)
		n++;
	return cursor_bytes(c, n);
}

struct str cursor_while(struct cursor *c, const char *set)
{
	return cursor_span(c, str_from(set), true);
}

struct str cursor_until(struct cursor *c, const char *set)
{
	return cursor_span(c, str_from(set), false);
}

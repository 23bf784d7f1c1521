/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growing run of bytes with a ceiling. Invariant: data is NULL, or size > len and
 * data[len] is NUL. */
#include "base/buf.h"

#include <assert.h>
#include <stdio.h>

#include "base/memory.h"

#define BUF_LEAST 64

void buf_init(struct buf *b, size_t max)
{
	/* So that len + n + 1 cannot wrap round. */
	*b = (struct buf){ .max = max < SIZE_MAX / 2 ? max : SIZE_MAX / 2 };
}

void buf_done(struct buf *b)
{
	xfree(b->data);
	*b = (struct buf){ .max = b->max };
}

void buf_done_secret(struct buf *b)
{
	if (b->data)
		explicit_bzero(b->data, b->size);
	buf_done(b);
}

void buf_done_at(struct buf *b)
{
	buf_done(b);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->data)
		b->data[0] = '\0';
}

/* Moves to a bigger block. Not realloc: that would leave a copy of a secret behind. */
static void buf_grow(struct buf *b, size_t need)
{
	size_t size = b->size < BUF_LEAST ? BUF_LEAST : b->size;

	while (size < need && size <= SIZE_MAX / 2)
		size *= 2;
	if (size < need || size - 1 > b->max)
		size = b->max + 1;
	char *data = xrealloc(NULL, size, 1);
	if (b->data) {
		memcpy(data, b->data, b->len);
		explicit_bzero(b->data, b->size);
	}
	xfree(b->data);
	data[b->len] = '\0';
	b->data = data;
	b->size = size;
}

void *buf_room(struct buf *b, size_t n)
{
	if (b->failed || b->len > b->max || n > b->max - b->len) {
		b->failed = true;
		return NULL;
	}
	if (b->size <= b->len + n)
		buf_grow(b, b->len + n + 1);
	return b->data + b->len;
}

void buf_wrote(struct buf *b, size_t n)
{
	assert(b->data && n < b->size - b->len);
	b->len += n;
	b->data[b->len] = '\0';
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	void *room = buf_room(b, len);

	if (!room || len == 0)
		return;
	memcpy(room, data, len);
	buf_wrote(b, len);
}

void buf_str(struct buf *b, struct str s)
{
	buf_add(b, s.data, s.len);
}

void buf_text(struct buf *b, const char *text)
{
	buf_str(b, str_from(text));
}

void buf_byte(struct buf *b, uint8_t byte)
{
	/* Names and texts are written octet by octet. */
	if (!b->failed && b->len < b->max && b->len + 1 < b->size) {
		b->data[b->len++] = (char)byte;
		b->data[b->len] = '\0';
	} else {
		buf_add(b, &byte, 1);
	}
}

void buf_u16(struct buf *b, uint16_t n)
{
	uint8_t bytes[2] = { (uint8_t)(n >> 8), (uint8_t)n };

	buf_add(b, bytes, sizeof(bytes));
}

void buf_u32(struct buf *b, uint32_t n)
{
	uint8_t bytes[4];

	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(n >> (24 - 8 * i));
	buf_add(b, bytes, sizeof(bytes));
}

void buf_u64(struct buf *b, uint64_t n)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(n >> (56 - 8 * i));
	buf_add(b, bytes, sizeof(bytes));
}

void buf_vprintf(struct buf *b, const char *fmt, va_list args)
{
	va_list again;

	va_copy(again, args);
	int len = vsnprintf(NULL, 0, fmt, args);
	assert(len >= 0);
	char *room = buf_room(b, (size_t)len);
	if (room) {
		vsnprintf(room, (size_t)len + 1, fmt, again);
		buf_wrote(b, (size_t)len);
	}
	va_end(again);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	buf_vprintf(b, fmt, args);
	va_end(args);
}

void buf_fill(struct buf *b, char c, size_t n)
{
	void *room = buf_room(b, n);

	if (!room)
		return;
	memset(room, c, n);
	buf_wrote(b, n);
}

void buf_cut(struct buf *b, size_t len)
{
	assert(len <= b->len);
	b->len = len;
	if (b->data)
		b->data[len] = '\0';
}

void buf_consume(struct buf *b, size_t n)
{
	assert(n <= b->len);
	if (n == 0)
		return;
	memmove(b->data, b->data + n, b->len - n);
	buf_cut(b, b->len - n);
}

struct str buf_view(const struct buf *b)
{
	return (struct str){ buf_cstr(b), b->len };
}

const char *buf_cstr(const struct buf *b)
{
	return b->data ? b->data : "";
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes being built. A buf grows up to the ceiling given at init; what would pass it is
 * not written and sets `failed`, which sticks: write on, ask once at the end. Always
 * NUL-terminated behind len, so buf_cstr is a C string if no NUL was added.
 *
 *   struct buf b;
 *   buf_init(&b, 64 * 1024);
 *   buf_printf(&b, "%d records", n);
 *   ... if (b.failed) ...
 *   buf_done(&b);
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct buf {
	char *data; /* may be NULL while nothing was written */
	size_t len;
	size_t size; /* allocated */
	size_t max;
	bool failed;
};

void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b);
/* Wipes what was written before releasing it: for secrets. */
void buf_done_secret(struct buf *b);
/* Back to empty, keeps the memory, clears failed. */
void buf_clear(struct buf *b);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_str(struct buf *b, struct str s);
void buf_text(struct buf *b, const char *text);
void buf_byte(struct buf *b, uint8_t byte);
/* Network byte order. */
void buf_u16(struct buf *b, uint16_t n);
void buf_u32(struct buf *b, uint32_t n);
void buf_u64(struct buf *b, uint64_t n);
void buf_printf(struct buf *b, const char *fmt, ...) printf_like(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list args) printf_like(2, 0);
/* n times the same byte: padding, indentation. */
void buf_fill(struct buf *b, char c, size_t n);
/* Cuts back to len bytes (len <= b->len). */
void buf_cut(struct buf *b, size_t len);
/* Removes the first n bytes (n <= b->len): for streams. */
void buf_consume(struct buf *b, size_t n);
/* Room for n more bytes; returns where to write them, or NULL and failed. Then
 * buf_wrote. */
void *buf_room(struct buf *b, size_t n);
void buf_wrote(struct buf *b, size_t n);

/* Borrows until the next write. */
struct str buf_view(const struct buf *b);
const char *buf_cstr(const struct buf *b);

void buf_done_at(struct buf *b);
/* `auto_buf struct buf b;` must be followed by buf_init at once. */
#define auto_buf __attribute__((cleanup(buf_done_at)))

#endif

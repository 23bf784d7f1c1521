/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes being read. A read past the end sets `failed`, which sticks, and gives zeros or
 * the empty string; so read straight on and ask cursor_ok once.
 */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct cursor {
	const uint8_t *at;
	const uint8_t *end;
	bool failed;
};

static inline struct cursor cursor_over(struct str s)
{
	const uint8_t *at = (const uint8_t *)(s.data ? s.data : "");
	return (struct cursor){ at, at + s.len, false };
}

static inline bool cursor_ok(const struct cursor *c)
{
	return !c->failed;
}

static inline size_t cursor_left(const struct cursor *c)
{
	return c->failed ? 0 : (size_t)(c->end - c->at);
}

/* At the end, and nothing failed on the way. */
static inline bool cursor_at_end(const struct cursor *c)
{
	return !c->failed && c->at == c->end;
}

uint8_t cursor_u8(struct cursor *c);
/* Network byte order. */
uint16_t cursor_u16(struct cursor *c);
uint32_t cursor_u32(struct cursor *c);
/* The next n bytes, borrowed from what the cursor reads. */
struct str cursor_bytes(struct cursor *c, size_t n);
/* Next byte without advancing; -1 at the end. */
int cursor_peek(const struct cursor *c);
/* Advances over byte b if it is next. */
bool cursor_accept(struct cursor *c, char b);
/* Advances over bytes that are in `set` (or, _until, not in it) and returns them. */
struct str cursor_while(struct cursor *c, const char *set);
struct str cursor_until(struct cursor *c, const char *set);
/* Marks as failed: for a grammar rule that did not hold. Returns false. */
bool cursor_fail(struct cursor *c);

#endif

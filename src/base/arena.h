/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory for one piece of work (a check, a request, a message): allocate, never free,
 * release everything at once. Zeroed. Passing the limit ends in arena->failed and NULL
 * from arena_try; arena_alloc beyond the limit is a programming error and ends the
 * process, so foreign sizes go through arena_try or are bounded before.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attribute.h"
#include "base/str.h"

struct arena_block;
struct arena_cleanup;

struct arena {
	struct arena_block *blocks;
	struct arena_cleanup *cleanups;
	size_t used;  /* bytes handed out */
	size_t limit; /* most that may be handed out */
	bool failed;
};

void arena_init(struct arena *a, size_t limit);
/* Runs the cleanups, newest first, and releases all memory. */
void arena_done(struct arena *a);
/* As done and init again with the same limit; keeps one block for reuse. */
void arena_reset(struct arena *a);
/* The same, where many arenas wait to be used again: keeps none of more than `most`
 * octets. */
void arena_reset_to(struct arena *a, size_t most);
/* Octets of its blocks, used or not. */
size_t arena_held(const struct arena *a);

void *arena_alloc(struct arena *a, size_t size) __attribute__((returns_nonnull));
void *arena_array(struct arena *a, size_t count, size_t size)
	__attribute__((returns_nonnull));
/* NULL when the limit would be passed. */
void *arena_try(struct arena *a, size_t size) must_check;

/* Copies; the result's data is followed by a NUL. */
struct str arena_str(struct arena *a, struct str s);
char *arena_text(struct arena *a, struct str s);
char *arena_printf(struct arena *a, const char *fmt, ...) printf_like(2, 3);

/* f(thing) runs at arena_done/arena_reset: for handles of libraries. */
void arena_on_done(struct arena *a, void (*f)(void *), void *thing);

void arena_done_at(struct arena *a);
/* `auto_arena struct arena a;` must be followed by arena_init at once. */
#define auto_arena __attribute__((cleanup(arena_done_at)))

#endif

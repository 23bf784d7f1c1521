/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Blocks of 4 kB and, as the work grows, twice as much each time up to 1 MB; a bigger
 * wish gets a block of its own. The newest block is served from; what is left over in
 * older ones is given up. What is handed out is cleared then and not before: the rest of
 * a block stays memory that nobody has touched. Cleanups live in the arena itself.
 * Under AddressSanitizer what was not handed out is poisoned.
 */
#include "base/arena.h"

#include <sanitizer/asan_interface.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

#define ARENA_ALIGN       16
#define ARENA_BLOCK_LEAST 4096
#define ARENA_BLOCK_MOST  (1024 * 1024)

struct arena_block {
	struct arena_block *older;
	size_t size; /* bytes in data */
	size_t used;
	bool is_clear; /* as the kernel gave it: nothing was handed out twice */
	_Alignas(ARENA_ALIGN) unsigned char data[];
};

struct arena_cleanup {
	struct arena_cleanup *older;
	void (*f)(void *);
	void *thing;
};

void arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){ .limit = limit };
}

static void arena_run_cleanups(struct arena *a)
{
	struct arena_cleanup *c = a->cleanups;

	a->cleanups = NULL;
	for (; c; c = c->older)
		c->f(c->thing);
}

static void arena_free_blocks(struct arena_block *block)
{
	while (block) {
		struct arena_block *older = block->older;
		xfree(block);
		block = older;
	}
}

void arena_done(struct arena *a)
{
	arena_run_cleanups(a);
	arena_free_blocks(a->blocks);
	arena_init(a, a->limit);
}

void arena_done_at(struct arena *a)
{
	arena_done(a);
}

/* The newest that is not too big; the others are gone. */
static struct arena_block *arena_keep_block(struct arena *a, size_t most)
{
	while (a->blocks && a->blocks->size + sizeof(struct arena_block) > most) {
		struct arena_block *big = a->blocks;
		a->blocks = big->older;
		xfree(big);
	}
	if (a->blocks)
		arena_free_blocks(a->blocks->older);
	return a->blocks;
}

void arena_reset_to(struct arena *a, size_t most)
{
	arena_run_cleanups(a);
	struct arena_block *kept = arena_keep_block(a, most);
	arena_init(a, a->limit);
	if (!kept)
		return;
	ASAN_POISON_MEMORY_REGION(kept->data, kept->size);
	kept->used = 0;
	kept->is_clear = false;
	kept->older = NULL;
	a->blocks = kept;
}

void arena_reset(struct arena *a)
{
	arena_reset_to(a, ARENA_BLOCK_MOST);
}

size_t arena_held(const struct arena *a)
{
	size_t held = 0;

	for (const struct arena_block *block = a->blocks; block; block = block->older)
		held += sizeof(*block) + block->size;
	return held;
}

static void arena_add_block(struct arena *a, size_t need)
{
	size_t size = ARENA_BLOCK_LEAST - sizeof(struct arena_block);

	if (a->blocks && a->blocks->size >= size)
		size = a->blocks->size * 2;
	if (size > ARENA_BLOCK_MOST)
		size = ARENA_BLOCK_MOST;
	bool is_own = size < need;
	if (is_own)
		size = need;
	struct arena_block *block = is_own ? xalloc(1, sizeof(*block) + size)
					   : xrealloc(NULL, 1, sizeof(*block) + size);
	*block = (struct arena_block){ .older = a->blocks,
				       .size = size,
				       .is_clear = is_own };
	a->blocks = block;
	ASAN_POISON_MEMORY_REGION(block->data, size);
}

void *arena_try(struct arena *a, size_t size)
{
	if (size > a->limit || size > SIZE_MAX - 2 * ARENA_BLOCK_LEAST) {
		a->failed = true;
		return NULL;
	}
	/* Nothing, too, gets an address of its own. */
	size_t need = size ? (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1)
			   : ARENA_ALIGN;
	if (need > a->limit - a->used) {
		a->failed = true;
		return NULL;
	}
	if (!a->blocks || need > a->blocks->size - a->blocks->used)
		arena_add_block(a, need);
	void *p = a->blocks->data + a->blocks->used;
	a->blocks->used += need;
	a->used += need;
	ASAN_UNPOISON_MEMORY_REGION(p, need);
	if (!a->blocks->is_clear)
		memset(p, 0, need);
	ASAN_POISON_MEMORY_REGION((char *)p + size, need - size);
	return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
	void *p = arena_try(a, size);

	if (p)
		return p;
	fprintf(stderr, "arena: %zu bytes asked, %zu of %zu used\n", size, a->used,
		a->limit);
	abort();
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		total = SIZE_MAX;
	return arena_alloc(a, total);
}

struct str arena_str(struct arena *a, struct str s)
{
	return (struct str){ arena_text(a, s), s.len };
}

char *arena_text(struct arena *a, struct str s)
{
	char *text = arena_alloc(a, s.len < SIZE_MAX ? s.len + 1 : SIZE_MAX);

	if (s.len)
		memcpy(text, s.data, s.len);
	return text;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	size_t size = len < 0 ? SIZE_MAX : (size_t)len + 1;
	char *text = arena_alloc(a, size);
	va_start(args, fmt);
	vsnprintf(text, size, fmt, args);
	va_end(args);
	return text;
}

void arena_on_done(struct arena *a, void (*f)(void *), void *thing)
{
	struct arena_cleanup *c = arena_alloc(a, sizeof(*c));

	*c = (struct arena_cleanup){ a->cleanups, f, thing };
	a->cleanups = c;
}

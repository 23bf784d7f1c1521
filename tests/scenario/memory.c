/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * With AddressSanitizer its hooks tell of each allocation; without, malloc and its like
 * are ours, and call the C library's.
 */
#include "memory.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define HAS_HOOKS 1
#else
#define HAS_HOOKS 0
#endif

#define EXPORTED __attribute__((visibility("default"), used))

static _Atomic size_t held;
static _Atomic size_t peak;
static _Atomic bool is_paused;

size_t memory_held(void)
{
	return held;
}

size_t memory_peak(void)
{
	return peak;
}

void memory_mark(void)
{
	peak = held;
}

void memory_pause(bool paused)
{
	is_paused = paused;
}

static void add(size_t size)
{
	size_t more = is_paused ? 0 : size;
	size_t now = atomic_fetch_add(&held, more) + more;

	if (now > peak)
		peak = now;
}

#if HAS_HOOKS

size_t __sanitizer_get_allocated_size(const volatile void *p);
EXPORTED void memory_on_malloc(const volatile void *p,
			       size_t size) __asm__("__sanitizer_malloc_hook");
EXPORTED void memory_on_free(const volatile void *p) __asm__("__sanitizer_free_hook");

void memory_on_malloc(unused_arg const volatile void *p, size_t size)
{
	add(size);
}

void memory_on_free(const volatile void *p)
{
	held -= p && !is_paused ? __sanitizer_get_allocated_size(p) : 0;
}

#else

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *p);

EXPORTED void *memory_malloc(size_t size) __asm__("malloc");
EXPORTED void *memory_calloc(size_t count, size_t size) __asm__("calloc");
EXPORTED void *memory_realloc(void *p, size_t size) __asm__("realloc");
EXPORTED void *memory_memalign(size_t alignment, size_t size) __asm__("memalign");
EXPORTED void *memory_aligned(size_t alignment, size_t size) __asm__("aligned_alloc");
EXPORTED int memory_posix(void **out, size_t alignment,
			  size_t size) __asm__("posix_memalign");
EXPORTED void memory_free(void *p) __asm__("free");

static void *counted(void *p)
{
	add(p ? malloc_usable_size(p) : 0);
	return p;
}

void *memory_malloc(size_t size)
{
	return counted(__libc_malloc(size));
}

void *memory_calloc(size_t count, size_t size)
{
	return counted(__libc_calloc(count, size));
}

void *memory_realloc(void *p, size_t size)
{
	size_t before = p ? malloc_usable_size(p) : 0;
	void *after = __libc_realloc(p, size);

	if (!after && size > 0)
		return NULL;
	held -= is_paused ? 0 : before;
	return counted(after);
}

void *memory_memalign(size_t alignment, size_t size)
{
	return counted(__libc_memalign(alignment, size));
}

void *memory_aligned(size_t alignment, size_t size)
{
	return memory_memalign(alignment, size);
}

int memory_posix(void **out, size_t alignment, size_t size)
{
	void *p = memory_memalign(alignment, size);

	if (!p)
		return ENOMEM;
	*out = p;
	return 0;
}

void memory_free(void *p)
{
	held -= p && !is_paused ? malloc_usable_size(p) : 0;
	__libc_free(p);
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allocation that succeeds or ends the process, and what the cleanup attributes call. */
#include "base/memory.h"

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void *checked(void *p)
{
	if (p)
		return p;
	fputs("out of memory\n", stderr);
	abort();
}

void *xalloc(size_t count, size_t size)
{
	return checked(count && size ? calloc(count, size) : calloc(1, 1));
}

void *xrealloc(void *p, size_t count, size_t size)
{
	return checked(count && size ? reallocarray(p, count, size) : realloc(p, 1));
}

void *xalloc_sparse(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	return checked(p == MAP_FAILED ? NULL : p);
}

void xfree_sparse(void *p, size_t size)
{
	if (p)
		munmap(p, size);
}

void memory_make_ready(size_t size)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	/* From the heap, and it stays there. */
	mallopt(M_MMAP_THRESHOLD, 2 * (int)size);
	mallopt(M_TRIM_THRESHOLD, 2 * (int)size);
	char *p = xrealloc(NULL, size, 1);
	uintptr_t inside = ((uintptr_t)p + page - 1) & ~(page - 1);
	/* Linux 5.14; before, a page is found when it is touched. */
	madvise((void *)inside, ((uintptr_t)p + size - inside) & ~(page - 1),
		MADV_POPULATE_WRITE);
	xfree(p);
}

void xfree(void *p)
{
	free(p);
}

void xfree_at(void *pointer_to_pointer)
{
	void *p;

	/* The variable may be any pointer type: copied, not read as a void pointer. */
	memcpy(&p, pointer_to_pointer, sizeof(p));
	free(p);
}

void close_at(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

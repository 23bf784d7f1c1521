/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allocation that succeeds or ends the process, and what the cleanup attributes call. */
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory for objects that live until x_free(&p). Allocation succeeds or ends the
 * process. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

#include "base/attribute.h"

/* Zeroed memory of count * size bytes. */
void *xalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));

/* Grows or shrinks; new bytes are not zeroed. p may be NULL. */
void *xrealloc(void *p, size_t count, size_t size) __attribute__((returns_nonnull));

/* Zeroed as by xalloc; what is never touched of it costs nothing. For big tables. */
void *xalloc_sparse(size_t size) __attribute__((malloc, returns_nonnull));
void xfree_sparse(void *p, size_t size);

/* The next `size` bytes that are allocated piece by piece are asked of the kernel now,
 * all at once: whoever waits anyway does not stop for each page later. */
void memory_make_ready(size_t size);

/* Gives back what xalloc, xrealloc or a C library handed out. p may be NULL. */
void xfree(void *p);

/* Cleanup attributes: `auto_free char *text = ...;`, `auto_fd int fd = -1;` */
void xfree_at(void *pointer_to_pointer);
void close_at(const int *fd);
#define auto_free __attribute__((cleanup(xfree_at)))
#define auto_fd   __attribute__((cleanup(close_at)))

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Deadlines for connections. libmicrohttpd ends a connection that is idle; one that
 * sends a byte now and then would stay for ever. A thread looks once a second and shuts
 * down the sockets that are over their time. Private to http; safe to call from any
 * thread.
 */
#ifndef HTTP_GUARD_H
#define HTTP_GUARD_H

#include "base/base.h"

struct guard;
struct guarded;

struct guard *guard_new(void);
/* All connections must be removed before. */
void guard_free(struct guard **g);

struct guarded *guard_add(struct guard *g, int fd);
/* Before the socket is closed. */
void guard_remove(struct guard *g, struct guarded *one);
/* From now on for so long; 0: no deadline. */
void guard_set(struct guard *g, struct guarded *one, unsigned seconds);

#endif

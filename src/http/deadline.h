/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Deadlines for connections. libmicrohttpd ends a connection that is idle; one that
 * sends a byte now and then would stay for ever. A thread looks once a second and shuts
 * down the sockets that are over their time. Private to http; safe to call from any
 * thread.
 */
#ifndef HTTP_DEADLINE_H
#define HTTP_DEADLINE_H

#include "base/base.h"

struct deadlines;
struct deadline;

struct deadlines *deadlines_new(void);
/* All connections must be removed before. */
void deadlines_free(struct deadlines **d);

struct deadline *deadline_add(struct deadlines *d, int fd);
/* Before the socket is closed. */
void deadline_remove(struct deadlines *d, struct deadline *one);
/* From now on for so long; 0: no deadline. */
void deadline_set(struct deadlines *d, struct deadline *one, unsigned seconds);

#endif

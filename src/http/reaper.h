/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Deadlines for connections. libmicrohttpd ends a connection that is idle; one that
 * sends a byte now and then would stay for ever. A thread looks once a second and shuts
 * down the sockets that are over their time. Private to http; safe to call from any
 * thread.
 */
#ifndef HTTP_REAPER_H
#define HTTP_REAPER_H

#include "base/base.h"

struct reaper;
struct watched;

struct reaper *reaper_new(void);
/* All connections must be removed before. */
void reaper_free(struct reaper **d);

struct watched *reaper_add(struct reaper *d, int fd);
/* Before the socket is closed. */
void reaper_remove(struct reaper *d, struct watched *one);
/* From now on for so long; 0: no deadline. */
void reaper_set(struct reaper *d, struct watched *one, unsigned seconds);

/* Whether the other side has closed the connection, which nobody else notices while
 * nothing is read from it and nothing written. */
bool watched_is_left(const struct watched *one);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses to listen on, from text to a socket and back. Private to http. */
#ifndef HTTP_LISTEN_H
#define HTTP_LISTEN_H

#include <sys/socket.h>

#include "base/base.h"

/* "127.0.0.1:8025", "[::1]:8025". ERR_USAGE, ERR_UNAVAILABLE. */
bool listen_open(struct str text, int *fd_out, struct err *e) must_check;
/* "127.0.0.1", "::1"; nothing for other families. */
void listen_write_host(struct buf *out, const struct sockaddr *at);
/* Where a socket listens: "[::1]:8025". */
void listen_write_address(struct buf *out, int fd);

#endif

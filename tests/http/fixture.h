/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server on a port of its own that shows what it was asked, and a raw client. */
#ifndef TESTS_HTTP_FIXTURE_H
#define TESTS_HTTP_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/http.h"

/* A TCP connection to "127.0.0.1:PORT". */
int raw_connect(struct str address);
/* Sends text and reads until the server closes; at most 10 s a read. */
struct str raw_ask(struct arena *a, struct str address, struct str text);
/* Reads until `end` was seen or the connection closed. */
void raw_read(int fd, struct buf *out, const char *end);

#endif

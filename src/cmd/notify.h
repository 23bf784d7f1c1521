/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a service tells systemd: sd_notify(3)'s datagrams, one setting a line. Without
 * NOTIFY_SOCKET everything here does nothing.
 */
#ifndef CMD_NOTIFY_H
#define CMD_NOTIFY_H

#include <sys/socket.h>
#include <sys/un.h>

#include "base/base.h"

struct notify {
	int fd; /* -1: nobody listens */
	struct sockaddr_un address;
	socklen_t address_len;
	int64_t watchdog_ms; /* a sign of life is wanted this often; 0: never */
};

/* Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment: they are
 * not for our children. */
void notify_open(struct notify *n);
void notify_close(struct notify *n);
/* "READY=1\nSTATUS=..."; lost where nobody takes it. */
void notify_say(const struct notify *n, struct str text);

#endif

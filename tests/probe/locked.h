/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process of its own for whoever tries something from inside the sandbox. */
#ifndef TESTS_PROBE_LOCKED_H
#define TESTS_PROBE_LOCKED_H

#include "probe/sandbox.h"

/* What is tried; gives the exit status. fd is the one that was kept open. */
typedef int locked_fn(int fd, const void *arg);

struct locked {
	const char *forward; /* dns.forward, or NULL */
	int fd;              /* kept; 0: none */
	bool is_outside;     /* only begun, not entered */
};

/* Enters the sandbox in a child and tries it there. How it ended: the exit status, or
 * 1000 and the signal. */
int locked_run(const struct locked *how, locked_fn *f, const void *arg);

#endif

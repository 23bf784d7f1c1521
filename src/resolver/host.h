/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses of name servers that many wait for: each is looked up once. */
#ifndef RESOLVER_HOST_H
#define RESOLVER_HOST_H

#include "resolver/state.h"

struct hosts;
struct hosts *hosts_new(struct resolver *r);
/* Cancels all; nobody may wait any more. */
void hosts_free(struct hosts **all);

/* A place in the row of those who wait; lives inside its owner. */
struct host_wait {
	struct list hook;
	void (*done)(struct host_wait *w); /* from the loop; it waits no longer */
	void *arg;
	bool has_address; /* when done: the cache knows it now */
};
void host_await(struct hosts *all, const struct dns_name *name, struct host_wait *w);
void host_leave(struct host_wait *w);
/* `from` takes the place `to`, which nobody has. */
void host_wait_move(struct host_wait *to, struct host_wait *from);

#endif

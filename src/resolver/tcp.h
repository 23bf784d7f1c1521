/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One question over TCP (RFC 7766): a connection, a framed message out, one in. */
#ifndef RESOLVER_TCP_H
#define RESOLVER_TCP_H

#include <uv.h>

#include "observation/observation.h"
#include "resolver/deadline.h"

struct budget;

enum tcp_end {
	TCP_ANSWERED,
	TCP_REFUSED, /* reset, no route */
	TCP_TIMEOUT,
	TCP_BROKEN,   /* closed before a whole message was there */
	TCP_TOO_MUCH, /* came in for what the check may cost */
};

struct tcp;
/* message: borrowed for the call; empty unless TCP_ANSWERED. The tcp is gone then. */
typedef void tcp_done_fn(void *arg, enum tcp_end end, struct str message);

struct tcp_options {
	uv_loop_t *loop;
	struct deadlines *deadlines;
	struct address address;
	int64_t deadline_us;   /* for the whole */
	int64_t idle_us;       /* between two reads */
	struct budget *budget; /* what comes in is taken from it as it comes */
};
/* Copies the query. Calls back exactly once, from the loop, unless cancelled. */
struct tcp *tcp_start(const struct tcp_options *o, struct str query, tcp_done_fn *done,
		      void *arg);
void tcp_cancel(struct tcp **t);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scripted servers: sockets on the loopback, and what leaves them when. They act only
 * while the checker waits. */
#ifndef SCENARIO_SERVE_H
#define SCENARIO_SERVE_H

#include "rule.h"
#include "step.h"

enum tcp_listening {
	LISTEN_USUAL,
	LISTEN_REFUSE,    /* nobody listens */
	LISTEN_BLACKHOLE, /* nothing ever comes back */
};

struct serve;

/* Packets travel so long, there and back, unless a server has its own time. */
struct serve *serve_new(struct world *world, struct arena *a);
void serve_set_rtt(struct serve *s, int64_t us);
/* Opens the sockets where they are not open. ERR_UNAVAILABLE: not in a namespace? */
bool serve_listen(struct serve *s, const struct address *a, struct err *e) must_check;
void serve_set_server(struct serve *s, const struct address *a, int64_t rtt_us,
		      enum tcp_listening tcp);
/* Before all that are there. */
void serve_add_rules(struct serve *s, struct rule *first);
struct rule *serve_rules(struct serve *s);
const struct step_world *serve_world(struct serve *s);
/* A rule that could not be read when it was needed; false: none. */
bool serve_has_failed(const struct serve *s, struct err *e);
void serve_close(struct serve *s);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* This process among those that work on one store. Inside service only. */
#ifndef SERVICE_NODE_H
#define SERVICE_NODE_H

#include "store/store.h"

struct service;

enum {
	NEIGHBOURS_MAX = 64,
};

/* What was last heard of another node, and since when by our own clock: theirs may be
 * wrong. */
struct neighbour {
	int64_t id;
	int64_t seen_at;
	int64_t since_ms;
};
struct neighbours {
	struct neighbour rows[NEIGHBOURS_MAX];
	size_t count;
};

/* A role that one node has at a time. */
struct role {
	struct lease lease;
	int64_t until_s;
	bool is_new; /* taken over with the last role_hold */
};

/* Makes itself known. Where it is alone on the store it frees what its predecessor had.
 */
bool node_begin(struct service *v, struct err *e) must_check;
/* Gives everything back. */
void node_end(struct service *v);

/* Takes the role or keeps it, for a minute. *held_out false: another node has it. */
bool role_hold(struct service *v, struct store *s, enum lease_role role, struct role *r,
	       bool *held_out, struct err *e) must_check;

#endif

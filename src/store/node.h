/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The processes that work on this store. What a node has leased is free when its row is
 * gone. */
#ifndef STORE_NODE_H
#define STORE_NODE_H

#include "base/base.h"

struct store;

struct node_row {
	int64_t id; /* random: of this process, not of the machine */
	struct str name;
	int64_t started_at;
	int64_t seen_at;
};
struct node_list {
	struct node_row *rows;
	size_t count;
};
/* Takes the place of those with the same name: they are gone, or it is a mistake that
 * fences make harmless. */
bool store_node_add(struct store *s, const struct node_row *row, struct err *e)
	must_check;
/* Still there. ERR_NOT_FOUND: it was given up by others; add it again. */
bool store_node_seen(struct store *s, int64_t id, int64_t now_s, struct err *e)
	must_check;
bool store_node_list(struct store *s, struct arena *a, size_t limit,
		     struct node_list *out, struct err *e) must_check;
/* It, and its leases. */
bool store_node_remove(struct store *s, int64_t id, struct err *e) must_check;

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All or nothing for a function that may be a part of something larger. */
#ifndef STORE_SCOPE_H
#define STORE_SCOPE_H

#include "base/base.h"

struct store;

/*
 * A transaction of its own, or, inside the caller's, a savepoint: what it writes is then
 * kept when the caller's is.
 *
 *   struct store_scope o;
 *   return store_scope_open(s, &o, e) && store_scope_close(&o, rows_write(s, row, e), e);
 */
struct store_scope {
	struct store *store;
	bool own;
};
bool store_scope_open(struct store *s, struct store_scope *o, struct err *e) must_check;
/* Keeps what was written if `good`, else undoes it; returns whether it is kept. */
bool store_scope_close(struct store_scope *o, bool good, struct err *e) must_check;

#endif

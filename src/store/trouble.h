/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often the database failed, of all connections of this process; for /metrics. What a
 * caller did wrong, or did not find, is no failure of the database. */
#ifndef STORE_TROUBLE_H
#define STORE_TROUBLE_H

#include "base/base.h"

enum store_op {
	STORE_OP_OPEN,
	STORE_OP_BEGIN,
	STORE_OP_STATEMENT,
	STORE_OP_COMMIT,
	STORE_OPS,
};
const char *store_op_name(enum store_op op);
/* Since the process started. Any thread. */
uint64_t store_op_failures(enum store_op op);

/* Inside store only. */
void trouble_note(enum store_op op, const struct err *e);

#endif

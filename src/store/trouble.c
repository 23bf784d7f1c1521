/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/trouble.h"

#include <stdatomic.h>

static atomic_uint_fast64_t failures[STORE_OPS];

const char *store_op_name(enum store_op op)
{
	static const char *const names[STORE_OPS] = { "open", "begin", "statement",
						      "commit" };

	return names[op];
}

uint64_t store_op_failures(enum store_op op)
{
	return atomic_load(&failures[op]);
}

void trouble_note(enum store_op op, const struct err *e)
{
	if (op == STORE_OP_OPEN || e->kind == ERR_UNAVAILABLE ||
	    e->kind == ERR_CONFLICT || e->kind == ERR_INTERNAL)
		atomic_fetch_add(&failures[op], 1);
}

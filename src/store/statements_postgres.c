/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where PostgreSQL needs a text of its own; parameters and columns are those of the text that
 * it stands for. */
#include "store/statements.h"

#include <stddef.h>

static const char *const texts[SQL_COUNT] = {
	[SQL_BEGIN] = "BEGIN",
	[SQL_SCHEMA_VERSION] = "SELECT value FROM meta WHERE name = 'schema'",
	[SQL_FENCE_TAKE] = "SELECT nextval('fence_seq')",
};

const char *sql_text_postgres(enum sql sql)
{
	return texts[sql];
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements of each table stand behind the named ones. */
#include "store/table.h"

enum sql table_sql(const struct table *t, enum table_verb verb)
{
	return (enum sql)(SQL_COUNT + (t - tables) * TABLE_VERBS + verb);
}

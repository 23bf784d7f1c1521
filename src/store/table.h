/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tables as data, for what goes over all of them: backups, and moving to another
 * engine. table.py makes them of the schema. Leases and nodes are of a moment and not
 * among them; a parent stands before what refers to it.
 */
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include "base/base.h"
#include "store/statements.h"

enum column_kind {
	COLUMN_INT,
	COLUMN_TEXT,
	COLUMN_BLOB,
};

struct column {
	const char *name;
	enum column_kind kind;
};

/* What can be done with each. */
enum table_verb {
	TABLE_READ,     /* a page: the keys' last values, how many */
	TABLE_ADD,      /* a row: all columns */
	TABLE_SIZE,     /* how many rows */
	TABLE_LAST,     /* the last row number ever given; only with has_id */
	TABLE_LAST_SET, /* the row number not to be given again; only with has_id */
	TABLE_VERBS,
};

struct table {
	const char *name;
	const struct column *columns;
	size_t column_count;
	size_t keys[2]; /* columns of the primary key, in order */
	size_t key_count;
	size_t page; /* rows read at once */
	bool has_id;
	/* By engine. */
	const char *texts[2][TABLE_VERBS];
};
extern const struct table tables[TABLE_COUNT];

enum sql table_sql(const struct table *t, enum table_verb verb);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A store as one stream of lines, the same for every engine, and back (doc/backup.md). It
 * is taken in one transaction while others go on writing, and put back in one.
 */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "base/base.h"

struct store;

struct backup_counts {
	int64_t made_at; /* Unix time */
	uint64_t tables;
	uint64_t rows;
};

/* Writes all to fd. Leases and nodes are of the moment and left out. */
bool store_backup(struct store *s, int fd, int64_t now_s, struct backup_counts *out,
		  struct err *e) must_check;
/* Reads a backup to its end; its counts are true only when it is sound. ERR_USAGE: it is
 * no backup, is cut short or was changed, or is of another version. */
bool store_backup_check(int fd, struct backup_counts *out, struct err *e) must_check;
/* The same, and puts it into a store that must be empty: ERR_EXISTS. */
bool store_restore(struct store *s, int fd, struct backup_counts *out, struct err *e)
	must_check;

/* What is wrong in a store although every row is there. */
struct store_problem {
	const char *code;
	const char *text; /* which rows; for lang_text */
	int64_t count;    /* rows, never 0 */
};
enum {
	STORE_PROBLEMS_MAX = 16,
};
bool store_verify(struct store *s, struct store_problem out[STORE_PROBLEMS_MAX],
		  size_t *count_out, struct err *e) must_check;

struct store_size {
	const char *table;
	int64_t rows;
};
struct store_status {
	const char *engine; /* "SQLite", "PostgreSQL" */
	int schema;
	struct store_size sizes[32];
	size_t size_count;
};
bool store_status_read(struct store *s, struct store_status *out, struct err *e)
	must_check;

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Turns at writing, first come first served, among the connections of this process to one
 * file. SQLite itself wakes nobody: who waits sleeps and tries again, ever later, so that
 * of many writers some would starve. It still keeps the order between processes.
 */
#ifndef STORE_TURN_H
#define STORE_TURN_H

#include "base/base.h"

struct turn;

/* The same for all that name the same file by device and inode; ERR_LIMIT: too many files
 * at once. */
bool turn_open(uint64_t device, uint64_t inode, struct turn **out, struct err *e)
	must_check;
/* Whoever has it has given it back before. */
void turn_close(struct turn **t);
/* ERR_UNAVAILABLE when nobody gave it back for timeout_ms. */
bool turn_take(struct turn *t, int64_t timeout_ms, struct err *e) must_check;
void turn_give(struct turn *t);

#endif

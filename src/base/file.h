/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files, small ones. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* Appends the file's bytes to out (at most out->max in all); path "-" is standard
 * input. */
bool file_read(const char *path, struct buf *out, struct err *e) must_check;
/* Replaces the file by a temporary one beside it, fsync and rename: readers see the old
 * or the new whole, also after a crash. Only a regular file is replaced: a device, a pipe
 * or a symbolic link is refused (ERR_USAGE), since the name would no longer be one. */
bool file_replace(const char *path, struct str content, mode_t mode, struct err *e)
	must_check;
/* Makes the file; fails with ERR_EXISTS if it is there. fsynced. */
bool file_create(const char *path, struct str content, mode_t mode, struct err *e)
	must_check;
/* Writes all of s to fd, through EINTR and short writes; where fd does not block, it
 * waits as one that does. ERR_UNAVAILABLE, with this code when the reader went away: */
#define FILE_UNREAD "unread"
bool file_write_all(int fd, struct str s, struct err *e) must_check;

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lock is on a file of its own beside the database: to open and close the database
 * itself would take away the locks that SQLite holds on it (POSIX, fcntl). The kernel
 * lets go of it when the process ends, however it ends. It is such a lock itself: one
 * by flock() would live on in a probe that was just being forked when the service was
 * killed, and the next service would be refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "store/store.h"

bool store_lock(struct str url, int *fd_out, struct err *e)
{
	auto_buf struct buf path = { 0 };
	auto_fd int fd = -1;

	/* There, leases and fences keep the nodes apart. */
	if (!str_starts(url, STR("sqlite:"))) {
		*fd_out = -1;
		return true;
	}
	buf_init(&path, 4096);
	buf_str(&path, str_sub(url, str_find_byte(url, ':') + 1, url.len));
	buf_text(&path, ".lock");
	if (path.failed)
		return err_set(e, ERR_USAGE, "the path of the store is too long");
	fd = open(buf_cstr(&path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_set(e, ERR_UNAVAILABLE, "cannot open '%s': %s",
			       buf_cstr(&path), strerrordesc_np(errno));
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	if (fcntl(fd, F_SETLK, &whole) != 0)
		return err_set(e, ERR_UNAVAILABLE,
			       "another 'unpend serve' works on this store: '%s' is "
			       "locked",
			       buf_cstr(&path));
	*fd_out = fd;
	fd = -1;
	return true;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading and writing whole files. A new file is written under a temporary name beside
 * the final one, made durable, and only then given its name; then the directory is made
 * durable.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"

#define FILE_PATH_MAX 4096
#define FILE_CHUNK    16384

static enum err_kind kind_of_errno(int number)
{
	switch (number) {
	case ENOENT:
	case ENOTDIR:
		return ERR_NOT_FOUND;
	case EEXIST:
		return ERR_EXISTS;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_DENIED;
	case EISDIR:
	case ENAMETOOLONG:
	case ELOOP:
		return ERR_USAGE;
	default:
		return ERR_UNAVAILABLE;
	}
}

/* The usual reasons in words that can be translated, others as libc says them. */
static const char *reason_of(int number)
{
	static const struct {
		int number;
		const char *text;
	} reasons[] = {
		{ ENOENT, LANG_MARK("no such file or directory") },
		{ EACCES, LANG_MARK("permission denied") },
		{ EPERM, LANG_MARK("operation not permitted") },
		{ EISDIR, LANG_MARK("is a directory") },
		{ ENOTDIR, LANG_MARK("not a directory") },
		{ EEXIST, LANG_MARK("file exists") },
		{ ENOSPC, LANG_MARK("no space left on device") },
		{ EROFS, LANG_MARK("read-only file system") },
	};
	const char *text = strerrordesc_np(number);

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (reasons[i].number == number)
			return reasons[i].text;
	return text ? text : "unknown error";
}

/* "cannot read 'path': permission denied" from errno. */
static bool file_failed(struct err *e, const char *what, const char *path)
{
	int number = errno;

	return err_set(e, kind_of_errno(number), LANG_MARK("cannot %s '%s': %s"),
		       lang_text(e->lang, what), path,
		       lang_text(e->lang, reason_of(number)));
}

/* Reads on to the end of fd; one byte more than fits shows that there is too much. */
static bool file_read_fd(int fd, const char *path, struct buf *out, struct err *e)
{
	for (;;) {
		size_t space = out->max - out->len;
		size_t want = space < FILE_CHUNK ? space : FILE_CHUNK;
		char beyond;
		char *room = want ? buf_room(out, want) : &beyond;
		if (!room)
			return err_set(e, ERR_LIMIT, "no room to read '%s'", path);
		ssize_t got = read(fd, room, want ? want : 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return file_failed(e, LANG_MARK("read"), path);
		if (got == 0)
			return true;
		if (!want)
			return err_set(e, ERR_LIMIT, "'%s' is larger than %zu bytes",
				       path, out->max);
		buf_wrote(out, (size_t)got);
	}
}

bool file_read(const char *path, struct buf *out, struct err *e)
{
	size_t before = out->len;
	auto_fd int opened = -1;
	int fd = STDIN_FILENO;

	if (strcmp(path, "-") != 0) {
		opened = open(path, O_RDONLY | O_CLOEXEC);
		if (opened < 0)
			return file_failed(e, LANG_MARK("read"), path);
		fd = opened;
	}
	if (file_read_fd(fd, path, out, e))
		return true;
	buf_cut(out, before);
	return false;
}

static bool file_unwritten(struct err *e)
{
	int number = errno;

	err_set(e, ERR_UNAVAILABLE, LANG_MARK("cannot write: %s"),
		lang_text(e->lang, reason_of(number)));
	return err_code(e, number == EPIPE ? FILE_UNREAD : NULL);
}

bool file_write_all(int fd, struct str s, struct err *e)
{
	while (s.len) {
		ssize_t wrote = write(fd, s.data, s.len);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0 && errno == EAGAIN) {
			poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
			continue;
		}
		if (wrote < 0)
			return file_unwritten(e);
		s = str_sub(s, (size_t)wrote, s.len);
	}
	return true;
}

/* So that the new name outlives a crash. */
static bool file_sync_directory(const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	auto_buf struct buf directory;

	buf_init(&directory, FILE_PATH_MAX);
	if (!slash)
		buf_text(&directory, ".");
	else
		buf_add(&directory, path, slash == path ? 1 : (size_t)(slash - path));
	auto_fd int fd = open(buf_cstr(&directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return file_failed(e, LANG_MARK("make durable the directory of"), path);
	return true;
}

/* Fills the open temporary file. */
static bool file_fill(int fd, const char *path, struct str content, mode_t mode,
		      struct err *e)
{
	if (fchmod(fd, mode) < 0)
		return file_failed(e, LANG_MARK("set the mode of"), path);
	if (!file_write_all(fd, content, e))
		return err_in(e, "'%s'", path);
	if (fsync(fd) < 0)
		return file_failed(e, LANG_MARK("make durable"), path);
	return true;
}

/* Makes the temporary file beside path and fills it; its name ends up in temporary. */
static bool file_write_beside(const char *path, struct str content, mode_t mode,
			      struct buf *temporary, struct err *e)
{
	buf_printf(temporary, "%s.XXXXXX", path);
	if (temporary->failed)
		return err_set(e, ERR_USAGE, "path too long: '%s'", path);
	auto_fd int fd = mkostemp(temporary->data, O_CLOEXEC);
	if (fd < 0)
		return file_failed(e, LANG_MARK("create"), path);
	if (file_fill(fd, path, content, mode, e))
		return true;
	unlink(buf_cstr(temporary));
	return false;
}

/* Who may write in the folder could rename over anything that has a name there: root over
 * /dev/null. */
static bool file_may_replace(const char *path, struct err *e)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT || file_failed(e, LANG_MARK("replace"), path);
	if (S_ISREG(st.st_mode))
		return true;
	if (S_ISLNK(st.st_mode))
		return err_set(e, ERR_USAGE,
			       LANG_MARK("'%s' is a symbolic link and is not replaced; "
					 "name the file itself"),
			       path);
	return err_set(e, ERR_USAGE,
		       LANG_MARK("'%s' is not a regular file and is not replaced"), path);
}

bool file_replace(const char *path, struct str content, mode_t mode, struct err *e)
{
	auto_buf struct buf temporary;

	buf_init(&temporary, FILE_PATH_MAX);
	if (!file_may_replace(path, e) ||
	    !file_write_beside(path, content, mode, &temporary, e))
		return false;
	if (rename(buf_cstr(&temporary), path) < 0) {
		file_failed(e, LANG_MARK("replace"), path);
		unlink(buf_cstr(&temporary));
		return false;
	}
	return file_sync_directory(path, e);
}

bool file_create(const char *path, struct str content, mode_t mode, struct err *e)
{
	auto_buf struct buf temporary;

	buf_init(&temporary, FILE_PATH_MAX);
	/* Often it is there: then nothing is written that an early death would leave. */
	if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return file_failed(e, LANG_MARK("create"), path);
	}
	if (!file_write_beside(path, content, mode, &temporary, e))
		return false;
	/* Unlike rename, link fails when the name is taken. */
	bool linked = link(buf_cstr(&temporary), path) == 0;
	if (!linked)
		file_failed(e, LANG_MARK("create"), path);
	unlink(buf_cstr(&temporary));
	return linked && file_sync_directory(path, e);
}

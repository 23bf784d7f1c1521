/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Put before a program (LD_PRELOAD) that is run by valgrind: what it starts as
 * /proc/self/exe is then the program itself, where it would be valgrind.
 */
#include <dlfcn.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

typedef int exec_fn(const char *path, char *const argv[]);

/* valgrind answers readlink as if it were not there. */
static const char *own_path(const char *path, char out[PATH_MAX])
{
	ssize_t len = strcmp(path, "/proc/self/exe") == 0
			      ? readlink(path, out, PATH_MAX - 1)
			      : -1;
	if (len < 0)
		return path;
	out[len] = '\0';
	return out;
}

/* As libuv calls it. */
__attribute__((visibility("default"))) int execvp(const char *path, char *const argv[])
{
	char own[PATH_MAX];
	exec_fn *next = (exec_fn *)(uintptr_t)dlsym(RTLD_NEXT, "execvp");
	return next(own_path(path, own), argv);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Preloaded by test_nth.py: lets the n-th call of a function fail, or all from the n-th.
 *
 *   NTH="FUNCTION ERRNO N once|on" NTH_REACHED=FILE
 *
 * The file is made when it comes to that.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define EXPORT     __attribute__((visibility("default")))

static atomic_long calls;

static void note_reached(void)
{
	const char *path = getenv("NTH_REACHED");
	int fd = path ? open(path, O_CREAT | O_WRONLY, 0600) : -1;

	if (fd >= 0)
		close(fd);
}

/* Whether this call of the function fails; errno is set then. */
static bool fails(const char *function)
{
	const char *order = getenv("NTH");
	size_t len = strlen(function);
	char *rest;

	if (!order || strncmp(order, function, len) != 0 || order[len] != ' ')
		return false;
	long error = strtol(order + len + 1, &rest, 10);
	long n = strtol(rest, &rest, 10);
	long call = atomic_fetch_add(&calls, 1) + 1;
	if (call != n && (call < n || strcmp(rest, " on") != 0))
		return false;
	note_reached();
	errno = (int)error;
	return true;
}

EXPORT int socket(int domain, int type, int protocol)
{
	/* Not those of libc and libraries that are no question's. */
	bool asks = domain == AF_INET || domain == AF_INET6;

	return asks && fails("socket") ? -1 : REAL(socket)(domain, type, protocol);
}

EXPORT int bind(int fd, const struct sockaddr *address, socklen_t len)
{
	return fails("bind") ? -1 : REAL(bind)(fd, address, len);
}

EXPORT int connect(int fd, const struct sockaddr *address, socklen_t len)
{
	return fails("connect") ? -1 : REAL(connect)(fd, address, len);
}

EXPORT int setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	return fails("setsockopt") ? -1 : REAL(setsockopt)(fd, level, option, value, len);
}

EXPORT int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	return fails("sendmmsg") ? -1 : REAL(sendmmsg)(fd, messages, count, flags);
}

EXPORT int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags,
		    struct timespec *timeout)
{
	return fails("recvmmsg") ? -1
				 : REAL(recvmmsg)(fd, messages, count, flags, timeout);
}

EXPORT int epoll_pwait(int fd, struct epoll_event *events, int max, int timeout,
		       const sigset_t *mask)
{
	return fails("epoll") ? -1 : REAL(epoll_pwait)(fd, events, max, timeout, mask);
}

EXPORT int epoll_wait(int fd, struct epoll_event *events, int max, int timeout)
{
	return fails("epoll") ? -1 : REAL(epoll_wait)(fd, events, max, timeout);
}

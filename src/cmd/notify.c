/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

/* A path, or with '@' in front a name in the abstract space (unix(7)). */
static bool address_make(struct notify *n, struct str path)
{
	n->address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (path.len < 2 || path.len >= sizeof(n->address.sun_path) ||
	    (path.data[0] != '/' && path.data[0] != '@'))
		return false;
	memcpy(n->address.sun_path, path.data, path.len);
	if (path.data[0] == '@')
		n->address.sun_path[0] = '\0';
	n->address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.len);
	return true;
}

/* sd_watchdog_enabled(3): half of the time, so that one sign may be late. */
static int64_t watchdog_ms(void)
{
	struct str pid = str_from(getenv("WATCHDOG_PID"));
	struct str usec = str_from(getenv("WATCHDOG_USEC"));
	uint64_t n = 0;

	if (pid.len && (!str_number(pid, INT32_MAX, &n) || n != (uint64_t)getpid()))
		return 0;
	return str_number(usec, INT64_MAX, &n) && n >= 2000 ? (int64_t)(n / 2000) : 0;
}

void notify_open(struct notify *n)
{
	*n = (struct notify){ .fd = -1 };
	if (address_make(n, str_from(getenv("NOTIFY_SOCKET"))))
		n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (n->fd >= 0)
		n->watchdog_ms = watchdog_ms();
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
}

void notify_close(struct notify *n)
{
	close_at(&n->fd);
}

void notify_say(const struct notify *n, struct str text)
{
	if (n->fd >= 0)
		(void)sendto(n->fd, text.data, text.len, MSG_NOSIGNAL,
			     (const struct sockaddr *)&n->address, n->address_len);
}

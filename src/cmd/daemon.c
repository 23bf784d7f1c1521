/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/daemon.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	LISTEN_FD_FIRST = 3, /* sd_listen_fds(3) */
};

void daemon_log_open(const struct config *config)
{
	static const char *const levels[] = { "debug", "info", "warn", "error" };
	struct str level = config_text(config, CONFIG_LOG_LEVEL);
	struct str format = config_text(config, CONFIG_LOG_FORMAT);
	enum log_level least = LOG_LEVEL_INFO;

	for (unsigned i = 0; i < ARRAY_LEN(levels); i++)
		if (str_is(level, levels[i]))
			least = (enum log_level)i;
	log_open(least, str_is(format, "auto") ? -1 : str_is(format, "json"));
}

int daemon_listen_fd(void)
{
	struct str pid = str_from(getenv("LISTEN_PID"));
	struct str fds = str_from(getenv("LISTEN_FDS"));
	uint64_t n;
	bool ours = str_number(pid, INT32_MAX, &n) && n == (uint64_t)getpid() &&
		    str_number(fds, 1024, &n) && n >= 1;

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (!ours)
		return -1;
	(void)fcntl(LISTEN_FD_FIRST, F_SETFD, FD_CLOEXEC);
	return LISTEN_FD_FIRST;
}

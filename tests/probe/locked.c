/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "locked.h"

#include <assert.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	NOT_ENTERED = 99,
	BY_SIGNAL = 1000,
};

static struct config *configure(const char *forward)
{
	struct config *config = config_new();
	struct err e = { 0 };
	bool ok = !forward ||
		  config_set(config, STR("dns.forward"), str_from(forward), "test", &e);

	assert(ok);
	return config;
}

static int try(const struct locked *how, locked_fn *f, const void *arg)
{
	struct config *config = configure(how->forward);
	struct err e = { 0 };
	int fd = how->fd ? how->fd : STDERR_FILENO;

	sandbox_begin(fd);
	if (!how->is_outside && !sandbox_enter(config, &e)) {
		fprintf(stderr, "%s\n", e.text);
		return NOT_ENTERED;
	}
	return f(fd, arg);
}

int locked_run(const struct locked *how, locked_fn *f, const void *arg)
{
	int status;
	pid_t pid = fork();

	assert(pid >= 0);
	if (pid == 0)
		_exit(try(how, f, arg));
	pid_t ended = waitpid(pid, &status, 0);
	assert(ended == pid);
	return WIFSIGNALED(status) ? BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One program, started directly, waited for with a deadline. */
#include "keys/reload.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	WORDS_MAX = 32,
	DEADLINE_MS = 30 * 1000,
};

/* Words of the command as argv; false when there are too many. */
static bool words_split(struct arena *a, struct str command, char **argv)
{
	struct cursor c = cursor_over(command);
	size_t count = 0;

	for (;;) {
		(void)cursor_while(&c, " \t");
		struct str word = cursor_until(&c, " \t");
		if (!word.len)
			break;
		if (count == WORDS_MAX)
			return false;
		argv[count++] = arena_text(a, word);
	}
	argv[count] = NULL;
	return true;
}

/* A process group of its own with default signals, nothing to read, its output thrown
 * away. */
static int program_start(char **argv, pid_t *pid_out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t none, all;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	posix_spawnattr_init(&how);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(&how, &none);
	posix_spawnattr_setsigdefault(&how, &all);
	posix_spawnattr_setpgroup(&how, 0);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
					       POSIX_SPAWN_SETPGROUP);
	int failed = posix_spawnp(pid_out, argv[0], &files, &how, argv, environ);
	posix_spawnattr_destroy(&how);
	posix_spawn_file_actions_destroy(&files);
	return failed;
}

/* Until the process is over or the deadline has passed. */
static bool program_wait(pid_t pid)
{
	int64_t deadline_us = clock_mono_us() + (int64_t)DEADLINE_MS * 1000;
	auto_fd int fd = pidfd_open(pid, 0);
	struct pollfd end = { .fd = fd, .events = POLLIN };

	for (;;) {
		int64_t left_ms = (deadline_us - clock_mono_us()) / 1000;
		int ready = poll(&end, 1, left_ms > 0 ? (int)left_ms : 0);
		if (ready > 0)
			return true;
		if (ready == 0)
			return false;
	}
}

bool reload_run(struct str command, struct err *e)
{
	char *argv[WORDS_MAX + 1];
	auto_arena struct arena a;
	int status = 0;
	pid_t pid;

	arena_init(&a, 64 * 1024);
	if (command.len > 4096 || !words_split(&a, command, argv))
		return err_set(e, ERR_USAGE, "keys.reload has too many words");
	if (!argv[0])
		return true;
	int failed = program_start(argv, &pid);
	if (failed)
		return err_set(e, ERR_UNAVAILABLE, "cannot run '%s': %s", argv[0],
			       strerrordesc_np(failed));
	bool ended = program_wait(pid);
	if (!ended)
		(void)kill(-pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	if (!ended)
		return err_set(e, ERR_UNAVAILABLE, "'%s' took more than %d s", argv[0],
			       DEADLINE_MS / 1000);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	return err_set(e, ERR_UNAVAILABLE, "'%s' failed with %s %d", argv[0],
		       WIFEXITED(status) ? "exit code" : "signal",
		       WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

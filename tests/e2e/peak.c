/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a program and writes what it took into a file: `PEAK-KILOBYTES SYSTEM-CALLS
 * PAGE-FAULTS`. The peak is the program's own, as it is started by something small.
 *
 *   peak FILE PROGRAM [ARGUMENT...]
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	EXIT_TROUBLE = 125,
	AT_CALL = SIGTRAP | 0x80,
};

static void become(char **command)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	execvp(command[0], command);
	_exit(EXIT_TROUBLE);
}

/* Each call stops it twice. */
static int follow(pid_t pid, unsigned long *stops, struct rusage *used)
{
	int status;
	int pass_on = 0;

	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return EXIT_TROUBLE;
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	do {
		ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)pass_on);
		if (wait4(pid, &status, 0, used) != pid)
			return EXIT_TROUBLE;
		bool is_call = WIFSTOPPED(status) && WSTOPSIG(status) == AT_CALL;
		*stops += is_call;
		pass_on = WIFSTOPPED(status) && !is_call && WSTOPSIG(status) != SIGTRAP
				  ? WSTOPSIG(status)
				  : 0;
	} while (WIFSTOPPED(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_TROUBLE;
}

int main(int argc, char **argv)
{
	struct rusage used = { 0 };
	unsigned long stops = 0;

	if (argc < 3)
		return EXIT_TROUBLE;
	pid_t pid = fork();
	if (pid == 0)
		become(argv + 2);
	int code = follow(pid, &stops, &used);
	FILE *out = fopen(argv[1], "w");
	if (!out)
		return EXIT_TROUBLE;
	fprintf(out, "%ld %lu %ld\n", used.ru_maxrss, stops / 2, used.ru_minflt);
	fclose(out);
	return code;
}

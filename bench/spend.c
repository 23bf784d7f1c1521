/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a program costs: runs it and adds a line of JSON to a file.
 *
 *   spend FILE PROGRAM [ARGUMENT...]
 *
 * Wall seconds from before it is started until it has ended, its CPU seconds with those
 * of its children, and the most memory in KiB that one of them had. This process is
 * small, for the kernel counts the memory of who forks as the child's.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"

static double seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	struct rusage used;
	int status = 0;
	if (argc < 3) {
		fprintf(stderr, "usage: spend FILE PROGRAM [ARGUMENT...]\n");
		return EXIT_FAILURE;
	}
	int64_t begun = clock_mono_us();
	pid_t pid = vfork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &used) != pid) {
		perror("spend");
		return EXIT_FAILURE;
	}
	double wall = (double)(clock_mono_us() - begun) / 1e6;
	FILE *out = fopen(argv[1], "ae");
	if (!out) {
		perror(argv[1]);
		return EXIT_FAILURE;
	}
	fprintf(out,
		"{\"seconds\": %.6f, \"user_s\": %.6f, \"system_s\": %.6f, "
		"\"memory_kb\": %ld, \"status\": %d}\n",
		wall, seconds_of(used.ru_utime), seconds_of(used.ru_stime),
		used.ru_maxrss, status);
	fclose(out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

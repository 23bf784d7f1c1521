/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/base.h"

enum {
	STAT_MAX = 4096,
	/* proc(5), /proc/self/stat: fields behind the command's ')', from 3. */
	FIELD_FIRST = 3,
	FIELD_THREADS = 20,
	FIELD_VIRTUAL = 23,
	FIELD_RESIDENT = 24,
};

/* A small file of /proc; empty where there is none. */
static void proc_read(const char *path, struct buf *out)
{
	char bytes[STAT_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

	if (n > 0)
		buf_add(out, bytes, (size_t)n);
	close_at(&fd);
}

static uint64_t field_get(struct str fields, unsigned number)
{
	struct str field = STR_EMPTY;
	uint64_t n = 0;

	for (unsigned at = FIELD_FIRST; at <= number; at++)
		if (!str_split(&fields, ' ', &field))
			return 0;
	return str_number(field, UINT64_MAX, &n) ? n : 0;
}

static uint64_t fds_count(void)
{
	DIR *folder = opendir("/proc/self/fd");
	uint64_t n = 0;

	if (!folder)
		return 0;
	while (readdir(folder))
		n++;
	closedir(folder);
	/* ".", ".." and the folder itself */
	return n >= 3 ? n - 3 : 0;
}

void process_read(struct process_numbers *out)
{
	struct rusage usage = { .ru_utime = { 0, 0 } };
	struct rlimit files = { 0, 0 };
	auto_buf struct buf stat;

	buf_init(&stat, STAT_MAX);
	proc_read("/proc/self/stat", &stat);
	const char *end = stat.len ? memrchr(buf_cstr(&stat), ')', stat.len) : NULL;
	struct str fields = end ? str_from(end + 2) : STR_EMPTY;
	(void)getrusage(RUSAGE_SELF, &usage);
	(void)getrlimit(RLIMIT_NOFILE, &files);
	*out = (struct process_numbers){
		.cpu_us = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) *
				  1000000 +
			  (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec),
		.resident_bytes = field_get(fields, FIELD_RESIDENT) *
				  (uint64_t)sysconf(_SC_PAGESIZE),
		.virtual_bytes = field_get(fields, FIELD_VIRTUAL),
		.open_fds = fds_count(),
		.max_fds = files.rlim_cur,
		.threads = field_get(fields, FIELD_THREADS),
	};
}

void process_end(int exit_code)
{
	fflush(NULL);
	if (!IS_SANITIZED)
		_exit(exit_code);
}

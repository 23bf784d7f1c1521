/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel says of this process (proc(5), getrusage(2)). */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stdint.h>

struct process_numbers {
	uint64_t cpu_us;
	uint64_t resident_bytes;
	uint64_t virtual_bytes;
	uint64_t open_fds;
	uint64_t max_fds;
	uint64_t threads;
};

/* What cannot be read is 0. */
void process_read(struct process_numbers *out);

/* Ends the process with what was written on its way out: memory and descriptors go back
 * to the kernel all at once, which is faster than piece by piece. Nothing that was to run
 * at the end runs; so it returns where a sanitizer looks then for what was lost. */
void process_end(int exit_code);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the engine's peers read, and what they say of themselves at the end. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "base/base.h"

struct measure {
	int64_t begun_us;
	double begun_cpu_s;
};
void measure_begin(struct measure *m);
/* A line of JSON: look-ups answered, wall and CPU seconds since the beginning, and those
 * that were not answered. */
void measure_print(const struct measure *m, uint64_t lookups, uint64_t lost);

struct question_row {
	char *name; /* text */
	uint16_t type;
};
struct question_rows {
	struct question_row *rows;
	size_t count;
};
/* Reads lines of NAME TYPE (types CNAME, MX and TXT), as `input dnsperf` writes them. For
 * as long as the process lives. ERR_USAGE, or that the file cannot be read. */
bool questions_read(const char *path, struct question_rows *out, struct err *e)
	must_check;

#endif

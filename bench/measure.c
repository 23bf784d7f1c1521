/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <sys/resource.h>

#include "measure.h"

enum {
	FILE_MAX = 1 << 30,
};

static double cpu_s(void)
{
	struct rusage used;
	getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

void measure_begin(struct measure *m)
{
	m->begun_cpu_s = cpu_s();
	m->begun_us = clock_mono_us();
}

void measure_print(const struct measure *m, uint64_t lookups, uint64_t lost)
{
	printf("{\"lookups\": %llu, \"seconds\": %.6f, \"cpu_s\": %.6f, \"lost\": "
	       "%llu}\n",
	       (unsigned long long)lookups, (double)(clock_mono_us() - m->begun_us) / 1e6,
	       cpu_s() - m->begun_cpu_s, (unsigned long long)lost);
}

static bool type_read(struct str text, uint16_t *out)
{
	static const struct {
		const char *name;
		uint16_t type;
	} types[] = { { "CNAME", 5 }, { "MX", 15 }, { "TXT", 16 } };
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (str_is(text, types[i].name)) {
			*out = types[i].type;
			return true;
		}
	}
	return false;
}

static size_t lines_count(struct str text)
{
	size_t count = 0;
	for (size_t i = 0; i < text.len; i++)
		count += text.data[i] == '\n';
	return count;
}

bool questions_read(const char *path, struct question_rows *out, struct err *e)
{
	struct buf text; /* kept: the names lie in it */
	buf_init(&text, FILE_MAX);
	if (!file_read(path, &text, e))
		return false;
	struct str rest = buf_view(&text);
	struct str line;
	out->count = 0;
	out->rows = xalloc(lines_count(rest) + 1, sizeof(*out->rows));
	while (str_split(&rest, '\n', &line)) {
		size_t blank = str_find_byte(line, ' ');
		struct question_row *row = &out->rows[out->count];
		if (line.len == 0)
			continue;
		if (!type_read(str_sub(line, blank + 1, line.len), &row->type))
			return err_set(e, ERR_USAGE, "'%.*s' is no question",
				       STR_ARG(line));
		row->name = text.data + (line.data - text.data);
		row->name[blank] = '\0';
		out->count++;
	}
	return true;
}

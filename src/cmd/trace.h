/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trace and what is to be said of it. Private to the trace command. */
#ifndef CMD_TRACE_H
#define CMD_TRACE_H

#include "cmd/table.h"

enum {
	TRACE_PROBLEMS_MAX = 64
};

enum server_state {
	SERVER_OK,
	SERVER_LAME,    /* answers, but does not serve the zone */
	SERVER_FAILS,   /* SERVFAIL */
	SERVER_SILENT,  /* no answer, or not asked */
	SERVER_NOWHERE, /* its name has no address */
};
enum server_state trace_server_state(const struct trace_server *s);
/* Its servers have different serials. */
bool trace_has_serials(const struct trace_zone *z);

struct trace_problem {
	bool is_fix;      /* must be fixed */
	bool is_unsure;   /* it could not be told; else a note */
	const char *code; /* that explains more */
	const char *text;
};

struct tracing {
	struct arena *a;
	enum lang lang;
	size_t columns;
	const struct trace *trace;
	struct trace_problem problems[TRACE_PROBLEMS_MAX];
	size_t problem_count;
	size_t fix_count;
	bool is_unsure;
	int exit_code;
};

/* trace_text.c */
void trace_write(struct tracing *t, struct buf *out);
/* Schema trace/v1. New reference. */
json_t *trace_json(struct tracing *t);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside the pool. A worker is a place for a process; it holds jobs, which travel one by
 * one (pool.c), and lines, which travel in batches (pool_lines.c).
 */
#ifndef PROBE_POOL_H
#define PROBE_POOL_H

#include <uv.h>

#include "probe/glance_frame.h"
#include "probe/job.h"

enum {
	WORKERS_MAX = 64,
	LINES_MAX = 4096, /* places for those of one worker: a power of 2 */
};

/* One process and the socket to it; gone when both handles are closed. */
struct child {
	uv_process_t process;
	uv_pipe_t pipe;
	struct probe_pool *pool;
	struct worker *worker;
	struct buf in;
	int64_t started_us;
	unsigned handles;
};

/* Of one worker. A line is in one of the lists, and in its slot. */
struct pool_lines {
	struct list fresh;    /* to be sent */
	struct list sent;     /* the process has them */
	struct list suspects; /* one that died had them */
	struct list idle;     /* to be used again; in no slot */
	size_t count;
	size_t octets; /* of their texts */
	size_t sent_count;
	size_t room;                          /* as many the process would hold */
	struct pooled_line *slots[LINES_MAX]; /* by number */
	uint32_t last_number;
	bool is_suspecting;   /* what was sent last is to be answered before more is */
	unsigned quiet_ticks; /* of the watch, since the process last said something */
};

struct worker {
	struct probe_pool *pool;
	struct child *child; /* NULL: between two */
	struct list jobs;
	size_t job_count;
	struct pool_lines lines;
	unsigned deaths; /* in a row, soon after the start */
	bool is_pausing;
	uv_timer_t *pause;
};

struct probe_pool {
	struct probe_pool_options options;
	int64_t job_patience_us;
	struct worker workers[WORKERS_MAX];
	size_t count;
	size_t lines_each; /* that a worker may glance at together */
	size_t children;   /* not yet gone */
	size_t parts;      /* children, timers and the like, not yet gone */
	int64_t last_number;
	uv_timer_t *watch;
	uv_prepare_t *turn;
	struct buf frame; /* of lines, being written */
	void (*closed)(void *arg);
	void *closed_arg;
	bool is_closing;
};

/* Of a process that has said nothing yet; most: that it may glance at together. */
void pool_lines_init(struct pool_lines *l, size_t most);
/* Sends what is to be sent now. */
void pool_lines_send(struct worker *w);
/* A frame from the process. false: it is broken. */
bool pool_lines_take(struct worker *w, struct str frame) must_check;
/* The process died: what it had is asked again, a few at a time, then each alone, so that
 * the third death is of that line only, which is given up. */
void pool_lines_return(struct worker *w);
/* The line that a caller holds. */
void pool_line_cancel(struct probe_job *job);
/* Forgets all, without calling back. */
void pool_lines_drop(struct worker *w);
/* Once a tick: whether the process holds lines and has been silent for too long. */
bool pool_lines_are_stuck(struct worker *w);

/* For a name of which the process may remember something. */
struct worker *pool_worker_of(struct probe_pool *pool, const struct dns_name *domain);

#endif

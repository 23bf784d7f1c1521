/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unpend bulk: lines in, lines out. Private to cmd.
 *
 *   input     lines of a file or a pipe, as they come (bulk_input.c)
 *   resume    which lines an earlier output answers already (bulk_resume.c)
 *   output    lines written as fast as they are read (bulk_output.c)
 *   progress  the line on the terminal (bulk_progress.c)
 *   bulk      what goes through the pool of probe processes (bulk_run.c)
 *
 * Whatever the length of the input, what is held is bounded: lines under way, answers
 * that nobody has read yet, and a bit for each line that was answered earlier.
 */
#ifndef CMD_BULK_H
#define CMD_BULK_H

#include <uv.h>

#include "cmd/cmd.h"
#include "probe/probe.h"

enum {
	BULK_LINE_MAX = 64 << 10, /* octets */
};

/* A descriptor that is waited for on a loop, without changing its flags: it may be shared
 * with other programs. */
struct bulk_wait {
	int fd;
	int epoll; /* -1: a file, which is always ready */
	uv_poll_t poll;
	void (*ready)(void *arg);
	void *arg;
};
void bulk_wait_init(struct bulk_wait *w, uv_loop_t *loop, int fd, bool is_output);
/* Once, when it is ready; at the next turn of the loop at the soonest. */
void bulk_wait_start(struct bulk_wait *w, void (*ready)(void *arg), void *arg);
void bulk_wait_stop(struct bulk_wait *w);
/* The loop must run once more. */
void bulk_wait_done(struct bulk_wait *w);

struct bulk_line {
	uint64_t number; /* from 1 */
	struct str text; /* borrowed until the next line; without its end */
	size_t octets;   /* that it takes in the input */
	bool is_too_long;
};
enum bulk_input_state {
	BULK_INPUT_LINE,
	BULK_INPUT_LATER, /* nothing is there yet */
	BULK_INPUT_END,
	BULK_INPUT_BROKEN, /* e says why */
};
struct bulk_input {
	struct bulk_wait wait;
	int fd;
	struct buf in;
	size_t at; /* in `in`: the next line */
	uint64_t last_number;
	uint64_t size; /* of the whole; 0: not known */
	bool is_file;  /* it can be read again */
	off_t begin;
	bool is_ended;
	bool is_skipping; /* the rest of a line that was too long */
};
/* path "-": standard input. ERR_USAGE. */
bool bulk_input_open(struct bulk_input *in, uv_loop_t *loop, const char *path,
		     struct err *e) must_check;
enum bulk_input_state bulk_input_next(struct bulk_input *in, struct bulk_line *out,
				      struct err *e);
/* Of a file: what comes next is its first line again. */
void bulk_input_rewind(struct bulk_input *in);
/* The loop must run once more. */
void bulk_input_close(struct bulk_input *in);

/* How many lines of each kind. */
struct bulk_tally {
	uint64_t words[PROBE_LINE_DEADLY + 1];
};
uint64_t bulk_tally_failing(const struct bulk_tally *t);
uint64_t bulk_tally_all(const struct bulk_tally *t);
int bulk_tally_exit_code(const struct bulk_tally *t);

/* What an earlier output answers: a bit a line, and some of its domains, to see whether
 * it is of this input. */
struct bulk_resume;
/* Opens the file, or makes it, and locks it; what is in it stays as it is. ERR_USAGE: it
 * is none of ours; ERR_EXISTS: somebody else writes it. */
bool bulk_resume_open(const char *path, struct bulk_tally *t, struct bulk_resume **out,
		      struct err *e) must_check;
/* For appending. */
int bulk_resume_fd(const struct bulk_resume *r);
/* Where the input can be read twice: whether all answers are of it. ERR_USAGE: no. */
bool bulk_resume_compare(struct bulk_resume *r, struct bulk_input *in, struct err *e)
	must_check;
/* Lines must come in their order. ERR_USAGE: the answer that is there is of another
 * input. */
bool bulk_resume_has(struct bulk_resume *r, const struct bulk_line *line, bool *has_out,
		     struct err *e) must_check;
/* Before anything is written: cuts off a last line that is not whole. */
bool bulk_resume_begin(struct bulk_resume *r, struct err *e) must_check;
/* What was written since is taken back. */
void bulk_resume_undo(struct bulk_resume *r);
/* Whether so many octets, written since, are still where somebody will look for them.
 * ERR_CONFLICT: no. */
bool bulk_resume_check(const struct bulk_resume *r, uint64_t written, struct err *e)
	must_check;
/* Closes the file. */
void bulk_resume_free(struct bulk_resume **r);

/* What is to be written, and how far it got. */
struct bulk_output {
	struct bulk_wait wait;
	int fd;
	struct buf pending;
	size_t written; /* of pending */
	uint64_t all_written;
	bool is_waiting;
	bool is_closed;  /* nobody reads any more */
	bool has_failed; /* nothing more is taken; what is pending may be written yet */
	struct err error;
};
void bulk_output_init(struct bulk_output *o, uv_loop_t *loop, int fd, enum lang lang);
/* {"line":NUMBER, and the members with the brace at their end. */
void bulk_output_line(struct bulk_output *o, uint64_t number, struct str members);
/* Octets that are not written yet. */
size_t bulk_output_left(const struct bulk_output *o);
/* Writes what can be written without waiting; goes on by itself. */
void bulk_output_flush(struct bulk_output *o);
/* What is not written yet never will be. */
void bulk_output_drop(struct bulk_output *o);
void bulk_output_done(struct bulk_output *o);

struct bulk_progress {
	bool is_shown;
	enum lang lang;
	int64_t began_us;
	uint64_t size;    /* octets of the input; 0: not known */
	uint64_t skipped; /* octets that were answered earlier */
	uint64_t done;    /* octets of lines that this run has answered */
	uint64_t lines;   /* that this run has answered */
	uint64_t earlier; /* lines answered before */
	uint64_t failing;
};
/* Only where standard error is a terminal. */
void bulk_progress_init(struct bulk_progress *p, enum lang lang, int64_t now_us);
void bulk_progress_show(const struct bulk_progress *p, int64_t now_us);
/* The line for people, without the terminal's codes. */
void bulk_progress_write(struct buf *out, const struct bulk_progress *p, int64_t now_us);
void bulk_progress_end(const struct bulk_progress *p, int64_t now_us);

struct bulk_options {
	const struct config *config;
	enum lang lang;
	const char *input;  /* path, or "-" */
	const char *resume; /* path, or NULL */
	bool is_ordered;
	bool is_thorough;
	size_t in_flight; /* lines under way, of all processes */
};
/* The exit code. */
int bulk_run(const struct bulk_options *options);

#endif

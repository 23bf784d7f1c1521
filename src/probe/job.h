/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a caller holds while he waits, here or in another process. */
#ifndef PROBE_JOB_H
#define PROBE_JOB_H

#include "probe/probe.h"

struct probe_job {
	struct list hook; /* in its probe or pool */
	struct arena *arena;
	const struct expectation *expectation; /* NULL: a cheap look at `domain` */
	struct dns_name domain;
	probe_done_fn *done;
	probe_peek_fn *peeked;    /* instead of done */
	probe_glance_fn *glanced; /* or this */
	probe_line_fn *reported;  /* or this: of the pool only */
	void *arg;
};

/* Octets that an observation under way holds; with those that its connections may
 * bring. */
size_t probe_job_octets(struct probe_job *job);

/* So many packets were sent for this check before: of those that it may cost they are
 * gone. */
void probe_job_spent(struct probe_job *job, uint32_t packets);

struct json_t;

/* What a frame asks for. */
struct job_request {
	int64_t number;
	bool is_cancel; /* of the job with this number */
	bool is_peek;   /* at `domain`; else `expectation` is to be looked at */
	struct dns_name domain;
	struct expectation expectation;
};
/* Foreign bytes; into the arena. ERR_USAGE: it asks for nothing that there is. */
bool job_read(struct arena *a, const struct json_t *frame, struct job_request *out,
	      struct err *e) must_check;
/* Into the frame that asks for it. */
void job_write(const struct probe_job *job, int64_t number, struct json_t *frame);
/* Calls back with what the frame of the answer holds; with nothing seen where that cannot
 * be read, or frame is NULL. */
void job_finish(const struct probe_job *job, const struct json_t *frame);
/* The same; false, and no call, where the frame cannot be read. */
bool job_answer(const struct probe_job *job, const struct json_t *frame, struct err *e)
	must_check;

#endif

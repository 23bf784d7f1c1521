/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines in the probe process: read, looked at, reported. Many are under way at once;
 * those that need a full look wait for a place, since such a look takes much more memory
 * than a line. Private to probe.
 */
#ifndef PROBE_GLANCE_WORK_H
#define PROBE_GLANCE_WORK_H

#include <uv.h>

#include "probe/glance.h"

struct line_works;

struct line_works_options {
	uv_loop_t *loop;
	uv_stream_t *stream; /* where answers go */
	struct probe *probe;
	struct str region; /* for AWS's form; outlives it */
	enum lang lang;    /* of reports */
	size_t most;       /* glances at once */
};
struct line_works *line_works_new(const struct line_works_options *options);
/* Drops what is under way. The loop must run on until its handle is gone. */
void line_works_free(struct line_works **all);
/* A frame of LINES_ASKED. false: it is broken. */
bool line_works_take(struct line_works *all, struct str frame) must_check;

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a caller holds while he waits, here or in another process. */
#ifndef PROBE_JOB_H
#define PROBE_JOB_H

#include "probe/probe.h"

struct probe_job {
	struct list hook; /* in its probe or pool */
	struct arena *arena;
	const struct expectation *expectation;
	probe_done_fn *done;
	void *arg;
};

#endif

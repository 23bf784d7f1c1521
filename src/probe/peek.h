/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cheap look under way. */
#ifndef PROBE_PEEK_H
#define PROBE_PEEK_H

#include "probe/job.h"

/* Frees it, without calling back. */
void peek_release(struct probe_job *job);

#endif

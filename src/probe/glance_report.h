/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of the output of `unpend bulk` (doc/bulk.md) behind their number: members of a
 * JSON object and the brace at its end. Private to probe. */
#ifndef PROBE_GLANCE_REPORT_H
#define PROBE_GLANCE_REPORT_H

#include "diagnose/diagnose.h"
#include "probe/glance.h"

/* Times of the same second are written once. */
struct glance_clock {
	int64_t at_s;
	struct buf text; /* owned */
};

/* All right at a glance. */
void glance_report_write(struct buf *out, struct glance_clock *clock,
			 const struct glance_run *run, uint32_t elapsed_ms);
/* What `unpend check --json` says. packets: those of a glance before it, too. */
void glance_report_full(struct buf *out, const struct report *r, uint32_t packets);
/* domain may be empty: it is not known. Foreign bytes. */
void glance_report_bad(struct buf *out, struct str domain, struct str why);

#endif

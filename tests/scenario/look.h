/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checker at work on a scripted world: looks at domains, and what came of it and what
 * it cost. */
#ifndef SCENARIO_LOOK_H
#define SCENARIO_LOOK_H

#include "diagnose/diagnose.h"
#include "probe/probe.h"

struct looker;

/* ERR as probe_new. */
bool looker_new(const struct config *config, struct looker **out, struct err *e)
	must_check;
void looker_free(struct looker **l);

struct cost {
	uint32_t packets;
	uint32_t connections;
	uint32_t most; /* packets to any one address */
	uint32_t other_ports;
	uint64_t bytes_out;
	uint64_t bytes_in;
	size_t destinations;
	int64_t time_us;
	size_t memory;
};

struct seen_report {
	struct observation observation;
	struct report report;
};

struct looks {
	struct arena *arena;
	const struct expectation *expectations;
	size_t count;
	struct seen_report *reports;
	struct cost cost; /* of all of them */
};

/* All at once; waits for the last. */
void looker_look(struct looker *l, struct looks *looks);
/* Whether a glance says that all is right. */
bool looker_glance(struct looker *l, const struct expectation *x, struct cost *cost);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one scenario holds. Inside script and must. */
#ifndef SCENARIO_SCENE_H
#define SCENARIO_SCENE_H

#include "config/config.h"
#include "look.h"
#include "script.h"
#include "serve.h"

enum {
	SCENE_VICTIMS_MAX = 16,
	SCENE_EXPECTED_MAX = 64,
};

struct script {
	struct arena arena;
	const char *folder;
	struct config *config;
	struct world world;
	struct serve *serve;
	int64_t wall_s;
	uint64_t seed;
	struct buf anchors;
	struct str expected[SCENE_EXPECTED_MAX]; /* lines of `expect` */
	size_t expected_count;
	struct network victims[SCENE_VICTIMS_MAX];
	size_t victim_count;
	struct looker *looker; /* NULL until the first look */
	struct looks looks;    /* the latest; count 0: none yet */
	bool has_verdict;      /* that look's verdict and packets were asserted */
	bool is_glance_fooled; /* by what only the validator sees */
	bool has_budget;
	struct buf *out;
};

/* A line that begins at the margin, and the indented ones below it. */
struct statement {
	size_t line;
	struct str head; /* without its first word */
	struct str body;
};

/* Statements that make the world: README.md. ERR_USAGE. */
bool stage_set(struct script *s, const struct statement *st, struct err *e);
bool stage_clock(struct script *s, const struct statement *st, struct err *e);
bool stage_seed(struct script *s, const struct statement *st, struct err *e);
bool stage_rtt(struct script *s, const struct statement *st, struct err *e);
bool stage_tcp(struct script *s, const struct statement *st, struct err *e);
bool stage_victim(struct script *s, const struct statement *st, struct err *e);
bool stage_anchor(struct script *s, const struct statement *st, struct err *e);
bool stage_zone(struct script *s, const struct statement *st, struct err *e);
bool stage_in(struct script *s, const struct statement *st, struct err *e);
bool stage_delegate(struct script *s, const struct statement *st, struct err *e);
bool stage_server(struct script *s, const struct statement *st, struct err *e);

/* What stands behind `must`. ERR_CONFLICT if it does not hold. */
bool must_hold(struct script *s, struct str text, struct err *e) must_check;
/* A glance says "right" only where the look that went before saw all required records
 * right, or one server differ from another, for it asks one about each record; and it
 * costs little. */
bool must_glance(struct script *s, struct err *e) must_check;
/* What holds in every scenario. */
bool must_always(struct script *s, struct err *e) must_check;
/* A line with everything that was seen and what it cost. */
void must_describe(struct buf *out, const struct script *s);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A source for evaluators from a table: what the DNS says in a test. */
#ifndef TESTS_POLICY_ZONE_H
#define TESTS_POLICY_ZONE_H

#include "policy/policy.h"

/* rdata in presentation form; "FAIL" is a question that has no usable answer, "LATER"
 * one that is not asked yet. A name of the table has no other records; one that is not
 * in it does not exist. */
struct zone_row {
	const char *name;
	const char *type;
	const char *rdata;
};
struct zone {
	struct arena *a;
	const struct zone_row *rows;
	size_t count;
	size_t asked; /* how often it was looked up */
};
struct policy_source zone_source(struct zone *z);

#endif
